#include "imgctl/publish.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "imgctl/clock.h"
#include "imgctl/digest.h"
#include "imgctl/lock.h"
#include "imgctl/mem.h"

#define LOCK_WAIT 600000    /* ms: as long as another post may take */
#define OLD_MARGIN 1800000  /* ms before the service forgets a container */
#define PUBLISH_TRIES 2     /* of one container in one run */

int publish_lock(const struct config *config, const char *user_id, struct error *err)
{
    AUTO_FREE char *name = mem_printf("publish-%s", user_id);
    return lock_take(config, name, LOCK_WAIT, err);
}

int publish_link(struct store *store, const struct picture *picture, struct buf *out,
                 struct error *err)
{
    struct stored what = picture->remote;
    what.url = picture->storage_url;
    what.public_id = picture->cloudinary_public_id;
    struct link_options options = { .kind = LINK_OPTIMISED, .format = "jpg" };
    return store->ops->link(store, &what, &options, out, err);
}

/* ---- The draft ---- */

struct draft {
    struct post_draft post;
    char *links[POST_PICTURES];
};

static void draft_release(struct draft *d)
{
    for (int i = 0; i < POST_PICTURES; i++) {
        free(d->links[i]);
    }
}

static int link_picture(const struct publication *run, int64_t id, char **ret,
                        struct error *err)
{
    AUTO_PICTURE struct picture picture = PICTURE_INIT;
    AUTO_BUF struct buf link = BUF_INIT;
    int found = catalog_picture(run->catalog, id, &picture, err);
    if (found == 0) {
        return error_set(err, ERROR_NOT_FOUND, "the picture %" PRId64 " is gone", id);
    }
    if (found < 0) {
        return -1;
    }
    if (strcmp(picture.storage_provider, run->store->ops->name) != 0) {
        error_set(err, ERROR_USAGE, "the picture %" PRId64 " is in the store \"%s\", where"
                  " no service can fetch it", id, picture.storage_provider);
        return error_hint(err, "imgctl push %" PRId64, id);
    }
    if (publish_link(run->store, &picture, &link, err) < 0) {
        return -1;
    }
    *ret = buf_detach(&link);
    return 0;
}

static int make_draft(const struct publication *run, const struct post *p,
                      struct draft *ret, struct error *err)
{
    ret->post = (struct post_draft){
        .kind = p->kind, .caption = p->caption, .ai_label = p->ai_label, .count = p->count,
    };
    for (int i = 0; i < p->count; i++) {
        if (link_picture(run, p->pictures[i].image_id, &ret->links[i], err) < 0) {
            return -1;
        }
        ret->post.pictures[i].url = ret->links[i];
        ret->post.pictures[i].alt = p->pictures[i].alt;
    }
    return 0;
}

/* ---- Steps ---- */

static void tell(const struct publication *run, const char *what)
{
    if (run->tell) {
        run->tell(run->cookie, what);
    }
}

static int reach(const struct publication *run, struct post *p, enum post_state state,
                 struct error *err)
{
    p->state = state;
    return catalog_post_write(run->catalog, p, err);
}

/* It ends here, with the error that ERR has. */
static int give_up(const struct publication *run, struct post *p, enum post_state state,
                   struct error *err)
{
    struct error failure = *err;
    free(p->error);
    p->error = mem_strdup(err->message);
    if (reach(run, p, state, err) < 0) {
        return -1;
    }
    *err = failure;
    return -1;
}

/* Would the same fail again? */
static bool is_final(const struct error *err)
{
    return err->kind == ERROR_RULE || err->kind == ERROR_REFUSED ||
           err->kind == ERROR_USAGE || err->kind == ERROR_NOT_FOUND;
}

static void forget_containers(struct post *p)
{
    for (int i = 0; i < p->count; i++) {
        free(p->pictures[i].container);
        p->pictures[i].container = NULL;
    }
    free(p->container);
    p->container = NULL;
    p->contained_at = 0;
}

static int check_quota(const struct publication *run, struct error *err)
{
    struct publisher_quota quota;
    if (run->publisher->ops->quota(run->publisher, &quota, err) < 0) {
        return error_wrap(err, "asking how many posts are left");
    }
    if (quota.used < quota.total) {
        return 0;
    }
    error_set(err, ERROR_LIMIT, "%" PRId64 " of the %" PRId64 " posts that the service"
              " takes within %" PRId64 " hours are used up", quota.used, quota.total,
              quota.seconds / 3600);
    return error_hint(err, "run this again later");
}

