/*
 * imgctl - the image desk of a content team, in the terminal.
 *
 * This file finds the command, prepares what its table entry asks for, runs it,
 * prints its error and turns everything into an exit code. It is the only place
 * that exits.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app.h"
#include "commands.h"
#include "imgctl/help.h"
#include "imgctl/mem.h"
#include "imgctl/output.h"
#include "imgctl/parse.h"
#include "imgctl/report.h"
#include "imgctl/text.h"

/* Open what of 0, 1, 2 was closed, so that no file of ours gets such a number. */
static void fill_standard_files(void)
{
    int fd;
    do {
        fd = open("/dev/null", O_RDWR);
    } while (fd >= 0 && fd <= STDERR_FILENO);
    if (fd > STDERR_FILENO) {
        close(fd);
    }
}

/* Run imgctl-NAME from PATH in our place, as git does; returns if there is none. */
static void run_external(struct app *app, const struct invocation *inv, char **argv)
{
    if (strchr(inv->unknown, '/')) {
        return;
    }
    AUTO_FREE char *program = mem_printf("imgctl-%s", inv->unknown);
    if (app->catalog_path && setenv("IMGCTL_CATALOG", app->catalog_path, 1) == 0 &&
        setenv("IMGCTL_CONFIG", config_path(app->config), 1) == 0) {
        char *saved = argv[inv->unknown_index];
        argv[inv->unknown_index] = program;
        execvp(program, argv + inv->unknown_index);
        argv[inv->unknown_index] = saved;
    }
}

static int unknown_command(const struct invocation *inv, struct error *err)
{
    const char *names[64];
    size_t count = 0;
    while (count < 64 && commands[count]) {
        names[count] = commands[count]->name;
        count++;
    }
    const char *near = text_nearest(inv->unknown, names, count);
    error_set(err, ERROR_USAGE, "there is no command \"%s\"", inv->unknown);
    return near ? error_hint(err, "did you mean imgctl %s?", near)
                : error_hint(err, "imgctl help lists the commands");
}

/* Settings that cannot be read are no reason to keep help back. */
static int show_help(struct app *app, const struct invocation *inv)
{
    AUTO_BUF struct buf text = BUF_INIT;
    struct error ignored = ERROR_INIT;
    bool prepared = app_prepare(app, &ignored) == 0;
    output_page(prepared ? config_text(app->config, "core.pager") : NULL);
    if (inv->command) {
        help_command(&text, inv->parent, inv->command, output_columns());
    } else {
        help_overview(&text);
    }
    output_write(&text);
    return 0;
}

/* Once before the settings are read, for what may go wrong until then. */
static void set_up_output(const struct app *app)
{
    output_setup(&(struct output_choices){
        .color = (enum color_choice)app->globals.color,
        .quiet = app->globals.quiet,
        .no_pager = app->globals.no_pager,
        .no_links = app->globals.no_links,
    });
}

static int run_command(struct app *app, struct invocation *inv, struct error *err)
{
    const struct command *c = inv->command;
    if ((c->needs & NEEDS_CATALOG) && app_make_catalog(app, err) < 0) {
        return -1;
    }
    if ((c->needs & NEEDS_CATALOG_IF_THERE) && app_open_catalog_if_there(app, err) < 0) {
        return -1;
    }
    return c->run(app, inv->args, err);
}

static int dispatch(struct app *app, struct invocation *inv, int argc, char **argv,
                    struct error *err)
{
    if (parse_argv(argc, argv, &app->globals, inv, err) < 0) {
        return -1;
    }
    set_up_output(app);
    if (inv->help && !inv->unknown) {
        return show_help(app, inv);
    }
    if (app->globals.version && !inv->unknown) {
        return cmd_version.run(app, NULL, err);
    }
    if (app_prepare(app, err) < 0 || parse_settings(inv, app->config, err) < 0) {
        return -1;
    }
    set_up_output(app);
    if (inv->unknown) {
        run_external(app, inv, argv);
        return unknown_command(inv, err);
    }
    return inv->command ? run_command(app, inv, err) : status_screen(app, err);
}

/* Does the command print JSON, so that its error should be JSON too? */
static bool wants_json(int argc, char **argv)
{
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
        if (strcmp(argv[i], "--json") == 0 || strcmp(argv[i], "--jsonl") == 0) {
            return true;
        }
    }
    return false;
}

int main(int argc, char **argv)
{
    /* Static: what only read the catalog is still connected at exit. */
    static struct app app = { .trace_fd = -1 };
    struct invocation inv = { .command = NULL };
    struct error err = ERROR_INIT;
    fill_standard_files();
    signal(SIGCHLD, SIG_DFL); /* ignored, it hides how children end */
    signal(SIGXFSZ, SIG_IGN); /* past a limit of file sizes, a write fails and is told */
    int status = dispatch(&app, &inv, argc, argv, &err);
    if (status < 0) {
        report_error(NULL, &err, wants_json(argc, argv));
        status = error_exit_code(err.kind);
    }
    error_clear(&err);
    if (output_finish(&err) < 0 && status == 0) {
        report_error(NULL, &err, false);
        status = 1;
    }
    invocation_release(&inv);
    app_release(&app);
    return status;
}
