/* `imgctl cost --spent`: sums of the ledger. */
#include <inttypes.h>
#include <string.h>

#include "cost.h"
#include "imgctl/clock.h"
#include "imgctl/jobs.h"

struct sum {
    struct ledger_line line;
    int64_t total;
};

#define SUM_FIELDS(key_name)                                                    \
    {                                                                           \
        { key_name, FIELD_TEXT, offsetof(struct sum, line.key) },               \
        { "jobs", FIELD_INT, offsetof(struct sum, line.jobs) },                 \
        { "pictures", FIELD_INT, offsetof(struct sum, line.pictures) },         \
        { "total_usd", FIELD_MONEY, offsetof(struct sum, total) },              \
        { "settled_usd", FIELD_MONEY, offsetof(struct sum, line.settled) },     \
        { "reserved_usd", FIELD_MONEY, offsetof(struct sum, line.reserved) },   \
        { "unknown_usd", FIELD_MONEY, offsetof(struct sum, line.unknown) },     \
        { .name = NULL }                                                        \
    }

static const struct field month_fields[] = SUM_FIELDS("month");
static const struct field model_fields[] = SUM_FIELDS("model");
static const struct field business_fields[] = SUM_FIELDS("business");
static const struct field day_fields[] = SUM_FIELDS("day");

static const struct sum *sum_of(const void *record)
{
    return record;
}

static void print_key(struct buf *out, const void *record)
{
    buf_addstr(out, sum_of(record)->line.key);
}

static void print_jobs(struct buf *out, const void *record)
{
    buf_addf(out, "%" PRId64, sum_of(record)->line.jobs);
}

static void print_pictures(struct buf *out, const void *record)
{
    buf_addf(out, "%" PRId64, sum_of(record)->line.pictures);
}

static void print_settled(struct buf *out, const void *record)
{
    cost_print_money(out, sum_of(record)->line.settled);
}

static void print_reserved(struct buf *out, const void *record)
{
    cost_print_money(out, sum_of(record)->line.reserved);
}

static void print_unknown(struct buf *out, const void *record)
{
    cost_print_money(out, sum_of(record)->line.unknown);
}

static void print_total(struct buf *out, const void *record)
{
    cost_print_money(out, sum_of(record)->total);
}

static const struct column columns[] = {
    { .title = "", .print = print_key, .flexible = true },
    { .title = "JOBS", .print = print_jobs, .right = true },
    { .title = "PICTURES", .print = print_pictures, .right = true },
    { .title = "SETTLED", .print = print_settled, .right = true },
    { .title = "RESERVED", .print = print_reserved, .right = true },
    { .title = "UNKNOWN", .print = print_unknown, .right = true },
    { .title = "TOTAL", .print = print_total, .right = true },
    { .title = NULL },
};

#define SUM_TSV(key_name)                                                   \
    { key_name, "jobs", "pictures", "total_usd", "settled_usd", "reserved_usd", \
      "unknown_usd", NULL }

static const char *const month_tsv[] = SUM_TSV("month");
static const char *const model_tsv[] = SUM_TSV("model");
static const char *const business_tsv[] = SUM_TSV("business");
static const char *const day_tsv[] = SUM_TSV("day");

static const struct record_type types[] = {
    [LEDGER_BY_NOTHING] = { .fields = month_fields,
                            .columns = columns,
                            .tsv = month_tsv },
    [LEDGER_BY_MODEL] = { .fields = model_fields, .columns = columns, .tsv = model_tsv },
    [LEDGER_BY_BUSINESS] = { .fields = business_fields,
                             .columns = columns,
                             .tsv = business_tsv },
    [LEDGER_BY_DAY] = { .fields = day_fields, .columns = columns, .tsv = day_tsv },
};

struct printing {
    struct output out;
    const char *month;
    int64_t total, pictures;
};

static int print_one(void *cookie, const struct ledger_line *line)
{
    struct printing *p = cookie;
    struct sum s = { .line = *line,
                     .total = line->settled + line->reserved + line->unknown };
    if (!s.line.key) {
        s.line.key = p->month;
    }
    p->total += s.total;
    p->pictures += line->pictures;
    output_record(&p->out, &s);
    return output_failed();
}

static void put_total(struct json_writer *w, const struct printing *p)
{
    char money[MONEY_TEXT];
    money_format(money, p->total);
    json_member_text(w, "month", p->month);
    json_member_int(w, "pictures", p->pictures);
    json_member_text(w, "total_usd", money);
}

static void note(const struct printing *p)
{
    AUTO_BUF struct buf money = BUF_INIT;
    money_print(&money, p->total);
    if (!output_quiet()) {
        output_note("%s: %s for %" PRId64 " picture%s", p->month, money.data, p->pictures,
                    p->pictures == 1 ? "" : "s");
    }
}

static int print_sums(struct app *app, const struct cost_args *args, struct printing *p,
                      int64_t from, int64_t to, struct error *err)
{
    const struct ledger_line nothing = { .key = NULL };
    enum ledger_by by = (enum ledger_by)args->by;
    output_open(&p->out, "spent");
    if (app->catalog) {
        if (catalog_ledger(app->catalog, from, to, args->business, by, print_one, p,
                           err) < 0) {
            return -1;
        }
    } else if (by == LEDGER_BY_NOTHING) {
        print_one(p, &nothing);
    }
    output_close(&p->out);
    if (p->out.format == OUTPUT_JSON) {
        put_total(&p->out.json, p);
    }
    return 0;
}

int cost_spent(struct app *app, const struct cost_args *args, struct error *err)
{
    char now[CLOCK_TEXT_SIZE];
    int64_t from, to;
    struct printing p = { .month = args->month };
    clock_format(now, clock_now());
    now[strlen("2026-11")] = '\0';
    if (!args->month) {
        p.month = now;
    }
    if (!cost_month(p.month, &from, &to)) {
        error_set(err, ERROR_USAGE, "\"%s\" is no month", p.month);
        return error_hint(err, "--month 2026-11");
    }
    if (output_begin(&p.out, &args->output, &types[args->by], err) < 0) {
        return -1;
    }
    bool human = p.out.format == OUTPUT_HUMAN;
    if (print_sums(app, args, &p, from, to, err) < 0) {
        output_abandon(&p.out);
        return -1;
    }
    output_end(&p.out);
    if (human) {
        note(&p);
    }
    return 0;
}
