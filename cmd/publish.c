#include "imgctl/publish.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "commands.h"
#include "imgctl/batch.h"
#include "imgctl/clock.h"
#include "imgctl/file.h"
#include "imgctl/ids.h"
#include "imgctl/mem.h"
#include "imgctl/push.h"
#include "imgctl/report.h"
#include "imgctl/text.h"
#include "pictures.h"
#include "posts.h"
#include "publish_check.h"
#include "publish_fix.h"

#define CAPTION_BYTES 65536 /* of a file; the rules say what a service takes */

struct publish_args {
    struct strlist operands;
    const char *to, *caption, *caption_file;
    struct strlist alts;
    bool carousel, story, again, resume, dry_run, strict;
    struct publish_fix fix;
    int ai_label, as;
    int64_t settle;
    struct output_args output;
};

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
      .choices = outcome_names, .help = "published or failed" },
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

struct work {
    struct app *app;
    const struct publish_args *args;
    struct account account;
    struct publisher *publisher;
    struct open_stores stores;
    struct report report;
    struct strlist ids;
    struct publish_check check;
    struct post post;
    struct picture pictures[POST_PICTURES];
    int count;
    bool would_fix[POST_PICTURES]; /* in a dry run */
};

static void work_release(struct work *w)
{
    for (int i = 0; i < w->count; i++) {
        picture_release(&w->pictures[i]);
    }
    post_release(&w->post);
    strlist_release(&w->ids);
    profile_free(w->check.profile);
    open_stores_close(&w->stores);
    publisher_close(w->publisher);
    account_release(&w->account);
}

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

static int check_count(const struct work *w, struct error *err)
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

/* The account of --to, or the only one there is. */
static int take_only(void *cookie, const struct account *a)
{
    strlist_add(cookie, a->name);
    return 0;
}

static int find_account(struct work *w, const char *name, struct error *err)
{
    AUTO_STRLIST struct strlist names = STRLIST_INIT;
    if (!name) {
        if (catalog_accounts(w->app->catalog, take_only, &names, err) < 0) {
            return -1;
        }
        if (names.len == 0) {
            error_set(err, ERROR_USAGE, "there is no account to post to");
            return error_hint(err, "imgctl account add NAME");
        }
        if (names.len > 1) {
            error_set(err, ERROR_USAGE, "there are %zu accounts", names.len);
            return error_hint(err, "say which with --to; imgctl account list shows them");
        }
        name = names.items[0];
    }
    return catalog_account_find(w->app->catalog, name, &w->account, err);
}

static int open_publisher(struct work *w, struct error *err)
{
    struct publisher_account who = {
        .platform = w->account.platform,
        .name = w->account.name,
        .login = w->account.login,
        .user_id = w->account.user_id,
    };
    if (!who.user_id) {
        error_set(err, ERROR_USAGE, "the account %s was never checked", who.name);
        return error_hint(err, "imgctl account check %s", who.name);
    }
    return publisher_open(&who, w->app->config, w->app->trace_fd, &w->publisher, err);
}

static int find_pictures(struct work *w, struct error *err)
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

/* ---- Promotion: a service fetches by link, and a local picture has none ---- */

static struct store *remote_store(struct work *w, struct error *err)
{
    return open_stores_get(&w->stores, w->app, "cloudinary", err);
}

/* Which picture has the content there now, or why it has not. */
struct promotion {
    int64_t id;
    struct error error;
};

static void promoted(void *cookie, const struct batch_result *result)
{
    struct promotion *p = cookie;
    if (result->failed) {
        p->error = result->error;
    } else {
        p->id = result->status == PUSH_DUPLICATE ? result->other : result->picture.id;
    }
}

