#include "job.h"

#include <stdlib.h>
#include <string.h>

#include "imgctl/mem.h"

static const char *const names[] = {
    [JOB_RESERVED] = "reserved", [JOB_SENDING] = "sending",
    [JOB_GENERATED] = "generated", [JOB_STORED] = "stored", [JOB_FAILED] = "failed",
    [JOB_UNKNOWN] = "unknown", [JOB_VOID] = "void",
};
#define STATES (sizeof names / sizeof *names)

const char *job_state_name(enum job_state s)
{
    return names[s];
}

static int parse_state(const struct catalog *c, const char *text, enum job_state *ret,
                       struct error *err)
{
    for (size_t i = 0; text && i < STATES; i++) {
        if (strcmp(text, names[i]) == 0) {
            *ret = (enum job_state)i;
            return 0;
        }
    }
    return sql_damaged(c, "a job has no state", err);
}

void job_release(struct job *j)
{
    free(j->store);
    free(j->provider);
    free(j->host);
    free(j->model);
    free(j->prompt);
    free(j->fingerprint);
    free(j->parameters);
    free(j->client_id);
    free(j->request_id);
    free(j->error_code);
    free(j->error);
    *j = (struct job)JOB_INIT;
}

static int missing(int64_t id, struct error *err)
{
    error_set(err, ERROR_NOT_FOUND, "there is no job %lld", (long long)id);
    return error_hint(err, "imgctl jobs shows what there is");
}

int job_read_state(struct catalog *c, int64_t id, enum job_state *ret, struct error *err)
{
    AUTO_SQL struct sql q = SQL_INIT;
    if (sql_open(&q, c, "SELECT state FROM jobs WHERE id = ?", err) < 0) {
        return -1;
    }
    sql_put_int(&q, id);
    int found = sql_step(&q, err);
    if (found <= 0) {
        return found < 0 ? -1 : missing(id, err);
    }
    return parse_state(c, sql_text(&q, 0), ret, err);
}

int job_expect_state(struct catalog *c, int64_t id, unsigned allowed, enum job_state *ret,
                     struct error *err)
{
    *ret = JOB_RESERVED;
    if (job_read_state(c, id, ret, err) < 0) {
        return -1;
    }
    if (allowed & 1U << *ret) {
        return 0;
    }
    error_set(err, ERROR_CATALOG, "job %lld is \"%s\" already: another process has taken"
              " it", (long long)id, names[*ret]);
    return error_hint(err, "imgctl jobs show %lld tells what became of it",
                      (long long)id);
}

#define SELECT_JOB                                                                   \
    "SELECT id, state, business_id, store, provider, host, model, prompt,"           \
    " fingerprint, parameters, count, created_at, sent_at, answered_at, ended_at,"   \
    " estimate, (SELECT cost FROM ledger WHERE job_id = jobs.id), text_in, image_in," \
    " text_out, image_out, client_id, request_id, error_code, error, http_status"    \
    " FROM jobs "

/* Columns of SELECT_JOB. */
static int read_row(const struct sql *q, struct job *j, struct error *err)
{
    enum job_state state = JOB_RESERVED;
    if (parse_state(q->catalog, sql_text(q, 1), &state, err) < 0) {
        return -1;
    }
    *j = (struct job){
        .id = sql_int(q, 0),
        .state = state,
        .business_id = sql_int(q, 2),
        .store = sql_copy(q, 3),
        .provider = sql_copy(q, 4),
        .host = sql_copy(q, 5),
        .model = sql_copy(q, 6),
        .prompt = sql_copy(q, 7),
        .fingerprint = sql_copy(q, 8),
        .parameters = sql_copy(q, 9),
        .count = sql_int(q, 10),
        .created_at = sql_time(q, 11),
        .sent_at = sql_time(q, 12),
        .answered_at = sql_time(q, 13),
        .ended_at = sql_time(q, 14),
        .estimate = sql_int(q, 15),
        .cost = sql_money(q, 16),
        .usage = {
            .text_in = sql_int(q, 17),
            .image_in = sql_int(q, 18),
            .text_out = sql_int(q, 19),
            .image_out = sql_int(q, 20),
            .known = sqlite3_column_type(q->stmt, 17) != SQLITE_NULL,
        },
        .client_id = sql_copy(q, 21),
        .request_id = sql_copy(q, 22),
        .error_code = sql_copy(q, 23),
        .error = sql_copy(q, 24),
        .http_status = sql_int(q, 25),
    };
    return 0;
}

