/* Generations and their money: budgets, every step from every state, crashes. */

#include "catalog_support.h"

#include <signal.h>

#include "../../src/catalog/job.h"
#include "../../src/catalog/schema.h"
#include "imgctl/clock.h"
#include "imgctl/jobs.h"

#define PROCESSES 16
#define PRICE 50000
#define STATES 7
#define DAY_MS INT64_C(86400000)

static struct error err;
static const struct budget no_limit = BUDGET_INIT;

/* A job for PRICE that nobody has reserved; its strings are not its own. */
static struct job request(int64_t business, int64_t count)
{
    return (struct job){
        .business_id = business,
        .store = "local",
        .provider = "openai",
        .host = "api.openai.com",
        .model = "gpt-image-2.5-flare",
        .prompt = "a lighthouse",
        .fingerprint = "f00d",
        .parameters = "{\"size\":\"1024x1024\"}",
        .count = count,
        .estimate = PRICE,
        .cost = MONEY_UNKNOWN,
        .client_id = "imgctl-1",
    };
}

static int64_t reserve(struct catalog *c, int64_t business, int64_t count)
{
    struct job j = request(business, count);
    must(catalog_job_reserve(c, &j, &no_limit, 0, NULL, &err), &err);
    return j.id;
}

static enum job_state state_of(struct catalog *c, int64_t id)
{
    AUTO_JOB struct job j = JOB_INIT;
    CHECK_INT(catalog_job(c, id, &j, &err), 1);
    return j.state;
}

static int answer(struct catalog *c, int64_t id, int64_t cost, size_t count)
{
    struct job j = request(1, (int64_t)count);
    j.id = id;
    j.cost = cost;
    j.request_id = "req_1";
    j.usage = (struct generate_usage){ .text_in = 9, .image_out = 1756, .known = true };
    struct job_picture pictures[4] = { { .position = 0 } };
    for (size_t i = 0; i < count; i++) {
        pictures[i] = (struct job_picture){ .position = (int64_t)i, .sha256 = "ab",
                                            .bytes = 100, .revised_prompt = "a tower" };
    }
    return catalog_job_generated(c, &j, pictures, count, &err);
}

static int end(struct catalog *c, int64_t id, enum job_state state)
{
    struct job j = { .id = id, .error_code = "provider.refused", .error = "no",
                     .request_id = "req_2", .http_status = 400 };
    return catalog_job_ended(c, &j, state, &err);
}

/* A new job that has been brought to STATE. */
static int64_t job_in(struct catalog *c, int64_t business, enum job_state state)
{
    int64_t id = reserve(c, business, 1);
    if (state == JOB_RESERVED) {
        return id;
    }
    if (state == JOB_FAILED || state == JOB_VOID) {
        must(end(c, id, state), &err);
        return id;
    }
    must(catalog_job_sending(c, id, &err), &err);
    if (state == JOB_UNKNOWN) {
        must(end(c, id, state), &err);
    }
    if (state == JOB_GENERATED || state == JOB_STORED) {
        must(answer(c, id, PRICE, 1), &err);
    }
    if (state == JOB_STORED) {
        must(catalog_job_picture_stored(c, id, 0, 77, &err), &err);
    }
    return id;
}

static int remark(struct catalog *c, int64_t id)
{
    struct error why = ERROR_INIT;
    error_set(&why, ERROR_STORE, "the store is full");
    return catalog_job_remark(c, id, &why, &err);
}

/* Every step there is, as a number. */
enum step { SENDING, GENERATED, FAILED, VOID, UNKNOWN, PICTURE_STORED, REMARK, CHARGED,
            NOT_CHARGED, STEPS };

static int take_step(struct catalog *c, int64_t id, enum step step)
{
    error_clear(&err);
    switch (step) {
    case SENDING: return catalog_job_sending(c, id, &err);
    case GENERATED: return answer(c, id, 40000, 1);
    case FAILED: return end(c, id, JOB_FAILED);
    case VOID: return end(c, id, JOB_VOID);
    case UNKNOWN: return end(c, id, JOB_UNKNOWN);
    case PICTURE_STORED: return catalog_job_picture_stored(c, id, 0, 5, &err);
    case REMARK: return remark(c, id);
    case CHARGED: return catalog_job_settle(c, id, true, &err);
    case NOT_CHARGED: return catalog_job_settle(c, id, false, &err);
    default: return -1;
    }
}

