#include "openai_error.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "imgctl/json.h"

/* What is quoted of a service's sentence. */
#define SENTENCE_MAX 400

struct refusal {
    bool is_own;           /* the service's own JSON, not a gateway's page */
    char code[64], type[64], param[64], stage[16];
    struct buf sentence;
    struct buf categories; /* of a content policy: "violence, sexual" */
};

/* ---- Reading ---- */

/* VALUE as a word that can be compared and shown; "" if it is none. */
static void copy_word(char *out, size_t size, const char *value)
{
    size_t len = value ? strspn(value, "abcdefghijklmnopqrstuvwxyz"
                                       "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-[]")
                       : 0;
    bool fits = len > 0 && len < size && value[len] == '\0';
    snprintf(out, size, "%s", fits ? value : "");
}

static void add_sentence(struct buf *out, const char *text, const char *key)
{
    size_t key_len = strlen(key);
    while (*text && out->len < SENTENCE_MAX) {
        if (key_len > 0 && strncmp(text, key, key_len) == 0) {
            buf_addstr(out, "***");
            text += key_len;
        } else {
            buf_addch(out, *text++);
        }
    }
    while (out->len > 0 && strchr(" .\n", out->data[out->len - 1])) {
        out->data[--out->len] = '\0';
    }
}

static void read_details(const struct json *details, struct refusal *r)
{
    const struct json *categories = json_member(details, "categories");
    copy_word(r->stage, sizeof r->stage, json_text(details, "moderation_stage"));
    for (size_t i = 0; i < json_length(categories) && i < 8; i++) {
        char word[32];
        copy_word(word, sizeof word, json_as_text(json_at(categories, i)));
        buf_addf(&r->categories, "%s%s", word[0] && r->categories.len ? ", " : "", word);
    }
}

/* {"message": .., "type": .., "param": .., "code": .. or a number} */
static void read_object(const struct json *error, const char *key, struct refusal *r)
{
    const char *message = json_text(error, "message");
    int64_t number = json_number(error, "code", 0);
    copy_word(r->code, sizeof r->code, json_text(error, "code"));
    copy_word(r->type, sizeof r->type, json_text(error, "type"));
    copy_word(r->param, sizeof r->param, json_text(error, "param"));
    if (number > 0) {
        snprintf(r->code, sizeof r->code, "%" PRId64, number);
    }
    add_sentence(&r->sentence, message ? message : "", key);
    read_details(json_member(error, "moderation_details"), r);
}

/* FastAPI: a text, or a list of {"loc": [.., "name"], "msg": ".."} */
static bool read_detail(const struct json *detail, const char *key, struct refusal *r)
{
    const char *text = json_as_text(detail);
    const struct json *first = json_at(detail, 0);
    const struct json *place = json_member(first, "loc");
    if (!text) {
        text = json_text(first, "msg");
        copy_word(r->param, sizeof r->param,
                  json_as_text(json_at(place, json_length(place) - 1)));
    }
    add_sentence(&r->sentence, text ? text : "", key);
    return text != NULL;
}

static void read_refusal(const struct http_response *answer, const char *key,
                         struct refusal *r)
{
    struct error ignored = ERROR_INIT; /* no JSON is one of the four shapes */
    struct json *root = NULL;
    *r = (struct refusal){ .sentence = BUF_INIT, .categories = BUF_INIT };
    if (json_parse(answer->body.data, answer->body.len, &root, &ignored) < 0 ||
        !json_is_object(root)) {
        json_free(root);
        return;
    }
    const struct json *error = json_member(root, "error");
    const char *text = json_as_text(error);
    if (json_is_object(error)) {
        r->is_own = true;
        read_object(error, key, r);
    } else if (text) {
        r->is_own = true;
        add_sentence(&r->sentence, text, key);
    } else {
        r->is_own = read_detail(json_member(root, "detail"), key, r);
    }
    json_free(root);
}

static void release(struct refusal *r)
{
    buf_release(&r->sentence);
    buf_release(&r->categories);
}

/* ---- What it means ---- */

struct meaning {
    int status, last;   /* this range */
    const char *word;   /* and, if not NULL, this as code or type, */
    const char *text;   /* and this in the sentence */
    enum error_kind kind;
    bool retryable;
    const char *what;
    const char *hint;
};

#define MONEY_HINT "add credit or raise the limit in the console of the service, under " \
                   "Billing; waiting does not help"
#define MODEL_HINT "choose another model: imgctl cost --models lists them"
#define POLICY_HINT "change the prompt; the same one is refused again"
#define GATEWAY "a gateway has no answer of the service behind it"
#define OUTPUT_HINT "the picture, not the prompt, was refused: another try may pass"

