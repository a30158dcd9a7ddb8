/*
 * cloudinary_session.h - an account in use: its HTTP client, its signed forms.
 */
#ifndef CLOUDINARY_SESSION_H
#define CLOUDINARY_SESSION_H

#include <stdint.h>

#include "cloudinary_account.h"
#include "imgctl/http.h"
#include "imgctl/json.h"
#include "imgctl/store.h"

struct cloudinary {
    struct store store;
    const struct config *config;
    struct cloudinary_account account;
    struct http_client *client; /* NULL until something is sent */
    struct sending *sendings;   /* under way for start(): cloudinary_send.c */
    int trace_fd;
    int jobs;                   /* requests at once; 0: as many as usual */
    int64_t requests_per_minute, bytes_per_second;
    int timeout;                /* seconds of one request */
    int64_t chunk_bytes;
    int64_t skew;               /* seconds that Cloudinary's clock is ahead of ours */
};

/* The client, made when it is first needed. NULL with ERR. */
struct http_client *cloudinary_client(struct cloudinary *c, struct error *err);

/* GET CALL of the Admin API with the key and its secret; RET is the caller's to
 * free, also after an error. */
int cloudinary_get(struct cloudinary *c, const char *call, struct json **ret,
                   struct error *err);

/* The address of an API call such as "image/upload". Caller frees. */
char *cloudinary_call(const struct cloudinary *c, const char *what);

/* If ANSWER says that our clock is wrong, and how much, take note of it. True if
 * signing again may help. */
bool cloudinary_set_clock(struct cloudinary *c, const struct http_response *answer);

/*
 * A form that is signed. Values are borrowed and must stay until the request is
 * done; the form points into itself and must not be moved.
 */
struct cloudinary_form {
    struct cloudinary_param params[10];
    size_t count;
    struct http_part parts[13]; /* the parameters, api_key, signature, file */
    size_t part_count;
    char timestamp[24];
    char signature[DIGEST_HEX_SIZE];
};

/* Add a field; nothing if VALUE is NULL or "". */
void cloudinary_form_add(struct cloudinary_form *f, const char *name, const char *value);

/* Add time and signature, and make the parts. Fields come before this, a file
 * after it. */
int cloudinary_form_sign(struct cloudinary_form *f, const struct cloudinary *c,
                         struct error *err);
void cloudinary_form_add_file(struct cloudinary_form *f, int fd, int64_t offset,
                              int64_t size, const char *name);

#endif
