/* The steps of a paid request, each on the disk before the next begins. */
#include "generation.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "imgctl/clock.h"
#include "imgctl/json.h"
#include "imgctl/mem.h"

#define SIDE 1024 /* of a picture, where no size is said */

/* ---- Reserved ---- */

struct flight *flight_of(struct pool_task *task)
{
    return (struct flight *)((char *)task - offsetof(struct flight, task));
}

static const struct order *order_of(const struct flight *f)
{
    return f->result.order;
}

static void describe(const struct flight *f, struct job *j)
{
    const struct order *o = order_of(f);
    const struct generate_options *options = &f->run->options;
    *j = (struct job){
        .business_id = options->business_id,
        .store = mem_strdup(o->preview ? GENERATE_TO_FILE : options->store->ops->name),
        .provider = mem_strdup(f->generator->ops->name),
        .host = mem_strdup(f->generator->host),
        .model = mem_strdup(o->model_id),
        .prompt = mem_strdup(o->prompt),
        .fingerprint = mem_strdup(o->fingerprint),
        .parameters = mem_strdup(o->parameters),
        .count = o->request.count,
        .estimate = o->estimate,
        .cost = MONEY_UNKNOWN,
        .client_id = mem_strdup(f->spool.id),
    };
}

/* Whoever asked may have been asked by two at once: here only one of them goes on. */
static int check_alike(const struct flight *f, struct error *err)
{
    const struct generate_run *r = f->run;
    AUTO_JOB struct job j = JOB_INIT;
    if (r->options.alike_since == 0 || f->job.estimate == 0) {
        return 0;
    }
    int found = catalog_job_alike(r->catalog, f->job.fingerprint, r->options.alike_since,
                                  &j, err);
    if (found <= 0) {
        return found;
    }
    error_set(err, ERROR_QUESTION, "the same was begun meanwhile, as job %" PRId64, j.id);
    return error_hint(err, "nothing was sent; --again buys it a second time");
}

/* Looked at and written in one transaction. */
static int reserve(struct flight *f, struct error *err)
{
    struct generate_run *r = f->run;
    struct error ignored = ERROR_INIT; /* there is nothing to commit then */
    if (catalog_group_begin(r->catalog, err) < 0) {
        return -1;
    }
    int result = check_alike(f, err);
    if (result == 0) {
        result = catalog_job_reserve(r->catalog, &f->job, &r->options.budget,
                                     r->options.rate, &f->result.spent, err);
    }
    int done = catalog_group_commit(r->catalog, result < 0 ? &ignored : err);
    return result < 0 ? -1 : done;
}

/* As many bytes as the pictures can have if nothing in them can be compressed. */
static int64_t most_bytes(const struct generate_request *r)
{
    int64_t width = r->width > 0 ? r->width : SIDE;
    int64_t height = r->height > 0 ? r->height : SIDE;
    return width * height * 4 * r->count;
}

/* Held, and large enough; there is none after a failure. */
static int make_spool(struct flight *f, struct error *err)
{
    if (spool_create(f->run->options.config, &f->spool, err) < 0) {
        return -1;
    }
    if (spool_check_room(&f->spool, most_bytes(&order_of(f)->request), err) < 0) {
        spool_remove(&f->spool);
        return -1;
    }
    return 0;
}

int flight_reserve(struct flight *f, struct error *err)
{
    struct generate_run *r = f->run;
    if (make_spool(f, err) < 0) {
        return -1;
    }
    describe(f, &f->job);
    if (reserve(f, err) < 0) {
        spool_remove(&f->spool);
        job_release(&f->job);
        return -1;
    }
    f->result.job = f->job.id;
    f->result.state = JOB_RESERVED;
    f->stage = FLIGHT_RESERVED;
    if (spool_mark(&f->spool, catalog_path(r->catalog), f->job.id, err) < 0) {
        flight_drop(f);
        return -1;
    }
    return 0;
}

