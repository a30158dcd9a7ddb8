#include "pictures.h"

#include <inttypes.h>
#include <string.h>

#include "imgctl/clock.h"
#include "imgctl/ids.h"
#include "imgctl/mem.h"
#include "imgctl/posts.h"
#include "imgctl/text.h"

#define FIELD(name, type, member) { name, type, offsetof(struct picture, member) }

/* The sixteen columns, then what imgctl adds. */
#define FIELDS \
    FIELD("id", FIELD_INT_SET, id), \
    FIELD("business_id", FIELD_INT_SET, business_id), \
    FIELD("original_filename", FIELD_TEXT, original_filename), \
    FIELD("storage_provider", FIELD_TEXT, storage_provider), \
    FIELD("storage_url", FIELD_TEXT, storage_url), \
    FIELD("cloudinary_public_id", FIELD_TEXT, cloudinary_public_id), \
    FIELD("file_size_bytes", FIELD_INT_SET, file_size_bytes), \
    FIELD("mime_type", FIELD_TEXT, mime_type), \
    FIELD("width", FIELD_INT_SET, width), \
    FIELD("height", FIELD_INT_SET, height), \
    FIELD("ai_generated", FIELD_BOOL, ai_generated), \
    FIELD("ai_prompt", FIELD_TEXT, ai_prompt), \
    FIELD("ai_model", FIELD_TEXT, ai_model), \
    FIELD("created_at", FIELD_TIME, created_at), \
    FIELD("updated_at", FIELD_TIME, updated_at), \
    FIELD("deleted_at", FIELD_TIME, deleted_at), \
    FIELD("sha256", FIELD_TEXT, sha256), \
    FIELD("tags", FIELD_LIST, tags), \
    FIELD("alt_text", FIELD_TEXT, alt_text), \
    FIELD("revised_prompt", FIELD_TEXT, revised_prompt), \
    FIELD("cost_usd", FIELD_MONEY, cost), \
    FIELD("filename_encoding", FIELD_PERCENT, filename_percent), \
    FIELD("derived_from", FIELD_INT_SET, derived_from)

static const struct field fields[] = { FIELDS, { .name = NULL } };
static const struct field all_fields[] = {
    FIELDS, FIELD("published", FIELD_LIST_SET, published), { .name = NULL },
};

static void print_id(struct buf *out, const void *record)
{
    buf_addf(out, "%" PRId64, ((const struct picture *)record)->id);
}

static void print_name(struct buf *out, const void *record)
{
    buf_addstr(out, ((const struct picture *)record)->original_filename);
}

static void print_dimensions(struct buf *out, const void *record)
{
    const struct picture *p = record;
    buf_addf(out, "%" PRId64 "x%" PRId64, p->width, p->height);
}

static void print_size(struct buf *out, const void *record)
{
    char text[16];
    text_format_size(text, ((const struct picture *)record)->file_size_bytes);
    buf_addstr(out, text);
}

static void print_store(struct buf *out, const void *record)
{
    buf_addstr(out, ((const struct picture *)record)->storage_provider);
}

static void print_made(struct buf *out, const void *record)
{
    buf_addstr(out, ((const struct picture *)record)->ai_generated ? "AI" : "");
}

static void print_created(struct buf *out, const void *record)
{
    char text[32];
    clock_relative(text, ((const struct picture *)record)->created_at, clock_now());
    buf_addstr(out, text);
}

static void print_tags(struct buf *out, const void *record)
{
    const struct picture *p = record;
    for (size_t i = 0; i < p->tags.len; i++) {
        buf_addf(out, "%s%s", i ? "," : "", p->tags.items[i]);
    }
}

static const struct column columns[] = {
    { .title = "ID", .print = print_id, .right = true },
    { .title = "NAME", .print = print_name, .flexible = true },
    { .title = "SIZE", .print = print_dimensions, .right = true },
    { .title = "BYTES", .print = print_size, .right = true },
    { .title = "", .print = print_made },
    { .title = "STORE", .print = print_store },
    { .title = "ADDED", .print = print_created },
    { .title = "TAGS", .print = print_tags, .flexible = true },
    { .title = NULL },
};

/* Of a picture's row alone: `list` reads no more for them. */
static const char *const tsv[] = {
    "id", "original_filename", "width", "height", "file_size_bytes", "mime_type",
    "storage_provider", "business_id", "ai_generated", "created_at", "storage_url", NULL,
};

const struct record_type picture_type = {
    .fields = fields,
    .columns = columns,
    .tsv = tsv,
    .id = "id",
    .url = "storage_url",
};

