#include "imgctl/config.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "app.h"
#include "commands.h"
#include "imgctl/file.h"
#include "imgctl/json.h"
#include "imgctl/mem.h"
#include "imgctl/output.h"

struct config_args {
    const char *key, *value;
    bool get, unset, list, show_origin, edit, list_keys, json;
};

static const struct option options[] = {
    { OPT_FLAG(struct config_args, get), .name = "get",
      .help = "print the value of KEY (the default with KEY alone)" },
    { OPT_FLAG(struct config_args, unset), .name = "unset",
      .help = "remove KEY from the file" },
    { OPT_FLAG(struct config_args, list), .letter = 'l', .name = "list",
      .help = "print all settings that have a value (the default without KEY)" },
    { OPT_FLAG(struct config_args, show_origin), .name = "show-origin",
      .help = "print where each value comes from" },
    { OPT_FLAG(struct config_args, list_keys), .name = "list-keys",
      .help = "print the name of every setting there is" },
    { OPT_FLAG(struct config_args, edit), .letter = 'e', .name = "edit",
      .help = "open the file in $VISUAL or $EDITOR" },
    { OPT_FLAG(struct config_args, json), .name = "json",
      .help = "print all settings with value, origin and help as JSON" },
    { .name = NULL },
};

static const struct operand operands[] = {
    { OPERAND_ONE(struct config_args, key), .name = "KEY", .complete = COMPLETE_SETTING,
      .help = "name of a setting, such as upload.strip" },
    { OPERAND_ONE(struct config_args, value), .name = "VALUE", .help = "its new value" },
    { .name = NULL },
};

static const char *const examples[] = {
    "imgctl config",
    "imgctl config upload.strip all",
    "imgctl config --unset upload.strip",
    NULL,
};

static void print_value(struct buf *out, const struct setting *s, struct config_value v,
                        bool with_origin)
{
    if (with_origin) {
        buf_addf(out, "%s\t", v.origin ? v.origin : "");
    }
    buf_addf(out, "%s=%s\n", s->key, v.text);
}

static int print_all(const struct app *app, const struct config_args *args)
{
    AUTO_BUF struct buf text = BUF_INIT;
    for (size_t i = 0; i < settings_count; i++) {
        struct config_value v = config_get(app->config, settings[i].key);
        if (args->list_keys) {
            buf_addf(&text, "%s\n", settings[i].key);
        } else if (v.text) {
            print_value(&text, &settings[i], v, args->show_origin);
        }
    }
    output_write(&text);
    return 0;
}

static int print_json(const struct app *app)
{
    AUTO_BUF struct buf text = BUF_INIT;
    struct json_writer w = { .out = &text };
    json_begin_object(&w);
    json_member_text(&w, "file", config_path(app->config));
    json_key(&w, "settings");
    json_begin_array(&w);
    for (size_t i = 0; i < settings_count; i++) {
        struct config_value v = config_get(app->config, settings[i].key);
        json_begin_object(&w);
        json_member_text(&w, "key", settings[i].key);
        json_member_text(&w, "value", v.text);
        json_member_text(&w, "origin", v.text ? v.origin : NULL);
        json_member_text(&w, "help", settings[i].help);
        json_end_object(&w);
    }
    json_end_array(&w);
    json_end_object(&w);
    buf_addch(&text, '\n');
    output_write(&text);
    return 0;
}

static int print_key(const struct app *app, const struct config_args *args,
                     struct error *err)
{
    AUTO_BUF struct buf text = BUF_INIT;
    if (setting_check(args->key, NULL, err) < 0) {
        return -1;
    }
    struct config_value v = config_get(app->config, args->key);
    if (!v.text) {
        return error_exit_code(ERROR_FAILED); /* as git does: no value, no output */
    }
    if (args->show_origin) {
        buf_addf(&text, "%s\t", v.origin);
    }
    buf_addf(&text, "%s\n", v.text);
    output_write(&text);
    return 0;
}

static int run_editor(const char *path, struct error *err)
{
    const char *editor = getenv("VISUAL");
    editor = editor && *editor ? editor : getenv("EDITOR");
    editor = editor && *editor ? editor : "vi";
    AUTO_FREE char *script = mem_printf("%s \"$1\"", editor);
    int status;
    pid_t child = fork();
    if (child < 0) {
        return error_errno(err, ERROR_FAILED, "cannot start %s", editor);
    }
    if (child == 0) {
        execl("/bin/sh", "sh", "-c", script, editor, path, (char *)NULL);
        _exit(127);
    }
    while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    return WIFEXITED(status) && WEXITSTATUS(status) == 0
               ? 0
               : error_set(err, ERROR_FAILED, "%s did not end well", editor);
}

static int edit(const struct app *app, struct error *err)
{
    const char *path = config_path(app->config);
    if (!app_can_ask(app)) {
        error_set(err, ERROR_QUESTION, "--edit needs a terminal");
        return error_hint(err, "imgctl config KEY VALUE changes one setting");
    }
    AUTO_FREE char *folder = file_folder_of(path);
    return file_make_dirs(folder, err) < 0 ? -1 : run_editor(path, err);
}

static int run(struct app *app, void *arguments, struct error *err)
{
    const struct config_args *args = arguments;
    int modes = args->get + args->unset + args->list + args->edit + args->list_keys +
                args->json;
    if (modes > 1) {
        return error_set(err, ERROR_USAGE, "--get --unset --list --list-keys --edit and"
                         " --json exclude each other");
    }
    if ((args->get || args->unset) && !args->key) {
        return error_set(err, ERROR_USAGE, "--%s needs a KEY",
                         args->get ? "get" : "unset");
    }
    if (args->value && (args->get || args->unset)) {
        return error_set(err, ERROR_USAGE, "--%s takes no VALUE",
                         args->get ? "get" : "unset");
    }
    if (args->edit) {
        return edit(app, err);
    }
    if (args->json) {
        return print_json(app);
    }
    if (!args->key || args->list || args->list_keys) {
        return print_all(app, args);
    }
    if (args->unset) {
        return setting_check(args->key, NULL, err) < 0
                   ? -1
                   : config_write(app->config, args->key, NULL, err);
    }
    if (args->value) {
        return setting_check(args->key, args->value, err) < 0
                   ? -1
                   : config_write(app->config, args->key, args->value, err);
    }
    return print_key(app, args, err);
}

const struct command cmd_config = {
    .name = "config",
    .summary = "read and change settings",
    .group = "Set-up",
    .args_size = sizeof(struct config_args),
    .sets = { { options, 0, NULL } },
    .operands = operands,
    .examples = examples,
    .run = run,
};
