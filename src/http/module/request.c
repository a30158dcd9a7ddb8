#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "exchange.h"
#include "imgctl/mem.h"

#define UPLOAD_BUFFER (256 * 1024L) /* of each connection; fewer calls a file */

static void free_url(CURLU **u)
{
    curl_url_cleanup(*u);
}

/* A part of U as a string of ours; NULL where there is none. */
static char *url_part(CURLU *u, CURLUPart what)
{
    char *text = NULL;
    if (curl_url_get(u, what, &text, 0) != CURLUE_OK) {
        return NULL;
    }
    char *copy = mem_strdup(text);
    curl_free(text);
    return copy;
}

/* May this exchange go to HOST? */
static int check_host(const struct exchange *x, const char *host, struct error *err)
{
    if (!x->request->download && strcmp(x->scheme, "http") == 0 &&
        !address_host_is_loopback(host)) {
        error_set(err, ERROR_USAGE, "%s would be reached without encryption", x->host);
        return error_hint(err, "use an https:// address");
    }
    if (x->guarded && address_host_is_private(host)) {
        error_set(err, ERROR_USAGE, "%s is a private address", x->host);
        return error_hint(err, "use --allow-private if you mean it");
    }
    return 0;
}

static void forget_url(struct exchange *x)
{
    free(x->url);
    free(x->scheme);
    free(x->host);
    free(x->path);
    x->url = x->scheme = x->host = x->path = NULL;
}

static bool is_http(const char *scheme)
{
    return scheme && (strcmp(scheme, "http") == 0 || strcmp(scheme, "https") == 0);
}

int request_set_url(struct exchange *x, const char *url, struct error *err)
{
    __attribute__((cleanup(free_url))) CURLU *u = curl_url();
    CURLUcode code = u ? CURLUE_OK : CURLUE_OUT_OF_MEMORY;
    unsigned flags = CURLU_DISALLOW_USER;
    if (x->url && code == CURLUE_OK) {
        flags |= CURLU_URLENCODE; /* servers are careless */
        code = curl_url_set(u, CURLUPART_URL, x->url, 0);
    }
    if (code == CURLUE_OK) {
        code = curl_url_set(u, CURLUPART_URL, url, flags);
    }
    if (code == CURLUE_USER_NOT_ALLOWED) {
        return error_set(err, ERROR_USAGE, "a URL with a user or password is not used");
    }
    if (code != CURLUE_OK) {
        return error_set(err, ERROR_USAGE, "not a URL that can be used: %s",
                         curl_url_strerror(code));
    }
    AUTO_FREE char *scheme = url_part(u, CURLUPART_SCHEME);
    AUTO_FREE char *host = url_part(u, CURLUPART_HOST);
    AUTO_FREE char *port = url_part(u, CURLUPART_PORT);
    if (!is_http(scheme) || !host || !*host) {
        return error_set(err, ERROR_USAGE, "only http and https URLs can be used");
    }
    forget_url(x);
    x->scheme = mem_strdup(scheme);
    x->path = url_part(u, CURLUPART_PATH);
    x->url = url_part(u, CURLUPART_URL);
    x->host = port ? mem_printf("%s:%s", host, port) : mem_strdup(host);
    x->guarded = x->request->download && !x->request->allow_private;
    x->is_here = address_host_is_loopback(host);
    x->proxy = x->guarded ? address_proxy(x->scheme, host) : NULL;
    return check_host(x, host, err);
}

/* Text that could end a line of the request's head. */
static bool has_control(const char *s)
{
    while ((unsigned char)*s >= 0x20 && *s != 0x7F) {
        s++;
    }
    return *s != '\0';
}

int request_check(const struct http_request *request, struct error *err)
{
    if (request->method && request->method[strspn(request->method, "ABCDEFGHIJKLMNOPQR"
                                                                   "STUVWXYZ")]) {
        return error_set(err, ERROR_USAGE, "no HTTP method: %s", request->method);
    }
    if (request->download && (request->part_count > 0 || request->body)) {
        return error_set(err, ERROR_USAGE, "a download sends no body");
    }
    for (size_t i = 0; i < request->headers.len; i++) {
        if (has_control(request->headers.items[i])) {
            return error_set(err, ERROR_USAGE, "control characters in an HTTP header");
        }
    }
    for (size_t i = 0; i < request->part_count; i++) {
        const struct http_part *part = &request->parts[i];
        if (has_control(part->file_type ? part->file_type : "") ||
            (!part->value && (part->file_offset < 0 || part->file_size < 0 ||
                              part->file_size > INT64_MAX - part->file_offset))) {
            return error_set(err, ERROR_USAGE, "a part of a request that cannot be");
        }
    }
    return 0;
}

static void set_headers(struct exchange *x)
{
    /* Without this, larger bodies would wait a second for "100 Continue". */
    x->headers = curl_slist_append(NULL, "Expect:");
    for (size_t i = 0; x->hops == 0 && i < x->request->headers.len; i++) {
        x->headers = curl_slist_append(x->headers, x->request->headers.items[i]);
    }
    if (x->request->part_count > 0) {
        char type[96];
        snprintf(type, sizeof type, "Content-Type: multipart/form-data; boundary=%s",
                 x->client->boundary);
        x->headers = curl_slist_append(x->headers, type);
    }
    curl_easy_setopt(x->easy, CURLOPT_HTTPHEADER, x->headers);
    curl_easy_setopt(x->easy, CURLOPT_USERAGENT, "imgctl/" IMGCTL_VERSION);
    if (x->hops == 0 && x->request->user) {
        curl_easy_setopt(x->easy, CURLOPT_HTTPAUTH, CURLAUTH_BASIC);
        curl_easy_setopt(x->easy, CURLOPT_USERNAME, x->request->user);
        curl_easy_setopt(x->easy, CURLOPT_PASSWORD,
                         x->request->password ? x->request->password : "");
    }
}

