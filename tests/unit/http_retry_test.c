#include <limits.h>

#include "http_trial.h"

#define STATUS(code) "HTTP/1.1 " code " Status\r\nContent-Length: 2\r\n\r\n{}"

/* ---- What is repeated ---- */

static void check_status(const char *answer, enum http_retry mode, int attempts)
{
    const struct answer script[] = { { .text = answer } };
    struct trial t;
    trial_start(&t, script, 1);
    t.request.retry = mode;
    trial_run(&t);
    CHECK_INT(t.result, 0);
    CHECK_INT(t.response.status, atoi(answer + 9));
    CHECK_STR(t.response.body.data, strstr(answer, "\r\n\r\n") + 4);
    CHECK_INT(t.response.attempts, attempts);
    CHECK_INT(t.server.requests, attempts);
    trial_forget(&t);
}

TEST(statuses)
{
    static const struct {
        const char *answer;
        int safe, unsent;
    } table[] = {
        { STATUS("200"), 1, 1 }, { STATUS("302"), 1, 1 }, { STATUS("400"), 1, 1 },
        { STATUS("401"), 1, 1 }, { STATUS("403"), 1, 1 }, { STATUS("404"), 1, 1 },
        { STATUS("408"), 5, 1 }, { STATUS("413"), 1, 1 }, { STATUS("420"), 1, 1 },
        { STATUS("422"), 1, 1 }, { STATUS("423"), 5, 1 }, { STATUS("425"), 5, 1 },
        { STATUS("429"), 5, 5 }, { STATUS("500"), 5, 1 }, { STATUS("501"), 1, 1 },
        { STATUS("502"), 5, 1 }, { STATUS("503"), 5, 5 }, { STATUS("504"), 5, 1 },
        { "HTTP/1.1 420 Enhance\r\nContent-Length: 18\r\n\r\nRate Limit reached", 5, 5 },
    };
    for (size_t i = 0; i < COUNT(table); i++) {
        check_status(table[i].answer, HTTP_RETRY_SAFE, table[i].safe);
        check_status(table[i].answer, HTTP_RETRY_UNSENT, table[i].unsent);
        check_status(table[i].answer, HTTP_RETRY_NEVER, 1);
    }
}

TEST(no_retries)
{
    static const struct answer script[] = { { .text = STATUS("503") } };
    struct trial t;
    trial_start(&t, script, 1);
    t.options.retries = -1;
    trial_run(&t);
    CHECK_INT(t.result, 0);
    CHECK_INT(t.server.requests, 1);
    trial_forget(&t);
}

/* A file is read again from its start. */
TEST(upload_again)
{
    static const struct answer script[] = {
        { .text = STATUS("500") }, { .then = THEN_CLOSE }, { .text = OK },
    };
    AUTO_FD int fd = make_file("0123456789", 10);
    const struct http_part part = { .name = "file", .file_fd = fd, .file_offset = 3,
                                    .file_size = 7 };
    struct trial t;
    trial_start(&t, script, COUNT(script));
    t.request.parts = &part;
    t.request.part_count = 1;
    trial_run(&t);
    CHECK_INT(t.result, 0);
    CHECK_INT(t.response.attempts, 3);
    CHECK(t.response.maybe_acted);
    int whole = 0;
    for (const char *p = t.server.all.data; (p = strstr(p, "\r\n\r\n3456789\r\n")); p++) {
        whole++;
    }
    CHECK_INT(whole, 3);
    trial_forget(&t);
}

/* A port where nobody listens. */
static int closed_port(void)
{
    struct server s;
    server_start(&s, NULL, 0);
    server_stop(&s);
    return s.port;
}

TEST(refused_connection)
{
    static const struct answer script[] = { { .text = OK } };
    struct trial t;
    trial_start(&t, script, 1);
    AUTO_FREE char *url = mem_printf("http://127.0.0.1:%d/x?secret=1", closed_port());
    AUTO_FREE char *message = mem_printf("cannot reach %.*s: connection refused",
                                         (int)strcspn(url + 7, "/"), url + 7);
    t.request.url = url;
    for (int mode = HTTP_RETRY_SAFE; mode <= HTTP_RETRY_NEVER; mode++) {
        t.request.retry = (enum http_retry)mode;
        CHECK_INT(trial_perform(&t), -1);
        CHECK_INT(t.err.kind, ERROR_NETWORK);
        CHECK(t.err.retryable);
        CHECK_STR(t.err.message, message);
        CHECK(!t.response.maybe_acted);
        CHECK_INT(t.response.status, 0);
        CHECK_INT(t.response.attempts, mode == HTTP_RETRY_NEVER ? 1 : 5);
    }
    trial_end(&t);
    trial_forget(&t);
}

