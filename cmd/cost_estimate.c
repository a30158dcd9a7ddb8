/* `imgctl cost`: what a request would cost, offline. */
#include <inttypes.h>
#include <string.h>

#include "cost.h"
#include "imgctl/file.h"
#include "imgctl/ids.h"
#include "imgctl/image.h"
#include "imgctl/mem.h"

struct estimate {
    const char *model, *size, *quality, *basis, *prices_date, *certainty, *ends;
    int64_t count, tokens, each, input, total;
};

#define FIELD(name, type, member) { name, type, offsetof(struct estimate, member) }

static const struct field fields[] = {
    FIELD("model", FIELD_TEXT, model),
    FIELD("size", FIELD_TEXT, size),
    FIELD("quality", FIELD_TEXT, quality),
    FIELD("count", FIELD_INT, count),
    FIELD("total_usd", FIELD_MONEY, total),
    FIELD("each_usd", FIELD_MONEY, each),
    FIELD("input_usd", FIELD_MONEY, input),
    FIELD("basis", FIELD_TEXT, basis),
    FIELD("image_tokens", FIELD_INT_SET, tokens),
    FIELD("prices_date", FIELD_TEXT, prices_date),
    FIELD("certainty", FIELD_TEXT, certainty),
    FIELD("ends", FIELD_TEXT, ends),
    { .name = NULL },
};

static void print_model(struct buf *out, const void *record)
{
    buf_addstr(out, ((const struct estimate *)record)->model);
}

static void print_size(struct buf *out, const void *record)
{
    buf_addstr(out, ((const struct estimate *)record)->size);
}

static void print_quality(struct buf *out, const void *record)
{
    buf_addstr(out, ((const struct estimate *)record)->quality);
}

static void print_count(struct buf *out, const void *record)
{
    buf_addf(out, "%" PRId64, ((const struct estimate *)record)->count);
}

static void print_each(struct buf *out, const void *record)
{
    money_print(out, ((const struct estimate *)record)->each);
}

static void print_input(struct buf *out, const void *record)
{
    money_print(out, ((const struct estimate *)record)->input);
}

static void print_total(struct buf *out, const void *record)
{
    money_print(out, ((const struct estimate *)record)->total);
}

static void print_basis(struct buf *out, const void *record)
{
    buf_addstr(out, ((const struct estimate *)record)->basis);
}

static const struct column columns[] = {
    { .title = "MODEL", .print = print_model, .flexible = true },
    { .title = "SIZE", .print = print_size, .right = true },
    { .title = "QUALITY", .print = print_quality },
    { .title = "COUNT", .print = print_count, .right = true },
    { .title = "EACH", .print = print_each, .right = true },
    { .title = "INPUT", .print = print_input, .right = true },
    { .title = "TOTAL", .print = print_total, .right = true },
    { .title = "BASIS", .print = print_basis },
    { .title = NULL },
};

static const char *const tsv[] = { "model", "size", "quality", "count", "total_usd",
                                   "each_usd", "input_usd", "basis", NULL };

static const struct record_type estimate_type = {
    .fields = fields, .columns = columns, .tsv = tsv, .id = NULL, .url = NULL,
};

static int measure_file(const char *path, struct generate_input *ret, struct error *err)
{
    struct stat st;
    struct image_info info;
    AUTO_FD int fd = file_open_regular(path, &st, err);
    if (fd < 0 || image_probe(fd, st.st_size, &image_default_limits, &info, err) < 0) {
        return error_wrap(err, "%s", path);
    }
    ret->width = info.width;
    ret->height = info.height;
    return 0;
}

/* Only the size of a picture to edit matters here. */
static int measure(struct app *app, const char *from, struct generate_input *ret,
                   struct error *err)
{
    AUTO_PICTURE struct picture p = PICTURE_INIT;
    *ret = (struct generate_input){ .fd = 0 };
    if (!ids_is_id(from)) {
        return measure_file(from, ret, err);
    }
    if (ids_find(app->catalog, from, &p, err) < 0) {
        return -1;
    }
    ret->width = p.width > 0 && p.width <= UINT32_MAX ? (uint32_t)p.width : 0;
    ret->height = p.height > 0 && p.height <= UINT32_MAX ? (uint32_t)p.height : 0;
    return 0;
}

