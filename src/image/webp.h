/*
 * webp.h - a WebP as a row of RIFF chunks.
 */
#ifndef WEBP_H
#define WEBP_H

#include "source.h"

#define WEBP_HEAD 12 /* "RIFF", a length, "WEBP" */

enum webp_flags {
    WEBP_ANIMATION = 0x02,
    WEBP_XMP = 0x04,
    WEBP_EXIF = 0x08,
    WEBP_ALPHA = 0x10,
};

struct webp_chunk {
    char type[5];
    int64_t offset;  /* of the type that begins it */
    int64_t payload;
    uint32_t len;    /* of the payload */
    int64_t end;     /* with the byte that makes it even */
};

struct webp_walk {
    struct source *source;
    int64_t next;
    int64_t end; /* of the chunks */
};

/* The source stands at the file's beginning. Fails if it is shorter than RIFF says. */
int webp_walk_init(struct webp_walk *w, struct source *s, struct error *err);

/* The chunks inside [FROM, END). */
void webp_walk_inside(struct webp_walk *w, struct source *s, int64_t from, int64_t end);

/* The next chunk: 1, 0 after the last, -1. The source stands at its payload. */
int webp_next(struct webp_walk *w, struct webp_chunk *chunk, struct error *err);

static inline bool webp_is(const struct webp_chunk *c, const char *type)
{
    return c->type[0] == type[0] && c->type[1] == type[1] && c->type[2] == type[2] &&
           c->type[3] == type[3];
}

/* ImageMagick's chunk of XMP ends with NUL instead of a blank. */
static inline bool webp_is_xmp(const struct webp_chunk *c)
{
    return webp_is(c, "XMP ") || webp_is(c, "XMP\0");
}

#endif
