#include "imgctl/text.h"

#include <string.h>

static const char hex_upper[] = "0123456789ABCDEF";

/* How long a character is that begins with LEAD, and the payload bits of LEAD. */
static size_t sequence_length(unsigned char lead, uint32_t *bits)
{
    if (lead < 0x80) {
        *bits = lead;
        return 1;
    }
    if (lead >= 0xC2 && lead <= 0xDF) {
        *bits = lead & 0x1Fu;
        return 2;
    }
    if ((lead & 0xF0) == 0xE0) {
        *bits = lead & 0x0Fu;
        return 3;
    }
    if (lead >= 0xF0 && lead <= 0xF4) {
        *bits = lead & 0x07u;
        return 4;
    }
    return 0;
}

size_t text_decode(const char *s, size_t len, uint32_t *ret)
{
    uint32_t c;
    size_t n = sequence_length((unsigned char)s[0], &c);
    if (n == 0 || n > len) {
        return 0;
    }
    for (size_t i = 1; i < n; i++) {
        unsigned char next = (unsigned char)s[i];
        if ((next & 0xC0) != 0x80) {
            return 0;
        }
        c = c << 6 | (next & 0x3Fu);
    }
    if ((n == 3 && c < 0x800) || (n == 4 && c < 0x10000) || c > 0x10FFFF) {
        return 0;
    }
    if (c >= 0xD800 && c <= 0xDFFF) {
        return 0;
    }
    *ret = c;
    return n;
}

bool text_is_utf8(const char *s, size_t len)
{
    for (size_t i = 0; i < len;) {
        uint32_t c;
        size_t n = text_decode(s + i, len - i, &c);
        if (n == 0) {
            return false;
        }
        i += n;
    }
    return true;
}

/* Characters that reorder the text around them. */
static bool is_bidi_control(uint32_t c)
{
    return c == 0x061C || c == 0x200E || c == 0x200F || (c >= 0x202A && c <= 0x202E) ||
           (c >= 0x2066 && c <= 0x2069);
}

bool text_is_unsafe(uint32_t c)
{
    return c < 0x20 || (c >= 0x7F && c <= 0x9F) || is_bidi_control(c);
}

static void escape_character(struct buf *out, uint32_t c)
{
    if (c == '\n') {
        buf_addstr(out, "\\n");
    } else if (c == '\t') {
        buf_addstr(out, "\\t");
    } else if (c < 0x80) {
        buf_addf(out, "\\x%02X", (unsigned)c);
    } else {
        buf_addf(out, "\\u{%04X}", (unsigned)c);
    }
}

void text_escape(struct buf *out, const char *s, size_t len)
{
    size_t plain = 0; /* start of what can be copied as it is */
    size_t i = 0;
    while (i < len) {
        uint32_t c;
        size_t n = text_decode(s + i, len - i, &c);
        if (n != 0 && !text_is_unsafe(c)) {
            i += n;
            continue;
        }
        buf_add(out, s + plain, i - plain);
        if (n == 0) {
            buf_addf(out, "\\x%02X", (unsigned)(unsigned char)s[i]);
            n = 1;
        } else {
            escape_character(out, c);
        }
        i += n;
        plain = i;
    }
    buf_add(out, s + plain, len - plain);
}

bool text_erase_character(struct buf *b)
{
    if (b->len == 0) {
        return false;
    }
    do {
        b->len--;
    } while (b->len > 0 && ((unsigned char)b->data[b->len] & 0xc0) == 0x80);
    b->data[b->len] = '\0';
    return true;
}

static void add_percent(struct buf *out, char c)
{
    unsigned char byte = (unsigned char)c;
    buf_addch(out, '%');
    buf_addch(out, hex_upper[byte >> 4]);
    buf_addch(out, hex_upper[byte & 15]);
}

bool text_make_utf8(struct buf *out, const char *s, size_t len)
{
    if (text_is_utf8(s, len)) {
        buf_add(out, s, len);
        return false;
    }
    for (size_t i = 0; i < len;) {
        uint32_t c;
        size_t n = text_decode(s + i, len - i, &c);
        if (n == 0 || s[i] == '%') {
            add_percent(out, s[i]);
            n = 1;
        } else {
            buf_add(out, s + i, n);
        }
        i += n;
    }
    return true;
}

static bool is_alphanumeric(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

void text_percent_encode(struct buf *out, const char *s, size_t len, const char *keep)
{
    for (size_t i = 0; i < len; i++) {
        /* strchr finds the end of KEEP for a NUL, which is never kept. */
        if (is_alphanumeric(s[i]) || (s[i] != '\0' && strchr(keep, s[i]))) {
            buf_addch(out, s[i]);
        } else {
            add_percent(out, s[i]);
        }
    }
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

void text_percent_decode(struct buf *out, const char *s)
{
    while (*s) {
        int high = *s == '%' ? hex_digit(s[1]) : -1;
        int low = high >= 0 ? hex_digit(s[2]) : -1;
        if (low >= 0) {
            buf_addch(out, (char)(high << 4 | low));
            s += 3;
        } else {
            buf_addch(out, *s++);
        }
    }
}

void text_hex(char *out, const void *data, size_t len)
{
    static const char digits[] = "0123456789abcdef";
    const unsigned char *bytes = data;
    for (size_t i = 0; i < len; i++) {
        out[2 * i] = digits[bytes[i] >> 4];
        out[2 * i + 1] = digits[bytes[i] & 15];
    }
    out[2 * len] = '\0';
}

void text_base64(struct buf *out, const void *data, size_t len)
{
    static const char digits[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const unsigned char *bytes = data;
    buf_reserve(out, len / 3 * 4 + 4);
    for (size_t i = 0; i < len; i += 3) {
        size_t left = len - i;
        unsigned second = left > 1 ? bytes[i + 1] : 0;
        unsigned third = left > 2 ? bytes[i + 2] : 0;
        unsigned bits = (unsigned)bytes[i] << 16 | second << 8 | third;
        buf_addch(out, digits[bits >> 18]);
        buf_addch(out, digits[bits >> 12 & 63]);
        buf_addch(out, left > 1 ? digits[bits >> 6 & 63] : '=');
        buf_addch(out, left > 2 ? digits[bits & 63] : '=');
    }
}
