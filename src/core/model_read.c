/*
 * models.json, checked: it may be a user's own, and decides about money. Whatever is
 * missing or wrong is an error that names the file, the family and the member.
 */
#include <string.h>

#include "imgctl/clock.h"
#include "imgctl/mem.h"
#include "model_facts.h"

#define SCHEMA "imgctl-models/1"
#define FAMILIES_MAX 200
#define LIST_MAX 200
#define NUMBER_MAX 1000000000
/* Far above all that is charged; with them no sum of a request overflows. */
#define RATE_MAX 1000000          /* nano-dollars a token */
#define PRICE_MAX INT64_C(1000000000) /* micro-dollars a picture */

/* A family being read. */
struct reader {
    const struct models *models;
    const struct json *family;
    const char *name;
    int64_t now;
    struct error *err;
};

static int wrong(const struct reader *r, const char *member, const char *what)
{
    return error_set(r->err, ERROR_CONFIG, "%s: family \"%s\": \"%s\" %s",
                     r->models->path, r->name, member, what);
}

static int read_text(const struct reader *r, const char *member, const char **ret)
{
    *ret = json_text(r->family, member);
    return *ret && **ret ? 0 : wrong(r, member, "must be a text");
}

/* A day of the calendar, or null. */
static int read_day(const struct reader *r, const char *member, const char **ret)
{
    const struct json *value = json_member(r->family, member);
    int64_t when;
    *ret = json_as_text(value);
    if (!value || (*ret && strlen(*ret) == strlen("2026-11-22") &&
                   clock_parse(*ret, 0, false, &when))) {
        return 0;
    }
    return wrong(r, member, "must be null or a date such as \"2026-11-22\"");
}

static int read_number(const struct reader *r, const struct json *from,
                       const char *member, int64_t min, int64_t *ret)
{
    *ret = json_number(from, member, -1);
    return *ret >= min && *ret <= NUMBER_MAX
               ? 0
               : wrong(r, member, "must be a whole number that makes sense");
}

static int read_list(const struct reader *r, const struct json *from, const char *member,
                     struct strlist *ret)
{
    const struct json *list = json_member(from, member);
    size_t count = json_length(list);
    if ((list && !json_is_array(list)) || count > LIST_MAX) {
        return wrong(r, member, "must be a list of texts");
    }
    for (size_t i = 0; i < count; i++) {
        const char *text = json_as_text(json_at(list, i));
        if (!text || !*text) {
            return wrong(r, member, "must be a list of texts");
        }
        strlist_add(ret, text);
    }
    return 0;
}

/* ---- Prices ---- */

/* "30" a million tokens is 30,000 nano-dollars a token. */
static int read_rate(const struct reader *r, const struct json *from, const char *member,
                     int64_t *ret)
{
    const struct json *value = json_member(from, member);
    const char *text = json_as_text(value);
    int64_t micros;
    *ret = MONEY_UNKNOWN;
    if (!value) {
        return 0;
    }
    if (!text || !money_parse(text, &micros) || micros % 1000 != 0 ||
        micros / 1000 > RATE_MAX) {
        return wrong(r, member, "must be a text such as \"1.25\", US dollars a million"
                                " tokens, or null");
    }
    *ret = micros / 1000;
    return 0;
}

static int read_rates(const struct reader *r, struct model_rates *ret)
{
    const struct json *rates = json_member(r->family, "rates_usd_per_million_tokens");
    return read_rate(r, rates, "text_in", &ret->text_in) < 0 ||
                   read_rate(r, rates, "image_in", &ret->image_in) < 0 ||
                   read_rate(r, rates, "text_out", &ret->text_out) < 0 ||
                   read_rate(r, rates, "image_out", &ret->image_out) < 0
               ? -1
               : 0;
}

static void add_cell(struct model_facts *f, struct model_cell cell)
{
    f->cells = mem_resize(f->cells, f->cell_count + 1, sizeof *f->cells);
    f->cells[f->cell_count++] = cell;
}

