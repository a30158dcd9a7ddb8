#include "picture.h"

#include <stdlib.h>
#include <string.h>

#include "job.h"

void picture_release(struct picture *p)
{
    free(p->original_filename);
    free(p->storage_provider);
    free(p->storage_url);
    free(p->cloudinary_public_id);
    free(p->mime_type);
    free(p->ai_prompt);
    free(p->ai_model);
    free(p->sha256);
    free(p->alt_text);
    free(p->revised_prompt);
    free(p->pushed_from);
    strlist_release(&p->tags);
    strlist_release(&p->published);
    stored_release(&p->remote);
    *p = (struct picture)PICTURE_INIT;
}

struct stored picture_stored(const struct picture *p)
{
    struct stored s = p->remote;
    s.url = p->storage_url;
    s.public_id = p->cloudinary_public_id;
    return s;
}

int picture_missing(int64_t id, struct error *err)
{
    error_set(err, ERROR_NOT_FOUND, "there is no picture %lld", (long long)id);
    return error_hint(err, "imgctl list shows what there is");
}

/* Columns in the order of the statement in load_row(). */
static void read_row(const struct sql *q, struct picture *p)
{
    *p = (struct picture){
        .id = sql_int(q, 0),
        .business_id = sql_int(q, 1),
        .original_filename = sql_copy(q, 2),
        .storage_provider = sql_copy(q, 3),
        .storage_url = sql_copy(q, 4),
        .cloudinary_public_id = sql_copy(q, 5),
        .file_size_bytes = sql_int(q, 6),
        .mime_type = sql_copy(q, 7),
        .width = sql_int(q, 8),
        .height = sql_int(q, 9),
        .ai_generated = sql_int(q, 10) != 0,
        .ai_prompt = sql_copy(q, 11),
        .ai_model = sql_copy(q, 12),
        .created_at = sql_time(q, 13),
        .updated_at = sql_time(q, 14),
        .deleted_at = sql_time(q, 15),
        .sha256 = sql_copy(q, 16),
        .alt_text = sql_copy(q, 17),
        .filename_percent = sql_int(q, 18) != 0,
        .derived_from = sql_int(q, 19),
        .cost = MONEY_UNKNOWN,
    };
}

static int read_remote(struct catalog *c, struct picture *p, struct error *err)
{
    AUTO_SQL struct sql q = SQL_INIT;
    if (sql_open(&q, c, "SELECT asset_id, resource_type, delivery_type, format, etag,"
                 " version, bytes, pushed_from FROM image_remote WHERE image_id = ?",
                 err) < 0) {
        return -1;
    }
    sql_put_int(&q, p->id);
    int found = sql_step(&q, err);
    if (found > 0) {
        p->remote = (struct stored){
            .asset_id = sql_copy(&q, 0),
            .resource_type = sql_copy(&q, 1),
            .delivery_type = sql_copy(&q, 2),
            .format = sql_copy(&q, 3),
            .etag = sql_copy(&q, 4),
            .version = sql_int(&q, 5),
            .bytes = sql_int(&q, 6),
        };
        p->pushed_from = sql_copy(&q, 7);
    }
    return found;
}

static int read_tags(struct catalog *c, int64_t id, struct strlist *tags,
                     struct error *err)
{
    AUTO_SQL struct sql q = SQL_INIT;
    if (sql_open(&q, c, "SELECT tag FROM image_tags WHERE image_id = ? ORDER BY tag",
                 err) < 0) {
        return -1;
    }
    sql_put_int(&q, id);
    int more;
    while ((more = sql_step(&q, err)) > 0) {
        strlist_add(tags, sql_text(&q, 0));
    }
    return more;
}

/* What picture POSITION of COUNT cost: all shares together are what the job did. */
static int64_t share(int64_t cost, int64_t position, int64_t count)
{
    return cost * (position + 1) / count - cost * position / count;
}

