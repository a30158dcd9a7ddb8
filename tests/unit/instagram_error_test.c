/*
 * What Instagram's errors mean, by number: every known one, and answers that are none.
 */
#include "../../src/publisher/instagram_error.h"

#include "test.h"

#include "imgctl/mem.h"

struct number_case {
    int code, subcode;
    enum error_kind kind;
    enum instagram_remedy remedy;
    const char *message; /* a part of it */
};

static const struct number_case numbers[] = {
    { 36000, 2207004, ERROR_RULE, REMEDY_NONE, "too many bytes" },
    { 36001, 2207005, ERROR_RULE, REMEDY_NONE, "format" },
    { 36003, 2207009, ERROR_RULE, REMEDY_NONE, "shape" },
    { 36004, 2207010, ERROR_RULE, REMEDY_NONE, "caption" },
    { 9004, 2207052, ERROR_UNAVAILABLE, REMEDY_AGAIN, "could not fetch" },
    { -2, 2207003, ERROR_UNAVAILABLE, REMEDY_AGAIN, "too long" },
    { -2, 2207020, ERROR_UNAVAILABLE, REMEDY_CONTAINER, "too old" },
    { -2, 1, ERROR_UNAVAILABLE, REMEDY_AGAIN, "too long" },
    { -1, 2207001, ERROR_UNAVAILABLE, REMEDY_AGAIN, "of its own" },
    { -1, 2207032, ERROR_UNAVAILABLE, REMEDY_AGAIN, "of its own" },
    { -1, 2207053, ERROR_UNAVAILABLE, REMEDY_CONTAINER, "upload" },
    { 1, 0, ERROR_UNAVAILABLE, REMEDY_AGAIN, "of its own" },
    { 2, 0, ERROR_UNAVAILABLE, REMEDY_AGAIN, "of its own" },
    { 9007, 2207027, ERROR_UNAVAILABLE, REMEDY_WAIT, "not ready" },
    { 24, 2207006, ERROR_UNAVAILABLE, REMEDY_CONTAINER, "know the container" },
    { 24, 2207008, ERROR_UNAVAILABLE, REMEDY_CONTAINER, "know the container" },
    { 9, 2207042, ERROR_LIMIT, REMEDY_NONE, "used up" },
    { 4, 2207051, ERROR_REFUSED, REMEDY_ASK, "spam" },
    { 368, 0, ERROR_REFUSED, REMEDY_ASK, "blocked" },
    { 25, 2207050, ERROR_REFUSED, REMEDY_NONE, "restricted" },
    { 352, 2207026, ERROR_RULE, REMEDY_NONE, "video" },
    { 100, 2207023, ERROR_USAGE, REMEDY_NONE, "parameter" },
    { 100, 2207028, ERROR_USAGE, REMEDY_NONE, "2 to 10" },
    { 100, 2207040, ERROR_USAGE, REMEDY_NONE, "parameter" },
    { 100, 33, ERROR_UNAVAILABLE, REMEDY_CONTAINER, "gone" },
    { 190, 463, ERROR_CREDENTIALS, REMEDY_NONE, "not valid" },
    { 102, 0, ERROR_CREDENTIALS, REMEDY_NONE, "session" },
    { 10, 0, ERROR_CREDENTIALS, REMEDY_NONE, "permission" },
    { 200, 2207013, ERROR_CREDENTIALS, REMEDY_NONE, "permission" },
    { 4, 0, ERROR_RATE_LIMIT, REMEDY_NONE, "too many requests" },
    { 17, 0, ERROR_RATE_LIMIT, REMEDY_NONE, "too many requests" },
    { 32, 0, ERROR_RATE_LIMIT, REMEDY_NONE, "too many requests" },
    { 613, 0, ERROR_RATE_LIMIT, REMEDY_NONE, "too many requests" },
    { 80001, 0, ERROR_RATE_LIMIT, REMEDY_NONE, "too many requests" },
    { 80002, 0, ERROR_RATE_LIMIT, REMEDY_NONE, "too many requests" },
    { 424242, 7, ERROR_REFUSED, REMEDY_ASK, "refused this" },
    { 0, 0, ERROR_REFUSED, REMEDY_ASK, "refused this" },
};

static int read_text(int status, const char *text, size_t len,
                     enum instagram_remedy *remedy, struct error *err)
{
    struct http_response answer = HTTP_RESPONSE_INIT;
    struct json *document = NULL;
    answer.status = status;
    buf_add(&answer.body, text, len);
    int result = instagram_answer(&answer, &document, remedy, err);
    CHECK(result == 0 || !document);
    json_free(document);
    http_response_release(&answer);
    return result;
}

static void check_number(const struct number_case *c)
{
    struct error err = ERROR_INIT;
    enum instagram_remedy remedy;
    char where[64];
    int before = test_failed_checks;
    AUTO_FREE char *text = mem_printf(
        "{\"error\":{\"message\":\"en fran\\u00e7ais\",\"code\":%d,\"error_subcode\":%d,"
        "\"fbtrace_id\":\"Trace1\"}}", c->code, c->subcode);
    CHECK_INT(read_text(400, text, strlen(text), &remedy, &err), -1);
    CHECK_STR(error_code(err.kind), error_code(c->kind));
    CHECK_INT(remedy, c->remedy);
    CHECK(strstr(err.message, c->message));
    CHECK(strstr(err.message, "en français"));
    snprintf(where, sizeof where, c->subcode ? "(error %d/%d)" : "(error %d)", c->code,
             c->subcode);
    CHECK(strstr(err.message, where));
    CHECK_STR(err.request_id, "Trace1");
    CHECK_INT(err.http_status, 400);
    CHECK_INT(err.retryable,
              c->kind == ERROR_UNAVAILABLE || c->kind == ERROR_RATE_LIMIT);
    if (test_failed_checks > before) {
        printf("# %d/%d: %s\n", c->code, c->subcode, err.message);
    }
}

