/*
 * openai_account.h - where OpenAI's API is, and who we are there.
 *
 * From the environment, as the official SDKs take it: OPENAI_BASE_URL (with its /v1),
 * OPENAI_API_KEY (a secret, secret.h), OPENAI_ORG_ID and OPENAI_PROJECT_ID.
 */
#ifndef GENERATOR_OPENAI_ACCOUNT_H
#define GENERATOR_OPENAI_ACCOUNT_H

#include "imgctl/config.h"
#include "imgctl/error.h"
#include "imgctl/secret.h"
#include "imgctl/strlist.h"

struct openai_account {
    char *base_url;     /* without a slash at its end */
    char *origin;       /* "https://api.openai.com" of it */
    const char *host;   /* of the origin, with a port if there is one */
    bool is_official;   /* OpenAI's own host */
    struct secret key;  /* empty: none is sent */
};

#define OPENAI_ACCOUNT_INIT { .key = SECRET_INIT }
void openai_account_release(struct openai_account *a);

/* ERROR_CONFIG for a base URL that breaks a rule, ERROR_CREDENTIALS for a missing key
 * where OpenAI itself is meant. A is to be released in any case. */
int openai_account_load(const struct config *config, struct openai_account *a,
                        struct error *err);

/* https, or http to loopback; a host, a path, nothing else. */
int openai_account_set_url(struct openai_account *a, const char *url, struct error *err);

/* Authorization and what else names us. OUT holds the key: wipe it. */
void openai_account_headers(const struct openai_account *a, struct strlist *out);

#endif
