#include "imgctl/push.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "imgctl/ids.h"
#include "imgctl/mem.h"
#include "imgctl/report.h"
#include "imgctl/text.h"
#include "pictures.h"

struct push_args {
    struct strlist operands;
    bool all, remove_local, dry_run;
    int strip;
    struct select_args select;
    struct output_args output;
};

/* In the order of enum image_strip, behind the one that is decided here. */
static const char *const strip_names[] = { "auto", "none", "gps", "all", NULL };

static const struct option options[] = {
    { OPT_FLAG(struct push_args, all), .name = "all",
      .help = "every picture of the local store" },
    { OPT_FLAG(struct push_args, remove_local), .name = "remove-local",
      .help = "remove the local bytes once Cloudinary has handed out the same" },
    { OPT_CHOICE(struct push_args, strip), .name = "strip", .value = "WHAT",
      .choices = strip_names, .config = "upload.strip",
      .help = "take metadata out before sending: gps (auto means that), all or none; "
              "pixels are not touched" },
    { OPT_FLAG(struct push_args, dry_run), .letter = 'n', .name = "dry-run",
      .help = "say what would be sent" },
    { .name = NULL },
};

static const struct operand operands[] = {
    { OPERAND_MANY(struct push_args, operands), .name = "ID",
      .complete = COMPLETE_PICTURE, .help = "a picture; - for ids on standard input" },
    { .name = NULL },
};

static const char *const examples[] = {
    "imgctl push 42 43",
    "imgctl push --all --dry-run",
    "imgctl push --tag autumn --created -7d.. --remove-local",
    "imgctl list --all --ids --store local --bytes 1M.. | imgctl push -",
    NULL,
};

/* ---- Which pictures ---- */

static bool is_range(const struct range *r)
{
    return r->has_min || r->has_max;
}

static bool has_filters(const struct select_args *s)
{
    return s->search || s->business || s->store || s->ai || s->uploaded || s->tags.len ||
           is_range(&s->created) || is_range(&s->width) || is_range(&s->height) ||
           is_range(&s->bytes) || s->ratio.has_min || s->ratio.has_max;
}

static int check_args(const struct push_args *args, struct error *err)
{
    bool selects = args->all || has_filters(&args->select);
    if (args->select.deleted) {
        return error_set(err, ERROR_USAGE, "deleted pictures are not pushed");
    }
    if (args->select.ai && args->select.uploaded) {
        return error_set(err, ERROR_USAGE, "--ai and --uploaded exclude each other");
    }
    if (selects && args->operands.len > 0) {
        return error_set(err, ERROR_USAGE, "name pictures or select them, not both");
    }
    if (!selects && args->operands.len == 0) {
        error_set(err, ERROR_USAGE, "there is nothing to push");
        return error_hint(err, "name pictures, select some as in imgctl list, or --all");
    }
    return 0;
}

struct ids {
    int64_t *items;
    size_t count, room;
};

static int take_id(void *cookie, const struct picture *p)
{
    struct ids *ids = cookie;
    if (ids->count == ids->room) {
        ids->room = ids->room ? 2 * ids->room : 256;
        ids->items = mem_resize(ids->items, ids->room, sizeof *ids->items);
    }
    ids->items[ids->count++] = p->id;
    return 0;
}

/* ---- Pushing ---- */

struct work {
    struct app *app;
    struct pusher push;
    struct report report;
    bool selected; /* what is there already was not asked for by name */
};

