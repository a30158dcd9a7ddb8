/* Several orders side by side: one thread speaks with the catalog and the store, one
 * for each request under way waits for its service. */
#include <poll.h>
#include <stdlib.h>

#include "generation.h"
#include "imgctl/clock.h"
#include "imgctl/digest.h"
#include "imgctl/mem.h"

#define TICK 100   /* ms */
#define RATE_AGAIN 2000 /* ms: others may have dropped what they reserved */
#define JOBS_MOST POOL_THREADS

#define RUN_EACH(r, f)                                                       \
    for (size_t i_ = (r)->head;                                              \
         i_ < (r)->next && ((f) = &(r)->flights[i_ % (r)->window]); i_++)

struct generate_run *generate_new(const struct generate_options *options,
                                  struct catalog *catalog, const struct order *orders,
                                  size_t count)
{
    struct generate_run *r = mem_alloc(sizeof *r);
    r->options = *options;
    if (r->options.jobs < 1 || r->options.jobs > JOBS_MOST) {
        r->options.jobs = r->options.jobs < 1 ? 1 : JOBS_MOST;
    }
    r->catalog = catalog;
    r->orders = orders;
    r->count = count;
    r->window = 2 * (size_t)r->options.jobs;
    r->flights = mem_array(r->window, sizeof *r->flights);
    for (size_t i = 0; i < r->window; i++) {
        struct flight *f = &r->flights[i];
        f->run = r;
        f->spool = (struct spool)SPOOL_INIT;
        f->result.cost = MONEY_UNKNOWN;
        for (int k = 0; k < GENERATE_COUNT; k++) {
            f->fds[k] = -1;
        }
    }
    r->progress.total = (int64_t)count;
    return r;
}

void generate_free(struct generate_run *r)
{
    if (!r) {
        return;
    }
    pool_free(r->pool);
    for (size_t i = 0; i < r->window; i++) {
        flight_release(&r->flights[i]);
        if (r->flights[i].generator != r->borrowed) {
            generator_close(r->flights[i].generator);
        }
    }
    free(r->flights);
    free(r);
}

void generate_interrupt(struct generate_run *r)
{
    struct batch *b = r->storing;
    bool is_first = atomic_fetch_add(&r->interrupts, 1) == 0;
    if (b && !is_first) { /* what is paid for is stored, unless it takes too long */
        batch_interrupt(b);
        batch_interrupt(b);
    }
    if (r->pool) {
        pool_wake(r->pool);
    }
}

/* ---- Beginning ---- */

/* Modules are loaded here: a thread must not be the first to need one. */
static int prepare(struct generate_run *r, struct error *err)
{
    struct digest *d;
    if (digest_start(DIGEST_SHA256, &d, err) < 0) {
        return -1;
    }
    digest_free(d);
    if (r->pool) {
        return 0;
    }
    size_t jobs = (size_t)r->options.jobs;
    size_t threads = r->count < jobs ? r->count : jobs;
    return pool_new((unsigned)threads, &r->pool, err);
}

static int open_generator(struct flight *f, struct error *err)
{
    const struct generate_options *o = &f->run->options;
    const struct generator_context context = { o->config, o->trace_fd };
    return f->generator ? 0 : generator_open(o->provider, &context, &f->generator, err);
}

static int begin(struct flight *f, struct error *err)
{
    if (f->stage == FLIGHT_EMPTY) {
        f->result.order = &f->run->orders[f->run->next];
        f->result.cost = MONEY_UNKNOWN;
        if (open_generator(f, err) < 0 || flight_reserve(f, err) < 0) {
            return -1;
        }
    }
    if (atomic_load(&f->run->interrupts) > 0) {
        flight_drop(f);
        return error_set(err, ERROR_FAILED, "interrupted before it was sent");
    }
    return flight_send(f, err);
}

/* What one order fails of, all would: money, keys, the catalog, an unsure network. */
static bool is_common(enum error_kind kind)
{
    return kind == ERROR_CREDENTIALS || kind == ERROR_LIMIT || kind == ERROR_RATE_LIMIT ||
           kind == ERROR_CATALOG || kind == ERROR_UNKNOWN || kind == ERROR_UNAVAILABLE ||
           kind == ERROR_NETWORK || kind == ERROR_CONFIG || kind == ERROR_STORE;
}

static void over(struct flight *f)
{
    f->stage = FLIGHT_OVER;
    f->run->stopping = f->run->stopping || is_common(f->result.error.kind);
}

