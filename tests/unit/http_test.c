#include "http_trial.h"

TEST(simple_get)
{
    static const char text[] =
        "HTTP/1.1 103 Early Hints\r\n"
        "X-Request-Id: early\r\n"
        "Retry-After: 9\r\n\r\n"
        "HTTP/1.1 404 Not Found\r\n"
        "Content-Type: Application/JSON; charset=utf-8\r\n"
        "x-request-id:  abc-123 \r\n"
        "X-FeatureRateLimit-Reset: Wed, 03 Oct 2012 08:00:00 GMT\r\n"
        "Date: Sun, 22 Nov 2026 07:30:11 GMT\r\n"
        "Content-Length: 5\r\n\r\n"
        "he\0lo";
    static const struct answer script[] = { { .text = text, .len = sizeof text - 1 } };
    struct trial t;
    trial_start(&t, script, 1);
    strlist_add(&t.request.headers, "X-Mine: yes");
    trial_run(&t);
    CHECK_INT(t.result, 0);
    CHECK_INT(t.response.status, 404);
    CHECK_INT(t.response.body.len, 5);
    CHECK(memcmp(t.response.body.data, "he\0lo", 6) == 0);
    CHECK_STR(t.response.content_type, "application/json");
    CHECK_STR(t.response.request_id, "abc-123");
    CHECK_STR(t.response.reset, "Wed, 03 Oct 2012 08:00:00 GMT");
    CHECK_INT(t.response.date, 1795332611000);
    CHECK_INT(t.response.retry_after, 0);
    CHECK_INT(t.response.attempts, 1);
    CHECK(!t.response.maybe_acted);
    CHECK(strncmp(t.server.last.data, "GET / HTTP/1.1\r\n", 16) == 0);
    CHECK(strstr(t.server.last.data, "\r\nUser-Agent: imgctl/"));
    CHECK(strstr(t.server.last.data, "\r\nX-Mine: yes\r\n"));
    CHECK(!strcasestr(t.server.last.data, "\r\nExpect:"));
    CHECK(!strcasestr(t.server.last.data, "\r\nAuthorization:"));
    trial_forget(&t);
}

TEST(basic_authentication)
{
    static const struct answer script[] = { { .text = OK } };
    struct trial t;
    trial_start(&t, script, 1);
    t.request.user = "Aladdin";
    t.request.password = "open sesame";
    t.request.method = "DELETE";
    trial_run(&t);
    CHECK_INT(t.result, 0);
    CHECK(strncmp(t.server.last.data, "DELETE / ", 9) == 0);
    CHECK(strstr(t.server.last.data,
                 "\r\nAuthorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==\r\n"));
    trial_forget(&t);
}

TEST(body)
{
    static const struct answer script[] = { { .text = OK } };
    struct trial t;
    trial_start(&t, script, 1);
    t.request.body = "{\"a\":\0}";
    t.request.body_len = 7;
    strlist_add(&t.request.headers, "Content-Type: application/json");
    trial_run(&t);
    CHECK(strncmp(t.server.last.data, "POST / ", 7) == 0);
    CHECK(strstr(t.server.last.data, "\r\nContent-Type: application/json\r\n"));
    CHECK(strstr(t.server.last.data, "\r\nContent-Length: 7\r\n"));
    CHECK(memcmp(t.server.last.data + t.server.last.len - 7, "{\"a\":\0}", 7) == 0);
    trial_forget(&t);
}

/* The whole body, with the boundary that the request chose. */
static void check_multipart(const struct buf *request, const char *format)
{
    const char *mark = strstr(request->data, "boundary=");
    const char *got = strstr(request->data, "\r\n\r\n");
    CHECK(mark && got);
    if (!mark || !got) {
        return;
    }
    AUTO_FREE char *boundary = mem_strndup(mark + 9, strcspn(mark + 9, "\r\n"));
    AUTO_BUF struct buf want = BUF_INIT;
    for (const char *p = format; *p; p++) {
        if (*p == '$') {
            buf_addf(&want, "--%s", boundary);
        } else {
            buf_addch(&want, *p);
        }
    }
    CHECK_STR(got + 4, want.data);
}

