/*
 * What Cloudinary's answers mean: the table of errors, when a limit ends, and the
 * picture that an answer describes.
 */
#include "../../src/store/cloudinary_answer.h"

#include "test.h"

#define SECRET "abcdefghijklmnopqrstuvwxyz1"

struct answer_case {
    int status;
    const char *type, *body;
    enum error_kind kind;
    bool retryable;
    const char *message; /* a part of it */
};

#define ERROR_BODY(text) "{\"error\":{\"message\":\"" text "\"}}"
#define JSON "application/json"
#define HTML "text/html"

static const struct answer_case answer_cases[] = {
    { 400, JSON, ERROR_BODY("Invalid image file"), ERROR_IMAGE_CORRUPT, false,
      "Invalid image file" },
    { 400, JSON, ERROR_BODY("File size too large. Got 11926513. Maximum is 10485760. "
      "Upgrade your plan to enjoy higher limits"), ERROR_IMAGE_LIMIT, false,
      "Maximum is 10485760" },
    { 400, JSON, ERROR_BODY("Maximum image size is 25 Megapixels. Requested 36.2 "
      "Megapixels"), ERROR_IMAGE_LIMIT, false, "25 Megapixels" },
    { 400, JSON, ERROR_BODY("All parts except EOF-chunk must be larger than 5mb"),
      ERROR_CONFIG, false, "chunk" },
    { 400, JSON, ERROR_BODY("Missing required parameter - api_key"), ERROR_REFUSED, false,
      "Missing required parameter - api_key" },
    { 400, JSON, ERROR_BODY("Stale request - reported time is 2024-01-01 which is more "
      "than 1 hour ago"), ERROR_CREDENTIALS, false, "too old" },
    { 401, JSON, ERROR_BODY("Stale request"), ERROR_CREDENTIALS, false, "too old" },
    { 401, JSON, ERROR_BODY("Invalid Signature 12ab. String to sign - 'context=alt=x&"
      "timestamp=1" SECRET "'."), ERROR_CREDENTIALS, false, "Invalid Signature 12ab" },
    { 401, JSON, ERROR_BODY("the secret " SECRET " is wrong"), ERROR_CREDENTIALS, false,
      "the secret *** is wrong" },
    { 401, JSON, ERROR_BODY("api_secret mismatch"), ERROR_CREDENTIALS, false,
      "mismatch" },
    { 401, HTML, "<html>", ERROR_CREDENTIALS, false, "status 401 with text/html" },
    { 403, JSON, ERROR_BODY("not allowed"), ERROR_REFUSED, false, "not allowed" },
    { 404, JSON, ERROR_BODY("Resource not found - x"), ERROR_NOT_FOUND, false, "- x" },
    { 404, JSON, ERROR_BODY("Unknown cloud"), ERROR_CREDENTIALS, false, "account" },
    { 404, HTML, "<html>", ERROR_UNAVAILABLE, false, "status 404" },
    { 409, JSON, ERROR_BODY("exists"), ERROR_REFUSED, false, "exists" },
    { 413, HTML, "<html>", ERROR_IMAGE_LIMIT, false, "too large" },
    { 418, JSON, ERROR_BODY("tea"), ERROR_REFUSED, false, "tea (status 418)" },
    { 420, JSON, ERROR_BODY("Rate Limit Exceeded. Limit of 500 api operations reached. "
      "Try again on 2024-10-04 14:00:00 UTC"), ERROR_RATE_LIMIT, true,
      "2024-10-04 14:00:00 UTC" },
    { 420, JSON, ERROR_BODY("You don't have an active subscription for Adobe"),
      ERROR_REFUSED, false, "Adobe" },
    { 420, JSON, ERROR_BODY("Concurrent update"), ERROR_REFUSED, false, "Concurrent" },
    { 423, JSON, ERROR_BODY("in progress"), ERROR_UNAVAILABLE, true, "in progress" },
    { 429, JSON, ERROR_BODY("Too many"), ERROR_RATE_LIMIT, true, "Too many" },
    { 429, HTML, "<html>", ERROR_RATE_LIMIT, true, "429" },
    { 500, JSON, ERROR_BODY("oops"), ERROR_UNAVAILABLE, true, "oops (status 500)" },
    { 502, HTML, "<html><h1>Bad gateway", ERROR_UNAVAILABLE, true, "502 with text/html" },
    { 503, "", "", ERROR_UNAVAILABLE, true, "503 with an empty body" },
    { 302, HTML, "<html>", ERROR_UNAVAILABLE, false, "302" },
    { 400, JSON, "{\"error\":", ERROR_UNAVAILABLE, false, "something broken" },
    { 400, JSON, "{}", ERROR_REFUSED, false, "no reason given" },
    { 400, JSON, "{\"error\":\"x\"}", ERROR_REFUSED, false, "no reason given" },
    { 400, JSON, "{\"error\":{\"message\":7}}", ERROR_REFUSED, false, "no reason given" },
    { 200, JSON, ERROR_BODY("odd"), ERROR_UNAVAILABLE, false, "odd" },
    { 200, HTML, "<html>", ERROR_UNAVAILABLE, true, "200 with text/html" },
    { 200, JSON, "", ERROR_UNAVAILABLE, true, "empty body" },
    { 200, JSON, "[1]", ERROR_UNAVAILABLE, true, "something broken" },
    { 200, JSON, "null", ERROR_UNAVAILABLE, true, "something broken" },
    { 200, JSON, "{\"public_id\":\"a", ERROR_UNAVAILABLE, true, "something broken" },
};

