/*
 * png.h - a PNG as a row of chunks.
 */
#ifndef PNG_H
#define PNG_H

#include "source.h"

#define PNG_SIGNATURE "\x89PNG\r\n\x1a\n"
#define PNG_SIGNATURE_SIZE 8
#define PNG_XMP "XML:com.adobe.xmp"

struct png_chunk {
    char type[5];
    int64_t offset;  /* of the length that begins it */
    int64_t payload;
    uint32_t len;    /* of the payload */
    int64_t end;     /* after the checksum */
};

struct png_walk {
    struct source *source;
    int64_t next;
};

void png_walk_init(struct png_walk *w, struct source *s);

/* The next chunk, which is wholly in the file: 1, -1. The source stands at its
 * payload; the caller may go to its end. The last one is IEND. */
int png_next(struct png_walk *w, struct png_chunk *chunk, struct error *err);

static inline bool png_is_critical(const struct png_chunk *c)
{
    return !(c->type[0] & 0x20);
}

bool png_is_text(const struct png_chunk *c); /* of any of the three kinds */

/*
 * Does the chunk hold text under KEYWORD? The text of an iTXt begins behind more
 * fields: *text is its offset in the payload, *compressed says how it is kept.
 */
int png_text(const struct source *s, const struct png_chunk *chunk, const char *keyword,
             size_t *text, bool *compressed, struct error *err);

/* Is it one of the texts that ImageMagick makes of what EXIF and XMP say of a position,
 * such as "exif:GPSLatitude" and "xmp:GPSLatitude"? 1, 0, -1. */
int png_gps_text(const struct source *s, const struct png_chunk *chunk,
                 struct error *err);

#endif
