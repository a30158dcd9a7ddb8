/*
 * strip.h - what taking metadata out of the three formats has in common.
 *
 * Each format walks its file and notes edits; strip.c writes them out.
 */
#ifndef STRIP_H
#define STRIP_H

#include "edits.h"
#include "imgctl/image.h"

#define STRIP_METADATA_MAX (INT64_C(16) * 1024 * 1024)

struct strip {
    struct source *source;
    struct edits edits;
    int64_t loaded;    /* bytes of metadata read so far */
    bool oriented;     /* the EXIF that says the orientation is behind us */
    struct error *err;
};

int strip_jpeg_gps(struct strip *st);
int strip_jpeg_all(struct strip *st);
int strip_png_gps(struct strip *st);
int strip_png_all(struct strip *st);
int strip_webp_gps(struct strip *st);
int strip_webp_all(struct strip *st);

/* Add LEN bytes of the file to OUT; ERROR_IMAGE_LIMIT when all together are more
 * than STRIP_METADATA_MAX. */
int strip_load(struct strip *st, int64_t offset, int64_t len, struct buf *out);

/* What is to be done with a block of EXIF when all else of it goes. */
enum strip_exif { STRIP_EXIF_DROP, STRIP_EXIF_KEEP, STRIP_EXIF_MINIMAL };

/*
 * Decide for the EXIF of LEN bytes at OFFSET: it is dropped unless it is the
 * first to say an orientation and that is not 1. *orientation is for
 * exif_minimal(); KEEP is for one that is minimal already. -1 on failure.
 */
int strip_exif(struct strip *st, int64_t offset, int64_t len, uint8_t *orientation);

#endif
