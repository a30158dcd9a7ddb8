#include <stdlib.h>
#include <unistd.h>

#include "../http_module.h"
#include "exchange.h"
#include "imgctl/clock.h"
#include "imgctl/mem.h"

static int or_default(int value, int fallback)
{
    return value > 0 ? value : fallback;
}

static int client_new(const struct http_options *options, struct http_client **ret,
                      struct error *err)
{
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
    c->connections = or_default(options->connections, 8);
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
    while (x && c->running < c->connections) {
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

static int client_run(struct http_client *c, int timeout)
{
    int64_t deadline = timeout < 0 ? INT64_MAX : clock_steady() + timeout;
    c->finished = 0;
    for (;;) {
        int running;
        int64_t next = admit(c);
        curl_multi_perform(c->multi, &running);
        bool any = reap(c);
        int64_t now = clock_steady();
        if (c->finished > 0 || c->count == 0 || now >= deadline) {
            return c->count;
        }
        if (any) {
            continue;
        }
        /* Stalls are looked for once a second. */
        next = next < deadline ? next : deadline;
        int64_t wait = next - now < 1000 ? next - now : 1000;
        curl_multi_poll(c->multi, NULL, 0, wait > 0 ? (int)wait : 0, NULL);
    }
}

const struct http_module imgctl_http_module = {
    .client_new = client_new,
    .client_free = client_free,
    .start = client_start,
    .run = client_run,
};
