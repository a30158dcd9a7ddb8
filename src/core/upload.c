/* What an upload and the catalog say to each other. */
#include "imgctl/upload.h"

#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "imgctl/clock.h"
#include "imgctl/mem.h"
#include "slot.h"

static void fail(struct slot *s)
{
    s->result.failed = true;
    slot_over(s);
}

/* ---- Recognising ---- */

/* Has this dry run met the content before? */
static bool planned_before(struct batch *b, const char *sha256)
{
    char *key = mem_strdup(sha256);
    char **node = tsearch(key, &b->planned, (int (*)(const void *, const void *))strcmp);
    if (node && *node == key) {
        return false;
    }
    free(key);
    return node != NULL;
}

/* The picture as the catalog will have it, but for what the store says. */
static void describe(const struct slot *s, struct picture *p)
{
    const struct upload_options *o = &s->batch->options;
    const struct prepared *w = &s->prepared;
    p->business_id = o->business_id;
    p->original_filename = mem_strdup(w->source.name);
    p->filename_percent = w->source.name_percent;
    p->storage_provider = mem_strdup(s->batch->store->ops->name);
    p->file_size_bytes = w->bytes.size;
    p->mime_type = mem_strdup(image_mime(w->bytes.info.format));
    p->width = w->bytes.info.width;
    p->height = w->bytes.info.height;
    p->sha256 = mem_strdup(w->bytes.sha256);
    p->alt_text = mem_strdup(o->alt_text);
    if (o->origin) {
        p->ai_generated = true;
        p->ai_prompt = mem_strdup(o->origin->prompt);
        p->ai_model = mem_strdup(o->origin->model);
        p->derived_from = o->origin->derived_from;
    }
    for (size_t i = 0; o->tags && i < o->tags->len; i++) {
        strlist_add(&p->tags, o->tags->items[i]);
    }
}

/* Is the same content under way in another slot? */
static bool has_twin(const struct slot *s)
{
    const struct slot *other;
    BATCH_EACH(s->batch, other) {
        bool under_way = other->stage >= SLOT_ASKING && other->stage <= SLOT_SETTLED;
        if (under_way && other != s &&
            strcmp(other->prepared.bytes.sha256, s->prepared.bytes.sha256) == 0) {
            return true;
        }
    }
    return false;
}

static int find(struct slot *s)
{
    struct batch *b = s->batch;
    picture_release(&s->result.picture);
    return b->catalog ? catalog_find_content(b->catalog, b->options.business_id,
                                             b->store->ops->name, s->prepared.bytes.sha256,
                                             &s->result.picture, &s->result.error)
                      : 0;
}

/* Does known content want anything written? */
static bool is_news(const struct slot *s)
{
    const struct upload_options *o = &s->batch->options;
    struct file_key key;
    return s->result.picture.deleted_at || o->alt_text || (o->tags && o->tags->len > 0) ||
           o->origin || slot_file_key(s, &key);
}

static void over_or_verify(struct slot *s)
{
    bool verify = s->batch->how.remove_source && s->path && !s->batch->options.dry_run;
    if (verify) {
        slot_verify(s);
    } else {
        slot_over(s);
    }
}

static void plan_only(struct slot *s, bool known)
{
    bool again = planned_before(s->batch, s->prepared.bytes.sha256);
    s->result.status = again || known ? UPLOAD_DUPLICATE : UPLOAD_PLANNED;
    if (!known) {
        describe(s, &s->result.picture);
    }
    slot_over(s);
}

/* What is known may break a limit that was not there when it came. */
static bool breaks_limit(const struct slot *s)
{
    const struct picture *p = &s->result.picture;
    int64_t limit = s->batch->options.limits.pixels;
    return limit > 0 && p->width > 0 && p->height > limit / p->width;
}

