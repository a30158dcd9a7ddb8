/*
 * ids.h - pictures as operands: "42", "@1" (the newest), "@picked" (the last choice of
 * `imgctl pick`), "-" (ids on standard input, one a line, or JSON lines with an "id").
 */
#ifndef IMGCTL_IDS_H
#define IMGCTL_IDS_H

#include <stdbool.h>
#include <stdio.h>

#include "imgctl/catalog.h"
#include "imgctl/error.h"
#include "imgctl/strlist.h"

/* Does OPERAND look like an id, where it could be a file as well? "42" and "@..." do; a
 * file of such a name is "./42". */
bool ids_is_id(const char *operand);

/* The operands with "-" replaced by what standard input names and "@picked" by every
 * id of the last choice. C may be NULL (no catalog). */
int ids_expand(struct catalog *c, const struct strlist *operands, struct strlist *ret,
               struct error *err);

/* The lines of FILE, or its records ended by NULs: ids or other words as they are, the
 * ids of JSON lines. */
int ids_read(FILE *file, struct strlist *ret, struct error *err);

/* The operands with "@1" and the like replaced by the ids they mean now, for those who
 * change which picture is the newest. What means none stays: ids_find() says why. */
void ids_settle(struct catalog *c, const struct strlist *operands, struct strlist *ret);

/* The picture that OPERAND names, deleted or not; of a choice of several, the first.
 * ERROR_USAGE if it is no id, ERROR_NOT_FOUND if there is no such picture; C may be
 * NULL (no catalog). */
int ids_find(struct catalog *c, const char *operand, struct picture *ret,
             struct error *err);

/*
 * The last choice. Ids mean something in their catalog only, so it is a file beside
 * the catalog, "catalog.db-picked": one id a line, replaced whole.
 */
int ids_remember_picked(const struct catalog *c, const int64_t *ids, size_t count,
                        struct error *err);
int ids_picked(const struct catalog *c, struct strlist *ret, struct error *err);

#endif
