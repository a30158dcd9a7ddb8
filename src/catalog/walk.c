#include "picture.h"

int catalog_picture_after(struct catalog *c, int64_t after, struct picture *ret,
                          struct error *err)
{
    AUTO_SQL struct sql q = SQL_INIT;
    *ret = (struct picture)PICTURE_INIT;
    if (sql_open(&q, c, "SELECT id FROM images WHERE id > ? ORDER BY id LIMIT 1",
                 err) < 0) {
        return -1;
    }
    sql_put_int(&q, after);
    int found = sql_step(&q, err);
    return found <= 0 ? found : picture_load(c, sql_int(&q, 0), ret, err);
}

int catalog_content_known(struct catalog *c, const char *sha256, struct error *err)
{
    AUTO_SQL struct sql q = SQL_INIT;
    if (sql_open(&q, c, "SELECT EXISTS (SELECT 1 FROM images WHERE sha256 = ?1)"
                 " OR EXISTS (SELECT 1 FROM image_remote WHERE pushed_from = ?1)",
                 err) < 0) {
        return -1;
    }
    sql_put_text(&q, sha256);
    return sql_step(&q, err) < 0 ? -1 : (int)sql_int(&q, 0);
}
