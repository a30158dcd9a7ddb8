/*
 * publish.h - a post goes out, once.
 *
 * Every step is written into the catalog (posts.h) when it is done, and the step that
 * counts also before it is begun. A run that died anywhere is continued by the next one
 * for the same post: containers are used again while they live, and a request to publish
 * that may have left is settled by asking its container; a container is published by the
 * service at most once, so the same one may be tried again. What cannot be settled is
 * ERROR_UNKNOWN, and stays so until the service can be asked.
 *
 * One process at a time posts to an account: the caller holds publish_lock().
 */
#ifndef IMGCTL_PUBLISH_H
#define IMGCTL_PUBLISH_H

#include "imgctl/config.h"
#include "imgctl/posts.h"
#include "imgctl/store.h"

struct publication {
    struct catalog *catalog;
    struct publisher *publisher;
    struct store *store; /* remote: it gives the links that the service fetches */
    /* What is being done and waited for, in words; may be NULL. */
    void (*tell)(void *cookie, const char *what);
    void *cookie;
};

/* The lock of the account USER_ID; a descriptor to close. Waits for who has it. */
int publish_lock(const struct config *config, const char *user_id, struct error *err);

/* P->fingerprint of its account, kind, caption and the contents of its pictures, whose
 * digests are SHA256. */
int publish_fingerprint(struct post *p, const char *const *sha256, struct error *err);

/*
 * Bring P, which is claimed, to its end. 0: it is published, now or before (P says
 * when). -1 with P's state failed, which is an end, unknown or as it was: a later call
 * goes on.
 */
int publish_post(const struct publication *run, struct post *p, struct error *err);

#endif
