/*
 * generation.h - one order on its way: what the files of generate.h do with it.
 * generation.c knows the steps of the crash protocol, deliver.c what happens to the
 * pictures, generate.c runs several, recover.c comes afterwards.
 */
#ifndef GENERATION_H
#define GENERATION_H

#include <signal.h>
#include <stdatomic.h>

#include "imgctl/batch.h"
#include "imgctl/generate.h"
#include "imgctl/pool.h"
#include "imgctl/spool.h"

enum flight_stage {
    FLIGHT_EMPTY,
    FLIGHT_RESERVED, /* by generate_reserve(): not sent yet */
    FLIGHT_SENDING,  /* with a thread */
    FLIGHT_OVER,     /* to be reported when its turn comes */
};

struct flight {
    enum flight_stage stage;
    struct generate_run *run;
    struct pool_task task;
    struct generator *generator; /* its own: one thread each */
    struct spool spool;
    struct job job;
    int fds[GENERATE_COUNT];
    struct generate_answer answer;
    struct error error;          /* of the sending */
    int64_t began;               /* clock_steady() */
    atomic_llong received;
    struct generate_result result;
};

struct generate_run {
    struct generate_options options;
    struct catalog *catalog;
    const struct order *orders;
    size_t count;
    struct generator *borrowed;  /* the first flight's; the caller's */
    struct flight *flights;      /* a ring: order I is in flight I % window */
    size_t window;
    size_t head, next;           /* orders reported; begun */
    int under_way;
    int64_t not_before;          /* clock_steady(): the rate allows no other until then */
    bool stopping;
    struct pool *pool;
    struct generate_progress progress;
    atomic_int interrupts;
    struct batch *volatile storing;
};

/* ---- generation.c: the steps, in their order ---- */

struct flight *flight_of(struct pool_task *task);

/* A spool and a reserved job. On failure there is neither. */
int flight_reserve(struct flight *f, struct error *err);
/* Mark it as being sent, and send it in a thread of the pool. */
int flight_send(struct flight *f, struct error *err);
/* Back from the thread: the catalog says what became of it, and its pictures are
 * stored. The result is filled in. */
void flight_settle(struct flight *f);
/* It was reserved and is not to be sent. */
void flight_drop(struct flight *f);
void flight_release(struct flight *f);

/* The answer in the spool becomes the job's: it is generated. 1, 0 there is none, -1. */
int job_arrived(struct catalog *c, struct job *j, const struct spool *s,
                struct error *err);

/* ---- deliver.c ---- */

struct delivery {
    const struct generate_options *options;
    struct catalog *catalog;
    struct job *job;             /* generated */
    struct spool *spool;         /* removed when all is done */
    struct batch *volatile *storing; /* for interrupts */
    const atomic_int *interrupts;    /* how many; after two nothing more is stored */
    bool is_live;                /* standard output may be what -o names */
    struct generate_result *result;
};

/* Write the files that were asked for, store every picture that is not stored. What
 * fails is in the result, in the catalog, and still in the spool. */
void deliver(const struct delivery *d);

#endif