TEST(multipart)
{
    static const struct answer script[] = { { .text = OK } };
    AUTO_FD int fd = make_file("0123456789", 10);
    const struct http_part parts[] = {
        { .name = "plain", .value = "@/etc/passwd;type=x" },
        { .name = "empty", .value = "" },
        { .name = "lines", .value = "</etc/passwd\r\nb: \"c\"\xC3\xA9" },
        { .name = "a\"b\r\nX: y", .value = "1" },
        { .name = "file", .file_fd = fd, .file_offset = 2, .file_size = 5,
          .file_name = "@p\"q\r\nX-Evil: 1;type=text/html\xC3\xA9.jpg" },
        { .name = "image", .file_fd = fd, .file_size = 10, .file_name = "x.webp",
          .file_type = "image/webp" },
    };
    struct trial t;
    trial_start(&t, script, 1);
    t.request.parts = parts;
    t.request.part_count = COUNT(parts);
    trial_run(&t);
    CHECK_INT(t.result, 0);
    CHECK(strncmp(t.server.last.data, "POST / ", 7) == 0);
    CHECK(!strcasestr(t.server.last.data, "\r\nExpect:"));
    check_multipart(&t.server.last,
        "$\r\nContent-Disposition: form-data; name=\"plain\"\r\n\r\n"
        "@/etc/passwd;type=x\r\n"
        "$\r\nContent-Disposition: form-data; name=\"empty\"\r\n\r\n\r\n"
        "$\r\nContent-Disposition: form-data; name=\"lines\"\r\n\r\n"
        "</etc/passwd\r\nb: \"c\"\xC3\xA9\r\n"
        "$\r\nContent-Disposition: form-data; name=\"a%22b%0D%0AX: y\"\r\n\r\n1\r\n"
        "$\r\nContent-Disposition: form-data; name=\"file\"; "
        "filename=\"@p%22q%0D%0AX-Evil: 1;type=text/html\xC3\xA9.jpg\"\r\n"
        "Content-Type: application/octet-stream\r\n\r\n23456\r\n"
        "$\r\nContent-Disposition: form-data; name=\"image\"; filename=\"x.webp\"\r\n"
        "Content-Type: image/webp\r\n\r\n0123456789\r\n"
        "$--\r\n");
    CHECK_INT(lseek(fd, 0, SEEK_CUR), 10);
    trial_forget(&t);
}

struct moved {
    int64_t sent, received;
    int calls;
    bool backwards;
};

static void note_progress(void *cookie, int64_t sent, int64_t received)
{
    struct moved *m = cookie;
    m->backwards |= sent < m->sent || received < m->received;
    m->sent = sent;
    m->received = received;
    m->calls++;
}

/* A client that looks only when something happens sends a twentieth of the limit at a
 * time: were it not to wake for the next, each would cost it the second after which it
 * looks for stalls. */
TEST(the_limit_is_reached)
{
    static const struct answer script[] = { { .text = OK } };
    size_t len = 1000 * 1000;
    AUTO_FREE char *data = mem_alloc(len);
    memset(data, 'x', len);
    AUTO_FD int fd = make_file(data, len);
    const struct http_part part = { .name = "file", .file_fd = fd,
                                    .file_size = (int64_t)len, .file_name = "a.jpg" };
    struct trial t;
    trial_start(&t, script, 1);
    t.options.bytes_per_second = 2 * 1000 * 1000;
    t.request.parts = &part;
    t.request.part_count = 1;
    int64_t start = clock_steady();
    trial_run(&t);
    int64_t spent = clock_steady() - start;
    CHECK_INT(t.result, 0);
    CHECK(spent >= 400);
    CHECK(spent < 5000); /* not 10,000 */
    trial_forget(&t);
}

/* Uploads of LEN bytes each that share a limit; how much each has sent when the first of
 * them is done. */
struct sharing {
    struct moved moved[3], then[3];
    int done;
};

static void note_done(void *cookie, int result, struct http_response *response,
                      struct error *e)
{
    struct sharing *s = cookie;
    (void)response;
    (void)e;
    CHECK_INT(result, 0);
    if (s->done++ == 0) {
        memcpy(s->then, s->moved, sizeof s->then);
    }
}

