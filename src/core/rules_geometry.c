/*
 * Size and ratio. Ratios are compared by cross multiplication.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "rules_parts.h"

static void check_span(struct judge *j, const char *name, const struct profile_span *span,
                       int64_t value)
{
    if (value < span->min) {
        struct rule_result *r = judge_add(j, (enum rule_level)span->below, name,
                                          REPAIR_ENLARGE,
                                          "use a larger picture");
        rule_say(r->found, "%" PRId64, value);
        rule_say(r->limit, "at least %" PRId64, span->min);
    } else if (span->max > 0 && value > span->max) {
        const char *fix = span->above == RULE_INFO
                              ? "none needed: the platform scales it down"
                              : "scale it down";
        struct rule_result *r = judge_add(j, (enum rule_level)span->above, name,
                                          REPAIR_SHRINK, fix);
        rule_say(r->found, "%" PRId64, value);
        rule_say(r->limit, "at most %" PRId64, span->max);
    }
}

static void check_min_side(struct judge *j, int64_t width, int64_t height)
{
    char name[32];
    int64_t min = j->profile->min_side;
    if (width >= min && height >= min) {
        return;
    }
    snprintf(name, sizeof name, "size.%" PRId64, min);
    struct rule_result *r = judge_add(j, RULE_ERROR, name, REPAIR_ENLARGE,
                                "use a larger picture, or pad it");
    rule_say(r->found, "%" PRId64 "x%" PRId64, width, height);
    rule_say(r->limit, "at least %" PRId64 "x%" PRId64, min, min);
}

int compare_ratio(int64_t width, int64_t height, struct ratio ratio)
{
    int64_t a = width * ratio.den, b = height * ratio.num;
    return a < b ? -1 : a > b;
}

static bool within(int64_t width, int64_t height, struct ratio min, struct ratio max)
{
    return (min.den == 0 || compare_ratio(width, height, min) >= 0) &&
           (max.den == 0 || compare_ratio(width, height, max) <= 0);
}

static struct ratio first_known(struct ratio a, struct ratio b)
{
    return a.den ? a : b;
}

/* "0.7500": cut, not rounded, so that it never looks like the limit itself. */
void rule_say_ratio(char out[RULE_TEXT], int64_t width, int64_t height)
{
    int64_t parts = width * 10000 / height;
    rule_say(out, "%" PRId64 "x%" PRId64 ", %" PRId64 ".%04" PRId64, width, height,
        parts / 10000, parts % 10000);
}

static void say_ratio_limit(char out[RULE_TEXT], const struct profile *p)
{
    char min[32] = "", max[32] = "";
    if (p->min_ratio.den) {
        snprintf(min, sizeof min, "%" PRId64 ":%" PRId64, p->min_ratio.num,
                 p->min_ratio.den);
    }
    if (p->max_ratio.den == 100) {
        snprintf(max, sizeof max, "%" PRId64 ".%02" PRId64 ":1", p->max_ratio.num / 100,
                 p->max_ratio.num % 100);
    } else if (p->max_ratio.den) {
        snprintf(max, sizeof max, "%" PRId64 ":%" PRId64, p->max_ratio.num,
                 p->max_ratio.den);
    }
    if (strcmp(min, max) == 0) {
        rule_say(out, "%s", min);
    } else {
        rule_say(out, "%s%s%s", *min ? min : "at most ", *min ? ".." : "", max);
    }
}

/* Shown otherwise than it is: more than one hundredth off what is advised. */
static void check_advised_ratio(struct judge *j, int64_t width, int64_t height)
{
    struct ratio advised = j->profile->advised_ratio;
    if (advised.den == 0) {
        return;
    }
    int64_t off = width * advised.den - height * advised.num;
    if ((off < 0 ? -off : off) * 100 <= height * advised.num) {
        return;
    }
    struct rule_result *r = judge_add(j, RULE_WARN, "aspect.advised", REPAIR_RATIO,
                                "crop or pad it");
    r->loses = true;
    rule_say_ratio(r->found, width, height);
    rule_say(r->limit, "%" PRId64 ":%" PRId64 ", else cropped or with borders",
             advised.num, advised.den);
}

static void check_ratio(struct judge *j, int64_t width, int64_t height)
{
    const struct profile *p = j->profile;
    if (within(width, height, p->min_ratio, p->max_ratio)) {
        check_advised_ratio(j, width, height);
        return;
    }
    bool grey = (p->min_ratio_undocumented.den || p->max_ratio_undocumented.den) &&
                within(width, height,
                       first_known(p->min_ratio_undocumented, p->min_ratio),
                       first_known(p->max_ratio_undocumented, p->max_ratio));
    struct rule_result *r = judge_add(j, grey ? judge_undocumented(j) : RULE_ERROR,
                                grey ? "aspect.undocumented" : "aspect", REPAIR_RATIO,
                                "crop or pad it");
    r->undocumented = grey;
    r->loses = true;
    rule_say_ratio(r->found, width, height);
    say_ratio_limit(r->limit, p);
}

void judge_geometry(struct judge *j, int64_t width, int64_t height)
{
    const struct profile *p = j->profile;
    if (width <= 0 || height <= 0) {
        return; /* a catalog may not know them */
    }
    int64_t shorter = width < height ? width : height;
    check_span(j, "width", &p->width, width);
    check_span(j, "height", &p->height, height);
    check_span(j, "short_side", &p->short_side, shorter);
    check_span(j, "long_side", &p->long_side, width + height - shorter);
    check_span(j, "pixels", &p->pixels,
               width > INT64_MAX / height ? INT64_MAX : width * height);
    check_min_side(j, width, height);
    check_ratio(j, width, height);
}
