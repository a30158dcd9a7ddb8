#include "instagram_error.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ANY (-100000) /* a subcode that does not matter */

struct meaning {
    int code, subcode;
    enum error_kind kind;
    enum instagram_remedy remedy;
    const char *text, *hint; /* HINT NULL: none */
};

#define FIX "imgctl validate-ig says what is wrong, imgctl fix makes it right"
#define OWN "Instagram had an error of its own"
#define MANY "too many requests"
#define LATER "run this again later"
#define TOKEN "make a new token, then: imgctl account check"

/* The first that fits counts. */
static const struct meaning meanings[] = {
    { 36000, ANY, ERROR_RULE, REMEDY_NONE, "the picture has too many bytes", FIX },
    { 36001, ANY, ERROR_RULE, REMEDY_NONE, "the picture's format is not taken", FIX },
    { 36003, ANY, ERROR_RULE, REMEDY_NONE, "the picture's shape is out of range", FIX },
    { 36004, ANY, ERROR_RULE, REMEDY_NONE,
      "the caption is too long or has too many hashtags or mentions",
      "imgctl validate-ig --caption FILE says which" },
    { 9004, ANY, ERROR_UNAVAILABLE, REMEDY_AGAIN, "Instagram could not fetch the picture",
      "imgctl validate-ig --url ID looks at the link as Instagram does" },
    { -2, 2207003, ERROR_UNAVAILABLE, REMEDY_AGAIN,
      "Instagram took too long to fetch the picture", NULL },
    { -2, 2207020, ERROR_UNAVAILABLE, REMEDY_CONTAINER, "the container is too old",
      NULL },
    { -2, ANY, ERROR_UNAVAILABLE, REMEDY_AGAIN, "Instagram took too long", NULL },
    { 1, ANY, ERROR_UNAVAILABLE, REMEDY_AGAIN, OWN, NULL },
    { 2, ANY, ERROR_UNAVAILABLE, REMEDY_AGAIN, OWN, NULL },
    { -1, 2207053, ERROR_UNAVAILABLE, REMEDY_CONTAINER, "the upload failed", NULL },
    { -1, ANY, ERROR_UNAVAILABLE, REMEDY_AGAIN, OWN, NULL },
    { 9007, ANY, ERROR_UNAVAILABLE, REMEDY_WAIT, "the container is not ready yet", NULL },
    { 24, ANY, ERROR_UNAVAILABLE, REMEDY_CONTAINER,
      "Instagram does not know the container, or not any more", NULL },
    { 9, ANY, ERROR_LIMIT, REMEDY_NONE, "the day's posts of this account are used up",
      "run this again tomorrow" },
    { 4, 2207051, ERROR_REFUSED, REMEDY_ASK,
      "Instagram takes this for spam, or for too much at once",
      "look at the account in the app before trying again" },
    { 25, ANY, ERROR_REFUSED, REMEDY_NONE,
      "the account is restricted, inactive or has to confirm something",
      "sign in to the Instagram app with it" },
    { 368, ANY, ERROR_REFUSED, REMEDY_ASK, "Instagram has blocked this for a while",
      "look at the account in the app before trying again" },
    { 352, ANY, ERROR_RULE, REMEDY_NONE, "the video's format is not taken", NULL },
    { 100, 2207028, ERROR_USAGE, REMEDY_NONE, "a carousel has 2 to 10 pictures", NULL },
    { 100, 33, ERROR_UNAVAILABLE, REMEDY_CONTAINER,
      "the object is gone, or this token may not see it", NULL },
    { 100, ANY, ERROR_USAGE, REMEDY_NONE, "Instagram does not take a parameter", NULL },
    { 190, ANY, ERROR_CREDENTIALS, REMEDY_NONE, "the token is not valid, or not any more",
      TOKEN },
    { 102, ANY, ERROR_CREDENTIALS, REMEDY_NONE, "the session is over", TOKEN },
    { 10, ANY, ERROR_CREDENTIALS, REMEDY_NONE, "the token lacks a permission", TOKEN },
    { 200, ANY, ERROR_CREDENTIALS, REMEDY_NONE, "the token lacks a permission", TOKEN },
    { 4, ANY, ERROR_RATE_LIMIT, REMEDY_NONE, MANY, LATER },
    { 17, ANY, ERROR_RATE_LIMIT, REMEDY_NONE, MANY, LATER },
    { 32, ANY, ERROR_RATE_LIMIT, REMEDY_NONE, MANY, LATER },
    { 613, ANY, ERROR_RATE_LIMIT, REMEDY_NONE, MANY, LATER },
    { 80001, ANY, ERROR_RATE_LIMIT, REMEDY_NONE, MANY, LATER },
    { 80002, ANY, ERROR_RATE_LIMIT, REMEDY_NONE, MANY, LATER },
};

