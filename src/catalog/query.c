#include "query.h"

#include <stdlib.h>
#include <string.h>

#include "contains.h"
#include "imgctl/clock.h"
#include "imgctl/mem.h"
#include "schema.h"

#define SEARCH_LIMIT 1024    /* bytes; every three characters cost a look-up */
#define INDEXED_CHARACTERS 3 /* shorter terms are in no trigram */

void query_release(struct query *q)
{
    for (int i = 0; i < q->count; i++) {
        free(q->values[i].text);
    }
    buf_release(&q->from);
    buf_release(&q->where);
    buf_release(&q->order);
    q->count = 0;
}

/* Both give the next parameter a value and return its number. check() keeps their
 * count below QUERY_VALUES: all but the tags take 15 at most. */
static int value_int(struct query *q, int64_t number)
{
    q->values[q->count++] = (struct value){ .number = number };
    return q->count;
}

static int value_text(struct query *q, const char *text)
{
    q->values[q->count++] = (struct value){ .text = mem_strdup(text) };
    return q->count;
}

static void add_condition(struct query *q, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

static void add_condition(struct query *q, const char *fmt, ...)
{
    va_list ap;
    buf_addstr(&q->where, q->where.len ? " AND " : " WHERE ");
    va_start(ap, fmt);
    buf_vaddf(&q->where, fmt, ap);
    va_end(ap);
}

/* COLUMN between the values of these numbers; 0: no such end. */
static void add_ends(struct query *q, const char *column, int min, int max)
{
    if (min && max) {
        add_condition(q, "images.%s BETWEEN ?%d AND ?%d", column, min, max);
    } else if (min) {
        add_condition(q, "images.%s >= ?%d", column, min);
    } else if (max) {
        add_condition(q, "images.%s <= ?%d", column, max);
    }
}

static void add_range(struct query *q, const char *column, const struct range *r)
{
    int min = r->has_min ? value_int(q, r->min) : 0;
    int max = r->has_max ? value_int(q, r->max) : 0;
    add_ends(q, column, min, max);
}

static int value_time(struct query *q, int64_t when)
{
    char text[CLOCK_TEXT_SIZE];
    clock_format(text, when);
    return value_text(q, text);
}

static void add_created(struct query *q, const struct range *r)
{
    int min = r->has_min ? value_time(q, r->min) : 0;
    int max = r->has_max ? value_time(q, r->max) : 0;
    add_ends(q, "created_at", min, max);
}

/* One comparison with both ends over a common denominator, where that fits. */
static bool add_ratio_between(struct query *q, const struct ratio_range *r)
{
    int64_t den, min, max;
    if (!r->has_min || !r->has_max ||
        __builtin_mul_overflow(r->min.den, r->max.den, &den) ||
        __builtin_mul_overflow(r->min.num, r->max.den, &min) ||
        __builtin_mul_overflow(r->max.num, r->min.den, &max)) {
        return false;
    }
    int d = value_int(q, den), low = value_int(q, min), high = value_int(q, max);
    add_condition(q, "images.width * ?%d BETWEEN images.height * ?%d"
                  " AND images.height * ?%d", d, low, high);
    return true;
}

static void add_ratio_end(struct query *q, const struct ratio *r, const char *operator)
{
    int den = value_int(q, r->den), num = value_int(q, r->num);
    add_condition(q, "images.width * ?%d %s images.height * ?%d", den, operator, num);
}

static void add_ratio(struct query *q, const struct ratio_range *r)
{
    if (!r->has_min && !r->has_max) {
        return;
    }
    if (!add_ratio_between(q, r)) {
        if (r->has_min) {
            add_ratio_end(q, &r->min, ">=");
        }
        if (r->has_max) {
            add_ratio_end(q, &r->max, "<=");
        }
    }
    add_condition(q, "images.height > 0"); /* 0:0 is no ratio */
}

static bool has_ranges(const struct selection *s)
{
    return s->created.has_min || s->created.has_max || s->width.has_min ||
           s->width.has_max || s->height.has_min || s->height.has_max ||
           s->bytes.has_min || s->bytes.has_max || s->ratio.has_min || s->ratio.has_max;
}

static bool has_kinds(const struct selection *s)
{
    return s->only_ai || s->only_uploaded || s->business || s->store;
}

/* The conditions that image_counts can answer, too; its columns have the same
 * names, so TABLE says which one is meant. */
static void add_kinds(struct query *q, const struct selection *s, int64_t business,
                      const char *table)
{
    if (s->only_ai) {
        add_condition(q, "%s.ai_generated = 1", table);
    }
    if (s->only_uploaded) {
        add_condition(q, "%s.ai_generated = 0", table);
    }
    if (s->business) {
        add_condition(q, "%s.business_id = ?%d", table, value_int(q, business));
    }
    if (s->store) {
        add_condition(q, "%s.storage_provider = ?%d", table, value_text(q, s->store));
    }
}

static void add_tags(struct query *q, const struct strlist *tags, size_t from)
{
    for (size_t i = from; i < tags->len; i++) {
        add_condition(q, "EXISTS (SELECT 1 FROM image_tags AS t"
                      " WHERE t.image_id = images.id AND t.tag = ?%d)",
                      value_text(q, tags->items[i]));
    }
}

/* TERM as one phrase of the index's query language: nothing in it is special. */
static int value_phrase(struct query *q, const char *term)
{
    AUTO_BUF struct buf phrase = BUF_INIT;
    buf_addch(&phrase, '"');
    for (const char *p = term; *p; p++) {
        buf_addch(&phrase, *p);
        if (*p == '"') {
            buf_addch(&phrase, '"');
        }
    }
    buf_addch(&phrase, '"');
    return value_text(q, phrase.data);
}

static size_t count_characters(const char *s)
{
    size_t count = 0;
    for (; *s; s++) {
        count += ((unsigned char)*s & 0xc0) != 0x80;
    }
    return count;
}

/* How a selection is answered, from the best way to the slowest. */
enum way {
    BY_SEARCH,   /* the search index gives ids, newest first */
    BY_TAG,      /* the pictures of the first tag */
    BY_BUSINESS, /* an index that begins with the business */
    BY_INDEX,    /* all live, or all deleted ones, from the index */
    BY_ROW,      /* the rows themselves: what is asked for is in no index */
};

static bool has_search(const struct selection *s)
{
    return s->search && *s->search;
}

/* Deleted pictures are not in the index. */
static bool is_searchable(const struct selection *s)
{
    return !s->deleted && has_search(s) &&
           count_characters(s->search) >= INDEXED_CHARACTERS;
}

static enum way choose(const struct selection *s, enum catalog_sort sort)
{
    if (is_searchable(s)) {
        return BY_SEARCH;
    }
    if (s->tags.len > 0) {
        return BY_TAG;
    }
    if (s->business) {
        return BY_BUSINESS;
    }
    if (s->deleted) {
        return BY_INDEX;
    }
    bool needs_rows = has_search(s) || sort == SORT_NAME || sort == SORT_UPDATED;
    return needs_rows ? BY_ROW : BY_INDEX;
}

/* BARE: nothing but the search index is needed. */
static void add_tables(struct query *q, const struct selection *s, enum way way,
                       bool bare)
{
    const char *index = s->deleted ? "images_gone" : "images_live";
    q->id = "images.id";
    switch (way) {
    case BY_SEARCH:
        q->id = "search.rowid";
        buf_addstr(&q->from, "search");
        if (!bare) {
            buf_addf(&q->from, " CROSS JOIN images INDEXED BY %s"
                     " ON images.id = search.rowid", index);
        }
        add_condition(q, "search MATCH ?%d", value_phrase(q, s->search));
        break;
    case BY_TAG:
        q->id = "image_tags.image_id";
        buf_addf(&q->from, "image_tags CROSS JOIN images INDEXED BY %s"
                 " ON images.id = image_tags.image_id", index);
        add_condition(q, "image_tags.tag = ?%d", value_text(q, s->tags.items[0]));
        break;
    case BY_BUSINESS:
        buf_addstr(&q->from, "images INDEXED BY images_business");
        break;
    case BY_INDEX:
        buf_addf(&q->from, "images INDEXED BY %s", index);
        break;
    case BY_ROW:
        buf_addstr(&q->from, "images NOT INDEXED");
        break;
    }
}

static void add_order(struct query *q, const struct page *page)
{
    static const char *const columns[] = {
        [SORT_ID] = NULL,
        [SORT_NAME] = "images.original_filename COLLATE NOCASE",
        [SORT_BYTES] = "images.file_size_bytes",
        [SORT_WIDTH] = "images.width",
        [SORT_HEIGHT] = "images.height",
        [SORT_CREATED] = "images.created_at",
        [SORT_UPDATED] = "images.updated_at",
    };
    const char *column = columns[page->sort];
    bool upwards = page->reverse != (page->sort == SORT_NAME);
    buf_addstr(&q->order, " ORDER BY ");
    if (column) {
        buf_addf(&q->order, "%s %s, ", column, upwards ? "ASC" : "DESC");
    }
    buf_addf(&q->order, "%s %s", q->id, page->reverse ? "ASC" : "DESC");
}

static void add_scan_for_term(struct query *q, const struct selection *s)
{
    add_condition(q, "contains(?%d, images.original_filename, images.ai_prompt,"
                  " images.alt_text, " SCHEMA_TAG_LINES("images") ")",
                  value_text(q, s->search));
}

/* The total of a selection of whole kinds is in the counters. */
static void build_counters(struct query *q, const struct selection *s, int64_t business)
{
    q->counters = true;
    buf_addstr(&q->from, "image_counts");
    add_condition(q, "image_counts.deleted = %d", s->deleted);
    add_kinds(q, s, business, "image_counts");
}

static int check(struct catalog *c, const struct selection *s, int64_t *ret_business,
                 struct error *err)
{
    struct business b = { .id = 0 };
    if (s->search && strlen(s->search) > SEARCH_LIMIT) {
        return error_set(err, ERROR_USAGE, "a search text may have %d bytes at most",
                         SEARCH_LIMIT);
    }
    if (s->tags.len > QUERY_VALUES / 2) {
        return error_set(err, ERROR_USAGE, "at most %d tags can be asked for at once",
                         QUERY_VALUES / 2);
    }
    if (s->business && catalog_business_find(c, s->business, &b, err) < 0) {
        return -1;
    }
    *ret_business = b.id;
    business_release(&b);
    return 0;
}

int query_build(struct query *q, struct catalog *c, const struct selection *s,
                const struct page *page, struct error *err)
{
    int64_t business = 0;
    bool plain = !has_ranges(s) && s->tags.len == 0 && !s->only_published;
    if (check(c, s, &business, err) < 0) {
        return -1;
    }
    if (!page && plain && !has_search(s)) {
        build_counters(q, s, business);
        return 0;
    }
    enum catalog_sort sort = page ? page->sort : SORT_ID;
    enum way way = choose(s, sort);
    bool bare = way == BY_SEARCH && plain && !has_kinds(s) && sort == SORT_ID;
    add_tables(q, s, way, bare);
    if (!bare) {
        add_condition(q, "images.deleted_at IS %s", s->deleted ? "NOT NULL" : "NULL");
        /* In the order of their cost: SQLite tests them so. */
        add_range(q, "width", &s->width);
        add_range(q, "height", &s->height);
        add_range(q, "file_size_bytes", &s->bytes);
        add_kinds(q, s, business, "images");
        add_ratio(q, &s->ratio);
        add_created(q, &s->created);
        add_tags(q, &s->tags, way == BY_TAG ? 1 : 0);
        if (s->only_published) {
            add_condition(q, "EXISTS (SELECT 1 FROM post_images AS p CROSS JOIN posts"
                          " ON posts.id = p.post_id WHERE p.image_id = images.id"
                          " AND posts.state = 'published')");
        }
    }
    if (has_search(s) && way != BY_SEARCH) {
        if (contains_register(c, err) < 0) {
            return -1;
        }
        add_scan_for_term(q, s);
    }
    if (page) {
        add_order(q, page);
    }
    return 0;
}

static int open_query(const struct query *q, struct catalog *c, const char *text,
                      struct sql *ret, struct error *err)
{
    if (sql_open_once(ret, c, text, err) < 0) {
        return -1;
    }
    for (int i = 0; i < q->count; i++) {
        const struct value *v = &q->values[i];
        if (v->text) {
            sql_put_text(ret, v->text);
        } else {
            sql_put_int(ret, v->number);
        }
    }
    return 0;
}

int query_open_ids(const struct query *q, struct catalog *c, const struct page *page,
                   struct sql *ret, struct error *err)
{
    AUTO_BUF struct buf text = BUF_INIT;
    buf_addf(&text, "SELECT %s FROM %s%s%s LIMIT ?%d OFFSET ?%d", q->id, q->from.data,
             q->where.data, q->order.data, q->count + 1, q->count + 2);
    if (open_query(q, c, text.data, ret, err) < 0) {
        return -1;
    }
    sql_put_int(ret, page->limit > 0 ? page->limit : -1);
    sql_put_int(ret, page->offset > 0 ? page->offset : 0);
    return 0;
}

int query_open_count(const struct query *q, struct catalog *c, struct sql *ret,
                     struct error *err)
{
    AUTO_BUF struct buf text = BUF_INIT;
    const char *total = q->counters ? "coalesce(sum(n), 0)" : "count(*)";
    buf_addf(&text, "SELECT %s FROM %s%s", total, q->from.data, q->where.data);
    return open_query(q, c, text.data, ret, err);
}
