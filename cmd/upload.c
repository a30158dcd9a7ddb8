#include "imgctl/upload.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "commands.h"
#include "imgctl/clipboard.h"
#include "imgctl/clock.h"
#include "imgctl/inputs.h"
#include "imgctl/lock.h"
#include "imgctl/mem.h"
#include "imgctl/text.h"
#include "repairing.h"
#include "run_batch.h"
#include "upload_run.h"

struct upload_args {
    struct strlist operands;
    bool recursive, force, dry_run, allow_private;
    struct strlist include, exclude, tags;
    const char *files_from, *business, *alt, *store, *public_id, *name;
    int strip;
    int64_t max_bytes, max_pixels;
    struct output_args output;

    struct batch_args batch;
    int64_t lock_wait;
    struct convert_args convert;
    bool no_cache, retry_failed, list_failed, forget_failed, remove_source, since_last;
    bool clipboard, copy;
    const char *lock;
};

static const char *const strip_names[] = { "auto", "none", "gps", "all", NULL };

static const struct option options[] = {
    { OPT_FLAG(struct upload_args, recursive), .letter = 'r', .name = "recursive",
      .help = "take folders with all pictures below them" },
    { OPT_LIST(struct upload_args, include), .name = "include", .value = "GLOB",
      .help = "in folders, take files of this name (default: *.jpg *.jpeg *.jpe *.png"
              " *.webp)" },
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
      .help = "Cloudinary public id instead of one made from the content (for one"
              " input)" },
    { OPT_CHOICE(struct upload_args, strip), .name = "strip", .value = "WHAT",
      .choices = strip_names, .config = "upload.strip",
      .help = "take metadata out before storing: gps (the default for a remote store),"
              " all or none (the default for the local one); pixels are not touched" },
    { OPT_SIZE(struct upload_args, max_bytes), .name = "max-bytes", .value = "SIZE",
      .config = "upload.max_bytes", .help = "refuse larger files" },
    { OPT_INT(struct upload_args, max_pixels), .name = "max-pixels", .value = "N",
      .min = 1, .max = INT64_MAX, .config = "upload.max_pixels",
      .help = "refuse pictures with more pixels" },
    { OPT_FLAG(struct upload_args, allow_private), .name = "allow-private",
      .help = "URLs may name loopback and private addresses" },
    { OPT_FLAG(struct upload_args, clipboard), .name = "clipboard",
      .help = "take the picture that is in the clipboard" },
    { OPT_FLAG(struct upload_args, copy), .name = "copy",
      .help = "copy to the clipboard where the pictures are now" },
    { OPT_FLAG(struct upload_args, force), .letter = 'f', .name = "force",
      .help = "store again what the catalog already knows" },
    { OPT_FLAG(struct upload_args, dry_run), .letter = 'n', .name = "dry-run",
      .help = "check everything, change nothing" },
    { .name = NULL },
};

static const struct option upload_batch_options[] = {
    { OPT_FLAG(struct upload_args, list_failed), .name = "list-failed",
      .help = "show the uploads that failed and may be tried again" },
    { OPT_FLAG(struct upload_args, retry_failed), .name = "retry-failed",
      .help = "try again what failed in this business and store" },
    { OPT_FLAG(struct upload_args, forget_failed), .name = "forget-failed",
      .help = "forget failed uploads: of the FILEs, or of all whose file is gone" },
    { OPT_FLAG(struct upload_args, since_last), .name = "since-last",
      .help = "leave out files that did not change since this command last did all it"
              " had to do" },
    { OPT_FLAG(struct upload_args, no_cache), .name = "no-cache",
      .help = "read also files that have not changed since they were read last" },
    { OPT_FLAG(struct upload_args, remove_source), .name = "remove-source",
      .help = "remove each file after its copy in the store was verified" },
    { OPT_TEXT(struct upload_args, lock), .name = "lock", .value = "NAME",
      .help = "do nothing while another imgctl has the lock NAME" },
    { OPT_DURATION(struct upload_args, lock_wait), .name = "lock-wait", .value = "TIME",
      .help = "wait so long for the lock" },
    { .name = NULL },
};

