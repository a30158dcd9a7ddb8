/*
 * commands.h - the list of commands, in the order of `imgctl help`. A new
 * command is a line here; its table entry is cmd_NAME in cmd/NAME.c.
 */
#ifndef COMMANDS_H
#define COMMANDS_H

#include "imgctl/command.h"

#define COMMANDS(X) \
    X(upload) \
    X(list) \
    X(show) \
    X(count) \
    X(url) \
    X(preview) \
    X(pick) \
    X(get) \
    X(gallery) \
    X(push) \
    X(validate_ig) \
    X(validate) \
    X(fix) \
    X(publish) \
    X(account) \
    X(delete) \
    X(restore) \
    X(purge) \
    X(generate) \
    X(jobs) \
    X(cost) \
    X(business) \
    X(config) \
    X(verify) \
    X(doctor) \
    X(help) \
    X(version)

#define X(name) extern const struct command cmd_##name;
COMMANDS(X)
#undef X

/* `imgctl` alone (cmd/status.c). */
struct app;
int status_screen(struct app *app, struct error *err);

#endif