const struct record_type picture_with_posts_type = {
    .fields = all_fields,
    .columns = columns,
    .tsv = tsv,
    .id = "id",
    .url = "storage_url",
};

const char *const sort_names[] = { "id",     "name",    "bytes",   "width",
                                   "height", "created", "updated", NULL };

const struct option select_options[] = {
    { OPT_TEXT(struct select_args, search), .name = "search", .value = "TEXT",
      .help = "file name, prompt, alt text or a tag contains TEXT" },
    { OPT_FLAG(struct select_args, ai), .name = "ai", .help = "generated pictures" },
    { OPT_FLAG(struct select_args, uploaded), .name = "uploaded",
      .help = "pictures that were not generated" },
    { OPT_FLAG(struct select_args, published), .name = "published",
      .help = "pictures that were posted" },
    { OPT_TEXT(struct select_args, business), .name = "business", .value = "NAME",
      .complete = COMPLETE_BUSINESS, .help = "pictures of this business" },
    { OPT_TEXT(struct select_args, store), .name = "store", .value = "STORE",
      .complete = COMPLETE_STORE, .help = "pictures in this store: local or cloudinary" },
    { OPT_LIST(struct select_args, tags), .name = "tag", .value = "TAG",
      .complete = COMPLETE_TAG,
      .help = "pictures with this tag (with all, if repeated)" },
    { OPT_DATE_RANGE(struct select_args, created), .name = "created", .value = "A..B",
      .help = "added between two dates or times, such as 2026-11-01.. or -7d.." },
    { OPT_INT_RANGE(struct select_args, width), .name = "width", .value = "A..B",
      .help = "width in pixels" },
    { OPT_INT_RANGE(struct select_args, height), .name = "height", .value = "A..B",
      .help = "height in pixels" },
    { OPT_RATIO_RANGE(struct select_args, ratio), .name = "ratio", .value = "A..B",
      .help = "width to height, such as 4:5..1.91" },
    { OPT_SIZE_RANGE(struct select_args, bytes), .name = "bytes", .value = "A..B",
      .help = "size of the file, such as 1M.." },
    { OPT_FLAG(struct select_args, deleted), .name = "deleted",
      .help = "deleted pictures instead of live ones" },
    { .name = NULL },
};

int select_check(const struct select_args *args, struct error *err)
{
    if (args->ai && args->uploaded) {
        return error_set(err, ERROR_USAGE, "--ai and --uploaded exclude each other");
    }
    return args->store ? store_check_name(args->store, err) : 0;
}

static bool is_range(const struct range *r)
{
    return r->has_min || r->has_max;
}

bool select_is_given(const struct select_args *args)
{
    return args->search || args->ai || args->uploaded || args->published ||
           args->business || args->store || args->tags.len > 0 ||
           is_range(&args->created) || is_range(&args->width) ||
           is_range(&args->height) || args->ratio.has_min || args->ratio.has_max ||
           is_range(&args->bytes) || args->deleted;
}

struct selection select_from_args(const struct select_args *args)
{
    return (struct selection){
        .search = args->search,
        .only_ai = args->ai,
        .only_uploaded = args->uploaded,
        .only_published = args->published,
        .business = args->business,
        .store = args->store,
        .tags = args->tags,
        .created = args->created,
        .width = args->width,
        .height = args->height,
        .bytes = args->bytes,
        .ratio = args->ratio,
        .deleted = args->deleted,
    };
}

struct store *open_stores_get(struct open_stores *s, struct app *app, const char *name,
                              struct error *err)
{
    for (size_t i = 0; i < s->count; i++) {
        if (strcmp(s->stores[i]->ops->name, name) == 0) {
            return s->stores[i];
        }
    }
    struct store *store;
    if (s->count == STORES_AT_ONCE) {
        error_set(err, ERROR_STORE, "more than %d stores at once", STORES_AT_ONCE);
        return NULL;
    }
    if (app_store(app, name, &store, err) < 0) {
        return NULL;
    }
    s->stores[s->count++] = store;
    return store;
}

void open_stores_close(struct open_stores *s)
{
    for (size_t i = 0; i < s->count; i++) {
        store_close(s->stores[i]);
    }
    s->count = 0;
}

