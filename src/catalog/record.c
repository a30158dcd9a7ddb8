#include <string.h>

#include "imgctl/buf.h"
#include "imgctl/clock.h"
#include "imgctl/json.h"
#include "picture.h"
#include "transfer.h"

/* As the column has them: an array without blanks. */
static void write_tags(struct buf *out, const struct strlist *tags)
{
    AUTO_STRLIST struct strlist ordered = STRLIST_INIT;
    for (size_t i = 0; i < tags->len; i++) {
        strlist_add(&ordered, tags->items[i]);
    }
    strlist_sort(&ordered);
    strlist_unique(&ordered);
    buf_addch(out, '[');
    for (size_t i = 0; i < ordered.len; i++) {
        if (i > 0) {
            buf_addch(out, ',');
        }
        json_quote(out, ordered.items[i], strlen(ordered.items[i]));
    }
    buf_addch(out, ']');
}

/* 1 inserted with p->id, 0 the content is there, -1. */
static int insert_row(struct catalog *c, struct picture *p, struct error *err)
{
    AUTO_BUF struct buf tags = BUF_INIT;
    write_tags(&tags, &p->tags);
    AUTO_SQL struct sql q = SQL_INIT;
    if (sql_open(&q, c,
                 "INSERT INTO images (business_id, original_filename, storage_provider,"
                 " storage_url, cloudinary_public_id, file_size_bytes, mime_type, width,"
                 " height, ai_generated, ai_prompt, ai_model, created_at, updated_at,"
                 " deleted_at, sha256, tags, alt_text, filename_percent, derived_from)"
                 " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?,"
                 " nullif(?, 0))"
                 " ON CONFLICT (sha256, business_id, storage_provider) DO NOTHING"
                 " RETURNING id", err) < 0) {
        return -1;
    }
    sql_put_int(&q, p->business_id);
    sql_put_text(&q, p->original_filename);
    sql_put_text(&q, p->storage_provider);
    sql_put_text(&q, p->storage_url);
    sql_put_text(&q, p->cloudinary_public_id);
    sql_put_int(&q, p->file_size_bytes);
    sql_put_text(&q, p->mime_type);
    sql_put_int(&q, p->width);
    sql_put_int(&q, p->height);
    sql_put_int(&q, p->ai_generated);
    sql_put_text(&q, p->ai_prompt);
    sql_put_text(&q, p->ai_model);
    sql_put_time(&q, p->created_at);
    sql_put_time(&q, p->updated_at);
    sql_put_time(&q, p->deleted_at);
    sql_put_text(&q, p->sha256);
    sql_put_text(&q, tags.data);
    sql_put_text(&q, p->alt_text);
    sql_put_int(&q, p->filename_percent);
    sql_put_int(&q, p->derived_from);
    int inserted = sql_step(&q, err);
    if (inserted <= 0) {
        return inserted;
    }
    p->id = sql_int(&q, 0);
    return sql_run(&q, err) < 0 ? -1 : 1;
}

int picture_write_remote(struct catalog *c, const struct picture *p, struct error *err)
{
    const struct stored *r = &p->remote;
    bool has_text =
        r->asset_id || r->resource_type || r->delivery_type || r->format || r->etag;
    if (!has_text && r->version == 0 && r->bytes == 0) {
        return 0;
    }
    AUTO_SQL struct sql q = SQL_INIT;
    if (sql_open(&q, c, "INSERT OR REPLACE INTO image_remote (image_id, asset_id,"
                 " resource_type, delivery_type, format, etag, version, bytes,"
                 " pushed_from) VALUES (?1, ?, ?, ?, ?, ?, ?, ?,"
                 " (SELECT pushed_from FROM image_remote WHERE image_id = ?1))",
                 err) < 0) {
        return -1;
    }
    sql_put_int(&q, p->id);
    sql_put_text(&q, r->asset_id);
    sql_put_text(&q, r->resource_type);
    sql_put_text(&q, r->delivery_type);
    sql_put_text(&q, r->format);
    sql_put_text(&q, r->etag);
    sql_put_int(&q, r->version);
    sql_put_int(&q, r->bytes);
    return sql_run(&q, err);
}