TEST(every_number)
{
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        check_number(&numbers[i]);
    }
}

TEST(users_words_come_first)
{
    struct error err = ERROR_INIT;
    const char *text = "{\"error\":{\"message\":\"dull\",\"error_user_msg\":\"for you\","
                       "\"code\":36003}}";
    CHECK_INT(read_text(400, text, strlen(text), NULL, &err), -1);
    CHECK(strstr(err.message, "for you") && !strstr(err.message, "dull"));
}

TEST(answers_that_are_none)
{
    static const struct {
        int status;
        const char *text;
        enum error_kind kind;
    } odd[] = {
        { 200, "", ERROR_UNAVAILABLE },
        { 200, "null", ERROR_UNAVAILABLE },
        { 200, "[{\"id\":\"1\"}]", ERROR_UNAVAILABLE },
        { 200, "\"1\"", ERROR_UNAVAILABLE },
        { 200, "{\"id\":\"1\"", ERROR_UNAVAILABLE },
        { 200, "{\"id\":\"1\"} {}", ERROR_UNAVAILABLE },
        { 403, "<html>no</html>", ERROR_REFUSED },
        { 502, "<html>bad</html>", ERROR_UNAVAILABLE },
        { 400, "{}", ERROR_REFUSED },
        { 500, "{\"id\":\"1\"}", ERROR_UNAVAILABLE },
        { 200, "{\"error\":\"words\"}", ERROR_REFUSED },
        { 200, "{\"error\":[]}", ERROR_REFUSED },
        { 400, "{\"error\":{\"code\":\"36003\"}}", ERROR_REFUSED },
        { 400, "{\"error\":{\"code\":36003.5}}", ERROR_REFUSED },
        { 400, "{\"error\":{\"code\":99999999999999999999}}", ERROR_REFUSED },
        { 400, "{\"error\":{\"code\":-9223372036854775808,\"message\":[]}}",
          ERROR_REFUSED },
        { 500, "{\"error\":{\"code\":true,\"message\":5}}", ERROR_UNAVAILABLE },
    };
    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
        struct error err = ERROR_INIT;
        enum instagram_remedy remedy = REMEDY_NONE;
        CHECK_INT(read_text(odd[i].status, odd[i].text, strlen(odd[i].text), &remedy,
                            &err), -1);
        CHECK_STR(error_code(err.kind), error_code(odd[i].kind));
        CHECK_INT(remedy, REMEDY_ASK); /* none of them proves anything */
        CHECK(err.message[0] != '\0');
    }
}

TEST(deep_and_long)
{
    struct error err = ERROR_INIT;
    AUTO_BUF struct buf deep = BUF_INIT, lengthy = BUF_INIT;
    buf_addstr(&deep, "{\"error\":");
    for (int i = 0; i < 100000; i++) {
        buf_addstr(&deep, "{\"error\":");
    }
    CHECK_INT(read_text(400, deep.data, deep.len, NULL, &err), -1);
    buf_addstr(&lengthy, "{\"error\":{\"code\":36003,\"message\":\"");
    for (int i = 0; i < 100000; i++) {
        buf_addstr(&lengthy, "\\u00e4%s%n");
    }
    buf_addstr(&lengthy, "\"}}");
    CHECK_INT(read_text(400, lengthy.data, lengthy.len, NULL, &err), -1);
    CHECK_INT(err.kind, ERROR_RULE);
    CHECK(strlen(err.message) < sizeof err.message);
    CHECK_INT(read_text(200, "{\"id\":\"1\0\"}", 11, NULL, &err), -1);
}

TEST(containers)
{
    static const struct {
        const char *status;
        enum error_kind kind;
        const char *message;
    } cases[] = {
        { "Error: Media upload has failed with error code 2207052", ERROR_UNAVAILABLE,
          "could not fetch" },
        { "2207009", ERROR_RULE, "shape" },
        { "Error: 2207042 limit", ERROR_LIMIT, "used up" },
        { "Error: 2207051", ERROR_REFUSED, "spam" },
        { "Error: 2207026", ERROR_RULE, "video" },
        { "Error: 22070529999999999999999", ERROR_REFUSED, "could not make" },
        { "Error: 2207999", ERROR_REFUSED, "could not make" },
        { "", ERROR_REFUSED, "could not make" },
        { NULL, ERROR_REFUSED, "could not make" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct error err = ERROR_INIT;
        CHECK_INT(instagram_container_error(cases[i].status, &err), -1);
        CHECK_STR(error_code(err.kind), error_code(cases[i].kind));
        CHECK(strstr(err.message, cases[i].message));
        CHECK_INT(err.retryable, cases[i].kind == ERROR_UNAVAILABLE);
    }
}

int main(void)
{
    RUN(every_number);
    RUN(users_words_come_first);
    RUN(answers_that_are_none);
    RUN(deep_and_long);
    RUN(containers);
    return test_end();
}
