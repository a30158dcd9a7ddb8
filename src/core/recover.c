/* After a process has died, or when a store works again. Nothing is ever sent here. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "content.h"
#include "generation.h"
#include "imgctl/file.h"
#include "imgctl/mem.h"

/* ---- What became of a job that nobody works on ---- */

struct found {
    struct strlist spools;
    int64_t *ids;
    size_t count;
};

static int remember(void *cookie, const struct job *j)
{
    struct found *f = cookie;
    f->ids = mem_resize(f->ids, f->count + 1, sizeof *f->ids);
    f->ids[f->count++] = j->id;
    strlist_add(&f->spools, j->client_id ? j->client_id : "");
    return 0;
}

static int lose(struct catalog *c, struct job *j, struct error *err)
{
    free(j->error);
    free(j->error_code);
    j->error = mem_strdup("its process ended before the answer was kept: it may have been"
                          " charged");
    j->error_code = mem_strdup(error_code(ERROR_UNKNOWN));
    return catalog_job_ended(c, j, JOB_UNKNOWN, err);
}

/* S is held, so J is as its process left it. 1 settled, 0 there was nothing to settle. */
static int settle(struct catalog *c, struct spool *s, int64_t id, struct error *err)
{
    AUTO_JOB struct job j = JOB_INIT;
    int there = catalog_job(c, id, &j, err);
    if (there <= 0) {
        return there;
    }
    if (j.state == JOB_RESERVED) {
        if (catalog_job_ended(c, &j, JOB_VOID, err) < 0) {
            return -1;
        }
        spool_remove(s);
        return 1;
    }
    if (j.state != JOB_SENDING) {
        return 0;
    }
    int arrived = job_arrived(c, &j, s, err);
    if (arrived < 0 && err->kind == ERROR_CATALOG) {
        return -1;
    }
    error_clear(err); /* an answer that cannot be read did not arrive whole */
    return arrived > 0 || lose(c, &j, err) == 0 ? 1 : -1;
}

static int settle_one(const struct config *config, struct catalog *c, const char *spool,
                      int64_t id, struct error *err)
{
    AUTO_SPOOL struct spool s = SPOOL_INIT;
    int taken = spool_take(config, spool, &s, err);
    return taken <= 0 ? taken : settle(c, &s, id, err);
}

/* ---- Spools that nobody needs ---- */

static bool is_over(enum job_state state)
{
    return state == JOB_STORED || state == JOB_FAILED || state == JOB_VOID;
}

/* The job ID that S is of: 1; 0 a catalog that was put back from a copy does not know it,
 * or another one by its number; -1. */
static int job_of(struct catalog *c, const struct spool *s, int64_t id, struct job *ret)
{
    struct error ignored = ERROR_INIT; /* then nothing is known */
    int there = catalog_job(c, id, ret, &ignored);
    return there <= 0 ? there : ret->client_id && strcmp(ret->client_id, s->id) == 0;
}

/* What was paid for stays where its job is not known. */
static void sweep(void *cookie, struct spool *s, int64_t id)
{
    AUTO_JOB struct job j = JOB_INIT;
    int known = job_of(cookie, s, id, &j);
    if (known >= 0 && (known ? is_over(j.state) : !spool_has_pictures(s))) {
        spool_remove(s);
    }
}

struct strays {
    struct catalog *catalog;
    struct strlist *folders;
};

static void note_stray(void *cookie, struct spool *s, int64_t id)
{
    const struct strays *strays = cookie;
    AUTO_JOB struct job j = JOB_INIT;
    if (job_of(strays->catalog, s, id, &j) == 0 && spool_has_pictures(s)) {
        strlist_add(strays->folders, s->folder);
    }
}

void generate_strays(const struct config *config, struct catalog *c, struct strlist *ret)
{
    struct strays strays = { c, ret };
    spool_walk(config, catalog_path(c), note_stray, &strays);
}

int generate_recover(const struct config *config, struct catalog *c, int64_t *ret,
                     struct error *err)
{
    struct found found = { .ids = NULL };
    int64_t settled = 0;
    int result = catalog_jobs(c, 1U << JOB_RESERVED | 1U << JOB_SENDING, 0, remember,
                              &found, err);
    for (size_t i = 0; result >= 0 && i < found.count; i++) {
        result = settle_one(config, c, found.spools.items[i], found.ids[i], err);
        settled += result > 0;
        if (result < 0 && err->kind != ERROR_CATALOG) {
            error_clear(err); /* it counts in full until its spool can be opened */
            result = 0;
        }
    }
    free(found.ids);
    strlist_release(&found.spools);
    if (result >= 0) {
        spool_walk(config, catalog_path(c), sweep, c);
    }
    if (ret) {
        *ret = settled;
    }
    return result < 0 ? -1 : 0;
}