static int take_over(struct catalog *c, struct picture *p, struct error *err)
{
    struct picture there;
    int found = catalog_find_content(c, p->business_id, p->storage_provider, p->sha256,
                                     &there, err);
    if (found < 0) {
        return -1;
    }
    if (found == 0) {
        return sql_damaged(c, "an index does not match its table", err);
    }
    picture_release(p);
    *p = there;
    return 0;
}

int catalog_picture_add(struct catalog *c, struct picture *p, int64_t transfer,
                        struct error *err)
{
    AUTO_TRANSACTION struct transaction t = TRANSACTION_INIT;
    if (transaction_index_later(c, err) < 0 || transaction_begin(&t, c, err) < 0) {
        return -1;
    }
    if (p->created_at == 0) {
        p->created_at = clock_now();
    }
    int added = insert_row(c, p, err);
    if (added < 0 ||
        (added ? picture_write_remote(c, p, err) : take_over(c, p, err)) < 0 ||
        (added ? transfer_settle_new : transfer_settle)(c, transfer, err) < 0 ||
        transaction_commit(&t, err) < 0) {
        return -1;
    }
    return added;
}

/* A row on its way out is gone: its removal takes these bytes. */
static int update_stored(struct catalog *c, const struct picture *p, struct error *err)
{
    AUTO_SQL struct sql q = SQL_INIT;
    if (sql_open(&q, c, "UPDATE images SET storage_url = ?, cloudinary_public_id = ?,"
                 " updated_at = ?, deleted_at = NULL WHERE id = ?"
                 " AND id NOT IN (SELECT image_id FROM removals)", err) < 0) {
        return -1;
    }
    sql_put_text(&q, p->storage_url);
    sql_put_text(&q, p->cloudinary_public_id);
    sql_put_time(&q, clock_now());
    sql_put_int(&q, p->id);
    if (sql_run(&q, err) < 0) {
        return -1;
    }
    return sqlite3_changes(c->db) > 0 ? 0 : picture_missing(p->id, err);
}

int catalog_picture_stored(struct catalog *c, const struct picture *p, int64_t transfer,
                           struct error *err)
{
    AUTO_TRANSACTION struct transaction t = TRANSACTION_INIT;
    if (transaction_begin(&t, c, err) < 0 || update_stored(c, p, err) < 0 ||
        picture_write_remote(c, p, err) < 0 || transfer_settle(c, transfer, err) < 0) {
        return -1;
    }
    return transaction_commit(&t, err);
}

/* Does P know all of TAGS? Those it does not know are added. */
static bool merge_tags(struct picture *p, const struct strlist *tags)
{
    bool known = true;
    for (size_t i = 0; tags && i < tags->len; i++) {
        if (!strlist_has(&p->tags, tags->items[i])) {
            strlist_add(&p->tags, tags->items[i]);
            known = false;
        }
    }
    return known;
}

static int update_notes(struct catalog *c, const struct picture *p, const char *alt_text,
                        struct error *err)
{
    AUTO_BUF struct buf tags = BUF_INIT;
    write_tags(&tags, &p->tags);
    AUTO_SQL struct sql q = SQL_INIT;
    if (sql_open(&q, c, "UPDATE images SET tags = ?, alt_text = ?, updated_at = ?"
                 " WHERE id = ?", err) < 0) {
        return -1;
    }
    sql_put_text(&q, tags.data);
    sql_put_text(&q, alt_text ? alt_text : p->alt_text);
    sql_put_time(&q, clock_now());
    sql_put_int(&q, p->id);
    return sql_run(&q, err);
}

int catalog_picture_annotate(struct catalog *c, int64_t id, const struct strlist *tags,
                             const char *alt_text, struct error *err)
{
    if ((!tags || tags->len == 0) && !alt_text) {
        return 0;
    }
    AUTO_TRANSACTION struct transaction t = TRANSACTION_INIT;
    AUTO_PICTURE struct picture p = PICTURE_INIT;
    if (transaction_begin(&t, c, err) < 0) {
        return -1;
    }
    int found = picture_load(c, id, &p, err);
    if (found <= 0) {
        return found < 0 ? -1 : picture_missing(id, err);
    }
    bool same_text = !alt_text || (p.alt_text && strcmp(alt_text, p.alt_text) == 0);
    if (merge_tags(&p, tags) && same_text) {
        return 0;
    }
    if (update_notes(c, &p, alt_text, err) < 0 || transaction_commit(&t, err) < 0) {
        return -1;
    }
    return 1;
}
