#include <string.h>

#include "imgctl/clock.h"
#include "imgctl/mem.h"
#include "job.h"

int ledger_add(struct catalog *c, const struct job *j, struct error *err)
{
    AUTO_SQL struct sql q = SQL_INIT;
    if (sql_open(&q, c, "INSERT INTO ledger (job_id, created_at, business_id, model,"
                 " pictures, state, amount) VALUES (?, ?, ?, ?, ?, 'reserved', ?)",
                 err) < 0) {
        return -1;
    }
    sql_put_int(&q, j->id);
    sql_put_time(&q, j->created_at);
    sql_put_int(&q, j->business_id);
    sql_put_text(&q, j->model);
    sql_put_int(&q, j->count);
    sql_put_int(&q, j->estimate);
    return sql_run(&q, err);
}

int ledger_set(struct catalog *c, int64_t id, const char *state, int64_t cost,
               struct error *err)
{
    AUTO_SQL struct sql q = SQL_INIT;
    if (sql_open(&q, c, "UPDATE ledger SET state = ?1, cost = ?2, amount ="
                 " iif(?1 = 'void', 0, coalesce(?2, amount)) WHERE job_id = ?3",
                 err) < 0) {
        return -1;
    }
    sql_put_text(&q, state);
    sql_put_money(&q, cost);
    sql_put_int(&q, id);
    return sql_run(&q, err);
}

/* Times are text of one form, so the beginning of one is a bound. */
int ledger_spending(struct catalog *c, int64_t business_id, int64_t now,
                    struct spending *ret, struct error *err)
{
    char text[CLOCK_TEXT_SIZE];
    clock_format(text, now);
    AUTO_FREE char *month = mem_strndup(text, strlen("2026-11"));
    AUTO_FREE char *day = mem_strndup(text, strlen("2026-11-22"));
    AUTO_SQL struct sql q = SQL_INIT;
    if (sql_open(&q, c, "SELECT coalesce(sum(amount), 0),"
                 " coalesce(sum(amount) FILTER (WHERE created_at >= ?2), 0),"
                 " coalesce(sum(amount) FILTER (WHERE business_id = ?3), 0),"
                 " coalesce(sum(amount) FILTER (WHERE created_at >= ?2"
                 " AND business_id = ?3), 0)"
                 " FROM ledger WHERE created_at >= ?1", err) < 0) {
        return -1;
    }
    sql_put_text(&q, month);
    sql_put_text(&q, day);
    sql_put_int(&q, business_id);
    if (sql_step(&q, err) < 0) {
        return -1;
    }
    *ret = (struct spending){
        .month = sql_int(&q, 0),
        .day = sql_int(&q, 1),
        .business_month = sql_int(&q, 2),
        .business_day = sql_int(&q, 3),
    };
    return 0;
}

int catalog_spending(struct catalog *c, int64_t business_id, struct spending *ret,
                     struct error *err)
{
    return ledger_spending(c, business_id, clock_now(), ret, err);
}

#define SUMS                                                                     \
    " count(*), sum(pictures), coalesce(sum(amount) FILTER (WHERE state ="       \
    " 'settled'), 0), coalesce(sum(amount) FILTER (WHERE state = 'reserved'), 0)," \
    " coalesce(sum(amount) FILTER (WHERE state = 'unknown'), 0) FROM ledger"
#define LINES                                                                    \
    " WHERE state <> 'void' AND created_at >= coalesce(?, '')"                   \
    " AND created_at < coalesce(?, ':') AND business_id = coalesce(?, business_id)"
#define LARGEST " GROUP BY 1 ORDER BY sum(amount) DESC, 1"

static const char *const ledger_queries[] = {
    [LEDGER_BY_NOTHING] = "SELECT NULL," SUMS LINES,
    [LEDGER_BY_MODEL] = "SELECT model," SUMS LINES LARGEST,
    [LEDGER_BY_BUSINESS] = "SELECT coalesce((SELECT name FROM businesses"
                           " WHERE id = business_id), '#' || business_id)," SUMS LINES
                           LARGEST,
    [LEDGER_BY_DAY] = "SELECT substr(created_at, 1, 10)," SUMS LINES
                      " GROUP BY 1 ORDER BY 1",
};

static int find_business(struct catalog *c, const char *name, int64_t *ret,
                         struct error *err)
{
    struct business b;
    if (catalog_business_find(c, name, &b, err) < 0) {
        return -1;
    }
    *ret = b.id;
    business_release(&b);
    return 0;
}

int catalog_ledger(struct catalog *c, int64_t from, int64_t to, const char *business,
                   enum ledger_by by, catalog_each_ledger *each, void *cookie,
                   struct error *err)
{
    AUTO_SQL struct sql q = SQL_INIT;
    int64_t business_id = MONEY_UNKNOWN;
    if ((business && find_business(c, business, &business_id, err) < 0) ||
        sql_open(&q, c, ledger_queries[by], err) < 0) {
        return -1;
    }
    sql_put_time(&q, from);
    sql_put_time(&q, to);
    if (business) {
        sql_put_int(&q, business_id);
    } else {
        sql_put_text(&q, NULL);
    }
    int more;
    while ((more = sql_step(&q, err)) > 0) {
        struct ledger_line line = {
            .key = sql_text(&q, 0),
            .jobs = sql_int(&q, 1),
            .pictures = sql_int(&q, 2),
            .settled = sql_int(&q, 3),
            .reserved = sql_int(&q, 4),
            .unknown = sql_int(&q, 5),
        };
        if (each(cookie, &line)) {
            return 0;
        }
    }
    return more;
}

/* Of a limit in the catalog: NULL, and what somebody wrote there by hand, is none. */
static int64_t read_limit(const struct sql *q, int column)
{
    int64_t limit = sql_money(q, column);
    return limit < 0 ? BUDGET_NONE : limit;
}

int catalog_business_budget(struct catalog *c, int64_t business_id, struct budget *ret,
                            struct error *err)
{
    AUTO_SQL struct sql q = SQL_INIT;
    if (sql_open(&q, c, "SELECT budget_month, budget_day FROM businesses WHERE id = ?",
                 err) < 0) {
        return -1;
    }
    sql_put_int(&q, business_id);
    int found = sql_step(&q, err);
    if (found < 0) {
        return -1;
    }
    ret->business_month = found ? read_limit(&q, 0) : BUDGET_NONE;
    ret->business_day = found ? read_limit(&q, 1) : BUDGET_NONE;
    return 0;
}

int catalog_business_set_budget(struct catalog *c, int64_t business_id,
                                const struct budget *budget, struct error *err)
{
    AUTO_TRANSACTION struct transaction t = TRANSACTION_INIT;
    AUTO_SQL struct sql q = SQL_INIT;
    if (transaction_begin(&t, c, err) < 0 ||
        sql_open(&q, c, "UPDATE businesses SET budget_month = ?, budget_day = ?"
                 " WHERE id = ?", err) < 0) {
        return -1;
    }
    sql_put_money(&q,
                  budget->business_month < 0 ? MONEY_UNKNOWN : budget->business_month);
    sql_put_money(&q, budget->business_day < 0 ? MONEY_UNKNOWN : budget->business_day);
    sql_put_int(&q, business_id);
    return sql_run(&q, err) < 0 ? -1 : transaction_commit(&t, err);
}
