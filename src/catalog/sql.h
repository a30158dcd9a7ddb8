/*
 * sql.h - the few things the catalog does with SQLite, said once.
 *
 * Private to the catalog room. A statement is opened, its values are bound in
 * order, it is stepped, and it is closed when its scope ends:
 *
 *     AUTO_SQL struct sql q = SQL_INIT;
 *     if (sql_open(&q, c, "SELECT name FROM businesses WHERE id = ?", err) < 0) {
 *         return -1;
 *     }
 *     sql_put_int(&q, id);
 *     int found = sql_step(&q, err);
 *
 * Values are only ever bound, never part of a statement's text.
 */
#ifndef CATALOG_SQL_H
#define CATALOG_SQL_H

#include <locale.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>

#include "imgctl/catalog.h"
#include "imgctl/error.h"

/* Enough for every statement of this room; beyond it they are just not kept. */
#define SQL_KEPT 64

/* A prepared statement, kept for the next use of the same text. */
struct kept {
    const char *text; /* compared as a pointer: the literal in the code */
    sqlite3_stmt *stmt;
    bool in_use;
};

struct catalog {
    bool writes; /* it is set up for writing, see catalog_set_up_writing() */
    sqlite3 *db;
    char *path;
    struct kept kept[SQL_KEPT];
    locale_t folding; /* for contains.c; (locale_t)0 until needed */
    bool has_contains;
    bool in_group;
    bool indexes_later; /* the group has new pictures that the index lacks */
    struct error group_loss; /* why SQLite undid the group by itself, if it did */
};

struct sql {
    struct catalog *catalog;
    sqlite3_stmt *stmt;
    struct kept *kept; /* NULL: this statement ends with its scope */
    int bound;         /* values bound so far */
    int failure;       /* result of the first bind that failed, told by step */
};

#define SQL_INIT { .stmt = NULL }
#define AUTO_SQL __attribute__((cleanup(sql_close)))

/* TEXT must be a string literal: its statement is kept under its address. */
int sql_open(struct sql *q, struct catalog *c, const char *text, struct error *err);
/* For a text that was put together; the statement ends with its scope. */
int sql_open_once(struct sql *q, struct catalog *c, const char *text, struct error *err);
void sql_close(struct sql *q);

void sql_put_int(struct sql *q, int64_t value);
void sql_put_text(struct sql *q, const char *text); /* NULL is NULL; not copied */
void sql_put_time(struct sql *q, int64_t when);     /* 0 is NULL */
void sql_put_money(struct sql *q, int64_t micros);  /* MONEY_UNKNOWN is NULL */

int sql_step(struct sql *q, struct error *err); /* 1 a row, 0 no more, -1 */
int sql_run(struct sql *q, struct error *err);  /* to its end; 0 or -1 */

int64_t sql_int(const struct sql *q, int column);      /* NULL is 0 */
const char *sql_text(const struct sql *q, int column); /* until the next step */
char *sql_copy(const struct sql *q, int column);       /* the caller's; NULL is NULL */
int64_t sql_time(const struct sql *q, int column);     /* NULL is 0; what is no time
                                                          is 1, long ago but not never */
int64_t sql_money(const struct sql *q, int column);    /* NULL is MONEY_UNKNOWN */

/* One statement or several without values or results. */
int sql_exec(struct catalog *c, const char *text, struct error *err);

/* Turn SQLite's result RC into an error that names the file and helps. -1. Where it
 * undid the group that is open, the error is kept for what comes behind it. */
int sql_fail(struct catalog *c, int rc, struct error *err);
/* The same for a file that is not what it should be: WHAT is wrong with it. */
int sql_damaged(const struct catalog *c, const char *what, struct error *err);

/* What only who writes pays for; done once, at the first transaction. */
int catalog_set_up_writing(struct catalog *c, struct error *err);

/*
 * A transaction that has the write lock from its start, waiting for others; in a
 * group, a part of the group that can be undone by itself. If its scope ends
 * without a commit, nothing of it remains.
 */
struct transaction {
    struct catalog *catalog; /* NULL when none is open */
    bool in_group;
};

#define TRANSACTION_INIT { .catalog = NULL }
#define AUTO_TRANSACTION __attribute__((cleanup(transaction_release)))

int transaction_begin(struct transaction *t, struct catalog *c, struct error *err);
int transaction_commit(struct transaction *t, struct error *err);
void transaction_release(struct transaction *t);

/* In a group: the search index takes the rows that are new from now on when the group
 * is committed, all at once. Call before transaction_begin(). */
int transaction_index_later(struct catalog *c, struct error *err);
int transaction_index_now(struct catalog *c, struct error *err);

#endif
