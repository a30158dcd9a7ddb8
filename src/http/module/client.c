#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "../http_module.h"
#include "exchange.h"
#include "imgctl/clock.h"
#include "imgctl/mem.h"
#include "imgctl/text.h"

#define SHARE (64 * 1024) /* bytes a second: less is too little for a connection */

static int or_default(int value, int fallback)
{
    return value > 0 ? value : fallback;
}

/* A connection that moves next to nothing is cut by the service, or takes too long. */
static int at_once(const struct http_options *options)
{
    int connections = or_default(options->connections, 8);
    int64_t fed = options->bytes_per_second / SHARE;
    bool all = options->bytes_per_second <= 0 || fed >= connections;
    return all ? connections : fed > 0 ? (int)fed : 1;
}

/* Long enough that no file has it in it. */
static int make_boundary(char *out, struct error *err)
{
    unsigned char bytes[16];
    if (getrandom(bytes, sizeof bytes, 0) != (ssize_t)sizeof bytes) {
        return error_errno(err, ERROR_FAILED, "cannot get random bytes");
    }
    text_hex(out, bytes, sizeof bytes);
    return 0;
}

static int client_new(const struct http_options *options, struct http_client **ret,
                      struct error *err)
{
    char boundary[sizeof((struct http_client *)0)->boundary];
    if (make_boundary(boundary, err) < 0) {
        return -1;
    }
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
        return error_set(err, ERROR_FAILED, "cannot start libcurl");
    }
    CURLM *multi = curl_multi_init();
    if (!multi) {
        curl_global_cleanup();
        return error_set(err, ERROR_FAILED, "cannot start libcurl");
    }
    struct http_client *c = mem_alloc(sizeof *c);
    c->multi = multi;
    memcpy(c->boundary, boundary, sizeof boundary);
    c->connections = at_once(options);
    c->allowed = c->connections;
    c->idle = mem_array((size_t)c->connections, sizeof(CURL *));
    pace_init(&c->starts, options->requests_per_minute, 60 * 1000);
    pace_init(&c->bytes, options->bytes_per_second, 1000);
    c->retries = options->retries < 0 ? 0 : or_default(options->retries, 4);
    c->retry_base = or_default(options->retry_base_ms, 1000);
    c->connect_timeout = or_default(options->connect_timeout, 10);
    c->trace_fd = options->trace_fd;
    curl_multi_setopt(multi, CURLMOPT_PIPELINING, CURLPIPE_NOTHING);
    curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, (long)c->connections);
    *ret = c;
    return 0;
}

/* ---- The list of exchanges ---- */

static void append(struct http_client *c, struct exchange *x)
{
    x->previous = c->last;
    *(c->last ? &c->last->next : &c->first) = x;
    c->last = x;
    c->count++;
}

void client_pause(struct exchange *x)
{
    if (x->running) {
        curl_multi_remove_handle(x->client->multi, x->easy);
        x->client->running--;
        x->client->paused -= x->paused > 0;
        x->paused = 0;
        x->running = false;
    }
}

/* X leaves the client with everything it holds. */
static void remove_exchange(struct exchange *x)
{
    struct http_client *c = x->client;
    client_pause(x);
    gate_leave(x, false);
    *(x->previous ? &x->previous->next : &c->first) = x->next;
    *(x->next ? &x->next->previous : &c->last) = x->previous;
    c->count--;
    request_release(x);
    buf_release(&x->response.body);
    free(x);
}

static void client_free(struct http_client *c)
{
    while (c->first) {
        /* The analyzer does not see that removing moves c->first. */
        remove_exchange(c->first); /* NOLINT(clang-analyzer-unix.Malloc) */
    }
    gate_free_all(c);
    while (c->idle_count > 0) {
        curl_easy_cleanup(c->idle[--c->idle_count]);
    }
    free(c->idle);
    curl_multi_cleanup(c->multi);
    curl_global_cleanup();
    free(c);
}

static int client_start(struct http_client *c, const struct http_request *request,
                        http_done *done, void *cookie, struct error *err)
{
    struct exchange *x = mem_alloc(sizeof *x);
    x->client = c;
    x->number = ++c->numbered;
    x->request = request;
    x->done = done;
    x->cookie = cookie;
    x->response = (struct http_response)HTTP_RESPONSE_INIT;
    x->form = (struct form)FORM_INIT;
    x->answer_start = request->answer_fd < 0 ? -1
                                             : lseek(request->answer_fd, 0, SEEK_CUR);
    if (request_check(request, err) < 0 || request_set_url(x, request->url, err) < 0) {
        request_release(x);
        free(x);
        return -1;
    }
    append(c, x);
    return 0;
}

void client_finish(struct exchange *x, int result)
{
    x->client->finished++;
    /* Out of the way before DONE adds others. */
    client_pause(x);
    gate_leave(x, false);
    x->done(x->cookie, result, &x->response, &x->error);
    remove_exchange(x);
}

