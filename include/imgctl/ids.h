/*
 * ids.h - pictures as operands: "42", "@1" (the newest), "-" (ids on standard
 * input, one a line, or JSON lines with an "id").
 */
#ifndef IMGCTL_IDS_H
#define IMGCTL_IDS_H

#include "imgctl/catalog.h"
#include "imgctl/error.h"
#include "imgctl/strlist.h"

/* The operands with "-" replaced by what standard input names. */
int ids_expand(const struct strlist *operands, struct strlist *ret, struct error *err);

/* The picture that OPERAND names, deleted or not. ERROR_USAGE if it is no id,
 * ERROR_NOT_FOUND if there is no such picture; C may be NULL (no catalog). */
int ids_find(struct catalog *c, const char *operand, struct picture *ret,
             struct error *err);

#endif