/* Step Q into J, which is overwritten. 1, 0, -1. */
static int read_job(struct sql *q, struct job *j, struct error *err)
{
    *j = (struct job)JOB_INIT;
    int found = sql_step(q, err);
    return found > 0 && read_row(q, j, err) < 0 ? -1 : found;
}

int catalog_job(struct catalog *c, int64_t id, struct job *ret, struct error *err)
{
    AUTO_SQL struct sql q = SQL_INIT;
    if (sql_open(&q, c, SELECT_JOB "WHERE id = ?", err) < 0) {
        return -1;
    }
    sql_put_int(&q, id);
    return read_job(&q, ret, err);
}

int catalog_job_alike(struct catalog *c, const char *fingerprint, int64_t since,
                      struct job *ret, struct error *err)
{
    AUTO_SQL struct sql q = SQL_INIT;
    if (sql_open(&q, c, SELECT_JOB "WHERE id = (SELECT id FROM jobs"
                 " WHERE fingerprint = ? AND created_at > coalesce(?, '')"
                 " AND state NOT IN ('failed', 'void')"
                 " ORDER BY created_at DESC, id DESC LIMIT 1)", err) < 0) {
        return -1;
    }
    sql_put_text(&q, fingerprint);
    sql_put_time(&q, since);
    return read_job(&q, ret, err);
}

/* The names of STATES as a list in SQL: words of our own. */
static void add_states(struct buf *sql, unsigned states)
{
    const char *between = "WHERE state IN (";
    for (size_t i = 0; i < STATES; i++) {
        if (states & 1U << i) {
            buf_addf(sql, "%s'%s'", between, names[i]);
            between = ", ";
        }
    }
    buf_addstr(sql, ") ");
}

int catalog_jobs(struct catalog *c, unsigned states, int64_t limit,
                 catalog_each_job *each, void *cookie, struct error *err)
{
    AUTO_BUF struct buf text = BUF_INIT;
    AUTO_SQL struct sql q = SQL_INIT;
    buf_addstr(&text, SELECT_JOB);
    if (states) {
        add_states(&text, states);
    }
    buf_addstr(&text, "ORDER BY id DESC LIMIT ?");
    if (sql_open_once(&q, c, text.data, err) < 0) {
        return -1;
    }
    sql_put_int(&q, limit ? limit : -1);
    AUTO_JOB struct job j = JOB_INIT;
    int more;
    while ((more = read_job(&q, &j, err)) > 0) {
        int stop = each(cookie, &j);
        job_release(&j);
        if (stop) {
            return 0;
        }
    }
    return more;
}

void job_pictures_free(struct job_picture *pictures, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        free(pictures[i].sha256);
        free(pictures[i].revised_prompt);
    }
    free(pictures);
}

int catalog_job_pictures(struct catalog *c, int64_t id, struct job_picture **ret,
                         size_t *ret_count, struct error *err)
{
    struct job_picture *pictures = NULL;
    size_t count = 0;
    AUTO_SQL struct sql q = SQL_INIT;
    *ret = NULL;
    *ret_count = 0;
    if (sql_open(&q, c, "SELECT position, sha256, bytes, revised_prompt, image_id"
                 " FROM job_pictures WHERE job_id = ? ORDER BY position", err) < 0) {
        return -1;
    }
    sql_put_int(&q, id);
    int more;
    while ((more = sql_step(&q, err)) > 0) {
        pictures = mem_resize(pictures, count + 1, sizeof *pictures);
        pictures[count++] = (struct job_picture){
            .job_id = id,
            .position = sql_int(&q, 0),
            .sha256 = sql_copy(&q, 1),
            .bytes = sql_int(&q, 2),
            .revised_prompt = sql_copy(&q, 3),
            .image_id = sql_int(&q, 4),
        };
    }
    if (more < 0) {
        job_pictures_free(pictures, count);
        return -1;
    }
    *ret = pictures;
    *ret_count = count;
    return 0;
}

int catalog_jobs_prune(struct catalog *c, int64_t when, int64_t *ret, struct error *err)
{
    AUTO_TRANSACTION struct transaction t = TRANSACTION_INIT;
    AUTO_SQL struct sql q = SQL_INIT;
    if (transaction_begin(&t, c, err) < 0 ||
        sql_open(&q, c, "DELETE FROM jobs WHERE state IN ('stored', 'failed', 'void')"
                 " AND ended_at < ?", err) < 0) {
        return -1;
    }
    sql_put_time(&q, when);
    if (sql_run(&q, err) < 0) {
        return -1;
    }
    *ret = sqlite3_changes64(c->db);
    return transaction_commit(&t, err);
}
