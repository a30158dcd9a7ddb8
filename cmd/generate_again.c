/* What was bought before is not bought again unless somebody says so. */
#include <inttypes.h>
#include <string.h>

#include "generate.h"
#include "imgctl/clock.h"
#include "imgctl/mem.h"

/* 1 is yes; where nobody can be asked, --again says it. */
static int ask_again(const struct app *app, const char *question, const char *hint,
                     struct error *err)
{
    int answer = app_ask(app, question, "--again", err);
    if (answer == 0) {
        error_set(err, ERROR_QUESTION, "nothing was sent");
        error_hint(err, "%s", hint);
    }
    return answer > 0 ? 1 : -1;
}

/* Bought within a day: asked about, or refused where nobody can be asked. 1: it was, and
 * is bought again; 0; -1. */
static int check_alike(struct app *app, const struct order *o, struct error *err)
{
    AUTO_JOB struct job j = JOB_INIT;
    char when[32];
    int64_t now = clock_now();
    if (o->estimate == 0) {
        return 0;
    }
    int found =
        catalog_job_alike(app->catalog, o->fingerprint, now - GENERATE_ALIKE_MS, &j, err);
    if (found <= 0) {
        return found;
    }
    clock_relative(when, j.created_at, now);
    AUTO_FREE char *question = mem_printf("the same was bought before (%s, job %" PRId64
                                          "); buy it again?", when, j.id);
    AUTO_FREE char *hint =
        mem_printf("what came of it before: imgctl jobs show %" PRId64, j.id);
    return ask_again(app, question, hint, err);
}

/* Two equal prompts of one list would be bought twice as well. 1, 0, -1. */
static int check_twins(const struct app *app, const struct generate_work *w,
                       struct error *err)
{
    for (size_t i = 0; i < w->count && w->most > 0; i++) {
        for (size_t k = 0; k < i; k++) {
            if (strcmp(w->orders[i].fingerprint, w->orders[k].fingerprint) == 0) {
                const struct prompt *p = w->prompts->items;
                AUTO_FREE char *question =
                    mem_printf("line %zu asks for the same as line %zu; buy both?",
                               p[i].number, p[k].number);
                return ask_again(app, question, "take one of them out of the list", err);
            }
        }
    }
    return 0;
}

int generate_check_again(const struct generate_work *w, struct generate_options *o,
                         struct error *err)
{
    bool again = w->args->again;
    int agreed = again;
    for (size_t i = 0; !again && i < w->count; i++) {
        int alike = check_alike(w->app, &w->orders[i], err);
        if (alike < 0) {
            return -1;
        }
        agreed |= alike;
    }
    int twins = again ? 0 : check_twins(w->app, w, err);
    agreed |= twins > 0;
    o->alike_since = agreed ? 0 : clock_now() - GENERATE_ALIKE_MS;
    return twins < 0 ? -1 : 0;
}
