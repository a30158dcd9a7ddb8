#include "gallery_thumbnails.h"

#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "imgctl/mem.h"
#include "imgctl/pool.h"
#include "imgctl/progress.h"
#include "imgctl/raster.h"
#include "imgctl/thumbnail.h"
#include "thumbnails.h"

#define THREADS 8 /* at most: each decodes a picture */

/* A thumbnail that a thread makes. */
struct work {
    struct pool_task task; /* first */
    struct gallery_item *item;
    int side, fd;
    int64_t size;
    int result;
    struct error err;
};

struct making {
    struct gallery_thumbnails *g;
    struct pool *pool;
    struct progress *progress;
    size_t under_way, most;
    int64_t total, bytes;
};

void gallery_items_add(struct gallery_items *items, int64_t id, char *path)
{
    if (items->count == items->cap) {
        items->cap = items->cap ? items->cap * 2 : 256;
        items->list = mem_resize(items->list, items->cap, sizeof *items->list);
    }
    items->list[items->count++] = (struct gallery_item){ .id = id, .path = path };
}

void gallery_items_release(struct gallery_items *items)
{
    for (size_t i = 0; i < items->count; i++) {
        free(items->list[i].path);
    }
    free(items->list);
}

static void make(struct pool_task *task, unsigned worker)
{
    struct work *w = (struct work *)task;
    (void)worker;
    w->result = thumbnail_make(w->item->path, w->fd, w->size, w->side, w->side, &w->err);
    close(w->fd);
}

static void show_progress(struct making *m)
{
    const struct tally *t = &m->g->tally;
    progress_show(m->progress, m->total, t->done + t->failed, t->failed, m->bytes);
}

static void has_none(struct gallery_item *item)
{
    free(item->path);
    item->path = NULL;
}

static void failed(struct making *m, struct gallery_item *item, const struct error *err)
{
    char id[24];
    snprintf(id, sizeof id, "%" PRId64, item->id);
    progress_hide(m->progress);
    report_error(id, err, false);
    tally_failure(&m->g->tally, err);
    has_none(item);
}

static void collect(struct making *m)
{
    struct pool_task *next;
    for (struct pool_task *t = pool_collect(m->pool); t; t = next) {
        struct work *w = (struct work *)t;
        next = t->next;
        if (w->result < 0) {
            failed(m, w->item, &w->err);
        } else {
            m->g->tally.done++;
            m->bytes += w->size;
        }
        m->under_way--;
        free(w);
    }
    show_progress(m);
}

/* Wait until no more than MOST are under way. */
static void wait_for(struct making *m, size_t most)
{
    collect(m);
    while (m->under_way > most) {
        struct pollfd wake = { .fd = pool_fd(m->pool), .events = POLLIN };
        poll(&wake, 1, PROGRESS_TICK);
        collect(m);
    }
}

/* Fetch the bytes here, one picture after the other, and let a thread do the rest. */
static int begin(struct making *m, struct gallery_item *item, struct error *err)
{
    struct gallery_thumbnails *g = m->g;
    AUTO_PICTURE struct picture p = PICTURE_INIT;
    int64_t size;
    int found = catalog_picture(g->app->catalog, item->id, &p, err);
    if (found <= 0) {
        return found < 0 ? -1 : error_set(err, ERROR_NOT_FOUND, "it was just removed");
    }
    struct store *store = open_stores_get(g->stores, g->app, p.storage_provider, err);
    if (!store) {
        return -1;
    }
    if (store->ops->is_remote && g->no_remote) {
        has_none(item);
        m->total--;
        return 0;
    }
    int fd = picture_small_bytes(store, &p, g->side, g->side, &size, err);
    if (fd < 0) {
        return -1;
    }
    struct work *w = mem_alloc(sizeof *w);
    *w = (struct work){ .task = { .run = make }, .item = item, .side = g->side, .fd = fd,
                        .size = size, .err = ERROR_INIT };
    m->under_way++;
    pool_add(m->pool, &w->task);
    return 0;
}

static void make_missing(struct making *m, const bool *missing)
{
    for (size_t i = 0; i < m->g->items->count; i++) {
        struct gallery_item *item = &m->g->items->list[i];
        struct error err = ERROR_INIT;
        if (!missing[i]) {
            continue;
        }
        wait_for(m, m->most - 1);
        if (begin(m, item, &err) < 0) {
            failed(m, item, &err);
        }
    }
    wait_for(m, 0);
}

int gallery_thumbnails_make(struct gallery_thumbnails *g, struct error *err)
{
    struct making m = { .g = g };
    unsigned threads = pool_processors();
    AUTO_FREE bool *missing = mem_array(g->items->count + 1, sizeof *missing);
    for (size_t i = 0; i < g->items->count; i++) {
        const char *path = g->items->list[i].path;
        missing[i] = path && !thumbnail_is_there(path);
        m.total += missing[i];
    }
    if (m.total == 0) {
        return 0;
    }
    threads = threads > THREADS ? THREADS : threads;
    m.most = (size_t)threads * 2;
    if (image_codec_load(err) < 0 || pool_new(threads, &m.pool, err) < 0) {
        return -1;
    }
    m.progress = progress_new((enum progress_choice)g->progress);
    make_missing(&m, missing);
    progress_end(m.progress);
    pool_free(m.pool);
    return 0;
}
