/*
 * generate.h - what the files of `imgctl generate` share.
 */
#ifndef CMD_GENERATE_H
#define CMD_GENERATE_H

#include "app.h"
#include "imgctl/generate.h"
#include "imgctl/json.h"
#include "imgctl/output.h"
#include "pictures.h"

struct generate_args {
    const char *prompt, *prompts;
    const char *model, *size, *quality, *background, *output_format, *style, *moderation;
    const char *provider, *business, *store, *to, *mask, *alt, *name;
    int64_t count, compression, jobs, max_cost;
    struct strlist tags, from;
    bool estimate, dry_run, again, preview, detach;
    int progress;
    struct output_args output;
};

/* ---- generate_prompts.c ---- */

/* A prompt with what its line says otherwise than the command. */
struct prompt {
    char *text;
    size_t number;            /* of its line; 0: it has none */
    struct json *line;        /* owns the strings below; NULL */
    const char *model, *size, *quality, *background, *output_format, *style;
    const char *name, *alt;
    int64_t count, compression; /* 0 and -1: not said */
    struct strlist tags;
    bool has_tags;
};

struct prompts {
    struct prompt *items;
    size_t count;
};

#define AUTO_PROMPTS __attribute__((cleanup(prompts_release)))
void prompts_release(struct prompts *p);

/* The operand, standard input for "-", or the lines of --prompts. */
int prompts_read(const struct generate_args *args, struct prompts *ret,
                 struct error *err);

/* ---- generate_run.c ---- */

struct generate_work {
    struct app *app;
    const struct generate_args *args;
    const struct generate_options *options;
    const struct prompts *prompts; /* of which the orders are, one each */
    struct order *orders;
    size_t count;
    int64_t most;             /* that all may cost: it is reserved */
    struct generator *generator; /* for the first order */
};

int generate_work_run(const struct generate_work *w, struct error *err);

/* With --estimate: what each would cost, and nothing else. */
int generate_work_plan(const struct generate_work *w, struct error *err);

/* With --detach: reserve, leave a process behind, print the job. */
int generate_work_detach(const struct generate_work *w, struct error *err);

/* A result as items of REPORT: one for each picture, and one for what failed. INPUT is
 * what the user gave. */
void generate_report(struct report *report, const char *input,
                     const struct generate_result *result, bool silent);

/* ---- generate_again.c ---- */

/* Was any of it bought within a day, or is it twice in W? It is asked about, or refused
 * where nobody can be asked; --again says yes beforehand. O->alike_since is what the run
 * itself has to refuse still. */
int generate_check_again(const struct generate_work *w, struct generate_options *o,
                         struct error *err);

#endif
