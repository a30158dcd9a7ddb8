#include "generate.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "imgctl/budget.h"
#include "imgctl/file.h"
#include "imgctl/ids.h"
#include "imgctl/mem.h"
#include "imgctl/progress.h"
#include "imgctl/text.h"

static const struct option options[] = {
    { OPT_TEXT(struct generate_args, prompts), .name = "prompts", .value = "FILE",
      .complete = COMPLETE_FILE,
      .help = "read prompts from FILE, one a line or JSON lines (- is standard input)" },
    { OPT_TEXT(struct generate_args, model), .letter = 'm', .name = "model",
      .value = "MODEL", .complete = COMPLETE_MODEL, .config = "generate.model",
      .help = "the model" },
    { OPT_TEXT(struct generate_args, size), .letter = 's', .name = "size",
      .value = "SIZE", .config = "generate.size", .words = model_size_names,
      .help = "the shape: square, portrait, landscape, instagram, story, WIDTHxHEIGHT "
              "or a ratio" },
    { OPT_TEXT(struct generate_args, quality), .name = "quality", .value = "QUALITY",
      .words = model_quality_names,
      .help = "how good: low, medium, high and what else the model has (default: the "
              "setting generate.quality, else the model's own)" },
    { OPT_INT(struct generate_args, count), .letter = 'k', .name = "count", .value = "N",
      .min = 1, .max = GENERATE_COUNT, .help = "pictures of one prompt" },
    { OPT_TEXT(struct generate_args, background), .name = "background", .value = "HOW",
      .help = "what is behind it: transparent, opaque or auto" },
    { OPT_TEXT(struct generate_args, output_format), .name = "output-format",
      .value = "FORMAT", .help = "the file's format: png, jpeg or webp" },
    { OPT_INT(struct generate_args, compression), .name = "compression", .value = "N",
      .min = -1, .max = 100, .fallback = "-1",
      .help = "of JPEG and WebP, 0 to 100, 100 keeps most (-1: not said)" },
    { OPT_TEXT(struct generate_args, style), .name = "style", .value = "STYLE",
      .help = "of DALL-E 3: vivid or natural" },
    { OPT_TEXT(struct generate_args, moderation), .name = "moderation", .value = "HOW",
      .help = "how strict the service is: auto or low" },
    { OPT_TEXT(struct generate_args, provider), .name = "provider", .value = "NAME",
      .help = "who makes it: openai, or mock, which draws a test card for nothing" },
    { .name = NULL },
};

static const struct option edit_options[] = {
    { OPT_LIST(struct generate_args, from), .name = "from", .value = "ID|FILE",
      .complete = COMPLETE_FILE,
      .help = "begin with this picture of the catalog, or this file (up to 16 times)" },
    { OPT_TEXT(struct generate_args, mask), .name = "mask", .value = "FILE",
      .complete = COMPLETE_FILE,
      .help = "a PNG of the first picture's size: what is transparent is drawn anew" },
    { .name = NULL },
};

static const struct option keep_options[] = {
    { OPT_TEXT(struct generate_args, business), .name = "business", .value = "NAME",
      .complete = COMPLETE_BUSINESS, .config = "business",
      .help = "the business the pictures belong to" },
    { OPT_LIST(struct generate_args, tags), .name = "tag", .value = "TAG,...",
      .complete = COMPLETE_TAG, .help = "tag the pictures" },
    { OPT_TEXT(struct generate_args, alt), .name = "alt", .value = "TEXT",
      .help = "text for who cannot see the pictures" },
    { OPT_TEXT(struct generate_args, name), .name = "name", .value = "NAME",
      .help = "their file name without its ending (default: made from the prompt)" },
    { OPT_TEXT(struct generate_args, store), .name = "store", .value = "STORE",
      .complete = COMPLETE_STORE, .config = "store",
      .help = "keep them in this store, local or cloudinary (default: cloudinary if an "
              "account is configured)" },
    { OPT_TEXT(struct generate_args, to), .letter = 'o', .name = "output",
      .value = "FILE", .complete = COMPLETE_FILE,
      .help = "write the picture to FILE as well (- is standard output)" },
    { OPT_FLAG(struct generate_args, preview), .name = "preview-only",
      .help = "a draft: the model's lowest quality, and only to the file of -o" },
    { .name = NULL },
};

