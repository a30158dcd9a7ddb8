#include "imgctl/publish.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "commands.h"
#include "imgctl/file.h"
#include "imgctl/fix.h"
#include "imgctl/ids.h"
#include "imgctl/mem.h"
#include "imgctl/text.h"
#include "pictures.h"
#include "posts.h"
#include "publish_work.h"

#define CAPTION_BYTES 65536 /* of a file; the rules say what a service takes */

enum ai_label { LABEL_AUTO, LABEL_ON, LABEL_OFF };
static const char *const label_names[] = { "auto", "on", "off", NULL };

static const char *const outcome_names[] = { "", "published", "failed", NULL };

static const struct option options[] = {
    { OPT_TEXT(struct publish_args, to), .name = "to", .value = "ACCOUNT",
      .complete = COMPLETE_ACCOUNT,
      .help = "the account to post to (imgctl account); needed if there are several" },
    { OPT_TEXT(struct publish_args, caption), .name = "caption", .value = "TEXT",
      .help = "the caption" },
    { OPT_TEXT(struct publish_args, caption_file), .name = "caption-file",
      .value = "FILE", .complete = COMPLETE_FILE,
      .help = "a file with the caption; - for standard input" },
    { OPT_LIST(struct publish_args, alts), .name = "alt", .value = "TEXT",
      .help = "alternative text of the picture, repeated for those of a carousel; "
              "otherwise the one in the catalog" },
    { OPT_FLAG(struct publish_args, carousel), .name = "carousel",
      .help = "2 to 10 pictures in one post" },
    { OPT_FLAG(struct publish_args, story), .name = "story",
      .help = "a story instead of a post in the feed" },
    { OPT_CHOICE(struct publish_args, ai_label), .name = "ai-label", .value = "WHEN",
      .choices = label_names, .fallback = "auto",
      .help = "label the post as made with AI; auto: if a picture was generated" },
    { OPT_FLAG(struct publish_args, strict), .name = "strict",
      .help = "limits that are not documented count, too" },
    { OPT_FLAG(struct publish_args, fix.is_wanted), .name = "fix",
      .help = "repair pictures that break the rules first, as imgctl fix does" },
    { OPT_CHOICE(struct publish_args, fix.fit), .name = "fit", .value = "HOW",
      .choices = fix_fits, .config = "fix.fit",
      .help = "with --fix: how a ratio is repaired" },
    { OPT_CHOICE(struct publish_args, fix.gravity), .name = "gravity", .value = "WHERE",
      .choices = fix_gravities, .fallback = "center",
      .help = "with --fix: the part that stays when something is cut off" },
    { OPT_TEXT(struct publish_args, fix.background), .name = "background",
      .value = "COLOUR",
      .help = "with --fix: under transparency and around pictures (default: white)" },
    { OPT_FLAG(struct publish_args, again), .name = "again",
      .help = "post once more what was posted already" },
    { OPT_FLAG(struct publish_args, resume), .name = "resume",
      .help = "finish the posts that were begun and are not settled, all or those --to "
              "an account" },
    { OPT_INT(struct publish_args, settle), .name = "settle", .value = "POST", .min = 1,
      .max = INT64_MAX,
      .help = "the outcome of this post is unknown, and you have looked: say it with "
              "--as. One that is not out yet is given up by --as failed" },
    { OPT_CHOICE(struct publish_args, as), .name = "as", .value = "STATE",
      .choices = outcome_names, .help = "what you have found: published or failed" },
    { OPT_FLAG(struct publish_args, dry_run), .letter = 'n', .name = "dry-run",
      .help = "check everything that can be checked here, and say what would be done" },
    { .name = NULL },
};

static const struct operand operands[] = {
    { OPERAND_MANY(struct publish_args, operands), .name = "ID",
      .complete = COMPLETE_PICTURE,
      .help = "a picture; - for ids on standard input; on a terminal none lets you "
              "pick" },
    { .name = NULL },
};

static const char *const examples[] = {
    "imgctl publish 42 --to acme --caption \"First light\"",
    "imgctl publish 42 43 44 --carousel --caption-file caption.txt",
    "imgctl publish --fix --fit pad 42 --caption \"First light\"",
    "imgctl publish --resume",
    NULL,
};

/* ---- What was asked for ---- */

