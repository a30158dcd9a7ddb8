/*
 * buf.h - a growing byte buffer, always NUL-terminated.
 *
 * `data` is never NULL and data[len] is always 0, so a buffer of text can be
 * handed to anything that wants a string; it may also hold bytes with NULs.
 * The buffer owns `data`; buf_detach() gives it away. Growing never fails (see
 * mem.h): what comes from outside goes in through buf_add_limited().
 */
#ifndef IMGCTL_BUF_H
#define IMGCTL_BUF_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf {
    char *data;
    size_t len;
    size_t cap; /* allocated bytes; 0 while `data` is the shared empty string */
};

extern char buf_empty[];
#define BUF_INIT { .data = buf_empty }

#define AUTO_BUF __attribute__((cleanup(buf_release)))

void buf_release(struct buf *b);              /* free; usable again at once */
void buf_clear(struct buf *b);                /* empty, memory kept */
void buf_reserve(struct buf *b, size_t more); /* room for MORE bytes and the NUL */
char *buf_detach(struct buf *b);              /* caller frees; b is empty */

void buf_add(struct buf *b, const void *data, size_t len);
void buf_addstr(struct buf *b, const char *s);
void buf_addch(struct buf *b, char c);
void buf_addint(struct buf *b, int64_t n); /* a tenth of the time of buf_addf() */
void buf_addf(struct buf *b, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
void buf_vaddf(struct buf *b, const char *fmt, va_list ap)
    __attribute__((format(printf, 2, 0)));

/* Add only if the whole then has at most LIMIT bytes; otherwise add nothing. */
bool buf_add_limited(struct buf *b, const void *data, size_t len, size_t limit);

#endif
