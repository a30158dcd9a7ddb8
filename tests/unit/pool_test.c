/*
 * The threads of a batch: each task comes back once, and those that wait for others
 * hold up nothing that computes.
 */
#include "imgctl/pool.h"

#include <poll.h>
#include <sched.h>
#include <semaphore.h>
#include <stdatomic.h>

#include "test.h"

#define LONG (20 * 1000) /* ms; nobody waits so long unless something is broken */

struct job {
    struct pool_task task; /* first */
    int runs;
    sem_t *gate; /* NULL: none to wait at */
};

static atomic_int busy[POOL_THREADS];
static atomic_int shared; /* tasks that found another with their worker's number */

static void run(struct pool_task *task, unsigned worker)
{
    struct job *j = (struct job *)task;
    if (atomic_fetch_add(&busy[worker], 1) > 0) {
        atomic_fetch_add(&shared, 1);
    }
    if (j->gate) {
        while (sem_wait(j->gate) < 0) {
        }
    }
    j->runs++;
    atomic_fetch_sub(&busy[worker], 1);
}

static struct pool *make(unsigned threads, unsigned waiting)
{
    struct error err = ERROR_INIT;
    struct pool *p;
    if (pool_new_waiting(threads, waiting, &p, &err) < 0) {
        printf("Bail out! %s\n", err.message);
        exit(1);
    }
    return p;
}

static void add(struct pool *p, struct job *j, bool waits, sem_t *gate)
{
    *j = (struct job){ .task = { .run = run, .waits = waits }, .gate = gate };
    pool_add(p, &j->task);
}

/* Wait until COUNT tasks came back; false if they do not. */
static bool collect(struct pool *p, int count)
{
    while (count > 0) {
        struct pollfd fd = { .fd = pool_fd(p), .events = POLLIN };
        if (poll(&fd, 1, LONG) <= 0) {
            return false;
        }
        for (struct pool_task *t = pool_collect(p); t; t = t->next) {
            count--;
        }
    }
    return count == 0;
}

TEST(each_comes_back_once)
{
    static struct job jobs[2000];
    struct pool *p = make(3, 2);
    for (int i = 0; i < 2000; i++) {
        add(p, &jobs[i], i % 3 == 0, NULL);
    }
    CHECK(collect(p, 2000));
    CHECK(!pool_collect(p));
    for (int i = 0; i < 2000; i++) {
        CHECK_INT(jobs[i].runs, 1);
    }
    CHECK_INT(shared, 0);
    pool_free(p);
}

static int busy_now(void)
{
    int count = 0;
    for (int i = 0; i < POOL_THREADS; i++) {
        count += busy[i];
    }
    return count;
}

static atomic_int together; /* calls for two */

static void run_two(struct pool_task *one, struct pool_task *two, unsigned worker)
{
    atomic_fetch_add(&together, 1);
    run(one, worker);
    run(two, worker);
}

static void run_two_others(struct pool_task *one, struct pool_task *two, unsigned worker)
{
    run_two(one, two, worker);
}

/* How many pairs are made of COUNT tasks that wait for THREADS threads, the last KINDS -
 * 1 of which are each of another kind. */
static int pairs_of(unsigned threads, int count, int kinds)
{
    struct job holding[2], jobs[8];
    sem_t gate;
    struct pool *p = make(threads, 0);
    sem_init(&gate, 0, 0);
    together = 0;
    for (unsigned i = 0; i < threads; i++) {
        add(p, &holding[i], false, &gate);
    }
    while (busy_now() < (int)threads) {
        sched_yield();
    }
    for (int i = 0; i < count; i++) {
        jobs[i] = (struct job){ .task = { .run = run, .run_two = run_two } };
        if (i > count - kinds) {
            jobs[i].task.run_two = run_two_others;
        }
        pool_add(p, &jobs[i].task);
    }
    sem_post(&gate); /* one thread for all of them */
    CHECK(collect(p, 1 + count));
    for (unsigned i = 1; i < threads; i++) {
        sem_post(&gate);
    }
    CHECK(collect(p, (int)threads - 1));
    for (int i = 0; i < count; i++) {
        CHECK_INT(jobs[i].runs, 1);
    }
    pool_free(p);
    sem_destroy(&gate);
    return together;
}