static const struct option convert_options[] = {
    { OPT_INT(struct convert_args, width), .name = "max-width", .value = "N",
      .max = 65535, .config = "upload.max_width",
      .help = "scale wider pictures down; 0 is no limit" },
    { OPT_INT(struct convert_args, height), .name = "max-height", .value = "N",
      .max = 65535, .config = "upload.max_height",
      .help = "scale higher pictures down; 0 is no limit" },
    { OPT_CHOICE(struct convert_args, format), .name = "as", .value = "FORMAT",
      .choices = format_names, .config = "upload.format",
      .help = "store them as jpeg, png or webp; --format webp means the same" },
    { OPT_INT(struct convert_args, quality), .name = "quality", .value = "Q",
      .max = 100, .config = "upload.quality",
      .help = "encode JPEG and WebP anew in this quality, where that makes them"
              " smaller" },
    { .name = NULL },
};

static const struct operand operands[] = {
    { OPERAND_MANY(struct upload_args, operands), .name = "FILE",
      .complete = COMPLETE_FILE,
      .help = "a file, a folder (with -r), a URL, or - for a picture on standard input" },
    { .name = NULL },
};

static const char *const examples[] = {
    "imgctl upload cat.jpg dog.png",
    "imgctl upload -r outbox --business acme --tag autumn",
    "curl -s https://example.com/a.jpg | imgctl upload - --name a.jpg",
    "imgctl upload -r outbox --max-width 2000 --as webp --quality 80",
    "imgctl upload -r outbox --lock outbox --remove-source --progress none",
    "url=$(imgctl upload --urls hero.png)",
    NULL,
};

static enum image_strip strip_for(const struct upload_args *args,
                                  const struct store *store)
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

