/* Protocols that send a picture as a file, in base64. */
#include "encode.h"

#include <string.h>

#include "imgctl/text.h"

#define CHUNK 4096 /* characters of base64 in one of kitty's escapes */
#define JPEG_QUALITY 90

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
    text_base64(&text, png.data, png.len);
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
    text_base64(&escape, file.data, file.len);
    buf_addstr(&escape, "\007");
    encode_wrapped(out, &escape, tmux);
    return 0;
}
