#include "imgctl/upload.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "commands.h"
#include "imgctl/inputs.h"
#include "imgctl/report.h"
#include "imgctl/text.h"
#include "pictures.h"

struct upload_args {
    struct strlist operands;
    bool recursive, force, dry_run, allow_private;
    struct strlist include, exclude, tags;
    const char *files_from, *business, *alt, *store, *public_id, *name;
    int strip;
    int64_t max_bytes, max_pixels;
    struct output_args output;
};

static const char *const strip_names[] = { "auto", "none", "gps", "all", NULL };

static const struct option options[] = {
    { OPT_FLAG(struct upload_args, recursive), .letter = 'r', .name = "recursive",
      .help = "take folders with all pictures below them" },
    { OPT_LIST(struct upload_args, include), .name = "include", .value = "GLOB",
      .help = "in folders, take files of this name (default: *.jpg *.jpeg *.jpe *.png *.webp)" },
    { OPT_LIST(struct upload_args, exclude), .name = "exclude", .value = "GLOB",
      .help = "in folders, leave out files and folders of this name" },
    { OPT_TEXT(struct upload_args, files_from), .name = "files-from", .value = "FILE",
      .complete = COMPLETE_FILE,
      .help = "read more inputs from FILE, one a line (- is standard input)" },
    { OPT_TEXT(struct upload_args, business), .name = "business", .value = "NAME",
      .complete = COMPLETE_BUSINESS, .config = "business",
      .help = "the business the pictures belong to" },
    { OPT_TEXT(struct upload_args, store), .name = "store", .value = "STORE",
      .complete = COMPLETE_STORE, .config = "store",
      .help = "keep them in this store, local or cloudinary (default: cloudinary if an "
              "account is configured)" },
    { OPT_LIST(struct upload_args, tags), .name = "tag", .value = "TAG,...",
      .complete = COMPLETE_TAG, .help = "tag the pictures" },
    { OPT_TEXT(struct upload_args, alt), .name = "alt", .value = "TEXT",
      .help = "text for who cannot see the pictures" },
    { OPT_TEXT(struct upload_args, name), .name = "name", .value = "NAME",
      .help = "file name to record instead of the input's own (for one input)" },
    { OPT_TEXT(struct upload_args, public_id), .name = "public-id", .value = "ID",
      .help = "Cloudinary public id instead of one made from the content (for one input)" },
    { OPT_CHOICE(struct upload_args, strip), .name = "strip", .value = "WHAT",
      .choices = strip_names, .config = "upload.strip",
      .help = "take metadata out before storing: gps (the default for a remote store), all "
              "or none (the default for the local one); pixels are not touched" },
    { OPT_SIZE(struct upload_args, max_bytes), .name = "max-bytes", .value = "SIZE",
      .config = "upload.max_bytes", .help = "refuse larger files" },
    { OPT_INT(struct upload_args, max_pixels), .name = "max-pixels", .value = "N",
      .min = 1, .max = INT64_MAX, .config = "upload.max_pixels",
      .help = "refuse pictures with more pixels" },
    { OPT_FLAG(struct upload_args, allow_private), .name = "allow-private",
      .help = "URLs may name loopback and private addresses" },
    { OPT_FLAG(struct upload_args, force), .letter = 'f', .name = "force",
      .help = "store again what the catalog already knows" },
    { OPT_FLAG(struct upload_args, dry_run), .letter = 'n', .name = "dry-run",
      .help = "check everything, change nothing" },
    { .name = NULL },
};

static const struct operand operands[] = {
    { OPERAND_MANY(struct upload_args, operands), .name = "FILE", .complete = COMPLETE_FILE,
      .help = "a file, a folder (with -r), a URL, or - for a picture on standard input" },
    { .name = NULL },
};

static const char *const examples[] = {
    "imgctl upload cat.jpg dog.png",
    "imgctl upload -r outbox --business acme --tag autumn",
    "curl -s https://example.com/a.jpg | imgctl upload - --name a.jpg",
    "url=$(imgctl upload --urls hero.png)",
    NULL,
};

static enum image_strip strip_for(const struct upload_args *args, const struct store *store)
{
    switch (args->strip) {
    case 1:
        return STRIP_NONE;
    case 2:
        return STRIP_GPS;
    case 3:
        return STRIP_ALL;
    default:
        return store->ops->is_remote ? STRIP_GPS : STRIP_NONE;
    }
}

/* Make what -n must not make: the catalog, and the default business in it. */
static int prepare_catalog(struct app *app, const struct upload_args *args,
                           int64_t *business_id, struct error *err)
{
    struct business b = { .id = 0 };
    if (!args->dry_run && app_make_catalog(app, err) < 0) {
        return -1;
    }
    if (!app->catalog || (args->dry_run && !args->business)) {
        *business_id = 1;
        return 0;
    }
    if (catalog_business_find(app->catalog, args->business, &b, err) < 0) {
        return -1;
    }
    *business_id = b.id;
    business_release(&b);
    return 0;
}

static const char *status_name(enum upload_status status)
{
    static const char *const names[] = { "uploaded", "duplicate", "restored", "planned" };
    return names[status];
}