static void share(struct sharing *s, int64_t limit, size_t len, int *ret_connections)
{
    static const struct answer script[] = { { .text = OK } };
    AUTO_FREE char *data = mem_alloc(len);
    AUTO_FD int fd = make_file(data, len);
    const struct http_part part = { .name = "file", .file_fd = fd,
                                    .file_size = (int64_t)len };
    struct http_request requests[3];
    struct trial t;
    trial_start(&t, script, 1);
    t.options.bytes_per_second = limit;
    CHECK_INT(http_client_new(&t.options, &t.client, &t.err), 0);
    for (int i = 0; i < 3; i++) {
        requests[i] = t.request;
        requests[i].parts = &part;
        requests[i].part_count = 1;
        requests[i].progress = note_progress;
        requests[i].progress_cookie = &s->moved[i];
        CHECK_INT(http_start(t.client, &requests[i], note_done, s, &t.err), 0);
    }
    while (s->done < 3) {
        http_run(t.client, -1);
    }
    trial_end(&t);
    *ret_connections = t.server.connections;
    trial_forget(&t);
}

TEST(a_limit_is_shared)
{
    struct sharing s = { .done = 0 };
    int connections;
    share(&s, 3 * 64 * 1024, 30 * 1000, &connections);
    CHECK_INT(connections, 3);
    for (int i = 0; i < 3; i++) {
        CHECK(s.then[i].sent > 15 * 1000);
    }
}

/* None is left to starve beside the others. */
TEST(a_small_limit_is_for_one)
{
    struct sharing s = { .done = 0 };
    int connections;
    share(&s, 64 * 1024, 5 * 1000, &connections);
    CHECK_INT(connections, 1);
}

TEST(large_upload)
{
    static const struct answer script[] = { { .text = OK } };
    size_t len = 3 * 1024 * 1024 + 7;
    AUTO_FREE char *data = mem_alloc(len);
    for (size_t i = 0; i < len; i++) {
        data[i] = (char)(i * 2654435761u >> 24);
    }
    AUTO_FD int fd = make_file(data, len);
    const struct http_part part = { .name = "file", .file_fd = fd,
                                    .file_size = (int64_t)len, .file_name = "a.jpg" };
    struct moved moved = { 0 };
    struct trial t;
    trial_start(&t, script, 1);
    t.request.parts = &part;
    t.request.part_count = 1;
    t.request.progress = note_progress;
    t.request.progress_cookie = &moved;
    trial_run(&t);
    CHECK_INT(t.result, 0);
    const char *body = strstr(t.server.last.data, "octet-stream\r\n\r\n");
    CHECK(body && memcmp(body + 16, data, len) == 0);
    CHECK(!strcasestr(t.server.last.data, "\r\nExpect:"));
    CHECK(moved.sent >= (int64_t)len);
    CHECK_INT(moved.received, 2);
    CHECK(moved.calls > 1);
    CHECK(!moved.backwards);
    trial_forget(&t);
}

TEST(file_that_shrank)
{
    static const struct answer script[] = { { .text = OK } };
    AUTO_FD int fd = make_file("0123456789", 10);
    const struct http_part part = { .name = "file", .file_fd = fd, .file_size = 11 };
    struct trial t;
    trial_start(&t, script, 1);
    t.request.parts = &part;
    t.request.part_count = 1;
    trial_run(&t);
    CHECK_INT(t.result, -1);
    CHECK_INT(t.err.kind, ERROR_FILE);
    CHECK_STR(t.err.message, "the file became shorter while it was being sent");
    CHECK(!t.err.retryable);
    CHECK_INT(t.response.attempts, 1);
    trial_forget(&t);
}

/* ---- Refused before anything is sent ---- */

static enum error_kind start_error(const struct http_request *request, char *message)
{
    struct http_options options = HTTP_OPTIONS_INIT;
    struct http_client *client = NULL;
    struct http_response response;
    struct error err = ERROR_INIT;
    CHECK_INT(http_client_new(&options, &client, &err), 0);
    CHECK_INT(http_perform(client, request, &response, &err), -1);
    CHECK_INT(response.attempts, 0);
    CHECK(!response.maybe_acted);
    http_response_release(&response);
    http_client_free(client);
    if (message) {
        strcpy(message, err.message);
    }
    return err.kind;
}