static int push_one(struct work *w, struct store *from, struct store *to,
                    const struct picture *p, struct promotion *ret, struct error *err)
{
    AUTO_STRLIST struct strlist ids = STRLIST_INIT;
    const struct push_options push = { .strip = app_strip(w->app, true) };
    const struct batch_options how = { .jobs = 1 };
    struct batch_counts counts;
    strlist_take(&ids, mem_printf("%" PRId64, p->id));
    struct batch *b = push_new(&push, &how, w->app->catalog, from, to, &ids);
    int result = batch_run(b, promoted, NULL, ret, &counts, err);
    batch_free(b);
    if (result == 0 && ret->error.kind != ERROR_NONE) {
        *err = ret->error;
        return -1;
    }
    return result;
}

static int promote(struct work *w, struct picture *p, struct error *err)
{
    struct promotion done = { .id = p->id };
    struct store *from = open_stores_get(&w->stores, w->app, p->storage_provider, err);
    struct store *to = from ? remote_store(w, err) : NULL;
    if (!to) {
        return error_wrap(err, "picture %" PRId64 " is only here, and Instagram fetches "
                               "pictures from the network", p->id);
    }
    output_note("picture %" PRId64 " is only here: it goes to %s first", p->id,
                to->ops->name);
    if (push_one(w, from, to, p, &done, err) < 0) {
        return error_wrap(err, "picture %" PRId64, p->id);
    }
    picture_release(p);
    return catalog_picture(w->app->catalog, done.id, p, err) < 0 ? -1 : 0;
}

static int promote_all(struct work *w, struct error *err)
{
    for (int i = 0; i < w->count; i++) {
        if (strcmp(w->pictures[i].storage_provider, "cloudinary") != 0 &&
            promote(w, &w->pictures[i], err) < 0) {
            return -1;
        }
    }
    return 0;
}

/* ---- The post ---- */

static bool wants_label(const struct work *w)
{
    bool generated = false;
    for (int i = 0; i < w->count; i++) {
        generated = generated || w->pictures[i].ai_generated;
    }
    return w->args->ai_label == LABEL_ON ||
           (w->args->ai_label == LABEL_AUTO && generated);
}

/* What can be said of the post before its pictures are where they have to be. */
static int begin_post(struct work *w, struct error *err)
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

static int add_pictures(struct work *w, struct error *err)
{
    struct post *p = &w->post;
    const char *contents[POST_PICTURES];
    for (int i = 0; i < w->count; i++) {
        const struct picture *picture = &w->pictures[i];
        const char *alt = (size_t)i < w->args->alts.len ? w->args->alts.items[i]
                                                        : picture->alt_text;
        p->pictures[p->count++] = (struct post_picture){
            .image_id = picture->id,
            .alt = p->kind == POST_STORY ? NULL : mem_strdup(alt),
        };
        contents[i] = picture->sha256 ? picture->sha256 : picture->storage_url;
    }
    return publish_fingerprint(p, contents, err);
}

static void tell(void *cookie, const char *what)
{
    app_remark(cookie, "%s", what);
}

static int carry_out(struct work *w, struct error *err)
{
    struct store *store = remote_store(w, err);
    struct publication run = {
        .catalog = w->app->catalog, .publisher = w->publisher, .store = store,
        .tell = tell, .cookie = w->app,
    };
    return store ? publish_post(&run, &w->post, err) : -1;
}

/* ---- Reporting ---- */

static void report_post(struct work *w, const char *input, int64_t id,
                        const char *label, const char *status)
{
    AUTO_POST_ROW struct post_row row = post_row(&w->post);
    report_done(&w->report, &(struct report_item){
                                .input = input,
                                .id = id,
                                .label = label,
                                .status = status,
                                .record = w->post.id ? &row : NULL,
                                .detail = w->post.permalink,
                            });
}

/* What became of the post, said of each of its pictures. */
static void report_pictures(struct work *w, const char *status)
{
    for (size_t i = 0; i < w->ids.len; i++) {
        const struct picture *p = &w->pictures[i];
        report_post(w, w->ids.items[i], p->id, p->original_filename, status);
    }
}

