/*
 * cloudinary_sign.h - signatures of Cloudinary: of what we send, of what it
 * answers, and of delivery links.
 */
#ifndef CLOUDINARY_SIGN_H
#define CLOUDINARY_SIGN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "imgctl/buf.h"
#include "imgctl/digest.h"
#include "imgctl/error.h"

/* The key pair of an account and how the account wants signatures made. */
struct cloudinary_key {
    char *id;
    char *secret;
    enum digest_algorithm algorithm; /* DIGEST_SHA1 or DIGEST_SHA256 */
    int64_t version;                 /* 2: '&' in a value is signed as %26; 1: not */
};

void cloudinary_key_release(struct cloudinary_key *key); /* wipes the secret */

/* A field of a request. A value that is NULL or "" is neither sent nor signed. */
struct cloudinary_param {
    const char *name;
    const char *value;
};

/* The text that is signed: the parameters by name, without those that never
 * count (file, api_key, cloud_name, resource_type, signature). */
void cloudinary_string_to_sign(const struct cloudinary_param *params, size_t count,
                               int64_t version, struct buf *out);

/* The `signature` of a request, as hex. */
int cloudinary_sign(const struct cloudinary_param *params, size_t count,
                    const struct cloudinary_key *key, char out[DIGEST_HEX_SIZE],
                    struct error *err);

/* Did the account sign this answer to an upload? 1 yes, 0 no, -1. */
int cloudinary_answer_is_signed(const char *public_id, int64_t version,
                                const char *signature, const struct cloudinary_key *key,
                                struct error *err);

/* Add "s--XXXXXXXX--", the signature of the part TEXT of a link, to OUT. */
int cloudinary_sign_link(const char *text, bool is_long, const struct cloudinary_key *key,
                         struct buf *out, struct error *err);

#endif
