/*
 * parser.h - the parser at work: parse.c takes commands and operands,
 * parse_options.c options.
 */
#ifndef PARSER_H
#define PARSER_H

#include "imgctl/buf.h"
#include "imgctl/parse.h"

struct parser {
    char **argv;
    int argc;
    int at;             /* the next word */
    bool options_over;  /* behind "--" */
    bool child_due;     /* the command has children and none was named yet */
    size_t operands;    /* how many there were */
    struct invocation *inv;
    struct error *err;
};

/* "list", "business add": the command that was named. */
void parser_add_name(struct buf *out, const struct parser *p);

/* Make the command that explains what can be given here the hint. Returns -1. */
int parser_hint_help(const struct parser *p);

/* Take WORD, which begins with a dash, and its value if that is the next word. */
int parser_take_option(struct parser *p, const char *word);

#endif
