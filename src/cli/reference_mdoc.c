/*
 * The generated parts of the man pages, in mdoc(7).
 *
 * Every sentence begins a line and no line is long, as mandoc's linter wants.
 */
#include <ctype.h>
#include <string.h>

#include "describe.h"
#include "imgctl/help.h"
#include "imgctl/mem.h"

#define LINE_MAX_COLUMNS 76

/* ---- Words and lines ---- */

/* TEXT as part of a line of text or an argument of a macro. Every '-' of a
 * LITERAL is the ASCII character; elsewhere only where an option begins. */
static void add_escaped(struct buf *out, const char *text, size_t len, bool literal)
{
    bool exact = literal || (len > 1 && strchr("-(\"", text[0]) && memchr(text, '-', 2));
    if (len > 0 && strchr(".'", text[0])) {
        buf_addstr(out, "\\&");
    }
    for (size_t i = 0; i < len; i++) {
        if (text[i] == '\\') {
            buf_addstr(out, "\\e");
        } else if (text[i] == '-' && exact) {
            buf_addstr(out, "\\-");
        } else if (text[i] == '"' && literal) {
            buf_addstr(out, "\\(dq");
        } else {
            buf_addch(out, text[i]);
        }
    }
}

/* TEXT as one argument of a macro: not a macro's name, not a delimiter. */
static void add_argument(struct buf *out, const char *text)
{
    size_t len = strlen(text);
    bool like_macro = len <= 3 && isupper((unsigned char)text[0]) &&
                      (len == 1 || islower((unsigned char)text[1]));
    bool quotes = len == 0 || strchr(text, ' ');
    buf_addch(out, ' ');
    if (quotes) {
        buf_addch(out, '"');
    }
    if (like_macro || (len == 1 && ispunct((unsigned char)text[0]))) {
        buf_addstr(out, "\\&");
    }
    add_escaped(out, text, len, true);
    if (quotes) {
        buf_addch(out, '"');
    }
}

/* A sentence in lines of its own: first letter large, stop at the end, unless
 * that would look like one dot more of a range ("such as 1M.."). */
static void add_sentence(struct buf *out, const char *text)
{
    size_t text_len = strlen(text);
    bool dots = text_len > 0 && text[text_len - 1] == '.';
    AUTO_FREE char *sentence = mem_printf("%s%s", text, dots ? "" : ".");
    size_t column = 0;
    /* A word with capitals or signs in it is a name and stays as it is. */
    size_t first = strcspn(sentence, " ");
    if (strspn(sentence, "abcdefghijklmnopqrstuvwxyz,;.") == first) {
        sentence[0] = (char)toupper((unsigned char)sentence[0]);
    }
    for (const char *word = sentence; *word;) {
        size_t len = strcspn(word, " ");
        if (column > 0) {
            bool full = column + 1 + len > LINE_MAX_COLUMNS;
            buf_addch(out, full ? '\n' : ' ');
            column = full ? 0 : column + 1;
        }
        add_escaped(out, word, len, false);
        column += len;
        word += len;
        word += strspn(word, " ");
    }
    buf_addch(out, '\n');
}

/* ---- Options ---- */

/* " Fl q , Fl -quiet Ar VALUE" */
static void add_names(struct buf *out, const struct option *o)
{
    if (o->letter) {
        buf_addf(out, " Fl %c ,", o->letter);
    }
    buf_addstr(out, " Fl \\-");
    add_escaped(out, o->name, strlen(o->name), true);
    if (o->value) {
        buf_addstr(out, " Ar");
        add_argument(out, o->value);
    }
    buf_addch(out, '\n');
}

static void add_choice_list(struct buf *out, const char *const *choices)
{
    buf_addstr(out, "One of\n");
    for (size_t i = 0; choices[i]; i++) {
        buf_addstr(out, ".Cm");
        add_argument(out, choices[i]);
        buf_addstr(out, choices[i + 1] ? " ,\n" : " .\n");
    }
}

static void add_default(struct buf *out, const char *value)
{
    buf_addstr(out, "The default is\n.Ql");
    add_argument(out, value);
    buf_addstr(out, " .\n");
}

static void add_option(struct buf *out, const struct option *o)
{
    const char *value = describe_default(o);
    buf_addstr(out, ".It");
    add_names(out, o);
    add_sentence(out, o->help);
    if (describe_choices_unsaid(o->help, o->choices)) {
        add_choice_list(out, o->choices);
    }
    if (value && o->type != OPTION_FLAG) {
        add_default(out, value);
    } else if (value && strcmp(value, "true") == 0) {
        buf_addstr(out, "This is so unless\n.Fl \\-no\\-");
        add_escaped(out, o->name, strlen(o->name), true);
        buf_addstr(out, "\nis given.\n");
    }
    if (o->config) {
        buf_addstr(out, "The setting is\n.Cm");
        add_argument(out, o->config);
        buf_addstr(out, " .\n");
    }
}

static void begin_list(struct buf *out)
{
    buf_addstr(out, ".Bl -tag -width Ds\n");
}

static void end_list(struct buf *out)
{
    buf_addstr(out, ".El\n");
}

static void add_options(struct buf *out, const struct option *options)
{
    for (const struct option *o = options; o && o->name; o++) {
        if (!o->hidden) {
            add_option(out, o);
        }
    }
}