TEST(bad_urls)
{
    static const char *const urls[] = {
        "", "x", "http://", "file:///etc/passwd", "ftp://example.com/", "gopher://h/",
        "data:,x", "http://example.com/", "http://10.0.0.1/", "http://127.0.0.1.nip.io/",
        "https://u:p@example.com/", "https://u@example.com/", "https://a b/",
        "https://a\r\nb/", "http://[::1", "https://example.com:99999/", "://",
        "http://localhost.example.com/",
    };
    char message[1024];
    for (size_t i = 0; i < COUNT(urls); i++) {
        struct http_request request = HTTP_REQUEST_INIT;
        request.url = urls[i];
        CHECK_INT(start_error(&request, message), ERROR_USAGE);
        CHECK(!strstr(message, "u:p"));
    }
}

TEST(header_injection)
{
    struct http_request request = HTTP_REQUEST_INIT;
    request.url = "http://127.0.0.1:1/";
    strlist_add(&request.headers, "A: b\r\nC: d");
    CHECK_INT(start_error(&request, NULL), ERROR_USAGE);
    strlist_release(&request.headers);
    request.headers = (struct strlist)STRLIST_INIT;
    request.method = "GET / HTTP/1.1\r\nX:";
    CHECK_INT(start_error(&request, NULL), ERROR_USAGE);
}

/* ---- Answers that are not as they should be ---- */

static void check_failure(const struct answer *answer, enum error_kind kind,
                          const char *message, bool maybe_acted)
{
    struct trial t;
    trial_start(&t, answer, 1);
    t.request.retry = HTTP_RETRY_NEVER;
    trial_run(&t);
    CHECK_INT(t.result, -1);
    CHECK_INT(t.err.kind, kind);
    bool said = strstr(t.err.message, message) != NULL;
    CHECK_STR(said ? NULL : t.err.message, NULL);
    CHECK_INT(t.response.maybe_acted, maybe_acted);
    CHECK_INT(t.response.attempts, 1);
    trial_forget(&t);
}

TEST(broken_answers)
{
    static const struct answer nothing = { .then = THEN_CLOSE };
    static const struct answer reset = { .then = THEN_RESET };
    static const struct answer cut_head = { .text = "HTTP/1.1 200 OK\r\nContent-Le",
                                            .then = THEN_CLOSE };
    static const struct answer cut_later = {
        .text = "HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\nA: b\r\n",
        .then = THEN_CLOSE };
    static const struct answer only_hints = {
        .text = "HTTP/1.1 103 Early Hints\r\n\r\n", .then = THEN_CLOSE };
    static const struct answer cut_body = {
        .text = "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n12345",
        .then = THEN_CLOSE };
    static const struct answer cut_chunks = {
        .text = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n12345\r\n",
        .then = THEN_CLOSE };
    static const struct answer garbage = { .text = "SSH-2.0-OpenSSH_9.2\r\n\r\n\r\n\r\n",
                                           .then = THEN_CLOSE };
    check_failure(&nothing, ERROR_NETWORK, " closed the connection without an answer",
                  true);
    check_failure(&reset, ERROR_NETWORK, " broke: ", true);
    check_failure(&cut_head, ERROR_NETWORK, "was cut off", true);
    check_failure(&cut_later, ERROR_NETWORK, "was cut off", true);
    check_failure(&only_hints, ERROR_NETWORK, "127.0.0.1", true);
    check_failure(&cut_body, ERROR_NETWORK, "was cut off", true);
    check_failure(&cut_chunks, ERROR_NETWORK, "was cut off", true);
    check_failure(&garbage, ERROR_NETWORK, " does not answer in HTTP", true);
}

