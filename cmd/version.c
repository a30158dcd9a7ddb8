#include <stddef.h>

#include "commands.h"
#include "imgctl/output.h"

static int run(struct app *app, void *arguments, struct error *err)
{
    AUTO_BUF struct buf text = BUF_INIT;
    (void)app, (void)arguments, (void)err;
    buf_addstr(&text, "imgctl " IMGCTL_VERSION "\n");
    output_write(&text);
    return 0;
}

const struct command cmd_version = {
    .name = "version",
    .summary = "print the version",
    .group = "Help",
    .run = run,
};
