#include "values.h"

#include <inttypes.h>
#include <string.h>
#include <strings.h>

#include "imgctl/buf.h"
#include "imgctl/clock.h"
#include "imgctl/money.h"
#include "imgctl/parse.h"
#include "imgctl/text.h"

#define RATIO_PART_MAX 1000000000 /* products with a picture's side stay in 64 bits */

/* ---- Ranges ---- */

/* One end of a range; with UPPER it is the higher one. */
typedef bool parse_end(const char *text, bool upper, int64_t now, int64_t *ret);

static bool int_end(const char *text, bool upper, int64_t now, int64_t *ret)
{
    (void)upper;
    (void)now;
    return text_parse_int(text, INT64_MIN, INT64_MAX, ret);
}

static bool size_end(const char *text, bool upper, int64_t now, int64_t *ret)
{
    (void)upper;
    (void)now;
    return text_parse_size(text, ret);
}

static bool date_end(const char *text, bool upper, int64_t now, int64_t *ret)
{
    return clock_parse(text, now, upper, ret);
}

/* The ends of "A..B", empty where there is none; both the same for a single
 * value. False when an end is too long or there is neither. */
static bool split_range(const char *text, char low[64], char high[64])
{
    const char *dots = strstr(text, "..");
    size_t low_len = dots ? (size_t)(dots - text) : strlen(text);
    const char *high_text = dots ? dots + 2 : text;
    size_t high_len = strlen(high_text);
    if (low_len >= 64 || high_len >= 64 || low_len + high_len == 0) {
        return false;
    }
    memcpy(low, text, low_len);
    low[low_len] = '\0';
    memcpy(high, high_text, high_len + 1);
    return true;
}

static int parse_range(const char *text, parse_end *end, int64_t now, struct range *ret)
{
    char low[64], high[64];
    struct range r = { .min = 0 };
    if (!split_range(text, low, high)) {
        return -1;
    }
    r.has_min = *low != '\0';
    r.has_max = *high != '\0';
    if ((r.has_min && !end(low, false, now, &r.min)) ||
        (r.has_max && !end(high, true, now, &r.max)) ||
        (r.has_min && r.has_max && r.min > r.max)) {
        return -1;
    }
    *ret = r;
    return 0;
}

int parse_int_range(const char *text, struct range *ret)
{
    return parse_range(text, int_end, 0, ret);
}

int parse_size_range(const char *text, struct range *ret)
{
    return parse_range(text, size_end, 0, ret);
}

int parse_date_range(const char *text, int64_t now, struct range *ret)
{
    /* "-7d" alone would be one instant; who writes it means "-7d..". */
    if (text[0] == '-' && !strstr(text, "..")) {
        return -1;
    }
    return parse_range(text, date_end, now, ret);
}

/* ---- Ratios ---- */

static bool parse_part(const char *text, size_t len, int64_t *ret)
{
    char part[16];
    if (len == 0 || len >= sizeof part) {
        return false;
    }
    memcpy(part, text, len);
    part[len] = '\0';
    return text_parse_int(part, 0, RATIO_PART_MAX, ret) && part[0] != '-';
}

/* "1.91" as 191 and 100. */
static bool parse_decimal(const char *text, struct ratio *ret)
{
    size_t whole_len = strcspn(text, ".");
    int64_t fraction = 0;
    ret->den = 1;
    if (!parse_part(text, whole_len, &ret->num)) {
        return false;
    }
    if (text[whole_len] == '\0') {
        return true;
    }
    const char *digits = text + whole_len + 1;
    size_t count = strlen(digits);
    if (count > 6 || !parse_part(digits, count, &fraction)) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        ret->den *= 10;
    }
    ret->num = ret->num * ret->den + fraction;
    return ret->num <= RATIO_PART_MAX;
}

static int64_t common_divisor(int64_t a, int64_t b)
{
    while (b != 0) {
        int64_t rest = a % b;
        a = b;
        b = rest;
    }
    return a;
}

static bool parse_ratio(const char *text, struct ratio *ret)
{
    const char *colon = strchr(text, ':');
    bool good = colon ? parse_part(text, (size_t)(colon - text), &ret->num) &&
                            parse_part(colon + 1, strlen(colon + 1), &ret->den)
                      : parse_decimal(text, ret);
    if (!good || ret->num == 0 || ret->den == 0) {
        return false;
    }
    int64_t divisor = common_divisor(ret->num, ret->den);
    ret->num /= divisor;
    ret->den /= divisor;
    return true;
}