/* A row has a size and, for qualities of M, a price (text) or tokens (number). */
static int read_row(const struct reader *r, const struct json *row, const struct model *m,
                    struct model_facts *f)
{
    const char *size = json_text(row, "size");
    struct model_cell cell = { .tokens = 0 };
    if (!size || !size_parse(size, &cell.size)) {
        return wrong(r, "table", "has a row without a size such as \"1024x1024\"");
    }
    for (size_t i = 0; i < m->qualities.len; i++) {
        const struct json *value = json_member(row, m->qualities.items[i]);
        const char *price = json_as_text(value);
        if (!value) {
            continue;
        }
        cell.quality = m->qualities.items[i];
        cell.micros = MONEY_UNKNOWN;
        cell.tokens = json_number(row, cell.quality, -1);
        if (price ? !money_parse(price, &cell.micros) || cell.micros > PRICE_MAX
                  : cell.tokens < 1 || cell.tokens > NUMBER_MAX) {
            return wrong(r, "table",
                         "has a cell that is neither a price such as \"0.040\""
                         " nor a number of tokens");
        }
        add_cell(f, cell);
    }
    return 0;
}

static int read_table(const struct reader *r, const struct model *m,
                      struct model_facts *f)
{
    const struct json *table = json_member(r->family, "table");
    if ((table && !json_is_array(table)) || json_length(table) > LIST_MAX) {
        return wrong(r, "table", "must be a list");
    }
    f->table_certain = json_flag(r->family, "table_certain", false);
    for (size_t i = 0; i < json_length(table); i++) {
        if (read_row(r, json_at(table, i), m, f) < 0) {
            return -1;
        }
    }
    return 0;
}

static int read_formula(const struct reader *r, const struct model *m,
                        struct model_facts *f)
{
    const struct json *formula = json_member(r->family, "formula");
    const struct json *bases = json_member(formula, "base");
    const struct json *times = json_member(formula, "times");
    f->formula_certain = json_flag(formula, "certain", false);
    for (size_t i = 0; i < m->qualities.len; i++) {
        struct model_base b = { .quality = m->qualities.items[i], .times = 1 };
        if (!json_member(bases, b.quality)) {
            continue;
        }
        b.base = json_number(bases, b.quality, 0);
        if (json_member(times, b.quality)) {
            b.times = json_number(times, b.quality, 0);
        }
        if (b.base < 1 || b.base > 1000 || b.times < 1 || b.times > 10) {
            return wrong(r, "formula", "must have whole numbers for base and times");
        }
        f->bases = mem_resize(f->bases, f->base_count + 1, sizeof *f->bases);
        f->bases[f->base_count++] = b;
    }
    return 0;
}

static int read_input(const struct reader *r, struct model_input *ret)
{
    const struct json *input = json_member(r->family, "input_picture");
    if (!input) {
        return 0;
    }
    return read_number(r, input, "patch", 1, &ret->patch) < 0 ||
                   read_number(r, input, "most", 1, &ret->most) < 0 ||
                   read_number(r, input, "enlarged_to", 0, &ret->enlarged_to) < 0
               ? -1
               : 0;
}

/* ---- What it takes ---- */

static int read_size_rule(const struct reader *r, const struct model *m,
                          struct model_facts *f)
{
    const struct json *rule = json_member(r->family, "size_rule");
    struct size s;
    for (size_t i = 0; i < m->sizes.len; i++) {
        if (!size_parse(m->sizes.items[i], &s)) {
            return wrong(r, "sizes", "must be a list of sizes such as \"1024x1024\"");
        }
    }
    if (m->sizes.len > 0) {
        return 0;
    }
    if (read_number(r, rule, "multiple", 1, &f->multiple) < 0 ||
        read_number(r, rule, "longest", 1, &f->longest) < 0 ||
        read_number(r, rule, "ratio", 1, &f->ratio) < 0 ||
        read_number(r, rule, "min_pixels", 1, &f->min_pixels) < 0 ||
        read_number(r, rule, "max_pixels", f->min_pixels, &f->max_pixels) < 0) {
        return -1;
    }
    return f->longest <= MODEL_SIDE_MAX && f->multiple <= f->longest
               ? 0
               : wrong(r, "size_rule", "must have sides that make sense");
}

