#include <stddef.h>

#include "commands.h"
#include "imgctl/ids.h"
#include "imgctl/report.h"
#include "pictures.h"

struct restore_args {
    struct strlist operands;
    bool dry_run;
    struct output_args output;
};

static const struct option options[] = {
    { OPT_FLAG(struct restore_args, dry_run), .letter = 'n', .name = "dry-run",
      .help = "say what would be restored" },
    { .name = NULL },
};

static const struct operand operands[] = {
    { OPERAND_MANY(struct restore_args, operands), .name = "ID", .required = true,
      .complete = COMPLETE_PICTURE,
      .help = "a deleted picture; - for ids on standard input" },
    { .name = NULL },
};

static const char *const examples[] = {
    "imgctl restore 42",
    "imgctl list --deleted --ids --all | imgctl restore -",
    NULL,
};

struct restoration {
    struct catalog *catalog;
    bool dry_run;
};

static int restore_one(void *cookie, const char *operand, struct picture *p,
                       struct report *report, struct error *err)
{
    const struct restoration *r = cookie;
    const char *status = p->deleted_at ? "planned" : "skipped";
    if (!r->dry_run) {
        int changed = catalog_restore(r->catalog, p->id, err);
        if (changed < 0) {
            return -1;
        }
        status = changed ? "restored" : "skipped";
        p->deleted_at = 0;
    }
    report_done(report, &(struct report_item){
                            .input = operand,
                            .id = p->id,
                            .status = status,
                            .record = p,
                            .label = p->original_filename,
                        });
    return 0;
}

static int run(struct app *app, void *arguments, struct error *err)
{
    const struct restore_args *args = arguments;
    AUTO_STRLIST struct strlist ids = STRLIST_INIT;
    struct report report;
    if (ids_expand(app->catalog, &args->operands, &ids, err) < 0 ||
        report_begin(&report, &args->output, &picture_type, "image", args->dry_run,
                     err) < 0) {
        return -1;
    }
    struct restoration r = { app->catalog, args->dry_run };
    pictures_each(app, &ids, restore_one, &r, &report);
    return report_end(&report, NULL);
}

const struct command cmd_restore = {
    .name = "restore",
    .summary = "bring deleted pictures back",
    .group = "Library",
    .args_size = sizeof(struct restore_args),
    .sets = {
        { options, 0, NULL },
        { output_work_options, offsetof(struct restore_args, output), "Output" },
    },
    .operands = operands,
    .examples = examples,
    .needs = NEEDS_CATALOG_IF_THERE,
    .run = run,
};
