/*
 * exchange.h - one request and what becomes of it: the state that the files of
 * the module share, and what each of them does with it.
 *
 * An exchange waits (for a free connection, or for the time of its repetition)
 * or runs (its easy handle is in the client's multi handle). A repetition is
 * the same exchange waiting again with a later time. Each try begins with
 * answer_reset() and request_prepare().
 */
#ifndef HTTP_EXCHANGE_H
#define HTTP_EXCHANGE_H

#include <curl/curl.h>
#include <sys/types.h>

#include "../policy.h"
#include "imgctl/http.h"

#define MAX_REDIRECTS 5
#define HEADER_LIMIT ((size_t)300 * 1024)
#define ANSWER_LIMIT ((size_t)1024 * 1024)

struct gate;
struct exchange;

struct http_client {
    CURLM *multi;
    struct exchange *first, *last; /* all, in the order they were started */
    struct gate *gates;
    int count, running;
    int finished;                  /* in this call of http_run */
    uint64_t numbered;
    int connections, retries, retry_base, connect_timeout;
    int allowed;                   /* at once, as the service bears it */
    int welcomed;                  /* answers since that last changed */
    CURL **idle;                   /* handles that had a request before */
    int idle_count;
    struct pace starts, bytes;
    int paused;                    /* exchanges that wait for their bytes */
    uint64_t turns;                /* given to such */
    int trace_fd;
    char boundary[33];             /* of all forms: nobody can know it before */
};

/* A form being sent: spans of text, each but the last with a file behind it. */
struct form_span {
    size_t text_from, text_end;    /* in the form's text */
    const struct http_part *file;  /* NULL: none */
};

struct form {
    struct buf text;
    struct form_span *spans;
    size_t count;
    int64_t size;                  /* of it all */
    size_t span;                   /* where it stands */
    int64_t into;                  /* bytes into that span */
};

#define FORM_INIT { .text = BUF_INIT }

struct exchange {
    struct exchange *previous, *next;
    struct http_client *client;
    uint64_t number;        /* for the trace */
    const struct http_request *request;
    http_done *done;
    void *cookie;

    char *url;              /* where it goes: as requested, or after redirects */
    char *scheme, *host;    /* of it; the host with a port if there is one */
    char *path;
    bool guarded;           /* private addresses are refused */
    bool is_here;           /* it goes to this machine */
    const char *proxy;      /* of a guarded one */
    int hops;

    CURL *easy;
    struct curl_slist *headers;
    struct form form;

    bool running;
    int64_t due;            /* clock_steady */
    int tries;              /* that count against the retries */
    uint64_t paused;        /* waits to send more, for the sake of the pace: its turn,
                               from 1 */
    bool refused;           /* waits because the service is at its rate limit */

    struct http_response response;
    int begun;              /* how often libcurl began to send, in this try */
    struct error error;     /* why a callback stopped it, or how it failed */
    size_t header_bytes;
    bool in_headers;
    uint64_t length;        /* as Content-Length says */
    char *location;         /* as it stands */
    char retry_after[64];   /* as it stands */
    char retry_after_ms[24]; /* finer than it, where a service says it */
    bool must_not_repeat;   /* x-should-retry: false */
    int64_t received;       /* of the body, in this try */
    bool written;           /* some of it to answer_fd or the sink */
    off_t answer_start;     /* where answer_fd stood; -1: it cannot go back */
    struct stall sending, receiving;
    char detail[CURL_ERROR_SIZE];
};

/* ---- client.c: the list and the loop ---- */

void client_pause(struct exchange *x);  /* out of the multi handle */
void client_finish(struct exchange *x, int result); /* tell the caller; X is gone */
void client_fail(struct exchange *x);   /* the same with x->error */
/* A service is not to be asked for WAIT ms, longer than we wait. X is gone. */
void client_refuse(struct exchange *x, int64_t wait);

/* ---- outcome.c: what follows from a try: the end, a redirect, another ---- */

void outcome_of_try(struct exchange *x, CURLcode code);

/* ---- request.c: what is sent ---- */

/* Take apart and check URL (one that a redirect named may be relative), and make
 * it the exchange's. */
int request_set_url(struct exchange *x, const char *url, struct error *err);
int request_check(const struct http_request *request, struct error *err);
/* An easy handle, ready for a try. -1 with x->error. */
int request_prepare(struct exchange *x);
void request_release(struct exchange *x); /* what request_prepare() made */

/* ---- part.c ---- */

void form_make(struct exchange *x); /* of the request's parts, at its start */
void form_release(struct form *f);
size_t form_read(char *out, size_t size, size_t count, void *exchange);
int form_seek(void *exchange, curl_off_t offset, int origin);

/* ---- guard.c: where connections may go, and how slow they may be ---- */

curl_socket_t guard_open_socket(void *exchange, curlsocktype purpose,
                                struct curl_sockaddr *address);
int guard_before_request(void *exchange, char *peer, char *local, int peer_port,
                         int local_port);
int guard_progress(void *exchange, curl_off_t receive_total, curl_off_t received,
                   curl_off_t send_total, curl_off_t sent);

/* ---- answer.c: what comes back ---- */

size_t answer_header(char *data, size_t size, size_t count, void *exchange);
size_t answer_body(char *data, size_t size, size_t count, void *exchange);
/* A pipe that has had half an answer cannot have it again from the start. */
bool answer_can_repeat(const struct exchange *x);
/* Forget the last try's answer. -1 with x->error when the answer's file, partly
 * written, cannot be taken back. */
int answer_reset(struct exchange *x);
bool answer_is_redirect(const struct exchange *x);
/* Milliseconds that the service asks to wait; 0: it does not say. Also fills in
 * response.retry_after. */
int64_t answer_wait(struct exchange *x);

/* ---- failure.c ---- */

/* Fill x->error for CODE unless a callback has, and response.maybe_acted. True
 * when the request mode allows to repeat it. */
bool failure_describe(struct exchange *x, CURLcode code);
/* The service wants to be left alone for WAIT ms, longer than we wait. */
void failure_set_refused(struct exchange *x, int64_t wait);

/* The caller wants no more of it. */
void failure_set_cancelled(struct exchange *x);

/* ---- gate.c: a service that says "too many requests" ---- */

/* When X may go out: 0 now, a time of clock_steady, INT64_MAX when another
 * request is asking on behalf of all. */
int64_t gate_opens(const struct exchange *x, int64_t now);
/* Has another request been told to wait, and none been let in since? */
bool gate_is_closed(const struct exchange *x);
void gate_enter(struct exchange *x); /* X goes out */
/* X was told to wait. True if it had asked on behalf of all. */
bool gate_close(struct exchange *x, int64_t until);
void gate_leave(struct exchange *x, bool welcome); /* X is over otherwise */
void gate_free_all(struct http_client *c);

/* ---- trace.c ---- */

void trace_request(const struct exchange *x);
void trace_answer(const struct exchange *x);
void trace_failure(const struct exchange *x);
void trace_wait(const struct exchange *x, int64_t wait);

#endif
