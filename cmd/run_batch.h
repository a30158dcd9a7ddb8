/*
 * run_batch.h - a batch in front of its user: signals, progress, what was not done.
 */
#ifndef RUN_BATCH_H
#define RUN_BATCH_H

#include "imgctl/batch.h"
#include "imgctl/command.h"
#include "imgctl/progress.h"
#include "imgctl/report.h"

/* How many side by side, how fast, and when to stop: for upload and push. */
struct batch_args {
    int64_t jobs, rate, bwlimit, max_failures;
    int on_error, progress;
};

extern const struct option batch_options[];

void batch_args_apply(const struct batch_args *args, struct batch_options *ret);

/* The limits for the store that pictures are sent to. */
struct store_context batch_args_limits(const struct batch_args *args);

struct batch_front {
    struct report *report;     /* begun */
    struct progress *progress; /* run_batch()'s */
    void (*show)(struct batch_front *f, const struct batch_result *result);
    struct batch_counts counts;
    int signal;                /* the first that came; 0: none */
    bool stopped;              /* by it, or not all of a batch was done */
    const char *next;          /* for report_end() */
};

/*
 * For a report of several batches, one after the other: run B and free it. COUNTS adds
 * up; once one of them was stopped, the next ones begin nothing.
 */
int run_batch_part(struct batch *b, struct batch_front *f, int progress,
                   struct error *err);

/* After the last one: the exit code. */
int run_batch_end(struct batch_front *f);

/*
 * Run B and free it. SHOW prints what became of an input, if it was done well. Returns
 * the exit code, 128 and the signal's number when one ended it, or -1 where it could
 * not begin: the report is abandoned then.
 */
int run_batch(struct batch *b, struct batch_front *f, int progress, struct error *err);

#endif
