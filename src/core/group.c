/* One transaction for many slots: their intents, their rows, why they failed. */
#include <stdlib.h>
#include <string.h>

#include "imgctl/clock.h"
#include "imgctl/mem.h"
#include "slot.h"

void slot_fail(struct slot *s)
{
    s->result.failed = true;
    slot_over(s);
}

int slot_begin_transfer(struct slot *s, char *source)
{
    struct store *store = s->batch->store;
    struct error *err = &s->result.error;
    s->transfer = (struct transfer){
        .business_id = s->item.business_id,
        .store = mem_strdup(store->ops->name),
        .sha256 = mem_strdup(s->item.sha256),
        .public_id = store->ops->plan(store, &s->item, err),
        .source = source,
        .size = s->item.size,
        .started_at = clock_now(),
    };
    if (!s->transfer.public_id && err->kind != ERROR_NONE) {
        return -1;
    }
    if (catalog_transfer_begin(s->batch->catalog, &s->transfer, err) < 0) {
        return -1;
    }
    if (!s->item.public_id) {
        /* An earlier attempt may have used it. */
        s->item.public_id = s->transfer.public_id;
    }
    return 0;
}

/* ---- In a group: what was sent ---- */

void slot_take_stored(struct picture *p, struct stored *stored)
{
    free(p->storage_url);
    free(p->cloudinary_public_id);
    p->storage_url = stored->url;
    p->cloudinary_public_id = stored->public_id;
    stored->url = stored->public_id = NULL;
    stored_release(&p->remote);
    p->remote = *stored;
    *stored = (struct stored){ .url = NULL };
}

static int take_back(void *cookie, struct error *err)
{
    const struct slot *s = cookie;
    const struct picture *p = &s->result.picture;
    struct stored what = picture_stored(p);
    struct store *store = s->batch->store;
    return store->ops->remove(store, &what, p->sha256, err) < 0 ? -1 : 0;
}

/* While nobody can begin to upload the same. Its own row counts as everybody's. */
void slot_withdraw(struct slot *s)
{
    struct error ignored = ERROR_INIT; /* what became of it is told already */
    struct picture bytes = s->result.picture;
    bytes.id = 0;
    if (!bytes.remote.existing) {
        catalog_if_unused(s->batch->catalog, &bytes, take_back, s, &ignored);
    }
}

/*
 * Write down why the attempt failed; the transfer stays open for the next. Where
 * the service said a permanent no, nothing is under way any more, and the next
 * attempt may choose another name.
 */
static void note_failure(struct slot *s)
{
    struct error ignored = ERROR_INIT; /* the first error is the one to tell */
    struct catalog *c = s->batch->catalog;
    int code = error_exit_code(s->result.error.kind);
    if (s->is_dropped) {
        if (s->transfer.attempts <= 1) {
            catalog_transfer_end(c, &s->transfer, &ignored);
        }
    } else if (code == error_exit_code(ERROR_REFUSED) ||
               code == error_exit_code(ERROR_RULE) ||
               code == error_exit_code(ERROR_USAGE)) {
        catalog_transfer_end(c, &s->transfer, &ignored);
    } else {
        catalog_transfer_fail(c, s->transfer.id, s->result.error.message, &ignored);
    }
}

static void settle(struct slot *s)
{
    s->stage = SLOT_SETTLED;
    if (!s->result.failed &&
        source_unchanged(&s->prepared.source, &s->result.error) < 0) {
        s->result.failed = true;
    }
    if (s->result.failed) {
        note_failure(s);
    } else {
        s->result.failed = s->batch->work->settle(s) < 0;
    }
}

/* ---- The group ---- */

/* What its service says of one input it would say of all. */
static bool is_common(const struct slot *s)
{
    enum error_kind kind = s->result.error.kind;
    return s->result.failed && s->transfer.id != 0 && !s->is_dropped &&
           (kind == ERROR_CREDENTIALS || kind == ERROR_RATE_LIMIT ||
            kind == ERROR_CATALOG);
}

static void committed(struct slot *s)
{
    if (s->stage == SLOT_BEGUN) {
        s->stage = SLOT_QUEUED;
    } else if (s->stage == SLOT_SETTLED) {
        if (is_common(s)) {
            batch_stop(s->batch);
        }
        s->batch->work->finish(s);
    }
}

/* None of the group is in the catalog; what was sent is still in its journal. */
static void lost(struct slot *s, const struct error *why)
{
    bool in_group = s->stage == SLOT_BEGUN || s->stage == SLOT_SETTLED ||
                    s->stage == SLOT_ASKING || s->stage == SLOT_SENT;
    if (in_group) {
        if (!s->result.failed) {
            s->result.error = *why;
        }
        slot_fail(s);
    }
}

/* How far it has come; without that it is sent from the start again. */
static void note_news(struct slot *s)
{
    struct error ignored = ERROR_INIT;
    s->has_news = false;
    catalog_transfer_note(s->batch->catalog, s->transfer.id, s->transfer.resume,
                          &ignored);
}

/* Rows get their ids in input order where that costs nothing: a local store is quick,
 * so what arrived waits for those before it. Over a network nobody waits. */
static void write_slots(struct batch *b)
{
    struct slot *s;
    bool orderly = !b->store->ops->start, behind = false;
    BATCH_EACH(b, s) {
        behind = behind || s->stage == SLOT_QUEUED || s->stage == SLOT_SENDING;
        if (s->has_news) {
            note_news(s);
        }
        if (s->stage == SLOT_SENT && !(orderly && behind)) {
            settle(s);
        } else if (s->stage == SLOT_ASKING) {
            s->batch->work->ask(s);
        }
    }
}

/* Confirming may let others arrive, so it begins anew after each. */
static struct slot *next_to_confirm(struct batch *b)
{
    struct slot *s;
    BATCH_EACH(b, s) {
        if (s->stage == SLOT_SENT && !s->result.failed && !s->is_confirmed) {
            return s;
        }
    }
    return NULL;
}

static void confirm_all(struct batch *b)
{
    struct slot *s;
    while (b->work->confirm && (s = next_to_confirm(b)) != NULL) {
        s->is_confirmed = true;
        b->work->confirm(s);
    }
}

/* Those that had to wait want the catalog still. */
static void count_pending(struct batch *b)
{
    const struct slot *s;
    b->pending = 0;
    b->pending_since = clock_steady();
    BATCH_EACH(b, s) {
        b->pending += s->stage == SLOT_SENT || s->stage == SLOT_ASKING;
    }
}

void batch_write_group(struct batch *b)
{
    struct error err = ERROR_INIT;
    struct slot *s;
    confirm_all(b);
    int64_t began = clock_steady();
    int result = catalog_group_begin(b->catalog, &err);
    if (result == 0) {
        write_slots(b);
        result = catalog_group_commit(b->catalog, &err);
    }
    if (result < 0) {
        batch_stop(b);
    }
    BATCH_EACH(b, s) {
        if (result < 0) {
            lost(s, &err);
        } else {
            committed(s);
        }
    }
    count_pending(b);
    /* Where commits take long, larger groups keep the time spent on them small. */
    b->patience = 4 * (clock_steady() - began);
    b->patience = b->patience < 5 ? 5 : b->patience > 500 ? 500 : b->patience;
}
