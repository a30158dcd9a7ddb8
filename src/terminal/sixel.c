#include "encode.h"

#include <stdlib.h>
#include <string.h>

#include "imgctl/mem.h"
#include "palette.h"

#define BAND 6 /* rows of pixels in a row of sixels */

/* COUNT times the same six pixels. */
static void add_run(struct buf *out, unsigned bits, size_t count)
{
    char sixel = (char)('?' + bits);
    if (count > 3) {
        buf_addf(out, "!%zu%c", count, sixel);
        return;
    }
    while (count-- > 0) {
        buf_addch(out, sixel);
    }
}

/* All pixels of one colour in a band: LINE has six bits for each column. */
static void add_line(struct buf *out, const uint8_t *line, size_t width)
{
    size_t run = 0;
    for (size_t x = 0; x < width; x += run) {
        run = 1;
        while (x + run < width && line[x + run] == line[x]) {
            run++;
        }
        if (line[x] || x + run < width) { /* what is empty at the end is not sent */
            add_run(out, line[x], run);
        }
    }
}

/* LINES has a line of WIDTH bytes for each colour, all 0 before and after. */
static void add_band(struct buf *out, const uint8_t *indices, size_t width, size_t rows,
                     uint8_t *lines)
{
    bool used[256] = { false };
    bool first = true;
    for (size_t y = 0; y < rows; y++) {
        for (size_t x = 0; x < width; x++) {
            uint8_t index = indices[y * width + x];
            if (index != PALETTE_NONE) {
                used[index] = true;
                lines[index * width + x] |= (uint8_t)(1u << y);
            }
        }
    }
    for (size_t i = 0; i < 255; i++) {
        if (used[i]) {
            buf_addf(out, "%s#%zu", first ? "" : "$", i);
            add_line(out, lines + i * width, width);
            memset(lines + i * width, 0, width);
            first = false;
        }
    }
}

static void add_colors(struct buf *out, const struct palette *p)
{
    for (int i = 0; i < p->count; i++) {
        buf_addf(out, "#%d;2", i);
        for (int c = 0; c < 3; c++) {
            buf_addf(out, ";%d", (p->colors[i][c] * 100 + 127) / 255);
        }
    }
}

void encode_sixel(const struct raster *r, struct buf *out)
{
    AUTO_FREE struct palette *p = mem_alloc(sizeof *p);
    palette_of(p, r, 255);
    AUTO_FREE uint8_t *indices = palette_map(p, r, 4);
    AUTO_FREE uint8_t *lines = mem_array(256, r->width);
    buf_addf(out, "\033P0;1;0q\"1;1;%u;%u", r->width, r->height);
    add_colors(out, p);
    for (size_t y = 0; y < r->height; y += BAND) {
        size_t rows = r->height - y < BAND ? r->height - y : BAND;
        buf_addstr(out, y > 0 ? "-" : "");
        add_band(out, indices + y * r->width, r->width, rows, lines);
    }
    buf_addstr(out, "\033\\");
}
