/* What an upload and the catalog say to each other. */
#include "imgctl/upload.h"

#include <stdlib.h>
#include <string.h>

#include "imgctl/mem.h"
#include "slot.h"

/* ---- Recognising ---- */

static int64_t business_of(const struct slot *s)
{
    const struct upload_origin *origin = slot_origin(s);
    return origin && origin->business_id ? origin->business_id
                                         : s->batch->options.business_id;
}

static const char *alt_text_of(const struct slot *s)
{
    const struct upload_origin *origin = slot_origin(s);
    return origin && origin->alt_text ? origin->alt_text : s->batch->options.alt_text;
}

static void add_tags(struct picture *p, const struct strlist *tags)
{
    for (size_t i = 0; tags && i < tags->len; i++) {
        strlist_add(&p->tags, tags->items[i]);
    }
}

static void describe_origin(struct picture *p, const struct upload_origin *origin)
{
    p->ai_generated = origin->is_generated;
    p->ai_prompt = mem_strdup(origin->prompt);
    p->ai_model = mem_strdup(origin->model);
    p->derived_from = origin->derived_from;
    add_tags(p, origin->tags);
}

/* The picture as the catalog will have it, but for what the store says. */
static void describe(const struct slot *s, struct picture *p)
{
    const struct prepared *w = &s->prepared;
    p->business_id = business_of(s);
    p->original_filename = mem_strdup(w->source.name);
    p->filename_percent = w->source.name_percent;
    p->storage_provider = mem_strdup(s->batch->store->ops->name);
    p->file_size_bytes = w->bytes.size;
    p->mime_type = mem_strdup(image_mime(w->bytes.info.format));
    p->width = w->bytes.info.width;
    p->height = w->bytes.info.height;
    p->sha256 = mem_strdup(w->bytes.sha256);
    p->alt_text = mem_strdup(alt_text_of(s));
    add_tags(p, s->batch->options.tags);
    if (slot_origin(s)) {
        describe_origin(p, slot_origin(s));
    }
    strlist_sort(&p->tags);
    strlist_unique(&p->tags);
}

static int find(struct slot *s)
{
    struct batch *b = s->batch;
    picture_release(&s->result.picture);
    if (!b->catalog) {
        return 0;
    }
    return catalog_find_content(b->catalog, business_of(s), b->store->ops->name,
                                s->prepared.bytes.sha256, &s->result.picture,
                                &s->result.error);
}

