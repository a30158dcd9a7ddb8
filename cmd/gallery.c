/*
 * The library as one page. Thumbnails are made first, in the cache; then the page is
 * written with them in it, or with copies of them beside it.
 */
#include <fcntl.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "commands.h"
#include "gallery_page.h"
#include "gallery_thumbnails.h"
#include "imgctl/clock.h"
#include "imgctl/file.h"
#include "imgctl/mem.h"
#include "imgctl/progress.h"
#include "imgctl/text.h"
#include "imgctl/thumbnail.h"
#include "thumbnails.h"

#define GALLERY_PARTLY 3 /* exit code: a page, but not all of its thumbnails */
#define INDEX "index.html"
#define FOLDER "thumbnails"
#define THUMBNAIL_BYTES ((size_t)32 << 20) /* more than one can have */

struct gallery_args {
    struct select_args select;
    const char *to, *title;
    bool reverse, no_remote, force;
    int64_t size;
    int sort, progress;
};

static const struct option options[] = {
    { OPT_TEXT(struct gallery_args, to), .letter = 'o', .name = "output",
      .value = "FILE|DIR", .complete = COMPLETE_FILE,
      .help = "write a page that holds its thumbnails, or into a folder a page with its "
              "thumbnails beside it" },
    { OPT_TEXT(struct gallery_args, title), .name = "title", .value = "TEXT",
      .fallback = "Pictures", .help = "the page's heading" },
    { OPT_INT(struct gallery_args, size), .name = "size", .value = "N", .min = 64,
      .max = THUMBNAIL_MAX, .fallback = "400",
      .help = "longest side of a thumbnail in pixels" },
    { OPT_FLAG(struct gallery_args, no_remote), .name = "no-remote",
      .help = "ask no service for thumbnails that are not here yet" },
    { OPT_CHOICE(struct gallery_args, sort), .name = "sort", .value = "FIELD",
      .choices = sort_names, .fallback = "id",
      .help = "order by id (newest first), name, bytes, width, height, created or"
              " updated" },
    { OPT_FLAG(struct gallery_args, reverse), .name = "reverse",
      .help = "the other way round" },
    { OPT_FLAG(struct gallery_args, force), .letter = 'f', .name = "force",
      .help = "replace a file that is no gallery" },
    { OPT_CHOICE(struct gallery_args, progress), .name = "progress", .value = "HOW",
      .choices = progress_names, .fallback = "auto",
      .help = "say on standard error how far it is: bar, log, json or none" },
    { .name = NULL },
};

static const char *const examples[] = {
    "imgctl gallery -o library.html",
    "imgctl gallery -o summer.html --tag summer --title 'Summer 2026'",
    "imgctl gallery -o /srv/www/pictures/ --business acme",
    NULL,
};

struct gallery {
    struct app *app;
    const struct gallery_args *args;
    struct open_stores stores;
    struct gallery_items items;
    struct buf library; /* JSON */
    struct json_writer json;
    char *folder;       /* where index.html and the thumbnails go; NULL: one file */
    char *file;         /* the page */
    size_t without;     /* thumbnail */
};

/* ---- What the page says of the pictures ---- */

/* The link to hand out; where its store cannot be asked, where it is stored. */
static void put_link(struct gallery *g, const struct picture *p)
{
    struct error ignored = ERROR_INIT;
    struct link_options o = { .kind = LINK_OPTIMISED };
    struct stored what = picture_stored(p);
    AUTO_BUF struct buf link = BUF_INIT;
    struct store *s = open_stores_get(&g->stores, g->app, p->storage_provider, &ignored);
    bool known = s && s->ops->link(s, &what, &o, &link, &ignored) == 0;
    json_member_text(&g->json, "link", known ? link.data : p->storage_url);
}

static void put_tags(struct json_writer *w, const struct strlist *tags)
{
    json_key(w, "tags");
    json_begin_array(w);
    for (size_t i = 0; i < tags->len; i++) {
        json_put_text(w, tags->items[i]);
    }
    json_end_array(w);
}

/* FILE: of its thumbnail beside the page; NULL: embedded, or it has none. */
static void put_picture(struct gallery *g, const struct picture *p, bool has_thumbnail,
                        const char *file)
{
    struct json_writer *w = &g->json;
    char when[CLOCK_TEXT_SIZE];
    clock_format(when, p->created_at);
    json_begin_object(w);
    json_member_int(w, "id", p->id);
    json_member_text(w, "name", p->original_filename);
    put_link(g, p);
    json_member_int(w, "width", p->width);
    json_member_int(w, "height", p->height);
    json_member_int(w, "bytes", p->file_size_bytes);
    json_member_text(w, "type", p->mime_type);
    json_member_text(w, "store", p->storage_provider);
    json_member_int(w, "business", p->business_id);
    json_member_text(w, "created", when);
    json_member_text(w, "alt", p->alt_text);
    json_member_text(w, "prompt", p->ai_prompt);
    json_member_text(w, "model", p->ai_model);
    put_tags(w, &p->tags);
    json_member_bool(w, "ai", p->ai_generated);
    json_member_bool(w, "thumbnail", has_thumbnail);
    json_member_text(w, "file", file);
    json_end_object(w);
}

