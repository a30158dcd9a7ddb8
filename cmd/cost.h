/*
 * cost.h - the parts of `imgctl cost`: each prints one thing.
 */
#ifndef COST_H
#define COST_H

#include "app.h"
#include "imgctl/model.h"
#include "imgctl/output.h"

struct cost_args {
    const char *model, *size, *quality, *prompt;
    int64_t count;
    struct strlist from;
    bool spent, models, budget;
    const char *month, *business, *set_month, *set_day;
    int by;
    struct output_args output;
};

int cost_estimate(struct app *app, const struct cost_args *args, struct error *err);
int cost_models(struct app *app, const struct cost_args *args, struct error *err);
int cost_spent(struct app *app, const struct cost_args *args, struct error *err);
int cost_budget(struct app *app, const struct cost_args *args, struct error *err);

/* A column that is a sum, or nothing: "$0.50", "-". */
void cost_print_money(struct buf *out, int64_t micros);

/* From the first moment of a month ("2026-11") to that of the next. False if it is
 * none. */
bool cost_month(const char *month, int64_t *ret_from, int64_t *ret_to);

#endif
