/* `imgctl cost --models`: the table of models, as it is used. */
#include <inttypes.h>

#include "cost.h"

struct line {
    const char *id, *family, *status, *released, *ends, *replacement, *quality, *basis;
    const char *certainty;
    struct strlist qualities, sizes; /* the model's */
    int64_t max_prompt, max_count, square;
    int64_t text_in, image_in, text_out, image_out; /* micro-dollars a million tokens */
};

#define FIELD(name, type, member) { name, type, offsetof(struct line, member) }

static const struct field fields[] = {
    FIELD("id", FIELD_TEXT, id),
    FIELD("family", FIELD_TEXT, family),
    FIELD("status", FIELD_TEXT, status),
    FIELD("released", FIELD_TEXT, released),
    FIELD("ends", FIELD_TEXT, ends),
    FIELD("replacement", FIELD_TEXT, replacement),
    FIELD("qualities", FIELD_LIST, qualities),
    FIELD("quality", FIELD_TEXT, quality),
    FIELD("sizes", FIELD_LIST, sizes),
    FIELD("max_prompt", FIELD_INT, max_prompt),
    FIELD("max_count", FIELD_INT, max_count),
    FIELD("square_usd", FIELD_MONEY, square),
    FIELD("basis", FIELD_TEXT, basis),
    FIELD("text_in_per_million_usd", FIELD_MONEY, text_in),
    FIELD("image_in_per_million_usd", FIELD_MONEY, image_in),
    FIELD("text_out_per_million_usd", FIELD_MONEY, text_out),
    FIELD("image_out_per_million_usd", FIELD_MONEY, image_out),
    FIELD("certainty", FIELD_TEXT, certainty),
    { .name = NULL },
};

static void print_id(struct buf *out, const void *record)
{
    buf_addstr(out, ((const struct line *)record)->id);
}

static void print_status(struct buf *out, const void *record)
{
    const struct line *l = record;
    buf_addf(out, "%s%s%s", l->status, l->ends ? " " : "", l->ends ? l->ends : "");
}

static void print_qualities(struct buf *out, const void *record)
{
    const struct line *l = record;
    for (size_t i = 0; i < l->qualities.len; i++) {
        buf_addf(out, "%s%s", i ? "," : "", l->qualities.items[i]);
    }
}

static void print_quality(struct buf *out, const void *record)
{
    buf_addstr(out, ((const struct line *)record)->quality);
}

static void print_square(struct buf *out, const void *record)
{
    cost_print_money(out, ((const struct line *)record)->square);
}

static void print_basis(struct buf *out, const void *record)
{
    buf_addstr(out, ((const struct line *)record)->basis);
}

static const struct column columns[] = {
    { .title = "MODEL", .print = print_id },
    { .title = "STATUS", .print = print_status },
    { .title = "DEFAULT", .print = print_quality },
    { .title = "1024x1024", .print = print_square, .right = true },
    { .title = "BASIS", .print = print_basis },
    { .title = "QUALITIES", .print = print_qualities, .flexible = true },
    { .title = NULL },
};

static const char *const tsv[] = { "id", "status", "ends", "replacement", "quality",
                                   "square_usd", "basis", "qualities", NULL };

static const struct record_type line_type = {
    .fields = fields, .columns = columns, .tsv = tsv, .id = "id", .url = NULL,
};

static int64_t per_million(int64_t nanos_a_token)
{
    return nanos_a_token == MONEY_UNKNOWN ? MONEY_UNKNOWN : nanos_a_token * 1000;
}

static void print_model(struct output *out, const struct model *m)
{
    static const char *const statuses[] = { [MODEL_ACTIVE] = "active",
                                            [MODEL_ENDING] = "ending",
                                            [MODEL_RETIRED] = "retired" };
    struct generate_request r = { .prompt = "", .quality = m->quality, .count = 1,
                                  .width = 1024, .height = 1024 };
    struct price p;
    model_price(m, &r, &p);
    struct line l = {
        .id = m->id,
        .family = m->family,
        .status = statuses[m->status],
        .released = m->released,
        .ends = m->ends,
        .replacement = m->replacement,
        .qualities = m->qualities,
        .quality = m->quality,
        .sizes = m->sizes,
        .max_prompt = m->max_prompt,
        .max_count = m->max_count,
        .square = p.each,
        .basis = price_basis_name(p.basis),
        .certainty = m->certainty,
        .text_in = per_million(m->rates.text_in),
        .image_in = per_million(m->rates.image_in),
        .text_out = per_million(m->rates.text_out),
        .image_out = per_million(m->rates.image_out),
    };
    output_record(out, &l);
}

/* Where the table comes from: members of the JSON document. */
static void put_source(struct json_writer *w, const struct models *models)
{
    json_member_text(w, "date", models_date(models));
    json_member_int(w, "age_days", models_age(models));
    json_member_text(w, "source", models_source(models));
}

static void note(const struct models *models)
{
    int64_t age = models_age(models);
    if (!output_quiet()) {
        output_note("OpenAI's prices of %s (%" PRId64 " day%s old), in %s",
                    models_date(models), age, age == 1 ? "" : "s", models_source(models));
    }
}

int cost_models(struct app *app, const struct cost_args *args, struct error *err)
{
    struct output out;
    struct models *models;
    if (models_load(app->config, &models, err) < 0) {
        return -1;
    }
    if (output_begin(&out, &args->output, &line_type, err) < 0) {
        models_free(models);
        return -1;
    }
    bool human = out.format == OUTPUT_HUMAN;
    output_open(&out, "models");
    for (size_t i = 0; models_at(models, i); i++) {
        print_model(&out, models_at(models, i));
    }
    output_close(&out);
    if (out.format == OUTPUT_JSON) {
        put_source(&out.json, models);
    }
    output_end(&out);
    if (human) {
        note(models);
    }
    models_free(models);
    return 0;
}
