#include <inttypes.h>
#include <stddef.h>

#include "commands.h"
#include "pictures.h"

struct count_args {
    struct select_args select;
    bool json;
};

static const struct option options[] = {
    { OPT_FLAG(struct count_args, json), .name = "json", .help = "print {\"total\":N}" },
    { .name = NULL },
};

static const char *const examples[] = {
    "imgctl count --ai --business acme",
    "imgctl count --deleted",
    NULL,
};

static int run(struct app *app, void *arguments, struct error *err)
{
    const struct count_args *args = arguments;
    struct selection s = select_from_args(&args->select);
    AUTO_BUF struct buf text = BUF_INIT;
    int64_t total = 0;
    if (select_check(&args->select, err) < 0 ||
        (app->catalog && catalog_count(app->catalog, &s, &total, err) < 0)) {
        return -1;
    }
    if (args->json) {
        buf_addf(&text, "{\"total\":%" PRId64 "}\n", total);
    } else {
        buf_addf(&text, "%" PRId64 "\n", total);
    }
    output_write(&text);
    return 0;
}

const struct command cmd_count = {
    .name = "count",
    .summary = "count pictures, with the filters of list",
    .group = "Library",
    .args_size = sizeof(struct count_args),
    .sets = {
        { options, 0, NULL },
        { select_options, offsetof(struct count_args, select), "Filters" },
    },
    .examples = examples,
    .needs = NEEDS_CATALOG_IF_THERE,
    .run = run,
};