static struct http_response make_answer(int status, const char *type, const char *body)
{
    struct http_response answer = HTTP_RESPONSE_INIT;
    answer.status = status;
    snprintf(answer.content_type, sizeof answer.content_type, "%s", type);
    snprintf(answer.request_id, sizeof answer.request_id, "req-1");
    buf_addstr(&answer.body, body);
    return answer;
}

static char secret_text[] = SECRET;
static const struct cloudinary_key key = { .secret = secret_text,
                                           .algorithm = DIGEST_SHA1,
                                           .version = 2 };

TEST(error_table)
{
    for (size_t i = 0; i < sizeof answer_cases / sizeof *answer_cases; i++) {
        const struct answer_case *c = &answer_cases[i];
        struct http_response answer = make_answer(c->status, c->type, c->body);
        struct error err = ERROR_INIT;
        struct json *json = NULL;
        int before = test_failed_checks;
        CHECK_INT(cloudinary_answer_read(&answer, &key, &json, &err), -1);
        CHECK_INT(err.kind, c->kind);
        CHECK_INT(err.retryable, c->retryable);
        CHECK_INT(err.http_status, c->status);
        CHECK_STR(err.request_id, "req-1");
        CHECK(strstr(err.message, c->message) != NULL);
        CHECK(!strstr(err.message, SECRET) && !strstr(err.message, "String to sign"));
        if (test_failed_checks > before) {
            printf("# status %d, %s: %s\n", c->status, c->body, err.message);
        }
        buf_release(&answer.body);
    }
}

static int reset_of(const char *body, const char *header, int retry_after)
{
    struct http_response answer = make_answer(420, JSON, body);
    struct error err = ERROR_INIT;
    struct json *json;
    snprintf(answer.reset, sizeof answer.reset, "%s", header);
    answer.retry_after = retry_after;
    answer.date = 1728050000000; /* 2024-10-04T13:53:20Z */
    CHECK_INT(cloudinary_answer_read(&answer, &key, &json, &err), -1);
    CHECK_INT(err.kind, ERROR_RATE_LIMIT);
    buf_release(&answer.body);
    return err.retry_after;
}

TEST(reset_times)
{
    CHECK_INT(reset_of(ERROR_BODY("Rate Limit Exceeded. Try again on 2024-10-04 14:00:00 "
                                  "UTC"), "", 0), 400);
    CHECK_INT(reset_of(ERROR_BODY("Rate Limit"), "Fri, 04 Oct 2024 13:53:50 GMT", 0), 30);
    CHECK_INT(reset_of(ERROR_BODY("Rate Limit"), "Fri, 04 Oct 2024 13:53:50 GMT", 7), 7);
    CHECK_INT(reset_of(ERROR_BODY("Rate Limit"), "Fri, 04 Oct 2024 13:00:00 GMT", 0), 0);
    CHECK_INT(reset_of(ERROR_BODY("Rate Limit"), "1728050010", 0), 0);
    CHECK_INT(reset_of(ERROR_BODY("Try again on 2024-10-04"), "", 0), 0);
    CHECK_INT(reset_of(ERROR_BODY("Try again on 9999-99-99 99:99:99 UTC"), "", 0), 0);
    CHECK_INT(reset_of(ERROR_BODY("Try again on 9024-10-04 14:00:00 UTC"), "", 0), 0);
}

