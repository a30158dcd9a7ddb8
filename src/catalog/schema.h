/*
 * schema.h - the tables, and how an older catalog becomes a newer one.
 *
 * Migration N (from 1) brings a catalog from version N-1 to N; a new catalog is
 * made by running them all. A migration that has been released is never edited.
 * The version is SQLite's user_version.
 */
#ifndef CATALOG_SCHEMA_H
#define CATALOG_SCHEMA_H

#include <stddef.h>

#include "sql.h"

/* "imgc", so that file(1) and we can tell a catalog from other databases. */
#define SCHEMA_APPLICATION_ID 0x696d6763

struct migrations {
    const char *const *steps;
    int count;
};

extern const struct migrations schema_migrations;

/* The two numbers in the file's header. */
int schema_marks(struct catalog *c, int64_t *ret_application, int64_t *ret_version,
                 struct error *err);

/*
 * Bring the catalog up to the last of MIGRATIONS, in one transaction. Does
 * nothing where another process has done it in the meantime.
 */
int schema_upgrade(struct catalog *c, const struct migrations *migrations,
                   struct error *err);

/* The tags of TABLE's row as lines, for search: SQL text. */
#define SCHEMA_TAG_LINES(table)                                              \
    "CASE " table ".tags WHEN '[]' THEN NULL ELSE"                           \
    " (SELECT group_concat(tag, char(10)) FROM image_tags WHERE image_id = " \
    table ".id) END"

#endif
