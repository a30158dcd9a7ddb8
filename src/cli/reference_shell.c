#include "reference_shell.h"

#include <string.h>

#include "imgctl/config.h"

const char *const *shell_words(const struct option *o)
{
    if (o->complete == COMPLETE_STORE) {
        return setting_find("store")->choices;
    }
    return o->words ? o->words : o->choices;
}

bool shell_is_assignment(const struct option *o)
{
    return o->complete == COMPLETE_SETTING && o->value && strchr(o->value, '=');
}

bool shell_offers_no(const struct option *o)
{
    return o->type == OPTION_FLAG && o->fallback && strcmp(o->fallback, "true") == 0;
}

void shell_join(struct buf *out, const char *const *words)
{
    for (size_t i = 0; words && words[i]; i++) {
        buf_addf(out, "%s%s", i ? " " : "", words[i]);
    }
}

void shell_join_commands(struct buf *out, const struct command *const *list)
{
    for (size_t i = 0; list && list[i]; i++) {
        buf_addf(out, "%s%s", i ? " " : "", list[i]->name);
    }
}

void shell_for_each(struct buf *out, shell_each *each)
{
    for (const struct command *const *c = commands; *c; c++) {
        each(out, NULL, *c);
        for (size_t i = 0; (*c)->children && (*c)->children[i]; i++) {
            each(out, *c, (*c)->children[i]);
        }
    }
}

void shell_command_name(struct buf *out, const struct command *parent,
                        const struct command *c)
{
    if (parent) {
        buf_addf(out, "%s ", parent->name);
    }
    buf_addstr(out, c->name);
}
