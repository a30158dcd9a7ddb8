#include "upload_run.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "imgctl/report.h"
#include "imgctl/text.h"
#include "copy.h"
#include "pictures.h"
#include "run_batch.h"

struct upload_front {
    struct batch_front batch; /* first */
    bool copies;
    struct buf copied;        /* lines for the clipboard */
};

static const char *status_name(int status)
{
    static const char *const names[] = { "uploaded", "duplicate", "restored", "planned" };
    return names[status];
}

static void report_one(struct batch_front *f, const struct batch_result *result)
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
    report_done(f->report,
                &(struct report_item){
                    .input = result->input,
                    .id = p->id,
                    .status = status_name(result->status),
                    .record = p,
                    .bytes = result->status == UPLOAD_STORED ? p->file_size_bytes : 0,
                    .facts = facts,
                    .detail = p->storage_url,
                    .remark = remark,
                    .error = result->error.kind != ERROR_NONE ? &result->error : NULL,
                });
}

static void show(struct batch_front *f, const struct batch_result *result)
{
    struct upload_front *u = (struct upload_front *)f;
    report_one(f, result);
    copy_add(&u->copied, u->copies ? result->picture.storage_url : NULL);
    if (result->error.kind != ERROR_NONE) {
        output_note("imgctl: %s: kept: %s", result->input, result->error.message);
    }
}

int upload_run(const struct upload_run *run, struct error *err)
{
    struct report report;
    struct upload_front u = {
        .batch = { .report = &report, .show = show, .next = "imgctl list" },
        .copies = run->copy,
        .copied = BUF_INIT,
    };
    const struct batch_counts *counts = &u.batch.counts;
    if (report_begin(&report, run->output, &picture_type, "image", run->upload->dry_run,
                     err) < 0) {
        return -1;
    }
    struct batch *b = batch_new(run->upload, run->batch, run->app->catalog, run->store,
                                run->inputs);
    int code = run_batch(b, &u.batch, run->progress, err);
    bool complete = code >= 0 && counts->done == counts->total && counts->failed == 0;
    if (code >= 0) {
        code = copy_finish(&u.copied, code);
    }
    buf_release(&u.copied);
    if (run->mark && complete && !run->upload->dry_run &&
        catalog_batch_done(run->app->catalog, run->mark, run->began, err) < 0) {
        return -1;
    }
    return code;
}
