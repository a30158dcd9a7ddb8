/*
 * The completion script for bash. Tables of the commands come first, as case
 * statements; the functions behind them are the same for any table. It uses
 * nothing of the bash-completion package.
 */
#include <string.h>

#include "describe.h"
#include "imgctl/config.h"
#include "imgctl/help.h"
#include "reference_shell.h"

static const char head[] =
    "# shellcheck shell=bash\n"
    "# Completion of imgctl for bash. Made from the command table: make generated\n";

static const char functions[] =
    "\n"
    "# What words of kind $1 begin with $2, one a line, each with a description\n"
    "# behind a TAB.\n"
    "_imgctl_ask()\n"
    "{\n"
    "    imgctl help --complete \"$1\" -- \"$2\" 2>/dev/null </dev/null\n"
    "}\n"
    "\n"
    "# Reply with those of the lines on standard input that begin with $cur.\n"
    "_imgctl_lines()\n"
    "{\n"
    "    local line quoted\n"
    "    while IFS= read -r line; do\n"
    "        line=${line%%$'\\t'*}\n"
    "        if [[ $line == \"$cur\"* ]]; then\n"
    "            printf -v quoted %q \"$line\"\n"
    "            COMPREPLY+=(\"$prefix$quoted\")\n"
    "        fi\n"
    "    done\n"
    "}\n"
    "\n"
    "# Reply with those of the words in $1 that begin with $cur.\n"
    "_imgctl_words()\n"
    "{\n"
    "    _imgctl_lines < <(compgen -W \"$1\" -- \"$cur\")\n"
    "}\n"
    "\n"
    "# KEY=VALUE of a setting.\n"
    "_imgctl_assignment()\n"
    "{\n"
    "    if [[ $cur == *=* ]]; then\n"
    "        _imgctl_setting \"${cur%%=*}\"\n"
    "        [[ $COMP_WORDBREAKS == *=* ]] || prefix=$prefix${cur%%=*}=\n"
    "        cur=${cur#*=}\n"
    "        _imgctl_words \"$names\"\n"
    "        return\n"
    "    fi\n"
    "    _imgctl_lines < <(_imgctl_ask setting \"$cur\")\n"
    "    COMPREPLY=(\"${COMPREPLY[@]/%/=}\")\n"
    "    compopt -o nospace 2>/dev/null\n"
    "}\n"
    "\n"
    "# Reply with what a value or an operand of $kind can be.\n"
    "_imgctl_reply()\n"
    "{\n"
    "    case $kind in\n"
    "    'words '*) _imgctl_words \"${kind#words }\" ;;\n"
    "    file) compopt -o default 2>/dev/null ;;\n"
    "    folder) compopt -o dirnames 2>/dev/null ;;\n"
    "    assignment) _imgctl_assignment ;;\n"
    "    nothing | '') ;;\n"
    "    *) _imgctl_lines < <(_imgctl_ask \"$kind\" \"$cur\") ;;\n"
    "    esac\n"
    "}\n"
    "\n"
    "# The words up to the cursor into words; bash has cut \"--name=value\" in three.\n"
    "_imgctl_join()\n"
    "{\n"
    "    local i glue=''\n"
    "    words=()\n"
    "    for ((i = 1; i <= COMP_CWORD; i++)); do\n"
    "        if [[ ${COMP_WORDS[i]} == '=' && ${#words[@]} -gt 0 ]]; then\n"
    "            words[${#words[@]}-1]+='='\n"
    "            glue=1\n"
    "        elif [[ $glue ]]; then\n"
    "            words[${#words[@]}-1]+=${COMP_WORDS[i]}\n"
    "            glue=''\n"
    "        else\n"
    "            words+=(\"${COMP_WORDS[i]}\")\n"
    "        fi\n"
    "    done\n"
    "}\n"
    "\n"
    "# Follow the words before the cursor: which command, how many operands, and in\n"
    "# kind whether the word at the cursor is the value of the option before it.\n"
    "_imgctl_follow()\n"
    "{\n"
    "    local word\n"
    "    for word in \"${words[@]:0:${#words[@]}-1}\"; do\n"
    "        if [[ $kind ]]; then\n"
    "            kind=''\n"
    "        elif [[ $word == -- ]]; then\n"
    "            ended=1\n"
    "        elif [[ ! $ended && $word == -?* ]]; then\n"
    "            _imgctl_value \"$command\" \"$word\"\n"
    "        elif [[ ! $command ]]; then\n"
    "            command=$word\n"
    "        elif _imgctl_children \"$command\" &&\n"
    "            [[ \" $names \" == *\" $word \"* ]]; then\n"
    "            command+=\" $word\"\n"
    "        else\n"
    "            operands=$((operands + 1))\n"
    "        fi\n"
    "    done\n"
    "}\n"
    "\n"
    "_imgctl()\n"
    "{\n"
    "    local command='' cur ended='' kind='' names='' operands=0 prefix='' words\n"
    "    COMPREPLY=()\n"
    "    _imgctl_join\n"
    "    cur=${words[${#words[@]}-1]}\n"
    "    _imgctl_follow\n"
    "    if [[ $kind ]]; then\n"
    "        _imgctl_reply\n"
    "    elif [[ ! $ended && $cur == --*=* ]]; then\n"
    "        _imgctl_value \"$command\" \"${cur%%=*}\"\n"
    "        [[ $COMP_WORDBREAKS == *=* ]] || prefix=${cur%%=*}=\n"
    "        cur=${cur#*=}\n"
    "        _imgctl_reply\n"
    "    elif [[ ! $ended && $cur == -* ]]; then\n"
    "        _imgctl_options \"$command\"\n"
    "        _imgctl_words \"$names\"\n"
    "    elif [[ ! $command ]]; then\n"
    "        _imgctl_words \"$imgctl_commands\"\n"
    "    elif _imgctl_children \"$command\" && ((operands == 0)); then\n"
    "        _imgctl_words \"$names\"\n"
    "    else\n"
    "        _imgctl_operand \"$command\" \"$((operands + 1))\"\n"
    "        _imgctl_reply\n"
    "    fi\n"
    "}\n"
    "\n"
    "complete -F _imgctl imgctl\n";