static void report_one(struct work *w, const char *operand, enum push_status status,
                       int64_t other, const struct picture *p)
{
    static const char *const names[] = { "pushed", "skipped", "removed", "duplicate",
                                         "planned" };
    char size[16], facts[64], remark[320] = "";
    text_format_size(size, p->file_size_bytes);
    snprintf(facts, sizeof facts, "%5" PRId64 "x%-5" PRId64 "  %8s", p->width, p->height,
             size);
    if (status == PUSH_DUPLICATE) {
        snprintf(remark, sizeof remark, "of %" PRId64, other);
    } else if (status == PUSH_DONE) {
        snprintf(remark, sizeof remark, "as %s",
                 p->cloudinary_public_id ? p->cloudinary_public_id : p->storage_url);
    } else if (status == PUSH_SKIPPED) {
        snprintf(remark, sizeof remark, "in %s already", p->storage_provider);
    }
    report_done(&w->report, &(struct report_item){
                                .input = operand,
                                .id = p->id,
                                .status = names[status],
                                .record = p,
                                .bytes = status == PUSH_DONE ? p->file_size_bytes : 0,
                                .label = p->original_filename,
                                .facts = facts,
                                .detail = p->storage_url,
                                .remark = remark[0] ? remark : NULL,
                                .silent = status == PUSH_SKIPPED && w->selected,
                            });
}

static void push_one(struct work *w, const char *operand)
{
    AUTO_PICTURE struct picture p = PICTURE_INIT;
    struct error err = ERROR_INIT;
    enum push_status status = PUSH_SKIPPED;
    int64_t other = 0, id = 0;
    int result = ids_find(w->app->catalog, operand, &p, &err);
    if (result == 0) {
        id = p.id;
        result = push_picture(&w->push, &p, &status, &other, &err);
    }
    if (result < 0) {
        report_failed(&w->report, operand, id, &err);
    } else {
        report_one(w, operand, status, other, &p);
    }
}

/* The ids are read first: a selection that is walked must not be changed. */
static int push_selected(struct work *w, const struct push_args *args, struct error *err)
{
    struct selection s = select_from_args(&args->select);
    struct page page = { .sort = SORT_ID, .reverse = true };
    struct ids ids = { .count = 0 };
    if (!s.store && !args->remove_local) {
        s.store = "local";
    }
    int result = w->app->catalog ? catalog_select(w->app->catalog, &s, &page, take_id,
                                                  &ids, err)
                                 : 0;
    for (size_t i = 0; result == 0 && i < ids.count; i++) {
        char operand[24];
        snprintf(operand, sizeof operand, "%" PRId64, ids.items[i]);
        push_one(w, operand);
    }
    free(ids.items);
    return result;
}

static int push_all(struct work *w, const struct push_args *args,
                    const struct strlist *ids, struct error *err)
{
    if (report_begin(&w->report, &args->output, &picture_type, "image", args->dry_run,
                     err) < 0) {
        return -1;
    }
    if (w->selected && push_selected(w, args, err) < 0) {
        output_abandon(&w->report.out);
        return -1;
    }
    for (size_t i = 0; i < ids->len; i++) {
        push_one(w, ids->items[i]);
    }
    return report_end(&w->report, NULL);
}

static int run(struct app *app, void *arguments, struct error *err)
{
    const struct push_args *args = arguments;
    AUTO_STRLIST struct strlist ids = STRLIST_INIT;
    struct work w = {
        .app = app,
        .selected = args->operands.len == 0,
        .push = {
            .catalog = app->catalog,
            .strip = args->strip > 0 ? (enum image_strip)(args->strip - 1) : STRIP_GPS,
            .remove_source = args->remove_local,
            .dry_run = args->dry_run,
        },
    };
    if (check_args(args, err) < 0 ||
        ids_expand(app->catalog, &args->operands, &ids, err) < 0 ||
        app_store(app, "cloudinary", &w.push.to, err) < 0) {
        return -1;
    }
    int result = app_store(app, "local", &w.push.from, err);
    if (result == 0) {
        result = push_all(&w, args, &ids, err);
    }
    store_close(w.push.from);
    store_close(w.push.to);
    return result;
}

const struct command cmd_push = {
    .name = "push",
    .summary = "send pictures of the local store to Cloudinary, keeping their ids",
    .group = "Library",
    .args_size = sizeof(struct push_args),
    .sets = {
        { options, 0, NULL },
        { select_options, offsetof(struct push_args, select), "Filters" },
        { output_work_options, offsetof(struct push_args, output), "Output" },
    },
    .operands = operands,
    .examples = examples,
    .needs = NEEDS_CATALOG_IF_THERE,
    .run = run,
};
