#include "imgctl/graphics.h"

#include "encode.h"

const char *const graphics_names[] = { "ascii",  "16",    "256",   "blocks",
                                       "sixel", "iterm2", "kitty", NULL };

bool graphics_is_text(enum graphics how)
{
    return how <= GRAPHICS_BLOCKS;
}

/* What one cell is made of, in pixels of the raster. */
static void cell_pixels(const struct terminal *t, enum graphics how, double *x, double *y)
{
    bool is_text = graphics_is_text(how);
    *x = is_text ? 1 : t->cell_width;
    *y = how == GRAPHICS_ASCII ? 1 : is_text ? 2 : t->cell_height;
}

static uint32_t at_least_one(double n)
{
    return n < 1 ? 1 : (uint32_t)(n + 0.5);
}

static int round_up(double n)
{
    int whole = (int)n;
    return whole < n - 0.001 || whole == 0 ? whole + 1 : whole;
}

struct graphics_size graphics_fit(const struct terminal *t, enum graphics how,
                                  uint32_t width, uint32_t height, int columns, int rows)
{
    double x, y;
    struct graphics_size size;
    cell_pixels(t, how, &x, &y);
    /* A picture's pixel in the raster's, across and down: a cell is as wide and as high
     * on the glass as cell_width and cell_height say. */
    double across = x / t->cell_width, down = y / t->cell_height;
    double scale = columns * x / (width * across);
    double other = rows * y / (height * down);
    double most = 1 / (across > down ? across : down);
    scale = other < scale ? other : scale;
    scale = most < scale ? most : scale;
    size.width = at_least_one(width * scale * across);
    size.height = at_least_one(height * scale * down);
    size.columns = round_up(size.width / x);
    size.rows = round_up(size.height / y);
    return size;
}

struct graphics_size graphics_fill(const struct terminal *t, enum graphics how,
                                   int columns, int rows)
{
    double x, y;
    cell_pixels(t, how, &x, &y);
    return (struct graphics_size){ columns, rows, at_least_one(columns * x),
                                   at_least_one(rows * y) };
}

static void draw_cells(const struct raster *r, enum graphics how, struct buf *out)
{
    const struct style plain = { .attributes = 0 };
    struct graphics_cells c = GRAPHICS_CELLS_INIT;
    graphics_cells(r, how, &c);
    for (int y = 0; y < c.rows; y++) {
        struct style style = plain;
        for (int x = 0; x < c.columns; x++) {
            const struct cell *cell = &c.cells[y * c.columns + x];
            style_change(out, &style, &cell->style);
            style = cell->style;
            buf_addstr(out, cell->text);
        }
        style_change(out, &style, &plain);
        buf_addch(out, '\n');
    }
    graphics_cells_release(&c);
}

int graphics_draw(const struct terminal *t, enum graphics how, const struct raster *r,
                  struct graphics_size size, bool keep, struct buf *out,
                  struct error *err)
{
    AUTO_BUF struct buf sixel = BUF_INIT;
    int result = 0;
    switch (how) {
    case GRAPHICS_KITTY:
        result = encode_kitty(r, &size, t->in_tmux, keep, out, err);
        break;
    case GRAPHICS_ITERM2:
        result = encode_iterm2(r, &size, t->in_tmux, out, err);
        break;
    case GRAPHICS_SIXEL:
        encode_sixel(r, &sixel);
        encode_wrapped(out, &sixel, t->in_tmux);
        break;
    default:
        draw_cells(r, how, out);
        return 0;
    }
    if (result == 0 && !keep) {
        buf_addch(out, '\n');
    }
    return result;
}

const char *graphics_erase(enum graphics how)
{
    return how == GRAPHICS_KITTY ? "\033_Ga=d,d=A,q=2\033\\" : "";
}
