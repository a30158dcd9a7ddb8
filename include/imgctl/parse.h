/*
 * parse.h - from argv to a command's arguments.
 *
 * Rules: options may follow operands; "--" ends options; "-" is an operand;
 * "--name=value" and "--name value"; letters may be joined ("-nq", "-j8").
 * A long name must be whole; a wrong one is answered with the nearest. A value in
 * a word of its own may begin with "-" only before a digit ("-7d..") or alone.
 * A child's name stands behind its parent's, with only global options between.
 */
#ifndef IMGCTL_PARSE_H
#define IMGCTL_PARSE_H

#include "imgctl/command.h"

/* What argv asks for, before any configuration is read. */
struct invocation {
    const struct command *parent;  /* of a child such as `business add`, or NULL */
    const struct command *command; /* NULL: no command was named */
    const char *unknown;           /* a first operand that is no command, or NULL */
    int unknown_index;             /* its place in argv, for an external program */
    bool help;                     /* -h or --help was given */
    void *args;                    /* command->args_size bytes, owned */
    void *globals;                 /* the caller's, as given to parse_argv */
    uint64_t given[COMMAND_SETS];  /* a bit for each option of a set, in its order */
    uint64_t given_globals;
};

/*
 * Find the command and parse all of argv (argv[0] is skipped): global options
 * into GLOBALS, the command's own into a fresh argument struct. Defaults that
 * are in the option table are set here; those that are settings are not (see
 * parse_settings). ERROR_USAGE on anything wrong. With help set, operands and
 * values are not required. The strings in the arguments point into argv.
 */
int parse_argv(int argc, char **argv, void *globals, struct invocation *ret,
               struct error *err);

/* Give options, global ones too, that were not on the command line the value of
 * their setting. An empty setting counts as none. Texts belong to CONFIG. */
int parse_settings(struct invocation *inv, const struct config *config,
                   struct error *err);

void invocation_release(struct invocation *inv);

/* The parsers behind the option types, for who reads such a value elsewhere. */
int parse_int_range(const char *text, struct range *ret);
int parse_size_range(const char *text, struct range *ret);
int parse_date_range(const char *text, int64_t now, struct range *ret);
int parse_ratio_range(const char *text, struct ratio_range *ret);

#endif
