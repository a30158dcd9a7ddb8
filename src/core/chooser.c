#include "imgctl/chooser.h"

#include <stdlib.h>
#include <string.h>

#include "imgctl/mem.h"
#include "imgctl/text.h"

#define SEARCH_LIMIT 1000 /* bytes; the catalog takes little more */
#define MANY 100000       /* so many rows are searched without an index at once */
#define INDEXED 3         /* characters that the index needs */

void chooser_init(struct chooser *c, struct catalog *catalog,
                  const struct selection *selection)
{
    *c = (struct chooser){
        .catalog = catalog,
        .selection = *selection,
        .search = BUF_INIT,
        .kind = selection->only_ai         ? CHOOSE_AI
                : selection->only_uploaded ? CHOOSE_UPLOADED
                                           : CHOOSE_ALL,
    };
    if (selection->search) {
        buf_addstr(&c->search, selection->search);
    }
}

static void forget_rows(struct chooser *c)
{
    for (size_t i = 0; i < c->count; i++) {
        picture_release(&c->rows[i]);
    }
    c->count = 0;
}

void chooser_release(struct chooser *c)
{
    forget_rows(c);
    free(c->marks);
    buf_release(&c->search);
}

static struct selection current(const struct chooser *c)
{
    struct selection s = c->selection;
    s.search = c->search.len ? c->search.data : NULL;
    s.only_ai = c->kind == CHOOSE_AI;
    s.only_uploaded = c->kind == CHOOSE_UPLOADED;
    return s;
}

static size_t characters(const struct buf *b)
{
    size_t count = 0;
    for (size_t i = 0; i < b->len; i++) {
        count += ((unsigned char)b->data[i] & 0xc0) != 0x80;
    }
    return count;
}

static int count(struct chooser *c, const struct selection *s, int64_t *ret,
                 struct error *err)
{
    *ret = 0;
    return c->catalog ? catalog_count(c->catalog, s, ret, err) : 0;
}

bool chooser_search_is_short(const struct chooser *c)
{
    return c->total < 0;
}

int chooser_refresh(struct chooser *c, struct error *err)
{
    struct selection s = current(c), all = s;
    forget_rows(c);
    all.search = NULL;
    if (count(c, &all, &c->total, err) < 0) {
        return -1;
    }
    size_t length = characters(&c->search);
    if (length > 0 && length < INDEXED && c->total > MANY) {
        c->total = -1;
    } else if (length > 0 && count(c, &s, &c->total, err) < 0) {
        return -1;
    }
    chooser_move(c, 0);
    return 0;
}

bool chooser_type(struct chooser *c, const char *text)
{
    c->cursor = 0;
    return buf_add_limited(&c->search, text, strlen(text), SEARCH_LIMIT);
}

bool chooser_erase(struct chooser *c)
{
    c->cursor = 0;
    return text_erase_character(&c->search);
}

void chooser_move(struct chooser *c, int64_t by)
{
    int64_t last = c->total > 0 ? c->total - 1 : 0;
    if (__builtin_add_overflow(c->cursor, by, &c->cursor)) {
        c->cursor = by > 0 ? last : 0;
    }
    c->cursor = c->cursor > last ? last : c->cursor < 0 ? 0 : c->cursor;
}

/* ---- Rows ---- */

static int take_row(void *cookie, const struct picture *p)
{
    struct chooser *c = cookie;
    c->rows[c->count++] = (struct picture){
        .id = p->id,
        .original_filename = mem_strdup(p->original_filename),
        .storage_provider = mem_strdup(p->storage_provider),
        .mime_type = mem_strdup(p->mime_type),
        .file_size_bytes = p->file_size_bytes,
        .width = p->width,
        .height = p->height,
        .ai_generated = p->ai_generated,
    };
    return c->count == CHOOSER_WINDOW;
}

static void turn_round(struct chooser *c)
{
    for (size_t i = 0; i < c->count / 2; i++) {
        struct picture p = c->rows[i];
        c->rows[i] = c->rows[c->count - 1 - i];
        c->rows[c->count - 1 - i] = p;
    }
}

/* Rows behind the middle are counted from the end: half the way for the catalog. */
static int load(struct chooser *c, int64_t position, struct error *err)
{
    struct selection s = current(c);
    int64_t from = position - CHOOSER_WINDOW / 2;
    from = from < 0 ? 0 : from;
    int64_t to = from + CHOOSER_WINDOW < c->total ? from + CHOOSER_WINDOW : c->total;
    bool reverse = from > c->total / 2;
    struct page page = {
        .sort = SORT_ID,
        .reverse = reverse,
        .offset = reverse ? c->total - to : from,
        .limit = to - from,
        .rows_only = true,
    };
    forget_rows(c);
    c->first = from;
    if (!c->catalog || catalog_select(c->catalog, &s, &page, take_row, c, err) < 0) {
        forget_rows(c);
        return -1;
    }
    if (reverse) {
        turn_round(c);
    }
    return 0;
}

const struct picture *chooser_row(struct chooser *c, int64_t position, struct error *err)
{
    if (position < 0 || position >= c->total) {
        return NULL;
    }
    bool is_here = position >= c->first && position < c->first + (int64_t)c->count;
    if (!is_here && load(c, position, err) < 0) {
        return NULL;
    }
    int64_t at = position - c->first;
    return at >= 0 && at < (int64_t)c->count ? &c->rows[at] : NULL;
}

/* ---- Marks ---- */

bool chooser_is_marked(const struct chooser *c, int64_t id)
{
    for (size_t i = 0; i < c->mark_count; i++) {
        if (c->marks[i] == id) {
            return true;
        }
    }
    return false;
}

bool chooser_mark(struct chooser *c, int64_t id)
{
    size_t kept = 0;
    for (size_t i = 0; i < c->mark_count; i++) {
        if (c->marks[i] != id) {
            c->marks[kept++] = c->marks[i];
        }
    }
    if (kept < c->mark_count) {
        c->mark_count = kept;
        return true;
    }
    if (c->max == 1) {
        c->mark_count = 0;
    } else if (c->max > 0 && c->mark_count >= c->max) {
        return false;
    }
    c->marks = mem_resize(c->marks, c->mark_count + 1, sizeof *c->marks);
    c->marks[c->mark_count++] = id;
    return true;
}
