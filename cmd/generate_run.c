#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "generate.h"
#include "imgctl/budget.h"
#include "imgctl/mem.h"
#include "imgctl/progress.h"
#include "imgctl/report.h"
#include "imgctl/text.h"
#include "interrupt.h"
#include "jobs.h"

/* ---- Items ---- */

/* What an item of `generate` says beside the picture. */
struct item {
    int64_t job, estimate, cost;
    const char *output;
};

static const struct field item_fields[] = {
    { "job", FIELD_INT_SET, offsetof(struct item, job) },
    { "job_estimate_usd", FIELD_MONEY, offsetof(struct item, estimate) },
    { "job_cost_usd", FIELD_MONEY, offsetof(struct item, cost) },
    { "output", FIELD_TEXT, offsetof(struct item, output) },
    { .name = NULL },
};

static const struct record_type item_type = { .fields = item_fields };

/* What the summary says of money. */
struct sums {
    int64_t estimate, most, cost;
};

static const struct field sums_fields[] = {
    { "estimate_usd", FIELD_MONEY, offsetof(struct sums, estimate) },
    { "at_most_usd", FIELD_MONEY, offsetof(struct sums, most) },
    { "cost_usd", FIELD_MONEY, offsetof(struct sums, cost) },
    { .name = NULL },
};

static const struct record_type sums_type = { .fields = sums_fields };

static void report_picture(struct report *report, const char *input,
                           const struct generated *g, const struct item *item,
                           bool silent)
{
    const struct picture *p = &g->picture;
    char size[16], facts[64], remark[64];
    text_format_size(size, p->file_size_bytes);
    snprintf(facts, sizeof facts, "%5" PRId64 "x%-5" PRId64 "  %8s", p->width, p->height,
             size);
    if (g->duplicate) {
        snprintf(remark, sizeof remark, "of %" PRId64, p->id);
    } else {
        snprintf(remark, sizeof remark, "to %s",
                 p->storage_provider ? p->storage_provider : "file");
    }
    report_done(report, &(struct report_item){
                            .input = input,
                            .id = p->id,
                            .status = g->duplicate ? "duplicate" : "generated",
                            .record = g->stored ? p : NULL,
                            .bytes = p->file_size_bytes,
                            .label = g->stored ? p->original_filename : g->output,
                            .facts = g->stored ? facts : NULL,
                            .detail = g->stored ? p->storage_url : g->output,
                            .remark = remark,
                            .more_type = &item_type,
                            .more = item,
                            .silent = silent,
                        });
}

void generate_report(struct report *report, const char *input,
                     const struct generate_result *result, bool silent)
{
    struct item item = { result->job,
                         result->order ? orders_expected(result->order, 1)
                                       : MONEY_UNKNOWN,
                         result->cost, NULL };
    for (int i = 0; i < result->count; i++) {
        const struct generated *g = &result->pictures[i];
        item.output = g->output;
        if (g->stored || g->error.kind == ERROR_NONE) {
            report_picture(report, input, g, &item, silent);
        }
        if (g->error.kind != ERROR_NONE) {
            report_failed(report, input, g->picture.id, &g->error);
        }
    }
    if (result->error.kind != ERROR_NONE) {
        report_failed(report, input, 0, &result->error);
    }
}

/* ---- Running ---- */

struct front {
    const struct generate_work *work;
    struct report report;
    struct sums sums;
    struct progress *progress;
    int told; /* interrupts that were answered */
    bool silent;
    bool unsure; /* of the cost: something is unknown */
};

static void warn_of_budget(const struct front *f, const struct generate_result *result)
{
    AUTO_BUF struct buf warning = BUF_INIT;
    const struct order *o = result->order;
    if (result->job && budget_warning(&f->work->options->budget, &result->spent,
                                      o->estimate, &warning)) {
        output_note("imgctl: %s", warning.data);
    }
}