static const struct option money_options[] = {
    { OPT_FLAG(struct generate_args, estimate), .name = "estimate",
      .help = "say what it would cost, and send nothing" },
    { OPT_FLAG(struct generate_args, dry_run), .letter = 'n', .name = "dry-run",
      .help = "the same as --estimate" },
    { OPT_MONEY(struct generate_args, max_cost), .name = "max-cost", .value = "USD",
      .help = "refuse what may cost more in all; allows what has no known price" },
    { OPT_FLAG(struct generate_args, again), .name = "again",
      .help = "buy again what was bought within 24 hours" },
    { OPT_FLAG(struct generate_args, detach), .name = "detach",
      .help = "go on in the background and print the job's number at once" },
    { OPT_INT(struct generate_args, jobs), .letter = 'j', .name = "jobs", .value = "N",
      .min = 1, .max = 16, .fallback = "4", .help = "send up to N requests at once" },
    { OPT_CHOICE(struct generate_args, progress), .name = "progress", .value = "HOW",
      .choices = progress_names, .fallback = "auto",
      .help = "say on standard error how far it is: bar, log, json or none" },
    { .name = NULL },
};

static const struct operand operands[] = {
    { OPERAND_ONE(struct generate_args, prompt), .name = "PROMPT",
      .help = "what to draw, or - for a prompt on standard input" },
    { .name = NULL },
};

static const char *const examples[] = {
    "imgctl generate \"a lighthouse at dusk\" --size portrait",
    "imgctl generate --provider mock \"test card\" --ids",
    "imgctl generate \"make it winter\" --from 42 --max-cost 0.10",
    "imgctl generate --prompts prompts.jsonl --estimate",
    NULL,
};

/* ---- What goes in ---- */

/* Where the first order goes; what it costs can be told without a key for it. */
static int open_destination(struct generate_work *w, struct destination *ret,
                            struct error *err)
{
    const struct generator_context context = { w->app->config, w->app->trace_fd };
    bool is_plan = w->args->estimate || w->args->dry_run;
    if (generator_open(w->options->provider, &context, &w->generator, err) == 0) {
        const struct generator *g = w->generator;
        bool is_free = g->ops->is_free ||
                       (!g->is_official && config_bool(w->app->config, "generate.free"));
        *ret = (struct destination){ g->host, g->is_official, is_free };
        return 0;
    }
    if (!is_plan || err->kind != ERROR_CREDENTIALS) {
        return -1;
    }
    error_clear(err);
    *ret = (struct destination){ "api.openai.com", true, false };
    return 0;
}

static int add_picture(struct app *app, const char *id, bool bytes,
                       struct open_stores *stores, struct edit *edit, struct error *err)
{
    AUTO_PICTURE struct picture p = PICTURE_INIT;
    if (app_open_catalog_if_there(app, err) < 0 ||
        ids_find(app->catalog, id, &p, err) < 0) {
        return -1;
    }
    struct store *store = open_stores_get(stores, app, p.storage_provider, err);
    return store ? edit_add_picture(edit, &p, store, bytes, app_strip(app, true), err)
                 : -1;
}

/* Links only where every picture can have one; a file has none. */
static int read_edit(struct app *app, const struct generate_args *args, struct edit *edit,
                     struct error *err)
{
    struct open_stores stores = { .count = 0 };
    bool has_files = false;
    int result = 0;
    for (size_t i = 0; i < args->from.len; i++) {
        has_files = has_files || !ids_is_id(args->from.items[i]);
    }
    for (size_t i = 0; result == 0 && i < args->from.len; i++) {
        const char *from = args->from.items[i];
        result = ids_is_id(from) ? add_picture(app, from, has_files, &stores, edit, err)
                             : edit_add_file(edit, from, app_strip(app, true), err);
    }
    open_stores_close(&stores);
    return result == 0 && args->mask ? edit_set_mask(edit, args->mask, err) : result;
}

/* ---- Orders ---- */

static const char *first(const char *a, const char *b)
{
    return a ? a : b;
}

/* QUALITY and OUTPUT are for all of them; a preview has a quality of its own. */
static struct wish wish_for(const struct generate_args *args, const struct prompt *p,
                            const struct strlist *tags, const struct edit *edit,
                            const char *quality, const char *output)
{
    return (struct wish){
        .prompt = p->text,
        .model = first(p->model, args->model),
        .how = {
            .size = first(p->size, args->size),
            .quality = first(first(p->quality, args->quality),
                             args->preview ? NULL : quality),
            .background = first(p->background, args->background),
            .output_format = first(p->output_format, args->output_format),
            .style = first(p->style, args->style),
            .compression = (int)(p->compression >= 0 ? p->compression
                                                     : args->compression),
            .count = (int)(p->count ? p->count : args->count),
        },
        .moderation = args->moderation,
        .name = first(p->name, args->name),
        .alt_text = first(p->alt, args->alt),
        .tags = p->has_tags ? &p->tags : tags,
        .edit = edit->count > 0 ? edit : NULL,
        .output = output,
        .preview = args->preview,
    };
}