/* Where STEP leads from FROM; -1: nowhere. */
static int target(enum job_state from, enum step step)
{
    static const int8_t targets[STATES][STEPS] = {
        [JOB_RESERVED] = { JOB_SENDING, -1, JOB_FAILED, JOB_VOID, -1, -1, -1, -1, -1 },
        [JOB_SENDING] = { -1, JOB_GENERATED, JOB_FAILED, JOB_VOID, JOB_UNKNOWN, -1, -1,
                          -1, -1 },
        [JOB_GENERATED] = { -1, -1, JOB_FAILED, -1, -1, JOB_STORED, JOB_GENERATED, -1,
                            -1 },
        [JOB_STORED] = { -1, -1, -1, -1, -1, -1, -1, -1, -1 },
        [JOB_FAILED] = { -1, -1, -1, -1, -1, -1, -1, -1, -1 },
        [JOB_UNKNOWN] = { -1, JOB_GENERATED, -1, -1, -1, -1, -1, JOB_FAILED, JOB_VOID },
        [JOB_VOID] = { -1, -1, -1, -1, -1, -1, -1, -1, -1 },
    };
    return targets[from][step];
}

TEST(every_step_from_every_state)
{
    struct catalog *c = open_at(in_scratch("steps.db"));
    int64_t business = default_business(c);
    for (int from = 0; from < STATES; from++) {
        for (int step = 0; step < STEPS; step++) {
            int64_t id = job_in(c, business, (enum job_state)from);
            int to = target((enum job_state)from, (enum step)step);
            int result = take_step(c, id, (enum step)step);
            CHECK_INT(result, to < 0 ? -1 : 0);
            CHECK_INT(state_of(c, id), to < 0 ? from : to);
            bool settles = step == CHARGED || step == NOT_CHARGED;
            CHECK(to >= 0 || err.kind == (settles ? ERROR_USAGE : ERROR_CATALOG));
            if (test_failed_checks) {
                printf("# step %d from %s\n", step, job_state_name((enum job_state)from));
                break;
            }
        }
    }
    for (int step = 0; step < STEPS; step++) {
        CHECK_INT(take_step(c, 100000, (enum step)step), -1);
        CHECK_INT(err.kind, ERROR_NOT_FOUND);
    }
    catalog_close(c);
}

static int keep_line(void *cookie, const struct ledger_line *line)
{
    *(struct ledger_line *)cookie = *line;
    return 0;
}

static struct ledger_line ledger(struct catalog *c)
{
    struct ledger_line line = { .jobs = -1 };
    must(catalog_ledger(c, 0, 0, NULL, LEDGER_BY_NOTHING, keep_line, &line, &err), &err);
    return line;
}

/* What the ledger says after STEP from FROM, for one job. */
static void check_ledger(enum job_state from, int step, int64_t settled, int64_t reserved,
                         int64_t unknown)
{
    const char *path = in_scratch("line.db");
    struct catalog *c = open_at(path);
    int64_t id = job_in(c, default_business(c), from);
    if (step >= 0) {
        CHECK_INT(take_step(c, id, (enum step)step), 0);
    }
    struct ledger_line line = ledger(c);
    CHECK_INT(line.settled, settled);
    CHECK_INT(line.reserved, reserved);
    CHECK_INT(line.unknown, unknown);
    struct spending s;
    CHECK_INT(catalog_spending(c, 1, &s, &err), 0);
    CHECK_INT(s.month, settled + reserved + unknown);
    CHECK_INT(s.business_day, s.month);
    catalog_close(c);
    unlink(path);
}

/* What is spent at NOW, for a job of PRICE that was reserved at THEN. */
static void check_spending(const char *then, const char *now, int64_t month, int64_t day)
{
    const char *path = in_scratch("midnight.db");
    struct catalog *c = open_at(path);
    int64_t at;
    job_in(c, default_business(c), JOB_RESERVED);
    AUTO_FREE char *text = mem_printf("UPDATE ledger SET created_at = '%s'", then);
    CHECK_INT(sqlite3_exec(c->db, text, NULL, NULL, NULL), SQLITE_OK);
    CHECK(clock_parse(now, 0, false, &at));
    struct spending s;
    CHECK_INT(ledger_spending(c, 1, at, &s, &err), 0);
    CHECK_INT(s.month, month);
    CHECK_INT(s.business_month, month);
    CHECK_INT(s.day, day);
    CHECK_INT(s.business_day, day);
    catalog_close(c);
    unlink(path);
}