/* Why there is no post: for programs with each of its pictures, for people once. */
static void report_failure(struct work *w, const struct error *err)
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

static int prepare_check(struct work *w, struct error *err)
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

static int fix_pictures(struct work *w, struct error *err)
{
    struct publish_fix how = w->args->fix;
    how.dry_run = w->args->dry_run;
    return how.is_wanted ? publish_fix_pictures(&w->check, &how, w->pictures, w->count,
                                                w->would_fix, err)
                         : 0;
}

static int check_pictures(struct work *w, struct error *err)
{
    for (int i = 0; i < w->count; i++) {
        if (!w->would_fix[i] &&
            publish_check_picture(&w->check, &w->pictures[i], err) < 0) {
            return -1;
        }
    }
    publish_check_siblings(&w->check, w->pictures, w->count);
    return 0;
}

static int check_links(struct work *w, struct error *err)
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
static int claim_and_publish(struct work *w, const char **ret_status, struct error *err)
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
    return fresh < 0 ? -1 : carry_out(w, err);
}

/* What promoting and posting would do, in words. */
static void tell_plan(const struct work *w)
{
    for (int i = 0; i < w->count; i++) {
        if (strcmp(w->pictures[i].storage_provider, "cloudinary") != 0) {
            output_note("picture %" PRId64 " would go to cloudinary first",
                        w->pictures[i].id);
        }
    }
    output_note("would post to %s %s%s", w->account.name,
                w->post.kind == POST_FEED       ? "in the feed"
                : w->post.kind == POST_CAROUSEL ? "as a carousel"
                                                : "as a story",
                w->post.ai_label ? ", labelled as made with AI" : "");
}

