/*
 * batch.h - uploads side by side: as fast as the link, in bounded memory. Pushes go
 * the same way (push.h).
 *
 * A window moves over the inputs. In it a few threads read, check and digest ahead
 * (pool.h), up to JOBS pictures are on their way to the store, and finished ones wait
 * for those before them: results come in input order. Inputs are recognised and begun
 * in input order too, so of two equal ones always the first is stored and the other is
 * its duplicate. The catalog is written in groups: intents before their bytes leave,
 * rows before their results are reported. Everything but the reading happens in the
 * calling thread.
 *
 * A file that has not changed since it was read is not opened again: the catalog knows
 * its digest by what stat() says.
 */
#ifndef IMGCTL_BATCH_H
#define IMGCTL_BATCH_H

#include "imgctl/upload.h"

struct batch;

struct batch_options {
    int jobs;             /* puts at once over the network; 0: 8 */
    bool stop_on_error;   /* begin nothing more after the first failure */
    int64_t max_failures; /* nor after so many; 0: no limit */
    bool remove_source;   /* files whose stored copy was verified; of pushes the
                             bytes in the first store */
    int tick;             /* call TICK at least so often, in ms; 0: when it suits */
};

/* What became of one input. It is the batch's, during the call. */
struct batch_result {
    const char *input;
    size_t index;           /* of the input */
    bool failed;
    bool skipped;           /* not begun, or not sent, when the batch was stopped */
    int status;             /* enum upload_status or push_status */
    int64_t other;          /* the id of the picture that has the content pushed */
    struct picture picture; /* its id is 0 in a dry run of something new */
    const struct upload_change *change; /* NULL: there is no conversion */
    struct error error;     /* does not name the input; with remove_source also why the
                               file was kept, though the upload did not fail */
};

struct batch_counts {
    int64_t total, done, failed; /* done: with those that failed, not skipped ones */
    int64_t bytes;               /* of pictures that arrived in the store */
    int64_t under_way;           /* that have left, of pictures that did not arrive yet;
                                    less again when some are sent another time */
};

typedef void batch_each(void *cookie, const struct batch_result *result);
typedef void batch_tick(void *cookie, const struct batch_counts *counts);

/* CATALOG may be NULL in a dry run: nothing is known then. Both may be NULL where a
 * conversion writes files. The arguments are the caller's and must outlive the batch. */
struct batch *batch_new(const struct upload_options *upload,
                        const struct batch_options *options, struct catalog *catalog,
                        struct store *store, const struct strlist *inputs);

/*
 * Run to the end, or until it is stopped. 0 unless it could not begin. What all
 * further inputs would fail of as well (refused credentials, a rate limit that is too
 * long to wait for, an unusable catalog) stops it. Inputs that were not begun are
 * reported as skipped, unless it was ended at once.
 */
int batch_run(struct batch *b, batch_each *each, batch_tick *tick, void *cookie,
              struct batch_counts *counts, struct error *err);

/* From a signal handler: the first call begins nothing more and finishes what is on
 * its way; the second ends batch_run() at once, and so does the first where it would only
 * wait for standard input or a URL. */
void batch_interrupt(struct batch *b);

/* Was it ended at once? Then threads may still use it, and it must not be freed; but one
 * whose only input is a file has no threads. */
bool batch_was_cut(const struct batch *b);

void batch_free(struct batch *b);

#endif
