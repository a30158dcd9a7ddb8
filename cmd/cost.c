#include "cost.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "commands.h"
#include "imgctl/clock.h"

/* In the order of enum ledger_by, but for the first. */
static const char *const keys[] = { "month", "model", "business", "day", NULL };

static const struct option estimate_options[] = {
    { OPT_TEXT(struct cost_args, model), .name = "model", .value = "MODEL",
      .config = "generate.model", .complete = COMPLETE_MODEL, .help = "of which model" },
    { OPT_TEXT(struct cost_args, size), .name = "size", .value = "SIZE",
      .words = model_size_names,
      .help = "a name (square, portrait, landscape, instagram, story), a ratio such as"
              " 4:5 or WIDTHxHEIGHT; otherwise generate.size" },
    { OPT_TEXT(struct cost_args, quality), .name = "quality", .value = "QUALITY",
      .words = model_quality_names,
      .help = "how good: low, medium, high, xhigh or max, as far as the model has it; "
              "otherwise generate.quality or the model's default" },
    { OPT_INT(struct cost_args, count), .name = "count", .value = "N", .min = 1,
      .max = 10000, .fallback = "1", .help = "how many pictures" },
    { OPT_TEXT(struct cost_args, prompt), .name = "prompt", .value = "TEXT",
      .help = "the prompt, which costs a little too" },
    { OPT_LIST(struct cost_args, from), .name = "from", .value = "ID|FILE",
      .complete = COMPLETE_FILE,
      .help = "a picture to edit, which costs too; may be repeated" },
    { .name = NULL },
};

static const struct option other_options[] = {
    { OPT_FLAG(struct cost_args, spent), .name = "spent",
      .help = "print what was spent in a month" },
    { OPT_TEXT(struct cost_args, month), .name = "month", .value = "YYYY-MM",
      .help = "with --spent: which month (UTC); otherwise this one" },
    { OPT_CHOICE(struct cost_args, by), .name = "by", .value = "WHAT", .choices = keys,
      .fallback = "month",
      .help = "with --spent: a line for each model, business or day" },
    { OPT_TEXT(struct cost_args, business), .name = "business", .value = "NAME",
      .complete = COMPLETE_BUSINESS,
      .help = "with --spent and --budget: only of this business" },
    { OPT_FLAG(struct cost_args, budget), .name = "budget",
      .help = "print the limits and what is left of them" },
    { OPT_TEXT(struct cost_args, set_month), .name = "set-month", .value = "USD",
      .help = "with --budget --business: what the business may spend in a month; none"
              " takes the limit away" },
    { OPT_TEXT(struct cost_args, set_day), .name = "set-day", .value = "USD",
      .help = "with --budget --business: what it may spend in a day; none takes the limit"
              " away" },
    { OPT_FLAG(struct cost_args, models), .name = "models",
      .help = "print the models, their state and their prices" },
    { .name = NULL },
};

static const char *const examples[] = {
    "imgctl cost --size instagram --quality high --count 4",
    "imgctl cost --spent --month 2026-11 --by model",
    "imgctl cost --budget --business acme --set-month 20",
    "imgctl cost --models",
    NULL,
};

void cost_print_money(struct buf *out, int64_t micros)
{
    if (micros == MONEY_UNKNOWN) {
        buf_addch(out, '-');
    } else {
        money_print(out, micros);
    }
}

bool cost_month(const char *month, int64_t *ret_from, int64_t *ret_to)
{
    char text[16];
    int year, number;
    int64_t from, to;
    if (strlen(month) != strlen("2026-11") || month[4] != '-') {
        return false;
    }
    snprintf(text, sizeof text, "%.7s-01", month);
    if (!clock_parse(text, 0, false, &from)) {
        return false;
    }
    year = (month[0] - '0') * 1000 + (month[1] - '0') * 100 + (month[2] - '0') * 10 +
           (month[3] - '0');
    number = (month[5] - '0') * 10 + (month[6] - '0');
    year += number == 12;
    number = number % 12 + 1;
    snprintf(text, sizeof text, "%04d-%02d-01", year % 10000, number);
    if (!clock_parse(text, 0, false, &to)) {
        return false;
    }
    *ret_from = from;
    *ret_to = to;
    return true;
}

/* Which of the four things is meant, and does all that was said belong to it? */
static int check(const struct cost_args *args, struct error *err)
{
    if (args->spent + args->models + args->budget > 1) {
        return error_set(err, ERROR_USAGE, "--spent, --models and --budget exclude each"
                         " other");
    }
    if ((args->month || args->by) && !args->spent) {
        return error_set(err, ERROR_USAGE, "--month and --by go with --spent");
    }
    if (args->business && !args->spent && !args->budget) {
        return error_set(err, ERROR_USAGE, "--business goes with --spent or --budget");
    }
    if ((args->set_month || args->set_day) && !(args->budget && args->business)) {
        error_set(err, ERROR_USAGE,
                  "--set-month and --set-day go with --budget --business");
        return error_hint(err, "the limits over everything are settings: imgctl config"
                               " budget.month 50");
    }
    return 0;
}

static int run(struct app *app, void *arguments, struct error *err)
{
    const struct cost_args *args = arguments;
    if (check(args, err) < 0) {
        return -1;
    }
    if (args->business && !app->catalog) {
        error_set(err, ERROR_NOT_FOUND, "there is no business named \"%s\"",
                  args->business);
        return error_hint(err, "imgctl business add NAME makes one");
    }
    if (args->models) {
        return cost_models(app, args, err);
    }
    if (args->spent) {
        return cost_spent(app, args, err);
    }
    return args->budget ? cost_budget(app, args, err) : cost_estimate(app, args, err);
}

const struct command cmd_cost = {
    .name = "cost",
    .summary = "what generations cost: estimates, sums, budgets, models",
    .group = "Generation",
    .args_size = sizeof(struct cost_args),
    .sets = {
        { estimate_options, 0, "Estimates" },
        { other_options, 0, "Sums and limits" },
        { output_options, offsetof(struct cost_args, output), "Output" },
    },
    .examples = examples,
    .needs = NEEDS_CATALOG_IF_THERE,
    .run = run,
};
