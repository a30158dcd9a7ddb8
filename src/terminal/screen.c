#include "imgctl/screen.h"

#include <stdlib.h>
#include <string.h>

#include "imgctl/mem.h"
#include "imgctl/text.h"

#define MOST 1000

static const struct cell blank = { .text = " ", .width = 1 };

static bool is_same_style(const struct style *a, const struct style *b)
{
    return a->foreground == b->foreground && a->background == b->background &&
           a->attributes == b->attributes;
}

/* BASE is 30 for the foreground, 40 for the background. */
static void add_color(struct buf *out, uint32_t color, unsigned base)
{
    uint32_t n = color & 0xffffff;
    if (color == COLOR_DEFAULT) {
        buf_addf(out, ";%u", base + 9);
    } else if (color & 0x01000000u) {
        buf_addf(out, ";%u;2;%u;%u;%u", base + 8, n >> 16, n >> 8 & 255, n & 255);
    } else if (n < 8) {
        buf_addf(out, ";%u", base + n);
    } else if (n < 16) {
        buf_addf(out, ";%u", base + 60 + n - 8);
    } else {
        buf_addf(out, ";%u;5;%u", base + 8, n);
    }
}

void style_change(struct buf *out, const struct style *from, const struct style *to)
{
    static const char *const codes[] = { ";1", ";2", ";4", ";7" };
    struct style now = *from;
    AUTO_BUF struct buf list = BUF_INIT;
    if (is_same_style(from, to)) {
        return;
    }
    bool is_plain = !to->foreground && !to->background && !to->attributes;
    if (from->attributes & ~to->attributes || is_plain) {
        buf_addstr(&list, ";"); /* an empty number is 0: all off */
        now = (struct style){ .attributes = 0 };
    }
    for (unsigned i = 0; i < 4; i++) {
        if (to->attributes & ~now.attributes & (1u << i)) {
            buf_addstr(&list, codes[i]);
        }
    }
    if (now.foreground != to->foreground) {
        add_color(&list, to->foreground, 30);
    }
    if (now.background != to->background) {
        add_color(&list, to->background, 40);
    }
    buf_addf(out, "\033[%sm", list.data + 1);
}

/* ---- The grid ---- */

void screen_resize(struct screen *s, int columns, int rows)
{
    screen_release(s);
    s->columns = columns < 1 ? 1 : columns > MOST ? MOST : columns;
    s->rows = rows < 1 ? 1 : rows > MOST ? MOST : rows;
    size_t count = (size_t)s->columns * (size_t)s->rows;
    s->wanted = mem_array(count, sizeof *s->wanted);
    s->shown = mem_array(count, sizeof *s->shown);
    s->cursor_x = -1;
    screen_clear(s);
}

void screen_release(struct screen *s)
{
    free(s->wanted);
    free(s->shown);
    *s = (struct screen)SCREEN_INIT;
}

void screen_clear(struct screen *s)
{
    for (int i = 0; i < s->columns * s->rows; i++) {
        s->wanted[i] = blank;
    }
}

void screen_cell(struct screen *s, int x, int y, const struct cell *cell)
{
    if (x >= 0 && y >= 0 && x + cell->width <= s->columns && y < s->rows) {
        struct cell *place = &s->wanted[y * s->columns + x];
        *place = *cell;
        if (cell->width == 2) {
            place[1] = (struct cell){ .style = cell->style };
        }
    }
}

/* The bytes of the first character with all that combines with it. */
static size_t cluster(const char *s, size_t *width)
{
    size_t n = 0;
    *width = 0;
    while (s[n]) {
        char one[5] = "";
        size_t len = 1;
        while (((unsigned char)s[n + len] & 0xc0) == 0x80 && len < 4) {
            len++;
        }
        memcpy(one, s + n, len);
        size_t columns = text_width(one);
        if (columns > 0 && n > 0) {
            break;
        }
        *width += columns;
        n += len;
    }
    return n;
}

