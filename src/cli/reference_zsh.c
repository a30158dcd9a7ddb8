/* The completion script for zsh, in terms of its own _arguments. */
#include <string.h>

#include "describe.h"
#include "imgctl/help.h"
#include "reference_shell.h"

static const char head[] =
    "#compdef imgctl\n"
    "# Completion of imgctl for zsh. Made from the command table: make generated\n"
    "\n"
    "# What words of kind $1 begin with what is typed; the rest is for compadd.\n"
    "_imgctl_ask() {\n"
    "    local line kind=$1\n"
    "    local -a items\n"
    "    shift\n"
    "    for line in ${(f)\"$(imgctl help --complete $kind -- \"$PREFIX\" "
    "2>/dev/null </dev/null)\"}; do\n"
    "        [[ $line == *$'\\t'* ]] || line+=$'\\t'\n"
    "        items+=(\"${${line%%$'\\t'*}//:/\\\\:}:${line#*$'\\t'}\")\n"
    "    done\n"
    "    _describe -V -t $kind $kind items \"$@\"\n"
    "}\n";

static const char tail[] =
    "\n"
    "if [[ $funcstack[1] == _imgctl ]]; then\n"
    "    _imgctl \"$@\"\n"
    "else\n"
    "    compdef _imgctl imgctl\n"
    "fi\n";

/* TEXT inside single quotes and, at that, inside a spec of _arguments. */
static void add_spec_text(struct buf *out, const char *text)
{
    for (; *text; text++) {
        if (*text == '\'') {
            buf_addstr(out, "'\\''");
            continue;
        }
        if (strchr("[]:\\$`", *text)) {
            buf_addch(out, '\\');
        }
        buf_addch(out, *text);
    }
}

/* A blank before the function: nothing is put between it and its arguments. */
static void add_action(struct buf *out, enum completion complete)
{
    if (describe_is_asked(complete)) {
        buf_addf(out, " _imgctl_ask %s", describe_completion(complete));
    } else if (complete == COMPLETE_COMMAND) {
        buf_addstr(out, "_imgctl_commands");
    } else if (complete == COMPLETE_FILE || complete == COMPLETE_FOLDER) {
        buf_addstr(out, complete == COMPLETE_FILE ? "_files" : "_files -/");
    } else {
        buf_addch(out, ' ');
    }
}

static void add_value(struct buf *out, const struct option *o)
{
    buf_addch(out, ':');
    add_spec_text(out, o->value ? o->value : "value");
    buf_addch(out, ':');
    if (shell_words(o)) {
        buf_addch(out, '(');
        shell_join(out, shell_words(o));
        buf_addch(out, ')');
    } else if (shell_is_assignment(o)) {
        buf_addstr(out, " _imgctl_ask setting -S =");
    } else {
        add_action(out, o->complete);
    }
}

/* '(-j --jobs)'{-j+,--jobs=}'[how many at once]:N: ' */
static void add_option(struct buf *out, const struct option *o)
{
    bool list = o->type == OPTION_LIST;
    bool flag = o->type == OPTION_FLAG;
    buf_addstr(out, "        ");
    if (o->letter) {
        list ? buf_addstr(out, "'*'") : buf_addf(out, "'(-%c --%s)'", o->letter, o->name);
        buf_addf(out, "{-%c%s,--%s%s}'[", o->letter, flag ? "" : "+", o->name,
                 flag ? "" : "=");
    } else {
        buf_addf(out, "'%s--%s%s[", list ? "*" : "", o->name, flag ? "" : "=");
    }
    add_spec_text(out, o->help);
    buf_addch(out, ']');
    if (!flag) {
        add_value(out, o);
    }
    buf_addstr(out, "'\n");
    if (shell_offers_no(o)) {
        buf_addf(out, "        '--no-%s[turn off --%s]'\n", o->name, o->name);
    }
}

static void add_options(struct buf *out, const struct option *options)
{
    for (const struct option *o = options; o && o->name; o++) {
        if (!o->hidden) {
            add_option(out, o);
        }
    }
}

static void add_operands(struct buf *out, const struct operand *operands)
{
    size_t number = 1;
    for (const struct operand *o = operands; o && o->name; o++, number++) {
        if (o->many) {
            buf_addstr(out, "        '*:");
        } else {
            buf_addf(out, "        '%zu:", number);
        }
        add_spec_text(out, o->name);
        buf_addch(out, ':');
        add_action(out, o->complete);
        buf_addstr(out, "'\n");
    }
}

static void add_function_name(struct buf *out, const struct command *parent,
                              const struct command *c)
{
    buf_addstr(out, "_imgctl_of_");
    if (parent) {
        buf_addf(out, "%s_", parent->name);
    }
    buf_addstr(out, c->name);
}

static void add_list(struct buf *out, const char *function,
                     const struct command *const *list)
{
    buf_addf(out, "\n%s() {\n    local -a commands=(\n", function);
    for (; *list; list++) {
        buf_addf(out, "        '%s:", (*list)->name);
        add_spec_text(out, (*list)->summary ? (*list)->summary : "");
        buf_addstr(out, "'\n");
    }
    buf_addstr(out, "    )\n    _describe -t commands command commands\n}\n");
}

/* A first operand that chooses the function for the rest. */
static void add_dispatch(struct buf *out, const char *list_function,
                         const struct command *parent, const struct command *const *list)
{
    buf_addf(out, "        '1: :%s'\n        '*::operand:->rest'\n    )\n"
                  "    _arguments -C -s -S $specs && return\n"
                  "    if [[ $state == rest ]]; then\n        case $words[1] in\n",
             list_function);
    for (; *list; list++) {
        buf_addf(out, "        %s) ", (*list)->name);
        add_function_name(out, parent, *list);
        buf_addstr(out, " ;;\n");
    }
    buf_addstr(out, "        esac\n    fi\n}\n");
}

static void begin_function(struct buf *out)
{
    buf_addstr(out, "() {\n    local curcontext=$curcontext state line\n"
                    "    typeset -A opt_args\n"
                    "    local -a specs=(\n        $_imgctl_everywhere\n");
}

static void add_command(struct buf *out, const struct command *parent,
                        const struct command *c)
{
    AUTO_BUF struct buf list = BUF_INIT;
    add_function_name(&list, parent, c);
    buf_addstr(&list, "_commands");
    if (c->children) {
        add_list(out, list.data, c->children);
    }
    buf_addch(out, '\n');
    add_function_name(out, parent, c);
    begin_function(out);
    for (size_t i = 0; i < COMMAND_SETS; i++) {
        add_options(out, c->sets[i].options);
    }
    if (c->children) {
        add_dispatch(out, list.data, c, c->children);
        return;
    }
    add_operands(out, c->operands);
    buf_addstr(out, "    )\n    _arguments -s -S $specs\n}\n");
}

void reference_zsh(struct buf *out)
{
    buf_addstr(out, head);
    buf_addstr(out, "\ntypeset -ga _imgctl_everywhere\n_imgctl_everywhere=(\n");
    add_options(out, global_options);
    add_option(out, &help_option);
    buf_addstr(out, ")\n");
    add_list(out, "_imgctl_commands", commands);
    shell_for_each(out, add_command);
    buf_addstr(out, "\n_imgctl");
    begin_function(out);
    add_dispatch(out, "_imgctl_commands", NULL, commands);
    buf_addstr(out, tail);
}
