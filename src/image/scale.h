/*
 * scale.h - a picture scaled while its rows come in.
 *
 * Lanczos-3, in linear light, with premultiplied alpha, so that neither dark nor
 * bright fringes appear around what is transparent. A row is scaled horizontally as
 * it comes and added to the few output rows it belongs to: memory is those rows.
 */
#ifndef SCALE_H
#define SCALE_H

#include "imgctl/raster.h"

/* The part of the incoming picture that is scaled, in its pixels. */
struct window {
    double x, y, width, height;
};

struct scaler;

/* RET has the size and channels of the result. */
struct scaler *scaler_open(uint32_t width, uint32_t height, struct window part,
                           struct raster *ret);

/* The rows of the incoming picture that matter: [first, end). */
uint32_t scaler_first_row(const struct scaler *s);
uint32_t scaler_end_row(const struct scaler *s);

/* Rows first, first + 1, ... end - 1: whole rows of the incoming picture. */
void scaler_add(struct scaler *s, const uint8_t *row);

void scaler_close(struct scaler *s);

#endif