static int unknown_model(const struct models *models, const char *id, struct error *err)
{
    const char *nearest = models_nearest(models, id);
    error_set(err, ERROR_USAGE, "the table of prices has no model \"%s\"", id);
    return nearest
               ? error_hint(err, "did you mean %s? All: imgctl cost --models", nearest)
               : error_hint(err, "all models: imgctl cost --models");
}

/* As many requests as it takes; what was shut down still has its price. */
static int price(struct app *app, const struct cost_args *args, const struct model *m,
                 struct generate_request *r, struct price *ret, struct error *err)
{
    struct model served = *m;
    struct model_wish wish = { .size = args->size, .quality = args->quality,
                               .compression = -1, .count = 1 };
    served.status = MODEL_ACTIVE;
    r->prompt = args->prompt ? args->prompt : "any";
    model_wish_settings(&wish, m, app->config);
    if (model_resolve(&served, &wish, true, 0, r, err) < 0) {
        return -1;
    }
    r->prompt = args->prompt ? args->prompt : "";
    model_price(m, r, ret);
    int64_t requests = (args->count + m->max_count - 1) / m->max_count;
    if (ret->micros != MONEY_UNKNOWN) {
        ret->most = MONEY_UNKNOWN; /* of one request only */
        ret->input *= requests;
        ret->micros = ret->each * args->count + ret->input;
    }
    return 0;
}

static void note(const struct models *models, const struct model *m,
                 const struct cost_args *args)
{
    if (output_quiet()) {
        return;
    }
    output_note("OpenAI's prices of %s%s", models_date(models),
                args->prompt ? "" : ", without the prompt");
    output_note("%s", m->certainty);
    if (m->status == MODEL_RETIRED) {
        output_note("%s was shut down on %s", m->id, m->ends);
    } else if (m->status == MODEL_ENDING) {
        output_note("%s will be shut down on %s", m->id, m->ends);
    }
}

static int print(const struct models *models, const struct model *m,
                 const struct cost_args *args, const struct generate_request *r,
                 const struct price *p, struct error *err)
{
    struct output out;
    AUTO_FREE char *size = mem_printf("%ux%u", r->width, r->height);
    struct estimate e = {
        .model = args->model, .size = size, .quality = r->quality, .count = args->count,
        .each = p->each, .input = p->input, .total = p->micros, .tokens = p->tokens,
        .basis = price_basis_name(p->basis), .prices_date = models_date(models),
        .certainty = m->certainty, .ends = m->ends,
    };
    if (output_begin(&out, &args->output, &estimate_type, err) < 0) {
        return -1;
    }
    bool human = out.format == OUTPUT_HUMAN;
    output_open(&out, "estimates");
    output_record(&out, &e);
    output_close(&out);
    output_end(&out);
    if (human) {
        note(models, m, args);
    }
    return 0;
}

static int estimate(struct app *app, const struct cost_args *args,
                    const struct models *models, struct error *err)
{
    struct generate_input inputs[GENERATE_INPUTS];
    struct generate_request r = { .inputs = inputs };
    struct price p;
    const struct model *m = models_find(models, args->model);
    if (!m) {
        return unknown_model(models, args->model, err);
    }
    if (args->from.len > GENERATE_INPUTS) {
        return error_set(err, ERROR_USAGE, "at most %d pictures can be edited",
                         GENERATE_INPUTS);
    }
    for (; r.input_count < (int)args->from.len; r.input_count++) {
        const char *from = args->from.items[r.input_count];
        if (measure(app, from, &inputs[r.input_count], err) < 0) {
            return -1;
        }
    }
    return price(app, args, m, &r, &p, err) < 0 ? -1
                                                : print(models, m, args, &r, &p, err);
}

int cost_estimate(struct app *app, const struct cost_args *args, struct error *err)
{
    struct models *models;
    if (models_load(app->config, &models, err) < 0) {
        return -1;
    }
    int result = estimate(app, args, models, err);
    models_free(models);
    return result;
}
