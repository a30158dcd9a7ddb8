/*
 * gallery_thumbnails.h - thumbnails of many pictures, made by a few threads.
 */
#ifndef GALLERY_THUMBNAILS_H
#define GALLERY_THUMBNAILS_H

#include "app.h"
#include "imgctl/report.h"
#include "pictures.h"

struct gallery_item {
    int64_t id;
    char *path; /* of its thumbnail, owned; NULL: it has none */
};

struct gallery_items {
    struct gallery_item *list;
    size_t count, cap;
};

void gallery_items_add(struct gallery_items *items, int64_t id, char *path);
void gallery_items_release(struct gallery_items *items);

struct gallery_thumbnails {
    struct app *app;
    struct open_stores *stores;
    struct gallery_items *items;
    int side;         /* of the box a thumbnail fits into */
    bool no_remote;   /* what only a service could give has none */
    int progress;     /* enum progress_choice */
    struct tally tally; /* of those that had to be made */
};

/* Make what is not there yet. What cannot be made is reported on standard error and has
 * no path afterwards. -1: nothing can be made at all. */
int gallery_thumbnails_make(struct gallery_thumbnails *g, struct error *err);

#endif