/* The thumbnail's address beside the page. The caller's. */
static char *file_beside(const struct gallery *g, const struct gallery_item *item)
{
    return g->folder && item->path ? file_join(FOLDER, file_base_name(item->path)) : NULL;
}

static int put_business(void *cookie, const struct business *b)
{
    struct gallery *g = cookie;
    char id[24];
    snprintf(id, sizeof id, "%" PRId64, b->id);
    json_member_text(&g->json, id, b->name);
    return 0;
}

/* {"businesses":{"1":"acme"},"pictures":[...]} */
static int describe(struct gallery *g, struct error *err)
{
    struct json_writer *w = &g->json;
    w->out = &g->library;
    json_begin_object(w);
    json_key(w, "businesses");
    json_begin_object(w);
    if (g->app->catalog &&
        catalog_businesses(g->app->catalog, put_business, g, err) < 0) {
        return -1;
    }
    json_end_object(w);
    json_key(w, "pictures");
    json_begin_array(w);
    for (size_t i = 0; i < g->items.count; i++) {
        const struct gallery_item *item = &g->items.list[i];
        AUTO_PICTURE struct picture p = PICTURE_INIT;
        AUTO_FREE char *file = file_beside(g, item);
        int found = catalog_picture(g->app->catalog, item->id, &p, err);
        if (found < 0) {
            return -1;
        }
        if (found) {
            put_picture(g, &p, item->path != NULL, file);
        }
    }
    json_end_array(w);
    json_end_object(w);
    return 0;
}

/* ---- Choosing ---- */

static int add_item(void *cookie, const struct picture *p)
{
    struct gallery *g = cookie;
    int side = (int)g->args->size;
    struct error none = ERROR_INIT; /* of our making: it is shown without a thumbnail */
    char *path = picture_thumbnail_path(g->app, p, side, side, &none);
    gallery_items_add(&g->items, p->id, path);
    return 0;
}

static int choose(struct gallery *g, struct error *err)
{
    struct selection s = select_from_args(&g->args->select);
    struct page page = {
        .sort = (enum catalog_sort)g->args->sort,
        .reverse = g->args->reverse,
    };
    return g->app->catalog
               ? catalog_select(g->app->catalog, &s, &page, add_item, g, err)
               : 0;
}

/* Where it goes, and may it? */
static int find_target(struct gallery *g, struct error *err)
{
    const char *to = g->args->to;
    if (!to) {
        error_set(err, ERROR_USAGE, "gallery needs -o FILE or -o DIR");
        return error_hint(err, "imgctl gallery -o library.html");
    }
    if (strcmp(to, "-") == 0) {
        error_set(err, ERROR_USAGE, "a gallery does not go to standard output");
        return error_hint(err, "name a file or a folder; a file of this name is ./-");
    }
    bool is_folder = file_means_folder(to);
    g->folder = is_folder ? mem_strdup(to) : NULL;
    g->file = is_folder ? file_join(to, INDEX) : mem_strdup(to);
    int ours = g->args->force ? 1 : gallery_page_is_ours(g->file, err);
    if (ours == 0) {
        error_set(err, ERROR_USAGE, "%s is there and is no gallery", g->file);
        return error_hint(err, "--force replaces it");
    }
    return ours < 0 ? -1 : 0;
}

/* ---- Writing ---- */

static int put(const struct temp_file *t, const struct buf *b, struct error *err)
{
    return file_write_all(t->fd, b->data, b->len) < 0
               ? error_errno(err, ERROR_FAILED, "cannot write the gallery")
               : 0;
}

/* A block that the page's script looks up by the picture's number. */
static int embed(const struct temp_file *t, const struct gallery_item *item,
                 struct error *err)
{
    AUTO_BUF struct buf bytes = BUF_INIT, block = BUF_INIT;
    if (!item->path || file_read(item->path, THUMBNAIL_BYTES, &bytes, err) < 0) {
        return item->path ? -1 : 0;
    }
    buf_addf(&block, "<script type=\"text/plain\" id=\"t%" PRId64 "\">", item->id);
    text_base64(&block, bytes.data, bytes.len);
    buf_addstr(&block, "</script>\n");
    return put(t, &block, err);
}

