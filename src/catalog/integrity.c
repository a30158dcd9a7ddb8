#include <string.h>

#include "sql.h"

static int check_file(struct catalog *c, struct error *err)
{
    AUTO_SQL struct sql q = SQL_INIT;
    if (sql_open_once(&q, c, "PRAGMA quick_check(1)", err) < 0 || sql_step(&q, err) < 0) {
        return -1;
    }
    const char *verdict = sql_text(&q, 0);
    if (!verdict || strcmp(verdict, "ok") != 0) {
        return sql_damaged(c, verdict ? verdict : "it cannot be checked", err);
    }
    return 0;
}

static int derived_wrong(const struct catalog *c, const char *what, struct error *err)
{
    error_set(err, ERROR_CATALOG, "%s of the catalog %s do not match its pictures", what,
              c->path);
    return error_hint(err, "no picture is lost, but searches and totals may be wrong;"
                           " another program has changed the file");
}

/* Each text yields a row where something derived differs from the pictures. */
static int check_derived(struct catalog *c, struct error *err)
{
    static const struct {
        const char *what, *sql;
    } checks[] = {
        { "the counters",
          "WITH counted AS (SELECT business_id, ai_generated, storage_provider,"
          " deleted_at IS NOT NULL AS deleted, count(*) AS n,"
          " sum(coalesce(file_size_bytes, 0)) AS bytes FROM images GROUP BY 1, 2, 3, 4)"
          " SELECT 1 FROM (SELECT * FROM counted EXCEPT SELECT * FROM image_counts"
          " UNION ALL SELECT * FROM (SELECT * FROM image_counts WHERE n <> 0"
          " EXCEPT SELECT * FROM counted)) LIMIT 1" },
        { "the tags",
          "WITH tagged AS (SELECT DISTINCT images.id, value"
          " FROM images, json_each(images.tags) WHERE tags <> '[]' AND type = 'text')"
          " SELECT 1 FROM (SELECT * FROM tagged EXCEPT SELECT * FROM image_tags"
          " UNION ALL SELECT * FROM"
          " (SELECT * FROM image_tags EXCEPT SELECT * FROM tagged)) LIMIT 1" },
        { "businesses", "SELECT 1 FROM images WHERE business_id NOT IN"
          " (SELECT id FROM businesses) LIMIT 1" },
    };
    for (size_t i = 0; i < sizeof checks / sizeof checks[0]; i++) {
        AUTO_SQL struct sql q = SQL_INIT;
        int found = sql_open_once(&q, c, checks[i].sql, err) < 0 ? -1 : sql_step(&q, err);
        if (found != 0) {
            return found < 0 ? -1 : derived_wrong(c, checks[i].what, err);
        }
    }
    return 0;
}

/* FTS5 checks its index by a write that changes nothing. */
static int check_search(struct catalog *c, struct error *err)
{
    if (sqlite3_db_readonly(c->db, "main") == 1) {
        return 0;
    }
    AUTO_TRANSACTION struct transaction t = TRANSACTION_INIT;
    if (transaction_index_now(c, err) < 0 || transaction_begin(&t, c, err) < 0) {
        return -1;
    }
    int rc = sqlite3_exec(c->db, "INSERT INTO search(search, rank)"
                          " VALUES ('integrity-check', 1)", NULL, NULL, NULL);
    if ((rc & 0xff) == SQLITE_CORRUPT) {
        return derived_wrong(c, "the search index", err);
    }
    return rc == SQLITE_OK ? 0 : sql_fail(c, rc, err);
}

int catalog_integrity(struct catalog *c, struct error *err)
{
    if (check_file(c, err) < 0 || check_derived(c, err) < 0) {
        return -1;
    }
    return check_search(c, err);
}

int catalog_rebuild(struct catalog *c, struct error *err)
{
    AUTO_TRANSACTION struct transaction t = TRANSACTION_INIT;
    if (transaction_index_now(c, err) < 0 || transaction_begin(&t, c, err) < 0 ||
        sql_exec(c,
                 "DELETE FROM image_counts;"
                 "INSERT INTO image_counts SELECT business_id, ai_generated,"
                 " storage_provider, deleted_at IS NOT NULL, count(*),"
                 " sum(coalesce(file_size_bytes, 0)) FROM images GROUP BY 1, 2, 3, 4;"
                 "DELETE FROM image_tags;"
                 "INSERT OR IGNORE INTO image_tags SELECT images.id, value"
                 " FROM images, json_each(images.tags)"
                 " WHERE tags <> '[]' AND type = 'text';"
                 "INSERT INTO search(search) VALUES ('rebuild');"
                 "DELETE FROM files;", err) < 0) {
        return -1;
    }
    return transaction_commit(&t, err);
}
