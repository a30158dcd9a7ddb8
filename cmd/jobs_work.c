/* What is done with single jobs: show, wait, resume, settle, prune. */
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "generate.h"
#include "imgctl/clock.h"
#include "imgctl/report.h"
#include "imgctl/text.h"
#include "jobs.h"

static const struct operand job_operands[] = {
    { OPERAND_MANY(struct job_ids_args, operands), .name = "JOB", .required = true,
      .complete = COMPLETE_JOB, .help = "a job: its number" },
    { .name = NULL },
};

/* ---- show ---- */

static void print_details(struct buf *out, const struct job_record *r)
{
    buf_addf(out, "job %" PRId64 "  %s\n", r->id, r->state);
    for (const struct field *f = job_type.fields; f->name; f++) {
        AUTO_BUF struct buf value = BUF_INIT;
        record_text(&value, f, r);
        bool is_head = strcmp(f->name, "id") == 0 || strcmp(f->name, "state") == 0;
        if (value.len > 0 && !is_head) {
            buf_addf(out, "  %-16s ", f->name);
            text_escape(out, value.data, value.len);
            buf_addch(out, '\n');
        }
    }
}

static int show_one(struct app *app, const char *operand, struct output *out,
                    struct error *err)
{
    AUTO_JOB struct job j = JOB_INIT;
    AUTO_JOB_RECORD struct job_record r = { .id = 0 };
    if (jobs_find(app, operand, &j, err) < 0 ||
        job_record_make(app, &j, true, &r, err) < 0) {
        return -1;
    }
    if (out->format == OUTPUT_HUMAN) {
        AUTO_BUF struct buf text = BUF_INIT;
        print_details(&text, &r);
        output_write(&text);
    } else {
        output_record(out, &r);
    }
    return 0;
}

static int run_show(struct app *app, void *arguments, struct error *err)
{
    const struct job_ids_args *args = arguments;
    struct output out;
    struct tally tally = { .done = 0 };
    if (output_begin(&out, &args->output, &job_type, err) < 0) {
        return -1;
    }
    output_open(&out, "jobs");
    for (size_t i = 0; i < args->operands.len; i++) {
        struct error one = ERROR_INIT;
        if (show_one(app, args->operands.items[i], &out, &one) < 0) {
            report_error(NULL, &one, args->output.json || args->output.jsonl);
            tally_failure(&tally, &one);
        } else {
            tally.done++;
        }
    }
    output_close(&out);
    output_end(&out);
    return tally_exit_code(&tally);
}

const struct command jobs_show = {
    .name = "show",
    .summary = "everything known about jobs",
    .args_size = sizeof(struct job_ids_args),
    .sets = { { output_options, offsetof(struct job_ids_args, output), "Output" } },
    .operands = job_operands,
    .needs = NEEDS_CATALOG_IF_THERE,
    .run = run_show,
};

/* ---- wait ---- */

static int wait_one(struct app *app, const char *operand, struct error *err)
{
    AUTO_JOB struct job j = JOB_INIT;
    if (jobs_find(app, operand, &j, err) < 0 ||
        generate_wait(app->config, app->catalog, j.id, &j, err) < 0) {
        return -1;
    }
    generate_outcome(&j, err);
    return err->kind == ERROR_NONE ? 0 : -1;
}

static int run_wait(struct app *app, void *arguments, struct error *err)
{
    const struct job_ids_args *args = arguments;
    struct tally tally = { .done = 0 };
    (void)err;
    for (size_t i = 0; i < args->operands.len; i++) {
        struct error one = ERROR_INIT;
        if (wait_one(app, args->operands.items[i], &one) < 0) {
            report_error(NULL, &one, false);
            tally_failure(&tally, &one);
        } else {
            tally.done++;
        }
    }
    return tally_exit_code(&tally);
}

const struct command jobs_wait = {
    .name = "wait",
    .summary = "wait until jobs are over; the exit status is theirs",
    .args_size = sizeof(struct job_ids_args),
    .operands = job_operands,
    .needs = NEEDS_CATALOG_IF_THERE,
    .run = run_wait,
};

/* ---- resume ---- */

struct resume_args {
    struct strlist operands;
    bool all;
    struct output_args output;
};

static const struct option resume_options[] = {
    { OPT_FLAG(struct resume_args, all), .name = "all",
      .help = "every job that is paid for and not stored" },
    { .name = NULL },
};

static const struct operand resume_operands[] = {
    { OPERAND_MANY(struct resume_args, operands), .name = "JOB",
      .complete = COMPLETE_JOB, .help = "a job: its number" },
    { .name = NULL },
};

static int add_id(void *cookie, const struct job *j)
{
    char id[24];
    snprintf(id, sizeof id, "%" PRId64, j->id);
    strlist_add(cookie, id);
    return 0;
}

static int resume_one(struct app *app, const char *operand, struct open_stores *stores,
                      struct report *report, struct error *err)
{
    AUTO_JOB struct job j = JOB_INIT;
    struct generate_result result = { .job = 0 };
    struct generate_options o = { .config = app->config, .trace_fd = app->trace_fd };
    if (jobs_find(app, operand, &j, err) < 0) {
        return -1;
    }
    if (strcmp(j.store, GENERATE_TO_FILE) != 0) {
        o.store = open_stores_get(stores, app, j.store, err);
        if (!o.store) {
            return -1;
        }
        o.strip = app_strip(app, o.store->ops->is_remote);
    }
    int done = generate_resume(&o, app->catalog, &j, &result, err);
    if (done == 0) {
        generate_report(report, j.prompt, &result, false);
    }
    generate_result_release(&result);
    return done;
}

