/* From state to state: each step is a transaction that checks where the job is. */
#include "imgctl/clock.h"
#include "job.h"

#define IN(state) (1U << (state))

int catalog_job_sending(struct catalog *c, int64_t id, struct error *err)
{
    AUTO_TRANSACTION struct transaction t = TRANSACTION_INIT;
    AUTO_SQL struct sql q = SQL_INIT;
    enum job_state from;
    if (c->in_group) {
        return error_set(err, ERROR_FAILED, "a request cannot be sent in a group of"
                         " changes, which is not on the disk yet");
    }
    if (transaction_begin(&t, c, err) < 0 ||
        job_expect_state(c, id, IN(JOB_RESERVED), &from, err) < 0 ||
        sql_open(&q, c, "UPDATE jobs SET state = 'sending', sent_at = ? WHERE id = ?",
                 err) < 0) {
        return -1;
    }
    sql_put_time(&q, clock_now());
    sql_put_int(&q, id);
    return sql_run(&q, err) < 0 ? -1 : transaction_commit(&t, err);
}

/* Tokens, NULL where the service said nothing of them. */
static void put_usage(struct sql *q, const struct generate_usage *u)
{
    const int64_t tokens[] = { u->text_in, u->image_in, u->text_out, u->image_out };
    for (size_t i = 0; i < sizeof tokens / sizeof *tokens; i++) {
        if (u->known) {
            sql_put_int(q, tokens[i]);
        } else {
            sql_put_text(q, NULL);
        }
    }
}

static int write_answer(struct catalog *c, const struct job *j, struct error *err)
{
    AUTO_SQL struct sql q = SQL_INIT;
    if (sql_open(&q, c, "UPDATE jobs SET state = 'generated', answered_at = ?,"
                 " text_in = ?, image_in = ?, text_out = ?, image_out = ?,"
                 " request_id = ?, parameters = ?, http_status = nullif(?, 0),"
                 " error_code = NULL, error = NULL WHERE id = ?", err) < 0) {
        return -1;
    }
    sql_put_time(&q, j->answered_at ? j->answered_at : clock_now());
    put_usage(&q, &j->usage);
    sql_put_text(&q, j->request_id);
    sql_put_text(&q, j->parameters);
    sql_put_int(&q, j->http_status);
    sql_put_int(&q, j->id);
    return sql_run(&q, err);
}

static int write_picture(struct catalog *c, int64_t id, const struct job_picture *p,
                         struct error *err)
{
    AUTO_SQL struct sql q = SQL_INIT;
    if (sql_open(&q, c, "INSERT INTO job_pictures (job_id, position, sha256, bytes,"
                 " revised_prompt) VALUES (?, ?, ?, ?, ?)", err) < 0) {
        return -1;
    }
    sql_put_int(&q, id);
    sql_put_int(&q, p->position);
    sql_put_text(&q, p->sha256);
    sql_put_int(&q, p->bytes);
    sql_put_text(&q, p->revised_prompt);
    return sql_run(&q, err);
}

int catalog_job_generated(struct catalog *c, const struct job *j,
                          const struct job_picture *pictures, size_t count,
                          struct error *err)
{
    AUTO_TRANSACTION struct transaction t = TRANSACTION_INIT;
    enum job_state from;
    if (count == 0) {
        return error_set(err, ERROR_FAILED, "job %lld has no picture to keep",
                         (long long)j->id);
    }
    if (transaction_begin(&t, c, err) < 0 ||
        job_expect_state(c, j->id, IN(JOB_SENDING) | IN(JOB_UNKNOWN), &from, err) < 0 ||
        write_answer(c, j, err) < 0 ||
        ledger_set(c, j->id, "settled", j->cost, err) < 0) {
        return -1;
    }
    for (size_t i = 0; i < count; i++) {
        if (write_picture(c, j->id, &pictures[i], err) < 0) {
            return -1;
        }
    }
    return transaction_commit(&t, err);
}

static int write_end(struct catalog *c, const struct job *j, enum job_state state,
                     struct error *err)
{
    AUTO_SQL struct sql q = SQL_INIT;
    if (sql_open(&q, c, "UPDATE jobs SET state = ?, ended_at = ?, error_code = ?,"
                 " error = ?, request_id = coalesce(?, request_id),"
                 " http_status = nullif(?, 0) WHERE id = ?", err) < 0) {
        return -1;
    }
    sql_put_text(&q, job_state_name(state));
    sql_put_time(&q, state == JOB_UNKNOWN ? 0 : clock_now());
    sql_put_text(&q, j->error_code);
    sql_put_text(&q, j->error);
    sql_put_text(&q, j->request_id);
    sql_put_int(&q, j->http_status);
    sql_put_int(&q, j->id);
    return sql_run(&q, err);
}

/* Where a job may be that ends in STATE. */
static unsigned sources_of(enum job_state state)
{
    switch (state) {
    case JOB_UNKNOWN:
        return IN(JOB_SENDING);
    case JOB_VOID:
        return IN(JOB_RESERVED) | IN(JOB_SENDING);
    case JOB_FAILED:
        return IN(JOB_RESERVED) | IN(JOB_SENDING) | IN(JOB_GENERATED);
    default:
        return 0;
    }
}