/* ---- Resuming ---- */

static bool is_whole(const struct spool *s, int index)
{
    static const struct image_limits no_limits = { 0, 0, 0 };
    AUTO_FREE char *path = spool_picture_path(s, index);
    struct error ignored = ERROR_INIT; /* then it is not */
    struct content c;
    struct stat st;
    AUTO_FD int fd = file_open_regular(path, &st, &ignored);
    return fd >= 0 && content_inspect(fd, st.st_size, &no_limits, &c, &ignored) == 0;
}

/* Of an unknown job: its answer may be there, and was out of reach when it was looked
 * for. Else what had arrived whole is as good as answered, and what it cost stays as it
 * was reserved. */
static int salvage(struct catalog *c, struct job *j, const struct spool *s,
                   struct error *err)
{
    struct generate_answer a = GENERATE_ANSWER_INIT;
    int arrived = job_arrived(c, j, s, err);
    if (arrived > 0 || (arrived < 0 && err->kind == ERROR_CATALOG)) {
        return arrived > 0 ? 0 : -1;
    }
    error_clear(err);
    while (spool_is_there(s) && a.count < GENERATE_COUNT && is_whole(s, a.count)) {
        a.count++;
    }
    if (a.count == 0) {
        error_set(err, ERROR_UNKNOWN, "nothing of job %" PRId64 " arrived, and it may"
                  " have been charged", j->id);
        return error_hint(err, "look at your account, then imgctl jobs settle %" PRId64
                          " --charged or --void", j->id);
    }
    if (spool_write_answer(s, &a, MONEY_UNKNOWN, err) < 0) {
        return -1;
    }
    return job_arrived(c, j, s, err) < 0 ? -1 : 0;
}

static int cannot_resume(const struct job *j, struct error *err)
{
    bool is_live = j->state == JOB_RESERVED || j->state == JOB_SENDING;
    if (is_live) {
        error_set(err, ERROR_UNAVAILABLE, "job %" PRId64 " is still being worked on",
                  j->id);
        return error_hint(err, "imgctl jobs wait %" PRId64, j->id);
    }
    return error_set(err, ERROR_USAGE, "job %" PRId64 " is %s: there is nothing to"
                     " resume", j->id, job_state_name(j->state));
}

static int is_busy(const struct job *j, struct error *err)
{
    error_set(err, ERROR_UNAVAILABLE, "job %" PRId64 " is being worked on by another"
              " imgctl", j->id);
    return error_hint(err, "imgctl jobs wait %" PRId64, j->id);
}

/* Perhaps only from here: the state folder may be another one. */
static int lost_spool(const struct job *j, struct error *err)
{
    error_set(err, ERROR_FILE, "the pictures of job %" PRId64 " are gone: there is no"
              " spool of it", j->id);
    return error_hint(err, "look whether XDG_STATE_HOME was another one then; if they"
                           " are lost: imgctl jobs settle %" PRId64 " --charged", j->id);
}

/* The job as it is now that its spool is held. */
static int reload(struct catalog *c, int64_t id, struct job *ret, struct error *err)
{
    int there = catalog_job(c, id, ret, err);
    return there != 0 ? there
                      : error_set(err, ERROR_NOT_FOUND, "there is no job %" PRId64, id);
}

static int resume(const struct generate_options *options, struct catalog *c,
                  struct job *j, struct spool *s, struct generate_result *result,
                  struct error *err)
{
    struct batch *volatile storing = NULL;
    atomic_int interrupts = 0; /* a signal ends the process: it can be resumed again */
    if (j->state == JOB_UNKNOWN && salvage(c, j, s, err) < 0) {
        return -1;
    }
    if (j->state != JOB_GENERATED) {
        return cannot_resume(j, err);
    }
    if (!spool_is_there(s)) {
        return lost_spool(j, err);
    }
    result->state = JOB_GENERATED;
    result->cost = j->cost;
    struct delivery d = {
        .options = options,
        .catalog = c,
        .job = j,
        .spool = s,
        .storing = &storing,
        .interrupts = &interrupts,
        .result = result,
    };
    deliver(&d);
    return 0;
}

int generate_resume(const struct generate_options *options, struct catalog *c,
                    const struct job *j, struct generate_result *result,
                    struct error *err)
{
    AUTO_SPOOL struct spool s = SPOOL_INIT;
    AUTO_JOB struct job now = JOB_INIT;
    *result = (struct generate_result){ .job = j->id, .state = j->state,
                                        .cost = MONEY_UNKNOWN };
    int taken = spool_take(options->config, j->client_id, &s, err);
    if (taken == 0) {
        return is_busy(j, err);
    }
    return taken < 0 || reload(c, j->id, &now, err) < 0
               ? -1
               : resume(options, c, &now, &s, result, err);
}

