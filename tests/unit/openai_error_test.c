/*
 * What refusals mean: every known one, in every shape, and pages of proxies.
 */
#include "../../src/generator/openai_error.h"

#include "test.h"

#define KEY "sk-secret-of-ours"

struct refusal_case {
    int status;
    const char *body;
    enum error_kind kind;
    bool repeats;         /* in http.h, by HTTP_RETRY_UNSENT */
    const char *code;
    const char *message;  /* a part of it */
    const char *hint;     /* a part of it; NULL: none */
};

#define OBJECT(type, code, param, message) \
    "{\"error\":{\"message\":\"" message "\",\"type\":\"" type "\",\"param\":" param \
    ",\"code\":" code "}}"
#define USER "image_generation_user_error"
#define POLICY(stage)                                                                    \
    "{\"error\":{\"message\":\"rejected: a naked PROMPT\",\"type\":\"" USER              \
    "\",\"param\":"                                                                      \
    "null,\"code\":\"moderation_blocked\",\"moderation_details\":{\"moderation_stage\":" \
    "\"" stage "\",\"categories\":[\"violence\",\"sexual/minors\",\"hate\"]}}}"
#define MONEY(code) OBJECT("insufficient_quota", "\"" code "\"", "null", "You ran out.")

static const struct refusal_case cases[] = {
    { 400, POLICY("input"), ERROR_REFUSED, false, "moderation_blocked",
      "content policy does not allow the prompt: violence, hate (status 400)",
      "change the prompt" },
    { 400, POLICY("output"), ERROR_REFUSED, false, "moderation_blocked",
      "content policy does not allow the picture: violence, hate",
      "another try may pass" },
    { 400, OBJECT("invalid_request_error", "\"content_policy_violation\"", "null", "No."),
      ERROR_REFUSED, false, "content_policy_violation",
      "does not allow the prompt (status", "change the prompt" },
    { 400, OBJECT(USER, "null", "null", "Rejected by the safety system."), ERROR_REFUSED,
      false, USER, "content policy", "change the prompt" },
    { 400, OBJECT(USER, "\"invalid_value\"", "\"size\"", "Invalid size '1x1'."),
      ERROR_USAGE, false, "invalid_value",
      "does not take a value (size): Invalid size '1x1' (status 400)", NULL },
    { 400, OBJECT(USER, "\"invalid_value\"", "\"quality\"", "Invalid value: 'hd'."),
      ERROR_USAGE, false, "invalid_value", "(quality)", NULL },
    { 400,
      OBJECT("invalid_request_error", "\"unknown_parameter\"", "\"style\"", "Unknown."),
      ERROR_USAGE, false, "unknown_parameter", "(style): Unknown (", NULL },
    { 400,
      OBJECT("invalid_request_error", "\"invalid_input_fidelity_model\"", "null", "x"),
      ERROR_USAGE, false, "invalid_input_fidelity_model", "does not take a parameter",
      NULL },
    { 400, OBJECT(USER, "null", "\"model\"", "The model 'dall-e-3' does not exist."),
      ERROR_REFUSED, false, USER, "no longer has the model", "imgctl cost --models" },
    { 404,
      OBJECT("invalid_request_error", "\"model_not_found\"", "null", "The model `x`..."),
      ERROR_REFUSED, false, "model_not_found", "for this account",
      "imgctl cost --models" },
    { 400, OBJECT(USER, "\"invalid_image_file\"", "null", "Invalid image file"),
      ERROR_IMAGE_CORRUPT, false, "invalid_image_file", "cannot read a picture", NULL },
    { 400, OBJECT(USER, "\"unsupported_file_mimetype\"", "null", "x"), ERROR_IMAGE_TYPE,
      false, "unsupported_file_mimetype", "of this type", "PNG, JPEG and WebP" },
    { 400, OBJECT(USER, "\"image_too_large\"", "null", "x"), ERROR_IMAGE_LIMIT, false,
      "image_too_large", "too large", "50 MB" },
    { 413, "{\"error\":\"too large\"}", ERROR_IMAGE_LIMIT, false, "", "too large",
      "smaller" },
    { 400,
      OBJECT("billing_limit_user_error", "\"billing_hard_limit_reached\"", "null", "x"),
      ERROR_LIMIT, false, "billing_hard_limit_reached", "spending limit", "Billing" },
    { 401, OBJECT("x", "\"invalid_api_key\"", "null", "Incorrect API key: " KEY "."),
      ERROR_CREDENTIALS, false, "invalid_api_key", "Incorrect API key: *** (status 401)",
      "OPENAI_API_KEY" },
    { 401, OBJECT("x", "\"account_deactivated\"", "null", "x"), ERROR_CREDENTIALS, false,
      "account_deactivated", "deactivated", "another one" },
    { 403, OBJECT("x", "null", "null", "Your organization must be verified to use it."),
      ERROR_REFUSED, false, "x", "not verified", "15 minutes" },
    { 403,
      OBJECT("request_forbidden", "\"unsupported_country_region_territory\"", "null",
             "Country, region, or territory not supported"),
      ERROR_REFUSED, false, "unsupported_country_region_territory", "country", NULL },
    { 403, OBJECT("x", "null", "null", "You have insufficient permissions"),
      ERROR_CREDENTIALS, false, "x", "not allowed to make pictures", "permission" },
    { 429, OBJECT("images", "\"rate_limit_exceeded\"", "null", "Limit 5"),
      ERROR_RATE_LIMIT, true, "rate_limit_exceeded", "fewer requests a minute", "later" },
    { 429, OBJECT("rate_limit_error", "\"slow_down\"", "null", "x"), ERROR_RATE_LIMIT,
      true, "slow_down", "more slowly", "later" },
    { 429, MONEY("insufficient_quota"), ERROR_LIMIT, false, "insufficient_quota", "quota",
      "waiting does not help" },
    { 429, MONEY("credit_balance_exhausted"), ERROR_LIMIT, false,
      "credit_balance_exhausted", "no credit left", "Billing" },
    { 429, MONEY("organization_spend_limit_exceeded"), ERROR_LIMIT, false,
      "organization_spend_limit_exceeded", "organization has reached its spending",
      "Billing" },
    { 429, MONEY("project_spend_limit_exceeded"), ERROR_LIMIT, false,
      "project_spend_limit_exceeded", "project has reached", "Billing" },
    { 429, MONEY("organization_usage_limit_exceeded"), ERROR_LIMIT, false,
      "organization_usage_limit_exceeded", "usage limit", "Billing" },
    { 429, MONEY("something_new"), ERROR_LIMIT, false, "something_new", "quota",
      "Billing" },
    { 500, OBJECT("server_error", "null", "null", "Sorry"), ERROR_UNAVAILABLE, false,
      "server_error", "has trouble: Sorry (status 500)", "later" },
    /* Whoever writes the JSON, the service may be at work behind a gateway. */
    { 502, OBJECT("api_error", "null", "null", "Bad Gateway"), ERROR_UNKNOWN, false,
      "api_error", "a gateway has no answer", "may have been paid for" },
    { 504, OBJECT("timeout_error", "null", "null", "Timed out"), ERROR_UNKNOWN, false,
      "timeout_error", "a gateway has no answer", "may have been paid for" },
    { 503,
      OBJECT("service_unavailable_error", "\"server_is_overloaded\"", "null", "Busy"),
      ERROR_UNAVAILABLE, true, "server_is_overloaded", "overloaded: Busy", "later" },
    /* Other shapes. */
    { 400, "{\"error\":{\"code\":400,\"message\":\"no backend\",\"type\":\"\"}}",
      ERROR_REFUSED, false, "400", "no backend", NULL },
    { 400, "{\"error\":\"plain words\"}", ERROR_REFUSED, false, "", "plain words", NULL },
    { 422, "{\"detail\":[{\"loc\":[\"body\",\"size\"],\"msg\":\"bad size\"}]}",
      ERROR_USAGE, false, "", "(size): bad size", NULL },
    { 503, "{\"detail\":\"engine is starting\"}", ERROR_UNAVAILABLE, false, "",
      "engine is starting", "later" },
    { 400, "{\"error\":{}}", ERROR_REFUSED, false, "", "no reason given", NULL },
    { 404, OBJECT("x", "null", "null", "Invalid URL"), ERROR_CONFIG, false, "x",
      "no such call", "OPENAI_BASE_URL" },
    /* Not the service's own word. */
    { 403, "<html>Forbidden</html>", ERROR_CONFIG, false, "",
      "status 403 with text/html", "proxy" },
    { 408, "<html></html>", ERROR_UNAVAILABLE, false, "", "status 408", "proxy" },
    { 413, "<html>Too Large</html>", ERROR_IMAGE_LIMIT, false, "",
      "status 413 with text/html", "proxy" },
    { 404, "404 page not found", ERROR_CONFIG, false, "", "no answer of an Images API",
      "OPENAI_BASE_URL" },
    { 429, "<html>slow</html>", ERROR_RATE_LIMIT, true, "", "status 429", "proxy" },
    { 502, "<html>Bad Gateway</html>", ERROR_UNKNOWN, false, "",
      "status 502 with text/html", "may have been paid for" },
    { 503, "<html></html>", ERROR_UNKNOWN, false, "", "503", "may have been paid for" },
    { 504, "", ERROR_UNKNOWN, false, "", "an empty body", "may have been paid for" },
    { 500, "[1,2]", ERROR_UNKNOWN, false, "", "500", "may have been paid for" },
    { 500, "{}", ERROR_UNKNOWN, false, "", "500", "may have been paid for" },
    { 301, "<html></html>", ERROR_CONFIG, false, "", "301", "OPENAI_BASE_URL" },
};