TEST(two_go_together_when_others_have_work_too)
{
    CHECK_INT(pairs_of(1, 1, 1), 0);
    CHECK_INT(pairs_of(1, 2, 1), 1);
    CHECK_INT(pairs_of(1, 5, 1), 2);
    CHECK_INT(pairs_of(1, 4, 2), 1); /* the third and the fourth are no pair */
    CHECK_INT(pairs_of(2, 2, 1), 0); /* one for each thread */
    CHECK_INT(pairs_of(2, 3, 1), 1);
    CHECK_INT(pairs_of(2, 4, 1), 1);
    CHECK_INT(pairs_of(2, 8, 1), 3);
}

TEST(waiting_holds_up_no_computing)
{
    struct job slow[6], fast[20];
    sem_t gate;
    struct pool *p = make(1, 2);
    sem_init(&gate, 0, 0);
    for (int i = 0; i < 6; i++) {
        add(p, &slow[i], true, &gate);
    }
    for (int i = 0; i < 20; i++) {
        add(p, &fast[i], false, NULL);
    }
    CHECK(collect(p, 20));
    for (int i = 0; i < 6; i++) {
        CHECK_INT(slow[i].runs, 0);
    }
    for (int i = 0; i < 6; i++) {
        sem_post(&gate);
    }
    CHECK(collect(p, 6));
    pool_free(p);
    sem_destroy(&gate);
}

TEST(computing_holds_up_no_waiting)
{
    struct job slow, fast[3];
    sem_t gate;
    struct pool *p = make(2, 1);
    sem_init(&gate, 0, 0);
    for (int i = 0; i < 3; i++) {
        add(p, &fast[i], false, &gate);
    }
    add(p, &slow, true, NULL);
    CHECK(collect(p, 1));
    CHECK_INT(slow.runs, 1);
    for (int i = 0; i < 3; i++) {
        sem_post(&gate);
    }
    CHECK(collect(p, 3));
    pool_free(p);
    sem_destroy(&gate);
}

TEST(without_waiting_threads_the_others_do_it)
{
    struct job j;
    struct pool *p = make(1, 0);
    add(p, &j, true, NULL);
    CHECK(collect(p, 1));
    pool_free(p);
}

TEST(without_threads_at_once)
{
    struct job j;
    struct pool *p = make(0, 4);
    add(p, &j, true, NULL);
    CHECK_INT(j.runs, 1);
    CHECK(collect(p, 1));
    pool_free(p);
}

TEST(no_more_threads_than_there_may_be)
{
    static struct job jobs[100];
    struct pool *p = make(POOL_THREADS, POOL_THREADS);
    for (int i = 0; i < 100; i++) {
        add(p, &jobs[i], i % 2 == 0, NULL);
    }
    CHECK(collect(p, 100));
    CHECK_INT(shared, 0);
    pool_free(p);
}

TEST(can_be_woken)
{
    struct pool *p = make(1, 0);
    struct pollfd fd = { .fd = pool_fd(p), .events = POLLIN };
    CHECK_INT(poll(&fd, 1, 0), 0);
    pool_wake(p);
    pool_wake(p);
    CHECK_INT(poll(&fd, 1, LONG), 1);
    CHECK(!pool_collect(p));
    CHECK_INT(poll(&fd, 1, 0), 0);
    pool_free(p);
    pool_free(NULL);
}

int main(void)
{
    RUN(each_comes_back_once);
    RUN(two_go_together_when_others_have_work_too);
    RUN(waiting_holds_up_no_computing);
    RUN(computing_holds_up_no_waiting);
    RUN(without_waiting_threads_the_others_do_it);
    RUN(without_threads_at_once);
    RUN(no_more_threads_than_there_may_be);
    RUN(can_be_woken);
    return test_end();
}
