#include "fix.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "commands.h"
#include "imgctl/file.h"
#include "imgctl/ids.h"
#include "imgctl/inputs.h"
#include "imgctl/mem.h"
#include "imgctl/text.h"
#include "imgctl/validate.h"
#include "operands.h"
#include "repairing.h"

#define DEFAULT_PROFILE "instagram-feed"
#define CAROUSEL_PROFILE "instagram-carousel"

struct fix_args {
    struct strlist operands, tags;
    const char *profile, *background, *to, *name, *business, *store;
    int fit, gravity, format, strip;
    struct ratio_range ratio;
    int64_t max_width, max_height, max_bytes, quality;
    bool carousel, enlarge, strict, dry_run, force, allow_private;
    struct batch_args batch;
    struct output_args output;
};

static const char *const strip_names[] = { "auto", "gps", "all", "none", NULL };

static const struct option options[] = {
    { OPT_TEXT(struct fix_args, profile), .name = "for", .value = "PROFILE",
      .complete = COMPLETE_PROFILE,
      .help = "the platform's rules to keep (default: instagram-feed)" },
    { OPT_FLAG(struct fix_args, carousel), .name = "carousel",
      .help = "the pictures are posted together: all get the ratio of the first" },
    { OPT_CHOICE(struct fix_args, fit), .name = "fit", .value = "HOW",
      .choices = fix_fits, .config = "fix.fit",
      .help = "how a ratio is repaired: crop cuts off, pad puts a colour around, blur"
              " the blurred picture itself, scale stretches" },
    { OPT_CHOICE(struct fix_args, gravity), .name = "gravity", .value = "WHERE",
      .choices = fix_gravities, .fallback = "center",
      .help = "the part that stays when something is cut off; auto is the one with most "
              "detail" },
    { OPT_TEXT(struct fix_args, background), .name = "background", .value = "COLOUR",
      .help = "under transparency and around pictures: a name or #rrggbb (default:"
              " white)" },
    { OPT_RATIO_RANGE(struct fix_args, ratio), .name = "ratio", .value = "W:H",
      .help = "exactly this ratio, such as 4:5; goes with --fit" },
    { OPT_INT(struct fix_args, max_width), .name = "max-width", .value = "N", .min = 1,
      .max = 65535, .help = "at most N pixels wide" },
    { OPT_INT(struct fix_args, max_height), .name = "max-height", .value = "N", .min = 1,
      .max = 65535, .help = "at most N pixels high" },
    { OPT_CHOICE(struct fix_args, format), .name = "as", .value = "FORMAT",
      .choices = format_names,
      .help = "make it jpeg, png or webp; --format jpeg means the same" },
    { OPT_INT(struct fix_args, quality), .name = "quality", .value = "Q", .min = 1,
      .max = 100,
      .help = "encode in this quality, less where the bytes do not fit; also what would "
              "be left as it is" },
    { OPT_SIZE(struct fix_args, max_bytes), .name = "max-bytes", .value = "SIZE",
      .help = "at most so many bytes" },
    { OPT_CHOICE(struct fix_args, strip), .name = "strip", .value = "WHAT",
      .choices = strip_names,
      .help = "metadata to take out where pixels stay as they are: gps, all, none; auto"
              " is what the rules warn of" },
    { OPT_FLAG(struct fix_args, enlarge), .name = "enlarge",
      .help = "scale up what is too small" },
    { OPT_FLAG(struct fix_args, strict), .name = "strict",
      .help = "keep limits that the platform does not document, too" },
    { OPT_TEXT(struct fix_args, to), .letter = 'o', .name = "output", .value = "FILE|DIR",
      .complete = COMPLETE_FILE,
      .help = "write a file and store nothing; - is standard output" },
    { OPT_FLAG(struct fix_args, force), .letter = 'f', .name = "force",
      .help = "replace files that are there; never the original" },
    { OPT_LIST(struct fix_args, tags), .name = "tag", .value = "TAG,...",
      .complete = COMPLETE_TAG,
      .help = "tag the new pictures, besides their sources' tags" },
    { OPT_TEXT(struct fix_args, name), .name = "name", .value = "NAME",
      .help = "file name of the new picture (for one)" },
    { OPT_TEXT(struct fix_args, business), .name = "business", .value = "NAME",
      .complete = COMPLETE_BUSINESS, .config = "business",
      .help = "the business that files and URLs belong to; pictures stay in theirs" },
    { OPT_TEXT(struct fix_args, store), .name = "store", .value = "STORE",
      .complete = COMPLETE_STORE, .config = "store",
      .help = "the store for files and URLs; pictures stay in theirs" },
    { OPT_FLAG(struct fix_args, allow_private), .name = "allow-private",
      .help = "URLs may name loopback and private addresses" },
    { OPT_FLAG(struct fix_args, dry_run), .letter = 'n', .name = "dry-run",
      .help = "print the plan for each picture, change nothing" },
    { .name = NULL },
};

