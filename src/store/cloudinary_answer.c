#include "cloudinary_answer.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "imgctl/clock.h"
#include "imgctl/mem.h"

/* What is quoted of a service's sentence. */
#define SENTENCE_MAX 400

/* Seconds; a limit that is further away is not waited for. */
#define RESET_MAX (7 * 24 * 3600)

struct meaning {
    int status, last;      /* this range */
    const char *text;      /* and, if not NULL, this in the sentence */
    enum error_kind kind;
    bool retryable;
    const char *what;      /* before the sentence */
    const char *hint;      /* NULL: none */
};

/* The first row that fits counts; the last fits all. */
static const struct meaning meanings[] = {
    { 400, 401, "Stale request", ERROR_CREDENTIALS, false,
      "Cloudinary refused the request as too old",
      "set this machine's clock; a signature is good for one hour" },
    { 400, 400, "File size too large", ERROR_IMAGE_LIMIT, false,
      "the picture is too large for the Cloudinary account",
      "make it smaller, or choose a plan that allows larger files" },
    { 400, 400, "egapixels", ERROR_IMAGE_LIMIT, false,
      "the picture has too many pixels for the Cloudinary account",
      "make it smaller, or choose a plan that allows larger pictures" },
    { 400, 400, "Invalid image file", ERROR_IMAGE_CORRUPT, false,
      "Cloudinary cannot read the picture", NULL },
    { 400, 400, "EOF-chunk", ERROR_CONFIG, false, "Cloudinary refused a chunk",
      "send larger ones: imgctl config cloudinary.chunk_bytes 20000000" },
    { 400, 400, NULL, ERROR_REFUSED, false, "Cloudinary refused the request", NULL },
    { 401, 401, NULL, ERROR_CREDENTIALS, false,
      "Cloudinary does not accept the credentials",
      "copy CLOUDINARY_URL again from the Cloudinary console (Settings > API Keys)" },
    { 403, 403, NULL, ERROR_REFUSED, false,
      "the Cloudinary account does not allow this",
      "look at the role of the API key and the plan in the Cloudinary console" },
    { 404, 404, "Resource not found", ERROR_NOT_FOUND, false,
      "Cloudinary does not have it", NULL },
    { 404, 404, NULL, ERROR_CREDENTIALS, false,
      "Cloudinary does not know the account",
      "check the cloud name at the end of CLOUDINARY_URL" },
    { 408, 408, NULL, ERROR_UNAVAILABLE, true, "Cloudinary gave up waiting", NULL },
    { 409, 409, NULL, ERROR_REFUSED, false,
      "Cloudinary has something by that name", NULL },
    { 413, 413, NULL, ERROR_IMAGE_LIMIT, false,
      "the picture is too large for one request",
      "send smaller pieces: imgctl config cloudinary.chunk_bytes 6000000" },
    { 420, 420, "Rate Limit", ERROR_RATE_LIMIT, true,
      "the Cloudinary account has used up its calls for this hour", NULL },
    { 420, 420, "Try again on", ERROR_RATE_LIMIT, true,
      "the Cloudinary account has used up its calls for this hour", NULL },
    { 420, 420, NULL, ERROR_REFUSED, false,
      "the Cloudinary account does not include this",
      "an upload preset of the account may ask for an add-on it has not subscribed to" },
    { 423, 423, NULL, ERROR_UNAVAILABLE, true,
      "Cloudinary is still working on the picture", NULL },
    { 425, 425, NULL, ERROR_UNAVAILABLE, true, "Cloudinary is not ready", NULL },
    { 429, 429, NULL, ERROR_RATE_LIMIT, true, "Cloudinary wants fewer requests", NULL },
    { 400, 499, NULL, ERROR_REFUSED, false, "Cloudinary refused the request", NULL },
    { 500, 599, NULL, ERROR_UNAVAILABLE, true, "Cloudinary has trouble", NULL },
    { 0, INT_MAX, NULL, ERROR_UNAVAILABLE, false, "Cloudinary gave an answer of no use",
      "check upload_prefix in CLOUDINARY_URL, and the proxy if there is one" },
};

static const size_t meanings_count = sizeof meanings / sizeof *meanings;

static const struct meaning *find_meaning(int status, const char *sentence)
{
    const struct meaning *m = meanings;
    while (status < m->status || status > m->last ||
           (m->text && !strstr(sentence, m->text))) {
        m++;
    }
    return m;
}

/* ---- The sentence ---- */

/*
 * Add what the service says, fit to be shown. Behind "String to sign" it quotes
 * the whole request, and should a faulty service ever quote the secret, it is
 * not us who prints it.
 */
