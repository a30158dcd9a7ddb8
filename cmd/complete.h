/*
 * complete.h - what a shell offers at a TAB.
 */
#ifndef COMPLETE_H
#define COMPLETE_H

#include "app.h"

/*
 * Print the words of KIND ("picture", "business": describe_completion()) that begin with
 * PREFIX, a hundred at most, one a line, each with a description behind a TAB. Fast, for
 * somebody waits; without a catalog there are none. ERROR_USAGE for another kind. A new
 * kind is an entry of enum completion, its name, and a line in the table here.
 */
int complete_print(struct app *app, const char *kind, const char *prefix,
                   struct error *err);

#endif
