#include "imgctl/help.h"

#include <string.h>

#include "describe.h"
#include "imgctl/text.h"

#define LEFT_MAX 28 /* a longer name has a line of its own */
#define WIDTH_MIN 40

/* Add TEXT, which starts in column INDENT, in lines of at most WIDTH columns. */
static void add_wrapped(struct buf *out, const char *text, size_t indent, size_t width)
{
    size_t column = indent;
    while (*text) {
        size_t len = strcspn(text, " ");
        AUTO_BUF struct buf word = BUF_INIT;
        buf_add(&word, text, len);
        size_t columns = text_width(word.data);
        if (column > indent && column + 1 + columns > width) {
            buf_addf(out, "\n%*s", (int)indent, "");
            column = indent;
        } else if (column > indent) {
            buf_addch(out, ' ');
            column++;
        }
        buf_add(out, word.data, word.len);
        column += columns;
        text += len;
        text += strspn(text, " ");
    }
    buf_addch(out, '\n');
}

/* A line of two columns; RIGHT begins in column LEFT_WIDTH. */
static void add_row(struct buf *out, const char *left, size_t left_width,
                    const char *right, size_t width)
{
    size_t used = text_width(left);
    buf_addstr(out, left);
    if (!*right) {
        buf_addch(out, '\n');
        return;
    }
    if (used + 2 > left_width) {
        buf_addch(out, '\n');
        used = 0;
    }
    buf_addf(out, "%*s", (int)(left_width - used), "");
    add_wrapped(out, right, left_width, width);
}

/* ---- Options ---- */

static void add_option_names(struct buf *out, const struct option *o)
{
    if (o->letter) {
        buf_addf(out, "  -%c, --%s", o->letter, o->name);
    } else {
        buf_addf(out, "      --%s", o->name);
    }
    if (o->value) {
        buf_addf(out, " %s", o->value);
    }
}

static void add_option_help(struct buf *out, const struct option *o)
{
    const char *value = describe_default(o);
    buf_addstr(out, o->help);
    if (describe_choices_unsaid(o->help, o->choices)) {
        buf_addstr(out, ": ");
        describe_choices(out, o->choices);
    }
    if (value && o->type != OPTION_FLAG) {
        buf_addf(out, " (default %s)", value);
    } else if (value && strcmp(value, "true") == 0) {
        buf_addf(out, " (default; --no-%s turns it off)", o->name);
    }
    if (o->config) {
        buf_addf(out, " [%s]", o->config);
    }
}

static void add_option(struct buf *out, const struct option *o, size_t left_width,
                       size_t width)
{
    AUTO_BUF struct buf left = BUF_INIT;
    AUTO_BUF struct buf right = BUF_INIT;
    add_option_names(&left, o);
    add_option_help(&right, o);
    add_row(out, left.data, left_width, right.data, width);
}

static void add_options(struct buf *out, const struct option *options, size_t left_width,
                        size_t width)
{
    for (const struct option *o = options; o && o->name; o++) {
        if (!o->hidden) {
            add_option(out, o, left_width, width);
        }
    }
}

/* The width of the left column that OPTIONS need, at least SO_FAR. */
static size_t measure_options(const struct option *options, size_t so_far)
{
    for (const struct option *o = options; o && o->name; o++) {
        AUTO_BUF struct buf left = BUF_INIT;
        add_option_names(&left, o);
        size_t need = text_width(left.data) + 2;
        if (!o->hidden && need <= LEFT_MAX && need > so_far) {
            so_far = need;
        }
    }
    return so_far;
}

static void add_all_options(struct buf *out, const struct command *c, size_t width)
{
    size_t left = measure_options(global_options, 14);
    for (size_t i = 0; i < COMMAND_SETS; i++) {
        left = measure_options(c->sets[i].options, left);
    }
    for (size_t i = 0; i < COMMAND_SETS; i++) {
        const struct option_set *set = &c->sets[i];
        if (set->options) {
            buf_addf(out, "\n%s:\n", set->title ? set->title : "Options");
            add_options(out, set->options, left, width);
        }
    }
    buf_addstr(out, describe_has_options(c) ? "\nEverywhere:\n" : "\nOptions:\n");
    add_options(out, global_options, left, width);
    add_option(out, &help_option, left, width);
}

/* ---- Usage ---- */

static void add_operands(struct buf *out, const struct operand *operands)
{
    for (const struct operand *o = operands; o && o->name; o++) {
        buf_addf(out, o->required ? " %s%s" : " [%s%s]", o->name, o->many ? "..." : "");
    }
}

