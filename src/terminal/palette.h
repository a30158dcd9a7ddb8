/*
 * palette.h - a picture in few colours.
 *
 * Colours are looked up by their upper five bits a channel, so a table of 32768
 * answers for any picture. What is lost in a pixel is given to its neighbours
 * (Floyd-Steinberg).
 */
#ifndef PALETTE_H
#define PALETTE_H

#include "imgctl/raster.h"

#define PALETTE_CELLS 32768
#define PALETTE_NONE 255 /* the index of a transparent pixel */

struct palette {
    int count; /* at most 255 */
    uint8_t colors[256][3];
    int16_t nearest[PALETTE_CELLS]; /* -1: not looked up yet */
};

/* The colours that suit R best, by median cut. */
void palette_of(struct palette *p, const struct raster *r, int count);

/* Colours 16 to 255 of a terminal, of which no theme changes any; index 0 is 16. */
void palette_cube(struct palette *p);

/* The first 16 as terminals usually have them. */
void palette_basic(struct palette *p);

/* Every pixel of R as an index. SHARE is how much of what is lost is handed on, in
 * quarters: all where pixels are small, less where each is seen. The caller's. */
uint8_t *palette_map(struct palette *p, const struct raster *r, int share);

bool palette_is_transparent(const struct raster *r, const uint8_t *pixel);

#endif
