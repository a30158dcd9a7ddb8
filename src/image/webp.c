#include "webp.h"

#include "exif.h"
#include "icc.h"
#include "image_parts.h"
#include "xmp.h"

struct webp_state {
    struct source *source;
    const struct image_limits *limits;
    struct image_info *info;
    struct error *err;
    bool is_extended, has_picture, has_animation;
};

/* What the head of a VP8 or VP8L chunk says. */
struct picture {
    uint32_t width, height;
    bool alpha;
};

static int corrupt(struct webp_state *w, const char *what)
{
    return error_set(w->err, ERROR_IMAGE_CORRUPT, "%s", what);
}

static bool parse_lossy(const unsigned char *p, uint32_t len, struct picture *ret)
{
    if (len < 10) {
        return false;
    }
    uint32_t bits = get_le24(p);
    bool key = !(bits & 1), shown = bits >> 4 & 1;
    *ret = (struct picture){ .width = get_le16(p + 6) & 0x3FFF,
                             .height = get_le16(p + 8) & 0x3FFF };
    return key && shown && (bits >> 1 & 7) <= 3 && bits >> 5 < len &&
           p[3] == 0x9D && p[4] == 0x01 && p[5] == 0x2A && ret->width > 0 &&
           ret->height > 0;
}

static bool parse_lossless(const unsigned char *p, uint32_t len, struct picture *ret)
{
    if (len < 5) {
        return false;
    }
    uint32_t bits = get_le32(p + 1);
    *ret = (struct picture){ .width = (bits & 0x3FFF) + 1,
                             .height = (bits >> 14 & 0x3FFF) + 1,
                             .alpha = bits >> 28 & 1 };
    return p[0] == 0x2F && bits >> 29 == 0;
}

static bool is_picture(const struct webp_chunk *c)
{
    return webp_is(c, "VP8 ") || webp_is(c, "VP8L");
}

static int read_picture(struct webp_state *w, const struct webp_chunk *c,
                        struct picture *ret)
{
    const unsigned char *p;
    if (source_peek(w->source, 10, &p, w->err) < 0) {
        return -1;
    }
    bool ok = webp_is(c, "VP8L") ? parse_lossless(p, c->len, ret)
                                 : parse_lossy(p, c->len, ret);
    return ok ? 0 : corrupt(w, "the header of the picture data is damaged");
}

/* The frame of an animation: 16 bytes of its own, then chunks. */
static int read_frame(struct webp_state *w, const struct webp_chunk *frame)
{
    const unsigned char *p;
    struct webp_walk walk;
    struct webp_chunk c;
    struct picture picture = { .width = 0 };
    int got;
    if (!w->has_animation || frame->len < 16) {
        return corrupt(w, "a frame of the animation is damaged");
    }
    if (source_peek(w->source, 16, &p, w->err) < 0) {
        return -1;
    }
    uint64_t x = 2 * (uint64_t)get_le24(p), y = 2 * (uint64_t)get_le24(p + 3);
    uint32_t width = get_le24(p + 6) + 1, height = get_le24(p + 9) + 1;
    if (x + width > w->info->width || y + height > w->info->height) {
        return corrupt(w, "a frame of the animation reaches out of the picture");
    }
    bool is_first = w->info->frames++ == 0;
    if (!w->source->whole && !is_first) {
        return 0;
    }
    webp_walk_inside(&walk, w->source, frame->payload + 16, frame->payload + frame->len);
    while ((got = webp_next(&walk, &c, w->err)) > 0 && !is_picture(&c)) {
    }
    if (got < 0 || (got > 0 && read_picture(w, &c, &picture) < 0)) {
        return -1;
    }
    if (picture.width != width || picture.height != height) {
        return corrupt(w, "a frame of the animation has not the size it should have");
    }
    if (is_first) {
        w->info->space = webp_is(&c, "VP8L") ? SPACE_RGB : SPACE_YCBCR;
    }
    return 0;
}

