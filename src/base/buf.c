#include "imgctl/buf.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "imgctl/mem.h"

char buf_empty[1];

void buf_release(struct buf *b)
{
    if (b->cap) {
        free(b->data);
    }
    b->data = buf_empty;
    b->len = b->cap = 0;
}

void buf_clear(struct buf *b)
{
    b->len = 0;
    if (b->cap) {
        b->data[0] = '\0';
    }
}

void buf_reserve(struct buf *b, size_t more)
{
    if (more >= SIZE_MAX / 2 - b->len) {
        free(mem_array(SIZE_MAX, 2)); /* ends the program as any failed allocation */
    }
    size_t need = b->len + more + 1;
    if (need <= b->cap) {
        return;
    }
    size_t cap = b->cap < 64 ? 64 : b->cap + b->cap / 2;
    if (cap < need) {
        cap = need;
    }
    b->data = mem_resize(b->cap ? b->data : NULL, cap, 1);
    b->cap = cap;
    b->data[b->len] = '\0';
}

char *buf_detach(struct buf *b)
{
    buf_reserve(b, 0);
    char *data = b->data;
    b->data = buf_empty;
    b->len = b->cap = 0;
    return data;
}

void buf_add(struct buf *b, const void *data, size_t len)
{
    if (len == 0) {
        return;
    }
    buf_reserve(b, len);
    memcpy(b->data + b->len, data, len);
    b->len += len;
    b->data[b->len] = '\0';
}

void buf_addstr(struct buf *b, const char *s)
{
    buf_add(b, s, strlen(s));
}

void buf_addint(struct buf *b, int64_t n)
{
    char digits[20]; /* of a number without its sign, from the last one on */
    size_t at = sizeof digits;
    uint64_t rest = n < 0 ? -(uint64_t)n : (uint64_t)n;
    do {
        digits[--at] = (char)('0' + rest % 10);
        rest /= 10;
    } while (rest > 0);
    if (n < 0) {
        buf_addch(b, '-');
    }
    buf_add(b, digits + at, sizeof digits - at);
}

void buf_addch(struct buf *b, char c)
{
    buf_add(b, &c, 1);
}

void buf_vaddf(struct buf *b, const char *fmt, va_list ap)
{
    va_list again;
    va_copy(again, ap);
    int len = vsnprintf(NULL, 0, fmt, again);
    va_end(again);
    if (len <= 0) {
        return;
    }
    buf_reserve(b, (size_t)len);
    vsnprintf(b->data + b->len, (size_t)len + 1, fmt, ap);
    b->len += (size_t)len;
}

void buf_addf(struct buf *b, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    buf_vaddf(b, fmt, ap);
    va_end(ap);
}

bool buf_add_limited(struct buf *b, const void *data, size_t len, size_t limit)
{
    if (b->len > limit || len > limit - b->len) {
        return false;
    }
    buf_add(b, data, len);
    return true;
}
