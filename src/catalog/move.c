#include "imgctl/clock.h"
#include "picture.h"
#include "transfer.h"

/* The row that has P's content in P's store: 1 and *RET_ID, 0, -1. */
static int find_holder(struct catalog *c, const struct picture *p, int64_t *ret_id,
                       struct error *err)
{
    AUTO_SQL struct sql q = SQL_INIT;
    if (sql_open(&q, c, "SELECT id FROM images WHERE sha256 = ? AND business_id = ?"
                 " AND storage_provider = ?", err) < 0) {
        return -1;
    }
    sql_put_text(&q, p->sha256);
    sql_put_int(&q, p->business_id);
    sql_put_text(&q, p->storage_provider);
    int found = sql_step(&q, err);
    if (found > 0) {
        *ret_id = sql_int(&q, 0);
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

int catalog_picture_moved(struct catalog *c, const struct picture *p, int64_t transfer,
                          int64_t *ret_other, struct error *err)
{
    AUTO_TRANSACTION struct transaction t = TRANSACTION_INIT;
    if (transaction_begin(&t, c, err) < 0) {
        return -1;
    }
    int64_t holder = 0;
    int held = find_holder(c, p, &holder, err);
    bool is_other = held > 0 && holder != p->id;
    if (held < 0 || (!is_other && (move_row(c, p, err) < 0 ||
                                   picture_write_remote(c, p, err) < 0)) ||
        (held ? transfer_settle : transfer_settle_new)(c, transfer, err) < 0 ||
        transaction_commit(&t, err) < 0) {
        return -1;
    }
    if (is_other) {
        *ret_other = holder;
    }
    return !is_other;
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