static void add_cost(struct front *f, const struct generate_result *result)
{
    bool was_paid = result->state == JOB_GENERATED || result->state == JOB_STORED ||
                    result->state == JOB_UNKNOWN || result->state == JOB_SENDING;
    if (was_paid) {
        f->unsure = f->unsure || result->cost == MONEY_UNKNOWN;
        f->sums.cost += result->cost != MONEY_UNKNOWN ? result->cost
                                                      : result->order->estimate;
    }
}

static void show_result(void *cookie, const struct generate_result *result)
{
    struct front *f = cookie;
    progress_hide(f->progress);
    warn_of_budget(f, result);
    add_cost(f, result);
    generate_report(&f->report, result->order->prompt, result, f->silent);
}

/* The handler must not print: it is told here. */
static void answer_interrupts(struct front *f, const struct generate_progress *p)
{
    if (interrupt_count() > f->told && p->under_way > 0) {
        f->told = interrupt_count();
        progress_hide(f->progress);
        output_note(f->told == 1
                        ? "imgctl: what is sent may be paid for: waiting for the answer;"
                          " once more gives it up"
                        : "imgctl: given up; whether it is charged is unknown");
    }
}

static void show_progress(void *cookie, const struct generate_progress *p)
{
    struct front *f = cookie;
    answer_interrupts(f, p);
    progress_show_time(f->progress, p->total, p->done, p->failed, p->bytes, p->elapsed);
}

static void interrupted(void *run)
{
    generate_interrupt(run);
    if (interrupt_count() > 2) {
        interrupt_die();
    }
}

static void print_cost(const struct front *f)
{
    AUTO_BUF struct buf line = BUF_INIT;
    if (output_quiet() || f->sums.estimate == 0) {
        return;
    }
    buf_addf(&line, "imgctl: cost %s", f->unsure ? "up to " : "");
    money_print(&line, f->sums.cost);
    buf_addstr(&line, ", estimated ");
    money_print(&line, f->sums.estimate);
    output_note("%s", line.data);
}

static void tell_rest(const struct generate_progress *p)
{
    int64_t rest = p->total - p->done;
    if (rest > 0) {
        output_note("imgctl: %s: %" PRId64 " of %" PRId64 " prompts were not sent",
                    interrupt_signal() ? "interrupted" : "stopped", rest, p->total);
    }
}

static int finish(struct front *f, const struct generate_progress *p)
{
    const struct generate_args *args = f->work->args;
    bool stored = f->report.tally.done > 0 && !args->preview && !f->silent;
    f->report.more_type = &sums_type;
    f->report.more = &f->sums;
    print_cost(f);
    int code = report_end(&f->report, stored ? "imgctl list --ai" : NULL);
    tell_rest(p);
    return interrupt_signal() ? 128 + interrupt_signal() : code;
}

static int run_to_end(const struct generate_work *w, struct generate_run *r,
                      struct error *err)
{
    struct front f = {
        .work = w,
        .sums = { .estimate = orders_expected(w->orders, w->count),
                  .most = w->most },
        .silent = w->args->to && strcmp(w->args->to, "-") == 0,
    };
    struct interrupt signals;
    struct generate_progress progress = { .total = 0 };
    if (report_begin(&f.report, &w->args->output, &picture_type, "image", false,
                     err) < 0) {
        return -1;
    }
    /* A reader that leaves must not end what is on its way, for it is paid. */
    signal(SIGPIPE, SIG_IGN);
    f.progress = progress_new((enum progress_choice)w->args->progress);
    interrupt_begin(&signals, interrupted, r);
    int result = generate(r, show_result, show_progress, &f, &progress, err);
    interrupt_end(&signals);
    progress_end(f.progress);
    if (result < 0) {
        output_abandon(&f.report.out);
        return -1;
    }
    return finish(&f, &progress);
}

static struct generate_run *new_run(const struct generate_work *w)
{
    struct generate_run *r = generate_new(w->options, w->app->catalog, w->orders,
                                          w->count);
    generate_use_generator(r, w->generator);
    return r;
}

