#include "imgctl/push.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>

#include "commands.h"
#include "imgctl/ids.h"
#include "imgctl/mem.h"
#include "imgctl/report.h"
#include "imgctl/text.h"
#include "pictures.h"
#include "run_batch.h"

struct push_args {
    struct strlist operands;
    bool all, remove_local, dry_run;
    int strip;
    struct select_args select;
    struct batch_args batch;
    struct output_args output;
};

/* In the order of enum image_strip, behind the one that is decided here. */
static const char *const strip_names[] = { "auto", "none", "gps", "all", NULL };

static const struct option options[] = {
    { OPT_FLAG(struct push_args, all), .name = "all",
      .help = "every picture of the local store" },
    { OPT_FLAG(struct push_args, remove_local), .name = "remove-local",
      .help = "remove the local bytes once Cloudinary has handed out the same" },
    { OPT_CHOICE(struct push_args, strip), .name = "strip", .value = "WHAT",
      .choices = strip_names, .config = "upload.strip",
      .help = "take metadata out before sending: gps (auto means that), all or none; "
              "pixels are not touched" },
    { OPT_FLAG(struct push_args, dry_run), .letter = 'n', .name = "dry-run",
      .help = "say what would be sent" },
    { .name = NULL },
};

static const struct operand operands[] = {
    { OPERAND_MANY(struct push_args, operands), .name = "ID",
      .complete = COMPLETE_PICTURE, .help = "a picture; - for ids on standard input" },
    { .name = NULL },
};

static const char *const examples[] = {
    "imgctl push 42 43",
    "imgctl push --all --dry-run",
    "imgctl push --tag autumn --created -7d.. --remove-local",
    "imgctl list --all --ids --store local --bytes 1M.. | imgctl push -",
    NULL,
};

/* ---- Which pictures ---- */

static int check_args(const struct push_args *args, struct error *err)
{
    bool selects = args->all || select_is_given(&args->select);
    if (args->select.deleted) {
        return error_set(err, ERROR_USAGE, "deleted pictures are not pushed");
    }
    if (select_check(&args->select, err) < 0) {
        return -1;
    }
    if (selects && args->operands.len > 0) {
        return error_set(err, ERROR_USAGE, "name pictures or select them, not both");
    }
    if (!selects && args->operands.len == 0) {
        error_set(err, ERROR_USAGE, "there is nothing to push");
        return error_hint(err, "name pictures, select some as in imgctl list, or --all");
    }
    return 0;
}

static int take_id(void *cookie, const struct picture *p)
{
    strlist_take(cookie, mem_printf("%" PRId64, p->id));
    return 0;
}

/* The ids are read first: a selection that is walked must not be changed. */
static int select_ids(struct app *app, const struct push_args *args, struct strlist *ids,
                      struct error *err)
{
    struct selection s = select_from_args(&args->select);
    struct page page = { .sort = SORT_ID, .reverse = true, .rows_only = true };
    if (!s.store && !args->remove_local) {
        s.store = "local";
    }
    return app->catalog ? catalog_select(app->catalog, &s, &page, take_id, ids, err) : 0;
}

/* ---- Pushing ---- */

struct front {
    struct batch_front batch;
    bool selected; /* what is there already was not asked for by name */
};

static void make_remark(char *out, size_t size, const struct batch_result *result)
{
    const struct picture *p = &result->picture;
    out[0] = '\0';
    if (result->status == PUSH_DUPLICATE) {
        snprintf(out, size, "of %" PRId64, result->other);
    } else if (result->status == PUSH_DONE) {
        snprintf(out, size, "as %s",
                 p->cloudinary_public_id ? p->cloudinary_public_id : p->storage_url);
    } else if (result->status == PUSH_SKIPPED) {
        snprintf(out, size, "in %s already", p->storage_provider);
    }
}

static void show(struct batch_front *batch, const struct batch_result *result)
{
    static const char *const names[] = { "pushed", "skipped", "removed", "duplicate",
                                         "planned" };
    const struct front *f = (const struct front *)batch;
    const struct picture *p = &result->picture;
    char size[16], facts[64], remark[320];
    text_format_size(size, p->file_size_bytes);
    snprintf(facts, sizeof facts, "%5" PRId64 "x%-5" PRId64 "  %8s", p->width, p->height,
             size);
    make_remark(remark, sizeof remark, result);
    report_done(batch->report,
                &(struct report_item){
                    .input = result->input,
                    .id = p->id,
                    .status = names[result->status],
                    .record = p,
                    .bytes = result->status == PUSH_DONE ? p->file_size_bytes : 0,
                    .label = p->original_filename,
                    .facts = facts,
                    .detail = p->storage_url,
                    .remark = remark[0] ? remark : NULL,
                    .silent = result->status == PUSH_SKIPPED && f->selected,
                });
}

static int push_all(struct app *app, const struct push_args *args, struct store *from,
                    struct store *to, const struct strlist *ids, struct error *err)
{
    struct report report;
    struct front f = {
        .batch = { .report = &report, .show = show },
        .selected = args->operands.len == 0,
    };
    struct push_options push = {
        .strip = args->strip > 0 ? (enum image_strip)(args->strip - 1) : STRIP_GPS,
        .dry_run = args->dry_run,
    };
    struct batch_options batch = { .remove_source = args->remove_local };
    batch_args_apply(&args->batch, &batch);
    if (report_begin(&report, &args->output, &picture_type, "image", args->dry_run,
                     err) < 0) {
        return -1;
    }
    struct batch *b = push_new(&push, &batch, app->catalog, from, to, ids);
    return run_batch(b, &f.batch, args->batch.progress, err);
}

static int run(struct app *app, void *arguments, struct error *err)
{
    const struct push_args *args = arguments;
    AUTO_STRLIST struct strlist ids = STRLIST_INIT;
    struct store *from = NULL, *to;
    if (check_args(args, err) < 0 ||
        ids_expand(app->catalog, &args->operands, &ids, err) < 0 ||
        app_store_within(app, "cloudinary", batch_args_limits(&args->batch), &to,
                         err) < 0) {
        return -1;
    }
    int result = app_store(app, "local", &from, err);
    if (result == 0 && args->operands.len == 0) {
        result = select_ids(app, args, &ids, err);
    }
    if (result == 0) {
        result = push_all(app, args, from, to, &ids, err);
    }
    store_close(from);
    store_close(to);
    return result;
}

const struct command cmd_push = {
    .name = "push",
    .summary = "send pictures of the local store to Cloudinary, keeping their ids",
    .group = "Library",
    .args_size = sizeof(struct push_args),
    .sets = {
        { options, 0, NULL },
        { select_options, offsetof(struct push_args, select), "Filters" },
        { batch_options, offsetof(struct push_args, batch), "Batches" },
        { output_work_options, offsetof(struct push_args, output), "Output" },
    },
    .operands = operands,
    .examples = examples,
    .needs = NEEDS_CATALOG_IF_THERE,
    .run = run,
};
