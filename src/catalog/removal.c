#include <stdlib.h>

#include "imgctl/clock.h"
#include "imgctl/mem.h"
#include "picture.h"

/* Rows made by hand may have another spelling of the time. */
#define DELETED_BEFORE(when) "strftime('%Y-%m-%dT%H:%M:%fZ', deleted_at) < " when

/* Run the statement of Q, whose last value is a picture's id, in a transaction
 * of its own. 1 if it changed a row. */
static int change(struct catalog *c, struct sql *q, struct transaction *t,
                  struct error *err)
{
    if (sql_run(q, err) < 0) {
        return -1;
    }
    int changed = sqlite3_changes(c->db) > 0;
    return transaction_commit(t, err) < 0 ? -1 : changed;
}

int catalog_delete_soft(struct catalog *c, int64_t id, struct error *err)
{
    AUTO_TRANSACTION struct transaction t = TRANSACTION_INIT;
    AUTO_SQL struct sql q = SQL_INIT;
    if (transaction_begin(&t, c, err) < 0 ||
        sql_open(&q, c, "UPDATE images SET deleted_at = ?"
                 " WHERE id = ? AND deleted_at IS NULL", err) < 0) {
        return -1;
    }
    sql_put_time(&q, clock_now());
    sql_put_int(&q, id);
    return change(c, &q, &t, err);
}

/* 1 if picture ID is on its way out, 0, -1. */
static int is_being_removed(struct catalog *c, int64_t id, struct error *err)
{
    AUTO_SQL struct sql q = SQL_INIT;
    if (sql_open(&q, c, "SELECT 1 FROM removals WHERE image_id = ?", err) < 0) {
        return -1;
    }
    sql_put_int(&q, id);
    return sql_step(&q, err);
}

int catalog_restore(struct catalog *c, int64_t id, struct error *err)
{
    AUTO_TRANSACTION struct transaction t = TRANSACTION_INIT;
    AUTO_SQL struct sql q = SQL_INIT;
    if (transaction_begin(&t, c, err) < 0) {
        return -1;
    }
    int removed = is_being_removed(c, id, err);
    if (removed > 0) {
        error_set(err, ERROR_CATALOG, "picture %lld is being removed for good",
                  (long long)id);
        return error_hint(err,
                          "its bytes may be gone already: `imgctl purge` finishes the"
                          " removal; then upload it again");
    }
    if (removed < 0 ||
        sql_open(&q, c, "UPDATE images SET deleted_at = NULL"
                 " WHERE id = ? AND deleted_at IS NOT NULL", err) < 0) {
        return -1;
    }
    sql_put_int(&q, id);
    return change(c, &q, &t, err);
}

static int mark_removal(struct catalog *c, int64_t id, int64_t now, struct error *err)
{
    AUTO_SQL struct sql q = SQL_INIT;
    if (sql_open(&q, c, "INSERT INTO removals (image_id, started_at) VALUES (?, ?)"
                 " ON CONFLICT DO NOTHING", err) < 0) {
        return -1;
    }
    sql_put_int(&q, id);
    sql_put_time(&q, now);
    return sql_run(&q, err);
}

/* No upload or push of it is to be finished any more. One that runs at this moment finds
 * its row gone when it settles. */
static int drop_transfers(struct catalog *c, int64_t id, struct error *err)
{
    AUTO_SQL struct sql q = SQL_INIT;
    if (sql_open(&q, c, "DELETE FROM transfers WHERE source = 'picture ' || ?1 OR EXISTS"
                 " (SELECT 1 FROM images WHERE id = ?1"
                 " AND images.business_id = transfers.business_id"
                 " AND storage_provider = store AND images.sha256 = transfers.sha256)",
                 err) < 0) {
        return -1;
    }
    sql_put_int(&q, id);
    return sql_run(&q, err);
}

/* Between the choice of what is old enough and its turn it may have been restored. */
static int mark_deleted(struct catalog *c, int64_t id, int64_t before, int64_t now,
                        struct error *err)
{
    AUTO_SQL struct sql q = SQL_INIT;
    if (sql_open(&q, c, "UPDATE images SET deleted_at = coalesce(deleted_at, ?1)"
                 " WHERE id = ?2 AND (?3 IS NULL OR " DELETED_BEFORE("?3")
                 " OR id IN (SELECT image_id FROM removals))", err) < 0) {
        return -1;
    }
    sql_put_time(&q, now);
    sql_put_int(&q, id);
    sql_put_time(&q, before);
    return sql_run(&q, err) < 0 ? -1 : sqlite3_changes(c->db) > 0;
}