TEST(the_day_turns_at_midnight_utc)
{
    check_spending("2026-11-29T23:59:59.999Z", "2026-11-29T23:59:59.999Z", PRICE, PRICE);
    check_spending("2026-11-29T23:59:59.999Z", "2026-11-30T00:00:00.000Z", PRICE, 0);
    check_spending("2026-11-30T00:00:00.000Z", "2026-11-30T00:00:00.000Z", PRICE, PRICE);
    check_spending("2026-11-30T23:59:59.999Z", "2026-12-01T00:00:00.000Z", 0, 0);
    check_spending("2026-12-31T23:59:59.999Z", "2027-01-01T00:00:00.000Z", 0, 0);
}

TEST(money_follows_the_job)
{
    check_ledger(JOB_RESERVED, -1, 0, PRICE, 0);
    check_ledger(JOB_RESERVED, SENDING, 0, PRICE, 0);
    check_ledger(JOB_RESERVED, VOID, 0, 0, 0);
    check_ledger(JOB_SENDING, FAILED, 0, 0, 0);
    check_ledger(JOB_SENDING, UNKNOWN, 0, 0, PRICE);
    check_ledger(JOB_SENDING, GENERATED, 40000, 0, 0);
    check_ledger(JOB_UNKNOWN, GENERATED, 40000, 0, 0);
    check_ledger(JOB_UNKNOWN, CHARGED, PRICE, 0, 0);
    check_ledger(JOB_UNKNOWN, NOT_CHARGED, 0, 0, 0);
    check_ledger(JOB_GENERATED, FAILED, PRICE, 0, 0);
}

TEST(an_unknown_cost_counts_as_reserved)
{
    struct catalog *c = open_at(in_scratch("uncosted.db"));
    int64_t id = job_in(c, default_business(c), JOB_SENDING);
    CHECK_INT(answer(c, id, MONEY_UNKNOWN, 1), 0);
    CHECK_INT(ledger(c).settled, PRICE);
    AUTO_JOB struct job j = JOB_INIT;
    CHECK_INT(catalog_job(c, id, &j, &err), 1);
    CHECK(j.cost == MONEY_UNKNOWN);
    CHECK_INT(j.estimate, PRICE);
    catalog_close(c);
}

TEST(a_job_is_read_as_it_was_written)
{
    struct catalog *c = open_at(in_scratch("whole.db"));
    int64_t business = default_business(c), before = clock_now();
    int64_t id = reserve(c, business, 2);
    must(catalog_job_sending(c, id, &err), &err);
    must(answer(c, id, 40001, 2), &err);
    must(remark(c, id), &err);
    AUTO_JOB struct job j = JOB_INIT;
    CHECK_INT(catalog_job(c, id, &j, &err), 1);
    CHECK_INT(j.state, JOB_GENERATED);
    CHECK_INT(j.business_id, business);
    CHECK_STR(j.store, "local");
    CHECK_STR(j.provider, "openai");
    CHECK_STR(j.host, "api.openai.com");
    CHECK_STR(j.model, "gpt-image-2.5-flare");
    CHECK_STR(j.prompt, "a lighthouse");
    CHECK_STR(j.fingerprint, "f00d");
    CHECK_STR(j.parameters, "{\"size\":\"1024x1024\"}");
    CHECK_INT(j.count, 2);
    CHECK(j.created_at >= before && j.created_at <= j.sent_at);
    CHECK(j.sent_at <= j.answered_at && j.ended_at == 0);
    CHECK_INT(j.estimate, PRICE);
    CHECK_INT(j.cost, 40001);
    CHECK(j.usage.known);
    CHECK_INT(j.usage.text_in, 9);
    CHECK_INT(j.usage.image_out, 1756);
    CHECK_STR(j.client_id, "imgctl-1");
    CHECK_STR(j.request_id, "req_1");
    CHECK_STR(j.error_code, "catalog.store");
    CHECK_STR(j.error, "the store is full");
    struct job_picture *pictures;
    size_t count;
    CHECK_INT(catalog_job_pictures(c, id, &pictures, &count, &err), 0);
    CHECK_INT(count, 2);
    CHECK_INT(pictures[1].position, 1);
    CHECK_STR(pictures[1].sha256, "ab");
    CHECK_INT(pictures[1].bytes, 100);
    CHECK_STR(pictures[1].revised_prompt, "a tower");
    CHECK_INT(pictures[1].image_id, 0);
    job_pictures_free(pictures, count);
    AUTO_JOB struct job none = JOB_INIT;
    CHECK_INT(catalog_job(c, 99, &none, &err), 0);
    catalog_close(c);
}

