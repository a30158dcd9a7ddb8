#include "imgctl/posts.h"

#include <stdlib.h>
#include <string.h>

#include "imgctl/clock.h"
#include "sql.h"

static const char *const states[] = { "claimed", "contained", "publishing", "published",
                                      "failed", "unknown" };
static const char *const kinds[] = { "feed", "carousel", "story" };

#define STATES ((int)(sizeof states / sizeof *states))
#define KINDS ((int)(sizeof kinds / sizeof *kinds))

#define SELECT_POST                                                                  \
    "SELECT id, state, account, user_id, kind, caption, ai_label, fingerprint,"      \
    " container, contained_at, post_id, permalink, error, created_at, published_at"  \
    " FROM posts "

const char *post_state_name(enum post_state s)
{
    return states[s];
}

const char *post_kind_name(enum post_kind kind)
{
    return kinds[kind];
}

void post_release(struct post *p)
{
    for (int i = 0; i < p->count; i++) {
        free(p->pictures[i].alt);
        free(p->pictures[i].container);
    }
    free(p->account);
    free(p->user_id);
    free(p->caption);
    free(p->fingerprint);
    free(p->container);
    free(p->post_id);
    free(p->permalink);
    free(p->error);
    *p = (struct post){ .id = 0 };
}

void post_forget_containers(struct post *p)
{
    for (int i = 0; i < p->count; i++) {
        free(p->pictures[i].container);
        p->pictures[i].container = NULL;
    }
    free(p->container);
    p->container = NULL;
    p->contained_at = 0;
}

/* The place of TEXT in NAMES; what a later imgctl may have written is FALLBACK. */
static int name_index(const char *text, const char *const *names, int count, int fallback)
{
    for (int i = 0; i < count; i++) {
        if (text && strcmp(text, names[i]) == 0) {
            return i;
        }
    }
    return fallback;
}

static int read_pictures(struct catalog *c, struct post *p, struct error *err)
{
    AUTO_SQL struct sql q = SQL_INIT;
    if (sql_open(&q, c, "SELECT image_id, alt, container FROM post_images"
                 " WHERE post_id = ? ORDER BY position LIMIT ?", err) < 0) {
        return -1;
    }
    sql_put_int(&q, p->id);
    sql_put_int(&q, POST_PICTURES);
    int more;
    while ((more = sql_step(&q, err)) > 0) {
        p->pictures[p->count++] = (struct post_picture){
            .image_id = sql_int(&q, 0),
            .alt = sql_copy(&q, 1),
            .container = sql_copy(&q, 2),
        };
    }
    return more;
}

/* Step Q, whose columns are those of SELECT_POST. 1, 0, -1. */
static int read_post(struct catalog *c, struct sql *q, struct post *ret,
                     struct error *err)
{
    int found = sql_step(q, err);
    if (found <= 0) {
        return found;
    }
    enum post_state state = name_index(sql_text(q, 1), states, STATES, POST_UNKNOWN);
    *ret = (struct post){
        .id = sql_int(q, 0),
        .state = state,
        .recorded = state,
        .account = sql_copy(q, 2),
        .user_id = sql_copy(q, 3),
        .kind = name_index(sql_text(q, 4), kinds, KINDS, POST_FEED),
        .caption = sql_copy(q, 5),
        .ai_label = sql_int(q, 6) != 0,
        .fingerprint = sql_copy(q, 7),
        .container = sql_copy(q, 8),
        .contained_at = sql_time(q, 9),
        .post_id = sql_copy(q, 10),
        .permalink = sql_copy(q, 11),
        .error = sql_copy(q, 12),
        .created_at = sql_time(q, 13),
        .published_at = sql_time(q, 14),
    };
    return read_pictures(c, ret, err) < 0 ? -1 : 1;
}

static int find_alike(struct catalog *c, const char *fingerprint, bool again,
                      struct post *ret, struct error *err)
{
    AUTO_SQL struct sql q = SQL_INIT;
    if (sql_open(&q, c, SELECT_POST "WHERE fingerprint = ?1 AND state != 'failed'"
                 " AND NOT (state = 'published' AND ?2)"
                 " ORDER BY state = 'published' DESC, id DESC LIMIT 1", err) < 0) {
        return -1;
    }
    sql_put_text(&q, fingerprint);
    sql_put_int(&q, again);
    return read_post(c, &q, ret, err);
}