static int check_args(const struct publish_args *args, struct error *err)
{
    bool describes = args->operands.len > 0 || args->carousel || args->story ||
                     args->caption || args->caption_file || args->alts.len > 0 ||
                     args->again || args->ai_label != LABEL_AUTO || args->fix.is_wanted;
    if (args->resume && (describes || args->settle)) {
        return error_set(err, ERROR_USAGE, "--resume goes on with posts as they were"
                                           " begun: it takes --to and --dry-run only");
    }
    if ((args->settle != 0) != (args->as != 0) ||
        (args->settle && (describes || args->to || args->dry_run))) {
        return error_set(err, ERROR_USAGE, "--settle POST goes with --as published or"
                                           " --as failed, and alone");
    }
    if (args->carousel && args->story) {
        return error_set(err, ERROR_USAGE, "--carousel and --story exclude each other");
    }
    if (args->caption && args->caption_file) {
        return error_set(err, ERROR_USAGE, "--caption and --caption-file exclude each "
                                           "other");
    }
    if (args->caption_file && strcmp(args->caption_file, "-") == 0 &&
        strlist_has(&args->operands, "-")) {
        return error_set(err, ERROR_USAGE, "standard input cannot be both the ids and the"
                                           " caption");
    }
    for (size_t i = 0; i < args->alts.len; i++) {
        if (!text_is_utf8(args->alts.items[i], strlen(args->alts.items[i]))) {
            return error_set(err, ERROR_USAGE, "an alternative text is no text in UTF-8");
        }
    }
    if (args->story && (args->caption || args->caption_file || args->alts.len > 0)) {
        return error_set(err, ERROR_USAGE, "a story has no caption and no alternative "
                                           "text");
    }
    return 0;
}

static enum post_kind kind_of(const struct publish_args *args)
{
    return args->story ? POST_STORY : args->carousel ? POST_CAROUSEL : POST_FEED;
}

static int check_count(const struct publishing *w, struct error *err)
{
    size_t count = w->ids.len;
    if (w->args->carousel && (count < 2 || count > POST_PICTURES)) {
        return error_set(err, ERROR_USAGE, "a carousel has 2 to %d pictures, not %zu",
                         POST_PICTURES, count);
    }
    if (!w->args->carousel && count != 1) {
        error_set(err, ERROR_USAGE, "%zu pictures are not one post", count);
        return error_hint(err, "say --carousel to post them together, or publish them "
                               "one by one");
    }
    if (w->args->alts.len > count) {
        return error_set(err, ERROR_USAGE, "there are more --alt than pictures");
    }
    return 0;
}

static int read_caption_file(const char *name, struct buf *text, struct error *err)
{
    const char *path = strcmp(name, "-") == 0 ? "/dev/stdin" : name;
    int found = file_read(path, CAPTION_BYTES, text, err);
    if (found == 0) {
        return error_set(err, ERROR_FILE, "there is no file %s", path);
    }
    while (text->len > 0 && strchr("\r\n", text->data[text->len - 1])) {
        text->data[--text->len] = '\0';
    }
    return found < 0 ? -1 : 0;
}

static int read_caption(const struct publish_args *args, char **ret, struct error *err)
{
    AUTO_BUF struct buf text = BUF_INIT;
    buf_addstr(&text, args->caption ? args->caption : "");
    if (args->caption_file && read_caption_file(args->caption_file, &text, err) < 0) {
        return error_wrap(err, "the caption");
    }
    const char *mark = "\xef\xbb\xbf"; /* that some editors begin a file with */
    size_t skip = strncmp(text.data, mark, 3) == 0 ? 3 : 0;
    if (memchr(text.data, '\0', text.len) || !text_is_utf8(text.data, text.len)) {
        error_set(err, ERROR_USAGE, "the caption is no text in UTF-8");
        return error_hint(err, "iconv -f LATIN1 -t UTF-8 converts an old file");
    }
    *ret = text.len > skip ? mem_strdup(text.data + skip) : NULL;
    return 0;
}

