#include "base64.h"

static const char alphabet[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static int value_of(unsigned char c)
{
    if (c >= 'A' && c <= 'Z') {
        return c - 'A';
    }
    if (c >= 'a' && c <= 'z') {
        return c - 'a' + 26;
    }
    if (c >= '0' && c <= '9') {
        return c - '0' + 52;
    }
    return c == '+' ? 62 : c == '/' ? 63 : -1;
}

int base64_take(struct base64 *b, unsigned char c, unsigned char *out)
{
    int value = value_of(c);
    if (c == ' ' || c == '\t' || c == '\r' || c == '\n') {
        return 0;
    }
    if (c == '=') {
        b->padding++;
        b->sextets++;
        b->wrong = b->wrong || b->sextets < 3 || b->sextets > 4;
        return 0;
    }
    if (value < 0 || b->padding > 0) {
        b->wrong = true;
        return 0;
    }
    b->sextets %= 4;
    b->bits = b->bits << 6 | (uint32_t)value;
    b->sextets++;
    if (b->sextets == 1) {
        return 0;
    }
    *out = (unsigned char)(b->bits >> (2 * (4 - b->sextets)));
    return 1;
}

bool base64_is_whole(const struct base64 *b)
{
    return !b->wrong && b->sextets != 1 && (b->padding == 0 || b->sextets == 4);
}

void base64_encode(struct buf *out, const void *data, size_t len)
{
    const unsigned char *p = data;
    buf_reserve(out, (len + 2) / 3 * 4);
    for (size_t i = 0; i < len; i += 3) {
        uint32_t bits = (uint32_t)p[i] << 16;
        bits |= i + 1 < len ? (uint32_t)p[i + 1] << 8 : 0;
        bits |= i + 2 < len ? p[i + 2] : 0;
        buf_addch(out, alphabet[bits >> 18]);
        buf_addch(out, alphabet[bits >> 12 & 63]);
        buf_addch(out, i + 1 < len ? alphabet[bits >> 6 & 63] : '=');
        buf_addch(out, i + 2 < len ? alphabet[bits & 63] : '=');
    }
}
