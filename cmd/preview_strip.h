/*
 * preview_strip.h - pictures side by side, with two lines of text below each.
 *
 * They become one raster, so that a row of them goes to the terminal as one picture,
 * whatever the protocol.
 */
#ifndef PREVIEW_STRIP_H
#define PREVIEW_STRIP_H

#include "imgctl/graphics.h"

#define STRIP_MOST 100 /* in a row */
#define STRIP_GAP 2    /* cells between two */

struct tile {
    struct raster raster;
    struct graphics_size size;
    char *lines[2];
};

struct strip {
    const struct terminal *terminal;
    enum graphics how;
    int columns;            /* cells of a tile */
    size_t most;            /* tiles in a row */
    struct tile tiles[STRIP_MOST];
    size_t count;
};

/* Takes RASTER and LINES over. */
void strip_add(struct strip *s, struct raster *raster, struct graphics_size size,
               char *first, char *second);

/* Draw the row, and empty it. Fine without a tile. */
int strip_draw(struct strip *s, struct buf *out, struct error *err);
void strip_release(struct strip *s);

#endif
