#include <stddef.h>
#include <string.h>

#include "commands.h"
#include "copy.h"
#include "imgctl/ids.h"
#include "imgctl/json.h"
#include "imgctl/mem.h"
#include "imgctl/report.h"
#include "imgctl/text.h"
#include "imgctl/thumbnail.h"
#include "pictures.h"
#include "thumbnails.h"

#define THUMBNAIL_WIDTH 300 /* as Cloudinary's */

struct url_args {
    struct strlist operands;
    bool original, thumbnail, sign, json, null, copy;
    int64_t width, height;
    const char *format, *quality, *transformation;
};

static const struct option options[] = {
    { OPT_FLAG(struct url_args, original), .name = "original",
      .help = "the picture as it was stored, without optimisation" },
    { OPT_FLAG(struct url_args, thumbnail), .name = "thumbnail",
      .help = "a thumbnail: of Cloudinary cropped to the part that matters, of the local "
              "store a file that fits into the size" },
    { OPT_INT(struct url_args, width), .name = "width", .value = "N", .min = 1,
      .max = 65535,
      .help = "at most this wide; a Cloudinary thumbnail exactly (default 300)" },
    { OPT_INT(struct url_args, height), .name = "height", .value = "N", .min = 1,
      .max = 65535,
      .help = "at most this high; a Cloudinary thumbnail exactly (default 300)" },
    { OPT_TEXT(struct url_args, format), .name = "as", .value = "FORMAT",
      .help = "pin the delivered format, such as jpg, instead of what the viewer takes"
              " best" },
    { OPT_TEXT(struct url_args, quality), .name = "quality", .value = "Q",
      .help = "1 to 100, auto, auto:good, ... instead of auto:good" },
    { OPT_TEXT(struct url_args, transformation), .name = "transformation", .value = "T",
      .help = "Cloudinary transformation components to use as they are" },
    { OPT_FLAG(struct url_args, sign), .name = "sign", .help = "sign the link" },
    { OPT_FLAG(struct url_args, copy), .name = "copy",
      .help = "copy the links to the clipboard, too" },
    { OPT_FLAG(struct url_args, json), .name = "json",
      .help = "print an array of objects with id and url" },
    { OPT_FLAG(struct url_args, null), .letter = '0', .name = "null",
      .help = "end links with a NUL byte instead of a newline" },
    { .name = NULL },
};

static const struct operand operands[] = {
    { OPERAND_MANY(struct url_args, operands), .name = "ID", .required = true,
      .complete = COMPLETE_PICTURE, .help = "a picture; - for ids on standard input" },
    { .name = NULL },
};

static const char *const examples[] = {
    "imgctl url 42",
    "imgctl url --thumbnail --width 400 --height 300 @1",
    "imgctl url --as jpg 42",
    NULL,
};

/* A store here makes no thumbnails: the link leads to one of our own. */
static int link_own_thumbnail(struct app *app, const struct url_args *args,
                              struct store *store, const struct picture *p,
                              struct buf *out, struct error *err)
{
    int width = args->width ? (int)args->width : THUMBNAIL_WIDTH;
    int height = args->height ? (int)args->height : THUMBNAIL_WIDTH;
    AUTO_FREE char *path = NULL;
    if (args->format || args->quality || args->transformation || args->sign) {
        error_set(err, ERROR_USAGE, "a thumbnail of the store %s is what it is",
                  store->ops->name);
        return error_hint(err, "formats, qualities and signatures need the store "
                               "cloudinary");
    }
    if (width > THUMBNAIL_MAX || height > THUMBNAIL_MAX) {
        return error_set(err, ERROR_USAGE, "a thumbnail has at most %d pixels a side",
                         THUMBNAIL_MAX);
    }
    if (picture_thumbnail(app, store, p, width, height, &path, err) < 0) {
        return -1;
    }
    buf_addstr(out, "file://");
    text_percent_encode(out, path, strlen(path), "-._~/");
    return 0;
}

static int print_link(struct app *app, const struct url_args *args,
                      struct open_stores *stores, const char *operand,
                      struct json_writer *w, struct buf *copied, struct error *err)
{
    AUTO_PICTURE struct picture p = PICTURE_INIT;
    AUTO_BUF struct buf link = BUF_INIT;
    struct link_options o = {
        .kind = args->thumbnail ? LINK_THUMBNAIL
                : args->original ? LINK_ORIGINAL
                                 : LINK_OPTIMISED,
        .width = (int)args->width,
        .height = (int)args->height,
        .format = args->format,
        .quality = args->quality,
        .transformation = args->transformation,
        .sign = args->sign,
    };
    if (ids_find(app->catalog, operand, &p, err) < 0) {
        return -1;
    }
    struct store *store = open_stores_get(stores, app, p.storage_provider, err);
    struct stored what = picture_stored(&p);
    if (!store) {
        return -1;
    }
    int result = args->thumbnail && !store->ops->is_remote
                     ? link_own_thumbnail(app, args, store, &p, &link, err)
                     : store->ops->link(store, &what, &o, &link, err);
    if (result < 0) {
        return -1;
    }
    copy_add(copied, args->copy ? link.data : NULL);
    if (args->json) {
        json_begin_object(w);
        json_member_int(w, "id", p.id);
        json_member_text(w, "url", link.data);
        json_end_object(w);
    } else {
        buf_add(w->out, link.data, link.len);
        buf_addch(w->out, args->null ? '\0' : '\n');
    }
    return 0;
}

static int run(struct app *app, void *arguments, struct error *err)
{
    const struct url_args *args = arguments;
    AUTO_STRLIST struct strlist ids = STRLIST_INIT;
    AUTO_BUF struct buf text = BUF_INIT;
    AUTO_BUF struct buf copied = BUF_INIT;
    struct json_writer w = { .out = &text };
    struct open_stores stores = { .count = 0 };
    struct tally tally = { .done = 0 };
    if (args->original && args->thumbnail) {
        return error_set(err, ERROR_USAGE,
                         "--original and --thumbnail exclude each other");
    }
    if (ids_expand(app->catalog, &args->operands, &ids, err) < 0) {
        return -1;
    }
    if (args->json) {
        json_begin_array(&w);
    }
    for (size_t i = 0; i < ids.len; i++) {
        struct error one = ERROR_INIT;
        if (print_link(app, args, &stores, ids.items[i], &w, &copied, &one) < 0) {
            output_write(&text);
            report_error(ids.items[i], &one, args->json);
            tally_failure(&tally, &one);
        } else {
            tally.done++;
        }
    }
    if (args->json) {
        json_end_array(&w);
        buf_addch(&text, '\n');
    }
    output_write(&text);
    open_stores_close(&stores);
    return copy_finish(&copied, tally_exit_code(&tally));
}

const struct command cmd_url = {
    .name = "url",
    .summary = "delivery, thumbnail and optimised links",
    .group = "Library",
    .args_size = sizeof(struct url_args),
    .sets = { { options, 0, NULL } },
    .operands = operands,
    .examples = examples,
    .needs = NEEDS_CATALOG_IF_THERE,
    .run = run,
};
