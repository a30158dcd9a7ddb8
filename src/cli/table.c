#include "table.h"

#include <stdlib.h>
#include <string.h>

#include "imgctl/mem.h"
#include "imgctl/text.h"

#define BLOCK 200
#define GAP 2
#define FLEXIBLE_MINIMUM 8

static size_t column_count(const struct output *o)
{
    size_t n = 0;
    while (o->type->columns && o->type->columns[n].title) {
        n++;
    }
    return n;
}

void table_begin(struct output *o)
{
    o->row_cap = BLOCK;
    o->rows = mem_array(BLOCK, sizeof *o->rows);
    o->widths = mem_array(column_count(o), sizeof *o->widths);
}

static size_t least_width(const struct output *o, const size_t *widths, size_t i)
{
    bool gives = o->type->columns[i].flexible && widths[i] > FLEXIBLE_MINIMUM;
    return gives ? FLEXIBLE_MINIMUM : widths[i];
}

/* Leave out from the right what cannot be there at all; the first two columns, which
 * tell what a line is about, always stay. */
static void leave_out(const struct output *o, size_t *widths, size_t count)
{
    size_t least = 0, shown = 0;
    for (size_t i = 0; i < count; i++) {
        least += widths[i] ? least_width(o, widths, i) + (least ? GAP : 0) : 0;
        shown += widths[i] > 0;
    }
    for (size_t i = count; i > 0 && least > o->width && shown > 2; i--) {
        if (widths[i - 1] > 0) {
            least -= least_width(o, widths, i - 1) + GAP;
            widths[i - 1] = 0;
            shown--;
        }
    }
}

/* Take from the flexible columns what the line has too much, from the widest first. */
static void squeeze(const struct output *o, size_t *widths, size_t count)
{
    size_t total = 0;
    for (size_t i = 0; i < count; i++) {
        total += widths[i] ? widths[i] + (total ? GAP : 0) : 0;
    }
    while (total > o->width) {
        size_t widest = count;
        for (size_t i = 0; i < count; i++) {
            if (o->type->columns[i].flexible && widths[i] > FLEXIBLE_MINIMUM &&
                (widest == count || widths[i] > widths[widest])) {
                widest = i;
            }
        }
        if (widest == count) {
            return;
        }
        widths[widest]--;
        total--;
    }
}

static void pad(struct buf *out, size_t columns)
{
    for (size_t i = 0; i < columns; i++) {
        buf_addch(out, ' ');
    }
}

/* The first column of a record links to what the record is about. ADDRESS: NULL. */
static void print_row(struct output *o, const struct strlist *row, const char *address,
                      const size_t *widths, size_t count)
{
    size_t line = o->buf.len;
    for (size_t i = 0; i < count; i++) {
        AUTO_BUF struct buf cell = BUF_INIT;
        if (widths[i] == 0) {
            continue;
        }
        text_fit(&cell, row->items[i], widths[i]);
        size_t space = widths[i] - text_width(cell.data);
        pad(&o->buf, o->buf.len > line ? GAP : 0);
        pad(&o->buf, o->type->columns[i].right ? space : 0);
        output_link(&o->buf, i == 0 ? address : NULL, cell.data);
        pad(&o->buf, o->type->columns[i].right ? 0 : space);
    }
    while (o->buf.len > line && o->buf.data[o->buf.len - 1] == ' ') {
        o->buf.len--;
    }
    buf_addch(&o->buf, '\n');
}

static void print_titles(struct output *o, const size_t *widths, size_t count)
{
    AUTO_STRLIST struct strlist titles = STRLIST_INIT;
    for (size_t i = 0; i < count; i++) {
        strlist_add(&titles, o->type->columns[i].title);
    }
    buf_addstr(&o->buf, o->color ? "\033[1m" : "");
    print_row(o, &titles, NULL, widths, count);
    if (o->color) {
        o->buf.len--; /* the newline comes after the reset */
        buf_addstr(&o->buf, "\033[0m\n");
    }
    o->titled = true;
}

/* Columns with nothing in any row have the width 0 and are not shown. */
static void print_block(struct output *o)
{
    size_t count = column_count(o);
    AUTO_FREE size_t *widths = mem_array(count, sizeof *widths);
    if (o->row_count == 0) {
        return;
    }
    for (size_t i = 0; i < count; i++) {
        size_t title = text_width(o->type->columns[i].title);
        widths[i] = o->widths[i] == 0 || o->widths[i] > title ? o->widths[i] : title;
    }
    leave_out(o, widths, count);
    squeeze(o, widths, count);
    if (!o->titled) {
        print_titles(o, widths, count);
    }
    for (size_t r = 0; r < o->row_count; r++) {
        print_row(o, &o->rows[r], o->rows[r].items[count], widths, count);
        strlist_release(&o->rows[r]);
    }
    o->row_count = 0;
    output_write(&o->buf);
}

void table_add(struct output *o, const void *record)
{
    struct strlist *row = &o->rows[o->row_count++];
    AUTO_BUF struct buf address = BUF_INIT;
    for (size_t i = 0; o->type->columns[i].title; i++) {
        AUTO_BUF struct buf raw = BUF_INIT;
        AUTO_BUF struct buf safe = BUF_INIT;
        o->type->columns[i].print(&raw, record);
        text_escape(&safe, raw.data, raw.len);
        size_t width = text_width(safe.data);
        o->widths[i] = width > o->widths[i] ? width : o->widths[i];
        strlist_take(row, buf_detach(&safe));
    }
    if (o->type->url) {
        record_text(&address, record_field(o->type, o->type->url), record);
    }
    strlist_take(row, buf_detach(&address)); /* behind the cells */
    if (o->row_count == o->row_cap) {
        print_block(o);
    }
}

void table_end(struct output *o)
{
    print_block(o);
    table_drop(o);
}

void table_drop(struct output *o)
{
    for (size_t r = 0; r < o->row_count; r++) {
        strlist_release(&o->rows[r]);
    }
    free(o->rows);
    free(o->widths);
}
