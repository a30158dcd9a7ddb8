/*
 * report.h - what a work command did to each of its inputs.
 *
 * Commands that act on several things (upload, delete, restore, ...) report every
 * input in input order, one line or one JSON item each, and a summary; the exit
 * code tells the truth about all of them together:
 *   any outcome unknown: 12; all done: 0; some done, some failed: 3;
 *   none done: the one common reason's code, or 3.
 * A command that looks for faults, such as verify, has one code for any it finds.
 */
#ifndef IMGCTL_REPORT_H
#define IMGCTL_REPORT_H

#include "imgctl/error.h"
#include "imgctl/output.h"

/* How many of several things were done, and what the others failed of. */
struct tally {
    int64_t done, failed;
    int common_code; /* exit code of all failures so far; -1: they differ */
    bool unknown;
    int fault_code;  /* if not 0: the code whenever something failed */
};

void tally_failure(struct tally *t, const struct error *err);
int tally_exit_code(const struct tally *t);

#define REPORT_STATUSES 12

struct report {
    struct output_args args;
    struct output out;
    const char *id_name;   /* JSON member that holds the record: "image" */
    const struct record_type *more_type; /* fields of MORE for the summary in JSON */
    const void *more;      /* NULL: no others */
    bool dry_run;
    int64_t started;       /* clock_steady() */
    int64_t bytes;         /* of all items that were acted on */
    struct {
        const char *status;
        int64_t count;
    } counts[REPORT_STATUSES];
    struct tally tally;
};

struct report_item {
    const char *input;     /* as the user gave it */
    int64_t id;            /* 0: none */
    const char *status;    /* a static string: "uploaded", "duplicate", ... */
    const void *record;    /* NULL: none */
    int64_t bytes;
    const char *label;     /* for people instead of the input; NULL */
    const char *facts;     /* for people, between name and status; NULL */
    const char *detail;    /* behind the status: a URL, a name; NULL */
    const char *remark;    /* for people instead of the detail; NULL */
    const struct error *error; /* what is wrong with it: it counts as failed; NULL */
    const struct record_type *more_type; /* further members in JSON: fields of MORE */
    const void *more;      /* NULL: none */
    bool silent;           /* counted, but not printed */
    /* For what is more than one line: the members of the JSON item, which then say what
       is wrong, too, and the lines for people, made safe for the terminal. NULL */
    void (*members)(struct json_writer *w, const void *about);
    const void *about;
    const char *lines;
    bool untouched;        /* neither done nor failed */
};

int report_begin(struct report *r, const struct output_args *args,
                 const struct record_type *type, const char *member, bool dry_run,
                 struct error *err);
void report_done(struct report *r, const struct report_item *item);
void report_failed(struct report *r, const char *input, int64_t id,
                   const struct error *err);

/* Print the summary (NEXT: what to do now, or NULL) and return the exit code. */
int report_end(struct report *r, const char *next);

/* Print ERR on standard error: "imgctl: message", and the hint. With JSON, one
 * object. INPUT NULL: it is about no particular input. */
void report_error(const char *input, const struct error *err, bool json);

#endif
