#include "lexis.h"

#include <string.h>

#include "imgctl/json.h"
#include "imgctl/text.h"

struct scan {
    const char *at, *end;
    unsigned depth;
};

static bool is_digit(const struct scan *s)
{
    return s->at < s->end && *s->at >= '0' && *s->at <= '9';
}

static bool is_one_of(const struct scan *s, const char *set)
{
    return s->at < s->end && *s->at != '\0' && strchr(set, *s->at);
}

static bool skip_digits(struct scan *s)
{
    const char *first = s->at;
    while (is_digit(s)) {
        s->at++;
    }
    return s->at > first;
}

/* -? ( 0 | [1-9][0-9]* ) ( . [0-9]+ )? ( [eE] [+-]? [0-9]+ )? */
static bool skip_number(struct scan *s)
{
    s->at += *s->at == '-';
    if (is_one_of(s, "0")) {
        s->at++;
    } else if (!skip_digits(s)) {
        return false;
    }
    if (is_one_of(s, ".")) {
        s->at++;
        if (!skip_digits(s)) {
            return false;
        }
    }
    if (is_one_of(s, "eE")) {
        s->at++;
        s->at += is_one_of(s, "+-");
        if (!skip_digits(s)) {
            return false;
        }
    }
    return !is_one_of(s, "0123456789.+-");
}

/* Escapes are json-c's to judge; here a backslash only hides what follows it. */
static bool skip_string(struct scan *s)
{
    for (s->at++; s->at < s->end; s->at++) {
        if (*s->at == '"') {
            s->at++;
            return true;
        }
        s->at += *s->at == '\\' && s->end - s->at > 1;
        if ((unsigned char)*s->at < 0x20) {
            return false;
        }
    }
    return false;
}

static bool skip_word(struct scan *s)
{
    static const char *const words[] = { "true", "false", "null" };
    size_t left = (size_t)(s->end - s->at);
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        size_t len = strlen(words[i]);
        if (left >= len && memcmp(s->at, words[i], len) == 0) {
            s->at += len;
            return !is_one_of(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ");
        }
    }
    return false;
}

/* Step over one token; what is wrong with it, or NULL. */
static const char *skip_token(struct scan *s)
{
    switch (*s->at) {
    case '"':
        return skip_string(s) ? NULL : "a string that does not end";
    case '[':
    case '{':
        s->at++;
        return ++s->depth <= JSON_DEPTH ? NULL : "nested too deeply";
    case ']':
    case '}':
        s->depth -= s->depth > 0;
        s->at++;
        return NULL;
    default:
        break;
    }
    if (is_one_of(s, " \t\r\n,:")) {
        s->at++;
        return NULL;
    }
    if (*s->at == '-' || is_digit(s)) {
        return skip_number(s) ? NULL : "not a number";
    }
    return skip_word(s) ? NULL : "unexpected character";
}

const char *json_lexis_fault(const char *data, size_t len, size_t *ret_where)
{
    struct scan s = { .at = data, .end = data + len };
    while (s.at < s.end) {
        const char *first = s.at;
        const char *fault = skip_token(&s);
        if (fault) {
            *ret_where = (size_t)(first - data);
            return fault;
        }
    }
    *ret_where = 0;
    return text_is_utf8(data, len) ? NULL : "not UTF-8";
}
