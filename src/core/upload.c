#include "imgctl/upload.h"

#include <search.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "imgctl/clock.h"
#include "imgctl/digest.h"
#include "imgctl/file.h"
#include "imgctl/http.h"
#include "imgctl/mem.h"
#include "source.h"

struct uploader {
    struct upload_options options;
    struct catalog *catalog;
    struct store *store;
    struct http_client *client; /* for URLs; NULL until there is one */
    void *planned;              /* digests seen in a dry run: a tree of tsearch() */
};

/* One picture on its way: what was read, and what is to be stored. */
struct work {
    struct source source;
    int stripped_fd; /* scratch file with the metadata taken out, or -1 */
    int fd;          /* the bytes to store: one of the two above */
    int64_t size;
    struct image_info info;
    char sha256[DIGEST_HEX_SIZE];
};

struct uploader *uploader_new(const struct upload_options *options,
                              struct catalog *catalog, struct store *store)
{
    struct uploader *u = mem_alloc(sizeof *u);
    u->options = *options;
    u->catalog = catalog;
    u->store = store;
    return u;
}

void uploader_free(struct uploader *u)
{
    if (u) {
        http_client_free(u->client);
        tdestroy(u->planned, free);
        free(u);
    }
}

static void digest_piece(void *cookie, const void *data, size_t len)
{
    digest_update(cookie, data, len);
}

/* Check and digest FD in one reading. */
static int inspect(const struct uploader *u, struct work *w, int fd, int64_t size,
                   struct error *err)
{
    struct digest *d;
    if (digest_start(DIGEST_SHA256, &d, err) < 0) {
        return -1;
    }
    if (image_check(fd, size, &u->options.limits, digest_piece, d, &w->info, err) < 0) {
        digest_free(d);
        return -1;
    }
    digest_finish_hex(d, w->sha256);
    w->fd = fd;
    w->size = size;
    return 0;
}

static int strip(const struct uploader *u, struct work *w, struct error *err)
{
    enum image_strip what = u->options.strip;
    if (what == STRIP_NONE || (what == STRIP_GPS && !w->info.has_gps)) {
        return 0;
    }
    w->stripped_fd = file_scratch(err);
    if (w->stripped_fd < 0) {
        return -1;
    }
    int changed = image_strip(w->source.fd, w->source.size, what, w->stripped_fd, err);
    if (changed <= 0) {
        return changed;
    }
    off_t size = lseek(w->stripped_fd, 0, SEEK_END);
    return size < 0 ? error_errno(err, ERROR_STORE, "cannot keep the stripped picture")
                    : inspect(u, w, w->stripped_fd, size, err);
}

static int prepare(struct uploader *u, const char *input, struct work *w, struct error *err)
{
    struct source_options options = {
        .byte_limit = u->options.limits.bytes,
        .allow_private = u->options.allow_private,
        .name = u->options.name,
        .config = u->options.config,
        .trace_fd = u->options.trace_fd,
        .client = &u->client,
    };
    if (source_open(input, &options, &w->source, err) < 0 ||
        inspect(u, w, w->source.fd, w->source.size, err) < 0 || strip(u, w, err) < 0) {
        return -1;
    }
    return source_unchanged(&w->source, err);
}

static void work_release(struct work *w)
{
    source_close(&w->source);
    if (w->stripped_fd >= 0) {
        close(w->stripped_fd);
    }
}

/* Has this dry run met the content before? */
static bool planned_before(struct uploader *u, const char *sha256)
{
    char *key = mem_strdup(sha256);
    char **node = tsearch(key, &u->planned, (int (*)(const void *, const void *))strcmp);
    if (node && *node == key) {
        return false;
    }
    free(key);
    return node != NULL;
}

/* The picture as the catalog will have it, but for what the store says. */
static void describe(const struct uploader *u, const struct work *w, struct picture *p)
{
    p->business_id = u->options.business_id;
    p->original_filename = mem_strdup(w->source.name);
    p->filename_percent = w->source.name_percent;
    p->storage_provider = mem_strdup(u->store->ops->name);
    p->file_size_bytes = w->size;
    p->mime_type = mem_strdup(image_mime(w->info.format));
    p->width = w->info.width;
    p->height = w->info.height;
    p->sha256 = mem_strdup(w->sha256);
    p->alt_text = mem_strdup(u->options.alt_text);
    for (size_t i = 0; u->options.tags && i < u->options.tags->len; i++) {
        strlist_add(&p->tags, u->options.tags->items[i]);
    }
}

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

