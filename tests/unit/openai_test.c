/*
 * The whole way: a request to a scripted server, and what becomes of its answer.
 */
#include "imgctl/generator.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../src/generator/base64.h"
#include "http_trial.h"

#define KEY "sk-hush-hush"
/* The smallest PNG: one grey pixel. */
#define PIXEL                                                                          \
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJ" \
    "RU5ErkJggg=="
#define USAGE                                                                    \
    "\"usage\":{\"total_tokens\":110,\"input_tokens\":10,\"input_tokens_details\":{" \
    "\"text_tokens\":4,\"image_tokens\":6},\"output_tokens\":100}"
#define GOOD "{\"created\":5,\"data\":[{\"b64_json\":\"" PIXEL "\"}]," USAGE \
             ",\"size\":\"1024x1024\",\"quality\":\"low\",\"output_format\":\"png\"}"

struct run {
    struct server server;
    struct answer script[4];
    size_t script_len;
    char *texts[4];
    char *port_at;          /* five characters for the server's port; NULL */

    struct config *config;
    struct generate_request request;
    struct generate_answer answer;
    int fds[GENERATE_COUNT];
    int opened, give_up_after, ticks;
    int trace_fd;
    struct error err;
    int result;
};

static int open_picture(void *cookie, int index, struct error *err)
{
    struct run *run = cookie;
    CHECK_INT(index, run->opened);
    run->opened++;
    run->fds[index] = file_scratch(err);
    return run->fds[index];
}

static int count_tick(void *cookie, int64_t received)
{
    struct run *run = cookie;
    (void)received;
    return run->give_up_after > 0 && ++run->ticks >= run->give_up_after;
}

/* One more answer in the script. */
static void add(struct run *run, int status, const char *headers, const char *body,
                enum then then)
{
    size_t i = run->script_len++;
    run->texts[i] = mem_printf("HTTP/1.1 %d X\r\nContent-Type: application/json\r\n"
                               "X-Request-Id: req_%zu\r\n%sContent-Length: %zu\r\n\r\n%s",
                               status, i + 1, headers, strlen(body), body);
    run->script[i] = (struct answer){ .text = run->texts[i], .then = then };
}

static void begin(struct run *run)
{
    *run = (struct run){ .trace_fd = -1 };
    run->request = (struct generate_request){ .model = "gpt-image-2.5-flare",
        .prompt = "a hush-prompt", .count = 1, .compression = -1, .quality = "low",
        .client_id = "job-7", .open = open_picture, .tick = count_tick };
}

/* Generate, with the base URL on the server. */
static void go(struct run *run)
{
    struct generator *g = NULL;
    struct error err = ERROR_INIT;
    run->request.cookie = run;
    server_start(&run->server, run->script, run->script_len);
    if (run->port_at) {
        char port[8];
        snprintf(port, sizeof port, "%05d", run->server.port);
        memcpy(run->port_at, port, 5);
    }
    AUTO_FREE char *url = mem_printf("%s/v1/", run->server.url);
    setenv("OPENAI_BASE_URL", url, 1);
    setenv("OPENAI_API_KEY", KEY, 1);
    setenv("IMGCTL_HTTP_RETRY_BASE", "1", 1);
    setenv("IMGCTL_CONFIG", "/nonexistent/config", 1);
    CHECK_INT(config_load(NULL, &run->config, &err), 0);
    struct generator_context context = { run->config, run->trace_fd };
    CHECK_INT(generator_open("openai", &context, &g, &err), 0);
    CHECK_STR(err.message, "");
    CHECK(!g->is_official && !g->ops->is_free);
    run->result = g->ops->generate(g, &run->request, &run->answer, &run->err);
    CHECK((run->result < 0) == (run->err.kind != ERROR_NONE));
    CHECK(!strstr(run->err.message, KEY) && !strstr(run->err.message, "hush-prompt"));
    generator_close(g);
    server_stop(&run->server);
}

