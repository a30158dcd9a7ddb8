/*
 * posts.h - the catalog's record of accounts and of what was posted to them.
 *
 * A post is written before anything is asked of the service, and after each step, so
 * that a run which died anywhere is continued and nothing is posted twice:
 *
 *   claimed     nothing that anybody can see has happened
 *   contained   the service has the pictures, in a container
 *   publishing  the request to publish may have left; only the container's own state
 *               tells what became of it
 *   published   it is out, with the service's id for it if that is known
 *   failed      it is certainly not out
 *   unknown     the service could not be asked
 *
 * A fingerprint (account, kind, contents, caption) says when two posts are the same.
 */
#ifndef IMGCTL_POSTS_H
#define IMGCTL_POSTS_H

#include "imgctl/catalog.h"
#include "imgctl/publisher.h"

/* Strings are owned. */
struct account {
    int64_t id;
    char *name, *platform, *login;
    char *user_id, *username; /* as the service says; NULL before the first check */
    int64_t expires_at;       /* of its token; 0: not known */
    int64_t created_at;
};

#define ACCOUNT_INIT { .id = 0 }
#define AUTO_ACCOUNT __attribute__((cleanup(account_release)))
void account_release(struct account *a);

int catalog_account_add(struct catalog *c, struct account *a, struct error *err);
/* Writes user_id, username and expires_at of A. */
int catalog_account_update(struct catalog *c, const struct account *a, struct error *err);
int catalog_account_remove(struct catalog *c, const char *name, struct error *err);
/* ERROR_NOT_FOUND with the nearest name. */
int catalog_account_find(struct catalog *c, const char *name, struct account *ret,
                         struct error *err);
typedef int catalog_each_account(void *cookie, const struct account *a);
int catalog_accounts(struct catalog *c, catalog_each_account *each, void *cookie,
                     struct error *err);

enum post_state { POST_CLAIMED, POST_CONTAINED, POST_PUBLISHING, POST_PUBLISHED,
                  POST_FAILED, POST_UNKNOWN };
const char *post_state_name(enum post_state s);

struct post_picture {
    int64_t image_id;
    char *alt;
    char *container; /* NULL: none yet */
};

/* Strings are owned. */
struct post {
    int64_t id;
    enum post_state state;
    enum post_state recorded; /* the catalog's, as it was read or written last */
    char *account;      /* its name then; it may be gone */
    char *user_id;
    enum post_kind kind;
    char *caption;
    bool ai_label;
    char *fingerprint;
    struct post_picture pictures[POST_PICTURES];
    int count;
    char *container;    /* to publish; for a single picture also the picture's */
    int64_t contained_at; /* when the oldest of its containers was made; 0: none is */
    char *post_id;      /* the service's; NULL: not known */
    char *permalink;
    char *error;
    int64_t created_at, published_at;
};

#define POST_INIT { .id = 0 }
#define AUTO_POST __attribute__((cleanup(post_release)))
void post_release(struct post *p);

/* Its containers are of no use any more. */
void post_forget_containers(struct post *p);

/*
 * Write P (id and created_at are filled in): 1. If there is one with its fingerprint
 * that is published or not ended, *p becomes that one: 0, rather a published one. With
 * AGAIN, published ones do not count. One that nobody can have seen takes over P's
 * label, alternative texts and pictures. -1.
 */
int catalog_post_claim(struct catalog *c, struct post *p, bool again, struct error *err);

/* Write all of P but account, kind, caption and fingerprint, which never change:
 * durable when it returns. ERROR_CATALOG, and nothing is written, where the post is not
 * in P->recorded any more: another process goes on with it. But one that has a post_id is
 * out, whatever others have written. */
int catalog_post_write(struct catalog *c, struct post *p, struct error *err);

/* 1, 0 when there is none, -1. */
int catalog_post(struct catalog *c, int64_t id, struct post *ret, struct error *err);

/* Oldest first: those that are neither published nor failed; or with IMAGE above 0
 * all that show that picture. */
typedef int catalog_each_post(void *cookie, const struct post *p);
int catalog_posts_open(struct catalog *c, catalog_each_post *each, void *cookie,
                       struct error *err);
int catalog_posts_of(struct catalog *c, int64_t image, catalog_each_post *each,
                     void *cookie, struct error *err);

/* Is the picture in a post that is out, or may be? 1, 0, -1. */
int catalog_is_published(struct catalog *c, int64_t image, struct error *err);

#endif
