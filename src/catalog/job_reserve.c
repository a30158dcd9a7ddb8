/* The one place where money is set aside: looking and writing are one transaction. */
#include "imgctl/clock.h"
#include "job.h"

#define WINDOW_MS INT64_C(60000) /* of generate.rate */

struct limit {
    int64_t limit, spent;
    const char *whose, *raise;
};

static int refuse(const struct limit *l, int64_t estimate, struct error *err)
{
    AUTO_BUF struct buf price = BUF_INIT, spent = BUF_INIT, sum = BUF_INIT;
    AUTO_BUF struct buf limit = BUF_INIT;
    money_print(&price, estimate);
    money_print(&spent, l->spent);
    money_print(&sum, l->spent + estimate);
    money_print(&limit, l->limit);
    error_set(err, ERROR_LIMIT, "up to %s more would be over %s: %s of %s are spent or"
              " reserved, it would be %s", price.data, l->whose, spent.data, limit.data,
              sum.data);
    return error_hint(err, "nothing was sent; raise the limit with: %s", l->raise);
}

static int check_budget(const struct budget *b, const struct spending *s,
                        int64_t estimate, struct error *err)
{
    const struct limit limits[] = {
        { b->business_day, s->business_day, "the day's budget of this business",
          "imgctl cost --budget --business NAME --set-day USD" },
        { b->business_month, s->business_month, "the month's budget of this business",
          "imgctl cost --budget --business NAME --set-month USD" },
        { b->day, s->day, "the day's budget", "imgctl config budget.day USD" },
        { b->month, s->month, "the month's budget", "imgctl config budget.month USD" },
    };
    for (size_t i = 0; i < sizeof limits / sizeof *limits; i++) {
        const struct limit *l = &limits[i];
        if (l->limit >= 0 && estimate > 0 && l->spent + estimate > l->limit) {
            return refuse(l, estimate, err);
        }
    }
    return 0;
}

int catalog_budget_check(struct catalog *c, int64_t business_id,
                         const struct budget *budget, int64_t estimate, struct error *err)
{
    struct spending s;
    return catalog_spending(c, business_id, &s, err) < 0
               ? -1
               : check_budget(budget, &s, estimate, err);
}

static int refuse_rate(int64_t rate, int64_t wait_ms, struct error *err)
{
    error_set(err, ERROR_RATE_LIMIT, "generate.rate allows %lld pictures a minute",
              (long long)rate);
    err->retryable = true;
    err->retry_after = (int)(wait_ms / 1000) + 1;
    return error_hint(err, "nothing was sent; there is room in %d seconds",
                      err->retry_after);
}

/* May COUNT pictures begin at NOW? What was dropped before it was sent is not counted.
 * From the newest back: the one that is too many has to be a minute old first. What is
 * of later than NOW was begun before the clock was set back. */
static int check_rate(struct catalog *c, int64_t count, int64_t rate, int64_t now,
                      struct error *err)
{
    AUTO_SQL struct sql q = SQL_INIT;
    if (rate <= 0) {
        return 0;
    }
    if (count > rate) {
        return error_set(err, ERROR_USAGE, "one request for %lld pictures can never keep"
                         " to generate.rate, %lld a minute", (long long)count,
                         (long long)rate);
    }
    if (sql_open(&q, c, "SELECT ledger.created_at, pictures FROM ledger LEFT JOIN jobs"
                 " ON id = job_id WHERE ledger.created_at > ? AND ledger.created_at <= ?"
                 " AND (ledger.state <> 'void' OR sent_at IS NOT NULL)"
                 " ORDER BY ledger.created_at DESC", err) < 0) {
        return -1;
    }
    sql_put_time(&q, now - WINDOW_MS);
    sql_put_time(&q, now);
    int more;
    while ((more = sql_step(&q, err)) > 0) {
        count += sql_int(&q, 1);
        if (count > rate) {
            return refuse_rate(rate, sql_time(&q, 0) + WINDOW_MS - now, err);
        }
    }
    return more;
}

static int insert_job(struct catalog *c, struct job *j, struct error *err)
{
    AUTO_SQL struct sql q = SQL_INIT;
    if (sql_open(&q, c, "INSERT INTO jobs (state, business_id, store, provider, host,"
                 " model, prompt, fingerprint, parameters, count, created_at, estimate,"
                 " client_id) VALUES ('reserved', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
                 " RETURNING id", err) < 0) {
        return -1;
    }
    sql_put_int(&q, j->business_id);
    sql_put_text(&q, j->store);
    sql_put_text(&q, j->provider);
    sql_put_text(&q, j->host);
    sql_put_text(&q, j->model);
    sql_put_text(&q, j->prompt);
    sql_put_text(&q, j->fingerprint);
    sql_put_text(&q, j->parameters);
    sql_put_int(&q, j->count);
    sql_put_time(&q, j->created_at);
    sql_put_int(&q, j->estimate);
    sql_put_text(&q, j->client_id);
    if (sql_step(&q, err) < 0) {
        return -1;
    }
    j->id = sql_int(&q, 0);
    return sql_run(&q, err);
}

static int check_job(const struct job *j, struct error *err)
{
    if (j->count < 1 || j->count > JOB_COUNT_MAX) {
        return error_set(err, ERROR_USAGE, "a request for %lld pictures is none",
                         (long long)j->count);
    }
    if (j->estimate >= 0 && j->estimate <= MONEY_MAX) {
        return 0;
    }
    error_set(err, ERROR_LIMIT, "nobody knows what this costs, so it cannot be reserved");
    return error_hint(err, "nothing was sent; say what it may cost with --max-cost USD");
}

int catalog_job_reserve(struct catalog *c, struct job *j, const struct budget *budget,
                        int64_t rate, struct spending *ret, struct error *err)
{
    AUTO_TRANSACTION struct transaction t = TRANSACTION_INIT;
    struct spending s;
    if (check_job(j, err) < 0 || transaction_begin(&t, c, err) < 0) {
        return -1;
    }
    j->created_at = clock_now(); /* one instant: at midnight the day turns */
    if (ledger_spending(c, j->business_id, j->created_at, &s, err) < 0 ||
        check_budget(budget, &s, j->estimate, err) < 0 ||
        check_rate(c, j->count, rate, j->created_at, err) < 0 ||
        insert_job(c, j, err) < 0 || ledger_add(c, j, err) < 0 ||
        transaction_commit(&t, err) < 0) {
        return -1;
    }
    j->state = JOB_RESERVED;
    s.month += j->estimate;
    s.day += j->estimate;
    s.business_month += j->estimate;
    s.business_day += j->estimate;
    if (ret) {
        *ret = s;
    }
    return 0;
}