static void add_sentence(struct buf *out, const char *text, const char *secret)
{
    const char *end = strstr(text, "String to sign");
    size_t len = end ? (size_t)(end - text) : strlen(text);
    size_t secret_len = secret ? strlen(secret) : 0;
    for (size_t i = 0; i < len && out->len < SENTENCE_MAX;) {
        if (secret_len > 0 && strncmp(text + i, secret, secret_len) == 0) {
            buf_addstr(out, "***");
            i += secret_len;
        } else {
            buf_addch(out, text[i++]);
        }
    }
    while (out->len > 0 && strchr(" .\n", out->data[out->len - 1])) {
        out->data[--out->len] = '\0';
    }
}

/* The object that BODY is, or NULL. */
static struct json *parse_object(const struct buf *body)
{
    struct error ignored = ERROR_INIT; /* whoever asks says "no JSON" in his words */
    struct json *root = NULL;
    if (json_parse(body->data, body->len, &root, &ignored) < 0) {
        return NULL;
    }
    if (!json_is_object(root)) {
        json_free(root);
        return NULL;
    }
    return root;
}

/* {"error":{"message":"..."}}; false if ROOT is NULL or has no such thing. */
static bool read_sentence(const struct json *root, const char *secret, struct buf *out)
{
    const struct json *error = root ? json_member(root, "error") : NULL;
    const char *text = error ? json_text(error, "message") : NULL;
    if (!text) {
        return false;
    }
    add_sentence(out, text, secret);
    return true;
}

/* ---- When a limit ends ---- */

/* "... Try again on 2024-10-04 14:00:00 UTC" */
static int64_t reset_in_sentence(const char *sentence)
{
    const char *when = strstr(sentence, "Try again on ");
    char text[CLOCK_TEXT_SIZE];
    int64_t ret;
    if (!when || strlen(when + 13) < 19) {
        return 0;
    }
    snprintf(text, sizeof text, "%.10sT%.8sZ", when + 13, when + 13 + 11);
    return clock_parse(text, 0, false, &ret) ? ret : 0;
}

/* "Wed, 03 Oct 2012 08:00:00 GMT" */
static int64_t reset_in_header(const char *header)
{
    struct tm tm = { .tm_sec = 0 };
    const char *end = strptime(header, "%a, %d %b %Y %H:%M:%S GMT", &tm);
    return end && *end == '\0' ? (int64_t)timegm(&tm) * 1000 : 0;
}

/* Fill in when to come back, measured by the service's clock where it is known. */
static void add_reset(const struct http_response *answer, const char *sentence,
                      struct error *err)
{
    int64_t reset = reset_in_header(answer->reset);
    int64_t now = answer->date > 0 ? answer->date : clock_now();
    char text[CLOCK_TEXT_SIZE];
    if (reset == 0) {
        reset = reset_in_sentence(sentence);
    }
    if (reset > now && reset - now <= (int64_t)RESET_MAX * 1000) {
        err->retry_after = (int)((reset - now + 999) / 1000);
    }
    if (answer->retry_after > 0) {
        err->retry_after = answer->retry_after;
    }
    if (err->retry_after > 0) {
        clock_format(text, now + (int64_t)err->retry_after * 1000);
        error_hint(err, "try again after %s", text);
    } else {
        error_hint(err, "try again later");
    }
}

/* ---- Judging ---- */

static bool is_good(const struct http_response *answer)
{
    return answer->status >= 200 && answer->status < 300;
}

static void add_source(const struct http_response *answer, struct error *err)
{
    err->http_status = answer->status;
    snprintf(err->request_id, sizeof err->request_id, "%s", answer->request_id);
}

/* Of a status whose answer is no JSON, which the API never gives: it comes from a
 * gateway, a proxy or a cut connection, so only the plainest are believed. */
static const struct meaning *meaning_without_json(int status)
{
    const struct meaning *m = find_meaning(status, "");
    bool is_plain = m->retryable || status == 401 || status == 413;
    return is_plain ? m : &meanings[meanings_count - 1];
}

static int no_json(const struct http_response *answer, struct error *err)
{
    const struct meaning *m = meaning_without_json(answer->status);
    const char *type = answer->content_type;
    const char *what = answer->body.len == 0                    ? "an empty body"
                       : type[0] == '\0' || strstr(type, "json") ? "something broken"
                                                                : type;
    error_set(err, m->kind, "%s: status %d with %s, which is no JSON", m->what,
              answer->status, what);
    if (m->hint) {
        error_hint(err, "%s", m->hint);
    }
    err->retryable = m->retryable || is_good(answer);
    if (m->kind == ERROR_RATE_LIMIT) {
        add_reset(answer, "", err);
    }
    add_source(answer, err);
    return -1;
}

