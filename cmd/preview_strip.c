#include "preview_strip.h"

#include <stdlib.h>
#include <string.h>

#include "imgctl/mem.h"
#include "imgctl/text.h"

void strip_add(struct strip *s, struct raster *raster, struct graphics_size size,
               char *first, char *second)
{
    s->tiles[s->count++] = (struct tile){ *raster, size, { first, second } };
    *raster = (struct raster)RASTER_INIT;
}

void strip_release(struct strip *s)
{
    for (size_t i = 0; i < s->count; i++) {
        raster_release(&s->tiles[i].raster);
        free(s->tiles[i].lines[0]);
        free(s->tiles[i].lines[1]);
    }
    s->count = 0;
}

/* Copy IN into RGBA with its left upper corner at column X. */
static void paste(struct raster *out, const struct raster *in, uint32_t left)
{
    for (uint32_t y = 0; y < in->height; y++) {
        for (uint32_t x = 0; x < in->width; x++) {
            const uint8_t *from = in->pixels + ((size_t)y * in->width + x) * in->channels;
            uint8_t *to = out->pixels + ((size_t)y * out->width + left + x) * 4;
            memcpy(to, from, 3);
            to[3] = in->channels == 4 ? from[3] : 255;
        }
    }
}

static int draw_pictures(const struct strip *s, struct buf *out, struct error *err)
{
    AUTO_RASTER struct raster r = { .channels = 4 };
    int rows = 1;
    int columns = (int)s->count * (s->columns + STRIP_GAP) - STRIP_GAP;
    for (size_t i = 0; i < s->count; i++) {
        rows = s->tiles[i].size.rows > rows ? s->tiles[i].size.rows : rows;
    }
    struct graphics_size size = graphics_fill(s->terminal, s->how, columns, rows);
    r.width = size.width;
    r.height = size.height;
    r.pixels = mem_array((size_t)r.width * r.height, 4);
    for (size_t i = 0; i < s->count; i++) {
        int left = (int)i * (s->columns + STRIP_GAP);
        uint32_t x = left ? graphics_fill(s->terminal, s->how, left, 1).width : 0;
        paste(&r, &s->tiles[i].raster, x);
    }
    return graphics_draw(s->terminal, s->how, &r, size, false, out, err);
}

static void draw_line(const struct strip *s, int line, struct buf *out)
{
    for (size_t i = 0; i < s->count; i++) {
        AUTO_BUF struct buf safe = BUF_INIT;
        AUTO_BUF struct buf cut = BUF_INIT;
        const char *text = s->tiles[i].lines[line];
        text_escape(&safe, text, strlen(text));
        text_fit(&cut, safe.data, (size_t)s->columns);
        buf_add(out, cut.data, cut.len);
        size_t pad = i + 1 < s->count
                         ? (size_t)s->columns + STRIP_GAP - text_width(cut.data) : 0;
        buf_addf(out, "%*s", (int)pad, "");
    }
    buf_addch(out, '\n');
}

int strip_draw(struct strip *s, struct buf *out, struct error *err)
{
    int result = s->count > 0 ? draw_pictures(s, out, err) : 0;
    for (int line = 0; line < 2 && result == 0 && s->count > 0; line++) {
        draw_line(s, line, out);
    }
    strip_release(s);
    return result;
}
