/* Posts that were begun and are not settled. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "imgctl/clock.h"
#include "imgctl/mem.h"
#include "imgctl/publish.h"
#include "posts.h"
#include "publish_work.h"

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

static int find_open(struct publishing *w, struct strlist *ret, struct error *err)
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

static int find_owner(struct publishing *w, const struct post *p, struct error *err)
{
    struct owner owner = { .post = p };
    int result = catalog_accounts(w->app->catalog, take_owner, &owner, err);
    if (result == 0 && owner.name) {
        result = publishing_find_account(w, owner.name, err);
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
static int read_post(struct publishing *w, int64_t id, struct error *err)
{
    post_release(&w->post);
    int found = catalog_post(w->app->catalog, id, &w->post, err);
    if (found == 0) {
        return error_set(err, ERROR_NOT_FOUND, "there is no post %" PRId64, id);
    }
    return found < 0 ? -1 : 0;
}

static int resume_one(struct publishing *w, int64_t id, struct error *err)
{
    if (read_post(w, id, err) < 0 || find_owner(w, &w->post, err) < 0) {
        return -1;
    }
    if (w->args->dry_run) {
        return 0;
    }
    AUTO_FD int lock = publish_lock(w->app->config, w->post.user_id, err);
    return lock < 0 || publishing_open(w, err) < 0 || read_post(w, id, err) < 0
               ? -1
               : publishing_carry_out(w, err);
}

static void resume_and_report(struct publishing *w, const char *text)
{
    AUTO_FREE char *input = mem_printf("post %s", text);
    struct error failure = ERROR_INIT;
    int result = resume_one(w, strtoll(text, NULL, 10), &failure);
    int64_t id = w->post.count ? w->post.pictures[0].image_id : 0;
    if (result == 0) {
        publishing_report(w, input, id, NULL, w->args->dry_run ? "planned" : "published");
    } else {
        report_failed(&w->report, input, id, &failure);
    }
    post_release(&w->post);
    publisher_close(w->publisher);
    w->publisher = NULL;
    account_release(&w->account);
}

int publishing_resume(struct publishing *w, struct error *err)
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

int publishing_settle(struct publishing *w, struct error *err)
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
