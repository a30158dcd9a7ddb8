/* What a push does with its slots. */
#include "imgctl/push.h"

#include <stdlib.h>
#include <string.h>

#include "imgctl/ids.h"
#include "imgctl/mem.h"
#include "outgoing.h"
#include "slot.h"

/* ---- Taking the bytes out of the first store ---- */

/* Where the picture was before it moved: enough to find and remove it there. */
struct former {
    struct store *from;
    struct stored what;
    const char *sha256;
    bool was_there;
};

static int remove_former(void *cookie, struct error *err)
{
    struct former *f = cookie;
    int removed = f->from->ops->remove(f->from, &f->what, f->sha256, err);
    f->was_there = removed > 0;
    return removed < 0 ? -1 : 0;
}

/* 1 removed, 0 still in use or gone already, -1. */
static int release_bytes(const struct batch *b, const struct picture *was,
                         struct error *err)
{
    struct former f = { .from = b->from, .what = { .format = was->remote.format },
                        .sha256 = was->sha256 };
    struct picture p = {
        .id = was->id,
        .storage_provider = (char *)b->from->ops->name,
        .sha256 = was->sha256,
    };
    int done = catalog_if_unused(b->catalog, &p, remove_former, &f, err);
    return done < 0 ? -1 : f.was_there;
}

/* ---- Opening, and reading in the pool ---- */

static bool is_in(const struct picture *p, const struct store *store)
{
    return strcmp(p->storage_provider, store->ops->name) == 0;
}

static int check(const struct batch *b, const struct picture *p, struct error *err)
{
    if (p->deleted_at) {
        error_set(err, ERROR_NOT_FOUND, "the picture is deleted");
        return error_hint(err, "imgctl restore %lld", (long long)p->id);
    }
    if (!is_in(p, b->from)) {
        return error_set(err, ERROR_USAGE, "the picture is in the store %s, not in %s",
                         p->storage_provider, b->from->ops->name);
    }
    return 0;
}

static void open_picture(struct slot *s, const char *input)
{
    struct batch *b = s->batch;
    struct picture *p = &s->result.picture;
    s->result = (struct batch_result){ .input = input, .status = PUSH_SKIPPED };
    s->stage = SLOT_PREPARED;
    if (ids_find(b->catalog, input, p, &s->result.error) < 0) {
        return;
    }
    if (!is_in(p, b->store) && check(b, p, &s->result.error) == 0) {
        slot_read(s);
    }
}

static int read_picture(struct slot *s, unsigned worker)
{
    const struct picture *p = &s->result.picture;
    struct stored what = picture_stored(p);
    struct outgoing o;
    (void)worker;
    int result = outgoing_read(&o, s->batch->from, &what, p->sha256, s->batch->push.strip,
                               &s->result.error);
    s->prepared.source.fd = o.stored_fd;
    s->prepared.source.is_scratch = true;
    s->prepared.stripped_fd = o.stripped_fd;
    s->prepared.bytes = o.bytes;
    return result;
}

/* ---- Recognising ---- */

/* P as the catalog has it now. 1, 0 it is gone, -1. */
static int reload(struct slot *s)
{
    struct picture *p = &s->result.picture;
    AUTO_PICTURE struct picture now = PICTURE_INIT;
    int found = catalog_picture(s->batch->catalog, p->id, &now, &s->result.error);
    if (found > 0) {
        struct picture before = *p;
        *p = now;
        now = before;
    }
    return found;
}

/* It is in the second store; its bytes may still be in the first, as they were there. */
static int settle_moved(struct slot *s)
{
    struct batch *b = s->batch;
    const struct picture *p = &s->result.picture;
    struct error *err = &s->result.error;
    struct stored what = { .format = p->remote.format };
    struct picture was = *p; /* only to look at */
    was.sha256 = p->pushed_from ? p->pushed_from : p->sha256;
    struct store_fact fact = { .what = &what, .sha256 = was.sha256,
                               .size = p->file_size_bytes };
    if (!b->how.remove_source || !p->sha256 || !p->remote.format || b->push.dry_run) {
        return 0;
    }
    if (b->from->ops->examine(b->from, &fact, 1, false, err) < 0) {
        return -1;
    }
    if (fact.state == STORE_LACKS) {
        return 0;
    }
    struct stored there = picture_stored(p);
    if (outgoing_confirm(b->store, &there, p->sha256, err) < 0) {
        return error_wrap(err, "its bytes in %s stay", b->from->ops->name);
    }
    int removed = release_bytes(b, &was, err);
    s->result.status = removed > 0 ? PUSH_REMOVED : PUSH_SKIPPED;
    return removed < 0 ? -1 : 0;
}

/* 1 and its id in the result if another picture has the content in the second store. */
static int find_duplicate(struct slot *s)
{
    AUTO_PICTURE struct picture there = PICTURE_INIT;
    int found = catalog_find_content(s->batch->catalog, s->result.picture.business_id,
                                     s->batch->store->ops->name, s->prepared.bytes.sha256,
                                     &there, &s->result.error);
    s->result.other = there.id;
    return found;
}

static void recognise_new(struct slot *s)
{
    int found = find_duplicate(s);
    if (found < 0) {
        batch_stop(s->batch);
        slot_fail(s);
    } else if (found > 0 || s->batch->push.dry_run) {
        s->result.status = found > 0 ? PUSH_DUPLICATE : PUSH_PLANNED;
        slot_over(s);
    } else if (slot_has_twin(s)) {
        s->stage = SLOT_WAITING;
    } else {
        slot_want_catalog(s, SLOT_ASKING);
    }
}

