#include "pick.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "copy.h"
#include "imgctl/ids.h"
#include "imgctl/mem.h"
#include "imgctl/text.h"
#include "pick_form.h"
#include "verdict.h"

struct pick_args {
    struct select_args select;
    struct output_args output;
    bool multi, require_ig, paths, fzf, copy;
    int64_t max;
    int protocol;
};

static const char *const protocols[] = { "auto", "kitty", "iterm2", "sixel", "blocks",
                                         "256",  "16",    "ascii",  NULL };

static const struct option options[] = {
    { OPT_FLAG(struct pick_args, multi), .name = "multi",
      .help = "several may be chosen" },
    { OPT_INT(struct pick_args, max), .name = "max", .value = "N", .min = 1,
      .max = 1000000, .help = "up to N may be chosen" },
    { OPT_FLAG(struct pick_args, require_ig), .name = "require-ig",
      .help = "only what Instagram would take can be chosen" },
    { OPT_FLAG(struct pick_args, fzf), .name = "fzf",
      .help = "let fzf do the choosing, with preview as its previewer" },
    { OPT_CHOICE(struct pick_args, protocol), .name = "protocol", .value = "HOW",
      .choices = protocols, .fallback = "auto",
      .help = "draw by this graphics protocol: kitty, iterm2, sixel, blocks, 256, 16 or "
              "ascii; auto: the best that the terminal is known to show" },
    { OPT_FLAG(struct pick_args, copy), .name = "copy",
      .help = "copy to the clipboard where the originals are, too" },
    { OPT_FLAG(struct pick_args, paths), .name = "paths",
      .help = "print the files of pictures in the local store, one a line" },
    { .name = NULL },
};

static const char *const examples[] = {
    "imgctl pick",
    "url=$(imgctl pick --urls --require-ig)",
    "imgctl pick --multi --tag autumn | imgctl get -",
    NULL,
};

/* ---- What was chosen ---- */

static int print_path(const struct picture *p, struct buf *out, char end,
                      struct error *err)
{
    static const char scheme[] = "file://";
    if (!p->storage_url || strncmp(p->storage_url, scheme, sizeof scheme - 1) != 0) {
        error_set(err, ERROR_USAGE, "picture %lld is in %s: it has no path",
                  (long long)p->id, p->storage_provider);
        return error_hint(err, "imgctl get copies it");
    }
    text_percent_decode(out, p->storage_url + sizeof scheme - 1);
    buf_addch(out, end);
    return 0;
}

/* What was chosen may be gone by now. */
static int load_chosen(struct app *app, int64_t id, struct picture *ret,
                       struct error *err)
{
    int found = catalog_picture(app->catalog, id, ret, err);
    return found == 0 ? error_set(err, ERROR_NOT_FOUND,
                                  "picture %lld was deleted for good meanwhile",
                                  (long long)id)
                      : found;
}

static int print_paths(struct app *app, const struct pick_args *args,
                       const struct chooser *c, struct error *err)
{
    AUTO_BUF struct buf out = BUF_INIT;
    for (size_t i = 0; i < c->mark_count; i++) {
        AUTO_PICTURE struct picture p = PICTURE_INIT;
        if (load_chosen(app, c->marks[i], &p, err) < 0 ||
            print_path(&p, &out, args->output.null ? '\0' : '\n', err) < 0) {
            return -1;
        }
    }
    output_write(&out);
    return 0;
}

static int print_chosen(struct app *app, const struct pick_args *args,
                        const struct chooser *c, struct error *err)
{
    struct output_args as = args->output;
    struct output out;
    as.ids |= !as.json && !as.jsonl && !as.urls && !as.format;
    if (args->paths) {
        return print_paths(app, args, c, err);
    }
    if (output_begin(&out, &as, &picture_type, err) < 0) {
        return -1;
    }
    output_open(&out, NULL);
    for (size_t i = 0; i < c->mark_count; i++) {
        AUTO_PICTURE struct picture p = PICTURE_INIT;
        if (load_chosen(app, c->marks[i], &p, err) < 0) {
            output_abandon(&out);
            return -1;
        }
        output_record(&out, &p);
    }
    output_close(&out);
    output_end(&out);
    return 0;
}

