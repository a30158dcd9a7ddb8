#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "imgctl/file.h"
#include "imgctl/mem.h"
#include "memory.h"
#include "place.h"
#include "schema.h"

#define WAIT_MS 10000 /* for another process's transaction */

/* What is made here is no catalog before it is complete and renamed: it needs no
 * journal, and it is synced then. */
#define UNSAFE_BUT_FAST "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;"

static void set_limits(sqlite3 *db)
{
    static const struct {
        int what, value;
    } limits[] = {
        { SQLITE_LIMIT_LENGTH, 16 << 20 },
        { SQLITE_LIMIT_SQL_LENGTH, 100 << 10 },
        { SQLITE_LIMIT_VDBE_OP, 250000 },
        { SQLITE_LIMIT_VARIABLE_NUMBER, 100 },
        { SQLITE_LIMIT_ATTACHED, 0 },
    };
    for (size_t i = 0; i < sizeof limits / sizeof limits[0]; i++) {
        sqlite3_limit(db, limits[i].what, limits[i].value);
    }
}

/* Connect to FILE. A catalog may come from anywhere: it gets no more rights than
 * data has. */
static int connect_to(struct catalog *c, const char *file, struct error *err)
{
    /* Nobody asks SQLite how much memory it uses; not counting it makes reading the
     * tables' definitions an eighth faster. Refused, harmlessly, after first use. */
    sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
    memory_install();
    /* SQLite reads names like ":memory:" and "file:..." in ways of its own. */
    AUTO_FREE char *name = mem_printf("%s%s", file[0] == '/' ? "" : "./", file);
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX;
    int rc = sqlite3_open_v2(name, &c->db, flags, NULL);
    if (rc != SQLITE_OK) {
        return c->db ? sql_fail(c, rc, err)
                     : error_set(err, ERROR_FAILED, "out of memory in the catalog");
    }
    sqlite3_extended_result_codes(c->db, 1);
    sqlite3_busy_timeout(c->db, WAIT_MS);
    sqlite3_db_config(c->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    sqlite3_db_config(c->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    sqlite3_db_config(c->db, SQLITE_DBCONFIG_ENABLE_FKEY, 1, NULL);
    set_limits(c->db);
    return 0;
}

static void disconnect(struct catalog *c)
{
    for (size_t i = 0; i < SQL_KEPT; i++) {
        sqlite3_finalize(c->kept[i].stmt);
        c->kept[i] = (struct kept){ .text = NULL };
    }
    sqlite3_close(c->db);
    c->db = NULL;
}

/* A catalog that was copied by other tools may have lost the mode that lets
 * readers and a writer work at the same time. */
static int ensure_wal(struct catalog *c, struct error *err)
{
    AUTO_SQL struct sql q = SQL_INIT;
    if (sql_open_once(&q, c, "PRAGMA journal_mode", err) < 0 || sql_step(&q, err) < 0) {
        return -1;
    }
    const char *mode = sql_text(&q, 0);
    bool is_wal = mode && strcmp(mode, "wal") == 0;
    sql_close(&q);
    if (is_wal || sqlite3_db_readonly(c->db, "main") == 1) {
        return 0;
    }
    return sql_exec(c, "PRAGMA journal_mode = WAL", err);
}

/* The triggers that keep the search index write to FTS5, which SQLite 3.40 lets
 * only a trusted schema do. Who only reads never trusts. */
static void trust_schema(struct catalog *c)
{
    sqlite3_db_config(c->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 1, NULL);
    c->writes = true;
}

/* What undoes one change of a group stays in memory: by default SQLite gives every
 * group a temporary file, to which each change adds the pages it touches. */
#define SAFE_AND_LEAN "PRAGMA synchronous = FULL; PRAGMA temp_store = MEMORY;"

int catalog_set_up_writing(struct catalog *c, struct error *err)
{
    if (ensure_wal(c, err) < 0 || sql_exec(c, SAFE_AND_LEAN, err) < 0) {
        return -1;
    }
    trust_schema(c);
    return 0;
}

/* Make a catalog without pictures in FILE, an empty file. */
static int fill(struct catalog *c, const char *file, struct error *err)
{
    int result = -1;
    if (connect_to(c, file, err) == 0 && sql_exec(c, UNSAFE_BUT_FAST, err) == 0) {
        trust_schema(c);
        result = schema_upgrade(c, &schema_migrations, err);
    }
    if (result == 0) {
        result = sql_exec(c, "PRAGMA journal_mode = WAL", err);
    }
    disconnect(c);
    c->writes = false;
    return result;
}

static int fail_create(const struct catalog *c, struct error *err)
{
    err->kind = ERROR_CATALOG;
    error_wrap(err, "cannot make the catalog %s", c->path);
    return error_hint(err, "choose another place with --catalog or IMGCTL_CATALOG");
}

/*
 * Make a new catalog beside its place and rename it there: it is complete from
 * its first moment, and of any number of processes that do this at once one
 * wins and the others use what it made.
 */
static int create(struct catalog *c, struct error *err)
{
    AUTO_FREE char *folder = file_folder_of(c->path);
    AUTO_TEMP struct temp_file t = TEMP_FILE_INIT;
    if (file_make_dirs(folder, err) < 0) {
        return fail_create(c, err);
    }
    if (place_check(folder, err) < 0) {
        return -1;
    }
    file_sweep(folder);
    if (temp_file_create_named(&t, folder, err) < 0) {
        return fail_create(c, err);
    }
    fchmod(t.fd, 0600); /* whatever the umask took away */
    if (fill(c, t.path, err) < 0) {
        return -1;
    }
    if (temp_file_commit(&t, c->path, false, err) < 0) {
        if (errno != EEXIST) {
            return fail_create(c, err);
        }
        error_clear(err);
    }
    return 0;
}

static int refuse_foreign(const struct catalog *c, struct error *err)
{
    error_set(err, ERROR_CATALOG, "%s is a database, but not a catalog of imgctl",
              c->path);
    return error_hint(err, "name another file with --catalog or IMGCTL_CATALOG");
}

static int refuse_newer(const struct catalog *c, int64_t version, struct error *err)
{
    error_set(err, ERROR_CATALOG, "the catalog %s was made by a newer imgctl"
              " (version %lld of its tables; this program knows %d)", c->path,
              (long long)version, schema_migrations.count);
    return error_hint(err, "install the newer imgctl; the file was not touched");
}

static int prepare_use(struct catalog *c, struct error *err)
{
    int64_t application, version;
    if (schema_marks(c, &application, &version, err) < 0) {
        return -1;
    }
    if (application != SCHEMA_APPLICATION_ID || version > schema_migrations.count) {
        /* Closing must not move the log into a file that is not ours to write. */
        sqlite3_db_config(c->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
        return application != SCHEMA_APPLICATION_ID ? refuse_foreign(c, err)
                                                    : refuse_newer(c, version, err);
    }
    if (version < 1) {
        return sql_damaged(c, "it has no version", err);
    }
    if (version == schema_migrations.count) {
        return 0;
    }
    return schema_upgrade(c, &schema_migrations, err);
}

static int open_there(struct catalog *c, struct error *err)
{
    if (place_check(c->path, err) < 0 || connect_to(c, c->path, err) < 0) {
        return -1;
    }
    return prepare_use(c, err);
}

int catalog_open(const char *path, enum catalog_open_mode mode, struct catalog **ret,
                 struct error *err)
{
    *ret = NULL;
    int there = place_look(path, err);
    if (there < 0 || (there == 0 && mode == CATALOG_IF_THERE)) {
        return there;
    }
    struct catalog *c = mem_alloc(sizeof *c);
    c->path = mem_strdup(path);
    if ((there == 0 && create(c, err) < 0) || open_there(c, err) < 0) {
        catalog_close(c);
        return -1;
    }
    *ret = c;
    return 0;
}

void catalog_close(struct catalog *c)
{
    if (!c) {
        return;
    }
    disconnect(c);
    if (c->folding) {
        freelocale(c->folding);
    }
    free(c->path);
    free(c);
}

void catalog_leave(struct catalog *c)
{
    if (c && sqlite3_total_changes(c->db) > 0) {
        catalog_close(c);
    }
}

const char *catalog_path(const struct catalog *c)
{
    return c->path;
}
