#include "picture.h"
#include "query.h"

int catalog_select(struct catalog *c, const struct selection *s, const struct page *page,
                   catalog_each *each, void *cookie, struct error *err)
{
    AUTO_QUERY struct query query = QUERY_INIT;
    AUTO_SQL struct sql ids = SQL_INIT;
    if (query_build(&query, c, s, page, err) < 0 ||
        query_open_ids(&query, c, page, &ids, err) < 0) {
        return -1;
    }
    int (*load)(struct catalog *, int64_t, struct picture *, struct error *) =
        page->rows_only ? picture_load_row : picture_load;
    int more;
    while ((more = sql_step(&ids, err)) > 0) {
        AUTO_PICTURE struct picture p = PICTURE_INIT;
        int found = load(c, sql_int(&ids, 0), &p, err);
        if (found < 0) {
            return -1;
        }
        if (found > 0 && each(cookie, &p)) {
            return 0;
        }
    }
    return more;
}

int catalog_count(struct catalog *c, const struct selection *s, int64_t *ret,
                  struct error *err)
{
    AUTO_QUERY struct query query = QUERY_INIT;
    AUTO_SQL struct sql total = SQL_INIT;
    if (query_build(&query, c, s, NULL, err) < 0 ||
        query_open_count(&query, c, &total, err) < 0 || sql_step(&total, err) < 0) {
        return -1;
    }
    *ret = sql_int(&total, 0);
    return 0;
}

int catalog_newest(struct catalog *c, int64_t n, int64_t *ret_id, struct error *err)
{
    AUTO_SQL struct sql q = SQL_INIT;
    if (n < 1) {
        return 0;
    }
    if (sql_open(&q, c, "SELECT id FROM images INDEXED BY images_live"
                 " WHERE deleted_at IS NULL ORDER BY id DESC LIMIT 1 OFFSET ?",
                 err) < 0) {
        return -1;
    }
    sql_put_int(&q, n - 1);
    int found = sql_step(&q, err);
    if (found > 0) {
        *ret_id = sql_int(&q, 0);
    }
    return found;
}