static void add_usage(struct buf *out, const struct command *parent,
                      const struct command *c)
{
    describe_command(out, parent, c);
    if (describe_has_options(c)) {
        buf_addstr(out, " [options]");
    }
    add_operands(out, c->operands);
}

void help_usage(struct buf *out, const struct command *parent, const struct command *c)
{
    if (c->children && !c->run) {
        describe_command(out, parent, c);
        buf_addstr(out, " COMMAND");
    } else {
        add_usage(out, parent, c);
    }
}

static void add_usages(struct buf *out, const struct command *parent,
                       const struct command *c)
{
    const char *lead = "Usage: ";
    if (c->run || !c->children) {
        buf_addstr(out, lead);
        add_usage(out, parent, c);
        buf_addch(out, '\n');
        lead = "       ";
    }
    for (size_t i = 0; c->children && c->children[i]; i++) {
        buf_addstr(out, lead);
        add_usage(out, c, c->children[i]);
        buf_addch(out, '\n');
        lead = "       ";
    }
}

/* ---- One command ---- */

static void add_operand_help(struct buf *out, const struct command *c, size_t width)
{
    const char *title = "\nOperands:\n";
    for (const struct operand *o = c->operands; o && o->name; o++) {
        if (!o->help) {
            continue;
        }
        AUTO_BUF struct buf left = BUF_INIT;
        buf_addf(&left, "  %s", o->name);
        buf_addstr(out, title);
        title = "";
        add_row(out, left.data, 14, o->help, width);
    }
}

static void add_commands(struct buf *out, const struct command *const *list,
                         const char *group, size_t left_width, size_t width)
{
    for (; *list; list++) {
        const struct command *c = *list;
        AUTO_BUF struct buf left = BUF_INIT;
        if (group && (!c->group || strcmp(c->group, group) != 0)) {
            continue;
        }
        buf_addf(&left, "  %s", c->name);
        add_row(out, left.data, left_width, c->summary ? c->summary : "", width);
    }
}

static size_t measure_commands(const struct command *const *list)
{
    size_t width = 10;
    for (; *list; list++) {
        size_t need = 2 + strlen((*list)->name) + 2;
        width = need > width && need <= LEFT_MAX ? need : width;
    }
    return width;
}

void help_command(struct buf *out, const struct command *parent, const struct command *c,
                  size_t width)
{
    width = width < WIDTH_MIN ? WIDTH_MIN : width;
    describe_command(out, parent, c);
    buf_addf(out, "%s%s\n\n", c->summary ? " - " : "", c->summary ? c->summary : "");
    if (c->examples && c->examples[0]) {
        buf_addstr(out, "Examples:\n");
        for (size_t i = 0; c->examples[i]; i++) {
            buf_addf(out, "  %s\n", c->examples[i]);
        }
        buf_addch(out, '\n');
    }
    add_usages(out, parent, c);
    if (c->children) {
        buf_addstr(out, "\nCommands:\n");
        add_commands(out, c->children, NULL, measure_commands(c->children), width);
    }
    add_operand_help(out, c, width);
    add_all_options(out, c, width);
    buf_addf(out, "\nIn full: man imgctl-%s\n", parent ? parent->name : c->name);
}

/* ---- All commands ---- */

static bool is_first_of_group(const struct command *const *c)
{
    for (const struct command *const *other = commands; *other && other != c; other++) {
        if ((*other)->group && (*c)->group && strcmp((*other)->group, (*c)->group) == 0) {
            return false;
        }
    }
    return (*c)->group != NULL;
}

void help_overview(struct buf *out)
{
    size_t left = measure_commands(commands);
    buf_addstr(out, "imgctl - the image desk of a content team, in the terminal\n\n"
                    "Usage: imgctl [options] COMMAND [options] [operands]\n");
    for (const struct command *const *c = commands; *c; c++) {
        if (is_first_of_group(c)) {
            buf_addf(out, "\n%s:\n", (*c)->group);
            add_commands(out, commands, (*c)->group, left, 80);
        }
    }
    buf_addstr(out, "\nOptions:\n");
    left = measure_options(global_options, 14);
    add_options(out, global_options, left, 80);
    add_option(out, &help_option, left, 80);
    buf_addstr(out, "\nOf one command: imgctl COMMAND --help, man imgctl-COMMAND\n");
}
