#include "run_batch.h"

#include <inttypes.h>

#include "imgctl/store.h"
#include "interrupt.h"

static const char *const on_error_names[] = { "continue", "stop", NULL };

const struct option batch_options[] = {
    { OPT_INT(struct batch_args, jobs), .letter = 'j', .name = "jobs", .value = "N",
      .min = 1, .max = 100, .config = "upload.jobs",
      .help = "send up to N pictures at once; fewer when the service asks for it" },
    { OPT_INT(struct batch_args, rate), .name = "rate", .value = "N", .min = 1,
      .max = 1000000, .help = "begin at most N requests a second" },
    { OPT_SIZE(struct batch_args, bwlimit), .name = "bwlimit", .value = "SIZE",
      .help = "send at most so many bytes a second in all" },
    { OPT_CHOICE(struct batch_args, on_error), .name = "on-error", .value = "WHAT",
      .choices = on_error_names, .fallback = "continue",
      .help = "after an input that failed go on, or begin nothing more" },
    { OPT_INT(struct batch_args, max_failures), .name = "max-failures", .value = "N",
      .min = 1, .max = INT32_MAX, .help = "begin nothing more after N failures" },
    { OPT_CHOICE(struct batch_args, progress), .name = "progress", .value = "HOW",
      .choices = progress_names, .fallback = "auto",
      .help = "say on standard error how far it is" },
    { .name = NULL },
};

void batch_args_apply(const struct batch_args *args, struct batch_options *ret)
{
    ret->jobs = (int)args->jobs;
    ret->stop_on_error = args->on_error == 1;
    ret->max_failures = args->max_failures;
    ret->tick = PROGRESS_TICK;
}

struct store_context batch_args_limits(const struct batch_args *args)
{
    return (struct store_context){
        .jobs = (int)args->jobs,
        .requests_per_minute = args->rate * 60,
        .bytes_per_second = args->bwlimit,
    };
}

/* ---- Results ---- */

static void show_result(void *cookie, const struct batch_result *result)
{
    struct batch_front *f = cookie;
    progress_hide(f->progress);
    if (result->failed) {
        report_failed(f->report, result->input, result->picture.id, &result->error);
    } else if (result->skipped) {
        report_done(f->report, &(struct report_item){
                                   .input = result->input,
                                   .status = "skipped",
                                   .remark = "not begun",
                                   .untouched = true,
                                   .silent = !f->report->args.json &&
                                             !f->report->args.jsonl,
                               });
    } else {
        f->show(f, result);
    }
}

static void show_progress(void *cookie, const struct batch_counts *c)
{
    struct batch_front *f = cookie;
    progress_show(f->progress, c->total, c->done, c->failed,
                  c->bytes + c->under_way);
}

static void tell_rest(const struct batch_front *f)
{
    int64_t rest = f->counts.total - f->counts.done;
    if (rest > 0) {
        output_note("imgctl: %s: %" PRId64 " of %" PRId64 " inputs are not done; the same"
                    " command again goes on with them",
                    f->signal ? "interrupted" : "stopped", rest, f->counts.total);
    }
}

/* ---- The run ---- */

static void interrupted(void *batch)
{
    batch_interrupt(batch);
}

static void add_counts(struct batch_counts *sum, const struct batch_counts *part)
{
    sum->total += part->total;
    sum->done += part->done;
    sum->failed += part->failed;
    sum->bytes += part->bytes;
}

int run_batch_part(struct batch *b, struct batch_front *f, int progress,
                   struct error *err)
{
    struct interrupt signals;
    struct batch_counts counts = { .total = 0 };
    f->progress = progress_new((enum progress_choice)progress);
    if (f->stopped) {
        batch_interrupt(b);
    }
    interrupt_begin(&signals, interrupted, b);
    int result = batch_run(b, show_result, show_progress, f, &counts, err);
    interrupt_end(&signals);
    progress_end(f->progress);
    add_counts(&f->counts, &counts);
    f->signal = f->signal ? f->signal : interrupt_signal();
    f->stopped = f->stopped || f->signal || counts.done < counts.total;
    if (result == 0 && batch_was_cut(b)) {
        /* Threads are still at work: end as the signal would have done, with all that
         * is done in the catalog and the rest in its journal. */
        run_batch_end(f);
        interrupt_die();
    }
    batch_free(b);
    return result;
}

int run_batch_end(struct batch_front *f)
{
    int code = report_end(f->report, f->report->tally.done ? f->next : NULL);
    tell_rest(f);
    return f->signal ? 128 + f->signal : code;
}

int run_batch(struct batch *b, struct batch_front *f, int progress, struct error *err)
{
    if (run_batch_part(b, f, progress, err) < 0) {
        output_abandon(&f->report->out);
        return -1;
    }
    return run_batch_end(f);
}
