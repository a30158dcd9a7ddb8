#include "upload_run.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "imgctl/clock.h"
#include "imgctl/progress.h"
#include "imgctl/report.h"
#include "imgctl/text.h"
#include "interrupt.h"
#include "pictures.h"

/* ---- Results ---- */

struct front {
    struct report report;
    struct progress *progress;
    const struct upload_options *upload;
    bool removes;
};

static const char *status_name(enum upload_status status)
{
    static const char *const names[] = { "uploaded", "duplicate", "restored", "planned" };
    return names[status];
}

static void report_one(struct front *f, const struct batch_result *result)
{
    const struct picture *p = &result->picture;
    char size[16], facts[64], remark[320];
    text_format_size(size, p->file_size_bytes);
    snprintf(facts, sizeof facts, "%5" PRId64 "x%-5" PRId64 "  %8s", p->width, p->height,
             size);
    if (result->status == UPLOAD_DUPLICATE && p->id) {
        snprintf(remark, sizeof remark, "of %" PRId64, p->id);
    } else {
        snprintf(remark, sizeof remark, "to %s%s%s", p->storage_provider,
                 p->cloudinary_public_id ? " as " : "",
                 p->cloudinary_public_id ? p->cloudinary_public_id : "");
    }
    report_done(&f->report,
                &(struct report_item){
                    .input = result->input,
                    .id = p->id,
                    .status = status_name(result->status),
                    .record = p,
                    .bytes = result->status == UPLOAD_STORED ? p->file_size_bytes : 0,
                    .facts = facts,
                    .detail = p->storage_url,
                    .remark = remark,
                });
}

static void show_result(void *cookie, const struct batch_result *result)
{
    struct front *f = cookie;
    progress_hide(f->progress);
    if (result->failed) {
        report_failed(&f->report, result->input, 0, &result->error);
        return;
    }
    report_one(f, result);
    if (result->error.kind != ERROR_NONE) {
        output_note("imgctl: %s: kept: %s", result->input, result->error.message);
    }
}

static void show_progress(void *cookie, const struct batch_counts *c)
{
    struct front *f = cookie;
    progress_show(f->progress, c->total, c->done, c->failed, c->bytes);
}

/* ---- The run ---- */

static void interrupted(void *batch)
{
    batch_interrupt(batch);
}

static void tell_rest(const struct batch_counts *counts)
{
    int64_t rest = counts->total - counts->done;
    if (rest > 0) {
        output_note("imgctl: %s: %" PRId64 " of %" PRId64 " inputs are not done; the same"
                    " command again goes on with them", interrupt_signal() ? "interrupted" : "stopped",
                    rest, counts->total);
    }
}

static int run_batch(const struct upload_run *run, struct front *f,
                     struct batch_counts *counts, struct error *err)
{
    struct interrupt signals;
    struct batch *b = batch_new(run->upload, run->batch, run->app->catalog, run->store,
                                run->inputs);
    f->progress = progress_new((enum progress_choice)run->progress);
    interrupt_begin(&signals, interrupted, b);
    int result = batch_run(b, show_result, show_progress, f, counts, err);
    interrupt_end(&signals);
    progress_end(f->progress);
    if (!batch_was_cut(b)) {
        batch_free(b);
        return result;
    }
    /* Threads are still at work: end as the signal would have done, with all that is
     * done in the catalog and the rest in its journal. */
    report_end(&f->report, NULL);
    tell_rest(counts);
    interrupt_die();
    return result;
}

int upload_run(const struct upload_run *run, struct error *err)
{
    struct front f = { .upload = run->upload };
    struct batch_counts counts = { .total = 0 };
    int64_t began = clock_now();
    if (report_begin(&f.report, run->output, &picture_type, "image", run->upload->dry_run,
                     err) < 0) {
        return -1;
    }
    if (run_batch(run, &f, &counts, err) < 0) {
        output_abandon(&f.report.out);
        return -1;
    }
    bool complete = counts.done == counts.total && counts.failed == 0;
    int code = report_end(&f.report, f.report.tally.done ? "imgctl list" : NULL);
    tell_rest(&counts);
    if (run->mark && complete && !run->upload->dry_run &&
        catalog_batch_done(run->app->catalog, run->mark, began, err) < 0) {
        return -1;
    }
    return interrupt_signal() ? 128 + interrupt_signal() : code;
}
