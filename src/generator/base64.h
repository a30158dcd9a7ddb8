/*
 * base64.h - base64 (RFC 4648, section 4), decoded as it comes.
 *
 * Blanks and line ends between characters are stepped over; padding may be missing,
 * but a sextet may not stand alone, and nothing but padding comes after padding.
 */
#ifndef GENERATOR_BASE64_H
#define GENERATOR_BASE64_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "imgctl/buf.h"

struct base64 {
    uint32_t bits;
    int sextets;     /* of this group, padding included */
    int padding;
    bool wrong;
};

/* One character; returns how many bytes it completed, at most 1, at *OUT. */
int base64_take(struct base64 *b, unsigned char c, unsigned char *out);

/* Was all of it base64, and is it at an end? */
bool base64_is_whole(const struct base64 *b);

void base64_encode(struct buf *out, const void *data, size_t len);

#endif
