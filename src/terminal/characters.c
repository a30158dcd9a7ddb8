/* Pictures made of characters. */
#include <stdlib.h>
#include <string.h>

#include "imgctl/graphics.h"
#include "imgctl/mem.h"
#include "palette.h"

#define UPPER "\u2580" /* the upper half block */
#define LOWER "\u2584"

void graphics_cells_release(struct graphics_cells *c)
{
    free(c->cells);
    *c = (struct graphics_cells){ .columns = 0 };
}

/* A cell of an upper and a lower pixel; a transparent one has COLOR_DEFAULT. */
static struct cell block(uint32_t upper, uint32_t lower)
{
    struct cell cell = { .text = " ", .width = 1 };
    if (upper == lower) {
        cell.style.background = upper;
    } else if (upper == COLOR_DEFAULT) {
        memcpy(cell.text, LOWER, sizeof LOWER);
        cell.style.foreground = lower;
    } else {
        memcpy(cell.text, UPPER, sizeof UPPER);
        cell.style.foreground = upper;
        cell.style.background = lower;
    }
    return cell;
}

/* The colour of every pixel, in the terms of HOW. The caller's. */
static uint32_t *colors_of(const struct raster *r, enum graphics how)
{
    size_t count = (size_t)r->width * r->height;
    uint32_t *ret = mem_array(count, sizeof *ret);
    AUTO_FREE uint8_t *indices = NULL;
    if (how != GRAPHICS_BLOCKS) {
        AUTO_FREE struct palette *p = mem_alloc(sizeof *p);
        if (how == GRAPHICS_256) {
            palette_cube(p);
        } else {
            palette_basic(p);
        }
        indices = palette_map(p, r, how == GRAPHICS_256 ? 2 : 4);
    }
    for (size_t i = 0; i < count; i++) {
        const uint8_t *p = r->pixels + i * r->channels;
        uint32_t rgb = (uint32_t)p[0] << 16 | (uint32_t)p[1] << 8 | p[2];
        ret[i] = palette_is_transparent(r, p) ? COLOR_DEFAULT
                 : !indices ? COLOR_RGB(rgb)
                            : COLOR_INDEX(indices[i] + (how == GRAPHICS_256 ? 16 : 0));
    }
    return ret;
}

/* From dark to light, as on a dark screen. */
static struct cell letter(const struct raster *r, const uint8_t *p)
{
    static const char ramp[] = " .:-=+*#%@";
    struct cell cell = { .width = 1 };
    int light = (p[0] * 299 + p[1] * 587 + p[2] * 114) / 1000;
    cell.text[0] = palette_is_transparent(r, p)
                       ? ' '
                       : ramp[light * (int)(sizeof ramp - 1) / 256];
    return cell;
}

void graphics_cells(const struct raster *r, enum graphics how, struct graphics_cells *ret)
{
    bool is_ascii = how == GRAPHICS_ASCII;
    uint32_t rows = is_ascii ? r->height : (r->height + 1) / 2;
    AUTO_FREE uint32_t *colors = is_ascii ? NULL : colors_of(r, how);
    ret->columns = (int)r->width;
    ret->rows = (int)rows;
    ret->cells = mem_array((size_t)r->width * rows, sizeof *ret->cells);
    for (size_t y = 0; y < rows; y++) {
        for (size_t x = 0; x < r->width; x++) {
            struct cell *cell = &ret->cells[y * r->width + x];
            size_t upper = (is_ascii ? y : 2 * y) * r->width + x;
            if (is_ascii) {
                *cell = letter(r, r->pixels + upper * r->channels);
            } else {
                bool is_last = 2 * y + 1 == r->height;
                *cell = block(colors[upper],
                              is_last ? COLOR_DEFAULT : colors[upper + r->width]);
            }
        }
    }
}