TEST(oversize_answers)
{
    static const struct answer announced = {
        .text = "HTTP/1.1 200 OK\r\nContent-Length: 1048577\r\n\r\n", .then = THEN_HANG };
    static const struct answer unannounced = {
        .text = "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n0123456789abcdef",
        .repeat = 70000, .repeat_from = 38, .then = THEN_CLOSE };
    static const struct answer failing = {
        .text = "HTTP/1.1 500 No\r\nConnection: close\r\n\r\n0123456789abcdef",
        .repeat = 70000, .repeat_from = 38, .then = THEN_CLOSE };
    static const struct answer headers = {
        .text = "HTTP/1.1 200 OK\r\n"
                "X-Filler: 0123456789012345678901234567890123456789\r\n",
        .repeat = 10000, .repeat_from = 17, .then = THEN_CLOSE };
    const char *large = "is larger than 1048576 bytes";
    check_failure(&announced, ERROR_UNAVAILABLE, large, true);
    check_failure(&unannounced, ERROR_UNAVAILABLE, large, true);
    check_failure(&failing, ERROR_UNAVAILABLE, large, true);
    check_failure(&headers, ERROR_UNAVAILABLE, "headers that 127.0.0.1:", true);
}

TEST(answer_limit)
{
    static const struct answer script[] = {
        { .text = "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n0123456789" },
    };
    struct trial t;
    trial_start(&t, script, 1);
    t.request.answer_limit = 10;
    CHECK_INT(trial_perform(&t), 0);
    CHECK_STR(t.response.body.data, "0123456789");
    t.request.answer_limit = 9;
    CHECK_INT(trial_perform(&t), -1);
    CHECK_INT(t.err.kind, ERROR_UNAVAILABLE);
    trial_end(&t);
    trial_forget(&t);
}

/* A silent service may take all of the time, and no more. */
TEST(silence)
{
    static const struct answer script[] = { { .then = THEN_HANG } };
    struct trial t;
    trial_start(&t, script, 1);
    t.request.timeout = 1;
    trial_run(&t);
    CHECK_INT(t.err.kind, ERROR_NETWORK);
    CHECK(t.err.retryable);
    CHECK(strstr(t.err.message, " answered nothing for 1 s"));
    CHECK_INT(t.response.attempts, 1);
    CHECK(t.response.maybe_acted);
    trial_forget(&t);
}

/* An answer before the body is whole is an answer. */
TEST(early_answer)
{
    static const struct answer script[] = {
        { .text = "HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\n"
                  "Connection: close\r\n\r\n{}",
          .at_once = true, .then = THEN_HANG },
    };
    size_t len = 8 * 1024 * 1024;
    AUTO_FREE char *data = mem_alloc(len);
    AUTO_FD int fd = make_file(data, len);
    const struct http_part part = { .name = "file", .file_fd = fd,
                                    .file_size = (int64_t)len };
    struct trial t;
    trial_start(&t, script, 1);
    t.request.parts = &part;
    t.request.part_count = 1;
    trial_run(&t);
    CHECK_INT(t.result, 0);
    CHECK_INT(t.response.status, 413);
    trial_forget(&t);
}

/* ---- Many requests ---- */

TEST(connection_reuse)
{
    static const struct answer script[] = { { .text = OK } };
    struct trial t;
    trial_start(&t, script, 1);
    for (int i = 0; i < 25; i++) {
        CHECK_INT(trial_perform(&t), 0);
        CHECK_INT(t.response.status, 200);
    }
    trial_end(&t);
    CHECK_INT(t.server.requests, 25);
    CHECK_INT(t.server.connections, 1);
    trial_forget(&t);
}

struct batch {
    struct http_client *client;
    struct http_request request;
    int done, good, more;
};

static void batch_done(void *cookie, int result, struct http_response *response,
                       struct error *err)
{
    struct batch *b = cookie;
    struct error none = ERROR_INIT;
    (void)err;
    b->done++;
    b->good += result == 0 && response->status == 200;
    if (b->more > 0) {
        b->more--;
        CHECK_INT(http_start(b->client, &b->request, batch_done, b, &none), 0);
    }
}

TEST(parallel)
{
    static const struct answer script[] = { { .text = OK, .wait_for = 4 } };
    struct trial t;
    struct batch b = { .more = 10 };
    trial_start(&t, script, 1);
    t.options.connections = 4;
    CHECK_INT(http_client_new(&t.options, &t.client, &t.err), 0);
    b.client = t.client;
    b.request = t.request;
    for (int i = 0; i < 10; i++) {
        CHECK_INT(http_start(t.client, &b.request, batch_done, &b, &t.err), 0);
    }
    int before;
    do {
        before = b.done;
    } while (http_run(t.client, -1) > 0 && b.done > before);
    CHECK_INT(b.done, 20);
    CHECK_INT(b.good, 20);
    CHECK_INT(http_run(t.client, -1), 0);
    trial_end(&t);
    CHECK_INT(t.server.requests, 20);
    CHECK_INT(t.server.connections, 4);
    CHECK_INT(t.server.most_in_flight, 4);
    trial_forget(&t);
}

