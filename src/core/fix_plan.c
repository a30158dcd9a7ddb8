#include "imgctl/fix.h"

#include <inttypes.h>
#include <string.h>

#include "imgctl/text.h"
#include "rules_parts.h"

const char *const fix_fits[] = { "none", "crop", "pad", "blur", "scale", NULL };
const char *const fix_gravities[] = { "center", "north", "south", "west", "east", "auto",
                                      NULL };

#define PIXEL_REPAIRS                                                                \
    (REPAIR_REENCODE | REPAIR_FEWER_BYTES | REPAIR_SHRINK | REPAIR_ENLARGE |         \
     REPAIR_RATIO | REPAIR_ROTATE | REPAIR_SRGB | REPAIR_FLATTEN | REPAIR_FIRST_FRAME)

#define LONGEST_SIDE 16383 /* what all formats can have */

struct planning {
    const struct fix_options *options;
    const struct rule_facts *facts;
    struct rule_results results;
    struct ratio min, max;        /* that the result shall keep; den 0: no end */
    bool is_odd;                  /* not of the ratio that the first one has */
    int64_t num, den;             /* scale of the canvas */
    int64_t canvas_w, canvas_h;   /* before scaling */
    struct fix_plan *plan;
};

/* ---- Why ---- */

static const struct rule_result *find_repair(const struct rule_results *results,
                                             unsigned repair)
{
    const struct rule_result *found = NULL;
    for (size_t i = 0; i < results->count; i++) {
        const struct rule_result *r = &results->items[i];
        if (r->repair & repair && (!found || r->level > found->level)) {
            found = r;
        }
    }
    return found;
}

static int refuse(const struct rule_result *r, const char *hint, struct error *err)
{
    error_set(err, ERROR_RULE, "%s: %s, %s", r->rule, r->found, r->limit);
    return error_hint(err, "%s", hint);
}

static bool is_error(const struct rule_result *r)
{
    return r && r->level == RULE_ERROR;
}

/* Is it another than the first of its carousel? Then a rule says so. */
static bool compare_to_first(struct planning *p)
{
    const struct fix_options *o = p->options;
    struct image_info first = { .width = o->first_width, .height = o->first_height };
    size_t before = p->results.count;
    if (o->first_width > 0 && o->profile) {
        rules_check_sibling(o->profile, &first, &p->facts->info, &p->results);
    }
    return p->results.count > before;
}

/* What nobody can repair, or only who says how. */
static int check_repairable(const struct planning *p, struct error *err)
{
    const struct fix_options *o = p->options;
    const struct rule_result *ratio = find_repair(&p->results, REPAIR_RATIO);
    for (size_t i = 0; i < p->results.count; i++) {
        const struct rule_result *r = &p->results.items[i];
        if (is_error(r) && r->repair == REPAIR_NONE) {
            return refuse(r, r->fix ? r->fix : "nothing can be done about it", err);
        }
    }
    if ((is_error(ratio) || p->is_odd) && o->fit == FIT_NONE) {
        return refuse(ratio, "say how with --fit crop, pad, blur or scale", err);
    }
    return 0;
}

/* A format that somebody asked for, and the profile refuses. */
static int check_format(const struct fix_options *o, struct error *err)
{
    const struct profile *profile = o->profile;
    if (!profile || o->format == IMAGE_NONE || profile_takes(profile, o->format) ||
        (!o->strict && profile_takes_undocumented(profile, o->format))) {
        return 0;
    }
    error_set(err, ERROR_RULE, "%s does not take %s", profile->name,
              image_mime(o->format));
    return error_hint(err, "leave the format out: it becomes one that is taken");
}

static void find_repairs(struct planning *p)
{
    const struct fix_options *o = p->options;
    unsigned repairs = rules_repairs(&p->results);
    if (o->fit == FIT_NONE) {
        repairs &= ~(unsigned)REPAIR_RATIO;
    }
    if (!o->enlarge) {
        repairs &= ~(unsigned)REPAIR_ENLARGE;
    }
    if (o->keep_position) {
        repairs &= ~(unsigned)REPAIR_STRIP_GPS;
    }
    if (o->format != IMAGE_NONE && o->format != p->facts->info.format) {
        repairs |= REPAIR_REENCODE;
    }
    if (o->bytes > 0 && p->facts->bytes > o->bytes) {
        repairs |= REPAIR_FEWER_BYTES;
    }
    p->plan->repairs = repairs;
}

/* ---- Shape ---- */

