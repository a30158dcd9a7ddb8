#include "imgctl/posts.h"

#include <stdlib.h>
#include <string.h>

#include "imgctl/clock.h"
#include "imgctl/text.h"
#include "sql.h"

#define NAME_LIMIT 50 /* characters: it becomes part of a variable's name */

#define SELECT_ACCOUNT                                                               \
    "SELECT id, name, platform, login, user_id, username, expires_at, created_at"    \
    " FROM accounts "

void account_release(struct account *a)
{
    free(a->name);
    free(a->platform);
    free(a->login);
    free(a->user_id);
    free(a->username);
    *a = (struct account){ .id = 0 };
}

static int read_account(struct sql *q, struct account *ret, struct error *err)
{
    int found = sql_step(q, err);
    if (found > 0) {
        *ret = (struct account){
            .id = sql_int(q, 0),
            .name = sql_copy(q, 1),
            .platform = sql_copy(q, 2),
            .login = sql_copy(q, 3),
            .user_id = sql_copy(q, 4),
            .username = sql_copy(q, 5),
            .expires_at = sql_time(q, 6),
            .created_at = sql_time(q, 7),
        };
    }
    return found;
}

/* A name is also the end of a variable's name, so it has to fit there. */
static int check_name(const char *name, struct error *err)
{
    size_t len = strlen(name);
    bool fits = len > 0 && len <= NAME_LIMIT &&
                strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_-") == len;
    if (!fits) {
        error_set(err, ERROR_USAGE, "\"%s\" cannot be the name of an account", name);
        return error_hint(err, "a name has 1 to %d of the characters a-z 0-9 - _",
                          NAME_LIMIT);
    }
    return 0;
}

static int find_by_name(struct catalog *c, const char *name, struct account *ret,
                        struct error *err)
{
    AUTO_SQL struct sql q = SQL_INIT;
    if (sql_open(&q, c, SELECT_ACCOUNT "WHERE name = ?", err) < 0) {
        return -1;
    }
    sql_put_text(&q, name);
    return read_account(&q, ret, err);
}

static int insert_account(struct catalog *c, struct account *a, struct error *err)
{
    AUTO_SQL struct sql q = SQL_INIT;
    if (sql_open(&q, c, "INSERT INTO accounts (name, platform, login, user_id, username,"
                 " expires_at, created_at) VALUES (?, ?, ?, ?, ?, ?, ?)", err) < 0) {
        return -1;
    }
    sql_put_text(&q, a->name);
    sql_put_text(&q, a->platform);
    sql_put_text(&q, a->login);
    sql_put_text(&q, a->user_id);
    sql_put_text(&q, a->username);
    sql_put_time(&q, a->expires_at);
    sql_put_time(&q, a->created_at);
    if (sql_run(&q, err) < 0) {
        return -1;
    }
    a->id = sqlite3_last_insert_rowid(c->db);
    return 0;
}

int catalog_account_add(struct catalog *c, struct account *a, struct error *err)
{
    AUTO_TRANSACTION struct transaction t = TRANSACTION_INIT;
    AUTO_ACCOUNT struct account taken = ACCOUNT_INIT;
    if (check_name(a->name, err) < 0 || transaction_begin(&t, c, err) < 0) {
        return -1;
    }
    int found = find_by_name(c, a->name, &taken, err);
    if (found > 0) {
        return error_set(err, ERROR_USAGE, "there is an account named \"%s\" already",
                         a->name);
    }
    a->created_at = clock_now();
    if (found < 0 || insert_account(c, a, err) < 0) {
        return -1;
    }
    return transaction_commit(&t, err);
}

int catalog_account_update(struct catalog *c, const struct account *a, struct error *err)
{
    AUTO_TRANSACTION struct transaction t = TRANSACTION_INIT;
    AUTO_SQL struct sql q = SQL_INIT;
    if (transaction_begin(&t, c, err) < 0 ||
        sql_open(&q, c, "UPDATE accounts SET user_id = ?, username = ?, expires_at = ?"
                 " WHERE id = ?", err) < 0) {
        return -1;
    }
    sql_put_text(&q, a->user_id);
    sql_put_text(&q, a->username);
    sql_put_time(&q, a->expires_at);
    sql_put_int(&q, a->id);
    return sql_run(&q, err) < 0 ? -1 : transaction_commit(&t, err);
}

static int collect_name(void *cookie, const struct account *a)
{
    strlist_add(cookie, a->name);
    return 0;
}

static int refuse_unknown(struct catalog *c, const char *name, struct error *err)
{
    AUTO_STRLIST struct strlist names = STRLIST_INIT;
    if (catalog_accounts(c, collect_name, &names, err) < 0) {
        return -1;
    }
    const char *nearest =
        text_nearest(name, (const char *const *)names.items, names.len);
    error_set(err, ERROR_NOT_FOUND, "there is no account named \"%s\"", name);
    return nearest ? error_hint(err, "did you mean \"%s\"?", nearest)
                   : error_hint(err, "imgctl account add NAME makes one");
}

int catalog_account_find(struct catalog *c, const char *name, struct account *ret,
                         struct error *err)
{
    int found = find_by_name(c, name, ret, err);
    if (found == 0) {
        return refuse_unknown(c, name, err);
    }
    return found < 0 ? -1 : 0;
}

int catalog_account_remove(struct catalog *c, const char *name, struct error *err)
{
    AUTO_TRANSACTION struct transaction t = TRANSACTION_INIT;
    AUTO_ACCOUNT struct account a = ACCOUNT_INIT;
    AUTO_SQL struct sql q = SQL_INIT;
    if (transaction_begin(&t, c, err) < 0 || catalog_account_find(c, name, &a, err) < 0 ||
        sql_open(&q, c, "DELETE FROM accounts WHERE id = ?", err) < 0) {
        return -1;
    }
    sql_put_int(&q, a.id);
    return sql_run(&q, err) < 0 ? -1 : transaction_commit(&t, err);
}

int catalog_accounts(struct catalog *c, catalog_each_account *each, void *cookie,
                     struct error *err)
{
    AUTO_SQL struct sql q = SQL_INIT;
    if (sql_open(&q, c, SELECT_ACCOUNT "ORDER BY name", err) < 0) {
        return -1;
    }
    struct account a;
    int more;
    while ((more = read_account(&q, &a, err)) > 0) {
        int stop = each(cookie, &a);
        account_release(&a);
        if (stop) {
            return 0;
        }
    }
    return more;
}