/* A container for the picture at INDEX, written down before the next is asked for. */
static int contain(const struct publication *run, struct post *p,
                   const struct post_draft *draft, int index, struct error *err)
{
    if (p->pictures[index].container) {
        return 0;
    }
    int64_t began = clock_now();
    if (run->publisher->ops->contain(run->publisher, draft, index,
                                     &p->pictures[index].container, err) < 0) {
        return error_wrap(err, "picture %" PRId64, p->pictures[index].image_id);
    }
    if (p->contained_at == 0) {
        p->contained_at = began;
    }
    return reach(run, p, POST_CLAIMED, err);
}

static int wait_ready(const struct publication *run, const char *container,
                      enum container_state *ret, struct error *err);

static int lost_child(struct post *p, int index, enum container_state state,
                      struct error *err)
{
    forget_containers(p);
    if (state != CONTAINER_FAILED) {
        error_set(err, ERROR_UNAVAILABLE, "the service lost it");
        err->retryable = true;
    }
    return error_wrap(err, "picture %" PRId64, p->pictures[index].image_id);
}

/* The children of a carousel have to be ready before it is put together. */
static int assemble(const struct publication *run, struct post *p,
                    const struct post_draft *draft, struct error *err)
{
    char *children[POST_PICTURES];
    for (int i = 0; i < p->count; i++) {
        enum container_state state;
        children[i] = p->pictures[i].container;
        if (wait_ready(run, children[i], &state, err) < 0) {
            return -1;
        }
        if (state != CONTAINER_READY) {
            return lost_child(p, i, state, err);
        }
    }
    return run->publisher->ops->assemble(run->publisher, draft, children, &p->container,
                                         err);
}

/* From claimed to contained. */
static int prepare(const struct publication *run, struct post *p, struct error *err)
{
    struct draft draft = { .links = { NULL } };
    int result = make_draft(run, p, &draft, err);
    if (result == 0) {
        result = check_quota(run, err);
    }
    tell(run, "handing over the pictures");
    for (int i = 0; result == 0 && i < p->count; i++) {
        result = contain(run, p, &draft.post, i, err);
    }
    if (result == 0 && p->kind == POST_CAROUSEL) {
        result = assemble(run, p, &draft.post, err);
    } else if (result == 0) {
        p->container = mem_strdup(p->pictures[0].container);
    }
    draft_release(&draft);
    return result == 0 ? reach(run, p, POST_CONTAINED, err) : -1;
}

/* Ask until the container is not busy any more, or the time is over (-1). Of one that
 * failed ERR has the reason. */
static int wait_ready(const struct publication *run, const char *container,
                      enum container_state *ret, struct error *err)
{
    const struct publisher_pace *pace = &run->publisher->pace;
    int64_t until = clock_steady() + pace->deadline_ms, wait = pace->first_ms;
    for (;;) {
        if (run->publisher->ops->state(run->publisher, container, ret, err) < 0) {
            return -1;
        }
        if (*ret != CONTAINER_BUSY) {
            return 0;
        }
        if (clock_steady() + wait > until) {
            error_set(err, ERROR_UNAVAILABLE, "the service was not done with the picture"
                      " after %" PRId64 " s", pace->deadline_ms / 1000);
            err->retryable = true;
            return error_hint(err, "imgctl publish --resume goes on with it");
        }
        tell(run, "waiting until the service has the pictures ready");
        clock_pause(wait);
        wait = wait * 3 / 2 < pace->most_ms ? wait * 3 / 2 : pace->most_ms;
    }
}

static int published(const struct publication *run, struct post *p, struct error *err)
{
    struct error ignored = ERROR_INIT;
    p->published_at = clock_now();
    free(p->error);
    p->error = NULL;
    if (reach(run, p, POST_PUBLISHED, err) < 0) {
        return -1;
    }
    /* The post is out: that its address cannot be read changes nothing. */
    if (p->post_id && run->publisher->ops->permalink(run->publisher, p->post_id,
                                                     &p->permalink, &ignored) == 0) {
        return reach(run, p, POST_PUBLISHED, err);
    }
    return 0;
}

/* The state that P's container is in after `publishing` was written. */
static int unsettled(const struct publication *run, struct post *p, struct error *err)
{
    error_wrap(err, "the post may be out or not");
    err->kind = ERROR_UNKNOWN;
    err->retryable = false;
    error_hint(err, "imgctl publish --resume asks again; or look at the account, then:"
               " imgctl publish --settle %" PRId64 " --as published (or failed)", p->id);
    return give_up(run, p, POST_UNKNOWN, err);
}