static int publish_one(struct work *w, const char **ret_status, struct error *err)
{
    if (find_account(w, w->args->to, err) < 0 || open_publisher(w, err) < 0 ||
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
    if (promote_all(w, err) < 0 || add_pictures(w, err) < 0 || check_links(w, err) < 0) {
        return -1;
    }
    return claim_and_publish(w, ret_status, err);
}

static int run_pictures(struct work *w, struct error *err)
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

/* ---- What was begun ---- */

struct open_posts {
    const char *user_id; /* NULL: of all */
    struct strlist ids;
};

static int take_id(void *cookie, const struct post *p)
{
    struct open_posts *open = cookie;
    if (!open->user_id || strcmp(open->user_id, p->user_id) == 0) {
        strlist_take(&open->ids, mem_printf("%" PRId64, p->id));
    }
    return 0;
}

static int find_open(struct work *w, struct strlist *ret, struct error *err)
{
    AUTO_ACCOUNT struct account of = ACCOUNT_INIT;
    struct open_posts open = { .ids = STRLIST_INIT };
    if (w->args->to && catalog_account_find(w->app->catalog, w->args->to, &of, err) < 0) {
        return -1;
    }
    open.user_id = of.user_id;
    int result = catalog_posts_open(w->app->catalog, take_id, &open, err);
    *ret = open.ids;
    return result;
}

/* An account of the user that the post is of: the one of its name, or any. */
struct owner {
    const struct post *post;
    char *name;
};

static int take_owner(void *cookie, const struct account *a)
{
    struct owner *owner = cookie;
    bool same_name = strcmp(a->name, owner->post->account) == 0;
    if (a->user_id && strcmp(a->user_id, owner->post->user_id) == 0 &&
        (same_name || !owner->name)) {
        free(owner->name);
        owner->name = mem_strdup(a->name);
    }
    return 0;
}

static int find_owner(struct work *w, const struct post *p, struct error *err)
{
    struct owner owner = { .post = p };
    int result = catalog_accounts(w->app->catalog, take_owner, &owner, err);
    if (result == 0 && owner.name) {
        result = find_account(w, owner.name, err);
    } else if (result == 0) {
        error_set(err, ERROR_NOT_FOUND, "it is of the user %s (%s), of whom there is no"
                  " account any more", p->user_id, p->account);
        result = error_hint(err, "imgctl account add, or imgctl publish --settle %" PRId64
                                 " --as failed", p->id);
    }
    free(owner.name);
    return result;
}

/* Read the post ID anew: who had the lock before may have finished it. */
static int read_post(struct work *w, int64_t id, struct error *err)
{
    post_release(&w->post);
    int found = catalog_post(w->app->catalog, id, &w->post, err);
    if (found == 0) {
        return error_set(err, ERROR_NOT_FOUND, "there is no post %" PRId64, id);
    }
    return found < 0 ? -1 : 0;
}

static int resume_one(struct work *w, int64_t id, struct error *err)
{
    if (read_post(w, id, err) < 0 || find_owner(w, &w->post, err) < 0) {
        return -1;
    }
    if (w->args->dry_run) {
        return 0;
    }
    AUTO_FD int lock = publish_lock(w->app->config, w->post.user_id, err);
    return lock < 0 || open_publisher(w, err) < 0 || read_post(w, id, err) < 0
               ? -1
               : carry_out(w, err);
}

static void resume_and_report(struct work *w, const char *text)
{
    AUTO_FREE char *input = mem_printf("post %s", text);
    struct error failure = ERROR_INIT;
    int result = resume_one(w, strtoll(text, NULL, 10), &failure);
    int64_t id = w->post.count ? w->post.pictures[0].image_id : 0;
    if (result == 0) {
        report_post(w, input, id, NULL, w->args->dry_run ? "planned" : "published");
    } else {
        report_failed(&w->report, input, id, &failure);
    }
    post_release(&w->post);
    publisher_close(w->publisher);
    w->publisher = NULL;
    account_release(&w->account);
}

static int run_resume(struct work *w, struct error *err)
{
    AUTO_STRLIST struct strlist posts = STRLIST_INIT;
    if (find_open(w, &posts, err) < 0 ||
        report_begin(&w->report, &w->args->output, &post_type, "post", w->args->dry_run,
                     err) < 0) {
        return -1;
    }
    for (size_t i = 0; i < posts.len; i++) {
        resume_and_report(w, posts.items[i]);
    }
    return report_end(&w->report, NULL);
}

/* ---- What only a person can tell ---- */

static int run_settle(struct work *w, struct error *err)
{
    struct post *p = &w->post;
    if (read_post(w, w->args->settle, err) < 0) {
        return -1;
    }
    AUTO_FD int lock = publish_lock(w->app->config, p->user_id, err);
    if (lock < 0 || read_post(w, w->args->settle, err) < 0) {
        return -1;
    }
    bool is_out = w->args->as == 1;
    bool in_doubt = p->state == POST_UNKNOWN || p->state == POST_PUBLISHING;
    bool ended = p->state == POST_PUBLISHED || p->state == POST_FAILED;
    if (ended || (is_out && !in_doubt)) { /* one that is not out may be given up */
        return error_set(err, ERROR_USAGE, "the post %" PRId64 " is not unknown, it is"
                         " %s", p->id, post_state_name(p->state));
    }
    p->state = is_out ? POST_PUBLISHED : POST_FAILED;
    p->published_at = is_out ? clock_now() : 0;
    return catalog_post_write(w->app->catalog, p, err);
}

static int run(struct app *app, void *arguments, struct error *err)
{
    const struct publish_args *args = arguments;
    struct work w = { .app = app, .args = args };
    int result = check_args(args, err);
    if (result == 0 && args->settle) {
        result = run_settle(&w, err);
    } else if (result == 0 && args->resume) {
        result = run_resume(&w, err);
    } else if (result == 0) {
        result = args->operands.len > 0 ? ids_expand(app->catalog, &args->operands,
                                                       &w.ids, err)
                                        : publish_pick(app, kind_of(args), &w.ids, err);
        result = result == 0 ? run_pictures(&w, err) : result;
    }
    work_release(&w);
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
