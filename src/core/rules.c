#include "imgctl/rules.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "rules_parts.h"

const char *rule_level_name(enum rule_level level)
{
    static const char *const names[] = { "info", "warn", "error" };
    return names[level];
}

/* The service's answer to a picture that breaks the rule NAME, or its family. */
static void predict(const struct profile *p, const char *name, struct rule_result *r)
{
    for (unsigned i = 0; i < p->prediction_count; i++) {
        const struct profile_prediction *known = &p->predictions[i];
        size_t len = strlen(known->rule);
        if (strncmp(name, known->rule, len) == 0 &&
            (name[len] == '\0' || name[len] == '.')) {
            r->code = known->code;
            r->subcode = known->subcode;
        }
    }
}

struct rule_result *rules_add(struct rule_results *r, const struct profile *p,
                              enum rule_level level, const char *name)
{
    /* More results than a picture can have are counted as the last one. */
    size_t at = r->count < RULES_MAX ? r->count++ : RULES_MAX - 1;
    struct rule_result *new = &r->items[at];
    *new = (struct rule_result){ .level = level };
    snprintf(new->rule, sizeof new->rule, "%s.%s", p->prefix, name);
    if (level != RULE_INFO) {
        predict(p, name, new);
    }
    return new;
}

struct rule_result *judge_add(struct judge *j, enum rule_level level, const char *name,
                               unsigned repair, const char *fix)
{
    struct rule_result *r = rules_add(j->results, j->profile, level, name);
    r->repair = repair;
    r->fix = fix;
    return r;
}

enum rule_level judge_undocumented(const struct judge *j)
{
    return j->strict ? RULE_ERROR : RULE_WARN;
}

void rule_say(char out[RULE_TEXT], const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(out, RULE_TEXT, fmt, ap);
    va_end(ap);
}

/* ---- Format and bytes ---- */

static const char *format_name(enum image_format format)
{
    static const char *const names[] = { "unknown", "JPEG", "PNG", "WebP" };
    return names[format];
}

static void say_formats(char out[RULE_TEXT], const struct strlist *formats)
{
    size_t at = 0;
    for (size_t i = 0; i < formats->len && at < RULE_TEXT - 8; i++) {
        int n = snprintf(out + at, RULE_TEXT - at, "%s%s", i ? ", " : "",
                         formats->items[i]);
        at += n > 0 ? (size_t)n : 0;
    }
}

static void check_format(struct judge *j)
{
    static const char fix[] = "convert it to JPEG";
    enum image_format format = j->facts->info.format;
    struct rule_result *r;
    if (profile_takes(j->profile, format)) {
        return;
    }
    if (profile_takes_undocumented(j->profile, format)) {
        r = judge_add(j, judge_undocumented(j), "format.undocumented", REPAIR_REENCODE,
                      fix);
        r->undocumented = true;
    } else {
        r = judge_add(j, RULE_ERROR, "format", REPAIR_REENCODE, fix);
    }
    rule_say(r->found, "%s", format_name(format));
    say_formats(r->limit, &j->profile->formats);
}

static void check_bytes(struct judge *j)
{
    const struct profile *p = j->profile;
    int64_t bytes = j->facts->bytes;
    if (p->max_bytes == 0 || bytes <= p->max_bytes) {
        return;
    }
    bool grey = bytes <= p->max_bytes_undocumented;
    enum rule_level level = grey ? judge_undocumented(j) : RULE_ERROR;
    struct rule_result *r = judge_add(j, level, "bytes", REPAIR_FEWER_BYTES,
                                      "encode it again, smaller");
    r->undocumented = grey;
    rule_say(r->found, "%" PRId64 " bytes", bytes);
    rule_say(r->limit, "at most %" PRId64, p->max_bytes);
}

static void check_extension(struct judge *j)
{
    enum image_format format = j->facts->info.format;
    const char *dot = j->facts->name ? strrchr(j->facts->name, '.') : NULL;
    if (!dot || dot == j->facts->name || strchr(dot, '/')) {
        return;
    }
    bool fits = strcasecmp(dot + 1, image_extension(format)) == 0 ||
                (format == IMAGE_JPEG &&
                 (strcasecmp(dot, ".jpeg") == 0 || strcasecmp(dot, ".jpe") == 0)) ||
                (format == IMAGE_PNG && strcasecmp(dot, ".apng") == 0);
    if (!fits) {
        struct rule_result *r = judge_add(j, RULE_INFO, "extension", REPAIR_RENAME,
                                    "rename the file");
        rule_say(r->found, "a %s named %.40s", format_name(format), dot);
        rule_say(r->limit, ".%s", image_extension(format));
    }
}

