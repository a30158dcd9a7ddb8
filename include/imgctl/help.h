/*
 * help.h - the command table as text: help screens, and the reference that man
 * pages and completions are generated from (man/generate.c).
 */
#ifndef IMGCTL_HELP_H
#define IMGCTL_HELP_H

#include "imgctl/buf.h"
#include "imgctl/command.h"

/* `imgctl help`: the commands by group. */
void help_overview(struct buf *out);

/* `imgctl COMMAND --help`: examples first, then usage and options. PARENT is
 * the command that C is a child of, or NULL. WIDTH in columns. */
void help_command(struct buf *out, const struct command *parent,
                  const struct command *c, size_t width);

/* One line: "imgctl list [options]". */
void help_usage(struct buf *out, const struct command *parent,
                const struct command *c);

/* `imgctl help --json`: commands, options, operands, settings, exit codes. */
void help_json(struct buf *out);

/* Generated parts of man pages (mdoc) and the completion scripts. The page of a
 * command with children is theirs too; C NULL is imgctl(1) itself. */
void reference_mdoc_synopsis(struct buf *out, const struct command *c);
void reference_mdoc_options(struct buf *out, const struct command *c); /* .Sh and all */
void reference_mdoc_global_options(struct buf *out);
void reference_mdoc_commands(struct buf *out); /* the list in imgctl(1) */
void reference_mdoc_settings(struct buf *out); /* for imgctl-config(1) */
void reference_mdoc_exit_codes(struct buf *out);
void reference_bash(struct buf *out);
void reference_zsh(struct buf *out);
void reference_fish(struct buf *out);

#endif