/* What the job that made picture P knows of it; nothing if it was made elsewhere. */
static int read_generation(struct catalog *c, struct picture *p, struct error *err)
{
    AUTO_SQL struct sql q = SQL_INIT;
    if (sql_open(&q, c, "SELECT revised_prompt, cost, position, (SELECT count(*)"
                 " FROM job_pictures AS all_of_it WHERE all_of_it.job_id = ledger.job_id)"
                 " FROM job_pictures CROSS JOIN ledger USING (job_id)"
                 " WHERE image_id = ? ORDER BY job_id DESC LIMIT 1", err) < 0) {
        return -1;
    }
    sql_put_int(&q, p->id);
    int found = sql_step(&q, err);
    if (found > 0) {
        p->revised_prompt = sql_copy(&q, 0);
        int64_t cost = sql_money(&q, 1), position = sql_int(&q, 2);
        int64_t count = sql_int(&q, 3);
        if (cost >= 0 && cost <= MONEY_MAX && position >= 0 && position < count &&
            count <= JOB_COUNT_MAX) {
            p->cost = share(cost, position, count);
        }
    }
    return found;
}

/* The row of `images` alone; IS_TAGGED: there are tags to it. */
static int load_row(struct catalog *c, int64_t id, struct picture *p, bool *is_tagged,
                    struct error *err)
{
    AUTO_SQL struct sql q = SQL_INIT;
    *p = (struct picture)PICTURE_INIT;
    if (sql_open(&q, c,
                 "SELECT id, business_id, original_filename, storage_provider,"
                 " storage_url, cloudinary_public_id, file_size_bytes, mime_type,"
                 " width, height,"
                 " ai_generated, ai_prompt, ai_model, created_at, updated_at, deleted_at,"
                 " sha256, alt_text, filename_percent, derived_from, tags <> '[]'"
                 " FROM images WHERE id = ?", err) < 0) {
        return -1;
    }
    sql_put_int(&q, id);
    int found = sql_step(&q, err);
    if (found > 0) {
        read_row(&q, p);
        *is_tagged = sql_int(&q, 20) != 0;
    }
    return found;
}

int picture_load_row(struct catalog *c, int64_t id, struct picture *p, struct error *err)
{
    bool is_tagged;
    return load_row(c, id, p, &is_tagged, err);
}

int picture_load(struct catalog *c, int64_t id, struct picture *p, struct error *err)
{
    bool is_tagged;
    int found = load_row(c, id, p, &is_tagged, err);
    if (found <= 0) {
        return found;
    }
    if ((is_tagged && read_tags(c, id, &p->tags, err) < 0) ||
        read_remote(c, p, err) < 0 ||
        (p->ai_generated && read_generation(c, p, err) < 0)) {
        picture_release(p);
        return -1;
    }
    return 1;
}

int catalog_picture(struct catalog *c, int64_t id, struct picture *ret, struct error *err)
{
    return picture_load(c, id, ret, err);
}

int catalog_find_content(struct catalog *c, int64_t business_id, const char *store,
                         const char *sha256, struct picture *ret, struct error *err)
{
    AUTO_SQL struct sql q = SQL_INIT;
    *ret = (struct picture)PICTURE_INIT;
    if (sql_open(&q, c, "SELECT id FROM images WHERE sha256 = ? AND business_id = ?"
                 " AND storage_provider = ?", err) < 0) {
        return -1;
    }
    sql_put_text(&q, sha256);
    sql_put_int(&q, business_id);
    sql_put_text(&q, store);
    int found = sql_step(&q, err);
    return found <= 0 ? found : picture_load(c, sql_int(&q, 0), ret, err);
}

int catalog_tag_from(struct catalog *c, const char *from, bool after, char **ret,
                     struct error *err)
{
    AUTO_SQL struct sql q = SQL_INIT;
    const char *text = after
        ? "SELECT tag FROM image_tags WHERE tag > ? ORDER BY tag LIMIT 1"
        : "SELECT tag FROM image_tags WHERE tag >= ? ORDER BY tag LIMIT 1";
    if (sql_open(&q, c, text, err) < 0) {
        return -1;
    }
    sql_put_text(&q, from);
    int more = sql_step(&q, err);
    if (more > 0) {
        *ret = sql_copy(&q, 0);
    }
    return more;
}
