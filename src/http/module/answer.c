#include <ctype.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "exchange.h"
#include "imgctl/clock.h"
#include "imgctl/file.h"
#include "imgctl/mem.h"

#define WAIT_MOST (INT_MAX * INT64_C(1000)) /* ms, so that its seconds are an int */

static void copy(char *out, size_t size, const char *value, size_t len)
{
    if (len >= size) {
        len = size - 1;
    }
    memcpy(out, value, len);
    out[len] = '\0';
}

/* A date as HTTP writes it, ms since 1970; 0 when it is none. */
static int64_t parse_date(const char *value)
{
    time_t t = curl_getdate(value, NULL);
    return t > 0 ? (int64_t)t * 1000 : 0;
}

static bool is_failure(const struct exchange *x)
{
    return x->response.status < 200 || x->response.status > 299;
}

static bool to_file(const struct exchange *x)
{
    return x->request->answer_fd >= 0 && !is_failure(x);
}

static size_t limit(const struct exchange *x)
{
    size_t most = x->request->answer_limit ? x->request->answer_limit : ANSWER_LIMIT;
    return is_failure(x) && most > ANSWER_LIMIT ? ANSWER_LIMIT : most;
}

static int too_large(struct exchange *x)
{
    return error_set(&x->error,
                     x->request->download ? ERROR_IMAGE_LIMIT : ERROR_UNAVAILABLE,
                     "the answer of %s is larger than %zu bytes", x->host, limit(x));
}

/* One header; VALUE is NUL-terminated and without blanks around it. */
static void take_header(struct exchange *x, const char *name, const char *value)
{
    struct http_response *r = &x->response;
    size_t len = strlen(value);
    if (strcasecmp(name, "Content-Type") == 0) {
        copy(r->content_type, sizeof r->content_type, value, strcspn(value, "; \t"));
        for (char *p = r->content_type; *p; p++) {
            *p = (char)tolower((unsigned char)*p);
        }
    } else if (strcasecmp(name, "X-Request-Id") == 0) {
        copy(r->request_id, sizeof r->request_id, value, len);
    } else if (strcasecmp(name, "X-FeatureRateLimit-Reset") == 0) {
        copy(r->reset, sizeof r->reset, value, len);
    } else if (strcasecmp(name, "Date") == 0) {
        r->date = parse_date(value);
    } else if (strcasecmp(name, "Retry-After") == 0) {
        copy(x->retry_after, sizeof x->retry_after, value, len);
    } else if (strcasecmp(name, "Retry-After-Ms") == 0) {
        copy(x->retry_after_ms, sizeof x->retry_after_ms, value, len);
    } else if (strcasecmp(name, "X-Should-Retry") == 0) {
        x->must_not_repeat = strcasecmp(value, "false") == 0;
    } else if (strcasecmp(name, "Location") == 0) {
        free(x->location);
        x->location = mem_strdup(value);
    } else if (strcasecmp(name, "Content-Length") == 0) {
        x->length = strtoull(value, NULL, 10);
    }
}

static void split_header(struct exchange *x, const char *line, size_t len)
{
    AUTO_FREE char *text = mem_strndup(line, len);
    char *value = strchr(text, ':');
    if (!value) {
        return;
    }
    *value++ = '\0';
    value += strspn(value, " \t");
    size_t end = strlen(value);
    while (end > 0 && isspace((unsigned char)value[end - 1])) {
        end--;
    }
    value[end] = '\0';
    take_header(x, text, value);
}

/* After an interim answer (100, 103) another head follows. */
static void begin_head(struct exchange *x)
{
    struct http_response *r = &x->response;
    r->content_type[0] = r->request_id[0] = r->reset[0] = x->retry_after[0] = '\0';
    x->retry_after_ms[0] = '\0';
    x->must_not_repeat = false;
    r->date = 0;
    x->length = 0;
    free(x->location);
    x->location = NULL;
    x->in_headers = true;
}

static int end_head(struct exchange *x)
{
    long status = 0;
    curl_easy_getinfo(x->easy, CURLINFO_RESPONSE_CODE, &status);
    x->in_headers = false;
    x->response.status = (int)status;
    bool has_body = !x->request->method || strcmp(x->request->method, "HEAD") != 0;
    return has_body && x->length > limit(x) ? too_large(x) : 0;
}

