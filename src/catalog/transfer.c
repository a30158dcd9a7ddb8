#include "transfer.h"

#include <stdlib.h>

#include "imgctl/clock.h"

void transfer_release(struct transfer *t)
{
    free(t->store);
    free(t->sha256);
    free(t->public_id);
    free(t->source);
    free(t->error);
    free(t->resume);
    *t = (struct transfer){ .id = 0 };
}

/* Are these bytes being taken out of the store at this moment? An upload that
 * found them there would end up with a row and no picture. */
static int check_removals(struct catalog *c, const struct transfer *t, struct error *err)
{
    AUTO_SQL struct sql q = SQL_INIT;
    if (sql_open(&q, c, "SELECT id FROM removals CROSS JOIN images ON id = image_id"
                 " WHERE storage_provider = ?"
                 " AND (sha256 = ? OR cloudinary_public_id = ?)", err) < 0) {
        return -1;
    }
    sql_put_text(&q, t->store);
    sql_put_text(&q, t->sha256);
    sql_put_text(&q, t->public_id);
    int found = sql_step(&q, err);
    if (found <= 0) {
        return found;
    }
    error_set(err, ERROR_CATALOG, "the same content is being removed just now, as picture"
              " %lld", (long long)sql_int(&q, 0));
    err->retryable = true;
    return error_hint(err, "run this again when the removal is done; `imgctl purge`"
                           " finishes one that was interrupted");
}

static int write_transfer(struct catalog *c, struct transfer *t, struct error *err)
{
    AUTO_SQL struct sql q = SQL_INIT;
    if (sql_open(&q, c,
                 "INSERT INTO transfers (business_id, store, sha256, public_id, source,"
                 " size, started_at, attempts) VALUES (?, ?, ?, ?, ?, ?, ?, 1)"
                 " ON CONFLICT DO UPDATE SET"
                 " public_id = coalesce(public_id, excluded.public_id),"
                 " source = excluded.source, size = excluded.size,"
                 " started_at = excluded.started_at, attempts = attempts + 1,"
                 " error = NULL RETURNING id, attempts, public_id, resume", err) < 0) {
        return -1;
    }
    sql_put_int(&q, t->business_id);
    sql_put_text(&q, t->store);
    sql_put_text(&q, t->sha256);
    sql_put_text(&q, t->public_id);
    sql_put_text(&q, t->source);
    sql_put_int(&q, t->size);
    sql_put_time(&q, t->started_at);
    if (sql_step(&q, err) < 0) {
        return -1;
    }
    t->id = sql_int(&q, 0);
    t->attempts = sql_int(&q, 1);
    free(t->public_id); /* bound, but not needed any more */
    t->public_id = sql_copy(&q, 2);
    t->resume = sql_copy(&q, 3);
    return sql_run(&q, err);
}

int catalog_transfer_begin(struct catalog *c, struct transfer *t, struct error *err)
{
    AUTO_TRANSACTION struct transaction tx = TRANSACTION_INIT;
    if (t->started_at == 0) {
        t->started_at = clock_now();
    }
    if (transaction_begin(&tx, c, err) < 0 || check_removals(c, t, err) < 0 ||
        write_transfer(c, t, err) < 0) {
        return -1;
    }
    return transaction_commit(&tx, err);
}

int catalog_transfer_fail(struct catalog *c, int64_t id, const char *message,
                          struct error *err)
{
    AUTO_TRANSACTION struct transaction t = TRANSACTION_INIT;
    AUTO_SQL struct sql q = SQL_INIT;
    if (transaction_begin(&t, c, err) < 0 ||
        sql_open(&q, c, "UPDATE transfers SET error = ? WHERE id = ?", err) < 0) {
        return -1;
    }
    sql_put_text(&q, message);
    sql_put_int(&q, id);
    return sql_run(&q, err) < 0 ? -1 : transaction_commit(&t, err);
}

int catalog_transfer_note(struct catalog *c, int64_t id, const char *resume,
                          struct error *err)
{
    AUTO_TRANSACTION struct transaction t = TRANSACTION_INIT;
    AUTO_SQL struct sql q = SQL_INIT;
    if (transaction_begin(&t, c, err) < 0 ||
        sql_open(&q, c, "UPDATE transfers SET resume = ? WHERE id = ?", err) < 0) {
        return -1;
    }
    sql_put_text(&q, resume);
    sql_put_int(&q, id);
    return sql_run(&q, err) < 0 ? -1 : transaction_commit(&t, err);
}

int transfer_settle(struct catalog *c, int64_t id, struct error *err)
{
    AUTO_SQL struct sql q = SQL_INIT;
    if (id == 0) {
        return 0;
    }
    if (sql_open(&q, c, "DELETE FROM transfers WHERE id = ?", err) < 0) {
        return -1;
    }
    sql_put_int(&q, id);
    return sql_run(&q, err) < 0 ? -1 : sqlite3_changes(c->db) > 0;
}

int transfer_settle_new(struct catalog *c, int64_t id, struct error *err)
{
    int settled = transfer_settle(c, id, err);
    if (id == 0 || settled != 0) {
        return settled < 0 ? -1 : 0;
    }
    error_set(err, ERROR_STORE, "the same content was removed while it was sent");
    err->retryable = true;
    return error_hint(err, "run this again");
}

int catalog_transfer_drop(struct catalog *c, int64_t id, struct error *err)
{
    AUTO_TRANSACTION struct transaction t = TRANSACTION_INIT;
    if (transaction_begin(&t, c, err) < 0 || transfer_settle(c, id, err) < 0) {
        return -1;
    }
    return transaction_commit(&t, err);
}

int catalog_transfer_end(struct catalog *c, const struct transfer *t, struct error *err)
{
    AUTO_TRANSACTION struct transaction tx = TRANSACTION_INIT;
    AUTO_SQL struct sql q = SQL_INIT;
    if (transaction_begin(&tx, c, err) < 0 ||
        sql_open(&q, c, "DELETE FROM transfers WHERE id = ? AND attempts = ?", err) < 0) {
        return -1;
    }
    sql_put_int(&q, t->id);
    sql_put_int(&q, t->attempts);
    if (sql_run(&q, err) < 0) {
        return -1;
    }
    int ended = sqlite3_changes(c->db) > 0;
    return transaction_commit(&tx, err) < 0 ? -1 : ended;
}

int catalog_transfers(struct catalog *c, catalog_each_transfer *each, void *cookie,
                      struct error *err)
{
    AUTO_SQL struct sql q = SQL_INIT;
    if (sql_open(&q, c, "SELECT id, business_id, store, sha256, public_id, source, size,"
                 " started_at, attempts, error, resume FROM transfers ORDER BY id",
                 err) < 0) {
        return -1;
    }
    int more;
    while ((more = sql_step(&q, err)) > 0) {
        struct transfer t = {
            .id = sql_int(&q, 0),
            .business_id = sql_int(&q, 1),
            .store = sql_copy(&q, 2),
            .sha256 = sql_copy(&q, 3),
            .public_id = sql_copy(&q, 4),
            .source = sql_copy(&q, 5),
            .size = sql_int(&q, 6),
            .started_at = sql_time(&q, 7),
            .attempts = sql_int(&q, 8),
            .error = sql_copy(&q, 9),
            .resume = sql_copy(&q, 10),
        };
        int stop = each(cookie, &t);
        transfer_release(&t);
        if (stop) {
            return 0;
        }
    }
    return more;
}
