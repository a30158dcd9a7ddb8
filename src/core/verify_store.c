#include "verify_store.h"

#include <stdlib.h>
#include <string.h>

#include "imgctl/clock.h"
#include "imgctl/mem.h"
#include "imgctl/upload.h"

#define ORPHAN_AGE ((int64_t)60 * 60 * 1000) /* ms; younger ones are left alone */

/* ---- Unfinished uploads ---- */

/* The journal is read whole before it is changed; what is open at once is few. */
struct open_transfers {
    struct transfer *items;
    size_t count, room;
};

static int take_transfer(void *cookie, const struct transfer *t)
{
    struct open_transfers *open = cookie;
    if (open->count == open->room) {
        open->room = open->room ? 2 * open->room : 16;
        open->items = mem_resize(open->items, open->room, sizeof *open->items);
    }
    open->items[open->count++] = (struct transfer){
        .id = t->id,
        .business_id = t->business_id,
        .store = mem_strdup(t->store),
        .sha256 = mem_strdup(t->sha256),
        .source = mem_strdup(t->source),
        .size = t->size,
        .error = mem_strdup(t->error),
    };
    return 0;
}

/* 1 settled, 0 its picture is not there, -1. */
static int settle(const struct verifier *v, const struct transfer *t, struct error *err)
{
    AUTO_PICTURE struct picture p = PICTURE_INIT;
    int found = catalog_find_content(v->catalog, t->business_id, t->store, t->sha256, &p,
                                     err);
    if (found > 0 && !v->dry_run && catalog_transfer_drop(v->catalog, t->id, err) < 0) {
        return -1;
    }
    return found;
}

static void verify_transfer(const struct verifier *v, const struct transfer *t)
{
    struct verify_finding f = {
        .status = VERIFY_UNFINISHED,
        .input = t->source ? t->source : t->sha256,
        .bytes = t->size,
    };
    struct error err = ERROR_INIT;
    int settled = v->repair ? settle(v, t, &err) : 0;
    if (settled < 0) {
        f.status = VERIFY_FAILED;
        f.error = err;
    } else if (settled == 0 || v->dry_run) {
        f.status = settled ? VERIFY_PLANNED : VERIFY_UNFINISHED;
        error_set(&f.error, ERROR_STORE, "on its way to %s, not finished%s%s", t->store,
                  t->error ? ": " : "", t->error ? t->error : "");
        error_hint(&f.error, upload_source_gone(v->catalog, t)
                                 ? "what it was to send is gone: imgctl upload"
                                   " --forget-failed"
                                 : "run the same upload or push again; nothing is stored"
                                   " twice");
    } else {
        f.status = VERIFY_REPAIRED;
    }
    v->found(v->cookie, &f);
}

int verify_transfers(const struct verifier *v, struct error *err)
{
    struct open_transfers open = { .count = 0 };
    int result = catalog_transfers(v->catalog, take_transfer, &open, err);
    for (size_t i = 0; i < open.count; i++) {
        if (result == 0) {
            verify_transfer(v, &open.items[i]);
        }
        transfer_release(&open.items[i]);
    }
    free(open.items);
    return result;
}

/* ---- Orphans ---- */

struct walk {
    const struct verifier *v;
    struct store *store;
};

/* The entry as a picture that no row has, to ask the catalog who stands on it. */
static struct picture picture_of(const struct walk *w, const struct store_entry *e)
{
    return (struct picture){
        .storage_provider = (char *)w->store->ops->name,
        .cloudinary_public_id = (char *)e->public_id,
        .sha256 = (char *)e->sha256,
    };
}

/* 1 nobody needs it, 0 somebody does, -1. */
static int is_orphan(const struct walk *w, const struct store_entry *e, struct error *err)
{
    struct picture p = picture_of(w, e);
    bool is_free;
    if (e->is_temporary || e->is_foreign) {
        return 1;
    }
    if (catalog_removal_bytes_free(w->v->catalog, &p, &is_free, err) < 0) {
        return -1;
    }
    /* What was pushed stays until its removal is asked for. */
    int known = !is_free;
    if (!known && e->sha256) {
        known = catalog_content_known(w->v->catalog, e->sha256, err);
    }
    return known < 0 ? -1 : !known;
}

struct discard {
    struct store *store;
    const char *name;
};

static int discard(void *cookie, struct error *err)
{
    const struct discard *d = cookie;
    return d->store->ops->discard(d->store, d->name, err) < 0 ? -1 : 0;
}

/* May repair take it away? */
static bool is_removable(const struct walk *w, const struct store_entry *e)
{
    return w->store->ops->discard && !e->is_foreign &&
           (e->is_temporary || clock_now() - e->modified > ORPHAN_AGE);
}

/* 1 done, 0 it is needed by now, -1. */
static int repair(const struct walk *w, const struct store_entry *e, struct error *err)
{
    struct discard d = { w->store, e->name };
    struct picture p = picture_of(w, e);
    if (w->v->dry_run) {
        return 1;
    }
    if (e->is_temporary) {
        return discard(&d, err) < 0 ? -1 : 1;
    }
    return catalog_if_unused(w->v->catalog, &p, discard, &d, err);
}

static void describe(const struct walk *w, const struct store_entry *e, struct error *ret)
{
    const char *hint = "imgctl verify --repair removes it";
    if (e->is_foreign) {
        hint = "imgctl has not made it: look at it, and move it away";
    } else if (!w->store->ops->discard) {
        hint = "another catalog may know it; if none does, remove it in the console";
    } else if (!is_removable(w, e)) {
        hint = "it is younger than an hour: look again later";
    }
    error_set(ret, ERROR_STORE, "%s in the store %s, but no picture of the catalog",
              e->is_temporary ? "an unfinished file" : "a file", w->store->ops->name);
    error_hint(ret, "%s", hint);
}

static int look_at(void *cookie, const struct store_entry *e, struct error *err)
{
    const struct walk *w = cookie;
    struct verify_finding f = { .status = VERIFY_ORPHAN, .input = e->name,
                                .bytes = e->bytes };
    int orphan = is_orphan(w, e, &f.error), done = 0;
    if (orphan < 0 && f.error.kind == ERROR_CATALOG) {
        *err = f.error;
        return -1;
    }
    if (orphan == 0) {
        return 0;
    }
    if (orphan < 0) {
        f.status = VERIFY_FAILED;
        done = -1;
    } else if (w->v->repair && is_removable(w, e)) {
        done = repair(w, e, &f.error);
        if (done == 0) {
            return 0;
        }
        f.status = done < 0 ? VERIFY_FAILED : w->v->dry_run ? VERIFY_PLANNED
                                                            : VERIFY_REPAIRED;
    }
    if (done == 0 || f.status == VERIFY_PLANNED) {
        describe(w, e, &f.error);
    }
    w->v->found(w->v->cookie, &f);
    return 0;
}

void verify_store(const struct verifier *v, const char *name)
{
    struct verify_finding f = { .status = VERIFY_FAILED, .input = name };
    struct walk w = { v, v->store(v->cookie, name, &f.error) };
    if (!w.store || w.store->ops->walk(w.store, look_at, &w, &f.error) < 0) {
        v->found(v->cookie, &f);
    }
}