TEST(the_last_picture_stored_ends_the_job)
{
    struct catalog *c = open_at(in_scratch("pictures.db"));
    int64_t business = default_business(c), id = reserve(c, business, 2);
    must(catalog_job_sending(c, id, &err), &err);
    must(answer(c, id, 40001, 2), &err);
    int64_t ids[2];
    for (int i = 0; i < 2; i++) {
        AUTO_PICTURE struct picture p = sample(business, (uint64_t)i);
        p.ai_generated = true;
        must(catalog_group_begin(c, &err), &err);
        CHECK_INT(catalog_picture_add(c, &p, 0, &err), 1);
        CHECK_INT(catalog_job_picture_stored(c, id, i, p.id, &err), 0);
        CHECK_INT(catalog_group_commit(c, &err), 0);
        CHECK_INT(state_of(c, id), i == 0 ? JOB_GENERATED : JOB_STORED);
        ids[i] = p.id;
        if (i == 0) {
            CHECK_INT(catalog_job_picture_stored(c, id, 0, p.id, &err), -1);
        }
    }
    int64_t sum = 0;
    for (int i = 0; i < 2; i++) {
        AUTO_PICTURE struct picture p = PICTURE_INIT;
        CHECK_INT(catalog_picture(c, ids[i], &p, &err), 1);
        CHECK_STR(p.revised_prompt, "a tower");
        sum += p.cost;
    }
    CHECK_INT(sum, 40001);
    int64_t pruned = -1;
    CHECK_INT(catalog_jobs_prune(c, clock_now() + 1000, &pruned, &err), 0);
    CHECK_INT(pruned, 1);
    AUTO_JOB struct job gone = JOB_INIT;
    CHECK_INT(catalog_job(c, id, &gone, &err), 0);
    AUTO_PICTURE struct picture p = PICTURE_INIT;
    CHECK_INT(catalog_picture(c, ids[0], &p, &err), 1);
    CHECK_INT(p.cost, 20000);
    CHECK_INT(ledger(c).settled, 40001);
    catalog_close(c);
}

TEST(pictures_of_no_job_have_no_cost)
{
    struct catalog *c = open_at(in_scratch("uploads.db"));
    int64_t business = default_business(c), uploaded = add_sample(c, business, 1);
    AUTO_PICTURE struct picture made = sample(business, 2);
    made.ai_generated = true;
    CHECK_INT(catalog_picture_add(c, &made, 0, &err), 1);
    const int64_t ids[] = { uploaded, made.id };
    for (size_t i = 0; i < 2; i++) {
        AUTO_PICTURE struct picture p = PICTURE_INIT;
        CHECK_INT(catalog_picture(c, ids[i], &p, &err), 1);
        CHECK(p.cost == MONEY_UNKNOWN);
        CHECK(p.revised_prompt == NULL);
    }
    catalog_close(c);
}

TEST(only_what_has_ended_is_pruned)
{
    struct catalog *c = open_at(in_scratch("prune.db"));
    int64_t business = default_business(c), pruned = -1;
    for (int state = 0; state < STATES; state++) {
        job_in(c, business, (enum job_state)state);
    }
    CHECK_INT(catalog_jobs_prune(c, clock_now() - DAY_MS, &pruned, &err), 0);
    CHECK_INT(pruned, 0);
    struct ledger_line before = ledger(c);
    CHECK_INT(catalog_jobs_prune(c, clock_now() + 1000, &pruned, &err), 0);
    CHECK_INT(pruned, 3);
    struct ledger_line after = ledger(c);
    CHECK_INT(after.settled, before.settled);
    CHECK_INT(after.jobs, before.jobs);
    struct catalog_summary s;
    CHECK_INT(catalog_summary(c, &s, &err), 0);
    CHECK_INT(s.jobs, 4);
    catalog_close(c);
}

