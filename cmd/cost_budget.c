/* `imgctl cost --budget`: what may be spent, and what is left of it. */
#include <inttypes.h>
#include <string.h>

#include "cost.h"
#include "imgctl/budget.h"
#include "imgctl/clock.h"
#include "imgctl/jobs.h"

struct line {
    const char *scope, *period;
    int64_t limit, settled, reserved, unknown, left; /* MONEY_UNKNOWN: none */
    int64_t percent;                                 /* -1: no limit */
};

#define FIELD(name, type, member) { name, type, offsetof(struct line, member) }

static const struct field fields[] = {
    FIELD("business", FIELD_TEXT, scope),
    FIELD("period", FIELD_TEXT, period),
    FIELD("limit_usd", FIELD_MONEY, limit),
    FIELD("spent_usd", FIELD_MONEY, settled),
    FIELD("reserved_usd", FIELD_MONEY, reserved),
    FIELD("unknown_usd", FIELD_MONEY, unknown),
    FIELD("left_usd", FIELD_MONEY, left),
    FIELD("percent", FIELD_INT_KNOWN, percent),
    { .name = NULL },
};

static const struct line *line_of(const void *record)
{
    return record;
}

static void print_scope(struct buf *out, const void *record)
{
    const char *scope = line_of(record)->scope;
    buf_addstr(out, scope ? scope : "everything");
}

static void print_period(struct buf *out, const void *record)
{
    buf_addstr(out, line_of(record)->period);
}

static void print_limit(struct buf *out, const void *record)
{
    cost_print_money(out, line_of(record)->limit);
}

static void print_settled(struct buf *out, const void *record)
{
    cost_print_money(out, line_of(record)->settled);
}

/* What is not settled counts in full. */
static void print_open(struct buf *out, const void *record)
{
    cost_print_money(out, line_of(record)->reserved + line_of(record)->unknown);
}

static void print_left(struct buf *out, const void *record)
{
    cost_print_money(out, line_of(record)->left);
}

static void print_percent(struct buf *out, const void *record)
{
    if (line_of(record)->percent >= 0) {
        buf_addf(out, "%" PRId64 " %%", line_of(record)->percent);
    }
}

static const struct column columns[] = {
    { .title = "BUSINESS", .print = print_scope, .flexible = true },
    { .title = "PERIOD", .print = print_period },
    { .title = "LIMIT", .print = print_limit, .right = true },
    { .title = "SPENT", .print = print_settled, .right = true },
    { .title = "OPEN", .print = print_open, .right = true },
    { .title = "LEFT", .print = print_left, .right = true },
    { .title = "USED", .print = print_percent, .right = true },
    { .title = NULL },
};

static const char *const tsv[] = { "business", "period", "limit_usd", "spent_usd",
                                   "reserved_usd", "unknown_usd", "left_usd", "percent",
                                   NULL };

static const struct record_type line_type = {
    .fields = fields, .columns = columns, .tsv = tsv, .id = NULL, .url = NULL,
};

/* This month and this day (UTC). */
struct period {
    const char *name;
    int64_t from, to;
};

struct printing {
    struct app *app;
    struct output out;
    struct period month, day;
    struct error *err;
};

static void find_periods(struct printing *p)
{
    char now[CLOCK_TEXT_SIZE];
    int64_t day = 0;
    clock_format(now, clock_now());
    now[strlen("2026-11-22")] = '\0';
    clock_parse(now, 0, false, &day);
    now[strlen("2026-11")] = '\0';
    p->month.name = "month";
    cost_month(now, &p->month.from, &p->month.to);
    p->day = (struct period){ "day", day, 0 };
}

static int keep(void *cookie, const struct ledger_line *line)
{
    *(struct ledger_line *)cookie = *line;
    return 0;
}

