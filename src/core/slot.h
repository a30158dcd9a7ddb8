/*
 * slot.h - one input on its way through a batch, and what the files of the batch do
 * with it: window.c moves the slots, read.c opens and digests, upload.c speaks with
 * the catalog, send.c with the store.
 */
#ifndef SLOT_H
#define SLOT_H

#include <signal.h>

#include "imgctl/batch.h"
#include "imgctl/pool.h"
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
    SLOT_SENT,      /* or failed: to be written down */
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
    bool is_dropped;    /* stopped before it was sent: reported to nobody */
    struct store_item item;
    struct transfer transfer;
    struct stored stored;
    struct batch_result result;
};

struct batch {
    struct upload_options options;
    struct batch_options how;
    struct catalog *catalog;
    struct store *store;
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
    int64_t failures;           /* known so far */
    bool stopping;              /* but for inputs before this: */
    size_t keep;
    volatile sig_atomic_t interrupts;

    size_t pending;             /* slots that want the catalog */
    int64_t pending_since;      /* clock_steady() */
    int64_t patience;           /* ms, before a group is written */
    void *planned;              /* digests seen in a dry run: a tree of tsearch() */
};

#define BATCH_EACH(b, s)                                                     \
    for (size_t i_ = (b)->head;                                              \
         i_ < (b)->next && ((s) = &(b)->slots[i_ % (b)->window]); i_++)

/* ---- window.c ---- */

void slot_over(struct slot *s);                  /* its result is known */
void slot_want_catalog(struct slot *s, enum stage stage);
void batch_stop(struct batch *b);                /* begin nothing more */

/* ---- read.c ---- */

void slot_open(struct slot *s, const char *input); /* from its stat alone, or reading */
void slot_read(struct slot *s);
void slot_put_in_pool(struct slot *s);             /* for a store of threads */
void slot_verify(struct slot *s);
void slot_came_back(struct slot *s);               /* from the pool */

/* What the catalog remembers a file by; false for what is no file, or could change
 * unnoticed. */
bool slot_file_key(const struct slot *s, struct file_key *key);

/* ---- upload.c ---- */

void slot_recognise(struct slot *s); /* PREPARED: known, new, or a twin under way? */

/* Write all that wants the catalog in one transaction. */
void batch_write_group(struct batch *b);

/* ---- send.c ---- */

void slot_send(struct slot *s);

#endif