static int refuse(const struct http_response *answer, const char *sentence,
                  struct error *err)
{
    const struct meaning *m = find_meaning(answer->status, sentence);
    error_set(err, m->kind, "%s: %s (status %d)", m->what,
              sentence[0] ? sentence : "no reason given", answer->status);
    if (m->hint) {
        error_hint(err, "%s", m->hint);
    }
    err->retryable = m->retryable;
    err->retry_after = m->retryable ? answer->retry_after : 0;
    if (m->kind == ERROR_RATE_LIMIT) {
        add_reset(answer, sentence, err);
    }
    add_source(answer, err);
    return -1;
}

int cloudinary_answer_read(const struct http_response *answer,
                           const struct cloudinary_key *key, struct json **ret,
                           struct error *err)
{
    AUTO_BUF struct buf sentence = BUF_INIT;
    struct json *root = parse_object(&answer->body);
    bool is_error = read_sentence(root, key->secret, &sentence);
    if (root && is_good(answer) && !is_error) {
        *ret = root;
        return 0;
    }
    int result = root ? refuse(answer, sentence.data, err) : no_json(answer, err);
    json_free(root);
    return result;
}

int cloudinary_answer_check(const struct http_response *answer,
                            const struct cloudinary_key *key, struct error *err)
{
    if (is_good(answer)) {
        return 0;
    }
    AUTO_BUF struct buf sentence = BUF_INIT;
    struct json *root = parse_object(&answer->body);
    read_sentence(root, key->secret, &sentence);
    json_free(root);
    if (answer->status == 404) {
        error_set(err, ERROR_NOT_FOUND, "Cloudinary does not deliver it (status 404)");
        error_hint(err, "it may have been removed there");
        add_source(answer, err);
        return -1;
    }
    return refuse(answer, sentence.data, err);
}

bool cloudinary_answer_is_stale(const struct http_response *answer)
{
    return (answer->status == 400 || answer->status == 401) &&
           strstr(answer->body.data, "Stale request");
}

bool cloudinary_answer_is_complete(const struct json *answer)
{
    return json_text(answer, "secure_url") != NULL;
}

/* ---- The picture ---- */

static char *copy_text(const struct json *answer, const char *name, const char *fallback)
{
    const char *text = json_text(answer, name);
    return mem_strdup(text && text[0] ? text : fallback);
}

/* The format ends up in links: nothing but a plain word is one. */
static char *copy_word(const struct json *answer, const char *name, const char *fallback)
{
    const char *text = json_text(answer, name);
    size_t len = text ? strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789_") : 0;
    return mem_strdup(len > 0 && len <= 20 && text[len] == '\0' ? text : fallback);
}

static int not_described(const char *why, struct error *err)
{
    error_set(err, ERROR_UNAVAILABLE, "Cloudinary's answer is no success: %s", why);
    err->retryable = true;
    return -1;
}

int cloudinary_answer_stored(const struct json *answer, const struct cloudinary_key *key,
                             struct stored *ret, struct error *err)
{
    const char *public_id = json_text(answer, "public_id");
    const char *url = json_text(answer, "secure_url");
    const char *signature = json_text(answer, "signature");
    int64_t version = json_number(answer, "version", 0);
    if (!public_id || !public_id[0]) {
        return not_described("it has no public_id", err);
    }
    if (!url || (strncmp(url, "https://", 8) != 0 && strncmp(url, "http://", 7) != 0)) {
        return not_described("it has no secure_url", err);
    }
    if (signature) {
        int is_ours =
            cloudinary_answer_is_signed(public_id, version, signature, key, err);
        if (is_ours < 0) {
            return -1;
        }
        if (!is_ours) {
            return not_described("its signature is not the account's", err);
        }
    }
    *ret = (struct stored){
        .url = mem_strdup(url),
        .public_id = mem_strdup(public_id),
        .asset_id = copy_text(answer, "asset_id", NULL),
        .resource_type = copy_word(answer, "resource_type", "image"),
        .delivery_type = copy_word(answer, "type", "upload"),
        .format = copy_word(answer, "format", NULL),
        .etag = copy_text(answer, "etag", NULL),
        .version = version > 0 ? version : 0,
        .bytes = json_number(answer, "bytes", 0),
        .existing = json_flag(answer, "existing", false),
    };
    return 0;
}