/* Somebody may have moved it since it was opened: then it could not be read any more,
 * or need not be. */
static void recognise(struct slot *s)
{
    const struct picture *p = &s->result.picture;
    struct error before = s->result.error;
    if (p->id && reload(s) > 0 && is_in(p, s->batch->store)) {
        error_clear(&s->result.error);
        if (settle_moved(s) < 0) {
            slot_fail(s);
        } else {
            slot_over(s);
        }
        return;
    }
    s->result.error = before;
    if (s->is_sound) {
        recognise_new(s);
    } else {
        slot_fail(s);
    }
}

/* ---- Sending ---- */

static void make_item(struct slot *s)
{
    const struct picture *p = &s->result.picture;
    s->item = (struct store_item){
        .fd = s->prepared.bytes.fd,
        .size = s->prepared.bytes.size,
        .sha256 = s->prepared.bytes.sha256,
        .format = s->prepared.bytes.info.format,
        .filename = p->original_filename,
        .business_id = p->business_id,
        .alt_text = p->alt_text,
        .tags = &p->tags,
    };
}

/* Is it still to be sent? 1, 0 its status tells why not, -1. */
static int is_wanted(struct slot *s)
{
    struct batch *b = s->batch;
    struct error *err = &s->result.error;
    int found = reload(s);
    if (found == 0) {
        error_set(err, ERROR_NOT_FOUND, "the picture was removed meanwhile");
    }
    if (found <= 0 || check(b, &s->result.picture, err) < 0) {
        return -1;
    }
    int other = find_duplicate(s);
    s->result.status = other > 0 ? PUSH_DUPLICATE : s->result.status;
    return other < 0 ? -1 : other == 0;
}

/* Another process may have been here since it was recognised: look again. */
static void ask(struct slot *s)
{
    const struct picture *p = &s->result.picture;
    int result = is_wanted(s);
    if (result < 0 && p->id && is_in(p, s->batch->store)) {
        error_clear(&s->result.error);
        s->stage = SLOT_PREPARED; /* it was moved: to be recognised as that */
        return;
    }
    s->stage = SLOT_SETTLED;
    if (result > 0) {
        make_item(s);
        result = slot_begin_transfer(s, mem_printf("picture %lld", (long long)p->id));
        s->stage = result < 0 ? SLOT_SETTLED : SLOT_BEGUN;
    }
    s->result.failed = result < 0;
}

static void confirm(struct slot *s)
{
    struct batch *b = s->batch;
    struct error *err = &s->result.error;
    if (b->how.remove_source &&
        outgoing_confirm(b->store, &s->stored, s->item.sha256, err) < 0) {
        error_wrap(err, "the picture stays where it was: its copy in %s is bad",
                   b->store->ops->name);
        s->result.failed = true;
    }
}

/* The row as it was, for the bytes it leaves behind. */
static void keep_former(struct slot *s)
{
    const struct picture *p = &s->result.picture;
    picture_release(&s->former);
    s->former.id = p->id;
    s->former.sha256 = mem_strdup(p->sha256);
    s->former.remote.format = mem_strdup(p->remote.format);
}

static int settle(struct slot *s)
{
    struct batch *b = s->batch;
    struct picture *p = &s->result.picture;
    struct error ignored = ERROR_INIT; /* that the row is gone is the one to tell */
    keep_former(s);
    slot_take_stored(p, &s->stored);
    free(p->storage_provider);
    free(p->sha256);
    p->storage_provider = mem_strdup(b->store->ops->name);
    p->sha256 = mem_strdup(s->prepared.bytes.sha256);
    p->file_size_bytes = s->prepared.bytes.size;
    int moved = catalog_picture_moved(b->catalog, p, s->transfer.id, &s->result.other,
                                      &s->result.error);
    if (moved < 0) {
        s->is_withdrawn =
            s->result.error.kind == ERROR_NOT_FOUND &&
            catalog_transfer_end(b->catalog, &s->transfer, &ignored) >= 0;
        return -1;
    }
    s->is_withdrawn = !moved; /* the picture that is there has its own bytes */
    s->result.status = moved ? PUSH_DONE
                       : s->result.other == p->id ? PUSH_SKIPPED : PUSH_DUPLICATE;
    slot_sent(s, moved ? s->item.size : 0);
    return 0;
}

static void finish(struct slot *s)
{
    struct batch *b = s->batch;
    struct error *err = &s->result.error;
    if (s->is_withdrawn) {
        slot_withdraw(s);
    }
    if (!s->result.failed && reload(s) < 0) {
        s->result.failed = true;
    }
    if (!s->result.failed && s->result.status == PUSH_DONE && b->how.remove_source &&
        release_bytes(b, &s->former, err) < 0) {
        error_wrap(err, "it was pushed, but its bytes in %s stay", b->from->ops->name);
        s->result.failed = true;
    }
    slot_over(s);
}

static const struct batch_work push_work = {
    .open = open_picture,
    .read = read_picture,
    .recognise = recognise,
    .ask = ask,
    .confirm = confirm,
    .settle = settle,
    .finish = finish,
};

struct batch *push_new(const struct push_options *push,
                       const struct batch_options *options, struct catalog *catalog,
                       struct store *from, struct store *to, const struct strlist *ids)
{
    struct batch *b = batch_new_for(&push_work, options, catalog, to, ids);
    b->push = *push;
    b->from = from;
    return b;
}
