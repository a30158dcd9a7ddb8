/*
 * jobs.h - how commands print jobs, and the children of `imgctl jobs`.
 */
#ifndef CMD_JOBS_H
#define CMD_JOBS_H

#include "app.h"
#include "imgctl/jobs.h"
#include "imgctl/json.h"
#include "imgctl/output.h"

/* A job as it is printed. Its strings are the job's and the document's. */
struct job_record {
    int64_t id, business_id, count;
    const char *state;
    const char *store, *provider, *host, *model, *prompt;
    const char *size, *quality, *output_format, *background, *name, *output, *price;
    int64_t created_at, sent_at, answered_at, ended_at;
    int64_t estimate, cost;
    int64_t text_in, image_in, text_out, image_out;
    const char *client_id, *request_id, *error_code, *error;
    int64_t http_status;
    struct strlist pictures, files; /* ids of rows; paths in the spool */
    struct json *parameters;
};

#define AUTO_JOB_RECORD __attribute__((cleanup(job_record_release)))
void job_record_release(struct job_record *r);

extern const struct record_type job_type;

/* J as a record, with its pictures and, with SPOOL, what the spool has of it. */
int job_record_make(struct app *app, const struct job *j, bool spool,
                    struct job_record *ret, struct error *err);

/* {"jobs":[J]} in JSON, its number for people and on a pipe. */
int jobs_print_one(struct app *app, const struct job *j, const struct output_args *args,
                   struct error *err);

/* The job that OPERAND names. ERROR_USAGE, ERROR_NOT_FOUND. */
int jobs_find(struct app *app, const char *operand, struct job *ret, struct error *err);

/* Operands that are jobs. */
struct job_ids_args {
    struct strlist operands;
    struct output_args output;
};

extern const struct command jobs_show, jobs_wait, jobs_resume, jobs_settle, jobs_prune;

#endif
