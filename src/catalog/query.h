/*
 * query.h - from a selection to SQL.
 *
 * The text is put together from fixed parts; whatever came from outside is a
 * value. Every query yields ids, so that offsets and sorting work on narrow
 * index entries and only the pictures that are asked for are read.
 */
#ifndef CATALOG_QUERY_H
#define CATALOG_QUERY_H

#include "imgctl/buf.h"
#include "sql.h"

#define QUERY_VALUES 90 /* SQLite is told to take no more than 100 */

struct value {
    char *text; /* owned; NULL: it is a number */
    int64_t number;
};

struct query {
    struct buf from;   /* tables and how they are joined */
    struct buf where;  /* " WHERE a AND b"; never empty */
    struct buf order;  /* " ORDER BY ..." */
    const char *id;    /* the column that is the picture's id */
    bool counters;     /* it asks image_counts: no picture is looked at */
    struct value values[QUERY_VALUES];
    int count;
};

#define QUERY_INIT { .from = BUF_INIT, .where = BUF_INIT, .order = BUF_INIT }
#define AUTO_QUERY __attribute__((cleanup(query_release)))
void query_release(struct query *q);

/* PAGE may be NULL when only the total matters. */
int query_build(struct query *q, struct catalog *c, const struct selection *s,
                const struct page *page, struct error *err);

/* Prepare the query: ids of a page, or one row with the total. */
int query_open_ids(const struct query *q, struct catalog *c, const struct page *page,
                   struct sql *ret, struct error *err);
int query_open_count(const struct query *q, struct catalog *c, struct sql *ret,
                     struct error *err);

#endif