/* ---- Settling ---- */

/* Paid for, and its pictures are lost, as somebody says who looked for them. */
static int give_up(const struct config *config, struct catalog *c, struct job *j,
                   struct error *err)
{
    AUTO_SPOOL struct spool s = SPOOL_INIT;
    int taken = spool_take(config, j->client_id, &s, err);
    if (taken < 0) {
        return -1;
    }
    if (taken == 0 || spool_is_there(&s)) {
        error_set(err, ERROR_USAGE, "job %" PRId64 " is \"generated\": its pictures are"
                  " kept", j->id);
        return error_hint(err, "imgctl jobs resume %" PRId64 " stores them", j->id);
    }
    lost_spool(j, err);
    free(j->error);
    free(j->error_code);
    j->error = mem_strdup(err->message);
    j->error_code = mem_strdup(error_code(err->kind));
    error_clear(err);
    return catalog_job_ended(c, j, JOB_FAILED, err);
}

/* Once it is settled, its spool is removed: what is paid for and there must not be. */
static int check_arrived(const struct config *config, const struct job *j,
                         struct error *err)
{
    AUTO_SPOOL struct spool s = SPOOL_INIT;
    int taken = spool_take(config, j->client_id, &s, err);
    if (taken < 0) {
        return -1;
    }
    if (taken == 0) {
        return is_busy(j, err);
    }
    if (!spool_is_there(&s) || !is_whole(&s, 0)) {
        return 0;
    }
    error_set(err, ERROR_USAGE, "pictures of job %" PRId64 " arrived, and are kept",
              j->id);
    return error_hint(err, "imgctl jobs resume %" PRId64 " stores them, and counts all of"
                           " it as paid", j->id);
}

int generate_settle(const struct config *config, struct catalog *c, int64_t id,
                    bool charged, struct error *err)
{
    AUTO_JOB struct job j = JOB_INIT;
    if (reload(c, id, &j, err) < 0) {
        return -1;
    }
    if (j.state == JOB_GENERATED && charged) {
        return give_up(config, c, &j, err);
    }
    return j.state == JOB_UNKNOWN && charged && check_arrived(config, &j, err) < 0
               ? -1
               : catalog_job_settle(c, id, charged, err);
}

/* ---- Waiting ---- */

int generate_wait(const struct config *config, struct catalog *c, int64_t id,
                  struct job *ret, struct error *err)
{
    for (;;) {
        job_release(ret);
        if (reload(c, id, ret, err) < 0) {
            return -1;
        }
        if (ret->state != JOB_RESERVED && ret->state != JOB_SENDING &&
            ret->state != JOB_GENERATED) {
            return 0;
        }
        if (spool_wait(config, ret->client_id, err) < 0 ||
            settle_one(config, c, ret->client_id, id, err) < 0) {
            return -1;
        }
        int64_t before = ret->state;
        job_release(ret);
        if (reload(c, id, ret, err) < 0) {
            return -1;
        }
        if (ret->state == JOB_GENERATED && before == JOB_GENERATED) {
            return 0; /* paid, not stored, and nobody is at it */
        }
    }
}

static enum error_kind kind_of(const struct job *j, enum error_kind fallback)
{
    enum error_kind kind = j->error_code ? error_kind_of(j->error_code) : ERROR_NONE;
    return kind == ERROR_NONE ? fallback : kind;
}

void generate_outcome(const struct job *j, struct error *err)
{
    const char *why = j->error ? j->error : "no reason is known";
    error_clear(err);
    switch (j->state) {
    case JOB_VOID: /* a person has said so of what was unknown */
        error_set(err, kind_of(j, ERROR_FAILED), "job %" PRId64 " came to nothing: %s",
                  j->id, j->error ? j->error : "it was never sent");
        err->kind = err->kind == ERROR_UNKNOWN ? ERROR_FAILED : err->kind;
        break;
    case JOB_FAILED:
        error_set(err, kind_of(j, ERROR_FAILED), "job %" PRId64 ": %s", j->id, why);
        break;
    case JOB_UNKNOWN:
        error_set(err, ERROR_UNKNOWN, "job %" PRId64 ": %s", j->id, why);
        error_hint(err, "imgctl jobs show %" PRId64 ", then imgctl jobs settle %" PRId64
                   " --charged or --void", j->id, j->id);
        break;
    case JOB_GENERATED:
        error_set(err, kind_of(j, ERROR_STORE), "job %" PRId64 " is paid for, but not"
                  " stored: %s", j->id, why);
        error_hint(err, "imgctl jobs resume %" PRId64, j->id);
        break;
    default:
        break;
    }
}
