/* Sizes: names, ratios, and what a model makes of them. */
#include <stdio.h>
#include <string.h>

#include "imgctl/text.h"
#include "model_facts.h"

/* Wide enough for Instagram, which shows 1080 pixels, in its shapes. */
#define SHORTEST_WIDTH 1080
#define PIXELS_USUAL (2560 * 1440) /* above it the service calls its work experimental */

static const struct {
    const char *name;
    struct size size;
} named[] = {
    { "square", { 1024, 1024 } },    { "portrait", { 1024, 1536 } },
    { "landscape", { 1536, 1024 } }, { "instagram", { 1088, 1360 } },
    { "story", { 1152, 2048 } },
};

const char *const model_size_names[] = { "square", "portrait", "landscape", "instagram",
                                         "story", NULL };

static bool parse_pair(const char *text, char between, struct size *ret)
{
    char first[8];
    const char *mark = strchr(text, between);
    size_t len = mark ? (size_t)(mark - text) : 0;
    int64_t a, b;
    if (len == 0 || len >= sizeof first || text[0] < '0' || mark[1] < '0') {
        return false;
    }
    memcpy(first, text, len);
    first[len] = '\0';
    if (!text_parse_int(first, 1, MODEL_SIDE_MAX, &a) ||
        !text_parse_int(mark + 1, 1, MODEL_SIDE_MAX, &b)) {
        return false;
    }
    *ret = (struct size){ (uint32_t)a, (uint32_t)b };
    return true;
}

bool size_parse(const char *text, struct size *ret)
{
    return parse_pair(text, 'x', ret) || parse_pair(text, 'X', ret);
}

#define SIZE_TEXT 24
static void size_format(char out[SIZE_TEXT], struct size s)
{
    snprintf(out, SIZE_TEXT, "%ux%u", s.width, s.height);
}

static uint64_t pixels(struct size s)
{
    return (uint64_t)s.width * s.height;
}

/* How much wider or taller is A than B? As a fraction that is 1 or more. */
struct distance {
    uint64_t more, less;
};

static struct distance distance_of(struct size a, struct size b)
{
    uint64_t one = (uint64_t)a.width * b.height, other = (uint64_t)b.width * a.height;
    return one > other ? (struct distance){ one, other }
                       : (struct distance){ other, one };
}

static bool within(struct distance d, uint64_t percent_tenths)
{
    return d.more * 1000 <= d.less * (1000 + percent_tenths);
}

/* Fractions of up to 2^32 each: their products fit. */
static bool is_nearer(struct distance a, struct distance b)
{
    return a.more * b.less < b.more * a.less;
}

/* ---- What a model makes ---- */

static bool fits_fixed(const struct model *m, struct size s)
{
    char text[SIZE_TEXT];
    size_format(text, s);
    return strlist_has(&m->sizes, text);
}

/* Does M make pictures of this size? WHY gets the rule it breaks. */
static bool size_fits(const struct model *m, struct size s, const char **why)
{
    const struct model_facts *f = m->facts;
    uint32_t low = s.width < s.height ? s.width : s.height;
    uint32_t high = s.width < s.height ? s.height : s.width;
    *why = NULL;
    if (f->multiple == 0) {
        *why = fits_fixed(m, s) ? NULL : "it makes only a few sizes";
    } else if (s.width % f->multiple || s.height % f->multiple) {
        *why = "both sides must be multiples of its grid";
    } else if (high > f->longest) {
        *why = "the longer side is too long";
    } else if (high > (uint64_t)low * (uint64_t)f->ratio) {
        *why = "one side is too much longer than the other";
    } else if (pixels(s) < (uint64_t)f->min_pixels) {
        *why = "it has too few pixels";
    } else if (pixels(s) > (uint64_t)f->max_pixels) {
        *why = "it has too many pixels";
    }
    return !*why;
}

static uint64_t apart(uint64_t a, uint64_t b)
{
    return a > b ? a - b : b - a;
}

static struct size nearest_fixed(const struct model *m, struct size s)
{
    struct size best = s, one;
    for (size_t i = 0; i < m->sizes.len; i++) {
        size_parse(m->sizes.items[i], &one);
        struct distance now = distance_of(one, s), before = distance_of(best, s);
        bool is_same = !is_nearer(now, before) && !is_nearer(before, now);
        if (i == 0 || is_nearer(now, before) ||
            (is_same && apart(pixels(one), pixels(s)) < apart(pixels(best), pixels(s)))) {
            best = one;
        }
    }
    return best;
}

static uint64_t cost_of(struct size a, struct size b)
{
    return apart(a.width, b.width) + apart(a.height, b.height);
}

/* For scaling down: as large, and of the same shape but for one percent. */
static bool covers(struct size a, struct size b)
{
    return a.width >= b.width && a.height >= b.height && within(distance_of(a, b), 10);
}

/* On the grid the heights near the one that keeps the shape, for every width. Width 0
 * if there is none at all. */
static struct size search_grid(const struct model *m, struct size s, bool covering)
{
    const uint32_t step = (uint32_t)m->facts->multiple, top = (uint32_t)m->facts->longest;
    struct size best = { 0, 0 };
    const char *why;
    for (uint32_t w = step; s.width > 0 && w <= top; w += step) {
        uint64_t ideal = (uint64_t)w * s.height / s.width / step * step;
        for (uint64_t h = ideal > step ? ideal - step : step;
             h <= ideal + step && h <= top; h += step) {
            struct size one = { w, (uint32_t)h };
            if (size_fits(m, one, &why) && (!covering || covers(one, s)) &&
                (best.width == 0 || cost_of(one, s) < cost_of(best, s))) {
                best = one;
            }
        }
    }
    return best;
}