static int run_resume(struct app *app, void *arguments, struct error *err)
{
    struct resume_args *args = arguments;
    struct open_stores stores = { .count = 0 };
    struct report report;
    if (args->all == (args->operands.len > 0)) {
        return error_set(err, ERROR_USAGE, "say which jobs, or --all");
    }
    if (app->catalog && (generate_recover(app->config, app->catalog, NULL, err) < 0 ||
                         (args->all && catalog_jobs(app->catalog, 1U << JOB_GENERATED, 0,
                                                    add_id, &args->operands, err) < 0))) {
        return -1;
    }
    if (report_begin(&report, &args->output, &picture_type, "image", false, err) < 0) {
        return -1;
    }
    for (size_t i = 0; i < args->operands.len; i++) {
        struct error one = ERROR_INIT;
        const char *operand = args->operands.items[i];
        bool failed = resume_one(app, operand, &stores, &report, &one) < 0;
        /* Of all jobs, one that a process works on is in good hands. */
        bool is_busy = args->all && one.kind == ERROR_UNAVAILABLE;
        if (failed && !is_busy) {
            report_failed(&report, args->operands.items[i], 0, &one);
        }
    }
    open_stores_close(&stores);
    return report_end(&report, NULL);
}

const struct command jobs_resume = {
    .name = "resume",
    .summary = "store what was paid for; nothing is paid again",
    .args_size = sizeof(struct resume_args),
    .sets = {
        { resume_options, 0, NULL },
        { output_work_options, offsetof(struct resume_args, output), "Output" },
    },
    .operands = resume_operands,
    .needs = NEEDS_CATALOG_IF_THERE,
    .run = run_resume,
};

/* ---- settle ---- */

struct settle_args {
    struct strlist operands;
    bool charged, not_charged;
};

static const struct option settle_options[] = {
    { OPT_FLAG(struct settle_args, charged), .name = "charged",
      .help = "the account was charged: the sum is spent" },
    { OPT_FLAG(struct settle_args, not_charged), .name = "void",
      .help = "it was not: the sum is free again" },
    { .name = NULL },
};

static const struct operand settle_operands[] = {
    { OPERAND_MANY(struct settle_args, operands), .name = "JOB", .required = true,
      .complete = COMPLETE_JOB, .help = "a job whose outcome is unknown" },
    { .name = NULL },
};

static int run_settle(struct app *app, void *arguments, struct error *err)
{
    const struct settle_args *args = arguments;
    struct tally tally = { .done = 0 };
    if (args->charged == args->not_charged) {
        error_set(err, ERROR_USAGE, "say either --charged or --void");
        return error_hint(err, "the account's usage page tells which");
    }
    if (app->catalog && generate_recover(app->config, app->catalog, NULL, err) < 0) {
        return -1;
    }
    for (size_t i = 0; i < args->operands.len; i++) {
        AUTO_JOB struct job j = JOB_INIT;
        struct error one = ERROR_INIT;
        if (jobs_find(app, args->operands.items[i], &j, &one) < 0 ||
            generate_settle(app->config, app->catalog, j.id, args->charged, &one) < 0) {
            report_error(NULL, &one, false);
            tally_failure(&tally, &one);
        } else {
            tally.done++;
        }
    }
    return tally_exit_code(&tally);
}

const struct command jobs_settle = {
    .name = "settle",
    .summary = "say what became of a job whose outcome is unknown",
    .args_size = sizeof(struct settle_args),
    .sets = { { settle_options, 0, NULL } },
    .operands = settle_operands,
    .needs = NEEDS_CATALOG_IF_THERE,
    .run = run_settle,
};

/* ---- prune ---- */

struct prune_args {
    int64_t older_than;
};

static const struct option prune_options[] = {
    { OPT_DURATION(struct prune_args, older_than), .name = "older-than", .value = "TIME",
      .fallback = "30d", .help = "only jobs that ended so long ago" },
    { .name = NULL },
};

static int run_prune(struct app *app, void *arguments, struct error *err)
{
    const struct prune_args *args = arguments;
    int64_t pruned = 0;
    /* In this order: a spool whose job is forgotten looks like one of a lost catalog. */
    if (app->catalog &&
        (generate_recover(app->config, app->catalog, NULL, err) < 0 ||
         catalog_jobs_prune(app->catalog, clock_now() - args->older_than, &pruned,
                            err) < 0)) {
        return -1;
    }
    if (!output_quiet()) {
        output_note("%" PRId64 " job%s forgotten; what they cost stays in the ledger",
                    pruned, pruned == 1 ? "" : "s");
    }
    return 0;
}

const struct command jobs_prune = {
    .name = "prune",
    .summary = "forget jobs that are stored, failed or void; the ledger stays",
    .args_size = sizeof(struct prune_args),
    .sets = { { prune_options, 0, NULL } },
    .needs = NEEDS_CATALOG_IF_THERE,
    .run = run_prune,
};