static bool geometry_is_fine(const struct judge *j, int64_t width, int64_t height)
{
    struct rule_results scratch;
    struct judge other = *j;
    RULE_RESULTS_INIT(&scratch);
    other.results = &scratch;
    judge_geometry(&other, width, height);
    return rules_valid(&scratch);
}

static void check_orientation(struct judge *j)
{
    static const char *const what[] = { "",
                                        "",
                                        "mirrored",
                                        "turned by 180 degrees",
                                        "mirrored and turned by 180 degrees",
                                        "mirrored and turned by 270 degrees",
                                        "turned by 90 degrees",
                                        "mirrored and turned by 90 degrees",
                                        "turned by 270 degrees" };
    const struct image_info *info = &j->facts->info;
    unsigned tag = info->orientation;
    if (tag < 2 || tag > 8) {
        return;
    }
    bool differ = tag >= 5 && geometry_is_fine(j, info->width, info->height) !=
                                  geometry_is_fine(j, info->height, info->width);
    struct rule_result *r = judge_add(j, differ ? RULE_ERROR : RULE_WARN, "orientation",
                                REPAIR_ROTATE, "turn the pixels and drop the tag");
    rule_say(r->found, "%u, %s", tag, what[tag]);
    rule_say(r->limit, "1%s", differ ? ": with and without it the verdict differs" : "");
}

/* ---- Colour and what else is in the file ---- */

static void check_colour(struct judge *j)
{
    static const char fix[] = "convert it to sRGB";
    const struct image_info *info = &j->facts->info;
    struct rule_result *r;
    if (!j->profile->srgb) {
        return;
    }
    if (info->space == SPACE_CMYK || info->space == SPACE_YCCK ||
        info->space == SPACE_UNKNOWN) {
        r = judge_add(j, RULE_WARN, "color.space", REPAIR_SRGB, fix);
        rule_say(r->found,
                 info->space == SPACE_UNKNOWN ? "two components" : "CMYK");
        rule_say(r->limit, "RGB or grey");
    }
    if (info->profile > PROFILE_SRGB) {
        r = judge_add(j, RULE_WARN, "color.profile", REPAIR_SRGB, fix);
        rule_say(r->found, "%s", info->profile == PROFILE_OTHER
                                ? "another profile"
                                : image_profile_name(info->profile));
        rule_say(r->limit, "sRGB");
    }
    if (info->bits > 8) {
        r = judge_add(j, RULE_WARN, "color.depth", REPAIR_SRGB, fix);
        rule_say(r->found, "%d bits a channel", info->bits);
        rule_say(r->limit, "8");
    }
}

static void check_single(struct judge *j)
{
    const struct image_info *info = &j->facts->info;
    struct rule_result *r;
    if (!j->profile->single || (info->pictures < 2 && !info->is_stereo)) {
        return;
    }
    r = judge_add(j, RULE_WARN, "mpo", REPAIR_REENCODE | REPAIR_FIRST_FRAME,
            "keep the first picture only");
    r->loses = true;
    if (info->is_stereo) {
        rule_say(r->found, "a stereo JPEG (JPS)");
    } else if (info->has_gain_map) {
        rule_say(r->found, "a gain map for HDR screens");
    } else {
        rule_say(r->found, "%" PRIu32 " pictures in one file (MPO)", info->pictures);
    }
    rule_say(r->limit, "one picture");
}

static void check_contents(struct judge *j)
{
    const struct image_info *info = &j->facts->info;
    struct rule_result *r;
    check_single(j);
    if (info->is_arithmetic) {
        r = judge_add(j, RULE_WARN, "coding", REPAIR_REENCODE, "encode it again");
        rule_say(r->found, "arithmetic coding");
        rule_say(r->limit, "Huffman coding, which every program reads");
    }
    if (j->profile->opaque && info->has_alpha) {
        r = judge_add(j, RULE_WARN, "alpha", REPAIR_FLATTEN, "draw it over a background");
        r->loses = true;
        rule_say(r->found, "transparency");
        rule_say(r->limit, "none: it may turn black");
    }
    if (j->profile->still && info->frames > 1) {
        r = judge_add(j, RULE_WARN, "animation", REPAIR_FIRST_FRAME,
                      "keep the first frame");
        r->loses = true;
        rule_say(r->found, "%" PRIu32 " frames", info->frames);
        rule_say(r->limit, "one");
    }
    if (info->has_gps) {
        r = judge_add(j, RULE_WARN, "gps", REPAIR_STRIP_GPS, "take it out");
        rule_say(r->found, "where it was taken");
        rule_say(r->limit, "no position");
    }
}

