#include "complete.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "imgctl/jobs.h"
#include "imgctl/mem.h"
#include "imgctl/model.h"
#include "imgctl/output.h"
#include "imgctl/posts.h"
#include "imgctl/profile.h"
#include "imgctl/text.h"

#define MOST 100 /* more is no help */

struct words {
    struct app *app;
    const char *prefix;
    struct buf out;
    size_t count;
};

/* WORD as it would have to be typed; what a shell could not pass on is left out. */
static void offer(struct words *w, const char *word, const char *description)
{
    AUTO_BUF struct buf safe = BUF_INIT;
    text_escape(&safe, word, strlen(word));
    if (strncmp(word, w->prefix, strlen(w->prefix)) != 0 ||
        strcmp(safe.data, word) != 0 || w->count == MOST) {
        return;
    }
    buf_add(&w->out, safe.data, safe.len);
    if (description && *description) {
        buf_addch(&w->out, '\t');
        text_escape(&w->out, description, strlen(description));
    }
    buf_addch(&w->out, '\n');
    w->count++;
}

static void offer_picture(struct words *w, const struct picture *p)
{
    AUTO_FREE char *id = mem_printf("%" PRId64, p->id);
    AUTO_FREE char *name =
        mem_printf("%s%s", p->original_filename, p->deleted_at ? " (deleted)" : "");
    offer(w, id, name);
}

static int offer_newest(void *cookie, const struct picture *p)
{
    offer_picture(cookie, p);
    return 0;
}

/* Ids that begin with digits are ranges of numbers: 42, 420 to 429, 4200 to 4299. */
static int offer_ids_from(struct words *w, int64_t first, struct error *err)
{
    int64_t count = 1;
    bool beyond = false;
    for (; !beyond && w->count < MOST && first < INT64_MAX / 10;
         first *= 10, count *= 10) {
        for (int64_t at = first - 1; !beyond && w->count < MOST;) {
            AUTO_PICTURE struct picture p = PICTURE_INIT;
            int found = catalog_picture_after(w->app->catalog, at, &p, err);
            if (found < 0) {
                return -1;
            }
            beyond = found == 0;
            if (beyond || p.id >= first + count) {
                break;
            }
            offer_picture(w, &p);
            at = p.id;
        }
    }
    return 0;
}

static int offer_pictures(struct words *w, struct error *err)
{
    struct selection all = { .search = NULL };
    struct page newest = { .limit = MOST, .rows_only = true };
    int64_t first;
    if (*w->prefix == '\0') {
        return catalog_select(w->app->catalog, &all, &newest, offer_newest, w, err);
    }
    return text_parse_int(w->prefix, 1, INT64_MAX, &first) ? offer_ids_from(w, first, err)
                                                           : 0;
}

static int offer_business(void *cookie, const struct business *b)
{
    AUTO_FREE char *pictures = mem_printf("%" PRId64 " pictures", b->pictures);
    offer(cookie, b->name, pictures);
    return 0;
}

static int offer_businesses(struct words *w, struct error *err)
{
    return catalog_businesses(w->app->catalog, offer_business, w, err);
}

static int offer_tags(struct words *w, struct error *err)
{
    AUTO_FREE char *from = mem_strdup(w->prefix);
    for (bool after = false; w->count < MOST; after = true) {
        AUTO_FREE char *tag = NULL;
        int found = catalog_tag_from(w->app->catalog, from, after, &tag, err);
        if (found <= 0 || strncmp(tag, w->prefix, strlen(w->prefix)) != 0) {
            return found < 0 ? -1 : 0;
        }
        offer(w, tag, NULL);
        free(from);
        from = tag;
        tag = NULL;
    }
    return 0;
}

static int offer_account(void *cookie, const struct account *a)
{
    offer(cookie, a->name, NULL);
    return 0;
}

static int offer_accounts(struct words *w, struct error *err)
{
    return catalog_accounts(w->app->catalog, offer_account, w, err);
}

static int offer_job(void *cookie, const struct job *j)
{
    AUTO_FREE char *id = mem_printf("%" PRId64, j->id);
    AUTO_FREE char *what = mem_printf("%s: %s", job_state_name(j->state), j->prompt);
    offer(cookie, id, what);
    return 0;
}

static int offer_jobs(struct words *w, struct error *err)
{
    return catalog_jobs(w->app->catalog, 0, MOST, offer_job, w, err);
}

static int offer_settings(struct words *w, struct error *err)
{
    (void)err;
    for (size_t i = 0; i < settings_count; i++) {
        offer(w, settings[i].key, settings[i].help);
    }
    return 0;
}

static int offer_models(struct words *w, struct error *err)
{
    struct models *models;
    if (models_load(w->app->config, &models, err) < 0) {
        return -1;
    }
    const struct model *m;
    for (size_t i = 0; (m = models_at(models, i)); i++) {
        offer(w, m->id, m->status == MODEL_RETIRED ? "retired" : m->family);
    }
    models_free(models);
    return 0;
}

static int offer_profiles(struct words *w, struct error *err)
{
    AUTO_STRLIST struct strlist names = STRLIST_INIT;
    int result = profile_names(w->app->config, &names, err);
    for (size_t i = 0; result == 0 && i < names.len; i++) {
        offer(w, names.items[i], NULL);
    }
    return result;
}

static const struct kind {
    const char *name;
    bool in_catalog;
    int (*offer)(struct words *w, struct error *err);
} kinds[] = {
    { "picture", true, offer_pictures },    { "business", true, offer_businesses },
    { "tag", true, offer_tags },            { "account", true, offer_accounts },
    { "setting", false, offer_settings },   { "model", false, offer_models },
    { "profile", false, offer_profiles },   { "job", true, offer_jobs },
};

static const struct kind *find(const char *name)
{
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (strcmp(kinds[i].name, name) == 0) {
            return &kinds[i];
        }
    }
    return NULL;
}

int complete_print(struct app *app, const char *kind, const char *prefix,
                   struct error *err)
{
    struct words w = { .app = app, .prefix = prefix, .out = BUF_INIT };
    const struct kind *k = find(kind);
    if (!k) {
        return error_set(err, ERROR_USAGE, "nothing is known of the kind \"%s\"", kind);
    }
    if (k->in_catalog && app_open_catalog_if_there(app, err) < 0) {
        return -1;
    }
    int result = k->in_catalog && !app->catalog ? 0 : k->offer(&w, err);
    output_write(&w.out);
    buf_release(&w.out);
    return result;
}
