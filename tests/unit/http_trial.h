/*
 * http_trial.h - one request against one script, with everything that came of it.
 */
#ifndef HTTP_TRIAL_H
#define HTTP_TRIAL_H

#include <fcntl.h>

#include "imgctl/clock.h"
#include "imgctl/file.h"
#include "imgctl/http.h"
#include "imgctl/mem.h"
#include "scripted_server.h"
#include "test.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))
#define OK                                                                    \
    "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n" \
    "\r\n{}"

struct trial {
    struct server server;
    struct http_client *client;
    struct http_options options;
    struct http_request request;
    struct http_response response;
    struct error err;
    int result;
};

static inline void trial_start(struct trial *t, const struct answer *script, size_t len)
{
    *t = (struct trial){ .options = HTTP_OPTIONS_INIT,
                         .request = HTTP_REQUEST_INIT,
                         .response = HTTP_RESPONSE_INIT };
    t->options.retry_base_ms = 1;
    server_start(&t->server, script, len);
    t->request.url = t->server.url;
}

static inline int trial_perform(struct trial *t)
{
    if (!t->client) {
        CHECK_INT(http_client_new(&t->options, &t->client, &t->err), 0);
        CHECK_STR(t->err.message, "");
    }
    http_response_release(&t->response);
    error_clear(&t->err);
    t->result = http_perform(t->client, &t->request, &t->response, &t->err);
    CHECK((t->result < 0) == (t->err.kind != ERROR_NONE));
    CHECK((t->result < 0) == (t->err.message[0] != '\0'));
    return t->result;
}

/* After it the server's counters may be read. */
static inline void trial_end(struct trial *t)
{
    http_client_free(t->client);
    t->client = NULL;
    server_stop(&t->server);
}

static inline void trial_forget(struct trial *t)
{
    http_response_release(&t->response);
    strlist_release(&t->request.headers);
    server_forget(&t->server);
}

static inline void trial_run(struct trial *t)
{
    trial_perform(t);
    trial_end(t);
}

/* A file without a name, holding DATA. */
static inline int make_file(const void *data, size_t len)
{
    int fd = open("/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    CHECK(fd >= 0);
    CHECK_INT(file_write_all(fd, data, len), 0);
    return fd;
}

static inline void read_back(int fd, struct buf *out)
{
    char bytes[4096];
    ssize_t n;
    for (off_t at = 0; (n = pread(fd, bytes, sizeof bytes, at)) > 0; at += n) {
        buf_add(out, bytes, (size_t)n);
    }
}

/* What the environment of whoever runs the tests says of proxies is not meant. */
static inline void clear_proxies(void)
{
    static const char *const names[] = { "http_proxy", "https_proxy", "HTTPS_PROXY",
                                         "all_proxy",  "ALL_PROXY",   "no_proxy",
                                         "NO_PROXY",   "HTTP_PROXY",  "SSL_CERT_FILE" };
    for (size_t i = 0; i < COUNT(names); i++) {
        unsetenv(names[i]);
    }
}

#endif