/* Known content: give it what is new about it, bring it back if it is deleted. */
static int recognise(struct uploader *u, struct picture *known, enum upload_status *status,
                     struct error *err)
{
    *status = UPLOAD_DUPLICATE;
    if (u->options.dry_run) {
        return 0;
    }
    if (known->deleted_at) {
        if (catalog_restore(u->catalog, known->id, err) < 0) {
            return -1;
        }
        *status = UPLOAD_RESTORED;
    }
    int changed = catalog_picture_annotate(u->catalog, known->id, u->options.tags,
                                           u->options.alt_text, err);
    if (changed < 0) {
        return -1;
    }
    if (changed == 0 && *status == UPLOAD_DUPLICATE) {
        return 0;
    }
    int64_t id = known->id;
    picture_release(known);
    return catalog_picture(u->catalog, id, known, err) < 0 ? -1 : 0;
}

static int begin_transfer(struct uploader *u, const struct work *w,
                          const struct store_item *item, const char *input,
                          struct transfer *t, struct error *err)
{
    t->business_id = u->options.business_id;
    t->store = mem_strdup(u->store->ops->name);
    t->sha256 = mem_strdup(w->sha256);
    t->source = mem_strdup(input);
    t->size = w->size;
    t->started_at = clock_now();
    t->public_id = u->store->ops->plan(u->store, item, err);
    if (!t->public_id && err->kind != ERROR_NONE) {
        return -1;
    }
    return catalog_transfer_begin(u->catalog, t, err);
}

/*
 * Write down why the attempt failed; the transfer stays open for the next. Where
 * the service said a permanent no, nothing is under way any more, and the next
 * attempt may choose another name.
 */
static void note_failure(struct uploader *u, const struct transfer *t,
                         const struct error *why)
{
    struct error ignored = ERROR_INIT; /* the first error is the one to tell */
    int code = error_exit_code(why->kind);
    if (code == error_exit_code(ERROR_REFUSED) || code == error_exit_code(ERROR_RULE) ||
        code == error_exit_code(ERROR_USAGE)) {
        catalog_transfer_drop(u->catalog, t->id, &ignored);
    } else {
        catalog_transfer_fail(u->catalog, t->id, why->message, &ignored);
    }
}

static int store_bytes(struct uploader *u, const struct work *w, const char *input,
                       bool known, struct picture *p, enum upload_status *status,
                       struct error *err)
{
    struct store_item item = {
        .fd = w->fd,
        .size = w->size,
        .sha256 = w->sha256,
        .format = w->info.format,
        .filename = w->source.name,
        .business_id = u->options.business_id,
        .public_id = known ? p->cloudinary_public_id : u->options.public_id,
        .alt_text = u->options.alt_text,
        .tags = u->options.tags,
        .overwrite = u->options.force,
    };
    struct transfer t = { .id = 0 };
    struct stored stored = { .url = NULL };
    int result = begin_transfer(u, w, &item, input, &t, err);
    if (result == 0) {
        if (!item.public_id) {
            item.public_id = t.public_id; /* an earlier attempt may have used it */
        }
        result = u->store->ops->put(u->store, &item, &stored, err);
        if (result == 0) {
            result = source_unchanged(&w->source, err);
        }
        if (result < 0) {
            note_failure(u, &t, err);
        }
    }
    if (result == 0) {
        take_stored(p, &stored);
        result = known ? catalog_picture_stored(u->catalog, p, t.id, err)
                       : catalog_picture_add(u->catalog, p, t.id, err);
        *status = known || result == 1 ? UPLOAD_STORED : UPLOAD_DUPLICATE;
    }
    stored_release(&stored);
    transfer_release(&t);
    return result < 0 ? -1 : 0;
}

/* The work is prepared: recognise it, plan it, or store it. */
static int settle(struct uploader *u, const struct work *w, const char *input,
                  enum upload_status *status, struct picture *p, struct error *err)
{
    int known = 0;
    if (u->catalog) {
        known = catalog_find_content(u->catalog, u->options.business_id,
                                     u->store->ops->name, w->sha256, p, err);
        if (known < 0) {
            return -1;
        }
    }
    if (known && !u->options.force) {
        return recognise(u, p, status, err);
    }
    if (!known) {
        describe(u, w, p);
    }
    if (u->options.dry_run) {
        *status = planned_before(u, w->sha256) ? UPLOAD_DUPLICATE : UPLOAD_PLANNED;
        return 0;
    }
    return store_bytes(u, w, input, known, p, status, err);
}

int uploader_run(struct uploader *u, const char *input, enum upload_status *status,
                 struct picture *picture, struct error *err)
{
    struct work w = { .source = SOURCE_INIT, .stripped_fd = -1, .fd = -1 };
    *picture = (struct picture)PICTURE_INIT;
    int result = prepare(u, input, &w, err);
    if (result == 0) {
        result = settle(u, &w, input, status, picture, err);
    }
    work_release(&w);
    if (result < 0) {
        picture_release(picture);
    }
    return result;
}