int parse_ratio_range(const char *text, struct ratio_range *ret)
{
    char low[64], high[64];
    struct ratio_range r = { .has_min = false };
    if (!split_range(text, low, high)) {
        return -1;
    }
    r.has_min = *low != '\0';
    r.has_max = *high != '\0';
    if ((r.has_min && !parse_ratio(low, &r.min)) ||
        (r.has_max && !parse_ratio(high, &r.max)) ||
        (r.has_min && r.has_max && r.min.num * r.max.den > r.max.num * r.min.den)) {
        return -1;
    }
    *ret = r;
    return 0;
}

/* ---- Fields ---- */

static int wrong(const struct option *o, const char *text, const char *what,
                 struct error *err)
{
    return error_set(err, ERROR_USAGE, "--%s is \"%s\", which is not %s", o->name, text,
                     what);
}

static int store_flag(const struct option *o, bool *field, const char *text,
                      struct error *err)
{
    static const char *const words[] = { "false", "true", "no", "yes",
                                         "off", "on", "0", "1" };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (strcasecmp(words[i], text) == 0) {
            *field = i % 2 == 1;
            return 0;
        }
    }
    return wrong(o, text, "true or false", err);
}

static int store_int(const struct option *o, int64_t *field, const char *text,
                     struct error *err)
{
    bool bounded = o->min != 0 || o->max != 0;
    int64_t min = bounded ? o->min : INT64_MIN;
    int64_t max = bounded ? o->max : INT64_MAX;
    if (text_parse_int(text, min, max, field)) {
        return 0;
    }
    if (!bounded) {
        return wrong(o, text, "a whole number", err);
    }
    return error_set(err, ERROR_USAGE,
                     "--%s is \"%s\", which is not a whole number from %" PRId64
                     " to %" PRId64, o->name, text, min, max);
}

static int store_choice(const struct option *o, int *field, const char *text,
                        struct error *err)
{
    AUTO_BUF struct buf list = BUF_INIT;
    for (int i = 0; o->choices[i]; i++) {
        if (strcmp(o->choices[i], text) == 0) {
            *field = i;
            return 0;
        }
        buf_addf(&list, "%s%s", i ? ", " : "one of ", o->choices[i]);
    }
    return wrong(o, text, list.data, err);
}

/* The result of a parser: its failure is told with an example of what it takes. */
static int parsed(const struct option *o, const char *text, bool good, const char *what,
                  struct error *err)
{
    return good ? 0 : wrong(o, text, what, err);
}

int option_store(const struct option *o, void *base, const char *text, struct error *err)
{
    void *field = (char *)base + o->offset;
    switch (o->type) {
    case OPTION_FLAG:
        return store_flag(o, field, text, err);
    case OPTION_TEXT:
        *(const char **)field = text;
        return parsed(o, text, *text || o->complete != COMPLETE_FILE,
                      "the name of a file", err);
    case OPTION_LIST:
        strlist_add(field, text);
        return 0;
    case OPTION_INT:
        return store_int(o, field, text, err);
    case OPTION_SIZE:
        return parsed(o, text, text_parse_size(text, field),
                      "a size such as 500K or 1.5M", err);
    case OPTION_DURATION:
        return parsed(o, text, text_parse_duration(text, field),
                      "a duration such as 90s, 15m, 2h or 7d", err);
    case OPTION_MONEY:
        return parsed(o, text, money_parse(text, field),
                      "a sum in US dollars such as 0.50 or 20", err);
    case OPTION_CHOICE:
        return store_choice(o, field, text, err);
    case OPTION_INT_RANGE:
        return parsed(o, text, parse_int_range(text, field) == 0,
                      "a range such as 800..1920, 800.. or ..1920", err);
    case OPTION_SIZE_RANGE:
        return parsed(o, text, parse_size_range(text, field) == 0,
                      "a range of sizes such as 100K..8M, 1M.. or ..8M", err);
    case OPTION_DATE_RANGE:
        return parsed(o, text, parse_date_range(text, clock_now(), field) == 0,
                      "a range of dates such as 2026-11-01..2026-11-22 or -7d..", err);
    case OPTION_RATIO_RANGE:
        return parsed(o, text, parse_ratio_range(text, field) == 0,
                      "a range of ratios such as 4:5..1.91, 1:1 or ..16:9", err);
    }
    return error_set(err, ERROR_FAILED, "--%s has no type", o->name);
}