static void end(struct run *run)
{
    for (int i = 0; i < run->opened; i++) {
        struct stat st;
        CHECK_INT(fstat(run->fds[i], &st), 0);
        CHECK((st.st_size > 0) == (i < run->answer.count)); /* no leftovers */
        close(run->fds[i]);
    }
    for (size_t i = 0; i < run->script_len; i++) {
        free(run->texts[i]);
    }
    generate_answer_release(&run->answer);
    config_free(run->config);
    server_forget(&run->server);
}

/* One answer of BODY: the kind of error, and how many pictures there are. */
static void check_body(const char *body, int count, enum error_kind kind, int pictures)
{
    struct run run;
    begin(&run);
    run.request.count = count;
    add(&run, 200, "", body, THEN_KEEP);
    go(&run);
    int before = test_failed_checks;
    CHECK_STR(error_code(run.err.kind), error_code(kind));
    CHECK_INT(run.answer.count, pictures);
    CHECK_INT(run.server.requests, 1);
    CHECK(run.answer.sent);
    CHECK_STR(run.answer.request_id, "req_1");
    if (test_failed_checks > before) {
        printf("# %.200s: %s\n", body, run.err.message);
    }
    end(&run);
}

TEST(success)
{
    struct run run;
    begin(&run);
    add(&run, 200, "", GOOD, THEN_KEEP);
    setenv("OPENAI_ORG_ID", "org-9", 1);
    unsetenv("OPENAI_PROJECT_ID");
    go(&run);
    CHECK_INT(run.result, 0);
    CHECK_STR(run.err.message, "");
    const struct generate_answer *a = &run.answer;
    CHECK(a->count == 1 && a->attempts == 1 && a->sent && a->created == 5000);
    CHECK(a->usage.known && a->usage.text_in == 4 && a->usage.image_in == 6 &&
          a->usage.image_out == 100 && a->usage.text_out == 0);
    CHECK_STR(a->size, "1024x1024");
    CHECK_STR(a->quality, "low");
    CHECK_STR(a->output_format, "png");
    CHECK_STR(a->background, "");
    const char *head = run.server.last.data;
    CHECK(strncmp(head, "POST /v1/images/generations HTTP/1.1\r\n", 38) == 0);
    CHECK(strstr(head, "\r\nAuthorization: Bearer " KEY "\r\n"));
    CHECK(strstr(head, "\r\nContent-Type: application/json\r\n"));
    CHECK(strstr(head, "\r\nX-Client-Request-Id: job-7\r\n"));
    CHECK(strstr(head, "\r\nOpenAI-Organization: org-9\r\n"));
    CHECK(!strstr(head, "OpenAI-Project"));
    CHECK(strstr(head, "\r\n\r\n{\"model\":\"gpt-image-2.5-flare\",\"prompt\":"
                 "\"a hush-prompt\",\"n\":1,\"quality\":\"low\"}"));
    end(&run);
    unsetenv("OPENAI_ORG_ID");
}

#define ITEM "{\"b64_json\":\"" PIXEL "\"}"
#define DATA(items) "{\"data\":[" items "]}"