/* The first N bytes of S, in whole characters as far as there is room. */
static void put_cluster(struct cell *cell, const char *s, size_t n)
{
    if (n >= sizeof cell->text) {
        n = sizeof cell->text - 1;
        while (((unsigned char)s[n] & 0xc0) == 0x80) {
            n--;
        }
    }
    memcpy(cell->text, s, n);
}

int screen_text(struct screen *s, int x, int y, int width, bool fill,
                const struct style *style, const char *text)
{
    AUTO_BUF struct buf safe = BUF_INIT;
    AUTO_BUF struct buf cut = BUF_INIT;
    int end = x + width < s->columns ? x + width : s->columns;
    if (end <= x) {
        return x;
    }
    text_escape(&safe, text, strlen(text));
    text_fit(&cut, safe.data, (size_t)(end - x));
    for (const char *at = cut.data; *at;) {
        struct cell cell = { .style = *style };
        size_t columns;
        size_t n = cluster(at, &columns);
        if (columns > 0) {
            put_cluster(&cell, at, n);
            cell.width = (uint8_t)(columns > 1 ? 2 : 1);
            screen_cell(s, x, y, &cell);
            x += cell.width;
        }
        at += n;
    }
    int behind = x;
    for (struct cell cell = blank; fill && x < end; x++) {
        cell.style = *style;
        screen_cell(s, x, y, &cell);
    }
    return behind;
}

void screen_forget(struct screen *s, int x, int y, int columns, int rows)
{
    for (int row = y < 0 ? 0 : y; row < y + rows && row < s->rows; row++) {
        for (int column = x < 0 ? 0 : x; column < x + columns && column < s->columns;
             column++) {
            s->shown[row * s->columns + column] = (struct cell){ .width = 0 };
        }
    }
}

static bool same(const struct cell *a, const struct cell *b)
{
    return a->width == b->width && is_same_style(&a->style, &b->style) &&
           strcmp(a->text, b->text) == 0;
}

/* A wide character whose right half was drawn over, or a half that is alone. */
static void mend(struct cell *row, int columns)
{
    for (int x = 0; x < columns; x++) {
        bool half = x + 1 < columns && row[x + 1].width == 0;
        bool alone = row[x].width == 0 && (x == 0 || row[x - 1].width != 2);
        if ((row[x].width == 2 && !half) || alone) {
            struct style style = row[x].style;
            row[x] = blank;
            row[x].style = style;
        }
    }
}

static void update_row(struct screen *s, int y, struct style *style, struct buf *out)
{
    struct cell *wanted = &s->wanted[y * s->columns], *shown = &s->shown[y * s->columns];
    int at = -1; /* where the terminal's cursor is; -1: elsewhere */
    mend(wanted, s->columns);
    for (int x = 0; x < s->columns; x++) {
        if (same(&wanted[x], &shown[x])) {
            continue;
        }
        shown[x] = wanted[x];
        if (wanted[x].width == 0) {
            continue; /* goes with the character before it */
        }
        if (at != x) {
            buf_addf(out, "\033[%d;%dH", y + 1, x + 1);
        }
        style_change(out, style, &wanted[x].style);
        *style = wanted[x].style;
        buf_addstr(out, wanted[x].text);
        at = x + wanted[x].width;
        if (wanted[x].width == 2 && x + 1 < s->columns) {
            x++;
            shown[x] = wanted[x];
        }
    }
}

void screen_update(struct screen *s, struct buf *out)
{
    struct style style = { .attributes = 0 };
    const struct style plain = { .attributes = 0 };
    buf_addstr(out, "\033[?25l");
    for (int y = 0; y < s->rows; y++) {
        update_row(s, y, &style, out);
    }
    style_change(out, &style, &plain);
    if (s->cursor_x >= 0) {
        buf_addf(out, "\033[%d;%dH\033[?25h", s->cursor_y + 1, s->cursor_x + 1);
    }
}