void rules_check(const struct profile *p, const struct rule_facts *facts, bool strict,
                 struct rule_results *ret)
{
    struct judge j = { p, facts, strict, ret };
    check_format(&j);
    check_bytes(&j);
    judge_geometry(&j, facts->info.width, facts->info.height);
    if (facts->from_catalog) {
        struct rule_result *r = judge_add(&j, RULE_INFO, "unchecked", REPAIR_NONE,
                                    "--url looks at what is delivered");
        rule_say(r->found, "only what the catalog knows");
        rule_say(r->limit, "colours, orientation, position and the like are not known");
        return;
    }
    check_orientation(&j);
    check_colour(&j);
    check_contents(&j);
    check_extension(&j);
}

void rules_check_unreadable(const struct profile *p, const struct error *err,
                            struct rule_results *ret)
{
    struct judge j = { .profile = p, .results = ret };
    const char *message = err->message;
    struct rule_result *r;
    if (err->kind == ERROR_IMAGE_TYPE) {
        bool foreign = strncmp(message, "this is ", 8) == 0;
        r = judge_add(&j, RULE_ERROR, "format", REPAIR_NONE, "convert it to JPEG");
        rule_say(r->found, "%.*s", foreign ? (int)strcspn(message + 8, ",") : 90,
            message + (foreign ? 8 : 0));
        say_formats(r->limit, &p->formats);
        return;
    }
    bool too_large = err->kind == ERROR_IMAGE_LIMIT;
    r = judge_add(&j, RULE_ERROR, too_large ? "limit" : "corrupt", REPAIR_NONE,
            too_large ? "scale it down" : "make or fetch the file again");
    rule_say(r->found, "%s", message);
    rule_say(r->limit, "%s", too_large ? "what can be decoded" : "a whole picture");
}

/* ---- What results say together ---- */

size_t rules_count(const struct rule_results *r, enum rule_level level)
{
    size_t count = 0;
    for (size_t i = 0; i < r->count; i++) {
        count += r->items[i].level == level;
    }
    return count;
}

bool rules_valid(const struct rule_results *r)
{
    return rules_count(r, RULE_ERROR) == 0;
}

unsigned rules_repairs(const struct rule_results *r)
{
    unsigned repairs = 0;
    for (size_t i = 0; i < r->count; i++) {
        repairs |= r->items[i].level == RULE_INFO ? 0 : r->items[i].repair;
    }
    return repairs;
}

/* ---- Pictures that are posted together ---- */

void rules_check_count(const struct profile *p, int64_t count, struct rule_results *ret)
{
    struct judge j = { .profile = p, .results = ret };
    if (count >= p->min_items && (p->max_items == 0 || count <= p->max_items)) {
        return;
    }
    struct rule_result *r = judge_add(&j, RULE_ERROR, "carousel.count", REPAIR_NONE,
                                count < p->min_items ? "add pictures" : "leave some out");
    rule_say(r->found, "%" PRId64, count);
    rule_say(r->limit, "%" PRId64 "..%" PRId64, p->min_items, p->max_items);
}

void rules_check_sibling(const struct profile *p, const struct image_info *first,
                         const struct image_info *other, struct rule_results *ret)
{
    struct judge j = { .profile = p, .results = ret };
    int64_t off = (int64_t)other->width * first->height -
                  (int64_t)first->width * other->height;
    if ((off < 0 ? -off : off) < other->width) {
        return;
    }
    struct rule_result *r = judge_add(&j, RULE_WARN, "carousel.aspect", REPAIR_RATIO,
                                "crop or pad it to the ratio of the first picture");
    r->loses = true;
    rule_say_ratio(r->found, other->width, other->height);
    rule_say(r->limit, "%" PRIu32 "x%" PRIu32 " as the first, or it is cropped",
             first->width, first->height);
}