/* Publish the container that is ready. 0, or -1; *ret_doubt: ask what became of it. */
static int try_publishing(const struct publication *run, struct post *p, bool *ret_doubt,
                          struct error *err)
{
    *ret_doubt = false;
    tell(run, "publishing");
    if (reach(run, p, POST_PUBLISHING, err) < 0) {
        return -1;
    }
    if (run->publisher->ops->publish(run->publisher, p->container, &p->post_id, err) == 0) {
        return published(run, p, err);
    }
    if (err->kind == ERROR_UNKNOWN) {
        *ret_doubt = true;
        return -1;
    }
    /* Certainly not out: the container is as good as before. */
    return give_up(run, p, POST_CONTAINED, err);
}

enum next { NEXT_DONE, NEXT_FAILED, NEXT_ANEW };

/*
 * P has a container. DOUBT: a request to publish it may have left. A container that is
 * gone is replaced; one that was published is the end.
 */
static enum next finish(const struct publication *run, struct post *p, bool doubt,
                        struct error *err)
{
    for (int tries = 0;; tries++) {
        enum container_state state;
        error_clear(err);
        if (wait_ready(run, p->container, &state, err) < 0) {
            if (doubt) {
                unsettled(run, p, err);
            }
            return NEXT_FAILED;
        }
        if (state == CONTAINER_FAILED) { /* so it was not published */
            forget_containers(p);
            give_up(run, p, is_final(err) ? POST_FAILED : POST_CLAIMED, err);
            return NEXT_FAILED;
        }
        if (state == CONTAINER_PUBLISHED) {
            return published(run, p, err) < 0 ? NEXT_FAILED : NEXT_DONE;
        }
        if (state == CONTAINER_GONE && doubt) { /* it may have gone with its post */
            error_set(err, ERROR_UNKNOWN, "the service does not know the container any"
                      " more");
            unsettled(run, p, err);
            return NEXT_FAILED;
        }
        if (state == CONTAINER_EXPIRED || state == CONTAINER_GONE) {
            forget_containers(p);
            return reach(run, p, POST_CLAIMED, err) < 0 ? NEXT_FAILED : NEXT_ANEW;
        }
        if (tries == PUBLISH_TRIES) {
            error_set(err, ERROR_UNKNOWN, "no answer to %d requests", tries);
            unsettled(run, p, err);
            return NEXT_FAILED;
        }
        if (try_publishing(run, p, &doubt, err) == 0) {
            return NEXT_DONE;
        }
        if (!doubt) {
            return NEXT_FAILED;
        }
        clock_pause(run->publisher->pace.first_ms);
    }
}

static bool is_old(const struct publication *run, const struct post *p)
{
    return p->contained_at > 0 &&
           clock_now() - p->contained_at > run->publisher->container_ms - OLD_MARGIN;
}

int publish_post(const struct publication *run, struct post *p, struct error *err)
{
    bool doubt = p->state == POST_PUBLISHING || p->state == POST_UNKNOWN;
    if (p->state == POST_PUBLISHED) {
        return 0;
    }
    if (!doubt && is_old(run, p)) {
        forget_containers(p);
        p->state = POST_CLAIMED;
    }
    for (int rounds = 0; rounds < 2; rounds++) {
        if (!p->container && prepare(run, p, err) < 0) {
            return is_final(err) ? give_up(run, p, POST_FAILED, err) : -1;
        }
        enum next next = finish(run, p, doubt, err);
        if (next != NEXT_ANEW) {
            return next == NEXT_DONE ? 0 : -1;
        }
        doubt = false;
    }
    error_set(err, ERROR_UNAVAILABLE, "the service does not keep what it was given");
    err->retryable = true;
    return -1;
}

int publish_fingerprint(struct post *p, const char *const *sha256, struct error *err)
{
    AUTO_BUF struct buf text = BUF_INIT;
    buf_addf(&text, "%s\n%s\n", p->user_id, post_kind_name(p->kind));
    for (int i = 0; i < p->count; i++) {
        buf_addf(&text, "%s\n", sha256[i]);
    }
    buf_addstr(&text, p->caption ? p->caption : "");
    p->fingerprint = mem_alloc(DIGEST_HEX_SIZE);
    return digest_hex(DIGEST_SHA256, text.data, text.len, p->fingerprint, err);
}