/* The first row that fits counts; the last fits all. */
static const struct meaning meanings[] = {
    { 400, 403, "content_policy_violation", NULL, ERROR_REFUSED, false,
      "the service's content policy does not allow it", POLICY_HINT },
    { 400, 403, "moderation_blocked", NULL, ERROR_REFUSED, false,
      "the service's content policy does not allow it", POLICY_HINT },
    { 400, 403, "image_generation_user_error", "safety system", ERROR_REFUSED, false,
      "the service's content policy does not allow it", POLICY_HINT },
    { 400, 429, "billing_hard_limit_reached", NULL, ERROR_LIMIT, false,
      "the account has reached its spending limit", MONEY_HINT },
    { 402, 402, NULL, NULL, ERROR_LIMIT, false, "the account has no money left",
      MONEY_HINT },
    { 429, 429, "credit_balance_exhausted", NULL, ERROR_LIMIT, false,
      "the account has no credit left", MONEY_HINT },
    { 429, 429, "organization_spend_limit_exceeded", NULL, ERROR_LIMIT, false,
      "the organization has reached its spending limit", MONEY_HINT },
    { 429, 429, "project_spend_limit_exceeded", NULL, ERROR_LIMIT, false,
      "the project has reached its spending limit", MONEY_HINT },
    { 429, 429, "organization_usage_limit_exceeded", NULL, ERROR_LIMIT, false,
      "the organization has reached its usage limit", MONEY_HINT },
    { 429, 429, "insufficient_quota", NULL, ERROR_LIMIT, false,
      "the account's quota is used up", MONEY_HINT },
    { 429, 429, "slow_down", NULL, ERROR_RATE_LIMIT, true,
      "the service wants requests to come more slowly",
      "try again later, one at a time" },
    { 429, 429, NULL, NULL, ERROR_RATE_LIMIT, true,
      "the service wants fewer requests a minute", "try again later" },
    { 400, 404, "model_not_found", NULL, ERROR_REFUSED, false,
      "the service does not have the model for this account", MODEL_HINT },
    { 400, 404, NULL, "does not exist", ERROR_REFUSED, false,
      "the service no longer has the model, or never had it", MODEL_HINT },
    { 400, 400, "invalid_image_file", NULL, ERROR_IMAGE_CORRUPT, false,
      "the service cannot read a picture to edit", NULL },
    { 400, 415, "unsupported_file_mimetype", NULL, ERROR_IMAGE_TYPE, false,
      "the service does not take a picture to edit of this type",
      "it takes PNG, JPEG and WebP" },
    { 400, 413, "image_too_large", NULL, ERROR_IMAGE_LIMIT, false,
      "a picture to edit is too large for the service", "it takes less than 50 MB each" },
    { 413, 413, NULL, NULL, ERROR_IMAGE_LIMIT, false,
      "the pictures to edit are too large for the service", "make them smaller" },
    { 400, 400, "invalid_value", NULL, ERROR_USAGE, false,
      "the service does not take a value", NULL },
    { 400, 400, "unknown_parameter", NULL, ERROR_USAGE, false,
      "the service does not know a parameter", NULL },
    { 400, 400, "invalid_input_fidelity_model", NULL, ERROR_USAGE, false,
      "the model does not take a parameter", NULL },
    { 422, 422, NULL, NULL, ERROR_USAGE, false, "the server does not take a value",
      NULL },
    { 401, 401, "account_deactivated", NULL, ERROR_CREDENTIALS, false,
      "the account of the key has been deactivated",
      "ask who runs the account, or set OPENAI_API_KEY to a key of another one" },
    { 401, 403, NULL, "permissions", ERROR_CREDENTIALS, false,
      "the key is not allowed to make pictures",
      "give it the permission for images in the console, or use another key" },
    { 401, 401, NULL, NULL, ERROR_CREDENTIALS, false,
      "the service does not accept the key",
      "check OPENAI_API_KEY: https://platform.openai.com/api-keys shows yours" },
    { 403, 403, NULL, "must be verified", ERROR_REFUSED, false,
      "the organization is not verified for the model",
      "verify it in the console under Settings > Organization > General; it takes up to "
      "15 minutes to have effect" },
    { 403, 403, NULL, "ountry", ERROR_REFUSED, false,
      "the service is not offered in this country", NULL },
    { 403, 403, NULL, NULL, ERROR_REFUSED, false, "the service does not allow it", NULL },
    { 404, 404, NULL, NULL, ERROR_CONFIG, false, "the server has no such call",
      "check OPENAI_BASE_URL, which ends in /v1" },
    { 408, 409, NULL, NULL, ERROR_UNAVAILABLE, true, "the service gave up", NULL },
    { 400, 499, NULL, NULL, ERROR_REFUSED, false, "the service refused the request",
      NULL },
    { 503, 503, NULL, NULL, ERROR_UNAVAILABLE, true, "the service is overloaded",
      "try again later" },
    { 502, 502, NULL, NULL, ERROR_UNKNOWN, false, GATEWAY, NULL },
    { 504, 504, NULL, NULL, ERROR_UNKNOWN, false, GATEWAY, NULL },
    { 500, 599, NULL, NULL, ERROR_UNAVAILABLE, true, "the service has trouble",
      "try again later" },
    { 0, 999, NULL, NULL, ERROR_CONFIG, false, "the server does not answer as an API",
      "check OPENAI_BASE_URL" },
};