static const struct operand operands[] = {
    { OPERAND_MANY(struct fix_args, operands), .name = "ID|FILE|URL", .required = true,
      .complete = COMPLETE_FILE,
      .help = "a picture; - for one, or for a list of ids and names, on standard input" },
    { .name = NULL },
};

static const char *const examples[] = {
    "imgctl fix -n 42",
    "imgctl fix --fit crop --gravity auto 42 43",
    "imgctl fix --carousel --fit pad --background black 42 43 44",
    "imgctl fix --for bluesky -o small/ *.jpg",
    NULL,
};

struct work {
    struct app *app;
    const struct fix_args *args;
    struct output_args output;
    struct profile *profile;
    struct repair_options repair;
    struct strlist inputs, tags;
    struct fix_input *found;  /* one for each input */
    struct repair_input *repairs;
    struct open_stores from;
    struct report report;
    struct fix_front front;
    int stdin_fd;
};

/* ---- What is asked for ---- */

static void choose_strip(const struct fix_args *args, struct fix_options *fix)
{
    static const enum image_strip strips[] = {
        STRIP_NONE, STRIP_GPS, STRIP_ALL, STRIP_NONE,
    };
    fix->strip = strips[args->strip];
    fix->keep_position = args->strip == 3;
}

static int choose_ratio(const struct fix_args *args, struct fix_options *fix,
                        struct error *err)
{
    const struct ratio_range *r = &args->ratio;
    if (!r->has_min && !r->has_max) {
        return 0;
    }
    if (!r->has_min || !r->has_max || r->min.num != r->max.num ||
        r->min.den != r->max.den) {
        return error_set(err, ERROR_USAGE, "--ratio is one ratio, such as 4:5");
    }
    if (fix->fit == FIT_NONE) {
        error_set(err, ERROR_USAGE, "--ratio does not say how");
        return error_hint(err, "add --fit crop, pad, blur or scale");
    }
    if (r->min.num > 65535 || r->min.den > 65535) {
        return error_set(err, ERROR_USAGE, "--ratio: its numbers are too large");
    }
    fix->ratio = r->min;
    return 0;
}

/* The name of the file to write says what it is to be. */
static enum image_format format_of_name(const char *name)
{
    const char *dot = name ? strrchr(file_base_name(name), '.') : NULL;
    for (int i = 1; dot && format_names[i]; i++) {
        if (strcasecmp(dot + 1, format_names[i]) == 0) {
            return format_chosen(i);
        }
    }
    return IMAGE_NONE;
}

static int choose_output(struct work *w, struct error *err)
{
    const struct fix_args *args = w->args;
    struct upload_conversion *c = &w->repair.conversion;
    if (!args->to) {
        return 0;
    }
    c->to = args->to;
    c->replace = args->force;
    c->to_folder = file_means_folder(args->to);
    if (!c->to_folder && w->inputs.len > 1) {
        return error_set(err, ERROR_USAGE, "%zu pictures do not go into one file",
                         w->inputs.len);
    }
    if (!c->to_folder && c->fix.format == IMAGE_NONE) {
        c->fix.format = format_of_name(args->to);
    }
    return 0;
}

static int check_args(const struct work *w, struct error *err)
{
    const struct fix_args *args = w->args;
    if (args->name && w->inputs.len > 1) {
        return error_set(err, ERROR_USAGE, "--name goes with one picture, not %zu",
                         w->inputs.len);
    }
    if (args->carousel && w->profile->max_items < 2) {
        error_set(err, ERROR_USAGE, "%s is for one picture", w->profile->name);
        return error_hint(err, "for several: --for %s, for example", CAROUSEL_PROFILE);
    }
    if (args->force && !args->to) {
        return error_set(err, ERROR_USAGE, "--force goes with -o");
    }
    for (size_t i = 0; i < w->tags.len; i++) {
        if (!text_is_utf8(w->tags.items[i], strlen(w->tags.items[i]))) {
            return error_set(err, ERROR_USAGE, "--tag: not UTF-8: %s", w->tags.items[i]);
        }
    }
    return 0;
}