int catalog_job_ended(struct catalog *c, const struct job *j, enum job_state state,
                      struct error *err)
{
    AUTO_TRANSACTION struct transaction t = TRANSACTION_INIT;
    const char *line = state == JOB_UNKNOWN ? "unknown" : "void";
    enum job_state from;
    if (transaction_begin(&t, c, err) < 0 ||
        job_expect_state(c, j->id, sources_of(state), &from, err) < 0 ||
        write_end(c, j, state, err) < 0 ||
        (from != JOB_GENERATED && ledger_set(c, j->id, line, MONEY_UNKNOWN, err) < 0)) {
        return -1;
    }
    return transaction_commit(&t, err);
}

/* Run TEXT, which may take now and the job's id, in the open transaction. */
static int touch(struct catalog *c, const char *text, int64_t id, struct error *err)
{
    AUTO_SQL struct sql q = SQL_INIT;
    if (sql_open(&q, c, text, err) < 0) {
        return -1;
    }
    sql_put_time(&q, clock_now());
    sql_put_int(&q, id);
    return sql_run(&q, err);
}

/* 1 written, 0 there is no such picture, or it is stored, -1. */
static int write_stored(struct catalog *c, int64_t id, int64_t position, int64_t image_id,
                        struct error *err)
{
    AUTO_SQL struct sql q = SQL_INIT;
    if (sql_open(&q, c, "UPDATE job_pictures SET image_id = ? WHERE job_id = ?"
                 " AND position = ? AND image_id IS NULL", err) < 0) {
        return -1;
    }
    sql_put_int(&q, image_id);
    sql_put_int(&q, id);
    sql_put_int(&q, position);
    return sql_run(&q, err) < 0 ? -1 : (int)sqlite3_changes(c->db);
}

int catalog_job_picture_stored(struct catalog *c, int64_t id, int64_t position,
                               int64_t image_id, struct error *err)
{
    AUTO_TRANSACTION struct transaction t = TRANSACTION_INIT;
    enum job_state from;
    if (transaction_begin(&t, c, err) < 0 ||
        job_expect_state(c, id, IN(JOB_GENERATED), &from, err) < 0) {
        return -1;
    }
    int written = write_stored(c, id, position, image_id, err);
    if (written == 0) {
        return error_set(err, ERROR_CATALOG, "picture %lld of job %lld is stored already,"
                         " or was never there", (long long)position, (long long)id);
    }
    if (written < 0 ||
        touch(c, "UPDATE jobs SET state = 'stored', ended_at = ?1, error_code = NULL,"
              " error = NULL WHERE id = ?2 AND NOT EXISTS (SELECT 1 FROM job_pictures"
              " WHERE job_id = ?2 AND image_id IS NULL)", id, err) < 0) {
        return -1;
    }
    return transaction_commit(&t, err);
}

int catalog_job_delivered(struct catalog *c, int64_t id, struct error *err)
{
    AUTO_TRANSACTION struct transaction t = TRANSACTION_INIT;
    enum job_state from;
    if (transaction_begin(&t, c, err) < 0 ||
        job_expect_state(c, id, IN(JOB_GENERATED), &from, err) < 0 ||
        touch(c, "UPDATE jobs SET state = 'stored', ended_at = ?, error_code = NULL,"
              " error = NULL WHERE id = ?", id, err) < 0) {
        return -1;
    }
    return transaction_commit(&t, err);
}

int catalog_job_remark(struct catalog *c, int64_t id, const struct error *why,
                       struct error *err)
{
    AUTO_TRANSACTION struct transaction t = TRANSACTION_INIT;
    AUTO_SQL struct sql q = SQL_INIT;
    enum job_state from;
    if (transaction_begin(&t, c, err) < 0 ||
        job_expect_state(c, id, IN(JOB_GENERATED), &from, err) < 0 ||
        sql_open(&q, c, "UPDATE jobs SET error_code = ?, error = ? WHERE id = ?",
                 err) < 0) {
        return -1;
    }
    sql_put_text(&q, error_code(why->kind));
    sql_put_text(&q, why->message);
    sql_put_int(&q, id);
    return sql_run(&q, err) < 0 ? -1 : transaction_commit(&t, err);
}

/* An unknown job with its whole reservation, which is all that is known of its cost. */
static int write_settled(struct catalog *c, int64_t id, bool charged, struct error *err)
{
    const char *text = charged
        ? "UPDATE jobs SET state = 'failed', ended_at = ? WHERE id = ?"
        : "UPDATE jobs SET state = 'void', ended_at = ? WHERE id = ?";
    return touch(c, text, id, err) < 0
               ? -1
               : ledger_set(c, id, charged ? "settled" : "void", MONEY_UNKNOWN, err);
}

int catalog_job_settle(struct catalog *c, int64_t id, bool charged, struct error *err)
{
    AUTO_TRANSACTION struct transaction t = TRANSACTION_INIT;
    enum job_state state = JOB_UNKNOWN;
    if (transaction_begin(&t, c, err) < 0 || job_read_state(c, id, &state, err) < 0) {
        return -1;
    }
    if (state != JOB_UNKNOWN) {
        return error_set(err, ERROR_USAGE, "job %lld is \"%s\": only one whose outcome is"
                         " unknown can be settled", (long long)id, job_state_name(state));
    }
    return write_settled(c, id, charged, err) < 0 ? -1 : transaction_commit(&t, err);
}
