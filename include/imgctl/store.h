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

    /* For what is sent in pieces: NOTE is told from run() when some have arrived, and
     * its words are given to a later attempt as RESUME. They are the store's own, and
     * no more than a hint: what does not fit any more is sent from the start. NULL. */
    const char *resume;
    void (*note)(void *cookie, const char *resume);

    /* Told from run() how many of its bytes have left: often, and less than before when
     * some are sent again. A store of threads does not tell. NULL. */
    void (*progress)(void *cookie, int64_t sent);

    /* Asked when the bytes were read and nobody can see them yet: are they still those
     * of SHA256? -1 fails the put. A store that cannot hold them back does not ask.
     * NULL. */
    int (*check)(void *cookie, struct error *err);
    void *cookie; /* of all three */
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

/* The link by which a platform fetches what is posted: optimised, and always a JPEG.
 * Whoever looks at it beforehand takes this one, too. */
extern const struct link_options link_for_posting;

/* What a store has of a picture, as examine() is asked and answers. */
enum store_state {
    STORE_HAS,
    STORE_LACKS,
    STORE_DIFFERS,            /* WHY says in what: "has 12 bytes, not 30" */
};

struct store_fact {
    const struct stored *what; /* with its url and public id */
    const char *sha256;
    int64_t size;
    enum store_state state;
    char why[160];
};

#define STORE_FACTS 100       /* so many make good use of one call */

/* A thing that walk() found. Strings are the store's, during the call. */
struct store_entry {
    const char *name;         /* what discard() takes and people read */
    const char *sha256;       /* NULL: its name does not tell */
    const char *format;
    const char *public_id;    /* NULL: content is the name */
    int64_t bytes;
    int64_t modified;         /* ms; 0: not known */
    bool is_temporary;        /* left by a process that is no more */
    bool is_foreign;          /* not of our making, as its name says */
};

/* Non-zero stops the walk; below zero with ERR set, as its failure. */
typedef int store_each(void *cookie, const struct store_entry *entry, struct error *err);

/* The end of what start() began: RESULT is 0 and STORED what the store knows (DONE
 * may take its strings), or -1 with ERR. */
typedef void store_done(void *cookie, int result, struct stored *stored,
                        struct error *err);

struct store_ops {
    const char *name;         /* "local": the catalog's storage_provider */
    bool is_remote;           /* metadata is stripped before sending by default */

    /* The name that ITEM would get, known before anything is sent; for the
     * journal. NULL where content alone is the name. Caller frees. */
    char *(*plan)(struct store *s, const struct store_item *item, struct error *err);
    int (*put)(struct store *s, const struct store_item *item, struct stored *ret,
               struct error *err);
    /*
     * put() side by side: begin it, and DONE is called once from run(), unless it is
     * cancelled before. ITEM and all it points to stay until then. run() returns when
     * something is done, after TIMEOUT ms (negative: no limit) or when WAKE_FD can be
     * read. Where the three are NULL, several threads may call put() at once.
     */
    int (*start)(struct store *s, const struct store_item *item, store_done *done,
                 void *cookie, struct error *err);
    void (*run)(struct store *s, int wake_fd, int timeout);
    void (*cancel)(struct store *s); /* all that is under way */
    /* Write the bytes of SHA256 / WHAT to FD. */
    int (*get)(struct store *s, const struct stored *what, const char *sha256, int fd,
               struct error *err);
    /* The same of a version made by the service, in any format, that fits into WIDTH x
     * HEIGHT. NULL: get() is as good. */
    int (*get_small)(struct store *s, const struct stored *what, int width, int height,
                     int fd, struct error *err);
    /* A descriptor to read the bytes where they are, for the caller to close; -1. NULL:
     * they are not at hand, get() fetches them. */
    int (*open)(struct store *s, const struct stored *what, const char *sha256,
                struct error *err);
    /* 1 removed, 0 it was not there, -1. */
    int (*remove)(struct store *s, const struct stored *what, const char *sha256,
                  struct error *err);
    int (*link)(struct store *s, const struct stored *what,
                const struct link_options *options, struct buf *out, struct error *err);
    /* Is it usable? A sentence about it into OUT. With NETWORK, ask the service. */
    int (*check)(struct store *s, bool network, struct buf *out, struct error *err);
    void (*close)(struct store *s);

    /*
     * Fill in the state of COUNT pictures. DEEP: digest the bytes that are at hand;
     * otherwise what can be told without reading them. -1: it cannot be asked.
     */
    int (*examine)(struct store *s, struct store_fact *facts, size_t count, bool deep,
                   struct error *err);
    /* Everything in this store that may be ours; in no particular order. */
    int (*walk)(struct store *s, store_each *each, void *cookie, struct error *err);
    /* Take away what walk() named so. 1, 0 it was gone, -1. NULL: this store may have
     * other users, nothing is taken from it that no row names. */
    int (*discard)(struct store *s, const char *name, struct error *err);
};

/* Each kind of store embeds this as its first member. */
struct store {
    const struct store_ops *ops;
};

/* What a store may need from the program around it. */
struct store_context {
    const struct config *config;
    int trace_fd;             /* -1: no trace */
    int jobs;                 /* puts at once over the network; 0: 8 */
    int64_t requests_per_minute, bytes_per_second; /* 0: no limit */
};

/* By name ("local", "cloudinary"). ERROR_USAGE for another name,
 * ERROR_CREDENTIALS where an account is missing. */
int store_open(const char *name, const struct store_context *context,
               struct store **ret, struct error *err);
void store_close(struct store *s);

/* The store that is used when nobody names one: the setting "store", else
 * "cloudinary" if an account is configured, else "local". */
const char *store_default(const struct config *config);

/* Could the store NAME be used: does it need an account, and is there one? Asks the
 * credential helper, where one is set, but no service. */
bool store_is_configured(const char *name, const struct config *config);

/* NULL-terminated, for options and completions. */
extern const char *const store_names[];
int store_check_name(const char *name, struct error *err); /* ERROR_USAGE */

#endif