static int choose(struct work *w, struct error *err)
{
    const struct fix_args *args = w->args;
    struct fix_options *fix = &w->repair.conversion.fix;
    int format = args->format;
    w->output = args->output;
    format_take(&w->output, &format);
    const char *name = args->profile    ? args->profile
                       : args->carousel ? CAROUSEL_PROFILE
                                        : DEFAULT_PROFILE;
    if (profile_load(w->app->config, name, &w->profile, err) < 0) {
        return -1;
    }
    *fix = (struct fix_options){
        .profile = w->profile,
        .strict = args->strict,
        .fit = (enum fix_fit)args->fit,
        .gravity = (enum fix_gravity)args->gravity,
        .width = args->max_width,
        .height = args->max_height,
        .enlarge = args->enlarge,
        .format = format_chosen(format),
        .quality = (int)args->quality,
        .reencode = args->quality > 0,
        .bytes = args->max_bytes,
    };
    choose_strip(args, fix);
    for (size_t i = 0; i < args->tags.len; i++) {
        strlist_split(&w->tags, args->tags.items[i], ',');
    }
    strlist_sort(&w->tags);
    strlist_unique(&w->tags);
    return choose_ratio(args, fix, err) < 0 ||
                   repairing_defaults(w->app, args->background, fix, err) < 0 ||
                   choose_output(w, err) < 0
               ? -1
               : check_args(w, err);
}

/* ---- Where they are ---- */

static void find_one(struct work *w, size_t i)
{
    struct fix_input *f = &w->found[i];
    struct picture *p = &f->picture;
    f->input = w->inputs.items[i];
    w->repairs[i] = (struct repair_input){ .input = f->input };
    if (!ids_is_id(f->input)) {
        return;
    }
    if (app_open_catalog_if_there(w->app, &f->error) < 0 ||
        ids_find(w->app->catalog, f->input, p, &f->error) < 0) {
        return;
    }
    if (p->deleted_at) {
        error_set(&f->error, ERROR_NOT_FOUND, "the picture is deleted");
        error_hint(&f->error, "imgctl restore %" PRId64, p->id);
        return;
    }
    w->repairs[i].picture = p;
    w->repairs[i].from =
        open_stores_get(&w->from, w->app, p->storage_provider, &f->error);
}

static void find_all(struct work *w)
{
    w->found = mem_array(w->inputs.len + 1, sizeof *w->found);
    w->repairs = mem_array(w->inputs.len + 1, sizeof *w->repairs);
    for (size_t i = 0; i < w->inputs.len; i++) {
        w->found[i].picture = (struct picture)PICTURE_INIT;
        find_one(w, i);
    }
}

static const char *store_of(const struct work *w, size_t i)
{
    const struct picture *p = w->repairs[i].picture;
    return p                ? p->storage_provider
           : w->args->store ? w->args->store
                            : store_default(w->app->config);
}

/* ---- The first of a carousel ---- */

/* The headers of input I. */
static int look_at(struct work *w, size_t i, struct rule_facts *ret, struct error *err)
{
    struct verdict verdict;
    struct validator v = {
        .profile = w->profile,
        .config = w->app->config,
        .allow_private = w->args->allow_private,
        .trace_fd = w->app->trace_fd,
        .stdin_fd = w->stdin_fd,
    };
    const struct picture *p = w->repairs[i].picture;
    if (p) {
        ret->info = (struct image_info){ .width = (uint32_t)p->width,
                                         .height = (uint32_t)p->height };
        ret->from_catalog = true;
        return 0;
    }
    int result = validate_input(&v, w->found[i].input, &verdict, err);
    *ret = verdict.facts;
    ret->name = NULL; /* it is the verdict's, and says nothing of the shape */
    if (result == 0 && !verdict.has_facts) {
        result = error_set(err, ERROR_IMAGE_CORRUPT, "%s is no picture that can be read",
                           w->found[i].input);
    }
    verdict_release(&verdict);
    validator_release(&v);
    return result;
}

/* What the first one will be is what all others are brought to. */
static int follow_first(struct work *w, struct error *err)
{
    struct fix_options *fix = &w->repair.conversion.fix;
    struct rule_facts facts = { .bytes = 0 };
    struct fix_plan plan;
    if (!w->args->carousel || w->inputs.len == 0 ||
        w->found[0].error.kind != ERROR_NONE) {
        return 0;
    }
    int64_t count = (int64_t)w->inputs.len;
    if (count < w->profile->min_items || count > w->profile->max_items) {
        return error_set(err, ERROR_RULE, "%" PRId64 " %s, a carousel has %" PRId64
                         " to %" PRId64, count, count == 1 ? "picture" : "pictures",
                         w->profile->min_items, w->profile->max_items);
    }
    if (look_at(w, 0, &facts, err) < 0 || fix_plan(fix, &facts, &plan, err) < 0) {
        return error_wrap(err, "the first picture");
    }
    fix->first_width = plan.canvas_width;
    fix->first_height = plan.canvas_height;
    return 0;
}

/* ---- The work ---- */

