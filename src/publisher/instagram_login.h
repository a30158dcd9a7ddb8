/*
 * instagram_login.h - the two ways to an Instagram account, as data
 * (platforms/instagram.json), and the account's token.
 *
 * The token of the account NAME is the secret INSTAGRAM_TOKEN_NAME (upper case, other
 * characters '_'), else INSTAGRAM_TOKEN.
 */
#ifndef INSTAGRAM_LOGIN_H
#define INSTAGRAM_LOGIN_H

#include "imgctl/publisher.h"
#include "imgctl/secret.h"

struct instagram_login {
    char *name;        /* "instagram", "facebook" */
    char *url;         /* without a slash at its end */
    char *version;     /* "v26.0" */
    int64_t quota;     /* posts a day where the service does not say */
    int64_t fetch_retries, fetch_wait_ms, container_ms;
    struct publisher_pace pace;
};

int instagram_login_load(const char *name, const struct config *config,
                         struct instagram_login *ret, struct error *err);
void instagram_login_release(struct instagram_login *l);

/* ERROR_CREDENTIALS if there is none. */
int instagram_login_token(const char *account, const struct config *config,
                          struct secret *ret, struct error *err);

/* The call that gives a longer-lived token instead of TOKEN, with its secrets in it:
 * wipe OUT. */
int instagram_login_renewal(const struct instagram_login *l, const struct config *config,
                            const char *token, struct buf *out, struct error *err);

#endif
