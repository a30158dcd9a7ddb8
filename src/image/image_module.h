/*
 * image_module.h - what the module with the codec libraries exports, and what a
 * decoder is: a picture that gives its rows, top to bottom, in one pass.
 *
 * Rows are 8-bit RGB or RGBA, stored orientation, grey and CMYK already in sRGB.
 * RGB of another profile is left as it is: to_srgb() converts the small result, which
 * is much cheaper than every row and as good, for such profiles differ little from
 * sRGB in their curves.
 */
#ifndef IMAGE_MODULE_H
#define IMAGE_MODULE_H

#include "imgctl/raster.h"

struct decoder {
    const struct decoder_kind *kind;
    uint32_t width, height; /* of the rows */
    uint8_t channels;       /* of the rows: 3 or 4 */
    double part_x, part_y;  /* how much smaller rows are than what is stored: 0..1 */
};

struct image_module {
    /*
     * Begin to decode the picture that INFO describes (image_probe). SHRINK is how many
     * times smaller the result will be: a codec that decodes at a reduced size for
     * less may do so.
     */
    int (*open)(int fd, int64_t size, const struct image_info *info, double shrink,
                struct decoder **ret, struct error *err);
    int (*read_row)(struct decoder *d, uint8_t *row, struct error *err);
    /* After the last row: is the picture complete? */
    int (*finish)(struct decoder *d, struct error *err);
    void (*to_srgb)(struct decoder *d, struct raster *r);
    void (*close)(struct decoder *d);
    int (*encode)(const struct raster *r, const struct save_options *options,
                  struct buf *out, struct error *err);
};

extern const struct image_module imgctl_image_module;

#endif