TEST(answers)
{
    static const struct { const char *body; int count; enum error_kind kind; int have; }
    cases[] = {
        { DATA(ITEM), 1, ERROR_NONE, 1 },
        { DATA(ITEM "," ITEM), 2, ERROR_NONE, 2 },
        { DATA(ITEM "," ITEM "," ITEM), 2, ERROR_NONE, 2 },
        { DATA(ITEM), 3, ERROR_NONE, 1 },
        { DATA("{\"url\":\"data:image/png;base64," PIXEL "\"}"), 1, ERROR_NONE, 1 },
        { DATA("{\"b64_json\":\"" PIXEL "\",\"url\":\"http://10.0.0.1/x.png\"}"), 1,
          ERROR_NONE, 1 },
        { DATA("{\"b64_json\":\"" PIXEL "\",\"url\":null}"), 1, ERROR_NONE, 1 },
        { "{}", 1, ERROR_UNKNOWN, 0 },
        { "{\"data\":[]}", 1, ERROR_UNKNOWN, 0 },
        { "{\"data\":null}", 1, ERROR_UNKNOWN, 0 },
        { "{\"data\":{}}", 1, ERROR_UNKNOWN, 0 },
        { DATA("{}"), 1, ERROR_UNKNOWN, 0 },
        { DATA("{\"b64_json\":\"\"}"), 1, ERROR_UNKNOWN, 0 },
        { DATA("{\"b64_json\":\"aGVsbG8gd29ybGQhIQ==\"}"), 1, ERROR_UNKNOWN, 0 },
        { DATA("{\"b64_json\":\"iVBORw0KGgoAAAANSUhEUgAA\"}"), 1, ERROR_UNKNOWN, 0 },
        { DATA("{\"b64_json\":\"iVBORw0KGgoAAAANSUhEUgAAA\"}"), 1, ERROR_UNKNOWN, 0 },
        { DATA("{\"b64_json\":\"aGVsbG8gd29ybGQhIQ==\"}," ITEM), 2, ERROR_UNKNOWN, 1 },
        { DATA(ITEM ",{\"b64_json\":\"%%%\"}"), 2, ERROR_UNKNOWN, 1 },
        { DATA("{\"url\":\"http://169.254.169.254/x.png\"}"), 1, ERROR_UNKNOWN, 0 },
        { DATA("{\"url\":\"http://127.0.0.1:9/x.png\"}"), 1, ERROR_UNKNOWN, 0 },
        { DATA("{\"url\":\"http://localhost:9/x.png\"}"), 1, ERROR_UNKNOWN, 0 },
        { DATA("{\"url\":\"file:///etc/passwd\"}"), 1, ERROR_UNKNOWN, 0 },
        { DATA("{\"url\":\"https://u:p@x/\"}"), 1, ERROR_UNKNOWN, 0 },
        { DATA("{\"url\":\"x\"}," ITEM), 2, ERROR_UNKNOWN, 1 },
        { "<html>hello</html>", 1, ERROR_UNKNOWN, 0 },
        { "", 1, ERROR_UNKNOWN, 0 },
        { "{\"data\":[" ITEM "]", 1, ERROR_UNKNOWN, 1 },
        { "{\"data\":[" ITEM "]}}", 1, ERROR_UNKNOWN, 1 },
        { "{\"data\":[{\"b64_json\":\"" PIXEL, 1, ERROR_UNKNOWN, 0 },
        { "{\"error\":{\"message\":\"no\"}}", 1, ERROR_UNKNOWN, 0 },
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        check_body(cases[i].body, cases[i].count, cases[i].kind, cases[i].have);
    }
}

/* A picture that the disk does not take is lost; the next one, and what was used, not. */
TEST(disk_that_is_full)
{
    AUTO_BUF struct buf body = BUF_INIT;
    struct rlimit before, small;
    struct run run;
    buf_addstr(&body, "{\"data\":[{\"b64_json\":\"");
    for (int i = 0; i < 20000; i++) {
        buf_addch(&body, 'A');
    }
    buf_addstr(&body, "\"}," ITEM "]," USAGE "}");
    begin(&run);
    run.request.count = 2;
    add(&run, 200, "", body.data, THEN_KEEP);
    fflush(stdout);
    signal(SIGXFSZ, SIG_IGN);
    CHECK_INT(getrlimit(RLIMIT_FSIZE, &before), 0);
    small = before;
    small.rlim_cur = 1000;
    CHECK_INT(setrlimit(RLIMIT_FSIZE, &small), 0);
    go(&run);
    CHECK_INT(setrlimit(RLIMIT_FSIZE, &before), 0);
    CHECK_INT(run.err.kind, ERROR_UNKNOWN);
    CHECK_STR(strstr(run.err.message, "cannot be kept"),
              "cannot be kept: picture 1 of the answer: cannot write it: File too large");
    CHECK_INT(run.answer.count, 1);
    CHECK(run.answer.usage.known);
    end(&run);
}

