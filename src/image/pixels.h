/*
 * pixels.h - what the files that work on rasters share.
 */
#ifndef PIXELS_H
#define PIXELS_H

#include "image_module.h"
#include "imgctl/raster.h"

/* The codecs, or NULL with ERR. */
const struct image_module *image_codecs(struct error *err);

/* A raster of that size with all channels 0: -1 for none or too many pixels. */
int raster_new(struct raster *ret, uint32_t width, uint32_t height, uint8_t channels,
               struct error *err);

/* Turn R, as stored under ORIENTATION, upright. */
int raster_upright(struct raster *r, uint8_t orientation, struct error *err);

/* Scale the part BOX of IN. */
int raster_scale_part(const struct raster *in, struct box part, uint32_t width,
                      uint32_t height, struct raster *ret, struct error *err);

static inline uint8_t *raster_at(const struct raster *r, uint32_t x, uint32_t y)
{
    return r->pixels + ((size_t)y * r->width + x) * r->channels;
}

/* FROM (RGBA) over TO (RGB), as browsers lay one over the other. */
static inline void raster_blend(uint8_t to[3], const uint8_t from[4])
{
    unsigned alpha = from[3];
    for (int c = 0; c < 3; c++) {
        to[c] = (uint8_t)((from[c] * alpha + to[c] * (255 - alpha) + 127) / 255);
    }
}

#endif
