/* Protocols that send a picture as a file, in base64. */
#include "encode.h"

#include <string.h>

#define CHUNK 4096 /* characters of base64 in one of kitty's escapes */
#define JPEG_QUALITY 90

static void add_base64(struct buf *out, const char *data, size_t len)
{
    static const char digits[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (size_t i = 0; i < len; i += 3) {
        const unsigned char *s = (const unsigned char *)data + i;
        size_t n = len - i < 3 ? len - i : 3;
        uint32_t bits = (uint32_t)s[0] << 16 | (n > 1 ? (uint32_t)s[1] << 8 : 0) |
                        (n > 2 ? s[2] : 0u);
        buf_addch(out, digits[bits >> 18]);
        buf_addch(out, digits[bits >> 12 & 63]);
        buf_addch(out, n > 1 ? digits[bits >> 6 & 63] : '=');
        buf_addch(out, n > 2 ? digits[bits & 63] : '=');
    }
}

void encode_wrapped(struct buf *out, const struct buf *escape, bool tmux)
{
    if (!tmux) {
        buf_add(out, escape->data, escape->len);
        return;
    }
    buf_addstr(out, "\033Ptmux;");
    for (size_t i = 0; i < escape->len; i++) {
        buf_addstr(out, escape->data[i] == '\033' ? "\033" : "");
        buf_addch(out, escape->data[i]);
    }
    buf_addstr(out, "\033\\");
}

int encode_kitty(const struct raster *r, const struct graphics_size *size, bool tmux,
                 bool keep, struct buf *out, struct error *err)
{
    AUTO_BUF struct buf png = BUF_INIT;
    AUTO_BUF struct buf text = BUF_INIT;
    const struct save_options options = { .format = IMAGE_PNG };
    if (image_save(r, &options, &png, err) < 0) {
        return -1;
    }
    add_base64(&text, png.data, png.len);
    for (size_t at = 0; at < text.len; at += CHUNK) {
        AUTO_BUF struct buf escape = BUF_INIT;
        size_t len = text.len - at < CHUNK ? text.len - at : CHUNK;
        buf_addstr(&escape, "\033_G");
        if (at == 0) {
            buf_addf(&escape, "a=T,f=100,q=2,c=%d,r=%d,%s", size->columns, size->rows,
                     keep ? "C=1," : "");
        }
        buf_addf(&escape, "m=%d;", at + len < text.len);
        buf_add(&escape, text.data + at, len);
        buf_addstr(&escape, "\033\\");
        encode_wrapped(out, &escape, tmux);
    }
    return 0;
}

int encode_iterm2(const struct raster *r, const struct graphics_size *size, bool tmux,
                  struct buf *out, struct error *err)
{
    AUTO_BUF struct buf file = BUF_INIT;
    AUTO_BUF struct buf escape = BUF_INIT;
    const struct save_options options = {
        .format = r->channels == 4 ? IMAGE_PNG : IMAGE_JPEG,
        .quality = JPEG_QUALITY,
    };
    if (image_save(r, &options, &file, err) < 0) {
        return -1;
    }
    buf_addf(&escape, "\033]1337;File=inline=1;size=%zu;width=%d;height=%d;"
             "preserveAspectRatio=0:", file.len, size->columns, size->rows);
    add_base64(&escape, file.data, file.len);
    buf_addstr(&escape, "\007");
    encode_wrapped(out, &escape, tmux);
    return 0;
}