/* A server that splits what was used only in part has used the rest as well. */
TEST(usage_in_part)
{
    struct run run;
    begin(&run);
    add(&run, 200, "", "{\"data\":[" ITEM "],\"usage\":{\"input_tokens\":30,"
        "\"input_tokens_details\":{\"image_tokens\":6},\"output_tokens\":4170,"
        "\"output_tokens_details\":{\"text_tokens\":10}}}", THEN_KEEP);
    go(&run);
    const struct generate_usage *u = &run.answer.usage;
    CHECK_INT(run.result, 0);
    CHECK(u->known && u->text_in == 24 && u->image_in == 6);
    CHECK(u->image_out == 4160 && u->text_out == 10);
    end(&run);
}

TEST(deep_and_large)
{
    AUTO_BUF struct buf deep = BUF_INIT;
    AUTO_BUF struct buf large = BUF_INIT;
    for (int i = 0; i < 100000; i++) {
        buf_addstr(&deep, "{\"a\":");
        buf_addstr(&large, i ? "," : "{\"data\":[");
        buf_addstr(&large, "{}");
    }
    check_body(deep.data, 1, ERROR_UNKNOWN, 0);
    check_body(large.data, 1, ERROR_UNKNOWN, 0);
}

/* However the answer is cut, the outcome is unknown and nothing is sent again. */
TEST(every_cut)
{
    size_t len = strlen(GOOD);
    for (size_t cut = 0; cut < len; cut += cut % 100 < 90 ? 10 : 1) {
        struct run run;
        begin(&run);
        add(&run, 200, "", GOOD, THEN_CLOSE);
        run.script[0].len = strlen(run.texts[0]) - len + cut;
        go(&run);
        CHECK_INT(run.err.kind, ERROR_UNKNOWN);
        CHECK(run.answer.sent);
        CHECK_INT(run.server.requests, 1);
        CHECK(strstr(run.err.hint, "may have been paid for"));
        end(&run);
    }
}

/* Base64 without end: given up at the limit, and half a picture is left nowhere. */
TEST(endless_picture)
{
    AUTO_BUF struct buf text = BUF_INIT;
    buf_addstr(&text, "HTTP/1.1 200 OK\r\n\r\n{\"data\":[{\"b64_json\":\"");
    size_t head = text.len;
    for (int i = 0; i < 65536; i++) {
        buf_addch(&text, 'A');
    }
    struct run run;
    begin(&run);
    run.script[run.script_len++] = (struct answer){ .text = text.data, .repeat = 1100,
        .repeat_from = head, .then = THEN_CLOSE };
    go(&run);
    CHECK_INT(run.err.kind, ERROR_UNKNOWN);
    CHECK(strstr(run.err.message, "larger than 67108864 bytes"));
    CHECK_INT(run.opened, 1);
    end(&run);
}

TEST(no_answer)
{
    static const enum then thens[] = { THEN_CLOSE, THEN_RESET };
    for (size_t i = 0; i < 2; i++) {
        struct run run;
        begin(&run);
        run.script[run.script_len++] = (struct answer){ .text = NULL, .then = thens[i] };
        go(&run);
        CHECK_INT(run.err.kind, ERROR_UNKNOWN);
        CHECK(run.answer.sent && run.answer.count == 0);
        CHECK_INT(run.server.requests, 1);
        end(&run);
    }
}

#define REFUSAL(type, code)                                                              \
    "{\"error\":{\"message\":\"" KEY " a hush-\",\"type\":\"" type "\",\"code\":\"" code \
    "\"}}"