/* A server that takes the connection but never shakes hands. */
TEST(no_tls)
{
    static const struct answer script[] = { { .text = OK } };
    struct trial t;
    trial_start(&t, script, 1);
    AUTO_FREE char *url = mem_printf("https://127.0.0.1:%d/", t.server.port);
    t.request.url = url;
    t.options.connect_timeout = 1;
    t.options.retries = -1;
    trial_run(&t);
    CHECK_INT(t.result, -1);
    CHECK_INT(t.err.kind, ERROR_NETWORK);
    CHECK(t.err.retryable);
    CHECK(strstr(t.err.message, ": no connection within 1 s"));
    CHECK(!t.response.maybe_acted);
    CHECK_INT(t.server.requests, 0);
    trial_forget(&t);
}

/* What a proxy was asked is not what the service was. */
TEST(no_way_behind_a_proxy)
{
    static const struct answer scripts[] = {
        { .text = "HTTP/1.1 200 OK\r\n\r\n", .then = THEN_CLOSE }, /* and no TLS */
        { .text = "HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n" },
        { .then = THEN_CLOSE },
    };
    for (size_t i = 0; i < COUNT(scripts); i++) {
        struct trial t;
        trial_start(&t, &scripts[i], 1);
        setenv("https_proxy", t.server.url, 1);
        t.request.url = "https://pictures.example/";
        t.request.retry = HTTP_RETRY_UNSENT;
        t.request.body = "pay";
        t.request.body_len = 3;
        trial_run(&t);
        clear_proxies();
        CHECK_INT(t.result, -1);
        CHECK_INT(t.err.kind, ERROR_NETWORK);
        CHECK(!t.response.maybe_acted);
        CHECK_INT(t.response.status, 0);
        CHECK_INT(t.response.attempts, 5);
        CHECK_INT(t.server.requests, 5);
        trial_forget(&t);
    }
}

static void check_lost(enum http_retry mode, enum then then, int attempts)
{
    const struct answer script[] = { { .then = then } };
    struct trial t;
    trial_start(&t, script, 1);
    t.request.retry = mode;
    t.request.body = "pay";
    t.request.body_len = 3;
    trial_run(&t);
    CHECK_INT(t.result, -1);
    CHECK_INT(t.err.kind, ERROR_NETWORK);
    CHECK(t.err.retryable);
    CHECK(t.response.maybe_acted);
    CHECK_INT(t.response.attempts, attempts);
    CHECK_INT(t.server.requests, attempts);
    trial_forget(&t);
}

TEST(lost_answers)
{
    check_lost(HTTP_RETRY_SAFE, THEN_CLOSE, 5);
    check_lost(HTTP_RETRY_SAFE, THEN_RESET, 5);
    check_lost(HTTP_RETRY_UNSENT, THEN_CLOSE, 1);
    check_lost(HTTP_RETRY_UNSENT, THEN_RESET, 1);
    check_lost(HTTP_RETRY_NEVER, THEN_CLOSE, 1);
}

/* libcurl sends again by itself when a used connection turns out to be dead: a
 * paid request must not meet one. */
TEST(no_silent_resend)
{
    static const struct answer script[] = {
        { .text = OK }, { .then = THEN_CLOSE }, { .text = OK },
    };
    struct trial t;
    trial_start(&t, script, COUNT(script));
    CHECK_INT(trial_perform(&t), 0);
    t.request.retry = HTTP_RETRY_UNSENT;
    t.request.body = "pay";
    t.request.body_len = 3;
    CHECK_INT(trial_perform(&t), -1);
    CHECK(t.response.maybe_acted);
    trial_end(&t);
    CHECK_INT(t.server.requests, 2);
    trial_forget(&t);
}

/* Once a try was lost, a later refusal proves nothing. */
TEST(maybe_acted_stays)
{
    static const struct answer script[] = {
        { .then = THEN_CLOSE }, { .text = STATUS("503") },
    };
    struct trial t;
    trial_start(&t, script, COUNT(script));
    trial_run(&t);
    CHECK_INT(t.result, 0);
    CHECK_INT(t.response.status, 503);
    CHECK(t.response.maybe_acted);
    trial_forget(&t);
}

TEST(lost_then_refused)
{
    static const struct answer script[] = { { .then = THEN_LEAVE } };
    struct trial t;
    trial_start(&t, script, 1);
    trial_run(&t);
    CHECK_INT(t.result, -1);
    CHECK(strstr(t.err.message, "connection refused"));
    CHECK_INT(t.response.attempts, 5);
    CHECK(t.response.maybe_acted);
    trial_forget(&t);
}

/* ---- How long a service may ask us to wait ---- */