/* Reserve under LIMIT; the kind of error, ERROR_NONE if it went well. */
static enum error_kind try(struct catalog *c, int64_t business, struct budget limit,
                           struct spending *ret)
{
    struct job j = request(business, 1);
    error_clear(&err);
    int result = catalog_job_reserve(c, &j, &limit, 0, ret, &err);
    CHECK(result == (err.kind == ERROR_NONE ? 0 : -1));
    return err.kind;
}

TEST(each_limit_holds)
{
    struct catalog *c = open_at(in_scratch("limits.db"));
    int64_t one = default_business(c), two;
    must(catalog_business_add(c, "acme", &two, &err), &err);
    struct budget limits[4] = { BUDGET_INIT, BUDGET_INIT, BUDGET_INIT, BUDGET_INIT };
    struct spending s;
    reserve(c, one, 1);
    limits[0].month = limits[1].day = 2 * PRICE - 1;
    limits[2].business_month = limits[3].business_day = 2 * PRICE - 1;
    static const char *const words[] = { "month's budget:", "day's budget:",
                                         "month's budget of this business",
                                         "day's budget of this business" };
    for (size_t i = 0; i < 4; i++) {
        CHECK_INT(try(c, one, limits[i], &s), ERROR_LIMIT);
        CHECK(strstr(err.message, words[i]));
        CHECK(strstr(err.message, "$0.05 of $0.099999"));
        CHECK(strstr(err.message, "it would be $0.10"));
        CHECK(*err.hint);
    }
    CHECK_INT(try(c, two, limits[0], &s), ERROR_LIMIT);
    CHECK_INT(try(c, two, limits[2], &s), ERROR_NONE);
    CHECK_INT(s.business_month, PRICE);
    CHECK_INT(s.month, 2 * PRICE);
    limits[0].month = 3 * PRICE;
    CHECK_INT(try(c, two, limits[0], &s), ERROR_NONE);
    CHECK_INT(s.month, 3 * PRICE);
    CHECK_INT(raw_number(in_scratch("limits.db"), "SELECT count(*) FROM jobs"), 3);
    CHECK_INT(raw_number(in_scratch("limits.db"), "SELECT count(*) FROM ledger"), 3);
    catalog_close(c);
}

TEST(nothing_at_all_is_a_limit_too)
{
    struct catalog *c = open_at(in_scratch("zero.db"));
    int64_t business = default_business(c);
    struct budget zero = BUDGET_INIT;
    zero.month = 0;
    CHECK_INT(try(c, business, zero, NULL), ERROR_LIMIT);
    struct job j = request(business, 1);
    j.estimate = 0; /* what is free goes under every limit */
    CHECK_INT(catalog_job_reserve(c, &j, &zero, 0, NULL, &err), 0);
    j.estimate = MONEY_UNKNOWN;
    CHECK_INT(catalog_job_reserve(c, &j, &no_limit, 0, NULL, &err), -1);
    CHECK_INT(err.kind, ERROR_LIMIT);
    j.estimate = MONEY_MAX + 1;
    CHECK_INT(catalog_job_reserve(c, &j, &no_limit, 0, NULL, &err), -1);
    j.estimate = -1;
    CHECK_INT(catalog_job_reserve(c, &j, &no_limit, 0, NULL, &err), -1);
    catalog_close(c);
}

TEST(only_this_month_and_this_day_count)
{
    const char *path = in_scratch("old.db");
    struct catalog *c = open_at(path);
    int64_t business = default_business(c);
    struct budget limit = BUDGET_INIT;
    limit.month = limit.day = PRICE;
    reserve(c, business, 1);
    CHECK_INT(try(c, business, limit, NULL), ERROR_LIMIT);
    CHECK_INT(raw_exec(path, "UPDATE ledger SET created_at ="
                             " strftime('%Y-%m-01T00:00:00.000Z', 'now', '-2 months')"),
              SQLITE_OK);
    CHECK_INT(try(c, business, limit, NULL), ERROR_NONE);
    catalog_close(c);
}

