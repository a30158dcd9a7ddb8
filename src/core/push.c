#include "imgctl/push.h"

#include <stdlib.h>
#include <string.h>

#include "imgctl/mem.h"
#include "outgoing.h"

/* ---- Taking the bytes out of the first store ---- */

/* Where the picture was before it moved: enough to find and remove it there. */
struct former {
    const struct pusher *push;
    struct picture picture; /* for the catalog: which bytes stand behind it */
    struct stored what;
    bool was_there;
};

static int remove_former(void *cookie, struct error *err)
{
    struct former *f = cookie;
    struct store *from = f->push->from;
    int removed = from->ops->remove(from, &f->what, f->picture.sha256, err);
    f->was_there = removed > 0;
    return removed < 0 ? -1 : 0;
}

/* 1 removed, 0 still in use or gone already, -1. */
static int release_bytes(const struct pusher *push, int64_t id, const char *sha256,
                         const char *format, struct error *err)
{
    struct former f = {
        .push = push,
        .picture = {
            .id = id,
            .storage_provider = (char *)push->from->ops->name,
            .sha256 = (char *)sha256,
        },
        .what = { .format = (char *)format },
    };
    int done = catalog_if_unused(push->catalog, &f.picture, remove_former, &f, err);
    return done < 0 ? -1 : f.was_there;
}

/* ---- Sending ---- */

/* What the row will say, of what the store said. Takes STORED over. */
static void take_place(struct picture *p, const struct pusher *push,
                       const struct outgoing *o, struct stored *stored)
{
    free(p->storage_provider);
    free(p->storage_url);
    free(p->cloudinary_public_id);
    free(p->sha256);
    stored_release(&p->remote);
    p->storage_provider = mem_strdup(push->to->ops->name);
    p->storage_url = stored->url;
    p->cloudinary_public_id = stored->public_id;
    p->sha256 = mem_strdup(o->bytes.sha256);
    p->file_size_bytes = o->bytes.size;
    stored->url = stored->public_id = NULL;
    p->remote = *stored;
    *stored = (struct stored){ .url = NULL };
}

static int begin_transfer(const struct pusher *push, const struct picture *p,
                          const struct store_item *item, struct transfer *t,
                          struct error *err)
{
    t->business_id = p->business_id;
    t->store = mem_strdup(push->to->ops->name);
    t->sha256 = mem_strdup(item->sha256);
    t->source = mem_printf("picture %lld", (long long)p->id);
    t->size = item->size;
    t->public_id = push->to->ops->plan(push->to, item, err);
    if (!t->public_id && err->kind != ERROR_NONE) {
        return -1;
    }
    return catalog_transfer_begin(push->catalog, t, err);
}

/* The transfer stays open for the next run, unless the service said a permanent no. */
static void note_failure(const struct pusher *push, const struct transfer *t,
                         const struct error *why)
{
    struct error ignored = ERROR_INIT; /* the first error is the one to tell */
    if (why->kind == ERROR_REFUSED || why->kind == ERROR_USAGE ||
        error_exit_code(why->kind) == error_exit_code(ERROR_RULE)) {
        catalog_transfer_drop(push->catalog, t->id, &ignored);
    } else {
        catalog_transfer_fail(push->catalog, t->id, why->message, &ignored);
    }
}

/* The row went away while its bytes were sent: take back what only we have put. */
static void withdraw(const struct pusher *push, const struct picture *p,
                     const struct transfer *t)
{
    struct error ignored = ERROR_INIT; /* that the row is gone is the one to tell */
    struct stored what = picture_stored(p);
    bool is_free;
    if (catalog_transfer_drop(push->catalog, t->id, &ignored) == 0 && !what.existing &&
        catalog_removal_bytes_free(push->catalog, p, &is_free, &ignored) == 0 &&
        is_free) {
        push->to->ops->remove(push->to, &what, p->sha256, &ignored);
    }
}

static int put_and_confirm(const struct pusher *push, const struct store_item *item,
                           struct stored *stored, struct error *err)
{
    if (push->to->ops->put(push->to, item, stored, err) < 0) {
        return -1;
    }
    if (push->remove_source &&
        outgoing_confirm(push->to, stored, item->sha256, err) < 0) {
        return error_wrap(err, "the picture stays where it was: its copy in %s is bad",
                          push->to->ops->name);
    }
    return 0;
}

/* Journal, send, change the row. 1 moved, 0 *OTHER has the content, -1. */
static int send_bytes(const struct pusher *push, const struct outgoing *o,
                      struct picture *p, int64_t *other, struct error *err)
{
    struct store_item item = {
        .fd = o->bytes.fd,
        .size = o->bytes.size,
        .sha256 = o->bytes.sha256,
        .format = o->bytes.info.format,
        .filename = p->original_filename,
        .business_id = p->business_id,
        .alt_text = p->alt_text,
        .tags = &p->tags,
    };
    struct transfer t = { .id = 0 };
    struct stored stored = { .url = NULL };
    int result = begin_transfer(push, p, &item, &t, err);
    if (result == 0) {
        item.public_id = t.public_id; /* an earlier attempt may have used it */
        result = put_and_confirm(push, &item, &stored, err);
        if (result < 0) {
            note_failure(push, &t, err);
        }
    }
    if (result == 0) {
        take_place(p, push, o, &stored);
        result = catalog_picture_moved(push->catalog, p, t.id, other, err);
        if (result < 0 && err->kind == ERROR_NOT_FOUND) {
            withdraw(push, p, &t);
        }
    }
    stored_release(&stored);
    transfer_release(&t);
    return result;
}