void pictures_each(struct app *app, const struct strlist *ids, picture_action *act,
                   void *cookie, struct report *report)
{
    AUTO_STRLIST struct strlist settled = STRLIST_INIT;
    ids_settle(app->catalog, ids, &settled);
    for (size_t i = 0; i < ids->len; i++) {
        AUTO_PICTURE struct picture p = PICTURE_INIT;
        struct error err = ERROR_INIT;
        if (ids_find(app->catalog, settled.items[i], &p, &err) < 0 ||
            act(cookie, ids->items[i], &p, report, &err) < 0) {
            report_failed(report, ids->items[i], p.id, &err);
        }
    }
}

int picture_keep_published(const struct app *app, int64_t id, struct error *err)
{
    int published = catalog_is_published(app->catalog, id, err);
    if (published > 0) {
        error_set(err, ERROR_USAGE, "picture %" PRId64 " is published", id);
        return error_hint(err, "imgctl show %" PRId64 " says where; --include-published"
                               " deletes it all the same", id);
    }
    return published;
}

struct pushed {
    struct catalog *catalog;
    struct store *from;
    struct stored what;
    const char *sha256;
};

static int remove_pushed(void *cookie, struct error *err)
{
    const struct pushed *left = cookie;
    int known = catalog_content_known(left->catalog, left->sha256, err);
    if (known != 0) {
        return known < 0 ? -1 : 0; /* another picture that was pushed has left them */
    }
    return left->from->ops->remove(left->from, &left->what, left->sha256, err) < 0 ? -1
                                                                                    : 0;
}

/* A push leaves the bytes where they were: they go behind the last picture that did.
 * Should that be interrupted, verify finds and removes them. */
static int remove_left(struct app *app, struct open_stores *stores,
                       const struct picture *p, struct error *err)
{
    const char *sha256 = p->pushed_from ? p->pushed_from : p->sha256;
    if (!sha256 || strcmp(p->storage_provider, "local") == 0) {
        return 0;
    }
    struct pushed left = { .catalog = app->catalog,
                           .from = open_stores_get(stores, app, "local", err),
                           .what = { .format = p->remote.format }, .sha256 = sha256 };
    struct picture was = { .id = p->id, .storage_provider = "local",
                           .sha256 = (char *)sha256 };
    if (!left.from ||
        catalog_if_unused(app->catalog, &was, remove_pushed, &left, err) < 0) {
        error_wrap(err, "what a push left in the local store stays");
        return error_hint(err, "imgctl verify --repair removes it");
    }
    return 0;
}

/* P's removal has begun: what is still to be done of it. */
static int finish_removal(struct app *app, struct open_stores *stores,
                          const struct picture *p, struct error *err)
{
    bool bytes_free;
    struct store *store = open_stores_get(stores, app, p->storage_provider, err);
    struct stored what = picture_stored(p);
    if (!store || catalog_removal_bytes_free(app->catalog, p, &bytes_free, err) < 0) {
        return -1;
    }
    if (bytes_free && store->ops->remove(store, &what, p->sha256, err) < 0) {
        error_hint(err, "the picture is marked as deleted; `imgctl purge` tries again");
        return -1;
    }
    return catalog_removal_finish(app->catalog, p->id, err) < 0
               ? -1
               : remove_left(app, stores, p, err);
}

int picture_remove(struct app *app, struct open_stores *stores, const struct picture *p,
                   int64_t before, struct error *err)
{
    AUTO_PICTURE struct picture now = PICTURE_INIT;
    /* A store that cannot be opened is told before anything is marked. */
    if (!open_stores_get(stores, app, p->storage_provider, err)) {
        return -1;
    }
    int begun = catalog_removal_begin(app->catalog, p->id, before, err);
    if (begun <= 0) {
        return begun;
    }
    /* A push may have moved it since P was read. */
    int found = catalog_picture(app->catalog, p->id, &now, err);
    if (found < 0 || (found > 0 && finish_removal(app, stores, &now, err) < 0)) {
        return -1;
    }
    return 1; /* or another process was faster */
}

int confirm_deletion(const struct app *app, size_t count, int64_t most, bool yes,
                     bool for_good, struct error *err)
{
    if (count > (uint64_t)most && !app_can_ask(app)) {
        error_set(err, ERROR_LIMIT, "%zu pictures at once, at most %" PRId64
                  " without a terminal; nothing was deleted", count, most);
        return error_hint(err, "if it is meant: --max-delete %zu", count);
    }
    if (count <= 1 || yes) {
        return 1;
    }
    AUTO_FREE char *question =
        mem_printf("delete %zu pictures%s?", count, for_good ? " for good" : "");
    int answer = app_ask(app, question, "--yes", err);
    if (answer == 0) {
        error_set(err, ERROR_FAILED, "nothing was deleted");
        return -1;
    }
    return answer;
}
