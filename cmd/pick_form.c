#include "pick_form.h"

#include <stdlib.h>
#include <string.h>

#include "imgctl/mem.h"
#include "imgctl/text.h"

#define PROMPT_LIMIT 100000 /* bytes; the models' own limits are smaller */

static const char *const sizes[] = { "square", "portrait", "landscape", "instagram",
                                     "story" };

/* CHOICE (may be NULL), once. */
static void add_choice(struct strlist *list, const char *choice)
{
    if (choice && !strlist_has(list, choice)) {
        strlist_add(list, choice);
    }
}

static void set_models(struct form *f)
{
    struct strlist *list = &f->choices[FORM_MODEL];
    const struct model *m;
    add_choice(list, model_default(f->config));
    for (size_t i = 0; (m = models_at(f->models, i)); i++) {
        add_choice(list, m->status != MODEL_RETIRED ? m->id : NULL);
    }
}

static const struct model *model_of(const struct form *f)
{
    return models_find(f->models, form_value(f, FORM_MODEL));
}

static void reset(struct form *f, enum form_field field)
{
    strlist_release(&f->choices[field]);
    f->chosen[field] = 0;
}

/* What the model has, beginning with what the settings say or it has itself. */
static void set_values(struct form *f)
{
    const struct model *m = model_of(f);
    const char *size = config_text(f->config, "generate.size");
    const char *quality = config_text(f->config, "generate.quality");
    reset(f, FORM_SIZE);
    reset(f, FORM_QUALITY);
    add_choice(&f->choices[FORM_SIZE], size);
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        add_choice(&f->choices[FORM_SIZE], sizes[i]);
    }
    for (size_t i = 0; m && i < m->sizes.len; i++) {
        add_choice(&f->choices[FORM_SIZE], m->sizes.items[i]);
    }
    add_choice(&f->choices[FORM_QUALITY], quality ? quality : m ? m->quality : NULL);
    for (size_t i = 0; m && i < m->qualities.len; i++) {
        add_choice(&f->choices[FORM_QUALITY], m->qualities.items[i]);
    }
}

const char *form_value(const struct form *f, enum form_field field)
{
    const struct strlist *list = &f->choices[field];
    return field == FORM_PROMPT ? f->prompt.data
           : list->len > 0 ? list->items[f->chosen[field]]
                           : NULL;
}

int form_open(struct app *app, struct form **ret, struct error *err)
{
    const struct generator_context context = { app->config, app->trace_fd };
    struct form *f = mem_alloc(sizeof *f);
    f->config = app->config;
    f->prompt = (struct buf)BUF_INIT;
    if (models_load(app->config, &f->models, err) < 0 ||
        generator_open(generator_default(app->config), &context, &f->generator, err) <
            0) {
        form_close(f);
        return -1;
    }
    const struct generator *g = f->generator;
    f->to = (struct destination){
        .host = g->host,
        .is_official = g->is_official,
        .is_free = g->ops->is_free ||
                   (!g->is_official && config_bool(app->config, "generate.free")),
    };
    set_models(f);
    set_values(f);
    *ret = f;
    return 0;
}

void form_close(struct form *f)
{
    if (!f) {
        return;
    }
    order_release(&f->order);
    for (size_t i = 0; i < FORM_FIELDS; i++) {
        strlist_release(&f->choices[i]);
    }
    generator_close(f->generator);
    models_free(f->models);
    buf_release(&f->prompt);
    free(f);
}

void form_refresh(struct form *f)
{
    const struct strlist no_tags = STRLIST_INIT;
    const struct wish wish = {
        .prompt = f->prompt.len ? f->prompt.data : "a picture",
        .model = form_value(f, FORM_MODEL),
        .how = {
            .size = form_value(f, FORM_SIZE),
            .quality = form_value(f, FORM_QUALITY),
            .compression = -1,
        },
        .tags = &no_tags,
    };
    int64_t sum;
    order_release(&f->order);
    f->order = (struct order){ .model = NULL };
    error_clear(&f->problem);
    if (order_make(&wish, f->models, &f->to, f->config, &f->order, &f->problem) == 0) {
        orders_price(&f->order, 1, MONEY_UNKNOWN, &sum, &f->problem);
    }
}

bool form_type(struct form *f, const char *text)
{
    f->field = FORM_PROMPT;
    return buf_add_limited(&f->prompt, text, strlen(text), PROMPT_LIMIT);
}

bool form_erase(struct form *f)
{
    f->field = FORM_PROMPT;
    return text_erase_character(&f->prompt);
}

void form_move(struct form *f, int by)
{
    f->field = (enum form_field)(((int)f->field + by + FORM_FIELDS) % FORM_FIELDS);
}

void form_choose(struct form *f, int by)
{
    size_t count = f->choices[f->field].len;
    if (count == 0) {
        return;
    }
    f->chosen[f->field] = (f->chosen[f->field] + count + (size_t)by) % count;
    if (f->field == FORM_MODEL) {
        set_values(f);
    }
}