void flight_drop(struct flight *f)
{
    struct error ignored = ERROR_INIT; /* the next start finds it, and nobody with it */
    if (catalog_job_ended(f->run->catalog, &f->job, JOB_VOID, &ignored) == 0) {
        f->result.state = JOB_VOID;
        spool_remove(&f->spool);
    }
}

/* ---- Sent ---- */

static int open_picture(void *cookie, int index, struct error *err)
{
    struct flight *f = cookie;
    if (index < 0 || index >= GENERATE_COUNT) {
        return error_set(err, ERROR_UNKNOWN, "more pictures came than were asked for");
    }
    mem_cleanup_fd(&f->fds[index]);
    f->fds[index] = spool_open_picture(&f->spool, index, err);
    return f->fds[index];
}

static int tick(void *cookie, int64_t received)
{
    struct flight *f = cookie;
    atomic_store(&f->received, received);
    return atomic_load(&f->run->interrupts) > 1;
}

/* By what the service says was used, where the price goes by that and is known. */
static int64_t charge(const struct flight *f)
{
    const struct order *o = order_of(f);
    switch (o->price.basis) {
    case PRICE_FREE:
        return 0;
    case PRICE_UNKNOWN:
        return MONEY_UNKNOWN;
    default:
        return model_charge(o->model, &f->answer.usage);
    }
}

/* In a thread: nothing here speaks with the catalog. */
static void send_task(struct pool_task *task, unsigned worker)
{
    struct flight *f = flight_of(task);
    struct generate_request request = order_of(f)->request;
    struct error why = ERROR_INIT;
    (void)worker;
    request.client_id = f->spool.id;
    request.timeout = f->run->options.timeout;
    request.open = open_picture;
    request.tick = tick;
    request.cookie = f;
    const struct generator_ops *ops = f->generator->ops;
    int result = ops->generate(f->generator, &request, &f->answer, &f->error);
    for (int i = 0; i < GENERATE_COUNT; i++) {
        mem_cleanup_fd(&f->fds[i]);
    }
    bool is_paid = result == 0 || f->error.kind == ERROR_UNKNOWN;
    if (is_paid && f->answer.count > 0 &&
        spool_write_answer(&f->spool, &f->answer, charge(f), &why) < 0) {
        error_set(&f->error, ERROR_UNKNOWN, "the pictures were paid for, but cannot be"
                  " kept: %s", why.message);
    }
}

int flight_send(struct flight *f, struct error *err)
{
    if (catalog_job_sending(f->run->catalog, f->job.id, err) < 0) {
        return -1;
    }
    f->result.state = JOB_SENDING;
    f->stage = FLIGHT_SENDING;
    f->began = clock_steady();
    f->run->under_way++;
    f->task.run = send_task;
    pool_add(f->run->pool, &f->task);
    return 0;
}

/* ---- Answered ---- */

/* The parameters as they were sent, with what the service made of them. */
static char *with_answer(const char *parameters, const struct generate_answer *a)
{
    struct buf text = BUF_INIT;
    struct json_writer w = { .out = &text };
    const char *const names[] = { "size", "quality", "output_format", "background" };
    const char *const values[] = { a->size, a->quality, a->output_format, a->background };
    size_t len = strlen(parameters);
    buf_add(&text, parameters, len > 0 ? len - 1 : 0); /* without its brace */
    buf_addstr(&text, len > 2 ? ",\"answer\":" : "\"answer\":");
    json_begin_object(&w);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        json_key(&w, names[i]);
        json_put_text(&w, values[i][0] ? values[i] : NULL);
    }
    json_end_object(&w);
    buf_addch(&text, '}');
    return buf_detach(&text);
}