/* The members that all models of the family share. */
static int read_limits(const struct reader *r, struct model *m)
{
    int64_t prompt, count;
    if (read_day(r, "released", &m->released) < 0 || read_day(r, "ends", &m->ends) < 0 ||
        read_number(r, r->family, "max_prompt", 1, &prompt) < 0 ||
        read_number(r, r->family, "max_count", 1, &count) < 0 ||
        read_list(r, r->family, "qualities", &m->qualities) < 0 ||
        read_text(r, "quality", &m->quality) < 0 ||
        read_list(r, r->family, "sizes", &m->sizes) < 0 ||
        read_list(r, r->family, "backgrounds", &m->backgrounds) < 0 ||
        read_list(r, r->family, "formats", &m->formats) < 0 ||
        read_list(r, r->family, "styles", &m->styles) < 0 ||
        read_text(r, "certainty", &m->certainty) < 0) {
        return -1;
    }
    if (!strlist_has(&m->qualities, m->quality)) {
        return wrong(r, "quality", "must be one of \"qualities\"");
    }
    m->max_prompt = (int)prompt;
    m->max_count = count < GENERATE_COUNT ? (int)count : GENERATE_COUNT;
    m->replacement = json_text(r->family, "replacement");
    return 0;
}

static int read_accepts(const struct reader *r, struct model *m)
{
    AUTO_STRLIST struct strlist words = STRLIST_INIT;
    if (read_list(r, r->family, "accepts", &words) < 0) {
        return -1;
    }
    m->takes_edit = strlist_has(&words, "edit");
    m->takes_edit_url = strlist_has(&words, "edit_url");
    m->takes_response_format = strlist_has(&words, "response_format");
    return 0;
}

/* By the day (UTC): on the day of its end it has ended. */
static enum model_status status_of(const struct model *m, int64_t now)
{
    int64_t end;
    if (!m->ends || !clock_parse(m->ends, now, false, &end)) {
        return MODEL_ACTIVE;
    }
    return now >= end ? MODEL_RETIRED : MODEL_ENDING;
}

/* A model of the family: all but its names is shared. */
static int read_model(const struct reader *r, const struct json *names,
                      struct model_facts *facts, struct model *ret)
{
    *ret = (struct model){ .family = r->name,
                           .facts = facts,
                           .id = json_text(names, "id") };
    if (!ret->id || !*ret->id) {
        return wrong(r, "models", "has one without an \"id\"");
    }
    if (read_limits(r, ret) < 0 || read_accepts(r, ret) < 0 ||
        read_list(r, names, "snapshots", &ret->snapshots) < 0) {
        return -1;
    }
    ret->status = status_of(ret, r->now);
    return read_rates(r, &ret->rates);
}

static int read_family(struct reader *r, struct models *m, struct model_facts *facts)
{
    const struct json *list = json_member(r->family, "models");
    size_t count = json_length(list);
    r->name = "?";
    if (read_text(r, "family", &r->name) < 0) {
        r->name = "?";
        return -1;
    }
    if (count == 0 || count > LIST_MAX) {
        return wrong(r, "models", "must be a list with at least one model");
    }
    for (size_t i = 0; i < count; i++) {
        m->models = mem_resize(m->models, m->count + 1, sizeof *m->models);
        if (read_model(r, json_at(list, i), facts, &m->models[m->count++]) < 0) {
            return -1;
        }
    }
    const struct model *last = &m->models[m->count - 1];
    return read_size_rule(r, last, facts) < 0 || read_table(r, last, facts) < 0 ||
                   read_formula(r, last, facts) < 0 || read_input(r, &facts->input) < 0
               ? -1
               : 0;
}

/* Cells point into the last model's list of qualities, which lives as long. */
int models_read(struct models *m, int64_t now, struct error *err)
{
    const char *schema = json_text(m->root, "schema");
    const struct json *families = json_member(m->root, "families");
    size_t count = json_length(families);
    int64_t when;
    m->date = json_text(m->root, "date");
    if (!schema || strcmp(schema, SCHEMA) != 0) {
        return error_set(err, ERROR_CONFIG, "%s: \"schema\" is not \"%s\"", m->path,
                         SCHEMA);
    }
    if (!m->date || !clock_parse(m->date, now, false, &when)) {
        return error_set(err, ERROR_CONFIG, "%s: \"date\" must be a date such as"
                         " \"2026-11-22\"", m->path);
    }
    if (count == 0 || count > FAMILIES_MAX) {
        return error_set(err, ERROR_CONFIG,
                         "%s: \"families\" must be a list with at least"
                         " one family",
                         m->path);
    }
    m->facts = mem_array(count, sizeof *m->facts);
    for (size_t i = 0; i < count; i++) {
        struct reader r = { .models = m, .family = json_at(families, i), .now = now,
                            .err = err };
        m->fact_count++;
        if (read_family(&r, m, &m->facts[i]) < 0) {
            return -1;
        }
    }
    return 0;
}
