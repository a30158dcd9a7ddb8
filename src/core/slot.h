/*
 * slot.h - one input on its way through a batch, and what the files of the batch do
 * with it: window.c moves the slots, read.c opens and digests, group.c writes the
 * catalog, send.c speaks with the store; upload.c and push.c say what is to be done.
 */
#ifndef SLOT_H
#define SLOT_H

#include <signal.h>

#include "imgctl/batch.h"
#include "imgctl/file.h"
#include "imgctl/pool.h"
#include "imgctl/push.h"
#include "prepare.h"

enum stage {
    SLOT_EMPTY,
    SLOT_READING,   /* with the pool */
    SLOT_PREPARED,  /* its digest is known; to be recognised when its turn comes */
    SLOT_WAITING,   /* the same content is under way in another slot */
    SLOT_ASKING,    /* wants the catalog: to be brought back, or to begin */
    SLOT_BEGUN,     /* its intent is in the group */
    SLOT_QUEUED,    /* and committed: it may be sent */
    SLOT_SENDING,   /* with the store, or with the pool for a store of threads */
    SLOT_SENT,      /* or failed: to be confirmed, and written down */
    SLOT_SETTLED,   /* written, not committed */
    SLOT_VERIFYING, /* with the pool, before its source is removed */
    SLOT_OVER,      /* to be reported when its turn comes */
};

struct slot {
    enum stage stage;
    struct batch *batch;
    size_t index;       /* of its input */
    struct pool_task task;
    int task_result;
    struct prepared prepared;
    bool is_cached;     /* only the digest is known, nothing is open */
    bool is_sound;      /* prepare() succeeded */
    char *path;         /* absolute; NULL: not a file by name */
    bool is_known;      /* it has a row, which --force stores again */
    bool is_dropped;    /* stopped before it was sent: reported as skipped */
    bool has_news;      /* transfer.resume is to be written down */
    bool is_confirmed;  /* what the store has was looked at, if that is wanted */
    bool is_withdrawn;  /* sent, but no row wants it any more */
    struct picture former; /* a push: the row as it was before */
    struct upload_change *change; /* NULL: there is no conversion */
    struct temp_file file; /* of a conversion, before it has its name */
    struct store_item item;
    struct transfer transfer;
    struct stored stored;
    int64_t sent;       /* bytes of it that have left; counted in the batch, too */
    struct batch_result result;
};

/*
 * What a batch does with its slots. In a group nothing may speak to the network; -1
 * with the slot's error where an int is returned.
 */
struct batch_work {
    void (*open)(struct slot *s, const char *input);
    int (*read)(struct slot *s, unsigned worker);  /* in the pool */
    bool digests;                       /* then, what read() left without a digest */
    void (*recognise)(struct slot *s);  /* PREPARED, in input order */
    void (*ask)(struct slot *s);        /* ASKING, in a group */
    void (*confirm)(struct slot *s);    /* SENT well, before its group; NULL */
    int (*settle)(struct slot *s);      /* SENT well, in a group: the row */
    void (*finish)(struct slot *s);     /* SETTLED, and committed, well or not */
};

extern const struct batch_work file_work;

struct batch {
    const struct batch_work *work;
    struct upload_options options;
    struct push_options push;
    struct store *from;         /* of a push */
    struct batch_options how;
    struct catalog *catalog;
    struct store *store;        /* NULL: files are written */
    const struct strlist *inputs;
    struct batch_counts counts;
    batch_each *each;
    batch_tick *tick;
    void *cookie;

    struct pool *pool;
    struct http_client *clients[POOL_THREADS]; /* for URLs, one a thread */
    struct slot *slots;         /* a ring: input I is in slot I % window */
    size_t window;
    size_t head, next;          /* inputs reported; opened */
    int in_pool, in_store;
    bool has_new_files;         /* that the catalog remembers */
    int64_t failures;           /* known so far */
    bool stopping;              /* but for inputs before this: */
    size_t keep;
    volatile sig_atomic_t interrupts;

    size_t pending;             /* slots that want the catalog */
    int64_t pending_since;      /* clock_steady() */
    int64_t patience;           /* ms, before a group is written */
    void *planned;              /* digests seen in a dry run, files written: a tree of
                                   tsearch() */
};

#define BATCH_EACH(b, s)                                                     \
    for (size_t i_ = (b)->head;                                              \
         i_ < (b)->next && ((s) = &(b)->slots[i_ % (b)->window]); i_++)

/* ---- window.c ---- */

void slot_over(struct slot *s);                  /* its result is known */
void slot_sent(struct slot *s, int64_t bytes);   /* so many of its bytes have left */
void slot_want_catalog(struct slot *s, enum stage stage);
void batch_stop(struct batch *b);                /* begin nothing more */

/* Is the same content under way in another slot? */
bool slot_has_twin(const struct slot *s);

/* Has KEY been seen before? */
bool batch_saw(struct batch *b, const char *key);

/* What is known of its input beside; NULL. */
const struct upload_origin *slot_origin(const struct slot *s);

struct batch *batch_new_for(const struct batch_work *work,
                            const struct batch_options *options, struct catalog *catalog,
                            struct store *store, const struct strlist *inputs);

/* ---- read.c ---- */

void slot_open_file(struct slot *s, const char *input); /* from its stat, or reading */
int slot_read_input(struct slot *s, unsigned worker);
void slot_read(struct slot *s);
void slot_put_in_pool(struct slot *s);             /* for a store of threads */
void slot_verify(struct slot *s); /* not in a group: it may ask a remote store */
void slot_came_back(struct slot *s);               /* from the pool */

/* What the catalog remembers a file by; false for what is no file, or could change
 * unnoticed. */
bool slot_file_key(const struct slot *s, struct file_key *key);

/* ---- group.c ---- */

/* Write all that wants the catalog in one transaction. */
void batch_write_group(struct batch *b);

/* For ask(): the intent of sending s->item goes into the journal. Takes SOURCE. */
int slot_begin_transfer(struct slot *s, char *source);

/* What P's row will say of where its bytes are. Takes STORED over. */
void slot_take_stored(struct picture *p, struct stored *stored);
void slot_fail(struct slot *s);

/* Take out of the store what only this slot has put there, if no row and no transfer
 * stands on it. Not in a group: it may ask a remote store. */
void slot_withdraw(struct slot *s);

/* ---- send.c ---- */

void slot_send(struct slot *s);

#endif
