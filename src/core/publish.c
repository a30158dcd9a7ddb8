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
    int fd = lock_take(config, name, LOCK_WAIT, err);
    if (fd < 0 && err->kind == ERROR_UNAVAILABLE) {
        error_set(err, ERROR_UNAVAILABLE, "another imgctl has been posting to the user %s"
                  " for %d minutes", user_id, LOCK_WAIT / 60000);
        err->retryable = true;
        return error_hint(err, "run this again later");
    }
    return fd;
}

/* The link that the service fetches a picture by. */
static int put_link(struct store *store, const struct picture *picture, struct buf *out,
                    struct error *err)
{
    struct stored what = picture_stored(picture);
    return store->ops->link(store, &what, &link_for_posting, out, err);
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

/* A picture that was deleted since is not to be posted any more. */
static int find_picture(const struct publication *run, int64_t id, struct picture *ret,
                        struct error *err)
{
    int found = catalog_picture(run->catalog, id, ret, err);
    if (found == 0) {
        return error_set(err, ERROR_NOT_FOUND, "the picture %" PRId64 " is gone", id);
    }
    if (found > 0 && ret->deleted_at) {
        error_set(err, ERROR_NOT_FOUND, "the picture %" PRId64 " is deleted", id);
        return error_hint(err, "imgctl restore %" PRId64, id);
    }
    return found < 0 ? -1 : 0;
}

static int check_pictures(const struct publication *run, const struct post *p,
                          struct error *err)
{
    int result = 0;
    for (int i = 0; result == 0 && i < p->count; i++) {
        AUTO_PICTURE struct picture picture = PICTURE_INIT;
        result = find_picture(run, p->pictures[i].image_id, &picture, err);
    }
    return result;
}

static int link_picture(const struct publication *run, int64_t id, char **ret,
                        struct error *err)
{
    AUTO_PICTURE struct picture picture = PICTURE_INIT;
    AUTO_BUF struct buf link = BUF_INIT;
    if (find_picture(run, id, &picture, err) < 0) {
        return -1;
    }
    if (strcmp(picture.storage_provider, run->store->ops->name) != 0) {
        error_set(err, ERROR_USAGE, "the picture %" PRId64 " is in the store \"%s\","
                  " where no service can fetch it", id, picture.storage_provider);
        return error_hint(err, "imgctl push %" PRId64, id);
    }
    if (put_link(run->store, &picture, &link, err) < 0) {
        return -1;
    }
    *ret = buf_detach(&link);
    return 0;
}

static int make_draft(const struct publication *run, const struct post *p,
                      struct draft *ret, struct error *err)
{
    ret->post = (struct post_draft){
        .kind = p->kind,
        .caption = p->caption,
        .ai_label = p->ai_label,
        .count = p->count,
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

/* It ends here, with the error that ERR has. That the outcome is unknown is more than
 * that the catalog cannot be written, which knows as much without. */
static int give_up(const struct publication *run, struct post *p, enum post_state state,
                   struct error *err)
{
    struct error failure = *err;
    free(p->error);
    p->error = mem_strdup(err->message);
    if (reach(run, p, state, err) == 0 || failure.kind == ERROR_UNKNOWN) {
        *err = failure;
    }
    return -1;
}

/* Would the same fail again? */
static bool is_final(const struct error *err)
{
    return err->kind == ERROR_RULE || err->kind == ERROR_REFUSED ||
           err->kind == ERROR_USAGE || err->kind == ERROR_NOT_FOUND;
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

enum next { NEXT_DONE, NEXT_FAILED, NEXT_ANEW };

/* All children are made again: those that were handed over first are the oldest. */
static enum next lost_child(const struct publication *run, struct post *p, int index,
                            enum container_state state, struct error *err)
{
    post_forget_containers(p);
    if (state == CONTAINER_FAILED) {
        error_wrap(err, "picture %" PRId64, p->pictures[index].image_id);
        return NEXT_FAILED;
    }
    return reach(run, p, POST_CLAIMED, err) < 0 ? NEXT_FAILED : NEXT_ANEW;
}

/* The children of a carousel have to be ready before it is put together. */
static enum next assemble(const struct publication *run, struct post *p,
                          const struct post_draft *draft, struct error *err)
{
    char *children[POST_PICTURES];
    for (int i = 0; i < p->count; i++) {
        enum container_state state;
        children[i] = p->pictures[i].container;
        if (wait_ready(run, children[i], &state, err) < 0) {
            return NEXT_FAILED;
        }
        if (state != CONTAINER_READY) {
            return lost_child(run, p, i, state, err);
        }
    }
    return run->publisher->ops->assemble(run->publisher, draft, children, &p->container,
                                         err) < 0 ? NEXT_FAILED : NEXT_DONE;
}

static enum next make_containers(const struct publication *run, struct post *p,
                                 const struct post_draft *draft, struct error *err)
{
    if (check_quota(run, err) < 0) {
        return NEXT_FAILED;
    }
    tell(run, "handing over the pictures");
    for (int i = 0; i < p->count; i++) {
        if (contain(run, p, draft, i, err) < 0) {
            return NEXT_FAILED;
        }
    }
    if (p->kind == POST_CAROUSEL) {
        return assemble(run, p, draft, err);
    }
    p->container = mem_strdup(p->pictures[0].container);
    return NEXT_DONE;
}

/* From claimed to contained. */
static enum next prepare(const struct publication *run, struct post *p, struct error *err)
{
    struct draft draft = { .links = { NULL } };
    enum next next = NEXT_FAILED;
    if (make_draft(run, p, &draft, err) == 0) {
        next = make_containers(run, p, &draft.post, err);
    }
    draft_release(&draft);
    if (next == NEXT_FAILED) {
        give_up(run, p, is_final(err) ? POST_FAILED : POST_CLAIMED, err);
    } else if (next == NEXT_DONE && reach(run, p, POST_CONTAINED, err) < 0) {
        next = NEXT_FAILED;
    }
    return next;
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
        return error_wrap(err, "the post is out, but that cannot be written down");
    }
    /* The post is out: that its address cannot be had or kept changes nothing. */
    if (p->post_id && run->publisher->ops->permalink(run->publisher, p->post_id,
                                                     &p->permalink, &ignored) == 0) {
        reach(run, p, POST_PUBLISHED, &ignored);
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

static enum next settled(const struct publication *run, struct post *p,
                         struct error *err)
{
    return published(run, p, err) < 0 ? NEXT_FAILED : NEXT_DONE;
}

/*
 * The container is in a state in which it cannot be published. A failure that is not
 * the picture's, or to know the container at all, is no proof that it never was: it was
 * ready when the request left.
 */
static enum next bad_container(const struct publication *run, struct post *p, bool doubt,
                               enum container_state state, struct error *err)
{
    if (doubt && state == CONTAINER_GONE) {
        error_set(err, ERROR_UNKNOWN, "the service does not know the container any more");
        unsettled(run, p, err);
        return NEXT_FAILED;
    }
    if (doubt && state == CONTAINER_FAILED && err->kind != ERROR_RULE) {
        unsettled(run, p, err);
        return NEXT_FAILED;
    }
    post_forget_containers(p);
    if (state == CONTAINER_FAILED) {
        give_up(run, p, is_final(err) ? POST_FAILED : POST_CLAIMED, err);
        return NEXT_FAILED;
    }
    return reach(run, p, POST_CLAIMED, err) < 0 ? NEXT_FAILED : NEXT_ANEW;
}

/* The container is in another STATE than the one to publish it in. */
static enum next not_ready(const struct publication *run, struct post *p, bool doubt,
                           enum container_state state, struct error *err)
{
    return state == CONTAINER_PUBLISHED ? settled(run, p, err)
                                        : bad_container(run, p, doubt, state, err);
}

/*
 * The request was refused, so it made no post. One before it, whose answer was lost
 * (DOUBT), may have: a used-up quota, or a container that is not there any more, can be
 * its doing.
 */
static enum next refused(const struct publication *run, struct post *p, bool doubt,
                         struct error *err)
{
    struct error refusal = *err;
    enum container_state state = CONTAINER_READY;
    error_clear(err);
    if (doubt && wait_ready(run, p->container, &state, err) < 0) {
        unsettled(run, p, err);
        return NEXT_FAILED;
    }
    if (state != CONTAINER_READY) {
        return not_ready(run, p, doubt, state, err);
    }
    *err = refusal;
    give_up(run, p, is_final(err) ? POST_FAILED : POST_CONTAINED, err);
    return NEXT_FAILED;
}

/* After the last request, whose error is in ERR, too: what became of it? */
static enum next last_look(const struct publication *run, struct post *p,
                           struct error *err)
{
    struct error said = *err;
    enum container_state state;
    if (wait_ready(run, p->container, &state, err) == 0) {
        if (state == CONTAINER_PUBLISHED) {
            return settled(run, p, err);
        }
        *err = said;
    }
    unsettled(run, p, err);
    return NEXT_FAILED;
}

/* P has a container. DOUBT: a request to publish it may have left. */
static enum next finish(const struct publication *run, struct post *p, bool doubt,
                        struct error *err)
{
    for (int tries = 0; tries < PUBLISH_TRIES; tries++) {
        enum container_state state;
        error_clear(err);
        if (wait_ready(run, p->container, &state, err) < 0) {
            if (doubt) {
                unsettled(run, p, err);
            }
            return NEXT_FAILED;
        }
        if (state != CONTAINER_READY) {
            return not_ready(run, p, doubt, state, err);
        }
        tell(run, "publishing");
        if (reach(run, p, POST_PUBLISHING, err) < 0) {
            return NEXT_FAILED;
        }
        if (run->publisher->ops->publish(run->publisher, p->container, &p->post_id,
                                         err) == 0) {
            return settled(run, p, err);
        }
        if (err->kind != ERROR_UNKNOWN) {
            return refused(run, p, doubt, err);
        }
        doubt = true;
        clock_pause(run->publisher->pace.first_ms);
    }
    return last_look(run, p, err);
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
    if (p->state == POST_FAILED) { /* by who had the lock before */
        return error_set(err, ERROR_FAILED, "the post %" PRId64 " has failed, or was"
                         " given up%s%s", p->id, p->error ? ": " : "",
                         p->error ? p->error : "");
    }
    if (doubt && !p->container) {
        error_set(err, ERROR_UNKNOWN, "its container is not recorded");
        return unsettled(run, p, err);
    }
    if (!doubt && check_pictures(run, p, err) < 0) {
        return is_final(err) ? give_up(run, p, POST_FAILED, err) : -1;
    }
    if (!doubt && is_old(run, p)) {
        post_forget_containers(p);
    }
    for (int rounds = 0; rounds < 2; rounds++) {
        enum next next = p->container ? NEXT_DONE : prepare(run, p, err);
        if (next == NEXT_DONE) {
            next = finish(run, p, doubt, err);
        }
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