static void choose_ratio(struct planning *p)
{
    const struct profile *profile = p->options->profile;
    if (p->options->ratio.den) {
        p->min = p->max = p->options->ratio;
    } else if (p->is_odd) {
        p->min = p->max = (struct ratio){ p->options->first_width,
                                          p->options->first_height };
    } else if (profile && profile->advised_ratio.den && p->options->fit != FIT_NONE) {
        p->min = p->max = profile->advised_ratio;
    } else if (profile) {
        p->min = profile->min_ratio;
        p->max = profile->max_ratio;
    }
}

static bool is_narrow(const struct planning *p, int64_t width, int64_t height)
{
    return p->min.den && compare_ratio(width, height, p->min) < 0;
}

static bool is_wide(const struct planning *p, int64_t width, int64_t height)
{
    return p->max.den && compare_ratio(width, height, p->max) > 0;
}

static int64_t at_least_1(int64_t n)
{
    return n < 1 ? 1 : n;
}

static int64_t divide_up(int64_t a, int64_t b)
{
    return (a + b - 1) / b;
}

/* The canvas in the measure of the picture, and what of the picture is on it. */
static void shape(struct planning *p)
{
    int64_t w = p->facts->info.width, h = p->facts->info.height;
    bool narrow = is_narrow(p, w, h), wide = is_wide(p, w, h);
    p->canvas_w = w;
    p->canvas_h = h;
    if (p->options->fit == FIT_NONE || (!narrow && !wide)) {
        return;
    }
    p->plan->repairs |= REPAIR_RATIO;
    if (p->options->fit == FIT_PAD || p->options->fit == FIT_BLUR) {
        p->canvas_w = narrow ? divide_up(h * p->min.num, p->min.den) : w;
        p->canvas_h = wide ? divide_up(w * p->max.den, p->max.num) : h;
    } else {
        p->canvas_h = narrow ? at_least_1(w * p->min.den / p->min.num) : h;
        p->canvas_w = wide ? at_least_1(h * p->max.num / p->max.den) : w;
    }
}

/* ---- Scale ---- */

/* No side becomes longer, whatever a profile of one's own says; and so products fit. */
static int64_t possible(int64_t side)
{
    return side < LONGEST_SIDE ? side : LONGEST_SIDE;
}

/* The canvas's VALUE becomes at most MOST. */
static void limit_scale(struct planning *p, int64_t value, int64_t most)
{
    most = possible(most);
    if (most > 0 && value * p->num > most * p->den) {
        p->num = most;
        p->den = value;
    }
}

static void lift_scale(struct planning *p, int64_t value, int64_t least)
{
    least = possible(least);
    if (value * p->num < least * p->den) {
        p->num = least;
        p->den = value;
    }
}

static int64_t square_root(int64_t n)
{
    int64_t root = 0;
    for (int64_t bit = (int64_t)1 << 31; bit > 0; bit >>= 1) {
        if ((root + bit) * (root + bit) <= n) {
            root += bit;
        }
    }
    return root;
}

/* Rounding up two sides must not lead beyond MOST again. */
static void limit_pixels(struct planning *p, int64_t most)
{
    int64_t w = p->canvas_w, h = p->canvas_h;
    if (most > 0 && w > most / h) {
        limit_scale(p, square_root(w * h) + 1, square_root(most - most / 100));
    }
}

static void scale_for_profile(struct planning *p, const struct profile *profile)
{
    int64_t w = p->canvas_w, h = p->canvas_h;
    int64_t longer = w > h ? w : h, shorter = w + h - longer;
    if (p->options->enlarge) {
        lift_scale(p, w, profile->width.min);
        lift_scale(p, h, profile->height.min);
        lift_scale(p, shorter, profile->short_side.min);
        lift_scale(p, shorter, profile->min_side);
        lift_scale(p, longer, profile->long_side.min);
    }
    limit_scale(p, w, profile->width.max);
    limit_scale(p, h, profile->height.max);
    limit_scale(p, shorter, profile->short_side.max);
    limit_scale(p, longer, profile->long_side.max);
    limit_pixels(p, profile->pixels.max);
}

/* Room around a long strip can be more than can be made. */
static void scale_for_limits(struct planning *p)
{
    limit_scale(p, p->canvas_w, LONGEST_SIDE);
    limit_scale(p, p->canvas_h, LONGEST_SIDE);
    limit_pixels(p, p->options->limits.pixels);
}

