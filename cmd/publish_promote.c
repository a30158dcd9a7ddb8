#include <inttypes.h>
#include <string.h>

#include "imgctl/batch.h"
#include "imgctl/mem.h"
#include "imgctl/push.h"
#include "publish_work.h"

/* Which picture has the content there now, or why it has not. */
struct promotion {
    int64_t id;
    struct error error;
};

static void promoted(void *cookie, const struct batch_result *result)
{
    struct promotion *p = cookie;
    if (result->failed) {
        p->error = result->error;
    } else {
        p->id = result->status == PUSH_DUPLICATE ? result->other : result->picture.id;
    }
}

static int push_one(struct publishing *w, struct store *from, struct store *to,
                    const struct picture *p, struct promotion *ret, struct error *err)
{
    AUTO_STRLIST struct strlist ids = STRLIST_INIT;
    const struct push_options push = { .strip = app_strip(w->app, true) };
    const struct batch_options how = { .jobs = 1 };
    struct batch_counts counts;
    strlist_take(&ids, mem_printf("%" PRId64, p->id));
    struct batch *b = push_new(&push, &how, w->app->catalog, from, to, &ids);
    int result = batch_run(b, promoted, NULL, ret, &counts, err);
    batch_free(b);
    if (result == 0 && ret->error.kind != ERROR_NONE) {
        *err = ret->error;
        return -1;
    }
    return result;
}

static int promote(struct publishing *w, struct picture *p, struct error *err)
{
    struct promotion done = { .id = p->id };
    struct store *from = open_stores_get(&w->stores, w->app, p->storage_provider, err);
    struct store *to = from ? publishing_store(w, err) : NULL;
    if (!to) {
        return error_wrap(err, "picture %" PRId64 " is only here, and Instagram fetches "
                               "pictures from the network", p->id);
    }
    output_note("picture %" PRId64 " is only here: it goes to %s first", p->id,
                to->ops->name);
    if (push_one(w, from, to, p, &done, err) < 0) {
        return error_wrap(err, "picture %" PRId64, p->id);
    }
    picture_release(p);
    return catalog_picture(w->app->catalog, done.id, p, err) < 0 ? -1 : 0;
}

int publishing_promote(struct publishing *w, struct error *err)
{
    for (int i = 0; i < w->count; i++) {
        if (strcmp(w->pictures[i].storage_provider, "cloudinary") != 0 &&
            promote(w, &w->pictures[i], err) < 0) {
            return -1;
        }
    }
    return 0;
}
