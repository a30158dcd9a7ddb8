#include "sql.h"

#include <errno.h>
#include <string.h>

#include "imgctl/clock.h"
#include "imgctl/mem.h"
#include "imgctl/money.h"

static struct kept *find_kept(struct catalog *c, const char *text)
{
    for (size_t i = 0; i < SQL_KEPT; i++) {
        struct kept *k = &c->kept[i];
        if (!k->text || (k->text == text && !k->in_use)) {
            return k;
        }
    }
    return NULL;
}

static int prepare(struct catalog *c, const char *text, unsigned flags,
                   sqlite3_stmt **ret, struct error *err)
{
    int rc = sqlite3_prepare_v3(c->db, text, -1, flags, ret, NULL);
    return rc == SQLITE_OK ? 0 : sql_fail(c, rc, err);
}

int sql_open(struct sql *q, struct catalog *c, const char *text, struct error *err)
{
    struct kept *k = find_kept(c, text);
    if (!k) {
        return sql_open_once(q, c, text, err);
    }
    if (!k->stmt && prepare(c, text, SQLITE_PREPARE_PERSISTENT, &k->stmt, err) < 0) {
        return -1;
    }
    k->text = text;
    k->in_use = true;
    *q = (struct sql){ .catalog = c, .stmt = k->stmt, .kept = k };
    return 0;
}

int sql_open_once(struct sql *q, struct catalog *c, const char *text, struct error *err)
{
    *q = (struct sql){ .catalog = c };
    return prepare(c, text, 0, &q->stmt, err);
}

void sql_close(struct sql *q)
{
    if (q->kept) {
        sqlite3_reset(q->stmt);
        sqlite3_clear_bindings(q->stmt);
        q->kept->in_use = false;
    } else {
        sqlite3_finalize(q->stmt);
    }
    *q = (struct sql)SQL_INIT;
}

static void note_bind(struct sql *q, int rc)
{
    if (rc != SQLITE_OK && q->failure == SQLITE_OK) {
        q->failure = rc;
    }
}

void sql_put_int(struct sql *q, int64_t value)
{
    note_bind(q, sqlite3_bind_int64(q->stmt, ++q->bound, value));
}

void sql_put_text(struct sql *q, const char *text)
{
    note_bind(q, sqlite3_bind_text64(q->stmt, ++q->bound, text, text ? strlen(text) : 0,
                                     SQLITE_STATIC, SQLITE_UTF8));
}

void sql_put_time(struct sql *q, int64_t when)
{
    if (when == 0) {
        sql_put_text(q, NULL);
        return;
    }
    char text[CLOCK_TEXT_SIZE];
    clock_format(text, when);
    note_bind(q, sqlite3_bind_text64(q->stmt, ++q->bound, text, strlen(text),
                                     SQLITE_TRANSIENT, SQLITE_UTF8));
}

void sql_put_money(struct sql *q, int64_t micros)
{
    if (micros == MONEY_UNKNOWN) {
        sql_put_text(q, NULL);
    } else {
        sql_put_int(q, micros);
    }
}

int sql_step(struct sql *q, struct error *err)
{
    int rc = q->failure ? q->failure : sqlite3_step(q->stmt);
    switch (rc) {
    case SQLITE_ROW:
        return 1;
    case SQLITE_DONE:
        return 0;
    default:
        return sql_fail(q->catalog, rc, err);
    }
}

int sql_run(struct sql *q, struct error *err)
{
    int more;
    do {
        more = sql_step(q, err);
    } while (more > 0);
    return more;
}

int64_t sql_int(const struct sql *q, int column)
{
    return sqlite3_column_int64(q->stmt, column);
}

const char *sql_text(const struct sql *q, int column)
{
    return (const char *)sqlite3_column_text(q->stmt, column);
}

char *sql_copy(const struct sql *q, int column)
{
    return mem_strdup(sql_text(q, column));
}

int64_t sql_time(const struct sql *q, int column)
{
    const char *text = sql_text(q, column);
    int64_t when;
    if (!text) {
        return 0;
    }
    return clock_parse(text, 0, false, &when) && when != 0 ? when : 1;
}

int64_t sql_money(const struct sql *q, int column)
{
    bool is_null = sqlite3_column_type(q->stmt, column) == SQLITE_NULL;
    return is_null ? MONEY_UNKNOWN : sql_int(q, column);
}

int sql_exec(struct catalog *c, const char *text, struct error *err)
{
    int rc = sqlite3_exec(c->db, text, NULL, NULL, NULL);
    return rc == SQLITE_OK ? 0 : sql_fail(c, rc, err);
}

int sql_damaged(const struct catalog *c, const char *what, struct error *err)
{
    error_set(err, ERROR_CATALOG, "the catalog %s is damaged: %s", c->path, what);
    return error_hint(err, "copy the file aside before anything else,"
                           " then run: imgctl doctor");
}

static int fail_full(const struct catalog *c, struct error *err)
{
    error_set(err, ERROR_CATALOG, "cannot write the catalog %s: the disk is full",
              c->path);
    return error_hint(err, "make room and run this again;"
                           " the catalog is as it was before");
}

static int fail_locked(const struct catalog *c, struct error *err)
{
    error_set(err, ERROR_CATALOG, "the catalog %s is locked by another process", c->path);
    err->retryable = true;
    return error_hint(err, "it was held for ten seconds: wait for the other one to end");
}

static int fail_system(const struct catalog *c, int rc, struct error *err)
{
    int number = sqlite3_system_errno(c->db);
    if (number == ENOSPC || number == EDQUOT) {
        return fail_full(c, err);
    }
    if (rc == SQLITE_IOERR_SHORT_READ) {
        return sql_damaged(c, "the file is shorter than it should be", err);
    }
    error_set(err, ERROR_CATALOG, "cannot use the catalog %s: %s", c->path,
              number ? strerror(number) : sqlite3_errstr(rc));
    return error_hint(err, "imgctl must be able to read and write this file and its"
                           " folder, also for the -wal and -shm files beside it");
}

static int fail_read_only(const struct catalog *c, struct error *err)
{
    error_set(err, ERROR_CATALOG, "cannot write the catalog %s: the file or its folder is"
              " read-only", c->path);
    return error_hint(err, "look at their owner and mode; SQLite makes two files beside"
                           " it (-wal and -shm), even for reading");
}

static int describe(const struct catalog *c, int rc, struct error *err)
{
    switch (rc & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_PROTOCOL:
        return fail_locked(c, err);
    case SQLITE_FULL:
        return fail_full(c, err);
    case SQLITE_READONLY:
        return fail_read_only(c, err);
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
        return fail_system(c, rc, err);
    case SQLITE_NOTADB:
        return sql_damaged(c, "it is no SQLite database, or its start is lost", err);
    case SQLITE_TOOBIG:
        return error_set(err, ERROR_USAGE, "a text is too long for the catalog");
    case SQLITE_NOMEM:
        return error_set(err, ERROR_FAILED, "out of memory in the catalog");
    case SQLITE_CONSTRAINT:
        return error_set(err, ERROR_CATALOG, "the catalog %s refuses this change: %s",
                         c->path, sqlite3_errmsg(c->db));
    default:
        return sql_damaged(c, sqlite3_errmsg(c->db), err);
    }
}

int sql_fail(struct catalog *c, int rc, struct error *err)
{
    describe(c, rc, err);
    if (c->in_group && sqlite3_get_autocommit(c->db)) {
        c->group_loss = *err;
    }
    return -1;
}
