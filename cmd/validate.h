/*
 * validate.h - what `validate`, `validate-ig` and the printing of their results share.
 */
#ifndef VALIDATE_H
#define VALIDATE_H

#include "app.h"
#include "imgctl/report.h"
#include "imgctl/validate.h"

struct validate_args {
    struct strlist operands;
    const char *profile;  /* NULL: the default of validate-ig */
    const char *caption, *show;
    bool strict, carousel, url, deep, allow_private, list;
    struct output_args output;
};

/* A verdict as the fields of its JSON item. */
struct verdict_record {
    const char *input;
    int64_t id;
    char *status;
    bool valid;
    char *format;         /* "jpeg"; NULL where it is no picture */
    int64_t width, height, orientation, bytes;
    char *profile;
    const struct rule_results *results;
};

extern const struct record_type verdict_type;

/* One item of REPORT, with all of its results. FACTS NULL: not a picture, but a caption
 * or a carousel. */
void verdict_report(struct report *report, const struct profile *profile,
                    const char *input, const struct verdict *verdict,
                    const struct rule_results *results);

/* The member "results" of an open object. */
void validate_put_results(struct json_writer *w, const struct rule_results *results);

/* --list and --show. */
int validate_list(struct app *app, const struct validate_args *args, struct error *err);
int validate_show(struct app *app, const struct validate_args *args, struct error *err);

#endif