static int print_line(struct printing *p, const char *business, const struct period *when,
                      int64_t limit)
{
    struct ledger_line sums = { .jobs = 0 };
    if (p->app->catalog &&
        catalog_ledger(p->app->catalog, when->from, when->to, business, LEDGER_BY_NOTHING,
                       keep, &sums, p->err) < 0) {
        return -1;
    }
    int64_t used = sums.settled + sums.reserved + sums.unknown;
    struct line l = {
        .scope = business, .period = when->name, .limit = MONEY_UNKNOWN,
        .settled = sums.settled, .reserved = sums.reserved, .unknown = sums.unknown,
        .left = MONEY_UNKNOWN, .percent = -1,
    };
    if (limit >= 0) {
        l.limit = limit;
        l.left = limit > used ? limit - used : 0;
        l.percent = limit > 0 ? used / limit * 100 + used % limit * 100 / limit : 100;
    }
    output_record(&p->out, &l);
    return 0;
}

static int print_business(struct printing *p, const struct business *b, bool always)
{
    struct budget limits;
    if (budget_load(p->app->config, p->app->catalog, b->id, &limits, p->err) < 0) {
        return -1;
    }
    if ((always || limits.business_month >= 0) &&
        print_line(p, b->name, &p->month, limits.business_month) < 0) {
        return -1;
    }
    return (always || limits.business_day >= 0) &&
                   print_line(p, b->name, &p->day, limits.business_day) < 0
               ? -1
               : 0;
}

static int print_one(void *cookie, const struct business *b)
{
    struct printing *p = cookie;
    return print_business(p, b, false) < 0 || output_failed();
}

/* Without a name: the limits over everything, and those that businesses have. */
static int print_all(struct printing *p)
{
    struct budget limits;
    if (budget_load(p->app->config, NULL, 0, &limits, p->err) < 0 ||
        print_line(p, NULL, &p->month, limits.month) < 0 ||
        print_line(p, NULL, &p->day, limits.day) < 0) {
        return -1;
    }
    if (p->app->catalog &&
        catalog_businesses(p->app->catalog, print_one, p, p->err) < 0) {
        return -1;
    }
    return p->err->kind == ERROR_NONE ? 0 : -1;
}

static int print_limits(struct printing *p, const struct cost_args *args,
                        const struct business *b)
{
    if (output_begin(&p->out, &args->output, &line_type, p->err) < 0) {
        return -1;
    }
    find_periods(p);
    output_open(&p->out, "budgets");
    if ((b ? print_business(p, b, true) : print_all(p)) < 0) {
        output_abandon(&p->out);
        return -1;
    }
    output_close(&p->out);
    output_end(&p->out);
    return 0;
}

/* "20", "none"; NULL leaves *LIMIT. */
static int parse_limit(const char *text, const char *option, int64_t *limit,
                       struct error *err)
{
    if (!text || money_parse(text, limit)) {
        return 0;
    }
    *limit = BUDGET_NONE;
    return strcmp(text, "none") == 0
               ? 0
               : error_set(err, ERROR_USAGE,
                           "%s \"%s\" is no sum in US dollars such as 20"
                           " or 0.50, and not none",
                           option, text);
}

static int set_limits(struct app *app, const struct cost_args *args,
                      const struct business *b, struct error *err)
{
    struct budget limits;
    if ((!args->set_month && !args->set_day)) {
        return 0;
    }
    return budget_load(app->config, app->catalog, b->id, &limits, err) < 0 ||
                   parse_limit(args->set_month, "--set-month", &limits.business_month,
                               err) < 0 ||
                   parse_limit(args->set_day, "--set-day", &limits.business_day,
                               err) < 0 ||
                   catalog_business_set_budget(app->catalog, b->id, &limits, err) < 0
               ? -1
               : 0;
}

int cost_budget(struct app *app, const struct cost_args *args, struct error *err)
{
    struct printing p = { .app = app, .err = err };
    struct business b = { .id = 0 };
    if (!args->business) {
        return print_limits(&p, args, NULL);
    }
    if (catalog_business_find(app->catalog, args->business, &b, err) < 0) {
        return -1;
    }
    int result = set_limits(app, args, &b, err);
    if (result == 0) {
        result = print_limits(&p, args, &b);
    }
    business_release(&b);
    return result;
}
