/* upload --forget-failed: uploads that will never be finished. */
#include <stdlib.h>
#include <string.h>

#include "imgctl/clock.h"
#include "imgctl/file.h"
#include "imgctl/inputs.h"
#include "imgctl/mem.h"
#include "imgctl/report.h"
#include "pictures.h"
#include "upload_run.h"

#define UNDER_WAY ((int64_t)60 * 60 * 1000) /* ms; one without an error may be, so long */

/* Those to forget. They are collected before the journal is changed. */
struct choice {
    struct catalog *catalog;
    const char *source; /* as the journal has it; NULL: those whose source is gone */
    struct transfer *transfers; /* id and attempts */
    struct strlist sources;
    size_t room;
};

static bool is_wanted(const struct choice *c, const struct transfer *t)
{
    bool is_over = t->error || t->started_at < clock_now() - UNDER_WAY;
    const char *source = t->source ? t->source : "-";
    if (!is_over || strncmp(source, "job ", 4) == 0) {
        return false; /* a job's picture is paid for, and jobs finish or prune it */
    }
    return c->source ? strcmp(source, c->source) == 0
                     : upload_source_gone(c->catalog, t);
}

static int choose(void *cookie, const struct transfer *t)
{
    struct choice *c = cookie;
    if (is_wanted(c, t)) {
        if (c->sources.len == c->room) {
            c->room = c->room ? 2 * c->room : 16;
            c->transfers = mem_resize(c->transfers, c->room, sizeof *c->transfers);
        }
        c->transfers[c->sources.len] =
            (struct transfer){ .id = t->id, .attempts = t->attempts };
        strlist_add(&c->sources, t->source ? t->source : "-");
    }
    return 0;
}

/* One that is tried again by now is under way, and stays. */
static void forget(const struct choice *c, struct report *report, const char *operand)
{
    struct error err = ERROR_INIT;
    for (size_t i = 0; i < c->sources.len; i++) {
        const char *input = operand ? operand : c->sources.items[i];
        const char *status = "planned";
        if (!report->dry_run) {
            int ended = catalog_transfer_end(c->catalog, &c->transfers[i], &err);
            if (ended < 0) {
                report_failed(report, input, 0, &err);
                return;
            }
            status = ended ? "forgotten" : "skipped";
        }
        report_done(report, &(struct report_item){ .input = input, .status = status });
    }
}

/* SOURCE is what the journal may call OPERAND; both NULL: all that are gone. 1 if there
 * was any, 0, -1. */
static int forget_chosen(struct catalog *catalog, struct report *report,
                         const char *operand, const char *source, struct error *err)
{
    struct choice c = { .catalog = catalog, .source = source, .sources = STRLIST_INIT };
    int result = catalog ? catalog_transfers(catalog, choose, &c, err) : 0;
    if (result == 0) {
        forget(&c, report, operand);
        result = c.sources.len > 0;
    }
    strlist_release(&c.sources);
    free(c.transfers);
    return result;
}

/* As it was given (a URL, "picture 7", -), or as a path. */
static void forget_one(struct catalog *catalog, struct report *report,
                       const char *operand)
{
    struct error err = ERROR_INIT;
    int found = forget_chosen(catalog, report, operand, operand, &err);
    if (found == 0 && operand[0] != '/' && !input_may_wait(operand)) {
        AUTO_FREE char *path = file_absolute(operand);
        found = path ? forget_chosen(catalog, report, operand, path, &err) : 0;
    }
    if (found == 0) {
        error_set(&err, ERROR_NOT_FOUND, "no upload of it has failed");
        error_hint(&err, "imgctl upload --list-failed shows those that have");
    }
    if (found <= 0) {
        report_failed(report, operand, 0, &err);
    }
}

int upload_forget_failed(struct app *app, const struct strlist *operands, bool dry_run,
                         const struct output_args *args, struct error *err)
{
    struct report report;
    if (report_begin(&report, args, &picture_type, "image", dry_run, err) < 0) {
        return -1;
    }
    for (size_t i = 0; i < operands->len; i++) {
        forget_one(app->catalog, &report, operands->items[i]);
    }
    if (operands->len == 0 && forget_chosen(app->catalog, &report, NULL, NULL, err) < 0) {
        output_abandon(&report.out);
        return -1;
    }
    return report_end(&report, NULL);
}