size_t answer_header(char *data, size_t size, size_t count, void *exchange)
{
    struct exchange *x = exchange;
    size_t len = size * count;
    x->header_bytes += len;
    if (x->header_bytes > HEADER_LIMIT) {
        error_set(&x->error, ERROR_UNAVAILABLE,
                  "the headers that %s sends are larger than %zu bytes", x->host,
                  HEADER_LIMIT);
        return 0;
    }
    if (len > 5 && memcmp(data, "HTTP/", 5) == 0 && x->received == 0) {
        begin_head(x);
    } else if (x->in_headers && (data[0] == '\r' || data[0] == '\n')) {
        return end_head(x) == 0 ? len : 0;
    } else if (x->in_headers) {
        split_header(x, data, len);
    }
    return len;
}

static int write_file(struct exchange *x, const char *data, size_t len)
{
    if (file_write_all(x->request->answer_fd, data, len) < 0) {
        return error_errno(&x->error, ERROR_STORE, "cannot write what %s sends", x->host);
    }
    x->written = true;
    return 0;
}

size_t answer_body(char *data, size_t size, size_t count, void *exchange)
{
    struct exchange *x = exchange;
    size_t len = size * count;
    if (len > limit(x) || (uint64_t)x->received > limit(x) - len) {
        too_large(x);
        return 0;
    }
    x->received += (int64_t)len;
    if (x->request->sink && !is_failure(x)) {
        x->written = true;
        return x->request->sink(x->request->sink_cookie, data, len, &x->error) == 0 ? len
                                                                                   : 0;
    }
    if (!to_file(x)) {
        buf_add(&x->response.body, data, len);
        return len;
    }
    return write_file(x, data, len) == 0 ? len : 0;
}

bool answer_can_repeat(const struct exchange *x)
{
    return !x->written || x->answer_start >= 0;
}

int answer_reset(struct exchange *x)
{
    struct http_response *r = &x->response;
    struct buf body = r->body;
    buf_clear(&body);
    *r = (struct http_response){ .body = body,
                                 .maybe_acted = r->maybe_acted,
                                 .attempts = r->attempts };
    error_clear(&x->error);
    x->header_bytes = 0;
    x->in_headers = false;
    x->length = 0;
    x->received = 0;
    x->begun = 0;
    x->retry_after[0] = x->retry_after_ms[0] = '\0';
    x->must_not_repeat = false;
    x->sending = x->receiving = (struct stall){ .looked_at = 0 };
    if (x->written) {
        int fd = x->request->answer_fd;
        off_t start = x->answer_start;
        if (lseek(fd, start, SEEK_SET) < 0 || ftruncate(fd, start) < 0) {
            return error_errno(&x->error, ERROR_STORE, "cannot start a download again");
        }
        x->written = false;
    }
    return 0;
}

bool answer_is_redirect(const struct exchange *x)
{
    int status = x->response.status;
    bool redirect = status == 301 || status == 302 || status == 303 || status == 307 ||
                    status == 308;
    return redirect && x->location && x->request->download && !x->request->no_redirect;
}

static int64_t wait_until(const struct exchange *x, int64_t when)
{
    /* By the service's own clock where it tells it: ours may be wrong. */
    int64_t wait = when - (x->response.date > 0 ? x->response.date : clock_now());
    return when > 0 && wait > 0 ? wait : 0;
}

/* A number of UNITs of milliseconds; what follows the digits does not count. */
static int64_t wait_number(const char *digits, int64_t unit)
{
    unsigned long long n = strtoull(digits, NULL, 10);
    return (int64_t)(n > INT_MAX ? INT_MAX : n) * unit;
}

int64_t answer_wait(struct exchange *x)
{
    struct http_response *r = &x->response;
    int64_t wait = 0;
    if (isdigit((unsigned char)x->retry_after_ms[0])) {
        wait = wait_number(x->retry_after_ms, 1);
    } else if (isdigit((unsigned char)x->retry_after[0])) {
        wait = wait_number(x->retry_after, 1000);
    } else if (x->retry_after[0]) {
        wait = wait_until(x, parse_date(x->retry_after));
    } else if (retry_is_rate_limit(r->status, r->body.data)) {
        wait = wait_until(x, retry_time_in_text(r->body.data));
        wait = wait > 0 ? wait : wait_until(x, parse_date(r->reset));
    }
    wait = wait < WAIT_MOST ? wait : WAIT_MOST;
    r->retry_after = (int)((wait + 999) / 1000);
    return wait;
}