static int make_folder(const char *path, struct error *err)
{
    struct stat st;
    bool is_new = stat(path, &st) < 0;
    if (file_make_dirs(path, err) < 0) {
        return -1;
    }
    AUTO_FD int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return fd < 0    ? error_errno(err, ERROR_FAILED, "cannot open %s", path)
           : is_new ? file_share(fd, 0777, err)
                    : 0;
}

static int copy_beside(const struct gallery *g, const struct gallery_item *item,
                       const char *beside, struct error *err)
{
    AUTO_BUF struct buf bytes = BUF_INIT;
    AUTO_TEMP struct temp_file t = TEMP_FILE_INIT;
    AUTO_FREE char *name = file_beside(g, item);
    AUTO_FREE char *path = name ? file_join(g->folder, name) : NULL;
    struct stat st;
    if (!path || (stat(path, &st) == 0 && st.st_size > 0)) {
        return 0;
    }
    if (file_read(item->path, THUMBNAIL_BYTES, &bytes, err) < 0 ||
        temp_file_create(&t, beside, err) < 0 || put(&t, &bytes, err) < 0 ||
        file_share(t.fd, 0666, err) < 0) {
        return -1;
    }
    return temp_file_commit(&t, path, true, err);
}

static int write_page(const struct gallery *g, const struct gallery_page *page,
                      struct error *err)
{
    AUTO_TEMP struct temp_file t = TEMP_FILE_INIT;
    if (temp_file_beside(&t, g->file, err) < 0 || put(&t, &page->head, err) < 0) {
        return -1;
    }
    for (size_t i = 0; !g->folder && i < g->items.count; i++) {
        if (embed(&t, &g->items.list[i], err) < 0) {
            return -1;
        }
    }
    if (put(&t, &page->tail, err) < 0 || file_share(t.fd, 0666, err) < 0) {
        return -1;
    }
    return temp_file_commit(&t, g->file, true, err);
}

/* The thumbnails first: a page that is there finds all of them. */
static int write_all(struct gallery *g, struct error *err)
{
    struct gallery_page page = GALLERY_PAGE_INIT;
    AUTO_FREE char *beside = g->folder ? file_join(g->folder, FOLDER) : NULL;
    if (beside && (make_folder(g->folder, err) < 0 || make_folder(beside, err) < 0)) {
        return -1;
    }
    for (size_t i = 0; i < g->items.count; i++) {
        g->without += g->items.list[i].path == NULL;
        if (g->folder && copy_beside(g, &g->items.list[i], beside, err) < 0) {
            return -1;
        }
    }
    int result = describe(g, err);
    if (result == 0) {
        result = gallery_page_make(g->app->config, g->args->title, &g->library, &page,
                                   err);
    }
    if (result == 0) {
        result = write_page(g, &page, err);
    }
    gallery_page_release(&page);
    return result;
}

/* The page's path as the result; how much it is as a remark. */
static void say(const struct gallery *g)
{
    AUTO_BUF struct buf line = BUF_INIT;
    struct stat st;
    char size[16] = "";
    output_tsv_cell(&line, g->file);
    buf_addch(&line, '\n');
    output_write(&line);
    if (stat(g->file, &st) == 0) {
        text_format_size(size, st.st_size);
    }
    if (output_quiet()) {
        return;
    }
    output_note("%zu picture%s, %zu without thumbnail, a page of %s", g->items.count,
                g->items.count == 1 ? "" : "s", g->without, size);
}

static int make_gallery(struct gallery *g, struct error *err)
{
    struct gallery_thumbnails t = {
        .app = g->app,
        .stores = &g->stores,
        .items = &g->items,
        .side = (int)g->args->size,
        .no_remote = g->args->no_remote,
        .progress = g->args->progress,
    };
    if (find_target(g, err) < 0 || choose(g, err) < 0 ||
        gallery_thumbnails_make(&t, err) < 0 || write_all(g, err) < 0) {
        return -1;
    }
    if (t.tally.done > 0) {
        thumbnail_sweep(g->app->config);
    }
    say(g);
    return t.tally.failed ? GALLERY_PARTLY : 0;
}

static int run(struct app *app, void *arguments, struct error *err)
{
    const struct gallery_args *args = arguments;
    struct gallery g = { .app = app, .args = args, .library = BUF_INIT };
    if (select_check(&args->select, err) < 0) {
        return -1;
    }
    int result = make_gallery(&g, err);
    open_stores_close(&g.stores);
    gallery_items_release(&g.items);
    buf_release(&g.library);
    free(g.folder);
    free(g.file);
    return result;
}

const struct command cmd_gallery = {
    .name = "gallery",
    .summary = "the library as one HTML page",
    .group = "Library",
    .args_size = sizeof(struct gallery_args),
    .sets = {
        { options, 0, NULL },
        { select_options, offsetof(struct gallery_args, select), "Filters" },
    },
    .examples = examples,
    .needs = NEEDS_CATALOG_IF_THERE,
    .run = run,
};
