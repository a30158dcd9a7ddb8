#include "imgctl/verify.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "imgctl/ids.h"
#include "imgctl/mem.h"
#include "imgctl/upload.h"
#include "verify_store.h"

/* Pictures that are looked at together: a remote store is asked once for them. */
struct batch {
    struct verify_picture {
        char *input;
        struct picture picture;
        struct stored what;      /* of the picture; points into it */
        struct verify_finding finding;
        bool is_judged;
    } items[STORE_FACTS];
    size_t count;
};

static void batch_clear(struct batch *b)
{
    for (size_t i = 0; i < b->count; i++) {
        free(b->items[i].input);
        picture_release(&b->items[i].picture);
    }
    b->count = 0;
}

/* ---- Judging ---- */

static void judge(struct verify_picture *item, const struct store_fact *fact)
{
    struct verify_finding *f = &item->finding;
    const struct picture *p = &item->picture;
    item->is_judged = true;
    if (fact->state == STORE_HAS) {
        f->status = VERIFY_OK;
        return;
    }
    f->status = fact->state == STORE_LACKS ? VERIFY_MISSING : VERIFY_DAMAGED;
    error_set(&f->error, ERROR_STORE, "%s: %s", p->storage_url ? p->storage_url : "it",
              fact->state == STORE_LACKS ? "it is not there" : fact->why);
    error_hint(&f->error, "if you have %s: imgctl upload --force --store %s FILE",
               p->original_filename, p->storage_provider);
}

static void fail(struct verify_picture *item, enum verify_status status,
                 const struct error *why)
{
    item->is_judged = true;
    item->finding.status = status;
    item->finding.error = *why;
}

/* Compare those pictures of the batch that are in the store of NAME. */
static void examine(const struct verifier *v, struct batch *b, const char *name)
{
    struct store_fact facts[STORE_FACTS];
    struct verify_picture *items[STORE_FACTS];
    size_t count = 0;
    struct error err = ERROR_INIT;
    for (size_t i = 0; i < b->count; i++) {
        struct verify_picture *item = &b->items[i];
        if (!item->is_judged && strcmp(item->picture.storage_provider, name) == 0) {
            facts[count] = (struct store_fact){
                .what = &item->what,
                .sha256 = item->picture.sha256,
                .size = item->picture.file_size_bytes,
            };
            items[count++] = item;
        }
    }
    if (strcmp(name, "local") != 0 && (!v->remote || strcmp(v->remote, name) != 0)) {
        for (size_t i = 0; i < count; i++) {
            fail(items[i], VERIFY_UNCHECKED, &err);
        }
        return;
    }
    struct store *s = v->store(v->cookie, name, &err);
    int result = s ? s->ops->examine(s, facts, count, !v->quick, &err) : -1;
    for (size_t i = 0; i < count; i++) {
        if (result < 0) {
            fail(items[i], VERIFY_FAILED, &err);
        } else {
            judge(items[i], &facts[i]);
        }
    }
}

/* Examine what is not judged yet, store by store; then tell, in order. */
static void batch_finish(const struct verifier *v, struct batch *b)
{
    for (size_t i = 0; i < b->count; i++) {
        if (!b->items[i].is_judged) {
            examine(v, b, b->items[i].picture.storage_provider);
        }
    }
    for (size_t i = 0; i < b->count; i++) {
        struct verify_picture *item = &b->items[i];
        item->finding.input = item->input;
        item->finding.picture = item->picture.id ? &item->picture : NULL;
        item->finding.bytes = item->picture.file_size_bytes;
        v->found(v->cookie, &item->finding);
    }
    batch_clear(b);
}

/* ---- Collecting ---- */

/* A new item; takes INPUT over. The batch has room. */
static struct verify_picture *batch_add(struct batch *b, char *input)
{
    struct verify_picture *item = &b->items[b->count++];
    *item = (struct verify_picture){ .input = input };
    return item;
}

static void take_picture(struct verify_picture *item)
{
    item->what = picture_stored(&item->picture);
    item->finding.id = item->picture.id;
}

void verify_pictures(const struct verifier *v, const struct strlist *operands)
{
    struct batch *b = mem_alloc(sizeof *b);
    for (size_t i = 0; i < operands->len; i++) {
        struct error why = ERROR_INIT;
        struct verify_picture *item = batch_add(b, mem_strdup(operands->items[i]));
        if (ids_find(v->catalog, item->input, &item->picture, &why) < 0) {
            fail(item, VERIFY_FAILED, &why);
        }
        take_picture(item);
        if (b->count == STORE_FACTS) {
            batch_finish(v, b);
        }
    }
    batch_finish(v, b);
    free(b);
}

/* Pictures on their way out; their bytes may be gone already. */
struct removals {
    int64_t *ids;
    size_t count, at;
};

static void note_removal(struct removals *r, struct verify_picture *item)
{
    while (r->at < r->count && r->ids[r->at] < item->picture.id) {
        r->at++;
    }
    if (r->at < r->count && r->ids[r->at] == item->picture.id) {
        struct error why = ERROR_INIT;
        error_set(&why, ERROR_STORE, "its removal for good was interrupted");
        error_hint(&why, "imgctl purge finishes it");
        fail(item, VERIFY_UNFINISHED, &why);
    }
}

static int verify_rows(const struct verifier *v, struct error *err)
{
    struct batch *b = mem_alloc(sizeof *b);
    struct removals removals = { .count = 0 };
    int64_t after = 0;
    int more = catalog_removals(v->catalog, &removals.ids, &removals.count, err);
    while (more >= 0) {
        struct picture p;
        more = catalog_picture_after(v->catalog, after, &p, err);
        if (more <= 0) {
            break;
        }
        struct verify_picture *item = batch_add(b, mem_printf("%" PRId64, p.id));
        item->picture = p;
        take_picture(item);
        note_removal(&removals, item);
        after = p.id;
        if (b->count == STORE_FACTS) {
            batch_finish(v, b);
        }
    }
    batch_finish(v, b);
    free(removals.ids);
    free(b);
    return more;
}

/* ---- The catalog itself ---- */

static void verify_catalog(const struct verifier *v)
{
    struct verify_finding f = { .status = VERIFY_DAMAGED,
                                .input = catalog_path(v->catalog) };
    struct error why = ERROR_INIT;
    if (catalog_integrity(v->catalog, &f.error) == 0) {
        return;
    }
    if (v->repair && v->dry_run) {
        f.status = VERIFY_PLANNED;
    } else if (v->repair && catalog_rebuild(v->catalog, &why) == 0 &&
               catalog_integrity(v->catalog, &why) == 0) {
        f.status = VERIFY_REPAIRED;
        error_clear(&f.error);
    } else if (!v->repair) {
        error_hint(&f.error, "imgctl verify --repair builds anew what is derived from "
                             "the pictures");
    }
    v->found(v->cookie, &f);
}

int verify_all(const struct verifier *v, struct error *err)
{
    if (verify_rows(v, err) < 0) {
        return -1;
    }
    verify_catalog(v);
    if (verify_transfers(v, err) < 0) {
        return -1;
    }
    verify_store(v, "local");
    if (v->remote) {
        verify_store(v, v->remote);
    }
    return v->repair && !v->dry_run ? upload_forget_files(v->catalog, err) : 0;
}
