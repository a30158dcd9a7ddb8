/*
 * values.h - the text of an option's value into its field.
 */
#ifndef VALUES_H
#define VALUES_H

#include "imgctl/command.h"

/* Store TEXT in the field of O in the struct at BASE. A list grows; a flag takes
 * "true" or "false". -1 with ERROR_USAGE, naming the option. */
int option_store(const struct option *o, void *base, const char *text,
                 struct error *err);

#endif