void slot_recognise(struct slot *s)
{
    const struct upload_options *o = &s->batch->options;
    if (!s->is_sound) {
        fail(s);
        return;
    }
    int known = find(s);
    if (known < 0) {
        batch_stop(s->batch);
        fail(s);
    } else if (s->is_cached && (!known || breaks_limit(s))) {
        picture_release(&s->result.picture);
        slot_read(s);
    } else if (known && o->force && o->dry_run) {
        s->result.status = UPLOAD_PLANNED;
        slot_over(s);
    } else if (o->dry_run) {
        plan_only(s, known);
    } else if (known && !o->force && !is_news(s)) {
        s->result.status = UPLOAD_DUPLICATE;
        over_or_verify(s);
    } else if (has_twin(s)) {
        s->stage = SLOT_WAITING;
    } else {
        slot_want_catalog(s, SLOT_ASKING);
    }
}

/* ---- In a group: what is known ---- */

/* Its digest holds for the file as it is, whatever becomes of the picture. */
static void remember(struct slot *s)
{
    struct error ignored = ERROR_INIT; /* it is read again next time */
    struct file_key key;
    if (slot_file_key(s, &key)) {
        catalog_file_remember(s->batch->catalog, &key, s->prepared.bytes.sha256,
                              s->prepared.checked_at, &ignored);
    }
}

/* Who waits for the picture's row has it in the same transaction. */
static int tell_origin(const struct slot *s, struct error *err)
{
    const struct upload_origin *origin = s->batch->options.origin;
    return origin ? origin->recorded(origin->cookie, &s->result.picture, err) : 0;
}

/* Known content: give it what is new about it, bring it back if it is deleted. */
static int bring_back(struct slot *s)
{
    const struct upload_options *o = &s->batch->options;
    struct catalog *c = s->batch->catalog;
    struct picture *p = &s->result.picture;
    struct error *err = &s->result.error;
    s->result.status = UPLOAD_DUPLICATE;
    if (p->deleted_at) {
        if (catalog_restore(c, p->id, err) < 0) {
            return -1;
        }
        s->result.status = UPLOAD_RESTORED;
    }
    int changed = catalog_picture_annotate(c, p->id, o->tags, o->alt_text, err);
    if (changed < 0) {
        return -1;
    }
    if (changed == 0 && s->result.status == UPLOAD_DUPLICATE) {
        return 0;
    }
    int64_t id = p->id;
    picture_release(p);
    return catalog_picture(c, id, p, err) < 0 ? -1 : 0;
}

/* ---- In a group: what is to be sent ---- */

static void make_item(struct slot *s)
{
    const struct upload_options *o = &s->batch->options;
    s->item = (struct store_item){
        .fd = s->prepared.bytes.fd,
        .size = s->prepared.bytes.size,
        .sha256 = s->prepared.bytes.sha256,
        .format = s->prepared.bytes.info.format,
        .filename = s->prepared.source.name,
        .business_id = o->business_id,
        .public_id = s->is_known ? s->result.picture.cloudinary_public_id : o->public_id,
        .alt_text = o->alt_text,
        .tags = o->tags,
        .overwrite = o->force,
    };
}

static const char *source_name(const struct slot *s)
{
    const struct upload_origin *origin = s->batch->options.origin;
    return origin ? origin->source : s->path ? s->path : s->result.input;
}

static int begin_transfer(struct slot *s)
{
    struct store *store = s->batch->store;
    struct error *err = &s->result.error;
    make_item(s);
    s->transfer = (struct transfer){
        .business_id = s->batch->options.business_id,
        .store = mem_strdup(store->ops->name),
        .sha256 = mem_strdup(s->prepared.bytes.sha256),
        .public_id = store->ops->plan(store, &s->item, err),
        .source = mem_strdup(source_name(s)),
        .size = s->prepared.bytes.size,
        .started_at = clock_now(),
    };
    if (!s->transfer.public_id && err->kind != ERROR_NONE) {
        return -1;
    }
    if (catalog_transfer_begin(s->batch->catalog, &s->transfer, err) < 0) {
        return -1;
    }
    if (!s->item.public_id) {
        s->item.public_id = s->transfer.public_id; /* an earlier attempt may have used it */
    }
    return 0;
}

