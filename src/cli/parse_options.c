#include <string.h>

#include "imgctl/mem.h"
#include "imgctl/text.h"
#include "parser.h"
#include "values.h"

/* Where an option was found. */
struct match {
    const struct option *option;
    void *base;      /* the struct its offset counts from */
    uint64_t *given;
    uint64_t bit;
};

/* ---- Naming ---- */

void parser_add_name(struct buf *out, const struct parser *p)
{
    if (p->inv->parent) {
        buf_addf(out, "%s ", p->inv->parent->name);
    }
    buf_addstr(out, p->inv->command->name);
}

/* The command that explains what can be given here. */
static void add_help_command(struct buf *out, const struct parser *p)
{
    if (!p->inv->command) {
        buf_addstr(out, "imgctl help");
        return;
    }
    buf_addstr(out, "imgctl ");
    parser_add_name(out, p);
    buf_addstr(out, " --help");
}

int parser_hint_help(const struct parser *p)
{
    AUTO_BUF struct buf help = BUF_INIT;
    add_help_command(&help, p);
    return error_hint(p->err, "%s", help.data);
}

/* ---- Finding options ---- */

static bool has_name(const struct option *o, const char *name, size_t len)
{
    return strncmp(o->name, name, len) == 0 && o->name[len] == '\0';
}

/* Look up by NAME of LEN bytes, or by LETTER where NAME is NULL. */
static const struct option *find_in(const struct option *options, const char *name,
                                    size_t len, char letter)
{
    for (const struct option *o = options; o && o->name; o++) {
        if (name ? has_name(o, name, len) : o->letter == letter) {
            return o;
        }
    }
    return NULL;
}

static bool find_option(const struct parser *p, const char *name, size_t len, char letter,
                        struct match *ret)
{
    const struct command *c = p->inv->command;
    for (size_t i = 0; c && i < COMMAND_SETS; i++) {
        const struct option_set *set = &c->sets[i];
        const struct option *o = find_in(set->options, name, len, letter);
        if (o) {
            *ret = (struct match){ .option = o,
                                   .base = (char *)p->inv->args + set->offset,
                                   .given = &p->inv->given[i],
                                   .bit = UINT64_C(1) << (o - set->options) };
            return true;
        }
    }
    const struct option *o = find_in(global_options, name, len, letter);
    if (!o) {
        return false;
    }
    *ret = (struct match){ .option = o,
                           .base = p->inv->globals,
                           .given = &p->inv->given_globals,
                           .bit = UINT64_C(1) << (o - global_options) };
    return true;
}

static size_t add_names(const char **names, size_t count, const struct option *options)
{
    for (size_t i = 0; options && i < OPTIONS_IN_SET && options[i].name; i++) {
        if (!options[i].hidden) {
            names[count++] = options[i].name;
        }
    }
    return count;
}

static int unknown_long_option(const struct parser *p, const char *name, size_t len)
{
    const char *names[(COMMAND_SETS + 1) * OPTIONS_IN_SET + 1] = { "help" };
    const struct command *c = p->inv->command;
    AUTO_FREE char *word = mem_strndup(name, len);
    AUTO_BUF struct buf help = BUF_INIT;
    size_t count = 1;
    for (size_t i = 0; c && i < COMMAND_SETS; i++) {
        count = add_names(names, count, c->sets[i].options);
    }
    count = add_names(names, count, global_options);
    error_set(p->err, ERROR_USAGE, "unknown option \"--%s\"", word);
    const char *nearest = text_nearest(word, names, count);
    if (!c && !nearest) {
        return error_hint(p->err, "a command's own options stand behind its name; "
                                  "all commands: imgctl help");
    }
    if (!nearest) {
        return parser_hint_help(p);
    }
    add_help_command(&help, p);
    return error_hint(p->err, "did you mean --%s? All options: %s", nearest, help.data);
}

/* ---- Options ---- */

static int store(struct parser *p, const struct match *m, const char *value)
{
    /* With an option of its own a parent is meant itself, not a child. */
    if (m->given != &p->inv->given_globals) {
        p->child_due = false;
    }
    if (option_store(m->option, m->base, value, p->err) < 0) {
        return parser_hint_help(p);
    }
    *m->given |= m->bit;
    return 0;
}

/* May WORD be the value of the option before it? "-7d.." may, "-n" may not. */
static bool is_value(const char *word)
{
    return word[0] != '-' || word[1] == '\0' || (word[1] >= '0' && word[1] <= '9');
}

/* The value in a word of its own. */
static int take_value(struct parser *p, const struct match *m)
{
    const struct option *o = m->option;
    if (p->at < p->argc && is_value(p->argv[p->at])) {
        return store(p, m, p->argv[p->at++]);
    }
    error_set(p->err, ERROR_USAGE, "--%s needs a value, %s", o->name, o->value);
    return p->at < p->argc
               ? error_hint(p->err, "a value that begins with \"-\" is given as --%s=%s",
                            o->name, p->argv[p->at])
               : parser_hint_help(p);
}

/* "--no-NAME" of a flag. */
static bool find_negated(const struct parser *p, const char *name, size_t len,
                         struct match *ret)
{
    return len > 3 && strncmp(name, "no-", 3) == 0 &&
           find_option(p, name + 3, len - 3, 0, ret) && ret->option->type == OPTION_FLAG;
}

static int take_long(struct parser *p, const char *name)
{
    size_t len = strcspn(name, "=");
    const char *value = name[len] == '=' ? name + len + 1 : NULL;
    struct match m;
    bool negated = false;
    if (!find_option(p, name, len, 0, &m)) {
        negated = find_negated(p, name, len, &m);
        if (!negated) {
            return unknown_long_option(p, name, len);
        }
    }
    if (m.option->type != OPTION_FLAG) {
        return value ? store(p, &m, value) : take_value(p, &m);
    }
    if (value) {
        error_set(p->err, ERROR_USAGE, "--%.*s takes no value", (int)len, name);
        return parser_hint_help(p);
    }
    return store(p, &m, negated ? "false" : "true");
}

/* "-q", "-nq", "-j8", "-j 8": WORD is what stands behind the dash. */
static int take_letters(struct parser *p, const char *word)
{
    for (const char *letter = word; *letter; letter++) {
        struct match m;
        if (*letter == 'h') {
            p->inv->help = true;
            continue;
        }
        if (!find_option(p, NULL, 0, *letter, &m)) {
            size_t rest = letter == word && word[1] == '\0' ? 0 : strlen(word);
            error_set(p->err, ERROR_USAGE, "unknown option \"-%.*s\"%s%s",
                      /* a character of several bytes is told whole */
                      *letter & 0x80 ? (int)strlen(letter) : 1, letter,
                      rest ? " in -" : "", rest ? word : "");
            return parser_hint_help(p);
        }
        if (m.option->type != OPTION_FLAG) {
            return letter[1] ? store(p, &m, letter + 1) : take_value(p, &m);
        }
        if (store(p, &m, "true") < 0) {
            return -1;
        }
    }
    return 0;
}

int parser_take_option(struct parser *p, const char *word)
{
    if (strcmp(word, "--help") == 0) {
        p->inv->help = true;
        return 0;
    }
    return word[1] == '-' ? take_long(p, word + 2) : take_letters(p, word + 1);
}