static void report_one(struct report *r, const char *input, enum upload_status status,
                       const struct picture *p)
{
    char size[16], facts[64], remark[320];
    text_format_size(size, p->file_size_bytes);
    snprintf(facts, sizeof facts, "%5" PRId64 "x%-5" PRId64 "  %8s", p->width, p->height,
             size);
    if (status == UPLOAD_DUPLICATE && p->id) {
        snprintf(remark, sizeof remark, "of %" PRId64, p->id);
    } else {
        snprintf(remark, sizeof remark, "to %s%s%s", p->storage_provider,
                 p->cloudinary_public_id ? " as " : "",
                 p->cloudinary_public_id ? p->cloudinary_public_id : "");
    }
    report_done(r, &(struct report_item){
                       .input = input,
                       .id = p->id,
                       .status = status_name(status),
                       .record = p,
                       .bytes = status == UPLOAD_STORED ? p->file_size_bytes : 0,
                       .facts = facts,
                       .detail = p->storage_url,
                       .remark = remark,
                   });
}

static void upload_all(struct uploader *u, const struct strlist *inputs, struct report *r)
{
    for (size_t i = 0; i < inputs->len; i++) {
        AUTO_PICTURE struct picture p = PICTURE_INIT;
        struct error err = ERROR_INIT;
        enum upload_status status;
        if (uploader_run(u, inputs->items[i], &status, &p, &err) < 0) {
            report_failed(r, inputs->items[i], 0, &err);
        } else {
            report_one(r, inputs->items[i], status, &p);
        }
    }
}

/* Some options describe one picture; tags come as lists with commas. */
static int check_args(const struct upload_args *args, const struct strlist *inputs,
                      struct strlist *tags, struct error *err)
{
    if (inputs->len == 0 && !args->files_from && !args->recursive) {
        error_set(err, ERROR_USAGE, "there is nothing to upload");
        return error_hint(err, "name a file, a folder with -r, a URL, or - for standard input");
    }
    if (inputs->len > 1 && (args->public_id || args->name)) {
        return error_set(err, ERROR_USAGE, "--public-id and --name go with one input, not %zu",
                         inputs->len);
    }
    for (size_t i = 0; i < args->tags.len; i++) {
        strlist_split(tags, args->tags.items[i], ',');
    }
    strlist_sort(tags);
    strlist_unique(tags);
    for (size_t i = 0; i < tags->len; i++) {
        if (!text_is_utf8(tags->items[i], strlen(tags->items[i]))) {
            return error_set(err, ERROR_USAGE, "--tag: not UTF-8: %s", tags->items[i]);
        }
    }
    if (args->alt && !text_is_utf8(args->alt, strlen(args->alt))) {
        return error_set(err, ERROR_USAGE, "--alt: not UTF-8: %s", args->alt);
    }
    return 0;
}

static int run_with_store(struct app *app, const struct upload_args *args,
                          const struct strlist *inputs, const struct strlist *tags,
                          struct store *store, struct error *err)
{
    struct upload_options o = {
        .limits = { args->max_bytes, args->max_pixels, image_default_limits.side },
        .strip = strip_for(args, store),
        .name = args->name,
        .public_id = args->public_id,
        .alt_text = args->alt,
        .tags = tags,
        .force = args->force,
        .dry_run = args->dry_run,
        .allow_private = args->allow_private,
        .config = app->config,
        .trace_fd = app->trace_fd,
    };
    struct report report;
    struct output_args output = args->output;
    output.null = args->output.null && !args->files_from;
    if (args->public_id && !store->ops->is_remote) {
        return error_set(err, ERROR_USAGE, "--public-id goes with --store cloudinary");
    }
    if (prepare_catalog(app, args, &o.business_id, err) < 0 ||
        report_begin(&report, &output, &picture_type, "image", args->dry_run, err) < 0) {
        return -1;
    }
    struct uploader *u = uploader_new(&o, app->catalog, store);
    upload_all(u, inputs, &report);
    uploader_free(u);
    return report_end(&report, report.tally.done ? "imgctl list" : NULL);
}

static int run(struct app *app, void *arguments, struct error *err)
{
    const struct upload_args *args = arguments;
    AUTO_STRLIST struct strlist inputs = STRLIST_INIT;
    AUTO_STRLIST struct strlist tags = STRLIST_INIT;
    struct input_options input_options = {
        .recursive = args->recursive,
        .include = &args->include,
        .exclude = &args->exclude,
        .files_from = args->files_from,
        .null = args->output.null,
    };
    struct store *store;
    if (inputs_expand(&args->operands, &input_options, &inputs, err) < 0 ||
        check_args(args, &inputs, &tags, err) < 0 ||
        app_store(app, args->store, &store, err) < 0) {
        return -1;
    }
    int result = run_with_store(app, args, &inputs, &tags, store, err);
    store_close(store);
    return result;
}

const struct command cmd_upload = {
    .name = "upload",
    .summary = "check pictures, store them and put them into the catalog",
    .group = "Library",
    .args_size = sizeof(struct upload_args),
    .sets = {
        { options, 0, NULL },
        { output_work_options, offsetof(struct upload_args, output), "Output" },
    },
    .operands = operands,
    .examples = examples,
    .needs = NEEDS_CATALOG_IF_THERE,
    .run = run,
};
