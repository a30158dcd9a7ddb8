/*
 * jobs.h - the catalog's record of generations, and of the money they cost.
 *
 * A job is one request to a generator, for one or several pictures. It is written
 * before anything is sent, in the same transaction that reserves its price against
 * the budgets; so whatever happens afterwards, the money is accounted for:
 *
 *   reserved   nothing was sent yet; may be dropped (void) at any time
 *   sending    the request has been or is being sent: if its process dies now, nobody
 *              knows whether it was charged
 *   generated  the pictures are in the spool; the ledger is settled
 *   stored     every picture is in a store and has its row
 *   failed     the service said no, nothing was charged
 *   unknown    sent and not answered: the reservation counts in full until
 *              `imgctl jobs settle` says otherwise
 *   void       never sent, or settled as not charged
 *
 * The ledger has a line for each job and keeps it when the job is pruned; so does a
 * picture keep its revised prompt and its cost. The line's amount is the reservation,
 * then what the service's answer says was used, and nothing once the job is void or
 * failed. It counts for the day and month in which the job was reserved (UTC).
 *
 * Who is alive is not written here: a process holds a lock on the job's folder in the
 * spool (spool.h) as long as it works on it.
 */
#ifndef IMGCTL_JOBS_H
#define IMGCTL_JOBS_H

#include <stdbool.h>
#include <stdint.h>

#include "imgctl/catalog.h"
#include "imgctl/generator.h"
#include "imgctl/money.h"

enum job_state { JOB_RESERVED, JOB_SENDING, JOB_GENERATED, JOB_STORED, JOB_FAILED,
                 JOB_UNKNOWN, JOB_VOID };
const char *job_state_name(enum job_state s);

/* Strings are owned; NULL is none. */
struct job {
    int64_t id;
    enum job_state state;
    int64_t business_id;
    char *store;            /* where its pictures go */
    char *provider, *host;  /* "openai", "api.openai.com" */
    char *model, *prompt;
    char *fingerprint;      /* hex: what makes two requests the same */
    char *parameters;       /* JSON object: size, quality, ... as sent, what was answered,
                               and what is needed to store (name, tags, alt text) */
    int64_t count;          /* pictures asked for */
    int64_t created_at, sent_at, answered_at, ended_at; /* clock.h; 0: not yet */
    int64_t estimate;       /* micro-dollars that are reserved for it */
    int64_t cost;           /* what it did cost; MONEY_UNKNOWN */
    struct generate_usage usage;
    char *client_id, *request_id;
    char *error_code, *error; /* of the failure, or of the last try to store */
    int64_t http_status;
};

#define JOB_INIT { .cost = MONEY_UNKNOWN }
#define AUTO_JOB __attribute__((cleanup(job_release)))
void job_release(struct job *j);

/* One picture of a job. Its bytes are in the spool until it is stored. */
struct job_picture {
    int64_t job_id;
    int64_t position;       /* from 0 */
    char *sha256;           /* of the bytes in the spool */
    int64_t bytes;
    char *revised_prompt;
    int64_t image_id;       /* 0: not stored yet */
};

/* What may be spent, in micro-dollars, 0 being nothing at all. Days and months are UTC.
 * budget.h fills it in. */
#define BUDGET_NONE (-1) /* no limit */
struct budget {
    int64_t month, day;                   /* over everything */
    int64_t business_month, business_day; /* of the job's business */
};
#define BUDGET_INIT                                                       \
    {                                                                     \
        .month = BUDGET_NONE, .day = BUDGET_NONE,                         \
        .business_month = BUDGET_NONE, .business_day = BUDGET_NONE        \
    }

/* Spent and reserved under the same limits. */
struct spending {
    int64_t month, day, business_month, business_day;
};

/*
 * Write J (its id and created_at are filled in) and its ledger line of J->estimate, if
 * the budget allows it: looked at and written in one transaction, so parallel processes
 * cannot overspend together. ERROR_LIMIT says which limit, what is spent, what would be;
 * so is an estimate that is MONEY_UNKNOWN. RATE > 0: at most so many pictures begun
 * within the last minute, ERROR_RATE_LIMIT with retry_after otherwise (ERROR_USAGE if
 * one request alone is above it). RET (may be NULL): with this job.
 */
int catalog_job_reserve(struct catalog *c, struct job *j, const struct budget *budget,
                        int64_t rate, struct spending *ret, struct error *err);

/* Would ESTIMATE more be over a limit now? ERROR_LIMIT as above; nothing is reserved. */
int catalog_budget_check(struct catalog *c, int64_t business_id,
                         const struct budget *budget, int64_t estimate,
                         struct error *err);

