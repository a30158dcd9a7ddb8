#include <inttypes.h>
#include <stddef.h>

#include "app.h"
#include "commands.h"
#include "imgctl/output.h"

static const struct field fields[] = {
    { "id", FIELD_INT, offsetof(struct business, id) },
    { "name", FIELD_TEXT, offsetof(struct business, name) },
    { "created_at", FIELD_TIME, offsetof(struct business, created_at) },
    { "pictures", FIELD_INT, offsetof(struct business, pictures) },
    { .name = NULL },
};

static void print_id(struct buf *out, const void *record)
{
    buf_addf(out, "%" PRId64, ((const struct business *)record)->id);
}

static void print_name(struct buf *out, const void *record)
{
    buf_addstr(out, ((const struct business *)record)->name);
}

static void print_pictures(struct buf *out, const void *record)
{
    buf_addf(out, "%" PRId64, ((const struct business *)record)->pictures);
}

static const struct column columns[] = {
    { .title = "ID", .print = print_id, .right = true },
    { .title = "NAME", .print = print_name, .flexible = true },
    { .title = "PICTURES", .print = print_pictures, .right = true },
    { .title = NULL },
};

static const char *const tsv[] = { "id", "name", "pictures", "created_at", NULL };

static const struct record_type business_type = {
    .fields = fields, .columns = columns, .tsv = tsv, .id = "id", .url = NULL,
};

struct name_args {
    const char *name, *to;
};

static const struct operand name_operand[] = {
    { OPERAND_ONE(struct name_args, name), .name = "NAME", .required = true,
      .complete = COMPLETE_BUSINESS, .help = "name of a business" },
    { .name = NULL },
};

static const struct operand new_operand[] = {
    { OPERAND_ONE(struct name_args, name), .name = "NAME", .required = true,
      .help = "name of the new business" },
    { .name = NULL },
};

static const struct operand rename_operands[] = {
    { OPERAND_ONE(struct name_args, name), .name = "NAME", .required = true,
      .complete = COMPLETE_BUSINESS, .help = "its name so far" },
    { OPERAND_ONE(struct name_args, to), .name = "NEW", .required = true,
      .help = "its new name" },
    { .name = NULL },
};

static int run_add(struct app *app, void *arguments, struct error *err)
{
    const struct name_args *args = arguments;
    AUTO_BUF struct buf line = BUF_INIT;
    int64_t id;
    if (catalog_business_add(app->catalog, args->name, &id, err) < 0) {
        return -1;
    }
    buf_addf(&line, "%" PRId64 "\n", id);
    output_write(&line);
    return 0;
}

static int run_rename(struct app *app, void *arguments, struct error *err)
{
    const struct name_args *args = arguments;
    return catalog_business_rename(app->catalog, args->name, args->to, err);
}

static int run_remove(struct app *app, void *arguments, struct error *err)
{
    const struct name_args *args = arguments;
    return catalog_business_remove(app->catalog, args->name, err);
}

static int print_one(void *cookie, const struct business *b)
{
    output_record(cookie, b);
    return output_failed();
}

static int run_list(struct app *app, void *arguments, struct error *err)
{
    const struct output_args *args = arguments;
    struct output out;
    if (output_begin(&out, args, &business_type, err) < 0) {
        return -1;
    }
    output_open(&out, "businesses");
    if (app->catalog && catalog_businesses(app->catalog, print_one, &out, err) < 0) {
        output_abandon(&out);
        return -1;
    }
    output_close(&out);
    output_end(&out);
    return 0;
}

static const struct command add = {
    .name = "add",
    .summary = "add a business and print its id",
    .args_size = sizeof(struct name_args),
    .operands = new_operand,
    .needs = NEEDS_CATALOG,
    .run = run_add,
};

static const struct command list = {
    .name = "list",
    .summary = "list businesses with their live pictures",
    .args_size = sizeof(struct output_args),
    .sets = { { output_options, 0, "Output" } },
    .needs = NEEDS_CATALOG_IF_THERE,
    .run = run_list,
};

static const struct command rename_command = {
    .name = "rename",
    .summary = "give a business another name",
    .args_size = sizeof(struct name_args),
    .operands = rename_operands,
    .needs = NEEDS_CATALOG,
    .run = run_rename,
};

static const struct command remove_command = {
    .name = "remove",
    .summary = "remove a business that has no pictures",
    .args_size = sizeof(struct name_args),
    .operands = name_operand,
    .needs = NEEDS_CATALOG,
    .run = run_remove,
};

static const struct command *const children[] = { &add, &list, &rename_command,
                                                  &remove_command, NULL };

static const char *const examples[] = {
    "imgctl business add acme",
    "imgctl business list",
    NULL,
};

const struct command cmd_business = {
    .name = "business",
    .summary = "the businesses pictures belong to",
    .group = "Set-up",
    .examples = examples,
    .children = children,
};