/* What is sent again, and what is not. */
TEST(repeats)
{
    static const struct {
        int status; const char *headers, *body; enum error_kind kind; int requests;
        const char *code;
    } cases[] = {
        { 429, "", REFUSAL("images", "rate_limit_exceeded"), ERROR_NONE, 2, "" },
        { 429, "Retry-After: 0\r\n", REFUSAL("x", "slow_down"), ERROR_NONE, 2, "" },
        { 429, "Retry-After: 1000\r\n", REFUSAL("x", "slow_down"), ERROR_RATE_LIMIT, 1,
          "" },
        { 503, "", REFUSAL("service_unavailable_error", "server_is_overloaded"),
          ERROR_NONE, 2, "" },
        { 429, "", REFUSAL("insufficient_quota", "credit_balance_exhausted"), ERROR_LIMIT,
          1, "credit_balance_exhausted" },
        { 429, "Retry-After: 1\r\n", REFUSAL("insufficient_quota", "insufficient_quota"),
          ERROR_LIMIT, 1, "insufficient_quota" },
        { 500, "", REFUSAL("server_error", "x"), ERROR_UNAVAILABLE, 1, "x" },
        { 500, "", "", ERROR_UNKNOWN, 1, "" },
        { 502, "", "<html>", ERROR_UNKNOWN, 1, "" },
        { 503, "", "<html>", ERROR_UNKNOWN, 1, "" },
        { 504, "", "<html>", ERROR_UNKNOWN, 1, "" },
        { 408, "", "", ERROR_UNAVAILABLE, 1, "" },
        { 401, "", REFUSAL("x", "invalid_api_key"), ERROR_CREDENTIALS, 1,
          "invalid_api_key" },
        { 400, "", REFUSAL("x", "moderation_blocked"), ERROR_REFUSED, 1,
          "moderation_blocked" },
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct run run;
        begin(&run);
        add(&run, cases[i].status, cases[i].headers, cases[i].body, THEN_KEEP);
        add(&run, 200, "", GOOD, THEN_KEEP);
        go(&run);
        int before = test_failed_checks;
        CHECK_STR(error_code(run.err.kind), error_code(cases[i].kind));
        CHECK_INT(run.server.requests, cases[i].requests);
        CHECK_INT(run.answer.attempts, cases[i].requests);
        CHECK_STR(run.answer.error_code, cases[i].code);
        if (test_failed_checks > before) {
            printf("# %d %s: %s\n", cases[i].status, cases[i].body, run.err.message);
        }
        end(&run);
    }
}

TEST(format_is_dropped_once)
{
    static const char refusal[] = "{\"error\":{\"message\":\"x\",\"param\":"
                                  "\"response_format\",\"code\":\"unknown_parameter\"}}";
    struct run run;
    begin(&run);
    run.request.response_format = "b64_json";
    add(&run, 400, "", refusal, THEN_KEEP);
    add(&run, 200, "", GOOD, THEN_KEEP);
    go(&run);
    CHECK_INT(run.result, 0);
    CHECK_INT(run.server.requests, 2);
    CHECK(!strstr(run.server.last.data, "response_format"));
    CHECK(strstr(run.server.all.data, "\"response_format\":\"b64_json\""));
    end(&run);
    begin(&run);
    run.request.response_format = "b64_json";
    add(&run, 400, "", refusal, THEN_KEEP);
    go(&run);
    CHECK_INT(run.err.kind, ERROR_USAGE);
    CHECK_INT(run.server.requests, 2);
    end(&run);
}

static size_t pixel_bytes(unsigned char out[128])
{
    struct base64 b = { .bits = 0 };
    size_t n = 0;
    for (const char *p = PIXEL; *p; p++) {
        n += (size_t)base64_take(&b, (unsigned char)*p, out + n);
    }
    return n;
}

/* A link to the server itself is fetched from there, and without the key. Its port is
 * known when it runs: the answer has room for it. */
TEST(own_link)
{
    unsigned char pixel[128];
    size_t len = pixel_bytes(pixel);
    AUTO_BUF struct buf picture = BUF_INIT;
    buf_addf(&picture, "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n\r\n", len);
    buf_add(&picture, pixel, len);
    struct run run;
    begin(&run);
    add(&run, 200, "", "{\"data\":[{\"url\":\"http://127.0.0.1:@@@@@/a\","
        "\"revised_prompt\":\"better\"}]}", THEN_KEEP);
    run.script[run.script_len++] = (struct answer){ .text = picture.data,
                                                    .len = picture.len };
    run.port_at = strstr(run.texts[0], "@@@@@");
    go(&run);
    CHECK_INT(run.result, 0);
    CHECK_STR(run.err.message, "");
    CHECK_STR(run.answer.revised_prompt[0], "better");
    CHECK_INT(run.server.requests, 2);
    CHECK(strncmp(run.server.last.data, "GET /a HTTP/1.1\r\n", 17) == 0);
    CHECK(!strstr(run.server.last.data, "Authorization"));
    CHECK(!run.answer.usage.known);
    end(&run);
}

