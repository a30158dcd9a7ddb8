/*
 * template.h - --format '{id}\t{original_filename}\n'.
 *
 * {name} is a field, {{ a brace, \t \n \0 \\ the escapes; all else stands for
 * itself, and nothing is added at the end. Values are printed as they are, but escaped
 * for a terminal.
 */
#ifndef TEMPLATE_H
#define TEMPLATE_H

#include "imgctl/error.h"
#include "imgctl/record.h"

int template_check(const char *template, const struct record_type *type,
                   struct error *err);
void template_print(struct buf *out, const char *template, const struct record_type *type,
                    const void *record);

/* ERROR_USAGE for a field that OPTION named but TYPE does not have. */
int unknown_field(const struct record_type *type, const char *option, const char *name,
                  struct error *err);

#endif
