#include <stdlib.h>
#include <string.h>

#include "imgctl/mem.h"
#include "sql.h"

#define RACY_NS 2000000000 /* some file systems know times by two seconds only */

/* Bind KEY: path, strip, conversion, device, inode, size, modified, changed. */
static void put_key(struct sql *q, const struct file_key *key)
{
    sql_put_text(q, key->path);
    sql_put_int(q, key->strip);
    sql_put_text(q, key->conversion ? key->conversion : "");
    sql_put_int(q, key->device);
    sql_put_int(q, key->inode);
    sql_put_int(q, key->size);
    sql_put_int(q, key->modified);
    sql_put_int(q, key->changed);
}

int catalog_file_known(struct catalog *c, const struct file_key *key, char sha256[65],
                       struct error *err)
{
    AUTO_SQL struct sql q = SQL_INIT;
    if (sql_open(&q, c, "SELECT sha256 FROM files WHERE path = ? AND strip = ?"
                 " AND conversion = ? AND device = ? AND inode = ? AND size = ?"
                 " AND modified = ? AND changed = ?", err) < 0) {
        return -1;
    }
    put_key(&q, key);
    int found = sql_step(&q, err);
    if (found <= 0) {
        return found;
    }
    const char *text = sql_text(&q, 0);
    if (!text || strlen(text) != 64 || strspn(text, "0123456789abcdef") != 64) {
        return 0; /* damaged: as good as not known */
    }
    memcpy(sha256, text, 65);
    return 1;
}

/* Could the file have changed behind the times in KEY? One in the future tells
 * nothing either. */
static bool is_racy(const struct file_key *key, int64_t checked)
{
    int64_t safe = checked * 1000000 - RACY_NS;
    return key->modified > safe || key->changed > safe;
}

static int write_file(struct catalog *c, const struct file_key *key, const char *sha256,
                      struct error *err)
{
    AUTO_SQL struct sql q = SQL_INIT;
    if (sql_open(&q, c, "INSERT OR REPLACE INTO files (path, strip, conversion,"
                 " device, inode, size, modified, changed, sha256)"
                 " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                 err) < 0) {
        return -1;
    }
    put_key(&q, key);
    sql_put_text(&q, sha256);
    return sql_run(&q, err);
}

int catalog_file_remember(struct catalog *c, const struct file_key *key,
                          const char *sha256, int64_t checked, struct error *err)
{
    AUTO_TRANSACTION struct transaction t = TRANSACTION_INIT;
    if (is_racy(key, checked)) {
        return 0;
    }
    if (transaction_begin(&t, c, err) < 0 || write_file(c, key, sha256, err) < 0 ||
        transaction_commit(&t, err) < 0) {
        return -1;
    }
    return 1;
}

/* ---- Keeping it small ---- */

int catalog_files_count(struct catalog *c, int64_t *ret, struct error *err)
{
    AUTO_SQL struct sql q = SQL_INIT;
    if (sql_open(&q, c, "SELECT count(*) FROM files", err) < 0 || sql_step(&q, err) < 0) {
        return -1;
    }
    *ret = sql_int(&q, 0);
    return 0;
}

/* The next paths behind AFTER; "" is before all. */
static int some_paths(struct catalog *c, const char *after, struct strlist *ret,
                      struct error *err)
{
    AUTO_SQL struct sql q = SQL_INIT;
    int more;
    if (sql_open(&q, c, "SELECT DISTINCT path FROM files WHERE path > ? ORDER BY path"
                 " LIMIT 1000", err) < 0) {
        return -1;
    }
    sql_put_text(&q, after);
    while ((more = sql_step(&q, err)) > 0) {
        strlist_add(ret, sql_text(&q, 0));
    }
    return more;
}

static int forget_paths(struct catalog *c, const struct strlist *paths, struct error *err)
{
    AUTO_TRANSACTION struct transaction t = TRANSACTION_INIT;
    if (transaction_begin(&t, c, err) < 0) {
        return -1;
    }
    for (size_t i = 0; i < paths->len; i++) {
        AUTO_SQL struct sql q = SQL_INIT;
        if (sql_open(&q, c, "DELETE FROM files WHERE path = ?", err) < 0) {
            return -1;
        }
        sql_put_text(&q, paths->items[i]);
        if (sql_run(&q, err) < 0) {
            return -1;
        }
    }
    return transaction_commit(&t, err);
}

int catalog_files_forget(struct catalog *c, bool (*is_gone)(const char *path),
                         struct error *err)
{
    AUTO_FREE char *after = mem_strdup("");
    for (;;) {
        AUTO_STRLIST struct strlist paths = STRLIST_INIT;
        AUTO_STRLIST struct strlist gone = STRLIST_INIT;
        if (some_paths(c, after, &paths, err) < 0) {
            return -1;
        }
        if (paths.len == 0) {
            return 0;
        }
        for (size_t i = 0; i < paths.len; i++) {
            if (is_gone(paths.items[i])) {
                strlist_add(&gone, paths.items[i]);
            }
        }
        if (gone.len > 0 && forget_paths(c, &gone, err) < 0) {
            return -1;
        }
        free(after);
        after = mem_strdup(paths.items[paths.len - 1]);
    }
}

int catalog_files_drop(struct catalog *c, int64_t count, struct error *err)
{
    AUTO_TRANSACTION struct transaction t = TRANSACTION_INIT;
    AUTO_SQL struct sql q = SQL_INIT;
    if (transaction_begin(&t, c, err) < 0 ||
        sql_open(&q, c, "DELETE FROM files WHERE path IN"
                 " (SELECT path FROM files ORDER BY path LIMIT ?)", err) < 0) {
        return -1;
    }
    sql_put_int(&q, count);
    return sql_run(&q, err) < 0 ? -1 : transaction_commit(&t, err);
}