static const char *kind_name(enum completion complete)
{
    bool is_known = complete == COMPLETE_FILE || complete == COMPLETE_FOLDER ||
                    describe_is_asked(complete);
    return is_known ? describe_completion(complete) : "nothing";
}

static void add_words_kind(struct buf *out, const char *const *words)
{
    buf_addstr(out, "'words ");
    shell_join(out, words);
    buf_addch(out, '\'');
}

static bool is_opaque(const struct option *o)
{
    return !shell_words(o) && !shell_is_assignment(o) &&
           strcmp(kind_name(o->complete), "nothing") == 0;
}

static void add_pattern(struct buf *out, const struct option *o)
{
    if (o->letter) {
        buf_addf(out, "-%c | ", o->letter);
    }
    buf_addf(out, "--%s", o->name);
}

/* A case for each option whose value can be completed, into OUT; the pattern of
 * all others into OPAQUE. */
static void add_value_cases(struct buf *out, struct buf *opaque,
                            const struct option *options, const char *indent)
{
    for (const struct option *o = options; o && o->name; o++) {
        if (o->type == OPTION_FLAG || o->hidden) {
            continue;
        }
        if (is_opaque(o)) {
            buf_addstr(opaque, opaque->len ? " | " : "");
            add_pattern(opaque, o);
            continue;
        }
        buf_addstr(out, indent);
        add_pattern(out, o);
        buf_addstr(out, ") kind=");
        if (shell_words(o)) {
            add_words_kind(out, shell_words(o));
        } else {
            buf_addf(out, "'%s'",
                     shell_is_assignment(o) ? "assignment" : kind_name(o->complete));
        }
        buf_addstr(out, " ;;\n");
    }
}

static void add_opaque_case(struct buf *out, const struct buf *opaque, const char *indent)
{
    if (opaque->len > 0) {
        buf_addf(out, "%s%s) kind='nothing' ;;\n", indent, opaque->data);
    }
}

static void add_command_values(struct buf *out, const struct command *parent,
                               const struct command *c)
{
    AUTO_BUF struct buf cases = BUF_INIT;
    AUTO_BUF struct buf opaque = BUF_INIT;
    for (size_t i = 0; i < COMMAND_SETS; i++) {
        add_value_cases(&cases, &opaque, c->sets[i].options, "        ");
    }
    add_opaque_case(&cases, &opaque, "        ");
    if (cases.len > 0) {
        buf_addstr(out, "    '");
        shell_command_name(out, parent, c);
        buf_addf(out, "')\n        case $2 in\n%s        esac\n        ;;\n", cases.data);
    }
}