TEST(given_up)
{
    struct run run;
    begin(&run);
    run.give_up_after = 2;
    run.script[run.script_len++] = (struct answer){ .text = NULL, .then = THEN_HANG };
    go(&run);
    CHECK_INT(run.err.kind, ERROR_UNKNOWN);
    CHECK(run.answer.sent);
    CHECK_INT(run.ticks, 2);
    CHECK_INT(run.server.requests, 1);
    end(&run);
}

TEST(time_limit)
{
    struct run run;
    begin(&run);
    run.request.timeout = 1;
    run.script[run.script_len++] = (struct answer){ .text = NULL, .then = THEN_HANG };
    go(&run);
    CHECK_INT(run.err.kind, ERROR_UNKNOWN);
    CHECK(strstr(run.err.message, "answered nothing for 1 s"));
    end(&run);
}

/* Nobody listens there: it may be tried again, and is certainly not paid for. */
TEST(certainly_unsent)
{
    static const struct answer script[] = { { .text = "", .then = THEN_CLOSE } };
    struct server gone;
    struct run run;
    struct generator *g = NULL;
    server_start(&gone, script, 1);
    server_stop(&gone);
    server_forget(&gone);
    begin(&run);
    run.request.cookie = &run;
    setenv("OPENAI_BASE_URL", gone.url, 1);
    setenv("IMGCTL_HTTP_RETRIES", "1", 1);
    CHECK_INT(config_load(NULL, &run.config, &run.err), 0);
    struct generator_context context = { run.config, -1 };
    CHECK_INT(generator_open("openai", &context, &g, &run.err), 0);
    CHECK_INT(g->ops->generate(g, &run.request, &run.answer, &run.err), -1);
    CHECK_INT(run.err.kind, ERROR_NETWORK);
    CHECK(!run.answer.sent);
    CHECK_INT(run.answer.attempts, 2);
    generator_close(g);
    config_free(run.config);
    unsetenv("IMGCTL_HTTP_RETRIES");
}

TEST(trace_has_no_secret)
{
    struct run run;
    begin(&run);
    run.trace_fd = file_scratch(&run.err);
    add(&run, 429, "", REFUSAL("x", "slow_down"), THEN_KEEP);
    add(&run, 200, "", GOOD, THEN_KEEP);
    go(&run);
    AUTO_BUF struct buf trace = BUF_INIT;
    read_back(run.trace_fd, &trace);
    close(run.trace_fd);
    CHECK(strstr(trace.data, "POST http://127.0.0.1:"));
    CHECK(strstr(trace.data, "/v1/images/generations"));
    CHECK(!strstr(trace.data, "hush"));
    CHECK(!strstr(trace.data, "iVBOR"));
    end(&run);
}

TEST(wrong_requests)
{
    static const struct { const char *prompt; int count; } cases[] = {
        { "\xff", 1 }, { "x", 0 }, { "x", 11 } };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct run run;
        begin(&run);
        run.request.prompt = cases[i].prompt;
        run.request.count = cases[i].count;
        add(&run, 200, "", GOOD, THEN_KEEP);
        go(&run);
        CHECK_INT(run.err.kind, ERROR_USAGE);
        CHECK_INT(run.server.requests, 0);
        CHECK(!run.answer.sent);
        end(&run);
    }
}

int main(void)
{
    clear_proxies();
    RUN(success);
    RUN(answers);
    RUN(disk_that_is_full);
    RUN(usage_in_part);
    RUN(deep_and_large);
    RUN(every_cut);
    RUN(endless_picture);
    RUN(no_answer);
    RUN(repeats);
    RUN(format_is_dropped_once);
    RUN(own_link);
    RUN(given_up);
    RUN(time_limit);
    RUN(certainly_unsent);
    RUN(trace_has_no_secret);
    RUN(wrong_requests);
    return test_end();
}