/* The error's code, or "public_id version format bytes existing". */
static void check_stored(const char *body, const char *expected)
{
    struct http_response answer = make_answer(200, JSON, body);
    struct error err = ERROR_INIT;
    struct stored s = { .url = NULL };
    struct json *json = NULL;
    AUTO_BUF struct buf got = BUF_INIT;
    CHECK_INT(cloudinary_answer_read(&answer, &key, &json, &err), 0);
    if (cloudinary_answer_stored(json, &key, &s, &err) < 0) {
        buf_addstr(&got, error_code(err.kind));
        CHECK(s.url == NULL);
    } else {
        buf_addf(&got, "%s %" PRId64 " %s %" PRId64 " %s %s %d", s.public_id, s.version,
                 s.format ? s.format : "-", s.bytes, s.resource_type, s.delivery_type,
                 s.existing);
    }
    CHECK_STR(got.data, expected);
    stored_release(&s);
    json_free(json);
    buf_release(&answer.body);
}

TEST(stored_answers)
{
#define URL "\"secure_url\":\"https://res.cloudinary.com/d/image/upload/v1/a.jpg\""
    check_stored("{\"public_id\":\"a\"," URL "}", "a 0 - 0 image upload 0");
    check_stored("{\"public_id\":\"a\"," URL ",\"version\":1312461204,\"format\":\"jpg\","
                 "\"bytes\":9000000000,\"type\":\"private\",\"existing\":true,"
                 "\"new\":[{}]}", "a 1312461204 jpg 9000000000 image private 1");
    check_stored("{\"public_id\":\"sample\",\"version\":1312461204," URL ",\"signature\":"
                 "\"1419b8678cdc2b7605c8c7a6cca56e7c31f5a377\"}",
                 "sample 1312461204 - 0 image upload 0");
    check_stored("{\"public_id\":\"sample\",\"version\":1312461205," URL ",\"signature\":"
                 "\"1419b8678cdc2b7605c8c7a6cca56e7c31f5a377\"}", "provider.unavailable");
    check_stored("{\"public_id\":\"a\"," URL ",\"signature\":\"\"}",
                 "provider.unavailable");
    check_stored("{\"public_id\":\"a\"," URL ",\"format\":\"../../x\",\"type\":\"a/b\"}",
                 "a 0 - 0 image upload 0");
    check_stored("{}", "provider.unavailable");
    check_stored("{\"public_id\":\"a\"}", "provider.unavailable");
    check_stored("{\"public_id\":null," URL "}", "provider.unavailable");
    check_stored("{\"public_id\":\"\"," URL "}", "provider.unavailable");
    check_stored("{\"public_id\":7," URL "}", "provider.unavailable");
    check_stored("{\"public_id\":\"a\",\"secure_url\":\"javascript:x\"}",
                 "provider.unavailable");
    check_stored("{\"done\":false,\"bytes\":6000000}", "provider.unavailable");
#undef URL
}

TEST(stale_answers)
{
    static const struct { int status; const char *body; bool stale; } cases[] = {
        { 400, ERROR_BODY("Stale request - reported time is x"), true },
        { 401, ERROR_BODY("Stale request - reported time is x"), true },
        { 200, ERROR_BODY("Stale request"), false },
        { 400, ERROR_BODY("Invalid image file"), false },
        { 401, "", false },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct http_response answer = make_answer(cases[i].status, JSON, cases[i].body);
        CHECK_INT(cloudinary_answer_is_stale(&answer), cases[i].stale);
        buf_release(&answer.body);
    }
}

int main(void)
{
    RUN(error_table);
    RUN(reset_times);
    RUN(stored_answers);
    RUN(stale_answers);
    return test_end();
}
