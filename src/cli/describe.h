/*
 * describe.h - what help screens, man pages, completions and JSON all say about
 * the tables.
 */
#ifndef DESCRIBE_H
#define DESCRIBE_H

#include "imgctl/buf.h"
#include "imgctl/command.h"

/* -h and --help, which no table holds. */
extern const struct option help_option;

/* The exit codes of the program and what they mean. */
struct exit_code {
    int code;
    const char *label; /* "128+n": how it is written */
    const char *meaning;
};

extern const struct exit_code exit_codes[];
extern const size_t exit_codes_count;

/* "imgctl business add" */
void describe_command(struct buf *out, const struct command *parent,
                      const struct command *c);

/* The default as text: the option's own or that of its setting. NULL: none. */
const char *describe_default(const struct option *o);

/* Is there an option in C's own sets that is not hidden? */
bool describe_has_options(const struct command *c);

/* Must the choices be listed because the help sentence does not name them? */
bool describe_choices_unsaid(const char *help, const char *const *choices);

/* "a, b or c" */
void describe_choices(struct buf *out, const char *const *choices);

/* The name of a kind of completion: "picture". NULL: nothing is completed. */
const char *describe_completion(enum completion complete);

/* Does a shell get such words from `imgctl help --complete KIND PREFIX`
 * (cmd/complete.c)? Otherwise it knows them itself. */
bool describe_is_asked(enum completion complete);

#endif