/* A job in the background, and one that is resumed, may be in another folder. */
static char *absolute(const char *path)
{
    char *result = path && strcmp(path, "-") != 0 ? file_absolute(path) : NULL;
    return result ? result : mem_strdup(path);
}

static void note_model(const struct order *o, const struct models *models)
{
    const char *near = models_nearest(models, o->model_id);
    if (!o->model) {
        output_note("imgctl: nothing is known of the model \"%s\"%s%s%s", o->model_id,
                    near ? "; did you mean " : "", near ? near : "", near ? "?" : "");
    } else if (o->model->status == MODEL_ENDING) {
        output_note("imgctl: %s ends on %s%s%s", o->model_id, o->model->ends,
                    o->model->replacement ? "; instead: " : "",
                    o->model->replacement ? o->model->replacement : "");
    }
}

static int make_orders(const struct generate_args *args, const struct prompts *prompts,
                       const struct models *models, const struct edit *edit,
                       const struct destination *to, const struct config *config,
                       struct order *orders, struct error *err)
{
    AUTO_STRLIST struct strlist tags = STRLIST_INIT;
    AUTO_FREE char *output = absolute(args->to);
    const char *quality = config_text(config, "generate.quality");
    for (size_t i = 0; i < args->tags.len; i++) {
        strlist_split(&tags, args->tags.items[i], ',');
    }
    for (size_t i = 0; i < tags.len; i++) {
        if (!text_is_utf8(tags.items[i], strlen(tags.items[i]))) {
            return error_set(err, ERROR_USAGE, "--tag: not UTF-8: %s", tags.items[i]);
        }
    }
    for (size_t i = 0; i < prompts->count; i++) {
        struct wish wish = wish_for(args, &prompts->items[i], &tags, edit, quality,
                                    output);
        if (order_make(&wish, models, to, config, &orders[i], err) < 0) {
            size_t line = prompts->items[i].number;
            return line ? error_wrap(err, "line %zu", line) : -1;
        }
        if (i == 0 || strcmp(orders[i].model_id, orders[i - 1].model_id) != 0) {
            note_model(&orders[i], models);
        }
    }
    return 0;
}

/* ---- Before anything is bought ---- */

static int check_args(const struct generate_args *args, const struct prompts *prompts,
                      struct error *err)
{
    bool to_stdout = args->to && strcmp(args->to, "-") == 0;
    int64_t pictures = prompts->items[0].count ? prompts->items[0].count : args->count;
    if (args->to && prompts->count > 1) {
        return error_set(err, ERROR_USAGE, "-o goes with one prompt");
    }
    if (args->preview && !args->to) {
        error_set(err, ERROR_USAGE, "--preview-only needs a file");
        return error_hint(err, "say where the draft goes with -o FILE");
    }
    if (to_stdout && (args->detach || pictures > 1 || args->output.json ||
                      args->output.jsonl || args->output.ids || args->output.urls)) {
        return error_set(err, ERROR_USAGE, "-o - goes with one picture and no other"
                         " output");
    }
    if (args->detach && prompts->count > 1) {
        return error_set(err, ERROR_USAGE, "--detach goes with one prompt");
    }
    return args->mask && args->from.len == 0
               ? error_set(err, ERROR_USAGE, "--mask goes with --from")
               : 0;
}

/* Where -o leads must be there before it is paid for. */
static int check_output(const char *to, struct error *err)
{
    AUTO_TEMP struct temp_file probe = TEMP_FILE_INIT;
    if (!to || strcmp(to, "-") == 0) {
        return 0;
    }
    return file_means_folder(to)
               ? error_set(err, ERROR_USAGE, "-o names a file, and %s is a folder", to)
               : temp_file_beside(&probe, to, err);
}

/* ---- The run ---- */

/* What is reserved is told where it is much more than what is expected. */
static void print_price(const struct generate_work *w, struct buf *out)
{
    int64_t expected = orders_expected(w->orders, w->count);
    enum price_basis basis = w->orders[0].price.basis;
    money_print(out, expected);
    if (w->count == 1 && basis != PRICE_FREE) {
        buf_addf(out, " (%s)", price_basis_name(basis));
    }
    if (w->most - expected > expected / 10) {
        buf_addstr(out, ", at most ");
        money_print(out, w->most);
    }
}