/* Does known content want anything written? */
static bool is_news(const struct slot *s)
{
    const struct upload_options *o = &s->batch->options;
    struct file_key key;
    const struct upload_origin *origin = slot_origin(s);
    return s->result.picture.deleted_at || o->alt_text || (o->tags && o->tags->len > 0) ||
           (origin && origin->recorded) || slot_file_key(s, &key);
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
    bool again = batch_saw(s->batch, s->prepared.bytes.sha256);
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

/* Is there nothing to store, as the conversion was planned? */
static bool is_settled_by_plan(struct slot *s)
{
    const struct upload_conversion *c = s->batch->options.conversion;
    if (!c || s->is_cached) {
        return false;
    }
    if (c->skip_fine && !s->change->plan.is_needed) {
        s->result.status = UPLOAD_FINE;
        return true;
    }
    s->result.status = UPLOAD_PLANNED;
    return c->plan_only;
}

static void recognise(struct slot *s)
{
    const struct upload_options *o = &s->batch->options;
    if (!s->is_sound) {
        slot_fail(s);
        return;
    }
    if (is_settled_by_plan(s)) {
        slot_over(s);
        return;
    }
    int known = find(s);
    if (known < 0) {
        batch_stop(s->batch);
        slot_fail(s);
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
    } else if (slot_has_twin(s)) {
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
    if (slot_file_key(s, &key) &&
        catalog_file_remember(s->batch->catalog, &key, s->prepared.bytes.sha256,
                              s->prepared.checked_at, &ignored) > 0) {
        s->batch->has_new_files = true;
    }
}

/* Who waits for the picture's row has it in the same transaction. */
static int tell_origin(const struct slot *s, struct error *err)
{
    const struct upload_origin *origin = slot_origin(s);
    return origin && origin->recorded
               ? origin->recorded(origin->cookie, &s->result.picture, err)
               : 0;
}

/* The picture as its row is now. */
static int reload(struct slot *s)
{
    struct picture *p = &s->result.picture;
    int64_t id = p->id;
    picture_release(p);
    return catalog_picture(s->batch->catalog, id, p, &s->result.error) < 0 ? -1 : 0;
}

/* What was said on the way is said of a picture that has its row, too. 1, 0, -1. */
static int annotate(struct slot *s)
{
    const struct upload_options *o = &s->batch->options;
    return catalog_picture_annotate(s->batch->catalog, s->result.picture.id, o->tags,
                                    o->alt_text, &s->result.error);
}

/* Known content: give it what is new about it, bring it back if it is deleted. */
static int bring_back(struct slot *s)
{
    const struct picture *p = &s->result.picture;
    s->result.status = p->deleted_at ? UPLOAD_RESTORED : UPLOAD_DUPLICATE;
    if (p->deleted_at &&
        catalog_restore(s->batch->catalog, p->id, &s->result.error) < 0) {
        return -1;
    }
    int changed = annotate(s);
    if (changed < 0) {
        return -1;
    }
    return changed > 0 || s->result.status == UPLOAD_RESTORED ? reload(s) : 0;
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
        .business_id = business_of(s),
        .public_id = s->is_known ? s->result.picture.cloudinary_public_id : o->public_id,
        .alt_text = alt_text_of(s),
        .tags = s->is_known ? o->tags : &s->result.picture.tags,
        .overwrite = o->force,
    };
}

static const char *source_name(const struct slot *s)
{
    const struct upload_origin *origin = slot_origin(s);
    return origin ? origin->source : s->path ? s->path : s->result.input;
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
        make_item(s);
        result = slot_begin_transfer(s, mem_strdup(source_name(s)));
        s->stage = result < 0 ? SLOT_SETTLED : SLOT_BEGUN;
    }
    if (result < 0) {
        s->result.failed = true;
        s->stage = SLOT_SETTLED;
    }
}

/* ---- What was sent ---- */

/* Its row is written, or another process was faster. */
static int write_row(struct slot *s)
{
    struct catalog *c = s->batch->catalog;
    struct picture *p = &s->result.picture;
    struct error *err = &s->result.error;
    s->result.status = UPLOAD_STORED;
    if (s->is_known) {
        return catalog_picture_stored(c, p, s->transfer.id, err) < 0 ||
                       annotate(s) < 0 ? -1 : reload(s);
    }
    int added = catalog_picture_add(c, p, s->transfer.id, err);
    return added == 0 ? bring_back(s) : added;
}

static int settle(struct slot *s)
{
    slot_take_stored(&s->result.picture, &s->stored);
    s->is_withdrawn = write_row(s) < 0;
    if (s->is_withdrawn || tell_origin(s, &s->result.error) < 0) {
        return -1;
    }
    remember(s);
    slot_sent(s, s->item.size); /* all, also where nobody told on the way */
    return 0;
}

/* Where its entry in the journal is gone, too, a removal went past it: what arrived
 * behind that would stay for ever. */
static void finish(struct slot *s)
{
    if (s->is_withdrawn) {
        slot_withdraw(s);
    }
    if (s->result.failed) {
        slot_over(s);
    } else {
        over_or_verify(s);
    }
}

static const struct batch_work upload_work = {
    .open = slot_open_file,
    .read = slot_read_input,
    .digests = true,
    .recognise = recognise,
    .ask = ask,
    .settle = settle,
    .finish = finish,
};

struct batch *batch_new(const struct upload_options *upload,
                        const struct batch_options *options, struct catalog *catalog,
                        struct store *store, const struct strlist *inputs)
{
    bool to_file = upload->conversion && upload->conversion->to;
    const struct batch_work *work = to_file ? &file_work : &upload_work;
    struct batch *b = batch_new_for(work, options, catalog, store, inputs);
    b->options = *upload;
    return b;
}
