/* What was parsed, afterwards: settings, release. */
#include "imgctl/parse.h"

#include <stdlib.h>

#include "values.h"

static int apply_settings(const struct option *options, void *base, uint64_t given,
                          const struct config *config, struct error *err)
{
    for (const struct option *o = options; o && o->name; o++) {
        if (!o->config || given >> (o - options) & 1) {
            continue;
        }
        const char *text = config_text(config, o->config);
        if (text && *text && option_store(o, base, text, err) < 0) {
            err->kind = ERROR_CONFIG;
            return error_wrap(err, "setting %s", o->config);
        }
    }
    return 0;
}

int parse_settings(struct invocation *inv, const struct config *config, struct error *err)
{
    const struct command *c = inv->command;
    for (size_t i = 0; c && i < COMMAND_SETS; i++) {
        const struct option_set *set = &c->sets[i];
        if (apply_settings(set->options, (char *)inv->args + set->offset, inv->given[i],
                           config, err) < 0) {
            return -1;
        }
    }
    return apply_settings(global_options, inv->globals, inv->given_globals, config, err);
}

void invocation_release(struct invocation *inv)
{
    const struct command *c = inv->args ? inv->command : NULL;
    for (size_t i = 0; c && i < COMMAND_SETS; i++) {
        const struct option_set *set = &c->sets[i];
        for (const struct option *o = set->options; o && o->name; o++) {
            if (o->type == OPTION_LIST) {
                strlist_release((void *)((char *)inv->args + set->offset + o->offset));
            }
        }
    }
    for (const struct operand *o = c ? c->operands : NULL; o && o->name; o++) {
        if (o->many) {
            strlist_release((void *)((char *)inv->args + o->offset));
        }
    }
    free(inv->args);
    inv->args = NULL;
}