static int find_business(struct work *w, struct error *err)
{
    struct business b = { .id = 0 };
    if (app_make_catalog(w->app, err) < 0 ||
        catalog_business_find(w->app->catalog, w->args->business, &b, err) < 0) {
        return -1;
    }
    w->repair.business_id = b.id;
    business_release(&b);
    return 0;
}

/* Inputs FIRST to END, which all go to one store or all into files. */
static int fix_part(struct work *w, size_t first, size_t end, struct error *err)
{
    struct batch_options how = { .jobs = 0 };
    struct store *to = NULL;
    batch_args_apply(&w->args->batch, &how);
    if (!w->args->to && !w->args->dry_run &&
        (find_business(w, err) < 0 ||
         app_store_within(w->app, store_of(w, first), batch_args_limits(&w->args->batch),
                          &to, err) < 0)) {
        return -1;
    }
    struct repair *r = repair_new(&w->repair, w->repairs + first, end - first);
    struct batch *b = repair_batch(r, &how, to ? w->app->catalog : NULL, to);
    int result = run_batch_part(b, &w->front.batch, w->args->batch.progress, err);
    repair_free(r);
    store_close(to);
    return result;
}

static size_t end_of_part(const struct work *w, size_t first)
{
    size_t end = first + 1;
    while (end < w->inputs.len && w->found[end].error.kind == ERROR_NONE &&
           (w->args->to || w->args->dry_run ||
            strcmp(store_of(w, first), store_of(w, end)) == 0)) {
        end++;
    }
    return end;
}

/* In input order; those that follow each other into one store are done side by side. */
static int fix_all(struct work *w, struct error *err)
{
    for (size_t i = 0; i < w->inputs.len;) {
        const struct fix_input *f = &w->found[i];
        if (f->error.kind != ERROR_NONE) {
            report_failed(&w->report, f->input, f->picture.id, &f->error);
            i++;
            continue;
        }
        size_t end = end_of_part(w, i);
        w->front.first = i;
        if (fix_part(w, i, end, err) < 0) {
            return -1;
        }
        i = end;
    }
    return 0;
}

static int work(struct work *w, struct error *err)
{
    const struct fix_args *args = w->args;
    if (operands_expand(w->app, &args->operands, false, &w->inputs, &w->stdin_fd,
                        err) < 0 ||
        choose(w, err) < 0) {
        return -1;
    }
    find_all(w);
    w->front.inputs = w->found;
    if (follow_first(w, err) < 0) {
        return -1;
    }
    if (w->stdin_fd >= 0 && (lseek(w->stdin_fd, 0, SEEK_SET) < 0 ||
                             dup2(w->stdin_fd, STDIN_FILENO) < 0)) {
        return error_errno(err, ERROR_STORE, "cannot read standard input again");
    }
    w->front.plain = args->to && strcmp(args->to, "-") == 0 && !args->dry_run;
    if (report_begin(&w->report, &w->output, &picture_type, "image", args->dry_run,
                     err) < 0) {
        return -1;
    }
    if (fix_all(w, err) < 0) {
        output_abandon(&w->report.out);
        return -1;
    }
    if (w->front.plain) {
        output_abandon(&w->report.out);
        return tally_exit_code(&w->report.tally);
    }
    return run_batch_end(&w->front.batch);
}

static int run(struct app *app, void *arguments, struct error *err)
{
    const struct fix_args *args = arguments;
    struct work w = {
        .app = app,
        .args = args,
        .stdin_fd = -1,
        .repair = {
            .name = args->name,
            .tags = &w.tags,
            .dry_run = args->dry_run,
            .allow_private = args->allow_private,
            .config = app->config,
            .trace_fd = app->trace_fd,
        },
    };
    w.front = (struct fix_front){ .batch = { .report = &w.report, .show = fix_show },
                                  .fix = &w.repair.conversion.fix };
    int result = work(&w, err);
    for (size_t i = 0; w.found && i < w.inputs.len; i++) {
        picture_release(&w.found[i].picture);
    }
    free(w.found);
    free(w.repairs);
    strlist_release(&w.inputs);
    strlist_release(&w.tags);
    open_stores_close(&w.from);
    profile_free(w.profile);
    mem_cleanup_fd(&w.stdin_fd);
    return result;
}

const struct command cmd_fix = {
    .name = "fix",
    .summary = "make pictures that keep the rules of a platform",
    .group = "Publishing",
    .args_size = sizeof(struct fix_args),
    .sets = {
        { options, 0, NULL },
        { batch_options, offsetof(struct fix_args, batch), "Batches" },
        { output_work_options, offsetof(struct fix_args, output), "Output" },
    },
    .operands = operands,
    .examples = examples,
    .run = run,
};
