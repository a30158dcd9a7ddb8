/*
 * screen.h - a whole terminal as a grid of cells; what changed is sent, and no more.
 *
 * Text is drawn into the grid, clipped to it; screen_update() compares with what the
 * terminal shows and writes the difference.
 */
#ifndef IMGCTL_SCREEN_H
#define IMGCTL_SCREEN_H

#include "imgctl/cell.h"

struct screen {
    int columns, rows;
    struct cell *wanted, *shown; /* row by row */
    int cursor_x, cursor_y;      /* where it shall be; x below 0: hidden */
};

#define SCREEN_INIT { .columns = 0 }

/* Both sides from 1 to 1000; the terminal is taken to be empty. */
void screen_resize(struct screen *s, int columns, int rows);
void screen_release(struct screen *s);

/* Blank all of it, in the grid. */
void screen_clear(struct screen *s);

/*
 * TEXT, made safe, at column X of row Y in at most WIDTH columns, cut with an ellipsis;
 * with FILL blanks up to the width. Returns the column behind it.
 */
int screen_text(struct screen *s, int x, int y, int width, bool fill,
                const struct style *style, const char *text);

void screen_cell(struct screen *s, int x, int y, const struct cell *cell);

/* Something else drew there: send these cells anew. */
void screen_forget(struct screen *s, int x, int y, int columns, int rows);

/* Add to OUT what makes the terminal show the grid. */
void screen_update(struct screen *s, struct buf *out);

#endif