static struct http_response make_answer(const struct refusal_case *c)
{
    struct http_response r = HTTP_RESPONSE_INIT;
    r.status = c->status;
    r.retry_after = 7;
    snprintf(r.content_type, sizeof r.content_type, "%s",
             c->body[0] == '<' ? "text/html" : "application/json");
    snprintf(r.request_id, sizeof r.request_id, "req_1");
    buf_addstr(&r.body, c->body);
    return r;
}

static void check_case(const struct refusal_case *c)
{
    struct http_response answer = make_answer(c);
    struct error err = ERROR_INIT;
    char code[64];
    int before = test_failed_checks;
    CHECK_INT(openai_error_read(&answer, KEY, code, &err), -1);
    CHECK_STR(error_code(err.kind), error_code(c->kind));
    CHECK_STR(code, c->code);
    CHECK(strstr(err.message, c->message));
    CHECK(c->hint ? strstr(err.hint, c->hint) != NULL : err.hint[0] == '\0');
    CHECK_INT(err.http_status, c->status);
    CHECK_STR(err.request_id, "req_1");
    CHECK_INT(err.retry_after, err.retryable ? 7 : 0);
    CHECK(!err.retryable || c->kind == ERROR_RATE_LIMIT || c->kind == ERROR_UNAVAILABLE);
    CHECK(!strstr(err.message, KEY));
    CHECK(!strstr(err.message, "PROMPT"));
    CHECK_INT(openai_error_may_repeat(&answer), c->repeats);
    if (test_failed_checks > before) {
        printf("# %d %s: %s (%s)\n", c->status, c->body, err.message, err.hint);
    }
    http_response_release(&answer);
}

TEST(every_refusal)
{
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        check_case(&cases[i]);
    }
}

TEST(format_refused)
{
    static const struct { int status; const char *body; bool is;
    } answers[] = {
        { 400, OBJECT("x", "\"unknown_parameter\"", "\"response_format\"", "Unknown"),
          true },
        { 400, "{\"error\":\"response_format is not supported\"}", true },
        { 422, "{\"detail\":[{\"loc\":[\"body\",\"response_format\"],\"msg\":\"no\"}]}",
          true },
        { 400, OBJECT("x", "\"unknown_parameter\"", "\"style\"", "Unknown"), false },
        { 500, "{\"error\":\"response_format\"}", false },
        { 200, "", false },
    };
    for (size_t i = 0; i < sizeof answers / sizeof *answers; i++) {
        struct http_response answer = HTTP_RESPONSE_INIT;
        answer.status = answers[i].status;
        buf_addstr(&answer.body, answers[i].body);
        CHECK_INT(openai_error_is_format(&answer), answers[i].is);
        http_response_release(&answer);
    }
}

int main(void)
{
    RUN(every_refusal);
    RUN(format_refused);
    return test_end();
}