static int find_pictures(struct publishing *w, struct error *err)
{
    for (size_t i = 0; i < w->ids.len; i++) {
        struct picture *p = &w->pictures[w->count];
        if (ids_find(w->app->catalog, w->ids.items[i], p, err) < 0) {
            return -1;
        }
        w->count++;
        if (p->deleted_at) {
            error_set(err, ERROR_NOT_FOUND, "picture %" PRId64 " is deleted", p->id);
            return error_hint(err, "imgctl restore %" PRId64, p->id);
        }
    }
    return 0;
}

/* ---- The post ---- */

static bool wants_label(const struct publishing *w)
{
    bool generated = false;
    for (int i = 0; i < w->count; i++) {
        generated = generated || w->pictures[i].ai_generated;
    }
    return w->args->ai_label == LABEL_ON ||
           (w->args->ai_label == LABEL_AUTO && generated);
}

/* What can be said of the post before its pictures are where they have to be. */
static int begin_post(struct publishing *w, struct error *err)
{
    w->post = (struct post){
        .account = mem_strdup(w->account.name),
        .user_id = mem_strdup(w->account.user_id),
        .kind = kind_of(w->args),
        .ai_label = wants_label(w),
    };
    if (read_caption(w->args, &w->post.caption, err) < 0) {
        return -1;
    }
    return publish_check_caption(&w->check, w->post.caption, err);
}

/* The alternative text that the picture at INDEX is posted with; NULL: none. */
static const char *alt_of(const struct publishing *w, int index)
{
    const struct strlist *alts = &w->args->alts;
    if (w->args->story) {
        return NULL;
    }
    return (size_t)index < alts->len ? alts->items[index] : w->pictures[index].alt_text;
}

static int add_pictures(struct publishing *w, struct error *err)
{
    struct post *p = &w->post;
    const char *contents[POST_PICTURES];
    for (int i = 0; i < w->count; i++) {
        const struct picture *picture = &w->pictures[i];
        p->pictures[p->count++] = (struct post_picture){
            .image_id = picture->id,
            .alt = mem_strdup(alt_of(w, i)),
        };
        contents[i] = picture->sha256 ? picture->sha256 : picture->storage_url;
    }
    return publish_fingerprint(p, contents, err);
}

/* ---- Reporting ---- */

/* What became of the post, said of each of its pictures. */
static void report_pictures(struct publishing *w, const char *status)
{
    for (size_t i = 0; i < w->ids.len; i++) {
        const struct picture *p = &w->pictures[i];
        publishing_report(w, w->ids.items[i], p->id, p->original_filename, status);
    }
}

/* Why there is no post: for programs with each of its pictures, for people once. */
static void report_failure(struct publishing *w, const struct error *err)
{
    const struct output_args *as = &w->args->output;
    AUTO_BUF struct buf all = BUF_INIT;
    for (size_t i = 0; i < w->ids.len; i++) {
        const char *input = w->ids.items[i];
        buf_addf(&all, "%s%s", i ? " " : "", input);
        if (as->json || as->jsonl) {
            report_failed(&w->report, input, i < (size_t)w->count ? w->pictures[i].id : 0,
                          err);
        }
    }
    if (!as->json && !as->jsonl) {
        report_failed(&w->report, all.data, w->count == 1 ? w->pictures[0].id : 0, err);
    }
}

/* ---- One post from pictures ---- */

static int prepare_check(struct publishing *w, struct error *err)
{
    w->check = (struct publish_check){
        .app = w->app,
        .stores = &w->stores,
        .carousel = w->args->carousel,
        .strict = w->args->strict,
        .is_local = w->publisher->is_local,
    };
    return profile_load(w->app->config, w->publisher->ops->profile(kind_of(w->args)),
                        &w->check.profile, err);
}

static int fix_pictures(struct publishing *w, struct error *err)
{
    struct publish_fix how = w->args->fix;
    how.dry_run = w->args->dry_run;
    return how.is_wanted ? publish_fix_pictures(&w->check, &how, w->pictures, w->count,
                                                w->would_fix, err)
                         : 0;
}

static int check_pictures(struct publishing *w, struct error *err)
{
    for (int i = 0; i < w->count; i++) {
        const struct picture *p = &w->pictures[i];
        if (publish_check_alt(&w->check, p, alt_of(w, i), err) < 0 ||
            (!w->would_fix[i] && publish_check_picture(&w->check, p, err) < 0)) {
            return -1;
        }
    }
    publish_check_siblings(&w->check, w->pictures, w->count);
    return 0;
}

