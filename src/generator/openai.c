#include "openai.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "imgctl/http.h"
#include "imgctl/json.h"
#include "imgctl/mem.h"
#include "imgctl/text.h"
#include "openai_account.h"
#include "openai_answer.h"
#include "openai_error.h"
#include "openai_request.h"

/* A picture of 3840x2160 that cannot be compressed is 33 MB, 44 MB in base64. */
#define PICTURE_LIMIT ((size_t)64 << 20)

#define CONNECT_TIMEOUT 15 /* seconds; the service is slow to take large bodies */
#define TICK 200           /* ms between calls of request->tick */

struct openai {
    struct generator base;
    int timeout;        /* seconds, where the request says none */
    struct openai_account account;
    struct http_client *client;
};

/* One request to the service and what has come of it. */
struct call {
    struct openai *openai;
    const struct generate_request *request;
    struct generate_answer *answer;
    struct openai_answer pictures;
    int64_t received;

    bool over, given_up;
    int result;
    struct http_response *response; /* of what is being performed */
    struct error *err;
};

/* The modules that a request needs: the thread that sends it may be any, but only the
 * main one may load them. */
static int prepare(struct openai *o, const struct generator_context *context,
                   struct error *err)
{
    struct http_options options = HTTP_OPTIONS_INIT;
    struct json *nothing;
    http_options_from_config(&options, context->config);
    if (options.connect_timeout < CONNECT_TIMEOUT) {
        options.connect_timeout = CONNECT_TIMEOUT;
    }
    options.trace_fd = context->trace_fd;
    options.connections = 1;
    if (http_client_new(&options, &o->client, err) < 0) {
        return -1;
    }
    return json_parse("null", strlen("null"), &nothing, err);
}

static void take_end(void *cookie, int result, struct http_response *response,
                     struct error *err)
{
    struct call *c = cookie;
    c->over = true;
    c->result = result;
    *c->response = *response;
    response->body = (struct buf)BUF_INIT;
    if (result < 0) {
        *c->err = *err;
    }
}

static void note_progress(void *cookie, int64_t sent, int64_t received)
{
    struct call *c = cookie;
    (void)sent;
    c->received = received;
}

/* Perform HTTP, with ticks. RESPONSE is to be released. */
static int perform(struct call *c, const struct http_request *http,
                   struct http_response *response, struct error *err)
{
    const struct generate_request *r = c->request;
    struct http_client *client = c->openai->client;
    c->over = false;
    c->err = err;
    c->response = response;
    *response = (struct http_response)HTTP_RESPONSE_INIT;
    if (http_start(client, http, take_end, c, err) < 0) {
        return -1;
    }
    while (!c->over) {
        http_run(client, TICK);
        if (!c->over && r->tick &&
            r->tick(r->cookie, c->received) != 0) {
            c->given_up = true;
            http_cancel(client);
        }
    }
    c->answer->attempts += response->attempts;
    c->answer->sent = c->answer->sent || response->maybe_acted || response->status != 0;
    return c->result;
}

static bool is_success(const struct http_response *response)
{
    return response->status >= 200 && response->status <= 299;
}

/* ---- Pictures that are somewhere else ---- */

/* Is URL on the server that we speak to? Then it is fetched as a plain call, which
 * follows no redirect; anywhere else the rules for downloads hold. */
static bool is_own(const struct openai_account *a, const char *url)
{
    size_t len = strlen(a->origin);
    return !a->is_official && strncasecmp(url, a->origin, len) == 0 && url[len] == '/';
}

/* The download of data[ITEM] failed, or its status says that it did. */
static void describe_download(const struct http_response *answer, int result,
                              struct error *why)
{
    if (result == 0) {
        error_set(why, ERROR_UNAVAILABLE, "its link answers with status %d",
                  answer->status);
    } else {
        error_wrap(why, "its link");
    }
}

static int fetch(struct call *c, int item, struct error *err)
{
    struct openai_answer *p = &c->pictures;
    bool own = is_own(&c->openai->account, p->urls[item]);
    int fd = openai_answer_file(p, err);
    if (fd < 0) {
        return -1;
    }
    struct http_request http = HTTP_REQUEST_INIT;
    http.url = p->urls[item];
    http.download = !own;
    http.answer_fd = fd;
    http.answer_limit = PICTURE_LIMIT;
    http.progress = note_progress;
    http.progress_cookie = c;
    struct error why = ERROR_INIT;
    struct http_response response;
    int result = perform(c, &http, &response, &why);
    bool good = result == 0 && is_success(&response);
    if (!good) {
        describe_download(&response, result, &why);
    }
    http_response_release(&response);
    return good ? openai_answer_add(p, item, err)
                : openai_answer_drop(p, item, &why, err);
}

static int fetch_all(struct call *c, struct error *err)
{
    for (int i = 0; i < GENERATE_COUNT && !c->given_up; i++) {
        bool wanted = c->answer->count < c->request->count;
        if (wanted && c->pictures.urls[i] && fetch(c, i, err) < 0) {
            return -1;
        }
    }
    return 0;
}

/* ---- The request ---- */

static void add_headers(const struct call *c, struct http_request *http, bool is_form)
{
    openai_account_headers(&c->openai->account, &http->headers);
    if (!is_form) {
        strlist_add(&http->headers, "Content-Type: application/json");
    }
    strlist_add(&http->headers, "Accept: application/json");
    if (c->request->client_id) {
        strlist_take(&http->headers,
                     mem_printf("X-Client-Request-Id: %s", c->request->client_id));
    }
}

/* The first one may be the key. */
static void release_headers(struct strlist *headers)
{
    for (size_t i = 0; i < headers->len; i++) {
        explicit_bzero(headers->items[i], strlen(headers->items[i]));
    }
    strlist_release(headers);
}