/* Some options describe one picture; tags come as lists with commas. */
static int check_args(const struct upload_args *args, const struct strlist *inputs,
                      struct strlist *tags, struct error *err)
{
    if (inputs->len == 0 && !args->files_from && !args->recursive &&
        !args->retry_failed) {
        error_set(err, ERROR_USAGE, "there is nothing to upload");
        return error_hint(err, "name a file, a folder with -r, a URL, or - for standard"
                          " input");
    }
    if (args->lock_wait > 0 && !args->lock) {
        return error_set(err, ERROR_USAGE, "--lock-wait goes with --lock");
    }
    if ((inputs->len > 1 || args->retry_failed) && (args->public_id || args->name)) {
        return error_set(err, ERROR_USAGE,
                         "--public-id and --name go with one input, not %zu",
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

static void add_words(struct strlist *words, const char *option, const struct strlist *of)
{
    for (size_t i = 0; i < of->len; i++) {
        strlist_take(words, mem_printf("%s%s", option, of->items[i]));
    }
}

/* What the catalog has to say about the inputs: those that failed, those that are new. */
static int choose_inputs(struct app *app, const struct upload_args *args,
                         int64_t business_id, const char *store, struct strlist *inputs,
                         const char *conversion, char mark[65], struct error *err)
{
    if (args->since_last) {
        AUTO_STRLIST struct strlist words = STRLIST_INIT;
        add_words(&words, "", &args->operands);
        add_words(&words, "--include=", &args->include);
        add_words(&words, "--exclude=", &args->exclude);
        if (args->files_from) {
            strlist_take(&words, mem_printf("--files-from=%s", args->files_from));
        }
        if (conversion) {
            strlist_add(&words, conversion);
        }
        if (upload_mark(&words, business_id, store, mark, err) < 0 ||
            upload_only_since(app, mark, inputs, err) < 0) {
            return -1;
        }
    }
    /* These were not finished, however old they are. */
    return args->retry_failed ? upload_add_failed(app, business_id, store, inputs, err)
                              : 0;
}

static int run_with_store(struct app *app, const struct upload_args *args,
                          struct strlist *inputs, const struct strlist *tags,
                          struct store *store, int64_t began, struct error *err)
{
    struct upload_options o = {
        .limits = { args->max_bytes, args->max_pixels, image_default_limits.side },
        .strip = strip_for(args, store),
        .name = args->name || !args->clipboard ? args->name : "clipboard",
        .public_id = args->public_id,
        .alt_text = args->alt,
        .tags = tags,
        .force = args->force,
        .dry_run = args->dry_run,
        .allow_private = args->allow_private,
        .no_cache = args->no_cache,
        .config = app->config,
        .trace_fd = app->trace_fd,
    };
    struct batch_options batch = {
        .remove_source = args->remove_source,
    };
    struct output_args output = args->output;
    struct convert_args convert = args->convert;
    struct upload_conversion conversion;
    AUTO_FREE char *key = NULL;
    char mark[65] = "";
    batch_args_apply(&args->batch, &batch);
    output.null = args->output.null && !args->files_from;
    format_take(&output, &convert.format);
    if (convert_is_wanted(&convert)) {
        key = convert_key(&convert);
        conversion = convert_for_upload(&convert, &o.limits, key);
        o.conversion = &conversion;
    }
    if (args->public_id && !store->ops->is_remote) {
        return error_set(err, ERROR_USAGE, "--public-id goes with --store cloudinary");
    }
    if (prepare_catalog(app, args, &o.business_id, err) < 0 ||
        choose_inputs(app, args, o.business_id, store->ops->name, inputs, key, mark,
                      err) < 0) {
        return -1;
    }
    struct upload_run run = {
        .app = app,
        .output = &output,
        .upload = &o,
        .batch = &batch,
        .inputs = inputs,
        .store = store,
        .progress = args->batch.progress,
        .copy = args->copy,
        .mark = mark[0] ? mark : NULL,
        .began = began,
    };
    return upload_run(&run, err);
}

/* The clipboard's picture as standard input, which nothing else may be then. */
static int take_clipboard(const struct upload_args *args, struct strlist *inputs,
                          struct error *err)
{
    if (args->operands.len > 0 || args->files_from || args->recursive ||
        args->retry_failed) {
        return error_set(err, ERROR_USAGE, "--clipboard is the only input, if it is one");
    }
    AUTO_FD int fd = clipboard_picture(args->max_bytes, err);
    if (fd < 0) {
        return -1;
    }
    if (dup2(fd, STDIN_FILENO) < 0) {
        return error_errno(err, ERROR_FAILED, "cannot read the clipboard");
    }
    strlist_add(inputs, "-");
    return 0;
}

static int run(struct app *app, void *arguments, struct error *err)
{
    const struct upload_args *args = arguments;
    AUTO_STRLIST struct strlist inputs = STRLIST_INIT;
    AUTO_STRLIST struct strlist tags = STRLIST_INIT;
    AUTO_FD int lock = -1;
    struct input_options input_options = {
        .recursive = args->recursive,
        .include = &args->include,
        .exclude = &args->exclude,
        .files_from = args->files_from,
        .null = args->output.null,
    };
    struct store *store;
    int64_t began = clock_now(); /* what comes while folders are read may be missed */
    if (args->list_failed) {
        return upload_list_failed(app, &args->output, err);
    }
    if (args->forget_failed) {
        return upload_forget_failed(app, &args->operands, args->dry_run, &args->output,
                                    err);
    }
    if (args->lock) {
        lock = lock_take(app->config, args->lock, args->lock_wait, err);
        if (lock < 0) {
            return -1;
        }
        began = clock_now();
    }
    if ((args->clipboard && take_clipboard(args, &inputs, err) < 0) ||
        inputs_expand(&args->operands, &input_options, &inputs, err) < 0 ||
        check_args(args, &inputs, &tags, err) < 0 ||
        app_store_within(app, args->store, batch_args_limits(&args->batch), &store,
                         err) < 0) {
        return -1;
    }
    int result = run_with_store(app, args, &inputs, &tags, store, began, err);
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
        { batch_options, offsetof(struct upload_args, batch), "Batches" },
        { convert_options, offsetof(struct upload_args, convert), "Conversion" },
        { upload_batch_options, 0, "Unattended runs" },
        { output_work_options, offsetof(struct upload_args, output), "Output" },
    },
    .operands = operands,
    .examples = examples,
    .needs = NEEDS_CATALOG_IF_THERE,
    .run = run,
};
