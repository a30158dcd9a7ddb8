/* The window over the inputs: what is opened, awaited, reported, and when to stop. */
#include "imgctl/batch.h"

#include <malloc.h>
#include <poll.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "imgctl/clock.h"
#include "imgctl/http.h"
#include "imgctl/inputs.h"
#include "imgctl/mem.h"
#include "slot.h"

#define DEFAULT_JOBS 8
#define GROUP_MOST 64
#define WAITING_MOST 8 /* threads for inputs that come slowly */

/* ---- Stages ---- */

static void slot_release(struct slot *s)
{
    prepared_release(&s->prepared);
    transfer_release(&s->transfer);
    stored_release(&s->stored);
    picture_release(&s->result.picture);
    picture_release(&s->former);
    temp_file_discard(&s->file);
    if (s->change) {
        free(s->change->file);
        free(s->change);
    }
    free(s->path);
    *s = (struct slot){ .batch = s->batch, .prepared = PREPARED_INIT,
                        .file = TEMP_FILE_INIT };
}

void slot_want_catalog(struct slot *s, enum stage stage)
{
    struct batch *b = s->batch;
    s->stage = stage;
    if (b->pending++ == 0) {
        b->pending_since = clock_steady();
    }
}

/* As soon as it is known, not when its turn to be reported comes. What stands before
 * it is still done, as if one came after the other. */
static void count_failure(struct slot *s)
{
    struct batch *b = s->batch;
    b->failures++;
    if (b->how.stop_on_error ||
        (b->how.max_failures > 0 && b->failures >= b->how.max_failures)) {
        b->keep = b->stopping && b->keep < s->index ? b->keep : s->index;
        b->stopping = true;
    }
}

void slot_sent(struct slot *s, int64_t bytes)
{
    s->batch->counts.under_way += bytes - s->sent;
    s->sent = bytes;
}

/* What was sent of it has arrived, or was sent in vain. */
static void count_bytes(struct slot *s)
{
    int64_t sent = s->sent;
    slot_sent(s, 0);
    if (!s->result.failed) {
        s->batch->counts.bytes += sent;
    }
}

void slot_over(struct slot *s)
{
    struct slot *other;
    s->stage = SLOT_OVER;
    count_bytes(s);
    if (s->result.failed && !s->is_dropped) {
        count_failure(s);
    }
    prepared_release(&s->prepared); /* descriptors are few, and slots wait in line */
    BATCH_EACH(s->batch, other) {
        if (other->stage == SLOT_WAITING &&
            strcmp(other->prepared.bytes.sha256, s->prepared.bytes.sha256) == 0) {
            other->stage = SLOT_PREPARED;
        }
    }
}

bool slot_has_twin(const struct slot *s)
{
    const struct slot *other;
    BATCH_EACH(s->batch, other) {
        bool under_way = other->stage >= SLOT_ASKING && other->stage <= SLOT_SETTLED;
        if (under_way && other != s &&
            strcmp(other->prepared.bytes.sha256, s->prepared.bytes.sha256) == 0) {
            return true;
        }
    }
    return false;
}

bool batch_saw(struct batch *b, const char *key)
{
    char *copy = mem_strdup(key);
    char **node = tsearch(copy, &b->planned, (int (*)(const void *, const void *))strcmp);
    if (node && *node == copy) {
        return false;
    }
    free(copy);
    return node != NULL;
}

const struct upload_origin *slot_origin(const struct slot *s)
{
    const struct upload_origin *all = s->batch->options.origins;
    return all ? &all[s->index] : NULL;
}

/* Does it send over the network, by itself? */
static bool sends_itself(const struct batch *b)
{
    return b->store && b->store->ops->start;
}

/* ---- Stopping ---- */

static void drop(struct slot *s)
{
    switch (s->stage) {
    case SLOT_PREPARED:
    case SLOT_WAITING:
        s->is_dropped = true;
        slot_over(s);
        break;
    case SLOT_ASKING:
        s->batch->pending--;
        s->is_dropped = true;
        slot_over(s);
        break;
    case SLOT_QUEUED:
        s->is_dropped = s->result.failed = true;
        slot_want_catalog(s, SLOT_SENT);
        break;
    default:
        break;
    }
}

void batch_stop(struct batch *b)
{
    b->stopping = true;
    b->keep = 0;
}

/* Is it not to go further than it is? */
static bool is_stopped(const struct slot *s)
{
    return s->batch->stopping && s->index >= s->batch->keep;
}

static void drop_what_is_not_sent(struct batch *b)
{
    struct slot *s;
    BATCH_EACH(b, s) {
        if (is_stopped(s)) {
            drop(s);
        }
    }
}

void batch_interrupt(struct batch *b)
{
    b->interrupts++;
    if (b->pool) {
        pool_wake(b->pool);
    }
}

