/*
 * job.h - generations and their money, for the files that read and write them.
 */
#ifndef CATALOG_JOB_H
#define CATALOG_JOB_H

#include "imgctl/jobs.h"
#include "sql.h"

#define JOB_COUNT_MAX 1000 /* pictures; a bound only against nonsense */

/* As the index jobs_open has it. */
#define JOB_IS_OPEN "state IN ('reserved', 'sending', 'generated', 'unknown')"

/* In a transaction: the state of job ID; ERROR_NOT_FOUND. */
int job_read_state(struct catalog *c, int64_t id, enum job_state *ret, struct error *err);
/* The same; it must be one of ALLOWED, a bit (1 << state) each. */
int job_expect_state(struct catalog *c, int64_t id, unsigned allowed, enum job_state *ret,
                     struct error *err);

/* In a transaction: a line for J, which has its id, of its estimate. */
int ledger_add(struct catalog *c, const struct job *j, struct error *err);

/* In a transaction: job ID's line becomes STATE. COST as far as it is known; the amount
 * is COST, or what it was, and nothing in a line that is void. */
int ledger_set(struct catalog *c, int64_t id, const char *state, int64_t cost,
               struct error *err);

/* What is spent in the month and day of NOW (clock.h). */
int ledger_spending(struct catalog *c, int64_t business_id, int64_t now,
                    struct spending *ret, struct error *err);

#endif