void client_fail(struct exchange *x)
{
    trace_failure(x);
    client_finish(x, -1);
}

void client_refuse(struct exchange *x, int64_t wait)
{
    failure_set_refused(x, wait);
    client_fail(x);
}

/* ---- The loop ---- */

static void begin_try(struct exchange *x)
{
    struct http_client *c = x->client;
    if (answer_reset(x) < 0 || request_prepare(x) < 0) {
        client_fail(x);
        return;
    }
    if (curl_multi_add_handle(c->multi, x->easy) != CURLM_OK) {
        error_set(&x->error, ERROR_FAILED, "libcurl does not take the request");
        client_fail(x);
        return;
    }
    x->running = true;
    c->running++;
    x->response.attempts++;
    gate_enter(x);
    trace_request(x);
}

/* Start what is due while there are connections left, in order. Returns when
 * the next one is, or INT64_MAX. */
static int64_t admit(struct http_client *c)
{
    int64_t next = INT64_MAX;
    struct exchange *x = c->first;
    while (x && c->running < c->allowed) {
        int64_t now = clock_steady();
        int64_t opens = gate_opens(x, now); /* NOLINT(clang-analyzer-unix.Malloc) */
        int64_t when = x->due > opens ? x->due : opens;
        if (x->running) {
            x = x->next;
        } else if (opens != INT64_MAX && opens - now > RETRY_MAX_WAIT) {
            client_refuse(x, opens - now);
            x = c->first;
        } else if (when > now) {
            next = when < next ? when : next;
            x = x->next;
        } else if (pace_take(&c->starts, now, 1) == 0) {
            when = pace_opens(&c->starts, now);
            return when < next ? when : next;
        } else {
            begin_try(x);
            x = c->first;
        }
    }
    return next;
}

static bool reap(struct http_client *c)
{
    bool any = false;
    CURLMsg *message;
    int left;
    while ((message = curl_multi_info_read(c->multi, &left)) != NULL) {
        struct exchange *x = NULL;
        CURLcode code = message->data.result;
        curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&x);
        outcome_of_try(x, code);
        any = true;
    }
    return any;
}

/* When those can go on that wait for their share of bytes_per_second; INT64_MAX: there
 * is none. */
static int64_t resumes_at(const struct http_client *c, int64_t now)
{
    return c->paused > 0 ? pace_opens(&c->bytes, now) : INT64_MAX;
}

/* One after the other, or the first would always have everything. */
static void resume(struct http_client *c)
{
    int64_t now = clock_steady();
    struct exchange *next = NULL;
    if (resumes_at(c, now) > now) {
        return;
    }
    for (struct exchange *x = c->first; x; x = x->next) {
        if (x->paused && (!next || x->paused < next->paused)) {
            next = x;
        }
    }
    if (next) {
        next->paused = 0;
        c->paused--;
        curl_easy_pause(next->easy, CURLPAUSE_CONT);
    }
}

/* Wait for the network, WAKE_FD or MS; true when it was WAKE_FD. */
static bool wait_for(struct http_client *c, int wake_fd, int ms)
{
    struct curl_waitfd wake = { .fd = wake_fd, .events = CURL_WAIT_POLLIN };
    curl_multi_poll(c->multi, &wake, wake_fd >= 0 ? 1 : 0, ms, NULL);
    return wake.revents != 0;
}

static int client_run(struct http_client *c, int wake_fd, int timeout)
{
    int64_t deadline = timeout < 0 ? INT64_MAX : clock_steady() + timeout;
    bool woken = false;
    c->finished = 0;
    for (;;) {
        int running;
        int64_t next = admit(c);
        resume(c);
        curl_multi_perform(c->multi, &running);
        bool any = reap(c);
        int64_t now = clock_steady();
        bool idle = c->count == 0 && wake_fd < 0;
        if (c->finished > 0 || idle || woken || now >= deadline) {
            return c->count;
        }
        if (any) {
            continue;
        }
        /* Sending may just have paused one. Stalls are looked for once a second. */
        int64_t again = resumes_at(c, now);
        next = again < next ? again : next;
        next = next < deadline ? next : deadline;
        int64_t wait = next - now < 1000 ? next - now : 1000;
        woken = wait_for(c, wake_fd, wait > 0 ? (int)wait : 0);
    }
}

static void client_cancel(struct http_client *c)
{
    while (c->first) {
        struct exchange *x = c->first;
        failure_set_cancelled(x); /* NOLINT(clang-analyzer-unix.Malloc) as above */
        client_fail(x);
    }
}

const struct http_module imgctl_http_module = {
    .client_new = client_new,
    .client_free = client_free,
    .start = client_start,
    .run = client_run,
    .cancel = client_cancel,
};