static void choose_scale(struct planning *p)
{
    p->num = p->den = 1;
    if (p->options->profile) {
        scale_for_profile(p, p->options->profile);
    }
    scale_for_limits(p);
    limit_scale(p, p->canvas_w, p->options->width);
    limit_scale(p, p->canvas_h, p->options->height);
    if (p->num < p->den) {
        p->plan->repairs |= REPAIR_SHRINK;
    }
}

static int64_t scaled(const struct planning *p, int64_t n)
{
    return at_least_1((n * p->num + p->den / 2) / p->den);
}

static int64_t clamp(int64_t n, int64_t low, int64_t high)
{
    return n < low ? low : n > high ? high : n;
}

/* Rounding may not lead out of the ratio again. */
static int64_t legal_height(const struct planning *p, int64_t width, int64_t height)
{
    if (is_wide(p, width, height)) {
        return divide_up(width * p->max.den, p->max.num);
    }
    if (is_narrow(p, width, height)) {
        return at_least_1(width * p->min.den / p->min.num);
    }
    return height;
}

static void place(struct planning *p)
{
    struct fix_plan *plan = p->plan;
    const struct image_info *info = &p->facts->info;
    bool room = p->options->fit == FIT_PAD || p->options->fit == FIT_BLUR;
    int64_t w = scaled(p, p->canvas_w), h = scaled(p, p->canvas_h);
    if (plan->repairs & REPAIR_RATIO) {
        h = legal_height(p, w, h);
    }
    plan->canvas_width = (uint32_t)w;
    plan->canvas_height = (uint32_t)h;
    plan->width = room ? (uint32_t)clamp(scaled(p, info->width), 1, w) : (uint32_t)w;
    plan->height = room ? (uint32_t)clamp(scaled(p, info->height), 1, h) : (uint32_t)h;
    if (p->options->fit == FIT_CROP && plan->repairs & REPAIR_RATIO) {
        plan->crop.width = (uint32_t)p->canvas_w;
        plan->crop.height = (uint32_t)p->canvas_h;
    }
}

/* Where the part that stays begins, along a side of FULL pixels. */
static uint32_t offset(uint32_t full, uint32_t part, bool first, bool last)
{
    return first ? 0 : last ? full - part : (full - part) / 2;
}

static void place_crop(struct planning *p)
{
    enum fix_gravity g = p->options->gravity;
    struct box *crop = &p->plan->crop;
    if (crop->width > 0) {
        crop->x = offset(p->facts->info.width, crop->width, g == GRAVITY_WEST,
                         g == GRAVITY_EAST);
        crop->y = offset(p->facts->info.height, crop->height, g == GRAVITY_NORTH,
                         g == GRAVITY_SOUTH);
    }
}

/* A side of one pixel, and the other as long as the ratio wants it. */
static int check_shape(const struct planning *p, struct error *err)
{
    const struct fix_plan *plan = p->plan;
    if (plan->canvas_height <= LONGEST_SIDE) {
        return 0;
    }
    error_set(err, ERROR_RULE, "in that ratio it would be %" PRIu32 "x%" PRIu32
              ", and no side can be longer than %d", plan->canvas_width,
              plan->canvas_height, LONGEST_SIDE);
    return error_hint(err, "name a ratio nearer to the picture's");
}

/* Is the canvas large enough? Room around a picture may make it so, cropping may not. */
static int check_size(const struct planning *p, struct error *err)
{
    struct rule_facts facts = *p->facts;
    struct rule_results results;
    RULE_RESULTS_INIT(&results);
    if (!p->options->profile || p->options->enlarge) {
        return 0;
    }
    facts.info.width = p->plan->canvas_width;
    facts.info.height = p->plan->canvas_height;
    rules_check(p->options->profile, &facts, p->options->strict, &results);
    const struct rule_result *small = find_repair(&results, REPAIR_ENLARGE);
    return is_error(small)
               ? refuse(small, "use a larger picture, or --enlarge, which makes it no "
                               "sharper", err)
               : 0;
}

/* ---- Format ---- */

static enum image_format choose_format(const struct planning *p)
{
    static const enum image_format all[] = { IMAGE_JPEG, IMAGE_PNG, IMAGE_WEBP };
    enum image_format own = p->facts->info.format;
    const struct profile *profile = p->options->profile;
    if (p->options->format != IMAGE_NONE) {
        return p->options->format;
    }
    if (!profile || (profile_takes(profile, own) && !p->facts->info.is_animated)) {
        return own;
    }
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        if (profile_takes(profile, all[i])) {
            return all[i];
        }
    }
    return IMAGE_JPEG;
}