int catalog_removal_begin(struct catalog *c, int64_t id, int64_t before,
                          struct error *err)
{
    AUTO_TRANSACTION struct transaction t = TRANSACTION_INIT;
    int64_t now = clock_now();
    if (transaction_begin(&t, c, err) < 0) {
        return -1;
    }
    int marked = mark_deleted(c, id, before, now, err);
    if (marked <= 0) {
        return marked < 0 ? -1 : before ? 0 : picture_missing(id, err);
    }
    if (drop_transfers(c, id, err) < 0 || mark_removal(c, id, now, err) < 0 ||
        transaction_commit(&t, err) < 0) {
        return -1;
    }
    return 1;
}

/*
 * Two rows stand on the same bytes when their store calls them by the same name:
 * the public id, or the content where the store has no other name. Rows that are
 * being removed themselves do not count, uploads under way do.
 */
int catalog_removal_bytes_free(struct catalog *c, const struct picture *p, bool *ret,
                               struct error *err)
{
    AUTO_SQL struct sql q = SQL_INIT;
    *ret = false;
    if (!p->cloudinary_public_id && !p->sha256) {
        return 0;
    }
    const char *sql = p->cloudinary_public_id
        ? "SELECT EXISTS (SELECT 1 FROM images WHERE cloudinary_public_id = ?1"
          " AND storage_provider = ?2 AND id <> ?3"
          " AND id NOT IN (SELECT image_id FROM removals))"
          " OR EXISTS (SELECT 1 FROM transfers WHERE public_id = ?1 AND store = ?2)"
        : "SELECT EXISTS (SELECT 1 FROM images WHERE sha256 = ?1"
          " AND storage_provider = ?2 AND cloudinary_public_id IS NULL AND id <> ?3"
          " AND id NOT IN (SELECT image_id FROM removals))"
          " OR EXISTS (SELECT 1 FROM transfers WHERE sha256 = ?1 AND store = ?2)";
    if (sql_open(&q, c, sql, err) < 0) {
        return -1;
    }
    sql_put_text(&q, p->cloudinary_public_id ? p->cloudinary_public_id : p->sha256);
    sql_put_text(&q, p->storage_provider);
    sql_put_int(&q, p->id);
    if (sql_step(&q, err) < 0) {
        return -1;
    }
    *ret = sql_int(&q, 0) == 0;
    return 0;
}

static int delete_row(struct catalog *c, const char *sql, int64_t id, struct error *err)
{
    AUTO_SQL struct sql q = SQL_INIT;
    if (sql_open(&q, c, sql, err) < 0) {
        return -1;
    }
    sql_put_int(&q, id);
    return sql_run(&q, err);
}

int catalog_removal_finish(struct catalog *c, int64_t id, struct error *err)
{
    AUTO_TRANSACTION struct transaction t = TRANSACTION_INIT;
    if (transaction_begin(&t, c, err) < 0 ||
        delete_row(c, "DELETE FROM images WHERE id = ?", id, err) < 0 ||
        delete_row(c, "DELETE FROM removals WHERE image_id = ?", id, err) < 0) {
        return -1;
    }
    return transaction_commit(&t, err);
}

/* The first column of every row of Q. */
static int collect_ids(struct sql *q, int64_t **ret_ids, size_t *ret_count,
                       struct error *err)
{
    int64_t *ids = NULL;
    size_t count = 0, room = 0;
    int more;
    while ((more = sql_step(q, err)) > 0) {
        if (count == room) {
            room = room ? 2 * room : 64;
            ids = mem_resize(ids, room, sizeof *ids);
        }
        ids[count++] = sql_int(q, 0);
    }
    if (more < 0) {
        free(ids);
        return -1;
    }
    *ret_ids = ids;
    *ret_count = count;
    return 0;
}

int catalog_removals(struct catalog *c, int64_t **ret_ids, size_t *ret_count,
                     struct error *err)
{
    AUTO_SQL struct sql q = SQL_INIT;
    *ret_ids = NULL;
    *ret_count = 0;
    if (sql_open(&q, c, "SELECT image_id FROM removals ORDER BY image_id", err) < 0) {
        return -1;
    }
    return collect_ids(&q, ret_ids, ret_count, err);
}

int catalog_deleted_before(struct catalog *c, int64_t when, const char *business,
                           int64_t **ret_ids, size_t *ret_count, struct error *err)
{
    struct business b = { .id = 0 };
    *ret_ids = NULL;
    *ret_count = 0;
    if (business && catalog_business_find(c, business, &b, err) < 0) {
        return -1;
    }
    int64_t id = b.id;
    business_release(&b);
    AUTO_SQL struct sql q = SQL_INIT;
    if (sql_open(&q, c, "SELECT id FROM images INDEXED BY images_gone"
                 " WHERE deleted_at IS NOT NULL AND " DELETED_BEFORE("?1")
                 " AND (?2 = 0 OR business_id = ?2) ORDER BY id", err) < 0) {
        return -1;
    }
    sql_put_time(&q, when);
    sql_put_int(&q, id);
    return collect_ids(&q, ret_ids, ret_count, err);
}
