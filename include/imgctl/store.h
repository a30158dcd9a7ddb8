/*
 * store.h - where the bytes of pictures are: a folder here, or Cloudinary.
 *
 * A store is a table of functions and its state. A new kind of store is one
 * file that fills in a struct store_ops, and one line in store_open(). Every
 * store passes the same suite (tests/unit/store_test.c).
 *
 * Contracts: put() may be called again after any failure and after a crash at
 * any moment; the same content under the same name is then found to be there,
 * not stored twice. remove() of what is not there succeeds. After a failed put()
 * nothing partial is visible.
 */
#ifndef IMGCTL_STORE_H
#define IMGCTL_STORE_H

#include <stdbool.h>
#include <stdint.h>

#include "imgctl/buf.h"
#include "imgctl/config.h"
#include "imgctl/error.h"
#include "imgctl/image.h"
#include "imgctl/strlist.h"

struct store;

/* A picture on its way into a store. All pointers are the caller's. */
struct store_item {
    int fd;                   /* the bytes, read from offset 0 */
    int64_t size;
    const char *sha256;       /* hex, of exactly these bytes */
    enum image_format format;
    const char *filename;     /* the name it had, UTF-8 */
    int64_t business_id;      /* for the folder */
    const char *public_id;    /* NULL: made from the content */
    const char *alt_text;     /* NULL: none */
    const struct strlist *tags;
    bool overwrite;           /* send again even if it is there (--force) */
};

/* What a store knows of a picture afterwards; strings are owned. Fields that
 * a store has no use for are NULL or 0. */
struct stored {
    char *url;                /* for the catalog's storage_url */
    char *public_id;
    char *asset_id;
    char *resource_type;      /* "image" */
    char *delivery_type;      /* "upload" */
    char *format;             /* "jpg" */
    char *etag;
    int64_t version;
    int64_t bytes;            /* as the store counts them */
    bool existing;            /* it was there before */
};

void stored_release(struct stored *s);

enum link_kind { LINK_ORIGINAL, LINK_OPTIMISED, LINK_THUMBNAIL };

/* How a link shall be. Zero means the default of its kind. */
struct link_options {
    enum link_kind kind;
    int width, height;        /* thumbnail: default 300 x 300 */
    const char *format;       /* "jpg": pin it; NULL: f_auto, or none for original */
    const char *quality;      /* NULL: auto:good */
    const char *transformation; /* raw components, instead of all above */
    bool sign;
};

struct store_ops {
    const char *name;         /* "local": the catalog's storage_provider */
    bool is_remote;           /* metadata is stripped before sending by default */

    /* The name that ITEM would get, known before anything is sent; for the
     * journal. NULL where content alone is the name. Caller frees. */
    char *(*plan)(struct store *s, const struct store_item *item, struct error *err);
    int (*put)(struct store *s, const struct store_item *item, struct stored *ret,
               struct error *err);
    /* Write the bytes of SHA256 / WHAT to FD. */
    int (*get)(struct store *s, const struct stored *what, const char *sha256, int fd,
               struct error *err);
    /* 1 removed, 0 it was not there, -1. */
    int (*remove)(struct store *s, const struct stored *what, const char *sha256,
                  struct error *err);
    int (*link)(struct store *s, const struct stored *what,
                const struct link_options *options, struct buf *out, struct error *err);
    /* Is it usable? A sentence about it into OUT. With NETWORK, ask the service. */
    int (*check)(struct store *s, bool network, struct buf *out, struct error *err);
    void (*close)(struct store *s);
};

/* Each kind of store embeds this as its first member. */
struct store {
    const struct store_ops *ops;
};

/* What a store may need from the program around it. */
struct store_context {
    const struct config *config;
    int trace_fd;             /* -1: no trace */
};

/* By name ("local", "cloudinary"). ERROR_USAGE for another name,
 * ERROR_CREDENTIALS where an account is missing. */
int store_open(const char *name, const struct store_context *context,
               struct store **ret, struct error *err);
void store_close(struct store *s);

/* The store that is used when nobody names one: the setting "store", else
 * "cloudinary" if an account is configured, else "local". */
const char *store_default(const struct config *config);

/* Could the store NAME be used: does it need an account, and is there one? Asks
 * no helper program and no service. */
bool store_is_configured(const char *name, const struct config *config);

/* NULL-terminated, for options and completions. */
extern const char *const store_names[];

#endif