static const struct meaning *find_meaning(int64_t code, int64_t subcode)
{
    for (size_t i = 0; i < sizeof meanings / sizeof *meanings; i++) {
        const struct meaning *m = &meanings[i];
        if (m->code == code && (m->subcode == ANY || m->subcode == subcode)) {
            return m;
        }
    }
    return NULL;
}

/* What the service says in words, best first. */
static const char *words(const struct json *e)
{
    const char *text = json_text(e, "error_user_msg");
    return text && *text ? text : json_text(e, "message");
}

static int graph_error(const struct http_response *answer, const struct json *e,
                       enum instagram_remedy *remedy, struct error *err)
{
    int64_t code = json_number(e, "code", 0);
    int64_t subcode = json_number(e, "error_subcode", 0);
    const struct meaning *m = find_meaning(code, subcode);
    const char *said = words(e), *trace = json_text(e, "fbtrace_id");
    enum error_kind kind = m ? m->kind
                             : answer->status >= 500 ? ERROR_UNAVAILABLE : ERROR_REFUSED;
    error_set(err, kind, "%s%s%s%s (error %" PRId64 "%s%.0" PRId64 ")",
              m ? m->text : "Instagram refused this", said ? ": \"" : "",
              said ? said : "", said ? "\"" : "", code, subcode ? "/" : "", subcode);
    err->http_status = answer->status;
    err->retryable = kind == ERROR_UNAVAILABLE || kind == ERROR_RATE_LIMIT;
    err->retry_after = answer->retry_after;
    snprintf(err->request_id, sizeof err->request_id, "%s", trace ? trace : "");
    if (remedy) {
        *remedy = m ? m->remedy : REMEDY_ASK;
    }
    return m && m->hint ? error_hint(err, "%s", m->hint) : -1;
}

/* An answer that is none of Instagram's: a proxy's page, half a document. */
static int odd_answer(const struct http_response *answer, enum instagram_remedy *remedy,
                      struct error *err)
{
    if (remedy) {
        *remedy = REMEDY_ASK;
    }
    enum error_kind kind = answer->status >= 500 || answer->status < 300
                               ? ERROR_UNAVAILABLE
                               : ERROR_REFUSED;
    error_set(err, kind, "Instagram's answer makes no sense: status %d, %zu bytes%s%s",
              answer->status, answer->body.len, answer->content_type[0] ? " of " : "",
              answer->content_type);
    err->http_status = answer->status;
    err->retryable = kind == ERROR_UNAVAILABLE;
    return error_hint(err, "is there a proxy or a login page in between?");
}

int instagram_answer(const struct http_response *answer, struct json **ret,
                     enum instagram_remedy *remedy, struct error *err)
{
    struct json *document = NULL;
    struct error ignored = ERROR_INIT;
    if (remedy) {
        *remedy = REMEDY_NONE;
    }
    if (json_parse(answer->body.data, answer->body.len, &document, &ignored) < 0 ||
        !json_is_object(document)) {
        json_free(document);
        return odd_answer(answer, remedy, err);
    }
    const struct json *e = json_member(document, "error");
    if (e) {
        graph_error(answer, e, remedy, err);
    } else if (answer->status < 200 || answer->status > 299) {
        odd_answer(answer, remedy, err);
    } else {
        *ret = document;
        return 0;
    }
    json_free(document);
    return -1;
}

/* The codes of the errors that come with a container's state; it tells the subcode
 * alone. */
static const struct {
    int64_t subcode;
    int code;
} by_subcode[] = {
    { 2207001, -1 },    { 2207003, -2 },    { 2207004, 36000 }, { 2207005, 36001 },
    { 2207009, 36003 }, { 2207010, 36004 }, { 2207020, -2 },    { 2207026, 352 },
    { 2207028, 100 },   { 2207032, -1 },    { 2207042, 9 },     { 2207050, 25 },
    { 2207051, 4 },     { 2207052, 9004 },  { 2207053, -1 },
};

int instagram_container_error(const char *status, struct error *err)
{
    const char *at = status ? strstr(status, "22070") : NULL;
    int64_t subcode = at ? strtoll(at, NULL, 10) : 0;
    const struct meaning *m = NULL;
    for (size_t i = 0; i < sizeof by_subcode / sizeof *by_subcode; i++) {
        if (by_subcode[i].subcode == subcode) {
            m = find_meaning(by_subcode[i].code, subcode);
        }
    }
    error_set(err, m ? m->kind : ERROR_REFUSED, "%s%s%s%s",
              m ? m->text : "Instagram could not make the picture ready",
              status && *status ? ": \"" : "", status ? status : "",
              status && *status ? "\"" : "");
    err->retryable = m && m->kind == ERROR_UNAVAILABLE;
    return m && m->hint ? error_hint(err, "%s", m->hint) : -1;
}