TEST(retry_after_is_obeyed)
{
    static const struct answer script[] = {
        { .text = "HTTP/1.1 429 Slow\r\nRetry-After: 1\r\nContent-Length: 0\r\n\r\n" },
        { .text = OK },
    };
    struct trial t;
    trial_start(&t, script, COUNT(script));
    int64_t start = clock_steady();
    trial_run(&t);
    CHECK(clock_steady() - start >= 1000);
    CHECK_INT(t.result, 0);
    CHECK_INT(t.response.status, 200);
    CHECK_INT(t.response.attempts, 2);
    CHECK_INT(t.response.retry_after, 0);
    trial_forget(&t);
}

TEST(milliseconds_go_before_seconds)
{
    static const struct answer script[] = {
        { .text = "HTTP/1.1 429 Slow\r\nRetry-After: 100\r\nretry-after-ms: 40\r\n"
                  "Content-Length: 0\r\n\r\n" },
        { .text = OK },
    };
    struct trial t;
    trial_start(&t, script, COUNT(script));
    int64_t start = clock_steady();
    trial_run(&t);
    CHECK(clock_steady() - start >= 40);
    CHECK_INT(t.response.status, 200);
    CHECK_INT(t.response.attempts, 2);
    trial_forget(&t);
}

/* False is obeyed, also where waiting would be asked for; true changes nothing. */
TEST(a_service_says_that_repeating_is_of_no_use)
{
    static const struct answer no[] = {
        { .text = "HTTP/1.1 429 Slow\r\nx-should-retry: false\r\nRetry-After: 1\r\n"
                  "Content-Length: 0\r\n\r\n" },
        { .text = OK },
    };
    static const struct answer yes[] = {
        { .text = "HTTP/1.1 500 Oops\r\nx-should-retry: true\r\n"
                  "Content-Length: 0\r\n\r\n" },
        { .text = OK },
    };
    struct trial t;
    trial_start(&t, no, COUNT(no));
    trial_run(&t);
    CHECK_INT(t.response.status, 429);
    CHECK_INT(t.response.attempts, 1);
    trial_forget(&t);
    trial_start(&t, yes, COUNT(yes));
    t.request.retry = HTTP_RETRY_UNSENT;
    trial_run(&t);
    CHECK_INT(t.response.status, 500);
    CHECK_INT(t.response.attempts, 1);
    trial_forget(&t);
}

/* TEXT asks to wait SECONDS, which is too long. */
static void check_too_long(const char *text, int status, int seconds)
{
    const struct answer script[] = { { .text = text } };
    struct trial t;
    trial_start(&t, script, 1);
    t.request.retry = HTTP_RETRY_UNSENT;
    int64_t before = clock_now();
    CHECK_INT(trial_perform(&t), -1);
    CHECK_INT(t.err.kind, ERROR_RATE_LIMIT);
    CHECK(t.err.retryable);
    CHECK_INT(t.err.retry_after, seconds);
    CHECK_INT(t.err.http_status, status);
    CHECK_INT(t.response.status, status);
    CHECK_INT(t.response.retry_after, seconds);
    CHECK(!t.response.maybe_acted);
    const char *when = strstr(t.err.message, "try again at ");
    int64_t time = 0;
    CHECK(when && clock_parse(when + strlen("try again at "), 0, false, &time));
    CHECK(time - before >= seconds * 1000LL && time - clock_now() <= seconds * 1000LL);

    /* Nobody asks again before that. */
    CHECK_INT(trial_perform(&t), -1);
    CHECK_INT(t.err.kind, ERROR_RATE_LIMIT);
    CHECK_INT(t.response.attempts, 0);
    trial_end(&t);
    CHECK_INT(t.server.requests, 1);
    trial_forget(&t);
}

TEST(too_long_to_wait)
{
    check_too_long("HTTP/1.1 429 Slow\r\nRetry-After: 121\r\nContent-Length: 0\r\n\r\n",
                   429, 121);
    check_too_long("HTTP/1.1 503 Slow\r\nRetry-After: 3600\r\nContent-Length: 0\r\n\r\n",
                   503, 3600);
    check_too_long("HTTP/1.1 429 Slow\r\nDate: Sun, 22 Nov 2026 07:30:11 GMT\r\n"
                   "Retry-After: Sun, 22 Nov 2026 08:30:11 GMT\r\n"
                   "Content-Length: 0\r\n\r\n", 429, 3600);
    check_too_long("HTTP/1.1 420 Slow\r\nDate: Fri, 04 Oct 2024 13:30:00 GMT\r\n"
                   "Content-Length: 63\r\n\r\n"
                   "Rate Limit Exceeded. Try again on 2024-10-04 14:00:00 UTC  ....",
                   420, 1800);
    check_too_long("HTTP/1.1 429 Slow\r\nDate: Wed, 03 Oct 2012 07:50:00 GMT\r\n"
                   "X-FeatureRateLimit-Reset: Wed, 03 Oct 2012 08:00:00 GMT\r\n"
                   "Content-Length: 0\r\n\r\n", 429, 600);
    check_too_long("HTTP/1.1 429 Slow\r\nRetry-After: 99999999999999999999\r\n"
                   "Content-Length: 0\r\n\r\n", 429, INT32_MAX);
}

