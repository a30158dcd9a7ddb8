/*
 * raster.h - pixels: out of a file, changed, and into a file again.
 *
 * A raster is always the picture as people see it: upright (EXIF orientation applied),
 * in sRGB, eight bits a channel, RGB or RGBA with alpha not premultiplied. What a file
 * holds otherwise (CMYK, grey, palettes, 16 bits, a colour profile) is brought into
 * that form while it is read: an ICC profile by lcms2, relative colorimetric with black
 * point compensation; a damaged one, or one of another colour space than the pixels,
 * counts as none, which means sRGB. In a PNG, iCCP goes before sRGB, and that before
 * gAMA and cHRM, which count where they say something else than sRGB. CMYK is that of
 * Adobe, inverted; without a profile, ink is subtracted from white. Of an animation the
 * first picture is read, on its canvas.
 *
 * Decoding and scaling are one step, row by row: a picture of 24 megapixels that
 * becomes 1080 wide never stands in memory whole. Scaling is Lanczos-3 in linear
 * light with premultiplied alpha.
 *
 * The codec libraries are in a module of their own (module.h), loaded at first use by
 * image_codec_load(); afterwards several threads may decode and encode at once. Their
 * warnings are never printed. Errors: ERROR_IMAGE_CORRUPT, ERROR_IMAGE_TYPE,
 * ERROR_IMAGE_LIMIT, ERROR_FAILED for what cannot be written.
 */
#ifndef IMGCTL_RASTER_H
#define IMGCTL_RASTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "imgctl/buf.h"
#include "imgctl/error.h"
#include "imgctl/image.h"

struct raster {
    uint32_t width, height;
    uint8_t channels;   /* 3 or 4 */
    uint8_t *pixels;    /* width x height x channels, rows without gaps; owned */
};

#define RASTER_INIT { .pixels = NULL }
#define AUTO_RASTER __attribute__((cleanup(raster_release)))
void raster_release(struct raster *r);

int image_codec_load(struct error *err);

/* A part of a picture as seen; width 0: all of it. */
struct box {
    uint32_t x, y, width, height;
};

struct load_options {
    struct image_limits limits; /* as for image_probe() */
    struct box crop;            /* before scaling */
    uint32_t width, height;     /* of the result; both 0: as large as the crop. One of
                                   them 0: it follows from the ratio, at least 1 */
    bool fit;                   /* width and height are a box to fit into; no enlarging */
};

/*
 * Decode the first (or only) picture of a file: in a child process that the kernel
 * lets do nothing but that (guard.h), so a decoder that a picture breaks is one picture
 * that failed: ERROR_IMAGE_CORRUPT, or ERROR_IMAGE_LIMIT where memory or patience ran
 * out. The child closes all that this process has open.
 */
int image_load(int fd, int64_t size, const struct load_options *options,
               struct raster *ret, struct error *err);

/* Whether image_load() uses a child; to be set before the first one. */
enum image_guard { IMAGE_GUARD_ON, IMAGE_GUARD_OFF };
void image_guard_set(enum image_guard mode);

/* Can the kernel confine a child? Otherwise it is only a process of its own. */
bool image_guard_confines(void);

/* Scale IN (all of it) to WIDTH x HEIGHT. */
int raster_scale(const struct raster *in, uint32_t width, uint32_t height,
                 struct raster *ret, struct error *err);

/* Draw over a background (0xRRGGBB) and drop alpha. */
void raster_flatten(struct raster *r, uint32_t background);

/* Room around R so that it becomes WIDTH x HEIGHT, R in the middle. */
int raster_pad(const struct raster *r, uint32_t width, uint32_t height,
               uint32_t background, struct raster *ret, struct error *err);

/* The same, but the room shows R itself, enlarged to fill it and blurred. */
int raster_pad_blurred(const struct raster *r, uint32_t width, uint32_t height,
                       struct raster *ret, struct error *err);

/* Where a window of WIDTH x HEIGHT inside R shows most detail. Ties: the middle. */
struct box raster_most_detail(const struct raster *r, uint32_t width, uint32_t height);

struct save_options {
    enum image_format format;
    int quality;        /* 1..100, JPEG and WebP; 0: 85 */
    bool lossless;      /* WebP */
    bool progressive;   /* JPEG */
};

/* Add the encoded picture to OUT, which is as it was after an error. No metadata; JPEG
 * with optimised tables, colour in full from quality 90 on; sRGB by absence of a tag. */
int image_save(const struct raster *r, const struct save_options *options,
               struct buf *out, struct error *err);

#endif
