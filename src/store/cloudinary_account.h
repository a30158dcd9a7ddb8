/*
 * cloudinary_account.h - whose Cloudinary account is used, and how.
 *
 * CLOUDINARY_URL is read as the official SDKs read it:
 *   cloudinary://KEY:SECRET@CLOUD[/HOST][?name=value&...]
 * If CLOUDINARY_CLOUD_NAME is set, that, CLOUDINARY_API_KEY and
 * CLOUDINARY_API_SECRET are the account and CLOUDINARY_URL is not looked at;
 * CLOUDINARY_NAME then stands for each name of the query.
 */
#ifndef CLOUDINARY_ACCOUNT_H
#define CLOUDINARY_ACCOUNT_H

#include <stdint.h>

#include "cloudinary_sign.h"
#include "cloudinary_url.h"
#include "imgctl/config.h"
#include "imgctl/error.h"

struct cloudinary_account {
    struct cloudinary_key key;
    struct cloudinary_delivery delivery;
    char *upload_prefix; /* of every API call, without a slash at its end */
    int64_t timeout;     /* seconds; 0: not said */
    int64_t chunk_size;  /* bytes; 0: not said */
    char origin[256];    /* where the secret was found; may be shown */
};

#define CLOUDINARY_ACCOUNT_INIT                            \
    { .key = { .algorithm = DIGEST_SHA1, .version = 2 },   \
      .delivery = CLOUDINARY_DELIVERY_INIT }

/* Bytes of a chunk: Cloudinary wants more than 5 MB and takes no more than 100. */
#define CLOUDINARY_CHUNK_MIN (5 * 1024 * 1024 + 1)
#define CLOUDINARY_CHUNK_MAX 100000000

void cloudinary_account_release(struct cloudinary_account *a);

/* Find it. 1, 0 if none is configured, -1 (ERROR_CONFIG, ERROR_CREDENTIALS). */
int cloudinary_account_load(const struct config *config, struct cloudinary_account *a,
                            struct error *err);

/* Read a CLOUDINARY_URL; a pasted line "CLOUDINARY_URL=..." is understood. A is
 * released by the caller, after a failure too. */
int cloudinary_account_parse(struct cloudinary_account *a, const char *url,
                             struct error *err);

/* Is the account's API on this machine? So it is in tests, and then delivery
 * may be as well. */
bool cloudinary_account_is_local(const struct cloudinary_account *a);

#endif