static void add_values(struct buf *out)
{
    AUTO_BUF struct buf opaque = BUF_INIT;
    buf_addstr(out, "\n# What the value of option $2 of command $1 is, into kind.\n"
                    "_imgctl_value()\n{\n    kind=''\n    case $2 in\n");
    add_value_cases(out, &opaque, global_options, "    ");
    add_opaque_case(out, &opaque, "    ");
    buf_addstr(out, "    esac\n    case $1 in\n");
    shell_for_each(out, add_command_values);
    buf_addstr(out, "    esac\n}\n");
}

static void add_option_names(struct buf *out, const struct option *options)
{
    for (const struct option *o = options; o && o->name; o++) {
        if (!o->hidden) {
            buf_addf(out, " --%s", o->name);
        }
        if (!o->hidden && shell_offers_no(o)) {
            buf_addf(out, " --no-%s", o->name);
        }
    }
}

static void add_command_options(struct buf *out, const struct command *parent,
                                const struct command *c)
{
    if (!describe_has_options(c)) {
        return;
    }
    buf_addstr(out, "    '");
    shell_command_name(out, parent, c);
    buf_addstr(out, "') names+='");
    for (size_t i = 0; i < COMMAND_SETS; i++) {
        add_option_names(out, c->sets[i].options);
    }
    buf_addstr(out, "' ;;\n");
}

static void add_options(struct buf *out)
{
    buf_addstr(out, "\n# The options of command $1 into names.\n_imgctl_options()\n{\n"
                    "    names='--help");
    add_option_names(out, global_options);
    buf_addstr(out, "'\n    case $1 in\n");
    shell_for_each(out, add_command_options);
    buf_addstr(out, "    esac\n}\n");
}

static void add_command_operands(struct buf *out, const struct command *parent,
                                 const struct command *c)
{
    size_t number = 1;
    for (const struct operand *o = c->operands; o && o->name; o++, number++) {
        bool commands_too = o->complete == COMPLETE_COMMAND;
        if (!commands_too && strcmp(kind_name(o->complete), "nothing") == 0) {
            continue;
        }
        buf_addstr(out, "    '");
        shell_command_name(out, parent, c);
        o->many ? buf_addstr(out, " '*") : buf_addf(out, " %zu'", number);
        if (commands_too) {
            buf_addstr(out, ") kind=\"words $imgctl_commands\" ;;\n");
        } else {
            buf_addf(out, ") kind='%s' ;;\n", kind_name(o->complete));
        }
    }
}

static void add_operands(struct buf *out)
{
    buf_addstr(out, "\n# What operand number $2 of command $1 is, into kind.\n"
                    "_imgctl_operand()\n{\n    case \"$1 $2\" in\n");
    shell_for_each(out, add_command_operands);
    buf_addstr(out, "    esac\n}\n");
}

static void add_children(struct buf *out)
{
    buf_addstr(out, "\n# The commands of command $1 into names; false if it has none.\n"
                    "_imgctl_children()\n{\n    case $1 in\n");
    for (const struct command *const *c = commands; *c; c++) {
        if ((*c)->children) {
            buf_addf(out, "    '%s') names='", (*c)->name);
            shell_join_commands(out, (*c)->children);
            buf_addstr(out, "' ;;\n");
        }
    }
    buf_addstr(out, "    *) return 1 ;;\n    esac\n}\n");
}

static void add_settings(struct buf *out)
{
    buf_addstr(out, "\n# The values that setting $1 can have, into names.\n"
                    "_imgctl_setting()\n{\n    names=''\n    case $1 in\n");
    for (size_t i = 0; i < settings_count; i++) {
        if (settings[i].choices) {
            buf_addf(out, "    %s) names='", settings[i].key);
            shell_join(out, settings[i].choices);
            buf_addstr(out, "' ;;\n");
        }
    }
    buf_addstr(out, "    esac\n}\n");
}

void reference_bash(struct buf *out)
{
    buf_addstr(out, head);
    buf_addstr(out, "\nimgctl_commands='");
    shell_join_commands(out, commands);
    buf_addstr(out, "'\n");
    add_values(out);
    add_options(out);
    add_operands(out);
    add_children(out);
    add_settings(out);
    buf_addstr(out, functions);
}