static int read_extended(struct webp_state *w, const struct webp_chunk *c)
{
    const unsigned char *p;
    struct image_info *info = w->info;
    if (c->offset != WEBP_HEAD || c->len < 10) {
        return corrupt(w, "the VP8X chunk is wrong");
    }
    if (source_peek(w->source, 10, &p, w->err) < 0) {
        return -1;
    }
    w->is_extended = true;
    info->is_animated = p[0] & WEBP_ANIMATION;
    info->has_alpha = p[0] & WEBP_ALPHA;
    info->frames = info->is_animated ? 0 : 1;
    info->width = get_le24(p + 4) + 1;
    info->height = get_le24(p + 7) + 1;
    return image_within(w->limits, info->width, info->height, w->err);
}

/* The picture of a file that is no animation. */
static int read_still(struct webp_state *w, const struct webp_chunk *c)
{
    struct picture picture = { .width = 0 };
    struct image_info *info = w->info;
    if (w->has_picture || info->is_animated) {
        return 0; /* readers take the first and pass over others */
    }
    if (read_picture(w, c, &picture) < 0) {
        return -1;
    }
    w->has_picture = true;
    info->space = webp_is(c, "VP8L") ? SPACE_RGB : SPACE_YCBCR;
    if (!w->is_extended) {
        info->width = picture.width;
        info->height = picture.height;
    } else if (picture.width != info->width || picture.height != info->height) {
        return error_set(w->err, ERROR_IMAGE_CORRUPT,
                         "the header says %ux%u pixels, the picture data %ux%u",
                         info->width, info->height, picture.width, picture.height);
    }
    if (webp_is(c, "VP8L")) {
        info->has_alpha = picture.alpha;
    }
    return image_within(w->limits, info->width, info->height, w->err);
}

static int read_chunk(struct webp_state *w, const struct webp_chunk *c)
{
    if (webp_is(c, "VP8X")) {
        return read_extended(w, c);
    }
    if (!w->is_extended && !w->has_picture && !is_picture(c)) {
        return error_set(w->err, ERROR_IMAGE_CORRUPT,
                         "the first chunk is \"%s\", not a picture", c->type);
    }
    if (is_picture(c)) {
        return read_still(w, c);
    }
    if (webp_is(c, "ANIM")) {
        w->has_animation = true;
    } else if (webp_is(c, "ANMF") && w->info->is_animated) {
        return read_frame(w, c);
    } else if (webp_is(c, "ICCP")) {
        if (w->info->has_profile || c->len == 0) {
            return 0;
        }
        w->info->has_profile = true;
        return icc_read(w->source, c->payload, c->len, w->info, w->err);
    }
    if (webp_is(c, "ALPH") && !w->has_picture) {
        w->info->has_alpha = true;
    } else if (webp_is(c, "EXIF")) {
        return exif_read(w->source, c->payload, c->len, w->info, w->err);
    } else if (webp_is_xmp(c)) {
        return xmp_read(w->source, c->payload, c->len, w->info, w->err);
    }
    return 0;
}

int webp_read(struct source *s, const struct image_limits *limits,
              struct image_info *info, struct error *err)
{
    struct webp_state w = { .source = s, .limits = limits, .info = info, .err = err };
    struct webp_walk walk;
    struct webp_chunk chunk;
    int got;
    info->bits = 8;
    if (webp_walk_init(&walk, s, err) < 0) {
        return -1;
    }
    while ((got = webp_next(&walk, &chunk, err)) > 0) {
        if (read_chunk(&w, &chunk) < 0) {
            return -1;
        }
    }
    if (got < 0) {
        return -1;
    }
    if (info->is_animated ? info->frames == 0 : !w.has_picture) {
        return corrupt(&w, "no picture data");
    }
    info->channels = info->has_alpha ? 4 : 3;
    return 0;
}