/* Another process may have been here since it was recognised: look again. */
static void ask(struct slot *s)
{
    int known = find(s);
    int result = known;
    s->is_known = known > 0;
    if (known > 0 && !s->batch->options.force) {
        remember(s);
        result = bring_back(s) < 0 ? -1 : tell_origin(s, &s->result.error);
        s->stage = SLOT_SETTLED;
    } else if (known == 0 && s->is_cached) {
        s->stage = SLOT_PREPARED; /* it is gone: to be read and sent after all */
    } else if (known >= 0) {
        if (!known) {
            describe(s, &s->result.picture);
        }
        result = begin_transfer(s);
        s->stage = result < 0 ? SLOT_SETTLED : SLOT_BEGUN;
    }
    if (result < 0) {
        s->result.failed = true;
        s->stage = SLOT_SETTLED;
    }
}

/* ---- In a group: what was sent ---- */

static void take_stored(struct picture *p, struct stored *stored)
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
            catalog_transfer_drop(c, s->transfer.id, &ignored);
        }
    } else if (code == error_exit_code(ERROR_REFUSED) ||
               code == error_exit_code(ERROR_RULE) || code == error_exit_code(ERROR_USAGE)) {
        catalog_transfer_drop(c, s->transfer.id, &ignored);
    } else {
        catalog_transfer_fail(c, s->transfer.id, s->result.error.message, &ignored);
    }
}

static void settle(struct slot *s)
{
    struct catalog *c = s->batch->catalog;
    struct picture *p = &s->result.picture;
    struct error *err = &s->result.error;
    s->stage = SLOT_SETTLED;
    if (!s->result.failed && source_unchanged(&s->prepared.source, err) < 0) {
        s->result.failed = true;
    }
    if (s->result.failed) {
        note_failure(s);
        return;
    }
    take_stored(p, &s->stored);
    int result = s->is_known ? catalog_picture_stored(c, p, s->transfer.id, err)
                             : catalog_picture_add(c, p, s->transfer.id, err);
    s->result.status = s->is_known || result == 1 ? UPLOAD_STORED : UPLOAD_DUPLICATE;
    if (result >= 0 && tell_origin(s, err) < 0) {
        result = -1;
    }
    s->result.failed = result < 0;
    if (result >= 0) {
        remember(s);
        s->batch->counts.bytes += p->file_size_bytes;
    }
}

/* ---- The group ---- */

/* What its service says of one input it would say of all. */
static bool is_common(const struct slot *s)
{
    enum error_kind kind = s->result.error.kind;
    return s->result.failed && s->transfer.id != 0 && !s->is_dropped &&
           (kind == ERROR_CREDENTIALS || kind == ERROR_RATE_LIMIT || kind == ERROR_CATALOG);
}

static void committed(struct slot *s)
{
    if (s->stage == SLOT_BEGUN) {
        s->stage = SLOT_QUEUED;
    } else if (s->stage == SLOT_SETTLED) {
        if (is_common(s)) {
            batch_stop(s->batch);
        }
        if (s->result.failed) {
            slot_over(s);
        } else {
            over_or_verify(s);
        }
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
        fail(s);
    }
}

static void write_slots(struct batch *b)
{
    struct slot *s;
    BATCH_EACH(b, s) {
        if (s->stage == SLOT_SENT) {
            settle(s);
        } else if (s->stage == SLOT_ASKING) {
            ask(s);
        }
    }
}

void batch_write_group(struct batch *b)
{
    struct error err = ERROR_INIT;
    struct slot *s;
    int64_t began = clock_steady();
    int result = catalog_group_begin(b->catalog, &err);
    if (result == 0) {
        write_slots(b);
        result = catalog_group_commit(b->catalog, &err);
    }
    b->pending = 0;
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
    /* Where commits take long, larger groups keep the time spent on them small. */
    b->patience = 4 * (clock_steady() - began);
    b->patience = b->patience < 5 ? 5 : b->patience > 500 ? 500 : b->patience;
}