/* Times that have passed and words that say nothing: the usual schedule. */
/* A date so far off that its seconds are no int. */
TEST(for_ever_is_a_long_time)
{
    static const struct answer script[] = {
        { .text = "HTTP/1.1 429 No\r\nRetry-After: Fri, 31 Dec 9999 23:59:59 GMT\r\n"
                  "Content-Length: 0\r\n\r\n" },
    };
    struct trial t;
    trial_start(&t, script, 1);
    trial_run(&t);
    CHECK_INT(t.err.kind, ERROR_RATE_LIMIT);
    CHECK_INT(t.err.retry_after, INT_MAX);
    CHECK_INT(t.response.retry_after, INT_MAX);
    trial_forget(&t);
}

TEST(useless_waits)
{
    static const char *const waits[] = {
        "Retry-After: 0", "Retry-After: soon", "Retry-After: -5", "Retry-After:",
        "Retry-After: Wed, 03 Oct 2012 08:00:00 GMT",
        "X-FeatureRateLimit-Reset: Wed, 03 Oct 2012 08:00:00 GMT",
    };
    for (size_t i = 0; i < COUNT(waits); i++) {
        AUTO_FREE char *text = mem_printf("HTTP/1.1 429 Slow\r\n%s\r\n"
                                          "Content-Length: 0\r\n\r\n", waits[i]);
        check_status(text, HTTP_RETRY_SAFE, 5);
    }
}

/* ---- Many requests, one limit ---- */

struct counts {
    int done, status[600];
};

static void count(void *cookie, int result, struct http_response *response,
                  struct error *err)
{
    struct counts *c = cookie;
    CHECK_INT(result, 0);
    CHECK_INT(err->kind, ERROR_NONE);
    c->done++;
    c->status[response->status]++;
}

static void run_many(struct trial *t, struct counts *counts, int requests)
{
    t->options.connections = 8;
    CHECK_INT(http_client_new(&t->options, &t->client, &t->err), 0);
    for (int i = 0; i < requests; i++) {
        CHECK_INT(http_start(t->client, &t->request, count, counts, &t->err), 0);
    }
    while (http_run(t->client, -1) > 0) {
    }
    trial_end(t);
    CHECK_INT(counts->done, requests);
}

/* Eight are refused at the same time; then one asks for all of them. */
TEST(no_storm)
{
    static const struct answer script[] = {
        { .text = "HTTP/1.1 429 Slow\r\nRetry-After: 1\r\nContent-Length: 0\r\n\r\n",
          .wait_for = 8 },
    };
    struct trial t;
    struct counts counts = { 0 };
    trial_start(&t, script, 1);
    t.options.retries = 1;
    run_many(&t, &counts, 8);
    CHECK_INT(counts.status[429], 8);
    CHECK_INT(t.server.requests, 8 + 1);
    trial_forget(&t);
}

TEST(limit_lifted)
{
    static const struct answer script[] = {
        { .text = STATUS("429"), .wait_for = 8 },
        { .text = STATUS("429"), .wait_for = 8 },
        { .text = STATUS("429"), .wait_for = 8 }, { .text = STATUS("429") },
        { .text = OK },
    };
    struct trial t;
    struct counts counts = { 0 };
    trial_start(&t, script, COUNT(script));
    run_many(&t, &counts, 30);
    CHECK_INT(counts.status[200], 30);
    CHECK_INT(t.server.requests, 30 + 4);
    trial_forget(&t);
}

int main(void)
{
    clear_proxies();
    RUN(statuses);
    RUN(no_retries);
    RUN(upload_again);
    RUN(refused_connection);
    RUN(no_tls);
    RUN(no_way_behind_a_proxy);
    RUN(lost_answers);
    RUN(no_silent_resend);
    RUN(maybe_acted_stays);
    RUN(lost_then_refused);
    RUN(retry_after_is_obeyed);
    RUN(milliseconds_go_before_seconds);
    RUN(a_service_says_that_repeating_is_of_no_use);
    RUN(too_long_to_wait);
    RUN(for_ever_is_a_long_time);
    RUN(useless_waits);
    RUN(no_storm);
    RUN(limit_lifted);
    return test_end();
}