/* S, not longer than the rule allows. */
static struct size less_long(const struct model *m, struct size s)
{
    uint32_t ratio = (uint32_t)m->facts->ratio;
    if (s.width / ratio > s.height) {
        s.height = s.width / ratio;
    } else if (s.height / ratio > s.width) {
        s.width = s.height / ratio;
    }
    return s;
}

/* The size that M makes and that is most like S: large enough for it, if possible. Width
 * 0 if M makes none. */
static struct size nearest_size(const struct model *m, struct size s)
{
    if (m->facts->multiple == 0) {
        return nearest_fixed(m, s);
    }
    struct size wanted = less_long(m, s), best = search_grid(m, wanted, true);
    return best.width > 0 ? best : search_grid(m, wanted, false);
}

/* ---- What was asked for ---- */

/* A ratio such as 4:5 in the order of the pixels it is for. */
static struct size enlarge(struct size ratio)
{
    uint32_t longer = ratio.width > ratio.height ? ratio.width : ratio.height;
    uint32_t times = longer < SHORTEST_WIDTH ? SHORTEST_WIDTH / longer : 1;
    return (struct size){ ratio.width * times, ratio.height * times };
}

/* The smallest size of RATIO on the grid that is wide enough: exactly, or nearly. */
static bool snap(const struct model *m, struct size ratio, uint64_t tolerance,
                 struct size *ret)
{
    const uint32_t step = (uint32_t)m->facts->multiple;
    const char *why;
    for (uint32_t w = (SHORTEST_WIDTH + step - 1) / step * step;
         ratio.width > 0 && w <= m->facts->longest; w += step) {
        uint64_t h = ((uint64_t)w * ratio.height / ratio.width + step / 2) / step * step;
        if (h == 0 || h > MODEL_SIDE_MAX) {
            continue;
        }
        struct size one = { w, (uint32_t)h };
        if (pixels(one) <= PIXELS_USUAL && within(distance_of(one, ratio), tolerance) &&
            size_fits(m, one, &why)) {
            *ret = one;
            return true;
        }
    }
    return false;
}

/* A few fixed sizes take a shape that is not too far off: cropping does the rest. */
static bool choose_fixed(const struct model *m, struct size shape, struct size *ret)
{
    *ret = nearest_fixed(m, shape);
    return within(distance_of(*ret, shape), 280);
}

static bool choose_shape(const struct model *m, struct size shape, struct size *ret)
{
    if (m->facts->multiple == 0) {
        return choose_fixed(m, shape, ret);
    }
    return snap(m, shape, 0, ret) || snap(m, shape, 5, ret);
}

static int refuse(const struct model *m, const char *text, struct size wanted,
                  const char *why, struct error *err)
{
    char nearest[SIZE_TEXT];
    struct size best = nearest_size(m, wanted);
    size_format(nearest, best);
    error_set(err, ERROR_USAGE, "%s does not make %s: %s", m->id, text, why);
    if (best.width == 0) {
        return error_hint(err, "by the table of models it makes no size at all");
    }
    if (m->sizes.len > 0) {
        AUTO_BUF struct buf all = BUF_INIT;
        for (size_t i = 0; i < m->sizes.len; i++) {
            buf_addf(&all, "%s%s", i ? ", " : "", m->sizes.items[i]);
        }
        return error_hint(err, "it makes %s; the nearest is --size %s", all.data,
                          nearest);
    }
    const struct model_facts *f = m->facts;
    return error_hint(err, "the nearest is --size %s; sides are multiples of %d up to %d,"
                           " at most %d to 1, %d to %d pixels", nearest, (int)f->multiple,
                      (int)f->longest, (int)f->ratio, (int)f->min_pixels,
                      (int)f->max_pixels);
}

static int no_size(const char *text, struct error *err)
{
    if (strcmp(text, "auto") == 0) {
        error_set(err, ERROR_USAGE, "the size \"auto\" could cost anything: name one");
    } else {
        error_set(err, ERROR_USAGE, "\"%s\" is no size", text);
    }
    return error_hint(err,
                      "--size square, portrait, landscape, instagram or story, a ratio"
                      " such as 4:5, or WIDTHxHEIGHT");
}

/* SHAPE as a size of M; without M, or where its rules do not hold, only AS_IS. */
static int choose(const struct model *m, const char *text, struct size shape,
                  struct size as_is, bool check, struct size *ret, struct error *err)
{
    const char *why;
    *ret = as_is;
    if (as_is.width > 0 && (!m || !check || size_fits(m, as_is, &why))) {
        return 0;
    }
    if (!m) {
        error_set(err, ERROR_USAGE, "nobody knows which sizes of %s this model makes",
                  text);
        return error_hint(err, "name one as WIDTHxHEIGHT");
    }
    return choose_shape(m, shape, ret)
               ? 0
               : refuse(m, text, shape, "no size of that shape", err);
}

int model_size_choose(const struct model *m, const char *text, bool check,
                      struct size *ret, struct error *err)
{
    const char *why;
    struct size ratio;
    for (size_t i = 0; i < sizeof named / sizeof *named; i++) {
        if (strcmp(named[i].name, text) == 0) {
            return choose(m, text, named[i].size, named[i].size, check, ret, err);
        }
    }
    if (size_parse(text, ret)) {
        return m && check && !size_fits(m, *ret, &why)
                   ? refuse(m, text, *ret, why, err)
                   : 0;
    }
    if (parse_pair(text, ':', &ratio)) {
        ratio = enlarge(ratio);
        return choose(m, text, ratio, (struct size){ 0, 0 }, check, ret, err);
    }
    return no_size(text, err);
}