static int send_body(struct call *c, const struct openai_body *body,
                     struct http_response *response, struct error *err)
{
    const struct generate_request *r = c->request;
    AUTO_FREE char *url = mem_printf("%s%s", c->openai->account.base_url, body->path);
    struct http_request http = HTTP_REQUEST_INIT;
    http.method = "POST";
    http.url = url;
    add_headers(c, &http, body->is_form);
    if (body->is_form) {
        http.parts = body->parts;
        http.part_count = body->part_count;
    } else {
        http.body = body->json.data;
        http.body_len = body->json.len;
    }
    http.retry = HTTP_RETRY_UNSENT;
    http.may_repeat = openai_error_may_repeat;
    http.answer_limit = (size_t)r->count * PICTURE_LIMIT;
    http.timeout = r->timeout > 0 ? r->timeout : c->openai->timeout;
    http.sink = openai_answer_take;
    http.sink_cookie = &c->pictures;
    http.progress = note_progress;
    http.progress_cookie = c;
    int result = perform(c, &http, response, err);
    release_headers(&http.headers);
    return result;
}

static int send_once(struct call *c, bool with_format, struct http_response *response,
                     struct error *err)
{
    struct openai_body body = OPENAI_BODY_INIT;
    int result = openai_body_make(c->request, with_format, &body, err);
    if (result == 0) {
        result = send_body(c, &body, response, err);
    }
    openai_body_release(&body);
    return result;
}

/* Send it, and once more without response_format where that is what is refused. */
static int exchange(struct call *c, struct http_response *response, struct error *err)
{
    bool with_format = c->request->response_format != NULL;
    int result = send_once(c, with_format, response, err);
    if (result == 0 && with_format && openai_error_is_format(response)) {
        http_response_release(response);
        result = send_once(c, false, response, err);
    }
    return result;
}

/* ---- What came of it ---- */

/* The service was asked and something went wrong on the way back, or here. */
static int unknown(const struct call *c, struct error *err)
{
    const char *host = c->openai->base.host;
    if (err->kind == ERROR_STORE) {
        error_wrap(err, "the answer of %s cannot be kept", host);
    } else {
        error_wrap(err, "%s answered, but not with what was asked for", host);
    }
    return openai_error_unknown(err);
}

/* No whole answer: certainly not sent, or nobody knows. */
static int lost(const struct http_response *response, struct error *err)
{
    bool known = err->kind == ERROR_RATE_LIMIT || !response->maybe_acted;
    return known ? -1 : openai_error_unknown(err);
}

/* A success by its status: are there pictures? */
static int conclude(struct call *c, struct error *err)
{
    struct openai_answer *p = &c->pictures;
    if (openai_answer_finish(p, err) < 0 || fetch_all(c, err) < 0) {
        return unknown(c, err);
    }
    if (p->trouble.kind != ERROR_NONE) {
        *err = p->trouble;
        return unknown(c, err);
    }
    if (c->answer->count == 0) {
        error_set(err, ERROR_UNKNOWN, "there is no picture in it");
        return unknown(c, err);
    }
    return 0;
}

static int judge(struct call *c, int result, const struct http_response *response,
                 struct error *err)
{
    struct generate_answer *answer = c->answer;
    snprintf(answer->request_id, sizeof answer->request_id, "%s", response->request_id);
    if (result < 0) {
        return lost(response, err);
    }
    if (!is_success(response)) {
        return openai_error_read(response, c->openai->account.key.text.data,
                                 answer->error_code, err);
    }
    return conclude(c, err);
}

static int check(const struct generate_request *r, struct error *err)
{
    if (r->count < 1 || r->count > GENERATE_COUNT) {
        return error_set(err, ERROR_USAGE, "%d pictures at once, not from 1 to %d",
                         r->count, GENERATE_COUNT);
    }
    if (!text_is_utf8(r->prompt, strlen(r->prompt))) {
        return error_set(err, ERROR_USAGE, "the prompt is not UTF-8");
    }
    return 0;
}

static int openai_generate(struct generator *g, const struct generate_request *request,
                           struct generate_answer *answer, struct error *err)
{
    struct call c = {
        .openai = (struct openai *)g, .request = request, .answer = answer,
    };
    *answer = (struct generate_answer)GENERATE_ANSWER_INIT;
    if (check(request, err) < 0) {
        return -1;
    }
    openai_answer_init(&c.pictures, request, answer);
    struct http_response response = HTTP_RESPONSE_INIT;
    int result = exchange(&c, &response, err);
    result = judge(&c, result, &response, err);
    http_response_release(&response);
    openai_answer_release(&c.pictures);
    return result;
}

static void openai_close(struct generator *g)
{
    struct openai *o = (struct openai *)g;
    http_client_free(o->client);
    openai_account_release(&o->account);
    free(o);
}

static const struct generator_ops openai_ops = {
    .name = "openai",
    .generate = openai_generate,
    .close = openai_close,
};

int openai_open(const struct generator_context *context, struct generator **ret,
                struct error *err)
{
    struct openai *o = mem_alloc(sizeof *o);
    *o = (struct openai){ .base = { .ops = &openai_ops },
                          .account = OPENAI_ACCOUNT_INIT };
    o->timeout = (int)config_int(context->config, "generate.timeout");
    if (openai_account_load(context->config, &o->account, err) < 0 ||
        prepare(o, context, err) < 0) {
        openai_close(&o->base);
        return -1;
    }
    o->base.host = o->account.host;
    o->base.is_official = o->account.is_official;
    *ret = &o->base;
    return 0;
}
