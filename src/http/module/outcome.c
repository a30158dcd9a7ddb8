#include <string.h>
#include <sys/random.h>

#include "exchange.h"
#include "imgctl/clock.h"
#include "imgctl/mem.h"

static void wait_again(struct exchange *x, int64_t wait)
{
    trace_wait(x, wait);
    client_pause(x);
    x->due = clock_steady() + wait;
}

static int64_t backoff(const struct exchange *x)
{
    uint32_t random = UINT32_MAX;
    (void)!getrandom(&random, sizeof random, 0);
    return retry_delay(x->tries, x->client->retry_base, random);
}

static bool may_repeat(const struct exchange *x)
{
    return x->tries <= x->client->retries && answer_can_repeat(x);
}

/* What one heard that asked again holds for all that wait for the same reason;
 * those that have asked often enough hand out the answer they have. */
static void count_refusal(const struct exchange *asker)
{
    for (struct exchange *x = asker->client->first; x; x = x->next) {
        bool waits = x->refused && !x->running;
        if (waits && strcmp(x->host, asker->host) == 0) {
            x->tries++;
        }
    }
}

static struct exchange *find_exhausted(struct http_client *c)
{
    struct exchange *x = c->first;
    while (x && (x->running || !x->refused || may_repeat(x))) {
        x = x->next;
    }
    return x;
}

static void repeat_or_finish(struct exchange *x, bool again, int64_t pause)
{
    if (again && pause > RETRY_MAX_WAIT) {
        client_refuse(x, pause);
    } else if (again && may_repeat(x)) {
        wait_again(x, pause);
    } else {
        client_finish(x, 0);
    }
}

/* As many answers as are allowed at once make one more allowed. */
static void welcome_more(struct http_client *c)
{
    if (c->allowed < c->connections && ++c->welcomed >= c->allowed) {
        c->allowed++;
        c->welcomed = 0;
    }
}

/* The service takes no requests at all for a while, and fewer after that. Those that
 * were under way when it first said so say nothing new. */
static void heed_refusal(struct exchange *x, bool again, int64_t pause)
{
    struct http_client *c = x->client;
    if (!gate_is_closed(x)) {
        c->allowed = c->allowed > 1 ? c->allowed / 2 : 1;
        c->welcomed = 0;
    }
    x->refused = true;
    if (gate_close(x, clock_steady() + pause)) {
        count_refusal(x);
    }
    repeat_or_finish(x, again, pause);
    while ((x = find_exhausted(c)) != NULL) {
        client_finish(x, 0);
    }
}

static void answered(struct exchange *x)
{
    struct http_response *r = &x->response;
    int64_t wait = answer_wait(x);
    /* A refusal that waiting does not heal closes no gate. */
    bool vetoed = x->must_not_repeat ||
                  (x->request->may_repeat && !x->request->may_repeat(r));
    bool again = !vetoed && retry_status(x->request->retry, r->status, r->body.data);
    x->tries++;
    int64_t pause = wait > 0 ? wait : backoff(x);
    trace_answer(x);
    bool limited = retry_is_rate_limit(r->status, r->body.data) ||
                   (r->status == 503 && wait > 0);
    if (limited && !vetoed) {
        heed_refusal(x, again, pause);
    } else {
        x->refused = false;
        gate_leave(x, true);
        welcome_more(x->client);
        repeat_or_finish(x, again, pause);
    }
}

static void follow_redirect(struct exchange *x)
{
    trace_answer(x);
    gate_leave(x, true);
    if (++x->hops > MAX_REDIRECTS) {
        error_set(&x->error, ERROR_FAILED, "%s redirects more than %d times", x->host,
                  MAX_REDIRECTS);
        client_fail(x);
        return;
    }
    struct error err = ERROR_INIT;
    AUTO_FREE char *from = mem_strdup(x->host);
    if (request_set_url(x, x->location, &err) < 0) {
        x->error = err;
        error_wrap(&x->error, "%s redirects to where it may not", from);
        client_fail(x);
        return;
    }
    wait_again(x, 0);
}

void outcome_of_try(struct exchange *x, CURLcode code)
{
    /* libcurl takes a connection that ends within the head for a short answer. */
    if (code == CURLE_OK && x->response.status < 200) {
        code = CURLE_PARTIAL_FILE;
    }
    if (code == CURLE_OK) {
        error_clear(&x->error);
        if (answer_is_redirect(x)) {
            follow_redirect(x);
        } else {
            answered(x);
        }
        return;
    }
    bool again = failure_describe(x, code);
    x->refused = false;
    gate_leave(x, false);
    x->tries++;
    if (again && may_repeat(x)) {
        trace_failure(x);
        wait_again(x, backoff(x));
    } else {
        client_fail(x);
    }
}
