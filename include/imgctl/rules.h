/*
 * rules.h - does a picture keep the rules of a profile?
 *
 * Facts go in (what image.h found, and the size of the file), results come out: one for
 * each rule that is broken or worth a remark; no result means nothing to say. A rule's
 * id is the profile's prefix and a name that never changes: "ig.bytes".
 *
 *   PREFIX.format               a format that the platform does not take
 *   PREFIX.format.undocumented  one that it takes from many, but promises to nobody
 *   PREFIX.corrupt, .limit      the file is damaged or larger than imgctl reads
 *   PREFIX.bytes                size of the file
 *   PREFIX.width .height .short_side .long_side .pixels
 *   PREFIX.size.N               at least N x N, this product's own rule
 *   PREFIX.aspect               width : height
 *   PREFIX.aspect.undocumented  outside what is documented, probably taken
 *   PREFIX.aspect.advised       taken, but shown cropped or with borders
 *   PREFIX.orientation          the EXIF tag turns the picture
 *   PREFIX.color.space .color.profile .color.depth
 *   PREFIX.coding               a JPEG in a coding that few programs read
 *   PREFIX.mpo                  several pictures in one file: MPO, JPS, a gain map
 *   PREFIX.alpha, .animation, .gps, .extension
 *   PREFIX.carousel.count, .carousel.aspect
 *   PREFIX.caption, .caption.utf16, .hashtags, .mentions, .caption.encoding
 *   PREFIX.alt                  the alternative text
 *   PREFIX.unchecked            what a catalog row alone cannot tell
 *   PREFIX.url...               delivery (preflight.h)
 *
 * Width and height are as seen. Ratios are compared by cross multiplication, never as
 * floating point. What is not documented is a warning; with STRICT an error.
 */
#ifndef IMGCTL_RULES_H
#define IMGCTL_RULES_H

#include "imgctl/profile.h"

/* How a repair would go about it; a set, as one pass may do several. */
enum rule_repair {
    REPAIR_NONE = 0,
    REPAIR_REENCODE = 1 << 0,    /* as a baseline JPEG (or the profile's first format) */
    REPAIR_FEWER_BYTES = 1 << 1, /* lower quality, then smaller */
    REPAIR_SHRINK = 1 << 2,      /* fewer pixels */
    REPAIR_ENLARGE = 1 << 3,     /* more pixels: only if asked, it gets no sharper */
    REPAIR_RATIO = 1 << 4,       /* crop or pad to a ratio within the limits */
    REPAIR_ROTATE = 1 << 5,      /* turn the pixels, drop the tag */
    REPAIR_SRGB = 1 << 6,        /* 8-bit sRGB */
    REPAIR_FLATTEN = 1 << 7,     /* draw over a background */
    REPAIR_FIRST_FRAME = 1 << 8, /* of an animation; first picture of an MPO */
    REPAIR_STRIP_GPS = 1 << 9,   /* without touching pixels */
    REPAIR_RENAME = 1 << 10,     /* give the name the right extension */
};

struct rule_result {
    char rule[40];
    enum rule_level level;
    bool undocumented;    /* nobody promises the limit: what STRICT makes an error */
    char found[96];
    char limit[96];
    const char *fix;      /* what to do, a static text; NULL: nothing can be done */
    unsigned repair;      /* how imgctl can do it (enum rule_repair) */
    bool loses;           /* the repair takes something away from the picture */
    int code, subcode;    /* what the service answers to such a picture; 0: not known */
};

#define RULES_MAX 32

struct rule_results {
    struct rule_result items[RULES_MAX];
    size_t count;         /* only so many items are filled in */
};

#define RULE_RESULTS_INIT(r) ((r)->count = 0) /* the items need no clearing */

struct rule_facts {
    struct image_info info;
    int64_t bytes;
    const char *name;     /* of the file, for its extension; NULL */
    bool from_catalog;    /* only format, width, height and bytes are known */
};

/* Add what PROFILE says of one picture. */
void rules_check(const struct profile *p, const struct rule_facts *facts, bool strict,
                 struct rule_results *ret);

/* Add what it says of a file that image_probe() refused with ERR (ERROR_IMAGE_...). */
void rules_check_unreadable(const struct profile *p, const struct error *err,
                            struct rule_results *ret);

/* No error among the results. */
bool rules_valid(const struct rule_results *r);
size_t rules_count(const struct rule_results *r, enum rule_level level);
const char *rule_level_name(enum rule_level level); /* "error", "warn", "info" */

/* All repairs that the errors and warnings ask for. */
unsigned rules_repairs(const struct rule_results *r);

/* ---- Pictures that are posted together ---- */

/* The number of them. */
void rules_check_count(const struct profile *p, int64_t count, struct rule_results *ret);

/* One of the others against the first: they are all cropped to its ratio. Ratios that
 * differ by less than a pixel's rounding are the same. */
void rules_check_sibling(const struct profile *p, const struct image_info *first,
                         const struct image_info *other, struct rule_results *ret);

/* ---- Captions ---- */

struct caption {
    int64_t characters;   /* Unicode code points */
    int64_t utf16;        /* UTF-16 units: characters beyond U+FFFF count twice */
    int64_t hashtags;     /* every one, also the same again */
    int64_t mentions;     /* @name; not the @ of an e-mail address */
    bool is_utf8;         /* false: the others say nothing */
};

/* One newline at the end is not part of the caption. */
void caption_measure(const char *text, size_t len, struct caption *ret);
void rules_check_caption(const struct profile *p, const struct caption *caption,
                         bool strict, struct rule_results *ret);

/* The alternative text of a picture, which is UTF-8; NULL: none. */
void rules_check_alt(const struct profile *p, const char *text, struct rule_results *ret);

/* ---- For those who add rules: preflight.c, publish ---- */

/* A new result of PREFIX.NAME: its other members are zero. */
struct rule_result *rules_add(struct rule_results *r, const struct profile *p,
                              enum rule_level level, const char *name);

#endif
