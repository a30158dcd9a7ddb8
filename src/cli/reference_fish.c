/* The completion script for fish. */
#include <string.h>

#include "describe.h"
#include "imgctl/help.h"
#include "reference_shell.h"

static const char head[] =
    "# Completion of imgctl for fish. Made from the command table: make generated\n"
    "\n"
    "# The words before the cursor that are no global options, one a line.\n"
    "function __imgctl_words\n"
    "    set -l skip 0\n"
    "    for word in (commandline -opc)[2..-1]\n"
    "        if test $skip = 1\n"
    "            set skip 0\n"
    "            continue\n"
    "        end\n"
    "        switch $word\n";

static const char functions[] =
    "                set skip 1\n"
    "            case '-*'\n"
    "            case '*'\n"
    "                printf '%s\\n' $word\n"
    "        end\n"
    "    end\n"
    "end\n"
    "\n"
    "# Do the words begin with the command given as arguments?\n"
    "function __imgctl_in\n"
    "    set -l words (__imgctl_words)\n"
    "    set -l count (count $argv)\n"
    "    test (count $words) -ge $count\n"
    "    and test \"$words[1..$count]\" = \"$argv\"\n"
    "end\n"
    "\n"
    "# Are they nothing but that command?\n"
    "function __imgctl_at\n"
    "    set -l words (__imgctl_words)\n"
    "    test \"$words\" = \"$argv\"\n"
    "end\n"
    "\n"
    "# What words of kind $argv begin with what is typed.\n"
    "function __imgctl_ask\n"
    "    set -l typed (commandline -ct | string replace -r -- '^--[^=]*=' '')\n"
    "    imgctl help --complete $argv -- \"$typed\" 2>/dev/null </dev/null\n"
    "end\n"
    "\n"
    "complete -c imgctl -f\n";

static void quote(struct buf *out, const char *text)
{
    buf_addch(out, '\'');
    for (; *text; text++) {
        if (*text == '\'' || *text == '\\') {
            buf_addch(out, '\\');
        }
        buf_addch(out, *text);
    }
    buf_addch(out, '\'');
}

/* The arguments of `complete` that say where candidates come from. */
static void add_source(struct buf *out, enum completion complete)
{
    if (describe_is_asked(complete)) {
        buf_addf(out, " -k -a '(__imgctl_ask %s)'", describe_completion(complete));
    } else if (complete == COMPLETE_FILE) {
        buf_addstr(out, " -F");
    } else if (complete == COMPLETE_FOLDER) {
        buf_addstr(out, " -a '(__fish_complete_directories)'");
    }
}

static void add_value(struct buf *out, const struct option *o)
{
    buf_addstr(out, o->complete == COMPLETE_FILE ? " -r" : " -x");
    if (shell_words(o)) {
        buf_addstr(out, " -a '");
        shell_join(out, shell_words(o));
        buf_addch(out, '\'');
    } else if (shell_is_assignment(o)) {
        buf_addstr(out, " -a '(__imgctl_ask setting | string replace -r \"\\t.*\" =)'");
    } else {
        add_source(out, o->complete);
    }
}

/* CONDITION is " -n '...'" or "". */
static void add_option(struct buf *out, const struct option *o, const char *condition)
{
    buf_addf(out, "complete -c imgctl%s", condition);
    if (o->letter) {
        buf_addf(out, " -s %c", o->letter);
    }
    buf_addf(out, " -l %s", o->name);
    if (o->type != OPTION_FLAG) {
        add_value(out, o);
    }
    buf_addstr(out, " -d ");
    quote(out, o->help);
    buf_addch(out, '\n');
    if (shell_offers_no(o)) {
        buf_addf(out, "complete -c imgctl%s -l no-%s -d 'turn off --%s'\n", condition,
                 o->name, o->name);
    }
}

static void add_options(struct buf *out, const struct option *options,
                        const char *condition)
{
    for (const struct option *o = options; o && o->name; o++) {
        if (!o->hidden) {
            add_option(out, o, condition);
        }
    }
}

/* Fish does not count operands: what any of them can be is offered for all. */
static void add_operands(struct buf *out, const struct operand *operands,
                         const char *condition)
{
    for (const struct operand *o = operands; o && o->name; o++) {
        if (o->complete == COMPLETE_COMMAND) {
            buf_addf(out, "complete -c imgctl%s -a '", condition);
            shell_join_commands(out, commands);
            buf_addstr(out, "'\n");
            continue;
        }
        AUTO_BUF struct buf words = BUF_INIT;
        add_source(&words, o->complete);
        if (words.len > 0) {
            buf_addf(out, "complete -c imgctl%s%s\n", condition, words.data);
        }
    }
}

static void add_names(struct buf *out, const struct command *const *list,
                      const char *parent)
{
    for (; *list; list++) {
        buf_addf(out, "complete -c imgctl -n '__imgctl_at%s%s' -a %s -d ",
                 parent ? " " : "", parent ? parent : "", (*list)->name);
        quote(out, (*list)->summary ? (*list)->summary : "");
        buf_addch(out, '\n');
    }
}

static void add_command(struct buf *out, const struct command *parent,
                        const struct command *c)
{
    AUTO_BUF struct buf condition = BUF_INIT;
    buf_addstr(&condition, c->children ? " -n '__imgctl_at " : " -n '__imgctl_in ");
    shell_command_name(&condition, parent, c);
    buf_addch(&condition, '\'');
    if (c->children) {
        add_names(out, c->children, c->name);
    }
    for (size_t i = 0; i < COMMAND_SETS; i++) {
        add_options(out, c->sets[i].options, condition.data);
    }
    add_operands(out, c->operands, condition.data);
}

/* The case for global options whose value is the next word. */
static void add_skips(struct buf *out)
{
    buf_addstr(out, "            case");
    for (const struct option *o = global_options; o->name; o++) {
        if (o->type != OPTION_FLAG) {
            buf_addf(out, " --%s", o->name);
            if (o->letter) {
                buf_addf(out, " -%c", o->letter);
            }
        }
    }
    buf_addch(out, '\n');
}

void reference_fish(struct buf *out)
{
    buf_addstr(out, head);
    add_skips(out);
    buf_addstr(out, functions);
    add_options(out, global_options, "");
    add_option(out, &help_option, "");
    add_names(out, commands, NULL);
    shell_for_each(out, add_command);
}