static void set_body(struct exchange *x)
{
    const struct http_request *request = x->request;
    const char *method = request->method;
    if (request->part_count > 0) {
        form_make(x);
        curl_easy_setopt(x->easy, CURLOPT_POST, 1L);
        curl_easy_setopt(x->easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)x->form.size);
        curl_easy_setopt(x->easy, CURLOPT_READFUNCTION, form_read);
        curl_easy_setopt(x->easy, CURLOPT_READDATA, x);
        curl_easy_setopt(x->easy, CURLOPT_SEEKFUNCTION, form_seek);
        curl_easy_setopt(x->easy, CURLOPT_SEEKDATA, x);
        curl_easy_setopt(x->easy, CURLOPT_UPLOAD_BUFFERSIZE, UPLOAD_BUFFER);
    } else if (request->body || (method && strcmp(method, "POST") == 0)) {
        curl_easy_setopt(x->easy, CURLOPT_POSTFIELDSIZE_LARGE,
                         (curl_off_t)(request->body ? request->body_len : 0));
        curl_easy_setopt(x->easy, CURLOPT_POSTFIELDS, request->body ? request->body : "");
    } else if (method && strcmp(method, "HEAD") == 0) {
        curl_easy_setopt(x->easy, CURLOPT_NOBODY, 1L);
        return;
    }
    if (method) {
        curl_easy_setopt(x->easy, CURLOPT_CUSTOMREQUEST, method);
    }
}

static void set_connection(struct exchange *x)
{
    curl_easy_setopt(x->easy, CURLOPT_URL, x->url);
    curl_easy_setopt(x->easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(x->easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(x->easy, CURLOPT_TCP_KEEPALIVE, 1L);
    /* Each upload has a connection of its own instead of a share of one. */
    curl_easy_setopt(x->easy, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(x->easy, CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2);
    curl_easy_setopt(x->easy, CURLOPT_OPENSOCKETFUNCTION, guard_open_socket);
    curl_easy_setopt(x->easy, CURLOPT_OPENSOCKETDATA, x);
    curl_easy_setopt(x->easy, CURLOPT_PREREQFUNCTION, guard_before_request);
    curl_easy_setopt(x->easy, CURLOPT_PREREQDATA, x);
    const char *certificates = getenv("SSL_CERT_FILE");
    if (certificates && *certificates) {
        curl_easy_setopt(x->easy, CURLOPT_CAINFO, certificates);
    }
    if (x->guarded || x->is_here) {
        /* The proxy that the guard reckons with and no other. What is meant for this
         * machine, secrets in plain http too, must not go to one. */
        curl_easy_setopt(x->easy, CURLOPT_PROXY, x->proxy ? x->proxy : "");
        curl_easy_setopt(x->easy, CURLOPT_NOPROXY, "");
    }
    if (x->request->retry != HTTP_RETRY_SAFE) {
        /* On a used connection that turns out dead, libcurl would send again. */
        curl_easy_setopt(x->easy, CURLOPT_FRESH_CONNECT, 1L);
    }
}

static void set_answer(struct exchange *x)
{
    int timeout = x->request->timeout > 0 ? x->request->timeout : 600;
    curl_easy_setopt(x->easy, CURLOPT_TIMEOUT_MS, timeout * 1000L);
    curl_easy_setopt(x->easy, CURLOPT_CONNECTTIMEOUT_MS,
                     x->client->connect_timeout * 1000L);
    curl_easy_setopt(x->easy, CURLOPT_HEADERFUNCTION, answer_header);
    curl_easy_setopt(x->easy, CURLOPT_HEADERDATA, x);
    curl_easy_setopt(x->easy, CURLOPT_WRITEFUNCTION, answer_body);
    curl_easy_setopt(x->easy, CURLOPT_WRITEDATA, x);
    curl_easy_setopt(x->easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
    curl_easy_setopt(x->easy, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(x->easy, CURLOPT_XFERINFOFUNCTION, guard_progress);
    curl_easy_setopt(x->easy, CURLOPT_XFERINFODATA, x);
    curl_easy_setopt(x->easy, CURLOPT_ERRORBUFFER, x->detail);
    curl_easy_setopt(x->easy, CURLOPT_PRIVATE, x);
}

static void release_body(struct exchange *x)
{
    curl_slist_free_all(x->headers);
    form_release(&x->form);
    x->headers = NULL;
}

/* A fresh handle, or one that has done its work and is made as good as fresh. */
static CURL *take_handle(struct http_client *c)
{
    if (c->idle_count == 0) {
        return curl_easy_init();
    }
    CURL *easy = c->idle[--c->idle_count];
    curl_easy_reset(easy);
    return easy;
}

static void give_back(struct http_client *c, CURL *easy)
{
    if (easy && c->idle_count < c->connections) {
        c->idle[c->idle_count++] = easy;
    } else {
        curl_easy_cleanup(easy);
    }
}

int request_prepare(struct exchange *x)
{
    if (!x->easy) {
        x->easy = take_handle(x->client);
    } else {
        curl_easy_reset(x->easy);
        release_body(x);
    }
    if (!x->easy) {
        return error_set(&x->error, ERROR_FAILED, "no memory for a request");
    }
    x->detail[0] = '\0';
    set_connection(x);
    set_headers(x);
    set_body(x);
    set_answer(x);
    return 0;
}

void request_release(struct exchange *x)
{
    give_back(x->client, x->easy);
    x->easy = NULL;
    release_body(x);
    forget_url(x);
    free(x->location);
    x->location = NULL;
}
