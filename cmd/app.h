/*
 * app.h - what the dispatcher prepares and every command may use.
 */
#ifndef APP_H
#define APP_H

#include <stdbool.h>

#include "imgctl/catalog.h"
#include "imgctl/command.h"
#include "imgctl/config.h"
#include "imgctl/store.h"

/* Options that every command takes. */
struct globals {
    bool quiet, verbose, no_input, no_pager, no_links, version;
    const char *config_file, *catalog_file, *trace;
    struct strlist settings; /* of -c */
    int color;
};

struct app {
    struct globals globals;
    struct config *config;
    struct catalog *catalog; /* NULL: not needed, or there is none yet */
    const char *catalog_path;
    char *default_catalog_path;
    int trace_fd;
    bool left_running; /* a thread still uses it: the end of the process frees it */
};

int app_prepare(struct app *app, struct error *err); /* configuration and output */
void app_release(struct app *app);

/* With --verbose, a line on standard error. */
void app_remark(const struct app *app, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* Open the catalog if it is not open, making it if there is none. */
int app_make_catalog(struct app *app, struct error *err);
int app_open_catalog_if_there(struct app *app, struct error *err);

/* A store by name, NULL for the default one. The caller closes it. */
int app_store(struct app *app, const char *name, struct store **ret, struct error *err);

/* The same, with the limits of LIMITS (its other members are filled in). */
int app_store_within(struct app *app, const char *name, struct store_context limits,
                     struct store **ret, struct error *err);

/* What is taken out of pictures before they are stored; LEAVES: they leave this machine.
 * The setting upload.strip, else the position where they leave. */
enum image_strip app_strip(const struct app *app, bool leaves);

/* Is there somebody who can answer a question? */
bool app_can_ask(const struct app *app);

/* A question that only a person can answer: yes is 1, no is 0. When there is
 * nobody (no terminal, --no-input): ERROR_QUESTION naming OPTION as the answer. */
int app_ask(const struct app *app, const char *question, const char *option,
            struct error *err);

#endif
