#include "imgctl/verify.h"

#include <stddef.h>

#include "commands.h"
#include "imgctl/ids.h"
#include "imgctl/report.h"
#include "pictures.h"

struct verify_args {
    struct strlist operands;
    bool quick, remote, repair, dry_run;
    struct output_args output;
};

static const struct option options[] = {
    { OPT_FLAG(struct verify_args, quick), .name = "quick",
      .help = "look at the sizes of local files, do not read them" },
    { OPT_FLAG(struct verify_args, remote), .name = "remote",
      .help = "ask Cloudinary about its pictures, too" },
    { OPT_FLAG(struct verify_args, repair), .name = "repair",
      .help = "remove what nobody needs, settle and rebuild; rows are never touched" },
    { OPT_FLAG(struct verify_args, dry_run), .letter = 'n', .name = "dry-run",
      .help = "say what --repair would do" },
    { .name = NULL },
};

static const struct operand operands[] = {
    { OPERAND_MANY(struct verify_args, operands), .name = "ID",
      .complete = COMPLETE_PICTURE,
      .help = "a picture; - for ids on standard input; none: everything" },
    { .name = NULL },
};

static const char *const examples[] = {
    "imgctl verify",
    "imgctl verify --quick --remote",
    "imgctl verify --repair --dry-run",
    "imgctl verify 42 43 --json",
    NULL,
};

struct work {
    struct app *app;
    struct open_stores stores;
    struct report report;
    bool is_all; /* what is well was not asked for by name */
};

static struct store *find_store(void *cookie, const char *name, struct error *err)
{
    struct work *w = cookie;
    return open_stores_get(&w->stores, w->app, name, err);
}

static void report_one(void *cookie, const struct verify_finding *f)
{
    static const char *const names[] = { "ok",         "unchecked", "damaged",
                                         "missing",    "orphan",    "unfinished",
                                         "repaired",   "planned" };
    struct work *w = cookie;
    const struct picture *p = f->picture;
    if (f->status == VERIFY_FAILED) {
        report_failed(&w->report, f->input, f->id, &f->error);
        return;
    }
    bool is_well = f->status == VERIFY_OK || f->status == VERIFY_UNCHECKED;
    bool is_wrong = f->error.kind != ERROR_NONE;
    if (is_wrong) {
        w->report.tally.fault_code = error_exit_code(ERROR_STORE);
    }
    report_done(&w->report, &(struct report_item){
                                .input = f->input,
                                .id = f->id,
                                .status = names[f->status],
                                .record = p,
                                .bytes = f->bytes,
                                .label = p ? p->original_filename : NULL,
                                .detail = is_wrong ? f->error.message : NULL,
                                .error = is_wrong ? &f->error : NULL,
                                .silent = is_well && w->is_all,
                            });
    if (is_wrong && f->error.hint[0] && w->report.out.format == OUTPUT_HUMAN) {
        output_note("  hint: %s", f->error.hint);
    }
}

static int run(struct app *app, void *arguments, struct error *err)
{
    const struct verify_args *args = arguments;
    AUTO_STRLIST struct strlist ids = STRLIST_INIT;
    struct work w = { .app = app, .is_all = args->operands.len == 0 };
    struct verifier v = {
        .catalog = app->catalog,
        .store = find_store,
        .found = report_one,
        .cookie = &w,
        .remote = args->remote ? "cloudinary" : NULL,
        .quick = args->quick,
        .repair = args->repair || args->dry_run,
        .dry_run = args->dry_run,
    };
    if (v.repair && !w.is_all) {
        return error_set(err, ERROR_USAGE, "--repair and -n are for everything, not for "
                                           "single pictures");
    }
    if (ids_expand(app->catalog, &args->operands, &ids, err) < 0 ||
        report_begin(&w.report, &args->output, &picture_type, "image", args->dry_run,
                     err) < 0) {
        return -1;
    }
    int result = 0;
    if (!w.is_all) {
        verify_pictures(&v, &ids);
    } else if (app->catalog) {
        result = verify_all(&v, err);
    }
    open_stores_close(&w.stores);
    if (result < 0) {
        output_abandon(&w.report.out);
        return -1;
    }
    return report_end(&w.report, NULL);
}

const struct command cmd_verify = {
    .name = "verify",
    .summary = "compare the catalog with its stores, in both directions",
    .group = "Set-up",
    .args_size = sizeof(struct verify_args),
    .sets = {
        { options, 0, NULL },
        { output_work_options, offsetof(struct verify_args, output), "Output" },
    },
    .operands = operands,
    .examples = examples,
    .needs = NEEDS_CATALOG_IF_THERE,
    .run = run,
};
