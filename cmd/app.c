#include "app.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "imgctl/file.h"
#include "imgctl/output.h"
#include "imgctl/raster.h"

static const char *const color_choices[] = { "auto", "always", "never", NULL };

const struct option global_options[] = {
    { OPT_FLAG(struct globals, quiet), .letter = 'q', .name = "quiet",
      .help = "no summary and no remarks; results and errors stay" },
    { OPT_FLAG(struct globals, verbose), .letter = 'v', .name = "verbose",
      .help = "say which settings, catalog and store are used" },
    { OPT_LIST(struct globals, settings), .letter = 'c', .name = "set",
      .value = "KEY=VALUE", .complete = COMPLETE_SETTING,
      .help = "use this setting for this run" },
    { OPT_TEXT(struct globals, config_file), .name = "config", .value = "FILE",
      .complete = COMPLETE_FILE, .help = "read settings from FILE" },
    { OPT_TEXT(struct globals, catalog_file), .name = "catalog", .value = "FILE",
      .complete = COMPLETE_FILE, .help = "use this catalog" },
    { OPT_CHOICE(struct globals, color), .name = "color", .value = "WHEN",
      .choices = color_choices, .config = "color.ui",
      .help = "use colours: auto, always or never" },
    { OPT_FLAG(struct globals, no_input), .name = "no-input",
      .help = "never ask; fail where an answer is needed" },
    { OPT_FLAG(struct globals, no_pager), .name = "no-pager",
      .help = "never show long output through a pager" },
    { OPT_FLAG(struct globals, no_links), .name = "no-links",
      .help = "no links on the ids and addresses that a terminal shows" },
    { OPT_TEXT(struct globals, trace), .name = "trace", .value = "FILE",
      .complete = COMPLETE_FILE,
      .help = "write what goes over the network to FILE (- is standard error), without "
              "secrets" },
    { OPT_FLAG(struct globals, version), .name = "version", .help = "print the version" },
    { .name = NULL },
};

void app_remark(const struct app *app, const char *fmt, ...)
{
    AUTO_BUF struct buf text = BUF_INIT;
    va_list ap;
    if (!app->globals.verbose) {
        return;
    }
    va_start(ap, fmt);
    buf_vaddf(&text, fmt, ap);
    va_end(ap);
    output_note("imgctl: %s", text.data);
}

static int open_trace(struct app *app, struct error *err)
{
    const char *file = app->globals.trace;
    app->trace_fd = -1;
    if (!file) {
        return 0;
    }
    app->trace_fd = strcmp(file, "-") == 0
                        ? fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3)
                        : open(file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    return app->trace_fd < 0 ? error_errno(err, ERROR_USAGE, "cannot open %s", file) : 0;
}

/* --catalog, the setting catalog.path (also as $IMGCTL_CATALOG), the data folder. */
static void find_catalog(struct app *app)
{
    const char *setting = config_text(app->config, "catalog.path");
    if (app->globals.catalog_file) {
        app->catalog_path = app->globals.catalog_file;
    } else if (setting) {
        app->catalog_path = setting;
    } else {
        app->default_catalog_path = file_join(config_data_dir(app->config), "catalog.db");
        app->catalog_path = app->default_catalog_path;
    }
}

int app_prepare(struct app *app, struct error *err)
{
    if (config_load(app->globals.config_file, &app->config, err) < 0) {
        return -1;
    }
    for (size_t i = 0; i < app->globals.settings.len; i++) {
        if (config_override(app->config, app->globals.settings.items[i], err) < 0) {
            return -1;
        }
    }
    find_catalog(app);
    app_remark(app, "settings from %s", config_path(app->config));
    app_remark(app, "catalog %s", app->catalog_path);
    image_guard_set(config_bool(app->config, "image.sandbox") ? IMAGE_GUARD_ON
                                                              : IMAGE_GUARD_OFF);
    return open_trace(app, err);
}

void app_release(struct app *app)
{
    catalog_leave(app->catalog);
    if (app->left_running) {
        return;
    }
    config_free(app->config);
    free(app->default_catalog_path);
    strlist_release(&app->globals.settings);
    if (app->trace_fd >= 0) {
        close(app->trace_fd);
    }
}

static int open_catalog(struct app *app, enum catalog_open_mode mode, struct error *err)
{
    return app->catalog ? 0 : catalog_open(app->catalog_path, mode, &app->catalog, err);
}

int app_make_catalog(struct app *app, struct error *err)
{
    return open_catalog(app, CATALOG_CREATE, err);
}

int app_open_catalog_if_there(struct app *app, struct error *err)
{
    return open_catalog(app, CATALOG_IF_THERE, err);
}

int app_store_within(struct app *app, const char *name, struct store_context limits,
                     struct store **ret, struct error *err)
{
    const char *chosen = name ? name : store_default(app->config);
    app_remark(app, "store %s", chosen);
    limits.config = app->config;
    limits.trace_fd = app->trace_fd;
    return store_open(chosen, &limits, ret, err);
}

int app_store(struct app *app, const char *name, struct store **ret, struct error *err)
{
    return app_store_within(app, name, (struct store_context){ .jobs = 0 }, ret, err);
}

enum image_strip app_strip(const struct app *app, bool leaves)
{
    const char *what = config_text(app->config, "upload.strip");
    return !what                       ? leaves ? STRIP_GPS : STRIP_NONE
           : strcmp(what, "none") == 0 ? STRIP_NONE
           : strcmp(what, "gps") == 0  ? STRIP_GPS
                                       : STRIP_ALL;
}

bool app_can_ask(const struct app *app)
{
    return !app->globals.no_input && isatty(STDIN_FILENO) && isatty(STDERR_FILENO);
}

int app_ask(const struct app *app, const char *question, const char *option,
            struct error *err)
{
    char answer[16] = "";
    if (!app_can_ask(app)) {
        error_set(err, ERROR_QUESTION, "%s (there is nobody to ask)", question);
        return error_hint(err, "say yes beforehand with %s", option);
    }
    fprintf(stderr, "%s [y/N] ", question);
    fflush(stderr);
    if (!fgets(answer, sizeof answer, stdin)) {
        fputc('\n', stderr);
        return 0;
    }
    return answer[0] == 'y' || answer[0] == 'Y';
}
