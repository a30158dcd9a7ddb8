/*
 * fix.h - what it takes to make a picture keep the rules of a profile, and doing it.
 *
 * A plan is made from facts alone (a few header reads) and can be shown before anything
 * is decoded. Where only metadata has to go, the plan is lossless and no pixel is
 * touched; otherwise the picture is decoded, cropped, scaled, padded, flattened and
 * encoded again: upright, sRGB, eight bits, without any metadata. Quality is the highest
 * at which the bytes fit, down to a floor; then the picture gets smaller.
 *
 * A ratio that is out of range is repaired only as somebody chose (fit), for every way
 * takes something away. What cannot be repaired is ERROR_RULE with what to do.
 *
 * fix_apply() may be called by several threads after image_codec_load().
 */
#ifndef IMGCTL_FIX_H
#define IMGCTL_FIX_H

#include <stdbool.h>
#include <stdint.h>

#include "imgctl/buf.h"
#include "imgctl/error.h"
#include "imgctl/raster.h"
#include "imgctl/rules.h"

enum fix_fit {
    FIT_NONE,  /* leave the ratio; an error if the profile refuses it */
    FIT_CROP,  /* cut off what is too much, at the side that gravity says */
    FIT_PAD,   /* room of the background's colour */
    FIT_BLUR,  /* room that shows the picture itself, blurred */
    FIT_SCALE, /* stretch */
};

/* Which part stays when something is cut off. */
enum fix_gravity { GRAVITY_CENTER, GRAVITY_NORTH, GRAVITY_SOUTH, GRAVITY_WEST,
                   GRAVITY_EAST, GRAVITY_AUTO /* the part with most detail */ };

extern const char *const fix_fits[];      /* "none", "crop", ...; NULL-terminated */
extern const char *const fix_gravities[];

/* Zero is "not said". */
struct fix_options {
    const struct profile *profile; /* NULL: no rules, only the wishes below */
    bool strict;                   /* undocumented limits count, too */
    enum fix_fit fit;
    enum fix_gravity gravity;
    uint32_t background;           /* 0xRRGGBB, under transparency and around */
    struct ratio ratio;            /* exactly this one; den 0: what the profile wants */
    int64_t width, height;         /* at most */
    bool enlarge;                  /* what is too small may be blown up */
    enum image_format format;      /* IMAGE_NONE: as it is, else what the profile takes */
    int quality;                   /* at most; 0: 90 */
    int64_t bytes;                 /* at most, besides the profile's limit */
    bool reencode;                 /* JPEG and WebP, also if nothing else asks for it */
    enum image_strip strip;        /* also taken out when pixels are left alone */
    bool keep_position;            /* where possible, also if a rule warns of it */
    uint32_t first_width, first_height; /* of a carousel, whose ratio all get; 0: none */
    struct image_limits limits;    /* of what is decoded */
};

struct fix_plan {
    bool is_needed;           /* false: it is fine as it is */
    bool is_lossless;         /* only metadata goes */
    enum image_strip strip;
    enum image_format format; /* of the result */
    struct box crop;          /* of the picture as seen; width 0: all. Its place moves
                                 if gravity is auto */
    uint32_t width, height;   /* of the picture in the result */
    uint32_t canvas_width, canvas_height; /* of the result */
    bool flatten;
    int64_t bytes;            /* at most; 0: no limit */
    unsigned repairs;         /* of enum rule_repair: why */
};

int fix_plan(const struct fix_options *options, const struct rule_facts *facts,
             struct fix_plan *ret, struct error *err);

/* "turn upright, crop to 3024x3780, scale to 1440x1800, encode as JPEG" */
void fix_describe(const struct fix_options *options, const struct rule_facts *facts,
                  const struct fix_plan *plan, struct buf *out);

/* What fix_apply() made. */
struct fix_result {
    int64_t bytes;
    int quality;              /* 0: lossless */
    bool is_same;             /* byte for byte: there was no metadata to take out */
    struct rule_facts facts;
    struct rule_results left; /* what the profile still says of it */
};

/*
 * Carry PLAN out on the file FD of SIZE bytes, into OUT_FD, an empty file. Checks the
 * result against the profile again: an error that is left is ERROR_RULE.
 */
int fix_apply(const struct fix_options *options, const struct fix_plan *plan, int fd,
              int64_t size, int out_fd, struct fix_result *ret, struct error *err);

#endif
