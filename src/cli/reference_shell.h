/*
 * reference_shell.h - what the completion scripts of all shells have in common.
 */
#ifndef REFERENCE_SHELL_H
#define REFERENCE_SHELL_H

#include "imgctl/buf.h"
#include "imgctl/command.h"

/* The words a value is one of: choices or the names of stores. NULL: none. */
const char *const *shell_words(const struct option *o);

/* Is the value "KEY=VALUE" of a setting? */
bool shell_is_assignment(const struct option *o);

/* Is the flag on by default, so that its --no- form is worth offering? */
bool shell_offers_no(const struct option *o);

/* The words with blanks between them. */
void shell_join(struct buf *out, const char *const *words);
void shell_join_commands(struct buf *out, const struct command *const *list);

/* EACH for all commands and their children, parents first. */
typedef void shell_each(struct buf *out, const struct command *parent,
                        const struct command *c);
void shell_for_each(struct buf *out, shell_each *each);

/* "list", "business add" */
void shell_command_name(struct buf *out, const struct command *parent,
                        const struct command *c);

#endif
