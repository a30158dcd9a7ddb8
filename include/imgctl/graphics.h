/*
 * graphics.h - a raster as what a terminal shows.
 *
 * Where a picture is transparent (alpha below one half) the terminal's own background
 * is seen, in every form. All pictures are sized in cells, whose shape is the
 * terminal's, so a circle stays one.
 */
#ifndef IMGCTL_GRAPHICS_H
#define IMGCTL_GRAPHICS_H

#include "imgctl/cell.h"
#include "imgctl/raster.h"
#include "imgctl/terminal.h"

extern const char *const graphics_names[]; /* by enum graphics; NULL-terminated */

/* Is it made of characters? */
bool graphics_is_text(enum graphics how);

struct graphics_size {
    int columns, rows;      /* cells that it takes */
    uint32_t width, height; /* pixels of the raster to draw */
};

/* A picture of WIDTH x HEIGHT pixels in a box of cells: as large as fits, not larger
 * than it is. */
struct graphics_size graphics_fit(const struct terminal *t, enum graphics how,
                                  uint32_t width, uint32_t height, int columns, int rows);

/* How large a raster for exactly this many cells is. */
struct graphics_size graphics_fill(const struct terminal *t, enum graphics how,
                                   int columns, int rows);

/* R drawn with characters: HOW is ASCII to BLOCKS. */
struct graphics_cells {
    int columns, rows;
    struct cell *cells; /* row by row; owned */
};
#define GRAPHICS_CELLS_INIT { .columns = 0 }
void graphics_cells_release(struct graphics_cells *c);
void graphics_cells(const struct raster *r, enum graphics how,
                    struct graphics_cells *ret);

/*
 * Add R to OUT, to be written where the cursor is, at the beginning of a line; the
 * cursor is at the beginning of the line below it then. With KEEP (for a screen that
 * is drawn by place) it may be anywhere.
 */
int graphics_draw(const struct terminal *t, enum graphics how, const struct raster *r,
                  struct graphics_size size, bool keep, struct buf *out,
                  struct error *err);

/* What takes a protocol's pictures away that no character overwrites, or "". */
const char *graphics_erase(enum graphics how);

#endif
