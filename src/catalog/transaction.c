#include "sql.h"

static int run(struct catalog *c, const char *text, struct error *err)
{
    AUTO_SQL struct sql q = SQL_INIT;
    return sql_open(&q, c, text, err) < 0 ? -1 : sql_run(&q, err);
}

static int begin(struct catalog *c, struct error *err)
{
    if (!c->writes && catalog_set_up_writing(c, err) < 0) {
        return -1;
    }
    return run(c, "BEGIN IMMEDIATE", err);
}

/* After some failures SQLite undoes a whole transaction by itself. What would come
 * behind it is refused with that failure: half a group must not be committed. */
static int check_group(const struct catalog *c, struct error *err)
{
    if (sqlite3_get_autocommit(c->db)) {
        *err = c->group_loss;
        return -1;
    }
    return 0;
}

static int begin_in_group(struct catalog *c, struct error *err)
{
    return check_group(c, err) < 0 ? -1 : run(c, "SAVEPOINT change", err);
}

int transaction_begin(struct transaction *t, struct catalog *c, struct error *err)
{
    if ((c->in_group ? begin_in_group(c, err) : begin(c, err)) < 0) {
        return -1;
    }
    *t = (struct transaction){ .catalog = c, .in_group = c->in_group };
    return 0;
}

int transaction_commit(struct transaction *t, struct error *err)
{
    if (run(t->catalog, t->in_group ? "RELEASE change" : "COMMIT", err) < 0) {
        return -1;
    }
    t->catalog = NULL;
    return 0;
}

/* SQLite may have rolled back by itself: an error of ROLLBACK only says that. */
static void roll_back(struct catalog *c)
{
    sqlite3_exec(c->db, "ROLLBACK", NULL, NULL, NULL);
}

static bool roll_back_part(struct catalog *c)
{
    return sqlite3_exec(c->db, "ROLLBACK TO change; RELEASE change", NULL, NULL, NULL) ==
           SQLITE_OK;
}

/* A part that cannot be undone by itself takes its group with it. */
void transaction_release(struct transaction *t)
{
    struct catalog *c = t->catalog;
    if (c && !(t->in_group && roll_back_part(c))) {
        roll_back(c);
    }
    t->catalog = NULL;
}

int catalog_group_begin(struct catalog *c, struct error *err)
{
    if (c->in_group) {
        return error_set(err, ERROR_FAILED, "a group of changes is open already");
    }
    if (begin(c, err) < 0) {
        return -1;
    }
    c->in_group = true;
    error_set(&c->group_loss, ERROR_CATALOG, "a group of changes to the catalog %s was"
              " undone", c->path);
    return 0;
}

int transaction_index_later(struct catalog *c, struct error *err)
{
    if (!c->in_group || c->indexes_later) {
        return 0;
    }
    if (check_group(c, err) < 0 ||
        run(c, "INSERT INTO unindexed SELECT coalesce(max(id), 0) FROM images",
            err) < 0) {
        return -1;
    }
    c->indexes_later = true;
    return 0;
}

int transaction_index_now(struct catalog *c, struct error *err)
{
    if (!c->indexes_later) {
        return 0;
    }
    if (run(c, "INSERT INTO search(rowid, original_filename, ai_prompt, alt_text, tags)"
               " SELECT * FROM searchable WHERE id > (SELECT after_id FROM unindexed)",
            err) < 0 ||
        run(c, "DELETE FROM unindexed", err) < 0) {
        return -1;
    }
    c->indexes_later = false;
    return 0;
}

static void leave_group(struct catalog *c)
{
    c->in_group = c->indexes_later = false;
}

int catalog_group_commit(struct catalog *c, struct error *err)
{
    if (!c->in_group) {
        return error_set(err, ERROR_FAILED, "no group of changes is open");
    }
    int result = check_group(c, err);
    if (result == 0) {
        result = transaction_index_now(c, err) < 0 ? -1 : run(c, "COMMIT", err);
    }
    if (result < 0) {
        roll_back(c);
    }
    leave_group(c);
    return result;
}
