/*
 * `imgctl` alone: what there is, what is unfinished, how to go on.
 */
#include <inttypes.h>

#include "app.h"
#include "commands.h"
#include "imgctl/budget.h"
#include "imgctl/output.h"
#include "imgctl/text.h"

static void print_start(struct buf *out, const struct app *app)
{
    buf_addf(out,
             "No pictures yet. The catalog will be %s,\n"
             "the pictures go to the store \"%s\".\n\n"
             "  imgctl upload FILE...     check and store pictures\n"
             "  imgctl generate PROMPT    make them\n"
             "  imgctl help               all commands\n",
             app->catalog_path, store_default(app->config));
}

/* Of this month, where money was spent or may not be. */
static void print_money(struct buf *out, const struct budget *budget, int64_t month)
{
    if (month == 0 && budget->month < 0) {
        return;
    }
    money_print(out, month);
    buf_addstr(out, " spent or reserved this month");
    if (budget->month >= 0) {
        buf_addstr(out, ", of ");
        money_print(out, budget->month);
    }
    buf_addstr(out, ": imgctl cost --budget\n");
}

static void print_counts(struct buf *out, const struct app *app,
                         const struct catalog_summary *s, const struct budget *budget,
                         int64_t month)
{
    char size[16];
    text_format_size(size, s->bytes);
    buf_addf(out, "%" PRId64 " picture%s, %s", s->live, s->live == 1 ? "" : "s", size);
    buf_addf(out,
             "  (%" PRId64 " local, %" PRId64 " cloudinary, %" PRId64 " generated)\n",
             s->local, s->cloudinary, s->ai);
    buf_addf(out, "catalog %s, new ones go to %s\n", app->catalog_path,
             store_default(app->config));
    if (s->deleted > 0) {
        buf_addf(out, "%" PRId64 " deleted: imgctl list --deleted, restore, purge\n",
                 s->deleted);
    }
    if (s->transfers > 0) {
        buf_addf(out, "%" PRId64 " upload%s unfinished: imgctl upload --list-failed,"
                      " or the same imgctl upload again\n",
                 s->transfers, s->transfers == 1 ? "" : "s");
    }
    if (s->removals > 0) {
        buf_addf(out, "%" PRId64 " deletion%s unfinished: imgctl purge\n", s->removals,
                 s->removals == 1 ? "" : "s");
    }
    if (s->jobs > 0) {
        buf_addf(out, "%" PRId64 " generation%s unfinished: imgctl jobs\n", s->jobs,
                 s->jobs == 1 ? "" : "s");
    }
    print_money(out, budget, month);
    buf_addstr(out, "\n  imgctl list               the newest\n"
                    "  imgctl upload FILE...     more\n"
                    "  imgctl help               all commands\n");
}

int status_screen(struct app *app, struct error *err)
{
    AUTO_BUF struct buf text = BUF_INIT;
    struct catalog_summary summary = { .live = 0 };
    struct spending spent = { .month = 0 };
    struct budget budget;
    if (app_open_catalog_if_there(app, err) < 0 ||
        (app->catalog && (catalog_summary(app->catalog, &summary, err) < 0 ||
                          catalog_spending(app->catalog, 0, &spent, err) < 0)) ||
        budget_load(app->config, NULL, 0, &budget, err) < 0) {
        return -1;
    }
    if (summary.live + summary.deleted + summary.transfers + summary.removals +
            summary.jobs + spent.month > 0) {
        print_counts(&text, app, &summary, &budget, spent.month);
    } else {
        print_start(&text, app);
    }
    output_write(&text);
    return 0;
}
