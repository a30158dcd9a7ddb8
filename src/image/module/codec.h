/*
 * codec.h - what the codecs in this module share.
 *
 * libjpeg and libpng report errors by longjmp(). Every call into them is in a small
 * function that does nothing else and keeps what it owns in the decoder, which
 * close() frees in any state.
 */
#ifndef CODEC_H
#define CODEC_H

#include <sys/types.h>

#include "../image_module.h"
#include "colour.h"

/* The most that is believed to be a colour profile. */
#define PROFILE_MAX (4 * 1024 * 1024)

struct decoder_kind {
    int (*read_row)(struct decoder *d, uint8_t *row, struct error *err);
    /* What is behind the last row; NULL where a file that ends too early has been noticed
     * by then. */
    int (*finish)(struct decoder *d, struct error *err);
    void (*close)(struct decoder *d);
    struct colour *(*colour)(struct decoder *d); /* of RGB rows; NULL: sRGB */
};

int jpeg_open(int fd, int64_t size, const struct image_info *info, double shrink,
              struct decoder **ret, struct error *err);
int png_open(int fd, int64_t size, const struct image_info *info, struct decoder **ret,
             struct error *err);
int webp_open(int fd, int64_t size, const struct image_info *info, double shrink,
              struct decoder **ret, struct error *err);

int jpeg_encode(const struct raster *r, const struct save_options *o, struct buf *out,
                struct error *err);
int png_encode(const struct raster *r, const struct save_options *o, struct buf *out,
               struct error *err);
int webp_encode(const struct raster *r, const struct save_options *o, struct buf *out,
                struct error *err);

/* LEN bytes at OFFSET, fewer where the file ends: how many, -1. */
ssize_t codec_read(int fd, int64_t offset, void *out, size_t len, struct error *err);

/* ERROR_IMAGE_CORRUPT for a picture that has another size than INFO says: as stored,
 * WIDTH x HEIGHT. */
int codec_same_size(const struct image_info *info, uint32_t width, uint32_t height,
                    struct error *err);

#endif