TEST(limits_of_a_business_follow_it)
{
    struct catalog *c = open_at(in_scratch("follow.db"));
    struct budget limit = BUDGET_INIT, read = BUDGET_INIT;
    int64_t id;
    must(catalog_business_add(c, "acme", &id, &err), &err);
    CHECK_INT(catalog_business_budget(c, id, &read, &err), 0);
    CHECK_INT(read.business_month, BUDGET_NONE);
    limit.business_month = 20000000;
    CHECK_INT(catalog_business_set_budget(c, id, &limit, &err), 0);
    CHECK_INT(catalog_business_rename(c, "acme", "acme inc", &err), 0);
    CHECK_INT(catalog_business_budget(c, id, &read, &err), 0);
    CHECK_INT(read.business_month, 20000000);
    CHECK_INT(read.business_day, BUDGET_NONE);
    CHECK_INT(read.month, BUDGET_NONE);
    job_in(c, id, JOB_UNKNOWN);
    CHECK_INT(catalog_business_remove(c, "acme inc", &err), -1);
    CHECK_INT(err.kind, ERROR_USAGE);
    catalog_close(c);
}

TEST(a_removed_business_leaves_its_money)
{
    struct catalog *c = open_at(in_scratch("removed.db"));
    struct ledger_line line = { .jobs = -1 };
    int64_t id;
    must(catalog_business_add(c, "acme", &id, &err), &err);
    int64_t job = job_in(c, id, JOB_GENERATED);
    CHECK_INT(end(c, job, JOB_FAILED), 0);
    CHECK_INT(catalog_business_remove(c, "acme", &err), 0);
    CHECK_INT(catalog_ledger(c, 0, 0, NULL, LEDGER_BY_BUSINESS, keep_line, &line, &err),
              0);
    CHECK_INT(line.settled, PRICE);
    CHECK_INT(catalog_ledger(c, 0, 0, "acme", LEDGER_BY_DAY, keep_line, &line, &err), -1);
    CHECK_INT(err.kind, ERROR_NOT_FOUND);
    catalog_close(c);
}

TEST(the_rate_is_kept)
{
    const char *path = in_scratch("rate.db");
    struct catalog *c = open_at(path);
    int64_t business = default_business(c);
    struct job j = request(business, 2);
    CHECK_INT(catalog_job_reserve(c, &j, &no_limit, 3, NULL, &err), 0);
    CHECK_INT(catalog_job_reserve(c, &j, &no_limit, 3, NULL, &err), -1);
    CHECK_INT(err.kind, ERROR_RATE_LIMIT);
    CHECK(err.retryable);
    CHECK(err.retry_after >= 1 && err.retry_after <= 61);
    j.count = 4;
    CHECK_INT(catalog_job_reserve(c, &j, &no_limit, 3, NULL, &err), -1);
    CHECK_INT(err.kind, ERROR_USAGE);
    j.count = 2;
    CHECK_INT(end(c, 1, JOB_VOID), 0); /* it was never sent */
    CHECK_INT(catalog_job_reserve(c, &j, &no_limit, 3, NULL, &err), 0);
    must(catalog_job_sending(c, j.id, &err), &err);
    CHECK_INT(end(c, j.id, JOB_FAILED), 0); /* refused, but the service has counted it */
    CHECK_INT(catalog_job_reserve(c, &j, &no_limit, 3, NULL, &err), -1);
    raw_exec(path, "UPDATE ledger SET created_at ="
             " strftime('%Y-%m-%dT%H:%M:%fZ', 'now', '-61 seconds')");
    CHECK_INT(catalog_job_reserve(c, &j, &no_limit, 3, NULL, &err), 0);
    catalog_close(c);
}

TEST(alike_is_what_may_have_cost)
{
    struct catalog *c = open_at(in_scratch("alike.db"));
    int64_t business = default_business(c);
    for (int state = 0; state < STATES; state++) {
        AUTO_JOB struct job j = JOB_INIT;
        bool costs = state != JOB_FAILED && state != JOB_VOID;
        int64_t id = job_in(c, business, (enum job_state)state);
        int found = catalog_job_alike(c, "f00d", clock_now() - DAY_MS, &j, &err);
        CHECK_INT(found, 1);
        CHECK(costs == (j.id == id));
    }
    AUTO_JOB struct job j = JOB_INIT;
    CHECK_INT(catalog_job_alike(c, "f00d", clock_now() + 1000, &j, &err), 0);
    CHECK_INT(catalog_job_alike(c, "beef", 0, &j, &err), 0);
    catalog_close(c);
}

