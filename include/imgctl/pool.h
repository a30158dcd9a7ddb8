/*
 * pool.h - a few threads that read and compute while the main thread talks.
 *
 * A task is embedded in what it works on, is added by the main thread, run by one of
 * the threads, and handed back to the main thread, which alone touches it before and
 * after. The descriptor of the pool can be read when something came back, so that one
 * poll() waits for the pool and for the network.
 *
 * Tasks that mostly wait for others, as for a slow server, have threads of their own,
 * so that they hold up nothing that computes.
 */
#ifndef IMGCTL_POOL_H
#define IMGCTL_POOL_H

#include <stdbool.h>

#include "imgctl/error.h"

struct pool;

struct pool_task {
    void (*run)(struct pool_task *task, unsigned worker); /* WORKER from 0 */
    /* NULL, or what a thread may do with two that have the same, where it takes less
     * than one after the other; only when every other thread has work, too. */
    void (*run_two)(struct pool_task *one, struct pool_task *two, unsigned worker);
    bool waits; /* for the threads that are there for that, if there are any */
    struct pool_task *next;
};

#define POOL_THREADS 16 /* at most, of both kinds */

/* With no threads (also where none can be made) pool_add() runs a task at once. */
int pool_new(unsigned threads, struct pool **ret, struct error *err);

/* With WAITING more, for tasks that wait. */
int pool_new_waiting(unsigned threads, unsigned waiting, struct pool **ret,
                     struct error *err);

void pool_add(struct pool *p, struct pool_task *task);

/* All tasks that came back since the last call, linked by next; NULL: none. */
struct pool_task *pool_collect(struct pool *p);

int pool_fd(const struct pool *p);

/* Make the descriptor readable. May be called from a signal handler. */
void pool_wake(struct pool *p);

/* Waits for the tasks that run; those that wait are not run any more. */
void pool_free(struct pool *p);

/* Processors that this process may use. */
unsigned pool_processors(void);

#endif
