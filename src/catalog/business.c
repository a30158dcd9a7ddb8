#include <stdlib.h>
#include <string.h>

#include "imgctl/clock.h"
#include "imgctl/text.h"
#include "job.h"

#define DEFAULT_NAME "default"
#define NAME_LIMIT 200 /* bytes */

#define SELECT_BUSINESS                                                              \
    "SELECT id, name, created_at, (SELECT coalesce(sum(n), 0) FROM image_counts"     \
    " WHERE business_id = businesses.id AND deleted = 0) FROM businesses "

void business_release(struct business *b)
{
    free(b->name);
    *b = (struct business){ .id = 0 };
}

/* Step Q, whose columns are those of SELECT_BUSINESS. 1, 0, -1. */
static int read_business(struct sql *q, struct business *ret, struct error *err)
{
    int found = sql_step(q, err);
    if (found > 0) {
        *ret = (struct business){
            .id = sql_int(q, 0),
            .name = sql_copy(q, 1),
            .created_at = sql_time(q, 2),
            .pictures = sql_int(q, 3),
        };
    }
    return found;
}

static int find_by_name(struct catalog *c, const char *name, struct business *ret,
                        struct error *err)
{
    AUTO_SQL struct sql q = SQL_INIT;
    if (sql_open(&q, c, SELECT_BUSINESS "WHERE name = ?", err) < 0) {
        return -1;
    }
    sql_put_text(&q, name);
    return read_business(&q, ret, err);
}

static int find_oldest(struct catalog *c, struct business *ret, struct error *err)
{
    AUTO_SQL struct sql q = SQL_INIT;
    if (sql_open(&q, c, SELECT_BUSINESS "ORDER BY id LIMIT 1", err) < 0) {
        return -1;
    }
    return read_business(&q, ret, err);
}

static int collect_name(void *cookie, const struct business *b)
{
    struct strlist *names = cookie;
    strlist_add(names, b->name);
    return names->len >= 1000;
}

static int refuse_unknown(struct catalog *c, const char *name, struct error *err)
{
    AUTO_STRLIST struct strlist names = STRLIST_INIT;
    if (catalog_businesses(c, collect_name, &names, err) < 0) {
        return -1;
    }
    const char *nearest =
        text_nearest(name, (const char *const *)names.items, names.len);
    error_set(err, ERROR_NOT_FOUND, "there is no business named \"%s\"", name);
    if (nearest) {
        return error_hint(err, "did you mean \"%s\"?", nearest);
    }
    return error_hint(err, "imgctl business list shows them;"
                           " imgctl business add NAME makes one");
}

/* In a transaction: insert it, give its id. */
static int insert_business(struct catalog *c, const char *name, int64_t *ret_id,
                           struct error *err)
{
    AUTO_SQL struct sql q = SQL_INIT;
    if (sql_open(&q, c, "INSERT INTO businesses (name, created_at) VALUES (?, ?)",
                 err) < 0) {
        return -1;
    }
    sql_put_text(&q, name);
    sql_put_time(&q, clock_now());
    if (sql_run(&q, err) < 0) {
        return -1;
    }
    *ret_id = sqlite3_last_insert_rowid(c->db);
    return 0;
}

/* The first business is made when it is first needed. */
static int find_default(struct catalog *c, struct business *ret, struct error *err)
{
    int found = find_oldest(c, ret, err);
    if (found != 0) {
        return found < 0 ? -1 : 0;
    }
    AUTO_TRANSACTION struct transaction t = TRANSACTION_INIT;
    int64_t id;
    if (transaction_begin(&t, c, err) < 0) {
        return -1;
    }
    found = find_oldest(c, ret, err); /* another process may have been faster */
    if (found != 0) {
        return found < 0 ? -1 : 0;
    }
    if (insert_business(c, DEFAULT_NAME, &id, err) < 0 || find_oldest(c, ret, err) < 0) {
        return -1;
    }
    return transaction_commit(&t, err);
}

int catalog_business_find(struct catalog *c, const char *name, struct business *ret,
                          struct error *err)
{
    *ret = (struct business){ .id = 0 };
    if (!name) {
        return find_default(c, ret, err);
    }
    int found = find_by_name(c, name, ret, err);
    if (found == 0) {
        return refuse_unknown(c, name, err);
    }
    return found < 0 ? -1 : 0;
}