/* ---- Choosing ---- */

/* Returns the exit code. */
static int copy_chosen(struct app *app, const struct chooser *c, struct error *err)
{
    AUTO_BUF struct buf links = BUF_INIT;
    for (size_t i = 0; i < c->mark_count; i++) {
        AUTO_PICTURE struct picture p = PICTURE_INIT;
        if (load_chosen(app, c->marks[i], &p, err) < 0) {
            return -1;
        }
        copy_add(&links, p.storage_url);
    }
    return copy_finish(&links, 0);
}

static int check_args(const struct pick_args *args, struct error *err)
{
    const struct output_args *o = &args->output;
    if (select_check(&args->select, err) < 0) {
        return -1;
    }
    if (args->paths && (o->json || o->jsonl || o->ids || o->urls || o->format)) {
        return error_set(err, ERROR_USAGE, "--paths excludes other formats");
    }
    return 0;
}

static void set_options(struct pick_options *o, const struct app *app,
                        const struct pick_args *args)
{
    o->selection = select_from_args(&args->select);
    o->multi = args->multi || args->max > 1;
    o->max = args->max > 0 ? args->max : o->multi ? 0 : 1;
    o->require_ig = args->require_ig;
    o->business = args->select.business ? args->select.business
                                        : config_text(app->config, "business");
    o->store = args->select.store;
    o->protocol = args->protocol == 0 ? -1 : GRAPHICS_KITTY - (args->protocol - 1);
    if (args->paths && !o->selection.store) {
        o->selection.store = o->store = "local";
    }
}

/* 1: chosen; 0: left. */
static int choose(struct app *app, const struct pick_options *o, struct chooser *c,
                  struct error *err)
{
    struct pick p = { .app = app, .options = o, .chooser = *c, .folder = FOLDER_INIT };
    if (profile_load(app->config, VERDICT_PROFILE, &p.profile, err) < 0 &&
        o->require_ig) {
        return -1;
    }
    terminal_look(&p.terminal, -1, output_color_of_tty());
    int result = pick_run(&p, err);
    profile_free(p.profile);
    folder_release(&p.folder);
    form_close(p.form);
    *c = p.chooser;
    return result < 0 ? -1 : p.accepted;
}

static int run(struct app *app, void *arguments, struct error *err)
{
    const struct pick_args *args = arguments;
    struct pick_options o = { .multi = false };
    struct chooser c;
    if (check_args(args, err) < 0) {
        return -1;
    }
    set_options(&o, app, args);
    chooser_init(&c, app->catalog, &o.selection);
    c.max = (size_t)o.max;
    int result = args->fzf ? pick_by_fzf(app, &o, &c, err) : choose(app, &o, &c, err);
    if (result > 0) {
        result = ids_remember_picked(app->catalog, c.marks, c.mark_count, err) < 0 ||
                         print_chosen(app, args, &c, err) < 0
                     ? -1
                     : 1;
    }
    int status = result < 0 ? -1 : result > 0 ? 0 : 130;
    if (status == 0 && args->copy) {
        status = copy_chosen(app, &c, err);
    }
    chooser_release(&c);
    return status;
}

const struct command cmd_pick = {
    .name = "pick",
    .summary = "choose pictures in the terminal",
    .group = "Library",
    .args_size = sizeof(struct pick_args),
    .sets = {
        { options, 0, NULL },
        { select_options, offsetof(struct pick_args, select), "Filters" },
        { output_work_options, offsetof(struct pick_args, output), "Output" },
    },
    .examples = examples,
    .needs = NEEDS_CATALOG_IF_THERE,
    .run = run,
};
