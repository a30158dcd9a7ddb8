/*
 * http.h - requests over HTTP, the only room that knows libcurl.
 *
 * One client, one thread: requests are added and run side by side on one event
 * loop, connections are kept and reused, bodies are streamed from and to files.
 * The room is a module (module.h), loaded when the first client is made.
 *
 * Retries happen here, and only where the request says that repeating is safe:
 * connection failures, 408, 423, 425, 429, 500, 502, 503, 504, and 420 where the
 * text says it is the rate limit; with jittered exponential backoff, obeying
 * Retry-After, the finer Retry-After-Ms, and X-Should-Retry where it says false: true
 * would ask for more than is safe. Everything else is for the caller to judge from the
 * response: a temporary status that outlasts the retries is an answer like any other.
 *
 * A service that says "too many requests" is left alone by the whole client
 * until the wait is over; then one request asks, and only when it is let in the
 * others follow. A wait of more than two minutes is not waited: every request
 * to that service ends with ERROR_RATE_LIMIT and the time in the message, so a
 * batch may stop at the first one.
 *
 * Rules that hold for every request: TLS certificates are checked, always
 * (against the system's, or the file that SSL_CERT_FILE names); plain http only
 * to loopback, except for downloads; no user or password in a URL; no redirect
 * is followed unless the request allows it; answers are cut off at their limit,
 * header blocks at 300 KiB; a body that moves less than 1 KiB a second for 30
 * seconds is given up, but an answer may be thought about for the whole timeout.
 * Proxies are taken from the environment as libcurl does, but never on the way to
 * loopback. Behind a proxy only the host as written can be told to be private, not
 * what the proxy makes of it.
 */
#ifndef IMGCTL_HTTP_H
#define IMGCTL_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "imgctl/buf.h"
#include "imgctl/config.h"
#include "imgctl/error.h"
#include "imgctl/strlist.h"

/* One field of a multipart/form-data body. */
struct http_part {
    const char *name;
    const char *value;     /* a text field; NULL for a file part */
    int file_fd;           /* file part: a range of this file, read with pread */
    int64_t file_offset;
    int64_t file_size;
    const char *file_name; /* shown to the service; quoted as browsers do */
    const char *file_type; /* "image/png"; NULL: application/octet-stream */
};

enum http_retry {
    HTTP_RETRY_SAFE,   /* repeat on any temporary failure */
    HTTP_RETRY_UNSENT, /* repeat only if the service certainly did not act: no
                          connection, no TLS, or 429/503 (420 for the limit) */
    HTTP_RETRY_NEVER,  /* one try; it and UNSENT take no used connection, where
                          a resend could go unnoticed */
};

struct http_response;

struct http_request {
    const char *method;          /* NULL: GET, or POST where there are parts */
    const char *url;
    struct strlist headers;      /* "Name: value"; owned by the caller */
    const char *user, *password; /* basic authentication; NULL: none */
    const struct http_part *parts;
    size_t part_count;
    const char *body;            /* instead of parts; with its length */
    size_t body_len;
    enum http_retry retry;

    size_t answer_limit;         /* bytes; 0: 1 MiB. Beyond: ERROR_UNAVAILABLE,
                                    or ERROR_IMAGE_LIMIT for a download */
    int answer_fd;               /* a download: the body of a 2xx is written
                                    here; -1: into response.body */
    /* Takes the body of a 2xx in pieces as they come, instead of memory or a file; -1
     * with ERR gives up. Once it has had a piece, the request is not repeated. May be
     * NULL. */
    int (*sink)(void *cookie, const char *data, size_t len, struct error *err);
    void *sink_cookie;
    /* May an answer be repeated that RETRY would repeat? For services whose limits do
     * not all heal by waiting. NULL: yes. */
    bool (*may_repeat)(const struct http_response *response);
    bool download;               /* follow up to 5 redirects, http and https */
    bool no_redirect;            /* a download that follows none: a redirect is an
                                    answer like any other */
    bool allow_private;          /* a download may reach loopback, private and
                                    link-local addresses */
    int timeout;                 /* seconds for one try; 0: 600. A try that takes
                                    longer is not repeated */