static int insert_post(struct catalog *c, struct post *p, struct error *err)
{
    AUTO_SQL struct sql q = SQL_INIT;
    if (sql_open(&q, c, "INSERT INTO posts (state, account, user_id, kind, caption,"
                 " ai_label, fingerprint, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                 err) < 0) {
        return -1;
    }
    sql_put_text(&q, states[POST_CLAIMED]);
    sql_put_text(&q, p->account);
    sql_put_text(&q, p->user_id);
    sql_put_text(&q, kinds[p->kind]);
    sql_put_text(&q, p->caption);
    sql_put_int(&q, p->ai_label);
    sql_put_text(&q, p->fingerprint);
    sql_put_time(&q, p->created_at);
    if (sql_run(&q, err) < 0) {
        return -1;
    }
    p->id = sqlite3_last_insert_rowid(c->db);
    return 0;
}

static int write_pictures(struct catalog *c, const struct post *p, struct error *err)
{
    for (int i = 0; i < p->count; i++) {
        AUTO_SQL struct sql q = SQL_INIT;
        if (sql_open(&q, c, "INSERT INTO post_images (post_id, position, image_id, alt,"
                     " container) VALUES (?, ?, ?, ?, ?)"
                     " ON CONFLICT DO UPDATE SET image_id = excluded.image_id,"
                     " alt = excluded.alt, container = excluded.container", err) < 0) {
            return -1;
        }
        sql_put_int(&q, p->id);
        sql_put_int(&q, i);
        sql_put_int(&q, p->pictures[i].image_id);
        sql_put_text(&q, p->pictures[i].alt);
        sql_put_text(&q, p->pictures[i].container);
        if (sql_run(&q, err) < 0) {
            return -1;
        }
    }
    return 0;
}

static bool same_text(const char *a, const char *b)
{
    return strcmp(a ? a : "", b ? b : "") == 0;
}

/*
 * THERE, of which nobody has seen anything, becomes what is asked for now: the label,
 * the alternative texts and where the contents are kept are no part of a fingerprint.
 * Containers have been told the first two, so other ones are needed.
 */
static void revise(struct post *there, struct post *asked)
{
    bool as_before = there->ai_label == asked->ai_label;
    for (int i = 0; i < there->count; i++) {
        struct post_picture *old = &there->pictures[i], *new = &asked->pictures[i];
        as_before = as_before && same_text(old->alt, new->alt);
        old->image_id = new->image_id;
        free(old->alt);
        old->alt = new->alt;
        new->alt = NULL;
    }
    there->ai_label = asked->ai_label;
    if (!as_before) {
        post_forget_containers(there);
        there->state = POST_CLAIMED;
    }
}

static int taken(const struct post *p, struct error *err)
{
    error_set(err, ERROR_CATALOG, "the post %lld is not \"%s\" any more: another imgctl"
              " goes on with it", (long long)p->id, states[p->recorded]);
    return error_hint(err, "imgctl publish --resume tells what became of it");
}

/* Write what revise() and the steps of a post may change. Two processes that share no
 * lock, as with two state folders, come this far with containers of their own: only one
 * of them may publish. */
static int update_post(struct catalog *c, struct post *p, struct error *err)
{
    AUTO_SQL struct sql q = SQL_INIT;
    if (write_pictures(c, p, err) < 0 ||
        sql_open(&q, c, "UPDATE posts SET state = ?, ai_label = ?, container = ?,"
                 " contained_at = ?, post_id = ?, permalink = ?, error = ?,"
                 " published_at = ? WHERE id = ? AND (state = ? OR ?)", err) < 0) {
        return -1;
    }
    sql_put_text(&q, states[p->state]);
    sql_put_int(&q, p->ai_label);
    sql_put_text(&q, p->container);
    sql_put_time(&q, p->contained_at);
    sql_put_text(&q, p->post_id);
    sql_put_text(&q, p->permalink);
    sql_put_text(&q, p->error);
    sql_put_time(&q, p->published_at);
    sql_put_int(&q, p->id);
    sql_put_text(&q, states[p->recorded]);
    sql_put_int(&q, p->post_id != NULL); /* or it would be posted again */
    if (sql_run(&q, err) < 0) {
        return -1;
    }
    if (sqlite3_changes(c->db) == 0) {
        return taken(p, err);
    }
    p->recorded = p->state;
    return 0;
}

int catalog_post_claim(struct catalog *c, struct post *p, bool again, struct error *err)
{
    AUTO_TRANSACTION struct transaction t = TRANSACTION_INIT;
    AUTO_POST struct post there = POST_INIT;
    if (transaction_begin(&t, c, err) < 0) {
        return -1;
    }
    int found = find_alike(c, p->fingerprint, again, &there, err);
    if (found > 0) {
        bool unseen = there.state == POST_CLAIMED || there.state == POST_CONTAINED;
        if (unseen && there.count == p->count) {
            revise(&there, p);
        }
        post_release(p);
        *p = there;
        there = (struct post){ .id = 0 };
        return unseen && update_post(c, p, err) < 0 ? -1 : transaction_commit(&t, err);
    }
    p->created_at = clock_now();
    p->state = p->recorded = POST_CLAIMED;
    if (found < 0 || insert_post(c, p, err) < 0 || write_pictures(c, p, err) < 0) {
        return -1;
    }
    return transaction_commit(&t, err) < 0 ? -1 : 1;
}

int catalog_post_write(struct catalog *c, struct post *p, struct error *err)
{
    AUTO_TRANSACTION struct transaction t = TRANSACTION_INIT;
    if (transaction_begin(&t, c, err) < 0 || update_post(c, p, err) < 0) {
        return -1;
    }
    return transaction_commit(&t, err);
}

int catalog_post(struct catalog *c, int64_t id, struct post *ret, struct error *err)
{
    AUTO_SQL struct sql q = SQL_INIT;
    if (sql_open(&q, c, SELECT_POST "WHERE id = ?", err) < 0) {
        return -1;
    }
    sql_put_int(&q, id);
    return read_post(c, &q, ret, err);
}

static int each_post(struct catalog *c, struct sql *q, catalog_each_post *each,
                     void *cookie, struct error *err)
{
    AUTO_POST struct post p = POST_INIT;
    int more;
    while ((more = read_post(c, q, &p, err)) > 0) {
        int stop = each(cookie, &p);
        post_release(&p);
        if (stop) {
            return 0;
        }
    }
    return more;
}

int catalog_posts_open(struct catalog *c, catalog_each_post *each, void *cookie,
                       struct error *err)
{
    AUTO_SQL struct sql q = SQL_INIT;
    if (sql_open(&q, c, SELECT_POST "WHERE state NOT IN ('published', 'failed')"
                 " ORDER BY id", err) < 0) {
        return -1;
    }
    return each_post(c, &q, each, cookie, err);
}

int catalog_posts_of(struct catalog *c, int64_t image, catalog_each_post *each,
                     void *cookie, struct error *err)
{
    AUTO_SQL struct sql q = SQL_INIT;
    if (sql_open(&q, c, SELECT_POST "WHERE id IN (SELECT post_id FROM post_images"
                 " WHERE image_id = ?) ORDER BY id", err) < 0) {
        return -1;
    }
    sql_put_int(&q, image);
    return each_post(c, &q, each, cookie, err);
}

int catalog_is_published(struct catalog *c, int64_t image, struct error *err)
{
    AUTO_SQL struct sql q = SQL_INIT;
    if (sql_open(&q, c,
                 "SELECT 1 FROM post_images AS i CROSS JOIN posts ON posts.id = i.post_id"
                 " WHERE image_id = ? AND state IN ('publishing', 'published', 'unknown')"
                 " LIMIT 1", err) < 0) {
        return -1;
    }
    sql_put_int(&q, image);
    return sql_step(&q, err);
}