static int check_name(const char *name, struct error *err)
{
    size_t len = strlen(name);
    bool usable = len > 0 && len <= NAME_LIMIT && text_is_utf8(name, len) &&
                  name[0] != ' ' && name[len - 1] != ' ';
    for (size_t i = 0; i < len; i++) {
        unsigned char byte = (unsigned char)name[i];
        usable = usable && byte >= 0x20 && byte != 0x7f;
    }
    if (usable) {
        return 0;
    }
    error_set(err, ERROR_USAGE, "\"%s\" cannot be the name of a business", name);
    return error_hint(err, "a name has 1 to %d bytes of UTF-8, no control characters"
                           " and no blanks at its ends", NAME_LIMIT);
}

/* In a transaction: may a business get NAME? EXCEPT is the one that has it now. */
static int check_free(struct catalog *c, const char *name, int64_t except,
                      struct error *err)
{
    struct business b = { .id = 0 };
    int found = find_by_name(c, name, &b, err);
    int64_t id = b.id;
    business_release(&b);
    if (found > 0 && id != except) {
        return error_set(err, ERROR_USAGE, "there is a business named \"%s\" already",
                         name);
    }
    return found < 0 ? -1 : 0;
}

int catalog_business_add(struct catalog *c, const char *name, int64_t *ret_id,
                         struct error *err)
{
    AUTO_TRANSACTION struct transaction t = TRANSACTION_INIT;
    if (check_name(name, err) < 0 || transaction_begin(&t, c, err) < 0 ||
        check_free(c, name, 0, err) < 0 || insert_business(c, name, ret_id, err) < 0) {
        return -1;
    }
    return transaction_commit(&t, err);
}

/* In a transaction: the id of the business named NAME. */
static int find_id(struct catalog *c, const char *name, int64_t *ret_id,
                   struct error *err)
{
    struct business b = { .id = 0 };
    if (catalog_business_find(c, name, &b, err) < 0) {
        return -1;
    }
    *ret_id = b.id;
    business_release(&b);
    return 0;
}

int catalog_business_rename(struct catalog *c, const char *name, const char *to,
                            struct error *err)
{
    AUTO_TRANSACTION struct transaction t = TRANSACTION_INIT;
    AUTO_SQL struct sql q = SQL_INIT;
    int64_t id;
    if (check_name(to, err) < 0 || transaction_begin(&t, c, err) < 0 ||
        find_id(c, name, &id, err) < 0 || check_free(c, to, id, err) < 0 ||
        sql_open(&q, c, "UPDATE businesses SET name = ? WHERE id = ?", err) < 0) {
        return -1;
    }
    sql_put_text(&q, to);
    sql_put_int(&q, id);
    return sql_run(&q, err) < 0 ? -1 : transaction_commit(&t, err);
}

/* In a transaction: has it pictures, or work under way? 1, 0, -1. */
static int is_used(struct catalog *c, int64_t id, struct error *err)
{
    AUTO_SQL struct sql q = SQL_INIT;
    if (sql_open(&q, c, "SELECT EXISTS (SELECT 1 FROM images WHERE business_id = ?1)"
                 " OR EXISTS (SELECT 1 FROM transfers WHERE business_id = ?1)"
                 " OR EXISTS (SELECT 1 FROM jobs WHERE business_id = ?1"
                 " AND " JOB_IS_OPEN ")", err) < 0) {
        return -1;
    }
    sql_put_int(&q, id);
    return sql_step(&q, err) < 0 ? -1 : sql_int(&q, 0) != 0;
}

int catalog_business_remove(struct catalog *c, const char *name, struct error *err)
{
    AUTO_TRANSACTION struct transaction t = TRANSACTION_INIT;
    AUTO_SQL struct sql q = SQL_INIT;
    int64_t id;
    if (transaction_begin(&t, c, err) < 0 || find_id(c, name, &id, err) < 0) {
        return -1;
    }
    int used = is_used(c, id, err);
    if (used > 0) {
        error_set(err, ERROR_USAGE,
                  "the business \"%s\" has pictures, or work under way", name);
        return error_hint(err, "deleted pictures count until they are purged: imgctl list"
                               " --business NAME --deleted");
    }
    if (used < 0 || sql_open(&q, c, "DELETE FROM businesses WHERE id = ?", err) < 0) {
        return -1;
    }
    sql_put_int(&q, id);
    return sql_run(&q, err) < 0 ? -1 : transaction_commit(&t, err);
}

int catalog_businesses(struct catalog *c, catalog_each_business *each, void *cookie,
                       struct error *err)
{
    AUTO_SQL struct sql q = SQL_INIT;
    if (sql_open(&q, c, SELECT_BUSINESS "ORDER BY name", err) < 0) {
        return -1;
    }
    struct business b;
    int more;
    while ((more = read_business(&q, &b, err)) > 0) {
        int stop = each(cookie, &b);
        business_release(&b);
        if (stop) {
            return 0;
        }
    }
    return more;
}