/* ---- One picture ---- */

/* A picture that was moved before; its bytes may still be in the first store. */
static int settle_moved(const struct pusher *push, const struct picture *p,
                        enum push_status *status, struct error *err)
{
    struct store_fact fact = { .sha256 = p->sha256, .size = p->file_size_bytes };
    struct stored what = { .format = p->remote.format };
    fact.what = &what;
    *status = PUSH_SKIPPED;
    if (!push->remove_source || !p->sha256 || !p->remote.format || push->dry_run) {
        return 0;
    }
    if (push->from->ops->examine(push->from, &fact, 1, false, err) < 0) {
        return -1;
    }
    struct stored there = picture_stored(p);
    if (fact.state == STORE_LACKS) {
        return 0;
    }
    if (outgoing_confirm(push->to, &there, p->sha256, err) < 0) {
        return error_wrap(err, "its bytes in %s stay", push->from->ops->name);
    }
    int removed = release_bytes(push, p->id, p->sha256, p->remote.format, err);
    if (removed > 0) {
        *status = PUSH_REMOVED;
    }
    return removed < 0 ? -1 : 0;
}

/* 1 and *OTHER if a picture has the content in the second store. */
static int find_duplicate(const struct pusher *push, const struct picture *p,
                          const char *sha256, int64_t *other, struct error *err)
{
    AUTO_PICTURE struct picture there = PICTURE_INIT;
    int found = catalog_find_content(push->catalog, p->business_id, push->to->ops->name,
                                     sha256, &there, err);
    *other = there.id;
    return found;
}

/* P as the catalog has it now. */
static int reload(const struct pusher *push, struct picture *p, struct error *err)
{
    int64_t id = p->id;
    picture_release(p);
    return catalog_picture(push->catalog, id, p, err);
}

/* Has another process moved P since it was read? Then P is as it is now. */
static bool was_moved(const struct pusher *push, struct picture *p)
{
    struct error ignored = ERROR_INIT; /* there is one already */
    AUTO_PICTURE struct picture now = { .id = p->id };
    if (reload(push, &now, &ignored) <= 0 ||
        strcmp(now.storage_provider, push->to->ops->name) != 0) {
        return false;
    }
    struct picture before = *p;
    *p = now;
    now = before;
    return true;
}

/* Send what O has; then P is as the catalog has it. */
static int replace(const struct pusher *push, const struct outgoing *o, struct picture *p,
                   enum push_status *status, int64_t *other, struct error *err)
{
    AUTO_FREE char *sha256 = mem_strdup(p->sha256);
    AUTO_FREE char *format = mem_strdup(p->remote.format);
    int moved = send_bytes(push, o, p, other, err);
    if (moved < 0 || reload(push, p, err) < 0) {
        return -1;
    }
    *status = moved ? PUSH_DONE : PUSH_DUPLICATE;
    if (moved && push->remove_source &&
        release_bytes(push, p->id, sha256, format, err) < 0) {
        return error_wrap(err, "it was pushed, but its bytes in %s stay",
                          push->from->ops->name);
    }
    return 0;
}

static int move(const struct pusher *push, struct picture *p, enum push_status *status,
                int64_t *other, struct error *err)
{
    AUTO_OUTGOING struct outgoing o = OUTGOING_INIT;
    struct stored what = picture_stored(p);
    *status = PUSH_SKIPPED;
    if (outgoing_read(&o, push->from, &what, p->sha256, push->strip, err) < 0) {
        if (was_moved(push, p)) {
            error_clear(err);
            return 0;
        }
        return -1;
    }
    int found = find_duplicate(push, p, o.bytes.sha256, other, err);
    if (found < 0) {
        return -1;
    }
    if (*other == p->id) {
        was_moved(push, p);
        return 0;
    }
    if (found > 0 || push->dry_run) {
        *status = found ? PUSH_DUPLICATE : PUSH_PLANNED;
        return 0;
    }
    return replace(push, &o, p, status, other, err);
}

int push_picture(const struct pusher *push, struct picture *p, enum push_status *status,
                 int64_t *other, struct error *err)
{
    *other = 0;
    if (strcmp(p->storage_provider, push->to->ops->name) == 0) {
        return settle_moved(push, p, status, err);
    }
    if (p->deleted_at) {
        error_set(err, ERROR_NOT_FOUND, "the picture is deleted");
        return error_hint(err, "imgctl restore %lld", (long long)p->id);
    }
    if (strcmp(p->storage_provider, push->from->ops->name) != 0) {
        return error_set(err, ERROR_USAGE, "the picture is in the store %s, not in %s",
                         p->storage_provider, push->from->ops->name);
    }
    return move(push, p, status, other, err);
}
