#include "publish_work.h"

#include "imgctl/publish.h"
#include "posts.h"

void publishing_release(struct publishing *w)
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

/* The account of --to, or the only one there is. */
static int take_only(void *cookie, const struct account *a)
{
    strlist_add(cookie, a->name);
    return 0;
}

int publishing_find_account(struct publishing *w, const char *name, struct error *err)
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

int publishing_open(struct publishing *w, struct error *err)
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
    int result = publisher_open(&who, w->app->config, w->app->trace_fd, &w->publisher,
                                err);
    if (result < 0 && w->args->dry_run && err->kind == ERROR_CREDENTIALS) {
        output_note("%s: %s", err->message, err->hint);
        error_clear(err);
        who.is_rehearsal = true;
        result = publisher_open(&who, w->app->config, w->app->trace_fd, &w->publisher,
                                err);
    }
    return result;
}

struct store *publishing_store(struct publishing *w, struct error *err)
{
    return open_stores_get(&w->stores, w->app, "cloudinary", err);
}

static void tell(void *cookie, const char *what)
{
    app_remark(cookie, "%s", what);
}

int publishing_carry_out(struct publishing *w, struct error *err)
{
    struct store *store = publishing_store(w, err);
    struct publication run = {
        .catalog = w->app->catalog, .publisher = w->publisher, .store = store,
        .tell = tell, .cookie = w->app,
    };
    return store ? publish_post(&run, &w->post, err) : -1;
}

void publishing_report(struct publishing *w, const char *input, int64_t id,
                        const char *label, const char *status)
{
    AUTO_POST_ROW struct post_row row = post_row(&w->post);
    bool is_lost = w->post.state == POST_PUBLISHED && !w->post.permalink;
    report_done(&w->report, &(struct report_item){
                                .input = input,
                                .id = id,
                                .label = label,
                                .status = status,
                                .record = w->post.id ? &row : NULL,
                                .detail = w->post.permalink,
                                .remark = is_lost ? "its address is not known" : NULL,
                            });
}
