#include "imgctl/clock.h"
#include "picture.h"
#include "transfer.h"

/* Where P's content is in P's store, or the row of P itself is with other content: 1
 * with the row and whether it is P's with P's content; 0; -1. */
static int find_there(struct catalog *c, const struct picture *p, int64_t *ret_row,
                      bool *ret_moved, struct error *err)
{
    AUTO_SQL struct sql q = SQL_INIT;
    if (sql_open(&q, c, "SELECT id, id = ?4 AND sha256 IS ?1 FROM images"
                 " WHERE storage_provider = ?3"
                 " AND (id = ?4 AND id NOT IN (SELECT image_id FROM removals)"
                 " OR id <> ?4 AND sha256 = ?1 AND business_id = ?2)", err) < 0) {
        return -1;
    }
    sql_put_text(&q, p->sha256);
    sql_put_int(&q, p->business_id);
    sql_put_text(&q, p->storage_provider);
    sql_put_int(&q, p->id);
    int found = sql_step(&q, err);
    if (found > 0) {
        *ret_row = sql_int(&q, 0);
        *ret_moved = sql_int(&q, 1);
    }
    return found;
}

/* A row on its way out is not moved: its removal knows the old place only. */
static int move_row(struct catalog *c, const struct picture *p, struct error *err)
{
    AUTO_SQL struct sql q = SQL_INIT;
    if (sql_open(&q, c, "UPDATE images SET storage_provider = ?, storage_url = ?,"
                 " cloudinary_public_id = ?, sha256 = ?, file_size_bytes = ?,"
                 " updated_at = ? WHERE id = ?"
                 " AND id NOT IN (SELECT image_id FROM removals)", err) < 0) {
        return -1;
    }
    sql_put_text(&q, p->storage_provider);
    sql_put_text(&q, p->storage_url);
    sql_put_text(&q, p->cloudinary_public_id);
    sql_put_text(&q, p->sha256);
    sql_put_int(&q, p->file_size_bytes);
    sql_put_time(&q, clock_now());
    sql_put_int(&q, p->id);
    if (sql_run(&q, err) < 0) {
        return -1;
    }
    return sqlite3_changes(c->db) > 0 ? 0 : picture_missing(p->id, err);
}

/* While the row has the old digest yet. */
static int keep_digest(struct catalog *c, const struct picture *p, struct error *err)
{
    AUTO_SQL struct sql q = SQL_INIT;
    if (sql_open(&q, c, "UPDATE image_remote SET pushed_from ="
                 " (SELECT sha256 FROM images WHERE id = ?1 AND sha256 <> ?2)"
                 " WHERE image_id = ?1", err) < 0) {
        return -1;
    }
    sql_put_int(&q, p->id);
    sql_put_text(&q, p->sha256);
    return sql_run(&q, err);
}

static int move(struct catalog *c, const struct picture *p, int64_t transfer,
                struct error *err)
{
    return picture_write_remote(c, p, err) < 0 || keep_digest(c, p, err) < 0 ||
                   move_row(c, p, err) < 0
               ? -1
               : transfer_settle_new(c, transfer, err);
}

int catalog_picture_moved(struct catalog *c, const struct picture *p, int64_t transfer,
                          int64_t *ret_other, struct error *err)
{
    AUTO_TRANSACTION struct transaction t = TRANSACTION_INIT;
    bool moved = true;
    if (transaction_begin(&t, c, err) < 0) {
        return -1;
    }
    int there = find_there(c, p, ret_other, &moved, err);
    if (there < 0 ||
        (there ? transfer_settle(c, transfer, err) : move(c, p, transfer, err)) < 0 ||
        transaction_commit(&t, err) < 0) {
        return -1;
    }
    return moved;
}

int catalog_if_unused(struct catalog *c, const struct picture *p, catalog_act *act,
                      void *cookie, struct error *err)
{
    AUTO_TRANSACTION struct transaction t = TRANSACTION_INIT;
    bool is_free;
    if (transaction_begin(&t, c, err) < 0 ||
        catalog_removal_bytes_free(c, p, &is_free, err) < 0 ||
        (is_free && act(cookie, err) < 0)) {
        return -1;
    }
    return transaction_commit(&t, err) < 0 ? -1 : is_free;
}