    /* Called from the loop while bytes move, from 0 again when the request is
     * repeated; SENT counts what the body's format adds too. May be NULL. */
    void (*progress)(void *cookie, int64_t sent, int64_t received);
    void *progress_cookie;
};

#define HTTP_REQUEST_INIT { .answer_fd = -1 }

struct http_response {
    int status;              /* 0: none arrived; a cut answer has one, too */
    struct buf body;         /* NUL-terminated; of errors also with answer_fd */
    char content_type[128];  /* without parameters, lower case */
    char request_id[80];     /* X-Request-Id */
    char reset[64];          /* X-FeatureRateLimit-Reset as it stands */
    int retry_after;         /* seconds; 0: not said */
    int64_t date;            /* of the Date header, ms since 1970; 0: none */
    bool maybe_acted;        /* some try had left us, if only in part, when it
                                failed: the service may have done what it asked */
    int attempts;            /* tries; 0: it was never started */
};

#define HTTP_RESPONSE_INIT { .body = BUF_INIT }

void http_response_release(struct http_response *r);

struct http_options {
    int connections;         /* at most this many at once; 0: 8. Each time that a
                                service says "too many requests" half as many,
                                then slowly more again */
    int64_t requests_per_minute; /* tries begun; 0: no limit */
    int64_t bytes_per_second;    /* of files sent, in all; 0: no limit. One connection
                                    for each 64 KiB of it, at least one, which share
                                    it evenly */
    int retries;             /* after the first try; -1: none, 0: 4 */
    int retry_base_ms;       /* the first wait, doubled each time; 0: 1000 */
    int connect_timeout;     /* seconds, with TLS; 0: 10 */
    int trace_fd;            /* what went over the wire, secrets and query
                                strings left out; -1: no trace */
};

#define HTTP_OPTIONS_INIT { .trace_fd = -1 }

/* Fill in the settings http.* (retries, time limits). */
void http_options_from_config(struct http_options *options, const struct config *config);

struct http_client;

int http_client_new(const struct http_options *options, struct http_client **ret,
                    struct error *err);
/* Cancels what is under way; NULL is fine. */
void http_client_free(struct http_client *c);

/*
 * Start REQUEST; DONE is called from http_run() when it is over, exactly once
 * unless the client is freed before. The request and all it points to must stay
 * until then. RESULT is 0 when an answer of any status arrived whole, and -1
 * with the error otherwise; response and error belong to the client and are
 * released after DONE returns. DONE may add further requests, but not run or
 * free the client. -1 for a request that breaks a rule; DONE is not called then.
 */
typedef void http_done(void *cookie, int result, struct http_response *response,
                       struct error *err);
int http_start(struct http_client *c, const struct http_request *request,
               http_done *done, void *cookie, struct error *err);

/* Run until a request is done or TIMEOUT ms have passed (negative: no limit).
 * Returns how many are still under way. A signal may end it earlier. */
int http_run(struct http_client *c, int timeout);

/* The same, but it also returns when WAKE_FD can be read: for work that is done
 * beside the network. The descriptor is not read from. */
int http_wait(struct http_client *c, int wake_fd, int timeout);

/* Give up all that is under way: DONE is called for each, with ERROR_FAILED, and must
 * add no others. */
void http_cancel(struct http_client *c);

/* One request, waited for; others under way go on. RESPONSE is the caller's to
 * release, whatever the result. */
int http_perform(struct http_client *c, const struct http_request *request,
                 struct http_response *response, struct error *err);

/* Is HOST, as it stands in a URL, this machine: an address 127.x.y.z or [::1], or
 * localhost? Plain http goes nowhere else. */
bool http_host_is_loopback(const char *host);

#endif