/* Our own rate has room later: it is waited for, unless that makes no sense. */
static bool put_off(struct flight *f, const struct error *why)
{
    if (why->kind != ERROR_RATE_LIMIT || f->stage != FLIGHT_EMPTY) {
        return false;
    }
    f->run->not_before = clock_steady() + RATE_AGAIN;
    generate_result_release(&f->result);
    return true;
}

static bool may_begin(const struct generate_run *r)
{
    return !r->stopping && atomic_load(&r->interrupts) == 0 && r->next < r->count &&
           r->next - r->head < r->window && r->under_way < r->options.jobs &&
           clock_steady() >= r->not_before;
}

static void begin_more(struct generate_run *r)
{
    while (may_begin(r)) {
        struct flight *f = &r->flights[r->next % r->window];
        struct error err = ERROR_INIT;
        int result = begin(f, &err);
        if (result < 0 && put_off(f, &err)) {
            return;
        }
        r->next++;
        if (result < 0) {
            f->result.error = err;
            over(f);
        }
    }
}

/* ---- One turn ---- */

static void collect(struct generate_run *r)
{
    struct pool_task *next;
    for (struct pool_task *task = pool_collect(r->pool); task; task = next) {
        struct flight *f = flight_of(task);
        next = task->next;
        r->progress.bytes += atomic_load(&f->received);
        flight_settle(f);
        over(f);
    }
}

static bool has_failed(const struct generate_result *result)
{
    bool failed = result->error.kind != ERROR_NONE;
    for (int i = 0; i < result->count; i++) {
        failed = failed || result->pictures[i].error.kind != ERROR_NONE;
    }
    return failed;
}

static void report(struct generate_run *r, generate_each *each, void *cookie)
{
    while (r->head < r->next) {
        struct flight *f = &r->flights[r->head % r->window];
        if (f->stage != FLIGHT_OVER) {
            return;
        }
        r->progress.done++;
        r->progress.failed += has_failed(&f->result);
        each(cookie, &f->result);
        flight_release(f);
        r->head++;
    }
}

static void tell(struct generate_run *r, generate_tick *tick, void *cookie)
{
    struct generate_progress p = r->progress;
    struct flight *f;
    int64_t now = clock_steady();
    p.under_way = r->under_way;
    RUN_EACH(r, f) {
        if (f->stage == FLIGHT_SENDING) {
            p.bytes += atomic_load(&f->received);
            p.elapsed = now - f->began > p.elapsed ? now - f->began : p.elapsed;
        }
    }
    if (tick) {
        tick(cookie, &p);
    }
}

static bool is_over(const struct generate_run *r)
{
    bool more = r->next < r->count && !r->stopping && atomic_load(&r->interrupts) == 0;
    return r->head == r->next && !more;
}

int generate(struct generate_run *r, generate_each *each, generate_tick *tick,
             void *cookie, struct generate_progress *progress, struct error *err)
{
    if (prepare(r, err) < 0) {
        return -1;
    }
    struct flight *first = &r->flights[0];
    if (first->stage == FLIGHT_RESERVED) { /* by generate_reserve() */
        r->next = 1;
        if (begin(first, err) < 0) {
            first->result.error = *err;
            error_clear(err);
            over(first);
        }
    }
    while (!is_over(r)) {
        collect(r);
        begin_more(r);
        report(r, each, cookie);
        tell(r, tick, cookie);
        if (!is_over(r)) {
            struct pollfd wake = { .fd = pool_fd(r->pool), .events = POLLIN };
            poll(&wake, 1, TICK);
        }
    }
    *progress = r->progress;
    return 0;
}

/* ---- In the background ---- */

int generate_reserve(struct generate_run *r, int64_t *job, struct error *err)
{
    struct flight *f = &r->flights[0];
    f->result.order = &r->orders[0];
    if (open_generator(f, err) < 0 || flight_reserve(f, err) < 0) {
        return -1;
    }
    *job = f->job.id;
    return 0;
}

void generate_use_generator(struct generate_run *r, struct generator *g)
{
    r->flights[0].generator = r->borrowed = g;
}

void generate_use_catalog(struct generate_run *r, struct catalog *catalog)
{
    r->catalog = catalog;
}

char *generate_log_path(const struct generate_run *r)
{
    return spool_log_path(&r->flights[0].spool);
}