int generate_work_run(const struct generate_work *w, struct error *err)
{
    struct generate_run *r = new_run(w);
    int result = run_to_end(w, r, err);
    generate_free(r);
    return result;
}

/* ---- Planning ---- */

static void plan_one(struct report *report, const struct order *o)
{
    AUTO_BUF struct buf price = BUF_INIT;
    AUTO_BUF struct buf facts = BUF_INIT;
    const struct item item = { 0, o->price.micros, MONEY_UNKNOWN, NULL };
    money_print(&price, o->price.micros);
    if (o->price.basis != PRICE_FREE && o->price.basis != PRICE_UNKNOWN) {
        buf_addf(&price, " (%s)", price_basis_name(o->price.basis));
    }
    buf_addf(&facts, "%5ux%-5u  %2d", o->request.width, o->request.height,
             o->request.count);
    report_done(report, &(struct report_item){
                            .input = o->prompt,
                            .status = "planned",
                            .label = o->name,
                            .facts = facts.data,
                            .detail = price.data,
                            .more_type = &item_type,
                            .more = &item,
                        });
}

int generate_work_plan(const struct generate_work *w, struct error *err)
{
    struct report report;
    const struct sums sums = { orders_expected(w->orders, w->count), w->most,
                               MONEY_UNKNOWN };
    struct error refused = *err; /* why it would not be sent; ERROR_NONE */
    error_clear(err);
    if (report_begin(&report, &w->args->output, &picture_type, "image", true, err) < 0) {
        return -1;
    }
    for (size_t i = 0; i < w->count; i++) {
        plan_one(&report, &w->orders[i]);
    }
    report.more_type = &sums_type;
    report.more = &sums;
    int code = report_end(&report, NULL);
    if (refused.kind != ERROR_NONE) {
        *err = refused;
        return -1;
    }
    return code;
}

/* ---- In the background ---- */

/* In the child: nobody listens but the log. */
static int detach_output(const char *log)
{
    int in = open("/dev/null", O_RDONLY | O_CLOEXEC);
    int out = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    bool done = in >= 0 && out >= 0 && dup2(in, STDIN_FILENO) >= 0 &&
                dup2(out, STDOUT_FILENO) >= 0 && dup2(out, STDERR_FILENO) >= 0;
    mem_cleanup_fd(&in);
    mem_cleanup_fd(&out);
    return done ? 0 : -1;
}

static int run_child(const struct generate_work *w, struct generate_run *r,
                     struct error *err)
{
    AUTO_FREE char *log = generate_log_path(r);
    if (setsid() < 0 || detach_output(log) < 0) {
        return error_errno(err, ERROR_FAILED, "cannot go into the background");
    }
    if (app_make_catalog(w->app, err) < 0) {
        return -1; /* the job is reserved, and nobody with it: the next start drops it */
    }
    generate_use_catalog(r, w->app->catalog);
    return run_to_end(w, r, err);
}

static int print_job(const struct generate_work *w, int64_t job, struct error *err)
{
    AUTO_JOB struct job j = JOB_INIT;
    if (catalog_job(w->app->catalog, job, &j, err) < 0) {
        return -1;
    }
    if (!output_quiet()) {
        output_note("imgctl: job %" PRId64 " goes on in the background; imgctl jobs wait"
                    " %" PRId64, job, job);
    }
    return jobs_print_one(w->app, &j, &w->args->output, err);
}

int generate_work_detach(const struct generate_work *w, struct error *err)
{
    struct generate_run *r = new_run(w);
    int64_t job;
    if (generate_reserve(r, &job, err) < 0 || print_job(w, job, err) < 0) {
        generate_free(r);
        return -1;
    }
    /* No connection to the catalog goes through a fork. */
    catalog_close(w->app->catalog);
    w->app->catalog = NULL;
    pid_t child = fork();
    if (child < 0) {
        error_errno(err, ERROR_FAILED, "cannot start a process");
    }
    int result = child == 0 ? run_child(w, r, err) : child < 0 ? -1 : 0;
    generate_free(r);
    return result;
}