static int64_t smaller_limit(int64_t a, int64_t b)
{
    return a == 0 || (b > 0 && b < a) ? b : a;
}

int fix_plan(const struct fix_options *options, const struct rule_facts *facts,
             struct fix_plan *ret, struct error *err)
{
    struct planning p = { .options = options, .facts = facts, .plan = ret };
    const struct profile *profile = options->profile;
    *ret = (struct fix_plan){ .strip = options->strip };
    if (profile) {
        rules_check(profile, facts, options->strict, &p.results);
        p.is_odd = compare_to_first(&p);
    }
    if (check_format(options, err) < 0 || check_repairable(&p, err) < 0) {
        return -1;
    }
    find_repairs(&p);
    choose_ratio(&p);
    shape(&p);
    choose_scale(&p);
    place(&p);
    place_crop(&p);
    if (check_shape(&p, err) < 0 || check_size(&p, err) < 0) {
        return -1;
    }
    ret->format = choose_format(&p);
    ret->bytes = smaller_limit(profile ? profile->max_bytes : 0, options->bytes);
    ret->flatten = facts->info.has_alpha &&
                   (ret->format == IMAGE_JPEG || (profile && profile->opaque) ||
                    options->fit == FIT_PAD || options->fit == FIT_BLUR);
    if (ret->repairs & REPAIR_STRIP_GPS && ret->strip == STRIP_NONE) {
        ret->strip = STRIP_GPS;
    }
    bool pixels = ret->repairs & PIXEL_REPAIRS ||
                  (options->reencode && ret->format != IMAGE_PNG);
    /* Whether there is metadata, or a position that is hidden well, only trying tells. */
    ret->is_needed = pixels || ret->strip != STRIP_NONE;
    ret->is_lossless = !pixels;
    return 0;
}

/* ---- In words ---- */

static void add_step(struct buf *out, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

static void add_step(struct buf *out, const char *fmt, ...)
{
    va_list ap;
    buf_addstr(out, out->len ? ", " : "");
    va_start(ap, fmt);
    buf_vaddf(out, fmt, ap);
    va_end(ap);
}

static void describe_shape(const struct fix_options *options,
                           const struct rule_facts *facts, const struct fix_plan *plan,
                           struct buf *out)
{
    uint32_t w = plan->crop.width ? plan->crop.width : facts->info.width;
    uint32_t h = plan->crop.width ? plan->crop.height : facts->info.height;
    if (plan->crop.width) {
        add_step(out, "crop to %" PRIu32 "x%" PRIu32, w, h);
    }
    if (plan->width != w || plan->height != h) {
        add_step(out, "%s to %" PRIu32 "x%" PRIu32,
                 options->fit == FIT_SCALE && plan->repairs & REPAIR_RATIO ? "stretch"
                                                                           : "scale",
                 plan->width, plan->height);
    }
    if (plan->canvas_width != plan->width || plan->canvas_height != plan->height) {
        add_step(out, "%s to %" PRIu32 "x%" PRIu32,
                 options->fit == FIT_BLUR ? "pad with a blurred copy" : "pad",
                 plan->canvas_width, plan->canvas_height);
    }
}

static const char *name_format(enum image_format format)
{
    return format == IMAGE_JPEG ? "JPEG" : format == IMAGE_PNG ? "PNG" : "WebP";
}

void fix_describe(const struct fix_options *options, const struct rule_facts *facts,
                  const struct fix_plan *plan, struct buf *out)
{
    char size[16];
    if (!plan->is_needed) {
        buf_addstr(out, "nothing to do");
        return;
    }
    if (plan->is_lossless) {
        add_step(out, plan->strip == STRIP_ALL ? "take out all metadata"
                                               : "take out the position");
        return;
    }
    if (facts->info.frames > 1) {
        add_step(out, "take the first of %" PRIu32 " frames", facts->info.frames);
    }
    if (facts->info.orientation > 1) {
        add_step(out, "turn upright");
    }
    describe_shape(options, facts, plan, out);
    if (plan->repairs & REPAIR_SRGB) {
        add_step(out, "convert to sRGB");
    }
    if (plan->flatten) {
        add_step(out, "draw over #%06" PRIx32, options->background);
    }
    add_step(out, "encode as %s", name_format(plan->format));
    if (plan->bytes > 0) {
        text_format_size(size, plan->bytes);
        buf_addf(out, " of at most %s", size);
    }
}
