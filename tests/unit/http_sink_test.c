/*
 * Bodies handed out as they come, the caller's veto on repeating, and giving up.
 */
#include "http_trial.h"

#define OK_HEAD "HTTP/1.1 200 OK\r\nContent-Length: "
#define BUSY "HTTP/1.1 429 Busy\r\nContent-Length: 4\r\n\r\nbusy"

static int take(void *cookie, const char *data, size_t len, struct error *err)
{
    struct buf *all = cookie;
    if (memchr(data, '!', len)) {
        return error_set(err, ERROR_UNAVAILABLE, "enough");
    }
    buf_add(all, data, len);
    return 0;
}

static void start(struct trial *t, const struct answer *script, size_t len,
                  struct buf *all)
{
    trial_start(t, script, len);
    t->request.sink = take;
    t->request.sink_cookie = all;
}

TEST(pieces)
{
    static const struct answer script[] = { { .text = OK_HEAD "300000\r\n\r\n0123456789",
                                              .repeat = 29999, .repeat_from = 43 } };
    AUTO_BUF struct buf all = BUF_INIT;
    struct trial t;
    start(&t, script, COUNT(script), &all);
    trial_run(&t);
    CHECK_INT(t.result, 0);
    CHECK_INT(t.response.body.len, 0);
    CHECK_INT(all.len, 300000);
    trial_forget(&t);
}

TEST(failures_stay_in_memory)
{
    static const struct answer script[] = { { .text = BUSY } };
    AUTO_BUF struct buf all = BUF_INIT;
    struct trial t;
    start(&t, script, COUNT(script), &all);
    t.request.retry = HTTP_RETRY_NEVER;
    trial_run(&t);
    CHECK_INT(t.result, 0);
    CHECK_STR(t.response.body.data, "busy");
    CHECK_INT(all.len, 0);
    trial_forget(&t);
}

/* What the sink has had is not sent for again, even where that would be safe. */
TEST(no_second_helping)
{
    static const struct answer script[] = {
        { .text = OK_HEAD "9\r\n\r\nhalf", .then = THEN_CLOSE },
        { .text = OK_HEAD "4\r\n\r\nmore" },
    };
    AUTO_BUF struct buf all = BUF_INIT;
    struct trial t;
    start(&t, script, COUNT(script), &all);
    trial_run(&t);
    CHECK_INT(t.err.kind, ERROR_NETWORK);
    CHECK_STR(all.data, "half");
    CHECK_INT(t.server.requests, 1);
    CHECK(t.response.maybe_acted);
    trial_forget(&t);
}

TEST(sink_gives_up)
{
    static const struct answer script[] = { { .text = OK_HEAD "4\r\n\r\noh!!" } };
    AUTO_BUF struct buf all = BUF_INIT;
    struct trial t;
    start(&t, script, COUNT(script), &all);
    trial_run(&t);
    CHECK_INT(t.err.kind, ERROR_UNAVAILABLE);
    CHECK_STR(t.err.message, "enough");
    CHECK_INT(t.err.http_status, 200);
    CHECK_INT(t.server.requests, 1);
    trial_forget(&t);
}

static bool is_busy(const struct http_response *response)
{
    return strcmp(response->body.data, "busy") == 0;
}

static bool is_not_busy(const struct http_response *response)
{
    return !is_busy(response);
}

TEST(veto)
{
    static const struct answer script[] = { { .text = BUSY }, { .text = OK } };
    for (int veto = 0; veto < 2; veto++) {
        struct trial t;
        trial_start(&t, script, COUNT(script));
        t.request.retry = HTTP_RETRY_UNSENT;
        t.request.may_repeat = veto ? is_not_busy : is_busy;
        trial_run(&t);
        CHECK_INT(t.result, 0);
        CHECK_INT(t.response.status, veto ? 429 : 200);
        CHECK_INT(t.server.requests, veto ? 1 : 2);
        trial_forget(&t);
    }
}

struct cancelled {
    int times, result;
    enum error_kind kind;
    bool maybe_acted;
};

static void note(void *cookie, int result, struct http_response *response,
                 struct error *err)
{
    struct cancelled *c = cookie;
    c->times++;
    c->result = result;
    c->kind = err->kind;
    c->maybe_acted = response->maybe_acted;
}

TEST(cancel)
{
    static const struct answer script[] = { { .text = NULL, .then = THEN_HANG } };
    struct cancelled under_way = { .times = 0 };
    struct cancelled waiting = { .times = 0 };
    struct trial t;
    trial_start(&t, script, COUNT(script));
    t.options.connections = 1;
    CHECK_INT(http_client_new(&t.options, &t.client, &t.err), 0);
    CHECK_INT(http_start(t.client, &t.request, note, &under_way, &t.err), 0);
    CHECK_INT(http_start(t.client, &t.request, note, &waiting, &t.err), 0);
    for (int arrived = 0; arrived == 0;) {
        http_run(t.client, 10);
        pthread_mutex_lock(&t.server.lock);
        arrived = t.server.requests;
        pthread_mutex_unlock(&t.server.lock);
    }
    http_cancel(t.client);
    CHECK_INT(under_way.times, 1);
    CHECK_INT(under_way.result, -1);
    CHECK_INT(under_way.kind, ERROR_FAILED);
    CHECK(under_way.maybe_acted);
    CHECK_INT(waiting.times, 1);
    CHECK_INT(waiting.kind, ERROR_FAILED);
    CHECK(!waiting.maybe_acted);
    CHECK_INT(http_run(t.client, 0), 0);
    trial_end(&t);
    trial_forget(&t);
}

int main(void)
{
    clear_proxies();
    RUN(pieces);
    RUN(failures_stay_in_memory);
    RUN(no_second_helping);
    RUN(sink_gives_up);
    RUN(veto);
    RUN(cancel);
    return test_end();
}