/* The steps. Each checks the state it comes from; a job that is elsewhere is
 * ERROR_CATALOG (another process has taken it) and unchanged, one that is not there
 * ERROR_NOT_FOUND. All are durable when they return, or when the group is committed:
 * a paid request must not leave before `sending` is on the disk, so that is refused
 * in a group. */
int catalog_job_sending(struct catalog *c, int64_t id, struct error *err);
/* Writes answered_at (now, if 0), cost, usage, request_id, http_status and parameters of
 * J; PICTURES are its own, one at least. From sending or unknown. Settles the ledger to
 * J->cost (MONEY_UNKNOWN: to the reservation). */
int catalog_job_generated(struct catalog *c, const struct job *j,
                          const struct job_picture *pictures, size_t count,
                          struct error *err);
/* To failed, void or unknown with J's error, request_id, http_status. failed and void,
 * from reserved or sending, take the money back; unknown, from sending, leaves it
 * reserved. A generated job whose pictures are lost may fail too: it stays paid. */
int catalog_job_ended(struct catalog *c, const struct job *j, enum job_state state,
                      struct error *err);
/* Picture POSITION has row IMAGE_ID; call it in the group (catalog.h) that adds the row.
 * When it was the last one the job is `stored`. */
int catalog_job_picture_stored(struct catalog *c, int64_t id, int64_t position,
                               int64_t image_id, struct error *err);
/* From generated to stored: its pictures are where they were asked for, in files, and
 * have no rows. */
int catalog_job_delivered(struct catalog *c, int64_t id, struct error *err);
/* Remember why storing failed; the state stays `generated`. */
int catalog_job_remark(struct catalog *c, int64_t id, const struct error *why,
                       struct error *err);
/* A person says what became of an unknown job: charged (the ledger line is settled in
 * full, the job is failed) or void. ERROR_USAGE for a job in another state. */
int catalog_job_settle(struct catalog *c, int64_t id, bool charged, struct error *err);

int catalog_job(struct catalog *c, int64_t id, struct job *ret,
                struct error *err); /* 1, 0, -1 */
int catalog_job_pictures(struct catalog *c, int64_t id, struct job_picture **ret,
                         size_t *ret_count, struct error *err);
void job_pictures_free(struct job_picture *pictures, size_t count);

/* The newest job with FINGERPRINT created after SINCE that cost or may have cost
 * (neither failed nor void). 1, 0, -1. */
int catalog_job_alike(struct catalog *c, const char *fingerprint, int64_t since,
                      struct job *ret, struct error *err);

/* Newest first. STATES: a bit for each (1 << JOB_...), 0: all. LIMIT 0: all. */
typedef int catalog_each_job(void *cookie, const struct job *j);
int catalog_jobs(struct catalog *c, unsigned states, int64_t limit,
                 catalog_each_job *each, void *cookie, struct error *err);

/* Forget stored, failed and void jobs that ended before WHEN; their ledger lines stay,
 * and what is shown of their pictures. RET: how many. */
int catalog_jobs_prune(struct catalog *c, int64_t when, int64_t *ret, struct error *err);

/* ---- The ledger ---- */

enum ledger_by { LEDGER_BY_NOTHING, LEDGER_BY_MODEL, LEDGER_BY_BUSINESS, LEDGER_BY_DAY };

struct ledger_line {
    const char *key;        /* model, business or day; NULL */
    int64_t jobs, pictures;
    int64_t settled, reserved, unknown; /* micro-dollars, by state */
};
typedef int catalog_each_ledger(void *cookie, const struct ledger_line *line);

/* Sums of [FROM, TO) (clock.h; 0: open), largest first; days by date. Void lines are
 * left out. BUSINESS NULL: all; unknown: ERROR_NOT_FOUND. LEDGER_BY_NOTHING is one line,
 * also where there is nothing. A business that is no more is "#7", its id. */
int catalog_ledger(struct catalog *c, int64_t from, int64_t to, const char *business,
                   enum ledger_by by, catalog_each_ledger *each, void *cookie,
                   struct error *err);

int catalog_spending(struct catalog *c, int64_t business_id, struct spending *ret,
                     struct error *err);

/* The limits of a business, which the catalog keeps: they follow its name, and cannot be
 * spelt for a business that is not there. Reads and writes the two business_ fields. */
int catalog_business_budget(struct catalog *c, int64_t business_id, struct budget *ret,
                            struct error *err);
int catalog_business_set_budget(struct catalog *c, int64_t business_id,
                                const struct budget *budget, struct error *err);

#endif