static void print_estimate(const struct generate_work *w)
{
    AUTO_BUF struct buf line = BUF_INIT;
    const struct order *o = &w->orders[0];
    int64_t pictures = 0;
    for (size_t i = 0; i < w->count; i++) {
        pictures += w->orders[i].request.count;
    }
    buf_addf(&line, "imgctl: %" PRId64 " picture%s", pictures, pictures == 1 ? "" : "s");
    if (w->count == 1) {
        buf_addf(&line, ", %s", o->model_id);
        if (o->request.width > 0) {
            buf_addf(&line, " %ux%u", o->request.width, o->request.height);
        }
        buf_addf(&line, "%s%s", o->request.quality ? " " : "",
                 o->request.quality ? o->request.quality : "");
    }
    buf_addstr(&line, ": ");
    print_price(w, &line);
    if (!output_quiet()) {
        output_note("%s", line.data);
    }
}

static int find_business(struct app *app, const struct generate_args *args, int64_t *ret,
                         struct error *err)
{
    struct business b = { .id = 0 };
    if (catalog_business_find(app->catalog, args->business, &b, err) < 0) {
        return -1;
    }
    *ret = b.id;
    business_release(&b);
    return 0;
}

static int buy(struct generate_work *w, struct generate_options *o, struct error *err)
{
    struct app *app = w->app;
    const struct generate_args *args = w->args;
    if (app_make_catalog(app, err) < 0 ||
        find_business(app, args, &o->business_id, err) < 0 ||
        generate_recover(app->config, app->catalog, NULL, err) < 0 ||
        budget_load(app->config, app->catalog, o->business_id, &o->budget, err) < 0) {
        return -1;
    }
    print_estimate(w);
    if (generate_check_again(w, o, err) < 0 ||
        catalog_budget_check(app->catalog, o->business_id, &o->budget, w->most,
                             err) < 0) {
        return -1;
    }
    return args->detach ? generate_work_detach(w, err) : generate_work_run(w, err);
}

static int buy_into_store(struct generate_work *w, struct generate_options *o,
                          struct error *err)
{
    if (check_output(w->args->to, err) < 0) {
        return -1;
    }
    if (!w->args->preview && app_store(w->app, w->args->store, &o->store, err) < 0) {
        return -1;
    }
    o->strip = app_strip(w->app, o->store && o->store->ops->is_remote);
    int result = buy(w, o, err);
    if (o->store) {
        store_close(o->store);
    }
    return result;
}

static int run_with(struct generate_work *w, const struct prompts *prompts,
                    const struct models *models, const struct edit *edit,
                    const struct destination *to, struct generate_options *o,
                    struct error *err)
{
    const struct generate_args *args = w->args;
    if (make_orders(args, prompts, models, edit, to, w->app->config, w->orders,
                    err) < 0) {
        return -1;
    }
    int priced = orders_price(w->orders, w->count, args->max_cost, &w->most, err);
    if (args->estimate || args->dry_run) {
        return generate_work_plan(w, err);
    }
    return priced < 0 ? -1 : buy_into_store(w, o, err);
}

static int run(struct app *app, void *arguments, struct error *err)
{
    const struct generate_args *args = arguments;
    AUTO_PROMPTS struct prompts prompts = { .items = NULL };
    AUTO_EDIT struct edit edit = EDIT_INIT;
    struct models *models = NULL;
    struct destination to;
    struct generate_options o = {
        .config = app->config,
        .provider = args->provider ? args->provider : generator_default(app->config),
        .trace_fd = app->trace_fd,
        .rate = config_int(app->config, "generate.rate"),
        .jobs = (int)args->jobs,
    };
    struct generate_work w = { .app = app, .args = args, .options = &o,
                               .prompts = &prompts };
    if (prompts_read(args, &prompts, err) < 0 ||
        check_args(args, &prompts, err) < 0 ||
        models_load(app->config, &models, err) < 0) {
        return -1;
    }
    w.count = prompts.count;
    w.orders = mem_array(w.count, sizeof *w.orders);
    int result = open_destination(&w, &to, err);
    if (result == 0) {
        result = read_edit(app, args, &edit, err);
    }
    if (result == 0) {
        result = run_with(&w, &prompts, models, &edit, &to, &o, err);
    }
    for (size_t i = 0; i < w.count; i++) {
        order_release(&w.orders[i]);
    }
    free(w.orders);
    generator_close(w.generator);
    models_free(models);
    return result;
}

const struct command cmd_generate = {
    .name = "generate",
    .summary = "make pictures from a prompt, store and catalog them",
    .group = "Generation",
    .args_size = sizeof(struct generate_args),
    .sets = {
        { options, 0, NULL },
        { edit_options, 0, "Editing" },
        { keep_options, 0, "Keeping" },
        { money_options, 0, "Money and work" },
        { output_work_options, offsetof(struct generate_args, output), "Output" },
    },
    .operands = operands,
    .examples = examples,
    .run = run,
};
