/*
 * rules_parts.h - what the files of rules.h share.
 */
#ifndef RULES_PARTS_H
#define RULES_PARTS_H

#include "imgctl/rules.h"

struct judge {
    const struct profile *profile;
    const struct rule_facts *facts;
    bool strict;
    struct rule_results *results;
};

/* A rule of the profile under judgement, with what to do about it. */
struct rule_result *judge_add(struct judge *j, enum rule_level level, const char *name,
                              unsigned repair, const char *fix);

/* The level of breaking what is not documented. */
enum rule_level judge_undocumented(const struct judge *j);

#define RULE_TEXT sizeof(((struct rule_result *)0)->found)
void rule_say(char out[RULE_TEXT], const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* "1080x1440, 0.7500" */
void rule_say_ratio(char out[RULE_TEXT], int64_t width, int64_t height);

/* Size and ratio. */
void judge_geometry(struct judge *j, int64_t width, int64_t height);

/* -1: WIDTH:HEIGHT is narrower than RATIO, 0: it is the same, 1: wider. */
int compare_ratio(int64_t width, int64_t height, struct ratio ratio);

#endif