static int collect_id(void *cookie, const struct job *j)
{
    buf_addf(cookie, "%" PRId64 ":%s ", j->id, job_state_name(j->state));
    return 0;
}

TEST(jobs_are_listed_by_state)
{
    struct catalog *c = open_at(in_scratch("list.db"));
    AUTO_BUF struct buf text = BUF_INIT;
    int64_t business = default_business(c);
    for (int state = 0; state < STATES; state++) {
        job_in(c, business, (enum job_state)state);
    }
    CHECK_INT(catalog_jobs(c, 0, 2, collect_id, &text, &err), 0);
    CHECK_STR(text.data, "7:void 6:unknown ");
    buf_clear(&text);
    CHECK_INT(catalog_jobs(c, 1U << JOB_RESERVED | 1U << JOB_STORED, 0, collect_id, &text,
                           &err), 0);
    CHECK_STR(text.data, "4:stored 1:reserved ");
    catalog_close(c);
}

static int collect_line(void *cookie, const struct ledger_line *l)
{
    buf_addf(cookie, "%s=%" PRId64 "/%" PRId64 " ", l->key, l->pictures,
             l->settled + l->reserved + l->unknown);
    return 0;
}

TEST(the_ledger_by_what_one_asks)
{
    const char *path = in_scratch("by.db");
    struct catalog *c = open_at(path);
    AUTO_BUF struct buf text = BUF_INIT;
    int64_t one = default_business(c), two;
    must(catalog_business_add(c, "acme", &two, &err), &err);
    reserve(c, one, 1);
    reserve(c, two, 3);
    job_in(c, two, JOB_STORED);
    job_in(c, two, JOB_VOID);
    CHECK_INT(raw_exec(path, "UPDATE ledger SET created_at = '2026-11-0' || job_id"
                       " || 'T10:00:00.000Z'"), SQLITE_OK);
    CHECK_INT(
        catalog_ledger(c, 0, 0, NULL, LEDGER_BY_BUSINESS, collect_line, &text, &err), 0);
    CHECK_STR(text.data, "acme=4/100000 default=1/50000 ");
    buf_clear(&text);
    CHECK_INT(catalog_ledger(c, 0, 0, "acme", LEDGER_BY_DAY, collect_line, &text, &err),
              0);
    CHECK_STR(text.data, "2026-11-02=3/50000 2026-11-03=1/50000 ");
    buf_clear(&text);
    int64_t from = 0, to = 0;
    CHECK(clock_parse("2026-11-02", 0, false, &from) &&
          clock_parse("2026-11-03T10:00:00Z", 0, false, &to));
    CHECK_INT(
        catalog_ledger(c, from, to, NULL, LEDGER_BY_MODEL, collect_line, &text, &err), 0);
    CHECK_STR(text.data, "gpt-image-2.5-flare=3/50000 ");
    catalog_close(c);
}

#define ROUNDS 5
#define TRIES 4

/* A process that wants to buy, again and again: how often it could, 99 if something else
 * went wrong. It says when it is READY and begins when the GATE is closed. */
static int buy(const char *path, int ready, int gate)
{
    struct error e = ERROR_INIT;
    struct budget limit = BUDGET_INIT;
    struct catalog *c = open_at(path);
    int64_t business = default_business(c);
    char byte = 0;
    int bought = 0;
    limit.month = 10 * PRICE;
    (void)!write(ready, &byte, 1);
    (void)!read(gate, &byte, 1);
    for (int i = 0; i < TRIES; i++) {
        struct job j = request(business, 1);
        if (catalog_job_reserve(c, &j, &limit, 0, NULL, &e) == 0) {
            bought++;
        } else if (e.kind != ERROR_LIMIT) {
            return 99;
        }
    }
    catalog_close(c);
    return bought;
}

