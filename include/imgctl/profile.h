/*
 * profile.h - what a platform takes, as data.
 *
 * A profile is a JSON file, profiles/NAME.json (data.h): dated, with its sources. A
 * user's own lies in the folder profiles beside the configuration file, and replaces
 * an installed one of the same name. Everything in a file is checked: a member of the
 * wrong type, out of range or of an unknown name is ERROR_CONFIG that names the file
 * and the member. All members but name, title, date, prefix and formats may be left
 * out: what is not there is not limited.
 *
 *   name, title      "instagram-feed", "Instagram, picture of the feed"
 *   date             "2026-11-22": when the facts were looked up
 *   sources          where: a list of texts
 *   notes            what people should know besides
 *   prefix           of the rules' names: "ig"
 *   formats          "jpeg", "png", "webp"; also names that imgctl cannot read
 *   formats_undocumented  taken by many accounts, promised by nobody
 *   bytes            {"max", "max_undocumented"}
 *   width, height, short_side, long_side, pixels
 *                    {"min", "max", "below", "above"}; below and above are the level of
 *                    breaking it: "error" (the default), "warn" or "info"
 *   ratio            {"min", "max", "min_undocumented", "max_undocumented", "advised"},
 *                    each "W:H"
 *   min_side         a rule of this product's own: width and height are at least this
 *   srgb             true: colours in another space are warned of
 *   still            true: an animation is warned of, only its first picture counts
 *   opaque           true: transparency is warned of
 *   single           true: several pictures in one file (MPO, JPS) are warned of
 *   items            {"min", "max"}: pictures that are posted together
 *   caption          {"max", "unit", "hashtags", "hashtags_advised", "mentions",
 *                    "mentions_advised"}; unit "characters" or "utf16"
 *   alt              {"max"}: characters of the alternative text of a picture
 *   predicts         {"bytes": "36000/2207004", ...}: code and subcode of what the
 *                    service answers where the rule is broken, by the rule's name
 *                    without prefix
 */
#ifndef IMGCTL_PROFILE_H
#define IMGCTL_PROFILE_H

#include <stdbool.h>
#include <stdint.h>

#include "imgctl/config.h"
#include "imgctl/error.h"
#include "imgctl/image.h"
#include "imgctl/range.h"
#include "imgctl/strlist.h"

enum rule_level { RULE_INFO, RULE_WARN, RULE_ERROR };

/* 0: no limit on that side. */
struct profile_span {
    int64_t min, max;
    int below, above;  /* enum rule_level */
};

struct profile_caption {
    int64_t max;       /* 0: not limited, as the next four */
    int64_t hashtags, hashtags_advised;
    int64_t mentions, mentions_advised;
    int is_utf16;      /* MAX counts UTF-16 units, not characters */
};

#define PROFILE_PREDICTIONS 16

struct profile_prediction {
    char *rule;        /* "bytes" */
    int code, subcode;
};

/* Ratios that are not there have the denominator 0. */
struct profile {
    char *name, *title, *date, *notes, *prefix;
    char *path;        /* of the file */
    struct strlist sources, formats, formats_undocumented;
    int64_t max_bytes, max_bytes_undocumented;
    struct profile_span width, height, short_side, long_side, pixels;
    struct ratio min_ratio, max_ratio;  /* documented */
    struct ratio min_ratio_undocumented, max_ratio_undocumented;
    struct ratio advised_ratio;
    int64_t min_side;
    bool srgb, still, opaque, single;
    int64_t min_items, max_items;
    struct profile_caption caption;
    int64_t max_alt;   /* 0: not limited */
    struct profile_prediction predictions[PROFILE_PREDICTIONS];
    unsigned prediction_count;
};

/* By name. ERROR_USAGE with the nearest name if there is none, ERROR_CONFIG if its
 * file is wrong. */
int profile_load(const struct config *config, const char *name, struct profile **ret,
                 struct error *err);
void profile_free(struct profile *p);

/* All names, sorted. */
int profile_names(const struct config *config, struct strlist *ret, struct error *err);

/* As profile_load(), of the text of a file; PATH is for messages. */
int profile_parse(const char *text, size_t len, const char *path, struct profile **ret,
                  struct error *err);

bool profile_takes(const struct profile *p, enum image_format format);
bool profile_takes_undocumented(const struct profile *p, enum image_format format);

#endif
