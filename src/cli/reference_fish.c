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
    "function __imgctl_pictures\n"
    "    imgctl list --ids --page-size 100 2>/dev/null </dev/null\n"
    "end\n"
    "\n"
    "function __imgctl_models\n"
    "    imgctl cost --models --ids 2>/dev/null </dev/null\n"
    "end\n"
    "\n"
    "function __imgctl_businesses\n"
    "    imgctl business list --format '{name}\\n' 2>/dev/null </dev/null\n"
    "end\n"
    "\n"
    "function __imgctl_profiles\n"
    "    imgctl validate --list --ids 2>/dev/null </dev/null\n"
    "end\n"
    "\n"
    "function __imgctl_settings\n"
    "    imgctl config --list-keys 2>/dev/null </dev/null\n"
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
static const char *source(enum completion complete)
{
    switch (complete) {
    case COMPLETE_FILE:
        return " -F";
    case COMPLETE_FOLDER:
        return " -a '(__fish_complete_directories)'";
    case COMPLETE_PICTURE:
        return " -k -a '(__imgctl_pictures)'";
    case COMPLETE_BUSINESS:
        return " -a '(__imgctl_businesses)'";
    case COMPLETE_MODEL:
        return " -a '(__imgctl_models)'";
    case COMPLETE_PROFILE:
        return " -a '(__imgctl_profiles)'";
    case COMPLETE_SETTING:
        return " -a '(__imgctl_settings)'";
    case COMPLETE_NOTHING:
    case COMPLETE_TAG:
    case COMPLETE_STORE:
    case COMPLETE_ACCOUNT:
    case COMPLETE_COMMAND:
        break;
    }
    return "";
}

static void add_value(struct buf *out, const struct option *o)
{
    buf_addstr(out, o->complete == COMPLETE_FILE ? " -r" : " -x");
    if (shell_words(o)) {
        buf_addstr(out, " -a '");
        shell_join(out, shell_words(o));
        buf_addch(out, '\'');
    } else if (shell_is_assignment(o)) {
        buf_addstr(out, " -a '(__imgctl_settings)='");
    } else {
        buf_addstr(out, source(o->complete));
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
        } else if (*source(o->complete)) {
            buf_addf(out, "complete -c imgctl%s%s\n", condition, source(o->complete));
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