static bool fits(const struct meaning *m, int status, const struct refusal *r)
{
    return status >= m->status && status <= m->last &&
           (!m->word || strcmp(m->word, r->code) == 0 || strcmp(m->word, r->type) == 0) &&
           (!m->text || strstr(r->sentence.data, m->text));
}

static const struct meaning *find_meaning(int status, const struct refusal *r)
{
    const struct meaning *m = meanings;
    const struct meaning *last = meanings + sizeof meanings / sizeof *meanings - 1;
    while (m < last && !fits(m, status, r)) {
        m++;
    }
    return m;
}

/* What the service says of a content policy may quote the prompt; its categories do
 * not. */
static void describe_policy(const struct refusal *r, int status, struct error *err)
{
    bool is_output = strcmp(r->stage, "output") == 0;
    error_set(err, ERROR_REFUSED,
              "the service's content policy does not allow %s%s%s (status %d)",
              is_output ? "the picture" : "the prompt", r->categories.len ? ": " : "",
              r->categories.data, status);
    error_hint(err, "%s", is_output ? OUTPUT_HINT : POLICY_HINT);
}

static void describe(const struct refusal *r, int status, struct error *err)
{
    const struct meaning *m = find_meaning(status, r);
    if (m->hint == NULL || strcmp(m->hint, POLICY_HINT) != 0) {
        const char *sentence = r->sentence.len ? r->sentence.data : "no reason given";
        error_set(err, m->kind, "%s%s%s%s: %s (status %d)", m->what,
                  r->param[0] ? " (" : "", r->param, r->param[0] ? ")" : "", sentence,
                  status);
        if (m->hint) {
            error_hint(err, "%s", m->hint);
        }
        err->retryable = m->retryable;
        if (m->kind == ERROR_UNKNOWN) {
            openai_error_unknown(err);
        }
    } else {
        describe_policy(r, status, err);
    }
}

/* Not the service's own word: a proxy's or a gateway's page. From 500 on nobody knows
 * what happened behind it. */
static void describe_foreign(const struct http_response *answer, struct error *err)
{
    int status = answer->status;
    const char *what = answer->body.len == 0             ? "an empty body"
                       : answer->content_type[0] == '\0' ? "something"
                                                         : answer->content_type;
    enum error_kind kind = status == 429   ? ERROR_RATE_LIMIT
                           : status == 401 ? ERROR_CREDENTIALS
                           : status == 408 ? ERROR_UNAVAILABLE
                           : status == 413 ? ERROR_IMAGE_LIMIT
                                           : ERROR_CONFIG;
    error_set(err, kind, "status %d with %s, which is no answer of an Images API", status,
              what);
    error_hint(err, "check OPENAI_BASE_URL, and the proxy if there is one");
    err->retryable = status == 429;
    if (status >= 500) {
        openai_error_unknown(err);
    }
}

int openai_error_unknown(struct error *err)
{
    err->kind = ERROR_UNKNOWN;
    err->retryable = false;
    return error_hint(err, "it may have been paid for: look at the usage page of the "
                      "service before sending it again");
}

int openai_error_read(const struct http_response *answer, const char *key, char *code,
                      struct error *err)
{
    struct refusal r;
    read_refusal(answer, key, &r);
    if (r.is_own) {
        describe(&r, answer->status, err);
    } else {
        describe_foreign(answer, err);
    }
    err->retry_after = err->retryable ? answer->retry_after : 0;
    err->http_status = answer->status;
    snprintf(err->request_id, sizeof err->request_id, "%s", answer->request_id);
    snprintf(code, sizeof r.code, "%s", r.code[0] ? r.code : r.type);
    release(&r);
    return -1;
}

bool openai_error_may_repeat(const struct http_response *answer)
{
    struct refusal r;
    read_refusal(answer, "", &r);
    bool own_word = strcmp(r.code, "server_is_overloaded") == 0 ||
                    strcmp(r.code, "slow_down") == 0 ||
                    strcmp(r.type, "service_unavailable_error") == 0;
    bool may = answer->status == 429
                   ? find_meaning(429, &r)->kind == ERROR_RATE_LIMIT
                   : answer->status == 503 && own_word;
    release(&r);
    return may;
}

bool openai_error_is_format(const struct http_response *answer)
{
    struct refusal r;
    read_refusal(answer, "", &r);
    bool named = strcmp(r.param, "response_format") == 0 ||
                 strstr(r.sentence.data, "response_format");
    release(&r);
    return (answer->status == 400 || answer->status == 422) && named;
}
