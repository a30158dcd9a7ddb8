#include "sql.h"

int catalog_batch_last(struct catalog *c, const char *key, int64_t *ret,
                       struct error *err)
{
    AUTO_SQL struct sql q = SQL_INIT;
    *ret = 0;
    if (sql_open(&q, c, "SELECT started_at FROM batches WHERE key = ?", err) < 0) {
        return -1;
    }
    sql_put_text(&q, key);
    int found = sql_step(&q, err);
    if (found > 0) {
        *ret = sql_time(&q, 0);
    }
    return found < 0 ? -1 : 0;
}

int catalog_batch_done(struct catalog *c, const char *key, int64_t started,
                       struct error *err)
{
    AUTO_TRANSACTION struct transaction t = TRANSACTION_INIT;
    AUTO_SQL struct sql q = SQL_INIT;
    if (transaction_begin(&t, c, err) < 0 ||
        sql_open(&q, c, "INSERT OR REPLACE INTO batches (key, started_at) VALUES (?, ?)",
                 err) < 0) {
        return -1;
    }
    sql_put_text(&q, key);
    sql_put_time(&q, started);
    return sql_run(&q, err) < 0 ? -1 : transaction_commit(&t, err);
}
