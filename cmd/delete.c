#include <inttypes.h>
#include <stddef.h>

#include "commands.h"
#include "imgctl/ids.h"
#include "imgctl/report.h"
#include "pictures.h"

struct delete_args {
    struct strlist operands;
    bool hard, yes, dry_run, include_published;
    int64_t max_delete;
    struct output_args output;
};

static const struct option options[] = {
    { OPT_FLAG(struct delete_args, hard), .name = "hard",
      .help = "for good: the stored bytes, the copies in the delivery network, the row" },
    { OPT_FLAG(struct delete_args, include_published), .name = "include-published",
      .help = "also pictures that were posted" },
    { OPT_FLAG(struct delete_args, yes), .letter = 'y', .name = "yes",
      .help = "do not ask" },
    { OPT_INT(struct delete_args, max_delete), .name = "max-delete", .value = "N",
      .min = 0, .max = INT64_MAX, .config = "delete.max",
      .help = "without a terminal, refuse to delete more at once" },
    { OPT_FLAG(struct delete_args, dry_run), .letter = 'n', .name = "dry-run",
      .help = "say what would be deleted" },
    { .name = NULL },
};

static const struct operand operands[] = {
    { OPERAND_MANY(struct delete_args, operands), .name = "ID", .required = true,
      .complete = COMPLETE_PICTURE, .help = "a picture; - for ids on standard input" },
    { .name = NULL },
};

static const char *const examples[] = {
    "imgctl delete 42",
    "imgctl delete --hard --yes 42 43",
    "imgctl list --all --ids --tag test | imgctl delete --yes -",
    NULL,
};

struct deletion {
    struct app *app;
    const struct delete_args *args;
    struct open_stores stores;
};

/* As it is in the catalog now, if it can still be seen there. */
static void reload(const struct app *app, struct picture *p)
{
    struct picture now = PICTURE_INIT;
    struct error ignored = ERROR_INIT; /* it is deleted: that is what counts */
    if (catalog_picture(app->catalog, p->id, &now, &ignored) > 0) {
        picture_release(p);
        *p = now;
    }
}

static int delete_one(void *cookie, const char *operand, struct picture *p,
                      struct report *report, struct error *err)
{
    struct deletion *d = cookie;
    const char *status = "deleted";
    if (!d->args->include_published && picture_keep_published(d->app, p->id, err) < 0) {
        return -1;
    }
    if (d->args->dry_run) {
        status = p->deleted_at && !d->args->hard ? "skipped" : "planned";
    } else if (d->args->hard) {
        if (picture_remove(d->app, &d->stores, p, 0, err) < 0) {
            return -1;
        }
    } else {
        int changed = catalog_delete_soft(d->app->catalog, p->id, err);
        if (changed < 0) {
            return -1;
        }
        status = changed ? "deleted" : "skipped";
        reload(d->app, p);
    }
    report_done(report, &(struct report_item){
                            .input = operand,
                            .id = p->id,
                            .status = status,
                            .record = p,
                            .bytes = p->file_size_bytes,
                            .label = p->original_filename,
                        });
    return 0;
}

static int run(struct app *app, void *arguments, struct error *err)
{
    const struct delete_args *args = arguments;
    AUTO_STRLIST struct strlist ids = STRLIST_INIT;
    struct deletion d = { .app = app, .args = args };
    struct report report;
    if (ids_expand(app->catalog, &args->operands, &ids, err) < 0 ||
        (!args->dry_run && confirm_deletion(app, ids.len, args->max_delete, args->yes,
                                            args->hard, err) < 0) ||
        report_begin(&report, &args->output, &picture_type, "image", args->dry_run,
                     err) < 0) {
        return -1;
    }
    pictures_each(app, &ids, delete_one, &d, &report);
    open_stores_close(&d.stores);
    return report_end(&report,
                      args->hard || !report.tally.done ? NULL : "imgctl restore ID");
}

const struct command cmd_delete = {
    .name = "delete",
    .summary = "delete pictures: hidden and restorable, or for good with --hard",
    .group = "Library",
    .args_size = sizeof(struct delete_args),
    .sets = {
        { options, 0, NULL },
        { output_work_options, offsetof(struct delete_args, output), "Output" },
    },
    .operands = operands,
    .examples = examples,
    .needs = NEEDS_CATALOG_IF_THERE,
    .run = run,
};