TEST(run_ends_in_time_and_free_cancels)
{
    static const struct answer script[] = { { .then = THEN_HANG } };
    struct trial t;
    struct batch b = { 0 };
    trial_start(&t, script, 1);
    t.options.connections = 2;
    CHECK_INT(http_client_new(&t.options, &t.client, &t.err), 0);
    for (int i = 0; i < 5; i++) {
        CHECK_INT(http_start(t.client, &t.request, batch_done, &b, &t.err), 0);
    }
    CHECK_INT(http_run(t.client, 50), 5);
    CHECK_INT(http_run(t.client, 0), 5);
    trial_end(&t);
    CHECK_INT(b.done, 0);
    CHECK(t.server.requests <= 2);
    trial_forget(&t);
}

/* ---- The trace ---- */

TEST(trace_has_no_secret)
{
    static const struct answer script[] = {
        { .text = "HTTP/1.1 500 No\r\nX-Request-Id: r\x1B[31m1\r\n"
                  "Content-Length: 10\r\n\r\nhush-body." },
        { .text = OK },
    };
    AUTO_FD int fd = make_file("hush-file", 9);
    const struct http_part parts[] = {
        { .name = "api_key", .value = "hush-key" },
        { .name = "signature", .value = "hush-signature" },
        { .name = "file", .file_fd = fd, .file_size = 9, .file_name = "hush-name.jpg" },
    };
    struct trial t;
    trial_start(&t, script, COUNT(script));
    t.options.trace_fd = make_file("", 0);
    AUTO_FREE char *url = mem_printf("%s/v1_1/demo/s--hush-si--/x.jpg"
                                     "?token=hush-query#hush", t.server.url);
    t.request.url = url;
    t.request.parts = parts;
    t.request.part_count = COUNT(parts);
    t.request.user = "hush-user";
    t.request.password = "hush-password";
    strlist_add(&t.request.headers, "X-Secret: hush-header");
    trial_run(&t);
    CHECK_INT(t.result, 0);
    AUTO_BUF struct buf trace = BUF_INIT;
    read_back(t.options.trace_fd, &trace);
    close(t.options.trace_fd);
    CHECK(!strcasestr(trace.data, "hush"));
    CHECK(!strchr(trace.data, '\x1B'));
    AUTO_FREE char *first = mem_printf("[1] > POST %s/v1_1/demo/s--...--/x.jpg\n",
                                       t.server.url);
    CHECK(strncmp(trace.data, first, strlen(first)) == 0);
    CHECK(strstr(trace.data, "[1] >   part api_key: 8 bytes\n"));
    CHECK(strstr(trace.data, "[1] >   part file: file, 9 bytes\n"));
    CHECK(strstr(trace.data, "[1] < 500 no type, 10 bytes, request r\\x1B[31m1"));
    CHECK(strstr(trace.data, "[1] = again in "));
    CHECK(strstr(trace.data, ", try 2\n"));
    CHECK(strstr(trace.data, "[1] < 200 application/json, 2 bytes, "));
    trial_forget(&t);
}

int main(void)
{
    clear_proxies();
    RUN(simple_get);
    RUN(basic_authentication);
    RUN(body);
    RUN(multipart);
    RUN(the_limit_is_reached);
    RUN(a_limit_is_shared);
    RUN(a_small_limit_is_for_one);
    RUN(large_upload);
    RUN(file_that_shrank);
    RUN(bad_urls);
    RUN(header_injection);
    RUN(broken_answers);
    RUN(oversize_answers);
    RUN(answer_limit);
    RUN(silence);
    RUN(early_answer);
    RUN(connection_reuse);
    RUN(parallel);
    RUN(run_ends_in_time_and_free_cancels);
    RUN(trace_has_no_secret);
    return test_end();
}
