#include "imgctl/parse.h"

#include <string.h>

#include "imgctl/mem.h"
#include "imgctl/money.h"
#include "imgctl/text.h"
#include "parser.h"
#include "values.h"

/* ---- Commands and operands ---- */

static int set_defaults(const struct parser *p, const struct option *options, void *base)
{
    for (const struct option *o = options; o && o->name; o++) {
        if (o->type == OPTION_MONEY) {
            *(int64_t *)((char *)base + o->offset) = MONEY_UNKNOWN;
        }
        if (o->fallback && option_store(o, base, o->fallback, p->err) < 0) {
            return error_wrap(p->err, "default");
        }
    }
    return 0;
}

/* From now on the words are for C. */
static int enter_command(struct parser *p, const struct command *c)
{
    struct invocation *inv = p->inv;
    inv->parent = inv->command;
    invocation_release(inv);
    inv->command = c;
    inv->args = mem_alloc(c->args_size);
    memset(inv->given, 0, sizeof inv->given);
    p->child_due = c->children != NULL;
    for (size_t i = 0; i < COMMAND_SETS; i++) {
        const struct option_set *set = &c->sets[i];
        if (set_defaults(p, set->options, (char *)inv->args + set->offset) < 0) {
            return -1;
        }
    }
    return 0;
}

static const struct command *find_command(const struct command *const *list,
                                          const char *name)
{
    for (; *list; list++) {
        if (strcmp((*list)->name, name) == 0) {
            return *list;
        }
    }
    return NULL;
}

static int unknown_child(const struct parser *p, const char *word)
{
    const struct command *c = p->inv->command;
    const char *names[64];
    size_t count = 0;
    for (; count < 64 && c->children[count]; count++) {
        names[count] = c->children[count]->name;
    }
    const char *nearest = text_nearest(word, names, count);
    error_set(p->err, ERROR_USAGE, "unknown command \"%s %s\"", c->name, word);
    return nearest ? error_hint(p->err, "did you mean imgctl %s %s?", c->name, nearest)
                   : parser_hint_help(p);
}

static int missing_child(const struct parser *p)
{
    const struct command *c = p->inv->command;
    AUTO_BUF struct buf names = BUF_INIT;
    for (size_t i = 0; c->children[i]; i++) {
        buf_addf(&names, "%s%s", i ? ", " : "", c->children[i]->name);
    }
    error_set(p->err, ERROR_USAGE, "%s needs one of its commands: %s", c->name,
              names.data);
    return parser_hint_help(p);
}

static int take_operand(struct parser *p, char *word)
{
    const struct command *c = p->inv->command;
    const struct operand *o = c->operands;
    AUTO_BUF struct buf name = BUF_INIT;
    /* The last one stands for all that follow if it takes many. */
    for (size_t i = 0; o && o->name && i < p->operands && !o->many; i++) {
        o++;
    }
    if (o && o->name) {
        void *field = (char *)p->inv->args + o->offset;
        p->operands++;
        if (o->many) {
            strlist_add(field, word);
        } else {
            *(const char **)field = word;
        }
        return 0;
    }
    parser_add_name(&name, p);
    error_set(p->err, ERROR_USAGE, p->operands ? "\"%s\" is one operand too many for %s"
                                               : "\"%s\" is an operand, %s takes none",
              word, name.data);
    return parser_hint_help(p);
}

static int take_word(struct parser *p, char *word)
{
    const struct command *c = p->inv->command;
    if (!c) {
        const struct command *first = find_command(commands, word);
        if (first) {
            return enter_command(p, first);
        }
        p->inv->unknown = word;
        p->inv->unknown_index = p->at - 1;
        return 0;
    }
    if (p->child_due) {
        const struct command *child = find_command(c->children, word);
        if (child) {
            return enter_command(p, child);
        }
        if (!c->run || !c->operands) {
            return unknown_child(p, word);
        }
        p->child_due = false;
    }
    return take_operand(p, word);
}

/* ---- The whole ---- */

/* Is help asked for in a later word? Then what is wrong before it is no matter. */
static bool help_follows(const struct parser *p)
{
    for (int i = p->at; i < p->argc && strcmp(p->argv[i], "--") != 0; i++) {
        if (strcmp(p->argv[i], "-h") == 0 || strcmp(p->argv[i], "--help") == 0) {
            return true;
        }
    }
    return false;
}

static int check_complete(const struct parser *p)
{
    const struct command *c = p->inv->command;
    AUTO_BUF struct buf name = BUF_INIT;
    if (!c) {
        return 0;
    }
    if (p->child_due && !c->run) {
        return missing_child(p);
    }
    const struct operand *o = c->operands;
    for (size_t i = 0; o && o->name && i < p->operands; i++) {
        o++;
    }
    if (!o || !o->name || !o->required) {
        return 0;
    }
    parser_add_name(&name, p);
    error_set(p->err, ERROR_USAGE, "%s needs %s%s", name.data, o->name,
              o->many ? "..." : "");
    return parser_hint_help(p);
}

static int parse_words(struct parser *p)
{
    while (p->at < p->argc && !p->inv->unknown) {
        char *word = p->argv[p->at++];
        int result;
        if (!p->options_over && strcmp(word, "--") == 0) {
            p->options_over = true;
            continue;
        }
        if (!p->options_over && word[0] == '-' && word[1] != '\0') {
            result = parser_take_option(p, word);
        } else {
            result = take_word(p, word);
        }
        if (result == 0) {
            continue;
        }
        if (!p->inv->help && (p->options_over || !help_follows(p))) {
            return -1;
        }
        p->inv->help = true;
        error_clear(p->err);
    }
    return p->inv->help || p->inv->unknown ? 0 : check_complete(p);
}

int parse_argv(int argc, char **argv, void *globals, struct invocation *ret,
               struct error *err)
{
    struct parser p = { .argv = argv, .argc = argc, .at = 1, .inv = ret, .err = err };
    *ret = (struct invocation){ .globals = globals };
    if (set_defaults(&p, global_options, globals) < 0 || parse_words(&p) < 0) {
        invocation_release(ret);
        return -1;
    }
    return 0;
}