bool batch_was_cut(const struct batch *b)
{
    return b->interrupts > 1;
}

/* ---- One turn ---- */

static void collect(struct batch *b)
{
    struct pool_task *next;
    for (struct pool_task *task = pool_collect(b->pool); task; task = next) {
        next = task->next;
        slot_came_back((struct slot *)((char *)task - offsetof(struct slot, task)));
    }
}

static bool may_open(const struct batch *b)
{
    return !b->stopping && b->next < b->inputs->len && b->next - b->head < b->window;
}

static void open_ahead(struct batch *b)
{
    while (may_open(b)) {
        struct slot *s = &b->slots[b->next % b->window];
        s->index = b->next++;
        b->work->open(s, b->inputs->items[s->index]);
    }
}

/* In input order: nobody overtakes one that is still being read. */
static void recognise(struct batch *b)
{
    struct slot *s;
    BATCH_EACH(b, s) {
        if (s->stage == SLOT_READING || is_stopped(s)) {
            return;
        }
        if (s->stage == SLOT_PREPARED) {
            b->work->recognise(s);
        }
    }
}

static bool group_is_due(const struct batch *b)
{
    bool idle = b->in_pool == 0 && b->in_store == 0;
    return b->pending > 0 && (idle || b->pending >= GROUP_MOST ||
                              clock_steady() - b->pending_since >= b->patience);
}

static void send(struct batch *b)
{
    struct slot *s;
    int jobs = sends_itself(b) ? b->how.jobs : (int)b->window;
    BATCH_EACH(b, s) {
        if (b->in_store >= jobs) {
            return;
        }
        if (s->stage == SLOT_QUEUED && !is_stopped(s)) {
            slot_send(s);
        }
    }
}

static void report_slot(struct batch *b, struct slot *s)
{
    if (s->is_dropped) {
        s->result.skipped = true;
        s->result.failed = false;
    } else {
        b->counts.done++;
        b->counts.failed += s->result.failed;
    }
    s->result.index = s->index;
    b->each(b->cookie, &s->result);
}

/* Those that were not even opened. */
static void report_rest(struct batch *b)
{
    for (size_t i = b->next; i < b->inputs->len; i++) {
        b->each(b->cookie, &(struct batch_result){ .input = b->inputs->items[i],
                                                   .index = i,
                                                   .skipped = true });
    }
}

static void report(struct batch *b)
{
    while (b->head < b->next) {
        struct slot *s = &b->slots[b->head % b->window];
        if (s->stage != SLOT_OVER) {
            return;
        }
        report_slot(b, s);
        slot_release(s);
        b->head++;
    }
}

/* ---- Waiting ---- */

static int how_long(const struct batch *b)
{
    int64_t wait = b->how.tick > 0 ? b->how.tick : INT32_MAX;
    if (b->pending > 0) {
        int64_t left = b->pending_since + b->patience - clock_steady();
        wait = left < wait ? left : wait;
    }
    return may_open(b) || wait < 0 ? 0 : (int)wait;
}

static bool has_prepared(const struct batch *b)
{
    const struct slot *s;
    BATCH_EACH(b, s) {
        if (s->stage == SLOT_READING || is_stopped(s)) {
            return false;
        }
        if (s->stage == SLOT_PREPARED) {
            return true;
        }
    }
    return false;
}

static void wait_for_something(struct batch *b)
{
    int timeout = has_prepared(b) ? 0 : how_long(b);
    if (sends_itself(b) && b->in_store > 0) {
        b->store->ops->run(b->store, pool_fd(b->pool), timeout);
    } else if (b->in_pool > 0 || b->in_store > 0) {
        struct pollfd wake = { .fd = pool_fd(b->pool), .events = POLLIN };
        poll(&wake, 1, timeout);
    }
}

/* Is all that is left the coming of inputs that may never come? None of it is in the
 * catalog or on its way, and nothing that was done is still to be reported. */
static bool waits_only(const struct batch *b)
{
    const struct slot *s;
    bool waits = false;
    BATCH_EACH(b, s) {
        bool is_coming = s->stage == SLOT_READING && input_may_wait(s->result.input);
        if (!is_coming && !(s->stage == SLOT_OVER && s->is_dropped)) {
            return false;
        }
        waits = waits || is_coming;
    }
    return waits;
}

static void turn(struct batch *b)
{
    collect(b);
    if (b->interrupts > 0) {
        batch_stop(b);
    }
    open_ahead(b);
    recognise(b);
    if (b->stopping) {
        drop_what_is_not_sent(b);
    }
    if (group_is_due(b)) {
        batch_write_group(b);
    }
    send(b);
    report(b);
    if (b->tick) {
        b->tick(b->cookie, &b->counts);
    }
}

