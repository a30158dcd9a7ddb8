/*
 * publisher.h - a service that pictures are posted to: Instagram.
 *
 * A publisher is a table of functions and its state, for one account. It only asks and
 * tells the service; the order of the steps, and what is recorded between them, is
 * publish.h. A new platform is one file that fills in struct publisher_ops and a line
 * in publisher.c.
 *
 * The model is that of services which fetch pictures by themselves: a container is made
 * for each picture (and one around those of a carousel), the service gets it ready, and
 * publishing a container makes the post. Making containers has no effect that anybody
 * sees and may be repeated; publishing must not be.
 */
#ifndef IMGCTL_PUBLISHER_H
#define IMGCTL_PUBLISHER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "imgctl/config.h"
#include "imgctl/error.h"

#define POST_PICTURES 10 /* of one post, at most */

enum post_kind { POST_FEED, POST_CAROUSEL, POST_STORY };
const char *post_kind_name(enum post_kind kind); /* "feed" */

/* What a post shall be. The strings are the caller's. */
struct post_draft {
    enum post_kind kind;
    const char *caption;    /* NULL or "": none */
    bool ai_label;          /* tell people that it was generated */
    struct {
        const char *url;    /* public, of a JPEG */
        const char *alt;    /* NULL */
    } pictures[POST_PICTURES];
    int count;
};

enum container_state {
    CONTAINER_BUSY,
    CONTAINER_READY,
    CONTAINER_PUBLISHED,
    CONTAINER_FAILED,  /* the reason is in the error that comes with it */
    CONTAINER_EXPIRED, /* and was never published */
    CONTAINER_GONE,    /* the service says that it does not know it */
};

struct publisher_identity {
    char user_id[64], username[128];
};

struct publisher_quota {
    int64_t used, total; /* posts within the service's period */
    int64_t seconds;     /* that period */
    bool asked;          /* false: the service did not say, TOTAL is what is known */
};

/* How often a container is asked for. */
struct publisher_pace {
    int64_t first_ms, most_ms, deadline_ms;
};

struct publisher;

/* Strings given back are the caller's to free. */
struct publisher_ops {
    const char *name;                            /* "instagram" */
    const char *(*profile)(enum post_kind kind); /* that a picture must pass (rules.h) */
    /* Whose token is it? ERROR_CREDENTIALS if it is refused or of another account. */
    int (*identify)(struct publisher *p, struct publisher_identity *ret,
                    struct error *err);
    /* A longer-lived token instead of this one; EXPIRES is a time (clock.h). */
    int (*renew)(struct publisher *p, char **ret_token, int64_t *ret_expires,
                 struct error *err);
    int (*quota)(struct publisher *p, struct publisher_quota *ret, struct error *err);
    /* A container of the draft's picture INDEX; in a carousel, a child. */
    int (*contain)(struct publisher *p, const struct post_draft *draft, int index,
                   char **ret, struct error *err);
    /* The container around the children of a carousel. */
    int (*assemble)(struct publisher *p, const struct post_draft *draft,
                    char *const *children, char **ret, struct error *err);
    /* 0 with the state, also when that is FAILED (then with ERR set); -1 if the service
     * could not be asked. */
    int (*state)(struct publisher *p, const char *container, enum container_state *ret,
                 struct error *err);
    /* 0 with the post's id. -1: certainly not published, or ERROR_UNKNOWN: perhaps. It
     * is sent again only where the service certainly did not look at it. */
    int (*publish)(struct publisher *p, const char *container, char **ret,
                   struct error *err);
    int (*permalink)(struct publisher *p, const char *post, char **ret,
                     struct error *err);
    void (*close)(struct publisher *p);
};

struct publisher {
    const struct publisher_ops *ops;
    struct publisher_pace pace;
    int64_t container_ms; /* how long a container lives */
    bool is_local;        /* the service is on this machine, as in a rehearsal */
};

struct publisher_account {
    const char *platform; /* "instagram" */
    const char *name;     /* for the name of its secret, and for messages */
    const char *login;    /* flavour: "instagram" or "facebook" */
    const char *user_id;  /* NULL: not known yet, for identify() */
    bool is_rehearsal;    /* nothing will be sent: no token is needed */
};

/* ERROR_USAGE for an unknown platform or login, ERROR_CREDENTIALS without a token. */
int publisher_open(const struct publisher_account *account, const struct config *config,
                   int trace_fd, struct publisher **ret, struct error *err);
void publisher_close(struct publisher *p);

/* NULL-terminated. */
extern const char *const publisher_platforms[];
extern const char *const publisher_logins[];

/* Keep TOKEN where the account's present one came from. ERROR_CREDENTIALS where that
 * cannot be written, such as an environment variable: look before asking for one. */
int publisher_can_keep_token(const struct publisher_account *account,
                             const struct config *config, struct error *err);
int publisher_keep_token(const struct publisher_account *account,
                         const struct config *config, const char *token,
                         struct error *err);

#endif
