/*
 * cell.h - one place of a terminal's grid: a character and how it looks.
 */
#ifndef IMGCTL_CELL_H
#define IMGCTL_CELL_H

#include <stdbool.h>
#include <stdint.h>

#include "imgctl/buf.h"

/* Colours: the terminal's own, one of its palette, or one by its parts. */
#define COLOR_DEFAULT 0u
#define COLOR_INDEX(n) (0x02000000u | (uint32_t)(n))
#define COLOR_RGB(rgb) (0x01000000u | (uint32_t)(rgb))

enum { STYLE_BOLD = 1, STYLE_DIM = 2, STYLE_UNDERLINE = 4, STYLE_REVERSE = 8 };

struct style {
    uint32_t foreground, background;
    uint8_t attributes;
};

struct cell {
    char text[15];  /* a character with what combines with it, UTF-8; "": the right half
                       of the wide one before it */
    uint8_t width;  /* 1 or 2; 0 for such a half */
    struct style style;
};

/* What a terminal in style FROM must be sent to be in style TO. */
void style_change(struct buf *out, const struct style *from, const struct style *to);

#endif
