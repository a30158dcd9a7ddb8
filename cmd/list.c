#include <inttypes.h>
#include <stddef.h>

#include "commands.h"
#include "imgctl/json.h"
#include "pictures.h"

struct list_args {
    struct select_args select;
    struct output_args output;
    int64_t page, page_size;
    bool all, reverse, fail_if_empty;
    int sort;
};

static const struct option options[] = {
    { OPT_INT(struct list_args, page), .name = "page", .value = "N", .min = 1,
      .max = 1000000000, .fallback = "1", .help = "which page" },
    { OPT_INT(struct list_args, page_size), .name = "page-size", .value = "N", .min = 1,
      .max = 100, .config = "list.page_size", .help = "pictures on a page, at most 100" },
    { OPT_FLAG(struct list_args, all), .name = "all",
      .help = "every match instead of one page" },
    { OPT_CHOICE(struct list_args, sort), .name = "sort", .value = "FIELD",
      .choices = sort_names, .fallback = "id",
      .help = "order by id (newest first), name, bytes, width, height, created or"
              " updated" },
    { OPT_FLAG(struct list_args, reverse), .name = "reverse",
      .help = "the other way round" },
    { OPT_FLAG(struct list_args, fail_if_empty), .name = "fail-if-empty",
      .help = "exit with status 6 when nothing matches" },
    { .name = NULL },
};

static const char *const examples[] = {
    "imgctl list --search lighthouse --ai",
    "imgctl list --business acme --created -7d.. --page 2",
    "imgctl list --all --ids --tag summer | xargs imgctl url",
    NULL,
};

static int print_one(void *cookie, const struct picture *picture)
{
    output_record(cookie, picture);
    return output_failed();
}

/* The members that tell where in the whole this page is. */
static void put_page(struct json_writer *w, const struct list_args *args, int64_t total)
{
    int64_t pages = (total + args->page_size - 1) / args->page_size;
    json_member_int(w, "total", total);
    json_member_int(w, "page", args->page);
    json_member_int(w, "page_size", args->page_size);
    json_member_int(w, "total_pages", pages);
}

static void note_page(const struct list_args *args, int64_t total)
{
    int64_t pages = (total + args->page_size - 1) / args->page_size;
    if (output_quiet()) {
        return;
    }
    if (total == 0) {
        output_note("no pictures match   next: imgctl upload FILE");
    } else if (args->all || pages == 1) {
        output_note("%" PRId64 " picture%s", total, total == 1 ? "" : "s");
    } else if (args->page < pages) {
        output_note("page %" PRId64 " of %" PRId64 ", %" PRId64
                    " pictures   next: --page %" PRId64,
                    args->page, pages, total, args->page + 1);
    } else {
        output_note("page %" PRId64 " of %" PRId64 ", %" PRId64 " pictures", args->page,
                    pages, total);
    }
}

/* Only the formats that print it pay for the total. */
static int count_total(struct app *app, const struct list_args *args,
                       const struct selection *s, const struct output *out,
                       int64_t *total, struct error *err)
{
    bool shown = (out->format == OUTPUT_JSON && !args->all) ||
                 out->format == OUTPUT_HUMAN || args->fail_if_empty;
    return shown && app->catalog ? catalog_count(app->catalog, s, total, err) : 0;
}

/* Do the columns of a picture's row do? So it is with those that are printed on a pipe
 * unless others are asked for (`tsv` in pictures.c). */
static bool needs_rows_only(const struct list_args *args, const struct output *out)
{
    bool cells = out->format == OUTPUT_TSV || out->format == OUTPUT_CSV;
    return (cells && args->output.fields.len == 0) || out->format == OUTPUT_IDS ||
           out->format == OUTPUT_URLS;
}

static int print_list(struct app *app, const struct list_args *args, struct output *out,
                      int64_t *total, struct error *err)
{
    struct selection s = select_from_args(&args->select);
    struct page page = {
        .sort = (enum catalog_sort)args->sort,
        .reverse = args->reverse,
        .offset = args->all ? 0 : (args->page - 1) * args->page_size,
        .limit = args->all ? 0 : args->page_size,
        .rows_only = needs_rows_only(args, out),
    };
    output_open(out, "images");
    if (app->catalog &&
        (count_total(app, args, &s, out, total, err) < 0 ||
         catalog_select(app->catalog, &s, &page, print_one, out, err) < 0)) {
        return -1;
    }
    output_close(out);
    if (out->format == OUTPUT_JSON && !args->all) {
        put_page(&out->json, args, *total);
    }
    return 0;
}

static int run(struct app *app, void *arguments, struct error *err)
{
    const struct list_args *args = arguments;
    struct output out;
    int64_t total = 0;
    if (select_check(&args->select, err) < 0) {
        return -1;
    }
    if (output_begin(&out, &args->output, &picture_type, err) < 0) {
        return -1;
    }
    bool human = out.format == OUTPUT_HUMAN;
    if (human) {
        output_page(config_text(app->config, "core.pager"));
    }
    int result = print_list(app, args, &out, &total, err);
    if (result < 0) {
        output_abandon(&out);
        return -1;
    }
    output_end(&out);
    if (human) {
        note_page(args, total);
    }
    return args->fail_if_empty && total == 0 ? error_exit_code(ERROR_NOT_FOUND) : 0;
}

const struct command cmd_list = {
    .name = "list",
    .summary = "find pictures: search, filters, pages",
    .group = "Library",
    .args_size = sizeof(struct list_args),
    .sets = {
        { options, 0, NULL },
        { select_options, offsetof(struct list_args, select), "Filters" },
        { output_options, offsetof(struct list_args, output), "Output" },
    },
    .examples = examples,
    .needs = NEEDS_CATALOG_IF_THERE,
    .run = run,
};