int job_arrived(struct catalog *c, struct job *j, const struct spool *s,
                struct error *err)
{
    AUTO_SPOOL_ANSWER struct spool_answer a = { .cost = MONEY_UNKNOWN };
    int there = spool_read_answer(s, &a, err);
    if (there <= 0) {
        return there;
    }
    char *parameters = with_answer(j->parameters ? j->parameters : "{}", &a.answer);
    free(j->parameters);
    free(j->request_id);
    j->parameters = parameters;
    j->request_id = mem_strdup(a.answer.request_id[0] ? a.answer.request_id : NULL);
    j->answered_at = a.arrived_at;
    j->cost = a.cost;
    j->usage = a.answer.usage;
    if (catalog_job_generated(c, j, a.pictures, (size_t)a.answer.count, err) < 0) {
        return -1;
    }
    j->state = JOB_GENERATED;
    return 1;
}

/* The service said no, or it is not known what it said. */
static void end_without_answer(struct flight *f)
{
    struct generate_result *r = &f->result;
    struct error ignored = ERROR_INIT; /* what the service said is the one to tell */
    struct job *j = &f->job;
    enum job_state state = f->error.kind == ERROR_UNKNOWN ? JOB_UNKNOWN
                           : f->answer.sent               ? JOB_FAILED
                                                          : JOB_VOID;
    r->error = f->error;
    j->error = mem_strdup(f->error.message);
    j->error_code = mem_strdup(error_code(f->error.kind));
    j->request_id = mem_strdup(f->answer.request_id[0] ? f->answer.request_id : NULL);
    j->http_status = f->error.http_status;
    if (catalog_job_ended(f->run->catalog, j, state, &ignored) < 0) {
        return; /* it is found as being sent, with nobody who works on it */
    }
    r->state = state;
    if (state == JOB_UNKNOWN) {
        error_hint(&r->error, "it may have been paid for: see the usage page of your"
                   " account, then imgctl jobs settle %" PRId64 " --charged or --void",
                   j->id);
    } else {
        spool_remove(&f->spool);
    }
}

static void count_missing(struct flight *f)
{
    struct generate_result *r = &f->result;
    if (f->error.kind != ERROR_NONE) {
        r->error = f->error;
        error_wrap(&r->error, "%d of %" PRId64 " pictures arrived", f->answer.count,
                   f->job.count);
        error_hint(&r->error, "those are kept, and all of it counts as paid; imgctl jobs"
                   " show %" PRId64, f->job.id);
    }
}

void flight_settle(struct flight *f)
{
    struct generate_run *r = f->run;
    struct generate_result *result = &f->result;
    r->under_way--;
    f->stage = FLIGHT_OVER;
    int arrived = job_arrived(r->catalog, &f->job, &f->spool, &result->error);
    if (arrived < 0) {
        error_hint(&result->error, "it is paid for; imgctl jobs resume %" PRId64
                   " goes on when that is mended", f->job.id);
        return;
    }
    if (arrived == 0) {
        end_without_answer(f);
        return;
    }
    result->state = JOB_GENERATED;
    result->cost = f->job.cost;
    count_missing(f);
    struct delivery d = {
        .options = &r->options,
        .catalog = r->catalog,
        .job = &f->job,
        .spool = &f->spool,
        .storing = &r->storing,
        .interrupts = &r->interrupts,
        .is_live = true,
        .result = result,
    };
    deliver(&d);
}

/* ---- The result ---- */

void generate_result_release(struct generate_result *r)
{
    for (int i = 0; i < GENERATE_COUNT; i++) {
        picture_release(&r->pictures[i].picture);
        free(r->pictures[i].output);
    }
    *r = (struct generate_result){ .cost = MONEY_UNKNOWN };
}

void flight_release(struct flight *f)
{
    for (int i = 0; i < GENERATE_COUNT; i++) {
        mem_cleanup_fd(&f->fds[i]);
    }
    generate_result_release(&f->result);
    generate_answer_release(&f->answer);
    job_release(&f->job);
    spool_close(&f->spool);
    error_clear(&f->error);
    atomic_store(&f->received, 0);
    f->stage = FLIGHT_EMPTY;
}
