/*
 * upload_run.h - running a batch of uploads in front of a person or a log: results,
 * progress, signals; and what happens around it.
 */
#ifndef UPLOAD_RUN_H
#define UPLOAD_RUN_H

#include "app.h"
#include "imgctl/batch.h"
#include "imgctl/output.h"

struct upload_run {
    struct app *app;
    const struct output_args *output;
    const struct upload_options *upload;
    const struct batch_options *batch;
    const struct strlist *inputs;
    struct store *store;
    int progress;        /* enum progress_choice */
    bool copy;           /* to the clipboard where the pictures are */
    const char *mark;    /* name of the batch, to be noted when it ended well; NULL */
    int64_t began;       /* it, before its files were looked for */
};

/* Returns the exit code: 128 and the signal's number when one ended it. */
int upload_run(const struct upload_run *run, struct error *err);

/* Print what --list-failed prints. */
int upload_list_failed(struct app *app, const struct output_args *args,
                       struct error *err);

/* Forget those whose source is among OPERANDS, or, without any, is gone for good.
 * Returns the exit code. */
int upload_forget_failed(struct app *app, const struct strlist *operands, bool dry_run,
                         const struct output_args *args, struct error *err);

/* Add the sources of failed uploads to this business and store. */
int upload_add_failed(struct app *app, int64_t business_id, const char *store,
                      struct strlist *inputs, struct error *err);

/* A name for "the same batch": its operands and where they go. */
int upload_mark(const struct strlist *words, int64_t business_id, const char *store,
                char out[65], struct error *err);

/* Leave out files that were not touched since the batch MARK last ended well. */
int upload_only_since(struct app *app, const char *mark, struct strlist *inputs,
                      struct error *err);

#endif