static int check_links(struct publishing *w, struct error *err)
{
    for (int i = 0; i < w->count; i++) {
        if (publish_check_link(&w->check, &w->pictures[i], err) < 0) {
            return -1;
        }
    }
    return 0;
}

/* A post that is there already goes on, or is the answer. *ret_status is the word for
 * what became of it. */
static int claim_and_publish(struct publishing *w, const char **ret_status,
                             struct error *err)
{
    AUTO_FD int lock = publish_lock(w->app->config, w->account.user_id, err);
    if (lock < 0) {
        return -1;
    }
    int fresh = catalog_post_claim(w->app->catalog, &w->post, w->args->again, err);
    if (fresh == 0 && w->post.state == POST_PUBLISHED) {
        *ret_status = "duplicate";
        output_note("this was posted before%s%s; --again posts it once more",
                    w->post.permalink ? ", " : "",
                    w->post.permalink ? w->post.permalink : "");
        return 0;
    }
    *ret_status = "published";
    return fresh < 0 ? -1 : publishing_carry_out(w, err);
}

/* What promoting and posting would do, in words. */
static void tell_plan(const struct publishing *w)
{
    bool promotes = false;
    for (int i = 0; i < w->count; i++) {
        if (strcmp(w->pictures[i].storage_provider, "cloudinary") != 0) {
            promotes = true;
            output_note("picture %" PRId64 " would go to cloudinary first",
                        w->pictures[i].id);
        }
    }
    if (promotes && !store_is_configured("cloudinary", w->app->config)) {
        output_note("no Cloudinary account is configured: set CLOUDINARY_URL");
    }
    output_note("would post to %s %s%s", w->account.name,
                w->post.kind == POST_FEED       ? "in the feed"
                : w->post.kind == POST_CAROUSEL ? "as a carousel"
                                                : "as a story",
                w->post.ai_label ? ", labelled as made with AI" : "");
}

static int publish_one(struct publishing *w, const char **ret_status, struct error *err)
{
    if (publishing_find_account(w, w->args->to, err) < 0 || publishing_open(w, err) < 0 ||
        find_pictures(w, err) < 0 || prepare_check(w, err) < 0 ||
        begin_post(w, err) < 0 || fix_pictures(w, err) < 0 ||
        check_pictures(w, err) < 0) {
        return -1;
    }
    if (w->args->dry_run) {
        *ret_status = "planned";
        tell_plan(w);
        return 0;
    }
    if (publishing_promote(w, err) < 0 || add_pictures(w, err) < 0 ||
        check_links(w, err) < 0) {
        return -1;
    }
    return claim_and_publish(w, ret_status, err);
}

static int run_pictures(struct publishing *w, struct error *err)
{
    const char *status = NULL;
    struct error failure = ERROR_INIT;
    if (check_count(w, err) < 0 ||
        report_begin(&w->report, &w->args->output, &post_type, "post", w->args->dry_run,
                     err) < 0) {
        return -1;
    }
    if (publish_one(w, &status, &failure) < 0) {
        report_failure(w, &failure);
    } else {
        report_pictures(w, status);
    }
    return report_end(&w->report, NULL);
}

static int run(struct app *app, void *arguments, struct error *err)
{
    const struct publish_args *args = arguments;
    struct publishing w = { .app = app, .args = args };
    int result = check_args(args, err);
    if (result == 0 && args->settle) {
        result = publishing_settle(&w, err);
    } else if (result == 0 && args->resume) {
        result = publishing_resume(&w, err);
    } else if (result == 0) {
        result = args->operands.len > 0 ? ids_expand(app->catalog, &args->operands,
                                                       &w.ids, err)
                                        : publish_pick(app, kind_of(args), &w.ids, err);
        result = result == 0 ? run_pictures(&w, err) : result;
    }
    publishing_release(&w);
    return result;
}

const struct command cmd_publish = {
    .name = "publish",
    .summary = "post pictures to Instagram, once",
    .group = "Publishing",
    .args_size = sizeof(struct publish_args),
    .sets = {
        { options, 0, NULL },
        { output_work_options, offsetof(struct publish_args, output), "Output" },
    },
    .operands = operands,
    .examples = examples,
    .needs = NEEDS_CATALOG,
    .run = run,
};