/* ---- From start to end ---- */

struct batch *batch_new_for(const struct batch_work *work,
                            const struct batch_options *options, struct catalog *catalog,
                            struct store *store, const struct strlist *inputs)
{
    struct batch *b = mem_alloc(sizeof *b);
    b->work = work;
    b->how = *options;
    b->how.jobs = options->jobs > 0 ? options->jobs : DEFAULT_JOBS;
    b->catalog = catalog;
    b->store = store;
    b->inputs = inputs;
    b->counts.total = (int64_t)inputs->len;
    b->patience = 5;
    return b;
}

/* One file is quickly read here. Who may keep one waiting is waited for in a thread, or
 * no signal would be heard meanwhile. */
static bool wants_threads(const struct strlist *inputs)
{
    return inputs->len > 1 || (inputs->len == 1 && input_may_wait(inputs->items[0]));
}

/* Threads that only read want a processor each; those that also sync files, or decode by
 * way of another process, often wait. */
static unsigned threads_for(const struct batch *b)
{
    unsigned each = b->store && b->store->ops->start ? 1 : 2;
    unsigned threads = pool_processors() * each;
    threads = threads < 2 ? 2 : threads > 8 ? 8 : threads;
    return wants_threads(b->inputs) ? threads : 0;
}

/* Buffers of transfers come and go with each picture. To give their pages back to the
 * kernel and have them cleared again would cost as much as sending them. */
static void keep_freed_memory(void)
{
    mallopt(M_MMAP_THRESHOLD, 1024 * 1024);
    mallopt(M_TRIM_THRESHOLD, 8 * 1024 * 1024);
}

/* Threads for inputs that may keep one waiting. */
static unsigned waiting_for(const struct batch *b, bool *ret_urls)
{
    unsigned count = 0;
    *ret_urls = false;
    for (size_t i = 0; i < b->inputs->len; i++) {
        const char *input = b->inputs->items[i];
        *ret_urls = *ret_urls || input_is_url(input);
        count += count < WAITING_MOST && input_may_wait(input);
    }
    return count;
}

/* Are there pictures that the threads fetch from a service? */
static bool has_remote(const struct batch *b)
{
    const struct upload_origin *origins = b->options.origins;
    for (size_t i = 0; origins && i < b->inputs->len; i++) {
        if (origins[i].from && origins[i].from->ops->is_remote) {
            return true;
        }
    }
    return false;
}

static int prepare_run(struct batch *b, struct error *err)
{
    bool urls;
    unsigned waiting = waiting_for(b, &urls);
    keep_freed_memory();
    if (prepare_load(&b->options, urls || has_remote(b), &b->clients[0], err) < 0) {
        return -1;
    }
    size_t ahead = 2 * (size_t)b->how.jobs + 2 * (size_t)(threads_for(b) + waiting) + 8;
    b->window = ahead < b->inputs->len ? ahead : b->inputs->len;
    b->window = b->window > 0 ? b->window : 1;
    b->slots = mem_array(b->window, sizeof *b->slots);
    for (size_t i = 0; i < b->window; i++) {
        b->slots[i] = (struct slot){ .batch = b, .prepared = PREPARED_INIT,
                                     .file = TEMP_FILE_INIT };
    }
    return pool_new_waiting(threads_for(b), waiting, &b->pool, err);
}

static void trim_files(const struct batch *b)
{
    struct error ignored = ERROR_INIT; /* the next batch tries again */
    if (b->has_new_files) {
        upload_trim_files(b->catalog, &ignored);
    }
}

int batch_run(struct batch *b, batch_each *each, batch_tick *tick, void *cookie,
              struct batch_counts *counts, struct error *err)
{
    b->each = each;
    b->tick = tick;
    b->cookie = cookie;
    if (prepare_run(b, err) < 0) {
        return -1;
    }
    while ((b->head < b->next || (b->next < b->inputs->len && !b->stopping)) &&
           !batch_was_cut(b)) {
        turn(b);
        if (b->interrupts == 1 && waits_only(b)) {
            b->interrupts = 2; /* it can be ended at once */
        } else {
            wait_for_something(b);
        }
    }
    if (!batch_was_cut(b)) {
        report_rest(b);
        trim_files(b);
    } else if (b->store && b->store->ops->cancel) {
        b->store->ops->cancel(b->store);
    }
    *counts = b->counts;
    return 0;
}

void batch_free(struct batch *b)
{
    if (!b) {
        return;
    }
    pool_free(b->pool);
    for (size_t i = 0; i < b->window; i++) {
        slot_release(&b->slots[i]);
    }
    for (size_t i = 0; i < POOL_THREADS; i++) {
        http_client_free(b->clients[i]);
    }
    tdestroy(b->planned, free);
    free(b->slots);
    free(b);
}
