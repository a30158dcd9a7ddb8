#include <ctype.h>
#include <string.h>

#include "exchange.h"
#include "imgctl/clock.h"

/* Some of it to the service: what a proxy was asked for the way there is no part of it,
 * but libcurl counts that, too. */
static bool was_sent(const struct exchange *x)
{
    long bytes = 0;
    curl_easy_getinfo(x->easy, CURLINFO_REQUEST_SIZE, &bytes);
    return x->begun > 0 && bytes > 0;
}

static bool network(struct exchange *x, const char *before, const char *after,
                    const char *detail)
{
    error_set(&x->error, ERROR_NETWORK, "%s%s%s%s%s", before, x->host, after,
              *detail ? ": " : "", detail);
    x->error.retryable = true;
    return true;
}

static bool permanent(struct exchange *x, enum error_kind kind, const char *before,
                      const char *after, const char *detail)
{
    network(x, before, after, detail);
    x->error.kind = kind;
    x->error.retryable = false;
    return false;
}

/* libcurl's own words, but none about a proxy: they may hold its password. */
static const char *detail_of(const struct exchange *x, CURLcode code)
{
    bool fit = x->detail[0] && !strcasestr(x->detail, "proxy");
    return fit ? x->detail : curl_easy_strerror(code);
}

static bool unreachable(struct exchange *x, const char *detail)
{
    char why[128] = "";
    long number = 0;
    curl_easy_getinfo(x->easy, CURLINFO_OS_ERRNO, &number);
    if (number != 0) {
        const char *text = strerrordesc_np((int)number);
        snprintf(why, sizeof why, "%s", text ? text : "unknown error");
        why[0] = (char)tolower((unsigned char)why[0]);
    }
    network(x, "cannot reach ", "", why[0] ? why : detail);
    error_hint(&x->error, "check the network connection, then run it again");
    return true;
}

static bool timed_out(struct exchange *x)
{
    int seconds = x->request->timeout > 0 ? x->request->timeout : 600;
    if (!was_sent(x)) {
        error_set(&x->error, ERROR_NETWORK, "cannot reach %s: no connection within %d s",
                  x->host, x->client->connect_timeout < seconds
                               ? x->client->connect_timeout : seconds);
    } else if (x->header_bytes > 0) {
        error_set(&x->error, ERROR_NETWORK, "the answer of %s took longer than %d s",
                  x->host, seconds);
    } else {
        error_set(&x->error, ERROR_NETWORK, "%s answered nothing for %d s", x->host,
                  seconds);
    }
    x->error.retryable = true;
    return !was_sent(x);
}

/* What libcurl says, in our words. True when it may be different next time. */
static bool describe(struct exchange *x, CURLcode code)
{
    const char *detail = detail_of(x, code);
    switch (code) {
    case CURLE_COULDNT_RESOLVE_HOST:
        return network(x, "cannot find the host ", "", "");
    case CURLE_URL_MALFORMAT: /* international names are looked at late */
        return permanent(x, ERROR_USAGE, "the host ", " has no valid name", detail);
    case CURLE_COULDNT_RESOLVE_PROXY:
        return network(x, "cannot find the proxy on the way to ", "", "");
    case CURLE_COULDNT_CONNECT:
        return unreachable(x, detail);
    case CURLE_OPERATION_TIMEDOUT:
        return timed_out(x);
    case CURLE_GOT_NOTHING:
        return network(x, "", " closed the connection without an answer", "");
    case CURLE_PARTIAL_FILE:
        return network(x, "the answer of ", " was cut off", detail);
    case CURLE_SEND_ERROR:
    case CURLE_RECV_ERROR:
        return network(x, "the connection to ", " broke", detail);
    case CURLE_SSL_CONNECT_ERROR:
        return network(x, "no secure connection to ", "", detail);
    case CURLE_PEER_FAILED_VERIFICATION:
        return permanent(x, ERROR_NETWORK, "the certificate of ", " is not trusted",
                         detail);
    case CURLE_SSL_CACERT_BADFILE:
        permanent(x, ERROR_CONFIG, "the certificate of ",
                  " cannot be checked: this machine has no list of certificate"
                  " authorities", "");
        error_hint(&x->error, "install the package ca-certificates, or name a list in "
                              "SSL_CERT_FILE");
        return false;
    case CURLE_UNSUPPORTED_PROTOCOL: /* HTTP/0.9 */
    case CURLE_WEIRD_SERVER_REPLY:
        return permanent(x, ERROR_NETWORK, "", " does not answer in HTTP", detail);
    default:
        return permanent(x, ERROR_FAILED, "the request to ", " failed", detail);
    }
}

bool failure_describe(struct exchange *x, CURLcode code)
{
    struct http_response *r = &x->response;
    bool sent = was_sent(x);
    bool temporary = x->error.kind != ERROR_NONE ? x->error.retryable : describe(x, code);
    r->maybe_acted = r->maybe_acted || sent;
    x->error.http_status = r->status;
    snprintf(x->error.request_id, sizeof x->error.request_id, "%s", r->request_id);
    enum http_retry mode = x->request->retry;
    return temporary && (mode == HTTP_RETRY_SAFE || (mode == HTTP_RETRY_UNSENT && !sent));
}

void failure_set_refused(struct exchange *x, int64_t wait)
{
    struct error *err = &x->error;
    char when[CLOCK_TEXT_SIZE];
    clock_format(when, clock_now() + wait);
    error_set(err, ERROR_RATE_LIMIT, "%s takes no more requests for now: try again at %s",
              x->host, when);
    err->retryable = true;
    err->retry_after = (int)((wait + 999) / 1000);
    err->http_status = x->response.status;
    snprintf(err->request_id, sizeof err->request_id, "%s", x->response.request_id);
}

void failure_set_cancelled(struct exchange *x)
{
    struct http_response *r = &x->response;
    r->maybe_acted = r->maybe_acted || (x->running && was_sent(x));
    error_set(&x->error, ERROR_FAILED, "the request to %s was given up", x->host);
    x->error.retryable = true;
}
