#include "imgctl/help.h"

#include <stddef.h>
#include <string.h>

#include "app.h"
#include "commands.h"
#include "complete.h"
#include "imgctl/output.h"

struct help_args {
    const char *command, *child, *complete;
    bool json;
};

static const struct option options[] = {
    { OPT_FLAG(struct help_args, json), .name = "json",
      .help = "print every command, option, setting and exit code as JSON" },
    { OPT_TEXT(struct help_args, complete), .name = "complete", .value = "KIND",
      .hidden = true, .help = "print what words of KIND begin with COMMAND, for shells" },
    { .name = NULL },
};

static const struct operand operands[] = {
    { OPERAND_ONE(struct help_args, command), .name = "COMMAND",
      .complete = COMPLETE_COMMAND, .help = "name of a command" },
    { OPERAND_ONE(struct help_args, child), .name = "SUBCOMMAND",
      .help = "one of its own, such as add of business" },
    { .name = NULL },
};

static const struct command *find(const struct command *const *list, const char *name)
{
    for (size_t i = 0; list && list[i]; i++) {
        if (strcmp(list[i]->name, name) == 0) {
            return list[i];
        }
    }
    return NULL;
}

static int run(struct app *app, void *arguments, struct error *err)
{
    const struct help_args *args = arguments;
    const struct command *c = args->command ? find(commands, args->command) : NULL;
    const struct command *child =
        args->child && c ? find(c->children, args->child) : NULL;
    AUTO_BUF struct buf text = BUF_INIT;
    if (args->complete) {
        return complete_print(app, args->complete, args->command ? args->command : "",
                              err);
    }
    if ((args->command && !c) || (args->child && !child)) {
        error_set(err, ERROR_USAGE, "there is no command \"%s%s%s\"", args->command,
                  c ? " " : "", c ? args->child : "");
        return error_hint(err, "imgctl help lists the commands");
    }
    if (!args->json) {
        output_page(config_text(app->config, "core.pager"));
    }
    if (args->json) {
        help_json(&text);
    } else if (child) {
        help_command(&text, c, child, output_columns());
    } else if (c) {
        help_command(&text, NULL, c, output_columns());
    } else {
        help_overview(&text);
    }
    output_write(&text);
    return 0;
}

const struct command cmd_help = {
    .name = "help",
    .summary = "help on imgctl or one of its commands",
    .group = "Help",
    .args_size = sizeof(struct help_args),
    .sets = { { options, 0, NULL } },
    .operands = operands,
    .run = run,
};