/* How many all of them have bought; -1 if one failed. */
static int buy_at_once(const char *path)
{
    int ready[2], gate[2], status, sum = 0;
    bool failed = false;
    char byte;
    CHECK_INT(pipe(ready), 0);
    CHECK_INT(pipe(gate), 0);
    fflush(stdout);
    for (int i = 0; i < PROCESSES; i++) {
        if (fork() == 0) {
            close(gate[1]);
            _exit(buy(path, ready[1], gate[0]));
        }
    }
    for (int i = 0; i < PROCESSES; i++) {
        (void)!read(ready[0], &byte, 1);
    }
    close(ready[0]);
    close(ready[1]);
    close(gate[0]);
    close(gate[1]);
    while (wait(&status) > 0) {
        failed = failed || !WIFEXITED(status) || WEXITSTATUS(status) == 99;
        sum += WEXITSTATUS(status);
    }
    return failed ? -1 : sum;
}

TEST(sixteen_processes_and_money_for_ten)
{
    for (int i = 0; i < ROUNDS; i++) {
        const char *path = in_scratch("race.db");
        catalog_close(open_at(path));
        CHECK_INT(buy_at_once(path), 10);
        CHECK_INT(raw_number(path, "SELECT count(*) FROM jobs"), 10);
        CHECK_INT(raw_number(path, "SELECT sum(amount) FROM ledger"), 10 * PRICE);
        unlink(path);
    }
}

/* Where a process was killed behind `sending`, another finds that it was. */
TEST(sending_is_written_before_it_is_said)
{
    const char *path = in_scratch("durable.db");
    struct catalog *c = open_at(path);
    int64_t id = reserve(c, default_business(c), 1);
    catalog_close(c);
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        c = open_at(path);
        must(catalog_job_sending(c, id, &err), &err);
        AUTO_SQL struct sql q = SQL_INIT; /* FULL: every commit is synced */
        must(sql_open_once(&q, c, "PRAGMA synchronous", &err), &err);
        bool synced = sql_step(&q, &err) > 0 && sql_int(&q, 0) == 2;
        kill(getpid(), synced ? SIGKILL : SIGTERM);
    }
    int status;
    waitpid(child, &status, 0);
    CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    c = open_at(path);
    CHECK_INT(state_of(c, id), JOB_SENDING);
    id = reserve(c, 1, 1);
    must(catalog_group_begin(c, &err), &err);
    CHECK_INT(catalog_job_sending(c, id, &err), -1);
    catalog_close(c);
}

TEST(an_older_catalog_is_brought_up)
{
    const char *path = in_scratch("older.db");
    struct migrations before = { .steps = schema_migrations.steps, .count = 2 };
    struct catalog old = { .path = (char *)path, .writes = true };
    CHECK_INT(sqlite3_open(path, &old.db), SQLITE_OK);
    CHECK_INT(schema_upgrade(&old, &before, &err), 0);
    CHECK_INT(sqlite3_exec(old.db, "INSERT INTO businesses VALUES (1, 'old', '2026')",
                           NULL, NULL, NULL),
              SQLITE_OK);
    for (size_t i = 0; i < SQL_KEPT; i++) {
        sqlite3_finalize(old.kept[i].stmt);
    }
    sqlite3_close(old.db);
    struct catalog *c = open_at(path);
    reserve(c, 1, 1);
    CHECK_INT(ledger(c).reserved, PRICE);
    catalog_close(c);
}

int main(void)
{
    scratch_make();
    RUN(every_step_from_every_state);
    RUN(money_follows_the_job);
    RUN(the_day_turns_at_midnight_utc);
    RUN(an_unknown_cost_counts_as_reserved);
    RUN(a_job_is_read_as_it_was_written);
    RUN(the_last_picture_stored_ends_the_job);
    RUN(pictures_of_no_job_have_no_cost);
    RUN(only_what_has_ended_is_pruned);
    RUN(each_limit_holds);
    RUN(nothing_at_all_is_a_limit_too);
    RUN(only_this_month_and_this_day_count);
    RUN(limits_of_a_business_follow_it);
    RUN(a_removed_business_leaves_its_money);
    RUN(the_rate_is_kept);
    RUN(alike_is_what_may_have_cost);
    RUN(jobs_are_listed_by_state);
    RUN(the_ledger_by_what_one_asks);
    RUN(sixteen_processes_and_money_for_ten);
    RUN(sending_is_written_before_it_is_said);
    RUN(an_older_catalog_is_brought_up);
    scratch_remove();
    return test_end();
}
