/*
 * command.h - what a command is: one declaration from which everything follows.
 *
 * A command is a constant table entry beside the function it describes
 * (cmd/NAME.c). The parser, --help, the man page's SYNOPSIS and OPTIONS, the
 * completions of bash, zsh and fish, and `imgctl help --json` all read it; an
 * option is written down nowhere else. Options are bound to fields of the
 * command's argument struct by offset, and the macros below let the compiler
 * refuse a field of the wrong type.
 */
#ifndef IMGCTL_COMMAND_H
#define IMGCTL_COMMAND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "imgctl/config.h"
#include "imgctl/error.h"
#include "imgctl/range.h"
#include "imgctl/strlist.h"

struct app; /* cmd/app.h: what the dispatcher prepared for the command */

enum option_type {
    OPTION_FLAG,        /* bool; --no-NAME clears it */
    OPTION_TEXT,        /* const char *, pointing into argv or the config */
    OPTION_LIST,        /* struct strlist; may be repeated, adds up */
    OPTION_INT,         /* int64_t within min..max of the entry */
    OPTION_SIZE,        /* int64_t bytes: "10M" */
    OPTION_DURATION,    /* int64_t milliseconds: "30d" */
    OPTION_MONEY,       /* int64_t micro-dollars (money.h): "0.50"; MONEY_UNKNOWN
                           where it was not given */
    OPTION_CHOICE,      /* int: index into choices */
    OPTION_INT_RANGE,   /* struct range */
    OPTION_SIZE_RANGE,  /* struct range of bytes */
    OPTION_DATE_RANGE,  /* struct range of times (clock.h) */
    OPTION_RATIO_RANGE, /* struct ratio_range: "4:5..1.91" */
};

/* What a shell completes a value or an operand with. */
enum completion {
    COMPLETE_NOTHING,
    COMPLETE_FILE,
    COMPLETE_FOLDER,
    COMPLETE_PICTURE,  /* ids in the catalog */
    COMPLETE_BUSINESS,
    COMPLETE_TAG,
    COMPLETE_STORE,
    COMPLETE_COMMAND,
    COMPLETE_SETTING,
    COMPLETE_PROFILE,
    COMPLETE_MODEL,
    COMPLETE_JOB,
    COMPLETE_ACCOUNT,
};

struct option {
    char letter;                /* 0: long form only */
    const char *name;           /* without dashes */
    const char *value;          /* name of the value in help; NULL for a flag */
    enum option_type type;
    size_t offset;              /* of the field in the argument struct */
    int64_t min, max;           /* OPTION_INT; both 0: no bound */
    const char *const *choices; /* OPTION_CHOICE: NULL-terminated */
    const char *const *words;   /* the usual values of a text, to complete with */
    const char *fallback;       /* default as text; NULL: zero */
    const char *config;         /* setting that gives the default; its own
                                   fallback is in settings.c */
    enum completion complete;
    bool hidden;                /* not in help, man page or completions */
    const char *help;           /* one sentence, small first letter, no stop */
};

/* Binding: OPT_FLAG(struct list_args, all) compiles only if the field is a bool. */
#define OPT_FIELD(type, args, field)                                         \
    (offsetof(args, field) + 0 * sizeof((type *)0 == &((args *)0)->field))
#define OPT_FLAG(args, field) \
    .type = OPTION_FLAG, .offset = OPT_FIELD(bool, args, field)
#define OPT_TEXT(args, field) \
    .type = OPTION_TEXT, .offset = OPT_FIELD(const char *, args, field)
#define OPT_LIST(args, field) \
    .type = OPTION_LIST, .offset = OPT_FIELD(struct strlist, args, field)
#define OPT_INT(args, field) \
    .type = OPTION_INT, .offset = OPT_FIELD(int64_t, args, field)
#define OPT_SIZE(args, field) \
    .type = OPTION_SIZE, .offset = OPT_FIELD(int64_t, args, field)
#define OPT_DURATION(args, field) \
    .type = OPTION_DURATION, .offset = OPT_FIELD(int64_t, args, field)
#define OPT_MONEY(args, field) \
    .type = OPTION_MONEY, .offset = OPT_FIELD(int64_t, args, field)
#define OPT_CHOICE(args, field) \
    .type = OPTION_CHOICE, .offset = OPT_FIELD(int, args, field)
#define OPT_INT_RANGE(args, field) \
    .type = OPTION_INT_RANGE, .offset = OPT_FIELD(struct range, args, field)
#define OPT_SIZE_RANGE(args, field) \
    .type = OPTION_SIZE_RANGE, .offset = OPT_FIELD(struct range, args, field)
#define OPT_DATE_RANGE(args, field) \
    .type = OPTION_DATE_RANGE, .offset = OPT_FIELD(struct range, args, field)
#define OPT_RATIO_RANGE(args, field) \
    .type = OPTION_RATIO_RANGE, .offset = OPT_FIELD(struct ratio_range, args, field)

/* A set of options that several commands share, at an offset in their arguments. */
struct option_set {
    const struct option *options; /* ends with an entry whose name is NULL */
    size_t offset;
    const char *title;            /* heading in help; NULL: "Options" */
};

#define COMMAND_SETS 5
#define OPTIONS_IN_SET 64 /* at most, so that a uint64_t remembers which were given */

struct operand {
    const char *name;  /* "FILE", as shown; NULL ends the list */
    bool required;
    bool many;         /* the last one only: takes all that is left */
    size_t offset;     /* many: struct strlist; else const char * */
    enum completion complete;
    const char *help;
};

#define OPERAND_ONE(args, field) .offset = OPT_FIELD(const char *, args, field)
#define OPERAND_MANY(args, field) \
    .many = true, .offset = OPT_FIELD(struct strlist, args, field)

enum command_needs {
    NEEDS_CATALOG = 1 << 0, /* app->catalog is open (made if it is not there) */
    NEEDS_CATALOG_IF_THERE = 1 << 1, /* open, or NULL where there is none yet */
};

/*
 * run() gets the parsed arguments (args_size bytes). It returns the exit code,
 * or -1 with ERR set, which the dispatcher prints and turns into an exit code.
 */
struct command {
    const char *name;
    const char *summary;              /* one line, for lists */
    const char *group;                /* heading in `imgctl help` */
    size_t args_size;
    struct option_set sets[COMMAND_SETS]; /* unused ones are zero */
    const struct operand *operands;   /* NULL: none */
    const char *const *examples;      /* NULL-terminated command lines for --help */
    const struct command *const *children; /* NULL-terminated: `business add` */
    unsigned needs;                   /* of enum command_needs */
    int (*run)(struct app *app, void *args, struct error *err);
};

/* All commands, NULL-terminated, in the order of help (cmd/commands.c). */
extern const struct command *const commands[];

/* Options that every command takes, before or after its name (cmd/app.c); ends
 * with an entry whose name is NULL. -h and --help, which the parser knows by
 * itself, are not among them. */
extern const struct option global_options[];

#endif
