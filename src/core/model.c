#include "imgctl/model.h"

#include <stdlib.h>
#include <string.h>

#include "imgctl/clock.h"
#include "imgctl/data.h"
#include "imgctl/mem.h"
#include "imgctl/text.h"
#include "model_facts.h"

#define DAY_MS INT64_C(86400000)
#define NAMES_MAX 1000

static void release_model(struct model *m)
{
    strlist_release(&m->snapshots);
    strlist_release(&m->qualities);
    strlist_release(&m->sizes);
    strlist_release(&m->backgrounds);
    strlist_release(&m->formats);
    strlist_release(&m->styles);
}

void models_free(struct models *m)
{
    if (!m) {
        return;
    }
    for (size_t i = 0; i < m->count; i++) {
        release_model(&m->models[i]);
    }
    for (size_t i = 0; i < m->fact_count; i++) {
        free(m->facts[i].cells);
        free(m->facts[i].bases);
    }
    free(m->models);
    free(m->facts);
    free(m->path);
    json_free(m->root);
    free(m);
}

int models_load(const struct config *config, struct models **ret, struct error *err)
{
    AUTO_BUF struct buf text = BUF_INIT;
    struct models *m = mem_alloc(sizeof *m);
    *ret = NULL;
    if (data_read(config, "models.json", &text, &m->path, err) < 0) {
        models_free(m);
        return -1;
    }
    int result = json_parse(text.data, text.len, &m->root, err);
    if (result < 0) {
        err->kind = ERROR_CONFIG;
        error_wrap(err, "%s", m->path);
    } else {
        result = models_read(m, clock_now(), err);
    }
    if (result < 0) {
        error_hint(err, "mend the file, or take it away if it is a copy of your own");
        models_free(m);
        return -1;
    }
    *ret = m;
    return 0;
}

const char *models_date(const struct models *m)
{
    return m->date;
}

const char *models_source(const struct models *m)
{
    return m->path;
}

int64_t models_age(const struct models *m)
{
    int64_t now = clock_now(), date = now;
    clock_parse(m->date, now, false, &date);
    return now > date ? (now - date) / DAY_MS : 0;
}

int64_t model_days_left(const struct model *m)
{
    int64_t now = clock_now(), end;
    if (!m->ends || !clock_parse(m->ends, now, false, &end)) {
        return INT64_MAX;
    }
    return end > now ? (end - now + DAY_MS - 1) / DAY_MS : 0;
}

const struct model *models_find(const struct models *m, const char *id)
{
    for (size_t i = 0; i < m->count; i++) {
        if (strcmp(m->models[i].id, id) == 0 ||
            strlist_has(&m->models[i].snapshots, id)) {
            return &m->models[i];
        }
    }
    return NULL;
}

const struct model *models_at(const struct models *m, size_t index)
{
    return index < m->count ? &m->models[index] : NULL;
}

/* The name of a family means its first model. */
const char *models_nearest(const struct models *m, const char *id)
{
    const char *names[NAMES_MAX];
    size_t count = 0;
    for (size_t i = 0; i < m->count; i++) {
        if (strcmp(m->models[i].family, id) == 0) {
            return m->models[i].id;
        }
    }
    for (; count < m->count && count < NAMES_MAX; count++) {
        names[count] = m->models[count].id;
    }
    return text_nearest(id, names, count);
}

const char *model_default(const struct config *config)
{
    return config_text(config, "generate.model");
}

const char *const model_quality_names[] = { "low", "medium", "high", "xhigh", "max",
                                            "standard", "hd", NULL };
