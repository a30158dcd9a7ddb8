#include "publish_fix.h"

#include <inttypes.h>

#include "imgctl/repair.h"
#include "repairing.h"

/*
 * By a session of its own, into the store that the service fetches from: a repaired
 * picture is there to be posted, and the next run finds it there again.
 */
static int fix_one(const struct publish_check *c, const struct repair_options *options,
                   struct picture *p, bool *would_fix, struct error *err)
{
    struct catalog *catalog = c->app->catalog;
    struct store *from = open_stores_get(c->stores, c->app, p->storage_provider, err);
    struct store *to = NULL;
    int64_t before = p->id, id = 0;
    const char *store = options->dry_run ? p->storage_provider : "cloudinary";
    if (!from || app_store(c->app, store, &to, err) < 0) {
        return -1;
    }
    int result = repair_picture(options, p, catalog, from, to, &id, err);
    store_close(to);
    *would_fix = result == 0 && id == 0;
    if (result < 0 || id == 0 || id == before) {
        return result;
    }
    output_note("picture %" PRId64 " was repaired: %" PRId64 " is posted instead", before,
                id);
    picture_release(p);
    return catalog_picture(catalog, id, p, err) < 0 ? -1 : 0;
}

/* All others are brought to its ratio. */
static void follow_first(struct fix_options *fix, const struct picture *first)
{
    fix->first_width = (uint32_t)first->width;
    fix->first_height = (uint32_t)first->height;
}

int publish_fix_pictures(const struct publish_check *c, const struct publish_fix *how,
                         struct picture *pictures, int count, bool *would_fix,
                         struct error *err)
{
    struct repair_options options = {
        .conversion = { .fix = {
            .profile = c->profile,
            .strict = c->strict,
            .fit = (enum fix_fit)how->fit,
            .gravity = (enum fix_gravity)how->gravity,
        } },
        .dry_run = how->dry_run,
        .config = c->app->config,
        .trace_fd = c->app->trace_fd,
    };
    struct fix_options *fix = &options.conversion.fix;
    if (repairing_defaults(c->app, how->background, fix, err) < 0) {
        return -1;
    }
    for (int i = 0; i < count; i++) {
        int64_t id = pictures[i].id;
        if (fix_one(c, &options, &pictures[i], &would_fix[i], err) < 0) {
            return error_wrap(err, "picture %" PRId64, id);
        }
        if (i == 0 && c->carousel && !would_fix[0]) {
            follow_first(fix, &pictures[0]);
        }
        if (would_fix[i]) {
            output_note("picture %" PRId64 " would be repaired: imgctl fix -n says how",
                        id);
        }
    }
    return 0;
}
