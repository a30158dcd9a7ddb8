/*
 * pictures.h - how commands print pictures, select them and name them.
 */
#ifndef PICTURES_H
#define PICTURES_H

#include "app.h"
#include "imgctl/catalog.h"
#include "imgctl/output.h"
#include "imgctl/record.h"
#include "imgctl/report.h"
#include "imgctl/store.h"

/* struct picture as a record: the sixteen columns, then what imgctl adds. */
extern const struct record_type picture_type;
extern const struct record_type picture_with_posts_type; /* also p->published */

/* The filters, the same on every command that selects. */
struct select_args {
    const char *search, *business, *store;
    bool ai, uploaded, published, deleted;
    struct strlist tags;
    struct range created, width, height, bytes;
    struct ratio_range ratio;
};

extern const struct option select_options[];

/* For --sort, in the order of enum catalog_sort; NULL-terminated. */
extern const char *const sort_names[];

/* ERROR_USAGE for filters that exclude each other, and a store that there is not. */
int select_check(const struct select_args *args, struct error *err);

/* Is any filter given? */
bool select_is_given(const struct select_args *args);

/* ARGS as a selection; the strings stay ARGS's. */
struct selection select_from_args(const struct select_args *args);

/* Stores by name, opened at first use: a list of pictures may have several. */
#define STORES_AT_ONCE 4

struct open_stores {
    struct store *stores[STORES_AT_ONCE];
    size_t count;
};

struct store *open_stores_get(struct open_stores *s, struct app *app, const char *name,
                              struct error *err);
void open_stores_close(struct open_stores *s);

/*
 * Do ACT with the picture that each of IDS names, in order; what fails is reported
 * and the others go on. ACT reports what it did itself.
 */
typedef int picture_action(void *cookie, const char *operand, struct picture *picture,
                           struct report *report, struct error *err);
void pictures_each(struct app *app, const struct strlist *ids, picture_action *act,
                   void *cookie, struct report *report);

/*
 * Remove pictures for good: mark, take the bytes out of the store, take the row
 * out of the catalog; each step recorded, so that it can be finished later. 1. With
 * BEFORE only one that is deleted since before then (catalog_removal_begin()): else 0.
 */
int picture_remove(struct app *app, struct open_stores *stores, const struct picture *p,
                   int64_t before, struct error *err);

/* ERROR_USAGE for a picture that is in a post, or may be: it is what people see there. */
int picture_keep_published(const struct app *app, int64_t id, struct error *err);

/*
 * May COUNT pictures be deleted? Asks on a terminal when there are several and
 * YES is not set. Without a terminal more than MOST is ERROR_LIMIT. 1, or -1.
 */
int confirm_deletion(const struct app *app, size_t count, int64_t most, bool yes,
                     bool for_good, struct error *err);

#endif
