/*
 * utf8.h - one character of UTF-8 at a time, for the rest of this room.
 */
#ifndef UTF8_H
#define UTF8_H

#include <stddef.h>
#include <stdint.h>

/*
 * The first character of S: its code point into *RET and its length as the
 * result, or 0 when S does not begin with a well-formed one. LEN must not be 0.
 */
size_t utf8_decode(const char *s, size_t len, uint32_t *ret);

#endif