/* CHILD_OF is the parent that must be told in headings, or NULL. */
static void add_sets(struct buf *out, const struct command *c,
                     const struct command *child_of)
{
    for (size_t i = 0; i < COMMAND_SETS; i++) {
        const struct option_set *set = &c->sets[i];
        if (!set->options) {
            continue;
        }
        const char *title = set->title ? set->title : child_of ? "Options" : NULL;
        if (child_of) {
            buf_addf(out, ".Ss %s of %s %s\n", title, child_of->name, c->name);
        } else if (title) {
            buf_addf(out, ".Ss %s\n", title);
        }
        begin_list(out);
        add_options(out, set->options);
        end_list(out);
    }
}

void reference_mdoc_options(struct buf *out, const struct command *c)
{
    buf_addstr(out, ".Sh OPTIONS\n");
    if (describe_has_options(c)) {
        add_sets(out, c, NULL);
    } else if (!c->children) {
        buf_addstr(out, "The command has no options of its own.\n");
    }
    for (size_t i = 0; c->children && c->children[i]; i++) {
        const struct command *child = c->children[i];
        if (describe_has_options(child)) {
            add_sets(out, child, c);
        }
    }
    buf_addstr(out, ".Pp\nOptions that every command takes are in\n.Xr imgctl 1 .\n");
}

void reference_mdoc_global_options(struct buf *out)
{
    begin_list(out);
    add_options(out, global_options);
    add_option(out, &help_option);
    end_list(out);
}

/* ---- Synopsis ---- */

/* A set without title option by option, the others by their title. */
static void add_synopsis_options(struct buf *out, const struct command *c)
{
    for (size_t i = 0; i < COMMAND_SETS; i++) {
        const struct option_set *set = &c->sets[i];
        if (set->options && set->title) {
            AUTO_FREE char *title = mem_strdup(set->title);
            title[0] = (char)tolower((unsigned char)title[0]);
            buf_addstr(out, ".Op Ar");
            add_argument(out, title);
            buf_addch(out, '\n');
            continue;
        }
        for (const struct option *o = set->options; o && o->name; o++) {
            struct option brief = *o;
            if (!o->hidden) {
                brief.letter = 0;
                buf_addstr(out, ".Op");
                add_names(out, &brief);
            }
        }
    }
}

static void add_synopsis(struct buf *out, const struct command *parent,
                         const struct command *c)
{
    buf_addstr(out, ".Nm imgctl\n.Cm");
    if (parent) {
        add_argument(out, parent->name);
    }
    add_argument(out, c->name);
    buf_addch(out, '\n');
    add_synopsis_options(out, c);
    for (const struct operand *o = c->operands; o && o->name; o++) {
        buf_addstr(out, o->required ? ".Ar" : ".Op Ar");
        add_argument(out, o->name);
        buf_addstr(out, o->many ? " ...\n" : "\n");
    }
}

void reference_mdoc_synopsis(struct buf *out, const struct command *c)
{
    if (!c) {
        buf_addstr(out, ".Nm imgctl\n.Op Ar options\n.Op Ar command Op Ar operand ...\n");
        return;
    }
    if (c->run || !c->children) {
        add_synopsis(out, NULL, c);
    }
    for (size_t i = 0; c->children && c->children[i]; i++) {
        add_synopsis(out, c, c->children[i]);
    }
}

/* ---- Lists ---- */

static void add_group(struct buf *out, const char *group)
{
    buf_addf(out, ".Em %s\n.Bl -tag -compact -width imgctl\\-validate\\-ig(1)\n", group);
    for (const struct command *const *c = commands; *c; c++) {
        if ((*c)->group && strcmp((*c)->group, group) == 0) {
            buf_addf(out, ".It Xr imgctl-%s 1\n", (*c)->name);
            add_sentence(out, (*c)->summary);
        }
    }
    end_list(out);
}

void reference_mdoc_commands(struct buf *out)
{
    for (const struct command *const *c = commands; *c; c++) {
        const struct command *const *first = commands;
        while (*first && (*c)->group &&
               (!(*first)->group || strcmp((*first)->group, (*c)->group) != 0)) {
            first++;
        }
        if (first == c) {
            buf_addstr(out, c == commands ? "" : ".Pp\n");
            add_group(out, (*c)->group);
        }
    }
}

void reference_mdoc_settings(struct buf *out)
{
    begin_list(out);
    for (size_t i = 0; i < settings_count; i++) {
        const struct setting *s = &settings[i];
        buf_addstr(out, ".It Cm");
        add_argument(out, s->key);
        buf_addch(out, '\n');
        add_sentence(out, s->help);
        if (describe_choices_unsaid(s->help, s->choices)) {
            add_choice_list(out, s->choices);
        }
        if (s->fallback) {
            add_default(out, s->fallback);
        }
    }
    end_list(out);
}

void reference_mdoc_exit_codes(struct buf *out)
{
    buf_addstr(out, ".Bl -tag -width 128+n\n");
    for (size_t i = 0; i < exit_codes_count; i++) {
        buf_addf(out, ".It %s\n", exit_codes[i].label);
        add_sentence(out, exit_codes[i].meaning);
    }
    end_list(out);
}
