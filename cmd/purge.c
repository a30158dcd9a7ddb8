#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include "commands.h"
#include "imgctl/clock.h"
#include "imgctl/mem.h"
#include "imgctl/report.h"
#include "pictures.h"

struct purge_args {
    int64_t older_than, max_delete;
    const char *business;
    bool yes, dry_run, include_published;
    struct output_args output;
};

static const struct option options[] = {
    { OPT_DURATION(struct purge_args, older_than), .name = "older-than", .value = "AGE",
      .fallback = "30d", .help = "only what was deleted this long ago" },
    { OPT_TEXT(struct purge_args, business), .name = "business", .value = "NAME",
      .complete = COMPLETE_BUSINESS, .help = "only pictures of this business" },
    { OPT_FLAG(struct purge_args, include_published), .name = "include-published",
      .help = "also pictures that were posted" },
    { OPT_FLAG(struct purge_args, yes), .letter = 'y', .name = "yes",
      .help = "do not ask" },
    { OPT_INT(struct purge_args, max_delete), .name = "max-delete", .value = "N",
      .min = 0, .max = INT64_MAX, .config = "delete.max",
      .help = "without a terminal, refuse to remove more at once" },
    { OPT_FLAG(struct purge_args, dry_run), .letter = 'n', .name = "dry-run",
      .help = "say what would be removed" },
    { .name = NULL },
};

static const char *const examples[] = {
    "imgctl purge --dry-run",
    "imgctl purge --older-than 90d --yes --max-delete 1000",
    NULL,
};

struct ids {
    int64_t *items;
    size_t count;
    int64_t before; /* when they were deleted */
};

/* What an interrupted removal left, then what is old enough; each once. */
static int collect(struct app *app, const struct purge_args *args, struct ids *ret,
                   struct error *err)
{
    struct ids open = { NULL, 0, 0 }, old = { NULL, 0, 0 };
    ret->before = clock_now() - args->older_than;
    int result = catalog_removals(app->catalog, &open.items, &open.count, err);
    if (result == 0) {
        result = catalog_deleted_before(app->catalog, ret->before, args->business,
                                        &old.items, &old.count, err);
    }
    if (result == 0) {
        ret->items = mem_array(open.count + old.count, sizeof *ret->items);
        for (size_t k = 0; k < open.count; k++) {
            ret->items[ret->count++] = open.items[k];
        }
        for (size_t i = 0; i < old.count; i++) {
            bool twice = false;
            for (size_t k = 0; k < open.count; k++) {
                twice |= open.items[k] == old.items[i];
            }
            if (!twice) {
                ret->items[ret->count++] = old.items[i];
            }
        }
    }
    free(open.items);
    free(old.items);
    return result;
}

struct purge {
    struct app *app;
    const struct purge_args *args;
    int64_t before;
    struct open_stores stores;
    struct report report;
};

/* What another process has removed meanwhile, or brought back, is no item. */
static int purge_one(struct purge *purge, const char *operand, int64_t id,
                     struct error *err)
{
    AUTO_PICTURE struct picture p = PICTURE_INIT;
    struct app *app = purge->app;
    bool dry_run = purge->args->dry_run;
    int found = catalog_picture(app->catalog, id, &p, err);
    if (found <= 0) {
        return found;
    }
    if (!purge->args->include_published && picture_keep_published(app, id, err) < 0) {
        return -1;
    }
    int removed =
        dry_run ? 1 : picture_remove(app, &purge->stores, &p, purge->before, err);
    if (removed <= 0) {
        return removed;
    }
    report_done(&purge->report, &(struct report_item){
                                    .input = operand,
                                    .id = id,
                                    .status = dry_run ? "planned" : "deleted",
                                    .record = &p,
                                    .bytes = p.file_size_bytes,
                                    .label = p.original_filename,
                                });
    return 0;
}

static int purge_all(struct app *app, const struct purge_args *args,
                     const struct ids *ids, struct error *err)
{
    struct purge purge = { .app = app, .args = args, .before = ids->before };
    if ((!args->dry_run &&
         confirm_deletion(app, ids->count, args->max_delete, args->yes, true, err) < 0) ||
        report_begin(&purge.report, &args->output, &picture_type, "image", args->dry_run,
                     err) < 0) {
        return -1;
    }
    for (size_t i = 0; i < ids->count; i++) {
        struct error one = ERROR_INIT;
        char operand[24];
        snprintf(operand, sizeof operand, "%" PRId64, ids->items[i]);
        if (purge_one(&purge, operand, ids->items[i], &one) < 0) {
            report_failed(&purge.report, operand, ids->items[i], &one);
        }
    }
    open_stores_close(&purge.stores);
    return report_end(&purge.report, NULL);
}

static int run(struct app *app, void *arguments, struct error *err)
{
    const struct purge_args *args = arguments;
    struct ids ids = { NULL, 0, 0 };
    if (app->catalog && collect(app, args, &ids, err) < 0) {
        return -1;
    }
    int result = purge_all(app, args, &ids, err);
    free(ids.items);
    return result;
}

const struct command cmd_purge = {
    .name = "purge",
    .summary = "remove deleted pictures for good",
    .group = "Library",
    .args_size = sizeof(struct purge_args),
    .sets = {
        { options, 0, NULL },
        { output_work_options, offsetof(struct purge_args, output), "Output" },
    },
    .examples = examples,
    .needs = NEEDS_CATALOG_IF_THERE,
    .run = run,
};
