#include "imgctl/pool.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "imgctl/mem.h"

struct list {
    struct pool_task *first, *last;
    size_t count;
};

/* Tasks of one kind, and the threads that run them. */
struct queue {
    struct list todo;
    pthread_cond_t more;
    unsigned threads;
};

struct worker {
    struct pool *pool;
    struct queue *queue;
    unsigned number;
    pthread_t thread;
};

struct pool {
    pthread_mutex_t lock; /* over the lists and CLOSING */
    struct queue computing, waiting;
    struct list done;
    bool closing;
    int fd;
    unsigned threads; /* of both */
    struct worker workers[POOL_THREADS];
};

static void append(struct list *list, struct pool_task *task)
{
    task->next = NULL;
    *(list->last ? &list->last->next : &list->first) = task;
    list->last = task;
    list->count++;
}

static struct pool_task *take_first(struct list *list)
{
    struct pool_task *task = list->first;
    if (task) {
        list->first = task->next;
        if (!list->first) {
            list->last = NULL;
        }
        list->count--;
    }
    return task;
}

/* One that goes together with TASK, if there is enough for the other threads. */
static struct pool_task *take_companion(struct queue *queue, const struct pool_task *task)
{
    const struct pool_task *next = queue->todo.first;
    bool fits = next && task->run_two && next->run_two == task->run_two;
    return fits && queue->todo.count >= queue->threads ? take_first(&queue->todo) : NULL;
}

static void run(struct pool_task *task, struct pool_task *companion, unsigned worker)
{
    if (companion) {
        task->run_two(task, companion, worker);
    } else {
        task->run(task, worker);
    }
}

static void *work(void *argument)
{
    const struct worker *w = argument;
    struct pool *p = w->pool;
    pthread_mutex_lock(&p->lock);
    while (!p->closing) {
        struct pool_task *task = take_first(&w->queue->todo);
        if (!task) {
            pthread_cond_wait(&w->queue->more, &p->lock);
            continue;
        }
        struct pool_task *companion = take_companion(w->queue, task);
        pthread_mutex_unlock(&p->lock);
        run(task, companion, w->number);
        pthread_mutex_lock(&p->lock);
        bool was_empty = !p->done.first;
        append(&p->done, task);
        if (companion) {
            append(&p->done, companion);
        }
        if (was_empty) {
            pool_wake(p);
        }
    }
    pthread_mutex_unlock(&p->lock);
    return NULL;
}

/* Signals are for the main thread. */
static void start_threads(struct pool *p, struct queue *queue, unsigned threads)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    while (queue->threads < threads && p->threads < POOL_THREADS) {
        struct worker *w = &p->workers[p->threads];
        w->pool = p;
        w->queue = queue;
        w->number = p->threads;
        if (pthread_create(&w->thread, NULL, work, w) != 0) {
            break; /* with fewer it takes longer, that is all */
        }
        queue->threads++;
        p->threads++;
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
}

int pool_new_waiting(unsigned threads, unsigned waiting, struct pool **ret,
                     struct error *err)
{
    int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (fd < 0) {
        return error_errno(err, ERROR_FAILED, "cannot make a descriptor to wait for");
    }
    struct pool *p = mem_alloc(sizeof *p);
    p->fd = fd;
    pthread_mutex_init(&p->lock, NULL);
    pthread_cond_init(&p->computing.more, NULL);
    pthread_cond_init(&p->waiting.more, NULL);
    start_threads(p, &p->computing, threads);
    start_threads(p, &p->waiting, p->threads > 0 ? waiting : 0);
    *ret = p;
    return 0;
}

int pool_new(unsigned threads, struct pool **ret, struct error *err)
{
    return pool_new_waiting(threads, 0, ret, err);
}

void pool_add(struct pool *p, struct pool_task *task)
{
    struct queue *queue = task->waits && p->waiting.threads > 0 ? &p->waiting
                                                                 : &p->computing;
    if (p->threads == 0) {
        task->run(task, 0);
        append(&p->done, task);
        pool_wake(p);
        return;
    }
    pthread_mutex_lock(&p->lock);
    append(&queue->todo, task);
    pthread_cond_signal(&queue->more);
    pthread_mutex_unlock(&p->lock);
}

struct pool_task *pool_collect(struct pool *p)
{
    uint64_t count;
    (void)!read(p->fd, &count, sizeof count); /* nothing there is fine */
    pthread_mutex_lock(&p->lock);
    struct pool_task *first = p->done.first;
    p->done = (struct list){ .first = NULL };
    pthread_mutex_unlock(&p->lock);
    return first;
}

int pool_fd(const struct pool *p)
{
    return p->fd;
}

void pool_wake(struct pool *p)
{
    int saved = errno;
    uint64_t one = 1;
    (void)!write(p->fd, &one, sizeof one); /* full means that it can be read */
    errno = saved;
}

void pool_free(struct pool *p)
{
    if (!p) {
        return;
    }
    pthread_mutex_lock(&p->lock);
    p->closing = true;
    pthread_cond_broadcast(&p->computing.more);
    pthread_cond_broadcast(&p->waiting.more);
    pthread_mutex_unlock(&p->lock);
    for (unsigned i = 0; i < p->threads; i++) {
        pthread_join(p->workers[i].thread, NULL);
    }
    pthread_cond_destroy(&p->computing.more);
    pthread_cond_destroy(&p->waiting.more);
    pthread_mutex_destroy(&p->lock);
    close(p->fd);
    free(p);
}

unsigned pool_processors(void)
{
    cpu_set_t set;
    int count = sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 1;
    return count > 0 ? (unsigned)count : 1;
}
