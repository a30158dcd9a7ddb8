#include "png.h"

#include <string.h>

#include "exif.h"
#include "icc.h"
#include "image_parts.h"
#include "imgctl/digest.h"
#include "xmp.h"

enum {
    COLOUR_GRAY = 0,
    COLOUR_RGB = 2,
    COLOUR_PALETTE = 3,
    COLOUR_GRAY_ALPHA = 4,
    COLOUR_RGBA = 6,
};

/* A probe looks at this many chunks: enough for 32 MB in pieces of 8 KB. */
enum { PROBE_CHUNKS = 4096 };

/* As much of a compressed profile is looked at, and as much of what it becomes. */
enum { PROFILE_PACKED = 2048, PROFILE_HEAD = 4096 };

/* Deflate makes at most this many bytes of one. */
enum { MAX_INFLATION = 1032 };

struct png_state {
    struct source *source;
    const struct image_limits *limits;
    struct image_info *info;
    struct error *err;
    unsigned colour;
    bool has_header, has_palette, has_control, has_code_points;
    bool in_data, data_over;
    uint64_t data;        /* bytes in all IDAT */
    uint32_t frames;      /* of the animation */
    bool first_is_frame;  /* the picture for those who show no animation is in it */
};

static int corrupt(struct png_state *p, const char *what)
{
    return error_set(p->err, ERROR_IMAGE_CORRUPT, "%s", what);
}

static bool is_type(const struct png_chunk *c, const char *type)
{
    return memcmp(c->type, type, 4) == 0;
}

/* Read the chunk to its end and compare its checksum. */
static int check_sum(struct png_state *p, const struct png_chunk *c)
{
    struct source *s = p->source;
    const unsigned char *data;
    uint32_t sum = 0;
    if (digest_crc32(c->type, 4, &sum, p->err) < 0) {
        return -1;
    }
    int64_t end = c->payload + c->len;
    while (s->pos < end) {
        ssize_t n = source_peek(s, 1, &data, p->err);
        if (n < 0) {
            return -1;
        }
        n = n < end - s->pos ? n : (ssize_t)(end - s->pos);
        if (digest_crc32(data, (size_t)n, &sum, p->err) < 0 ||
            source_go(s, s->pos + n, p->err) < 0) {
            return -1;
        }
    }
    if (source_peek(s, 4, &data, p->err) < 0) {
        return -1;
    }
    if (get_be32(data) != sum) {
        return error_set(p->err, ERROR_IMAGE_CORRUPT,
                         "the checksum of chunk %s is wrong", c->type);
    }
    return 0;
}

static bool is_legal(unsigned colour, unsigned bits)
{
    switch (colour) {
    case COLOUR_GRAY:
        return bits == 1 || bits == 2 || bits == 4 || bits == 8 || bits == 16;
    case COLOUR_PALETTE:
        return bits == 1 || bits == 2 || bits == 4 || bits == 8;
    case COLOUR_RGB:
    case COLOUR_GRAY_ALPHA:
    case COLOUR_RGBA:
        return bits == 8 || bits == 16;
    default:
        return false;
    }
}

static uint8_t samples(unsigned colour)
{
    static const uint8_t per_pixel[] = { 1, 0, 3, 1, 2, 0, 4 };
    return per_pixel[colour];
}

static enum image_space space_of(unsigned colour)
{
    switch (colour) {
    case COLOUR_GRAY:
    case COLOUR_GRAY_ALPHA:
        return SPACE_GREY;
    case COLOUR_PALETTE:
        return SPACE_PALETTE;
    default:
        return SPACE_RGB;
    }
}

static int read_header(struct png_state *p, const struct png_chunk *c)
{
    const unsigned char *d;
    struct image_info *info = p->info;
    if (p->has_header || c->len != 13) {
        return corrupt(p, "the IHDR chunk is wrong");
    }
    if (source_peek(p->source, 13, &d, p->err) < 0) {
        return -1;
    }
    info->width = get_be32(d);
    info->height = get_be32(d + 4);
    info->bits = d[8];
    p->colour = d[9];
    info->is_progressive = d[12] == 1;
    bool legal = is_legal(d[9], d[8]) && d[10] == 0 && d[11] == 0 && d[12] <= 1;
    if (check_sum(p, c) < 0) {
        return -1;
    }
    if (info->width == 0 || info->height == 0) {
        return corrupt(p, info->width ? "the height is 0" : "the width is 0");
    }
    if (!legal || info->width > INT32_MAX || info->height > INT32_MAX) {
        return corrupt(p, "the IHDR chunk says something that PNG does not know");
    }
    p->has_header = true;
    info->space = space_of(p->colour);
    info->channels = samples(p->colour);
    info->has_alpha = p->colour == COLOUR_GRAY_ALPHA || p->colour == COLOUR_RGBA;
    return image_within(p->limits, info->width, info->height, p->err);
}

static int read_data(struct png_state *p, const struct png_chunk *c)
{
    if (p->colour == COLOUR_PALETTE && !p->has_palette) {
        return corrupt(p, "the palette is missing");
    }
    if (p->data_over) {
        return corrupt(p, "other chunks stand between the picture data");
    }
    p->in_data = true;
    p->data += c->len;
    return 0;
}

static int read_palette(struct png_state *p, const struct png_chunk *c)
{
    if (c->len == 0 || c->len % 3 != 0 || c->len > 3 * 256 || p->has_palette) {
        return corrupt(p, "the palette is wrong");
    }
    p->has_palette = true;
    return 0;
}

/* Could the picture data fill the picture at all? */
static int check_end(struct png_state *p)
{
    const struct image_info *info = p->info;
    if (!p->in_data) {
        return corrupt(p, "no picture data");
    }
    uint64_t row = ((uint64_t)info->width * info->bits * info->channels + 7) / 8;
    if (p->data / info->height < row && /* so that the product is no overflow */
        p->data * MAX_INFLATION / info->height < row) {
        return corrupt(p, "too little data for a picture of this size");
    }
    return 0;
}

static int read_critical(struct png_state *p, const struct png_chunk *c)
{
    if (is_type(c, "IHDR")) {
        return read_header(p, c);
    }
    if (is_type(c, "CgBI")) {
        return error_set(p->err, ERROR_IMAGE_TYPE,
                         "a PNG in Apple's own form (CgBI), which hardly any program "
                         "reads");
    }
    if (!p->has_header) {
        return corrupt(p, "the IHDR chunk is missing");
    }
    if (is_type(c, "IDAT")) {
        return read_data(p, c);
    }
    if (is_type(c, "PLTE")) {
        return read_palette(p, c);
    }
    if (is_type(c, "IEND")) {
        return check_end(p);
    }
    return error_set(p->err, ERROR_IMAGE_TYPE,
                     "a PNG with the unknown necessary chunk %s", c->type);
}

static int read_control(struct png_state *p, const struct png_chunk *c)
{
    const unsigned char *d;
    if (c->len != 8 || p->in_data) {
        return 0;
    }
    if (source_peek(p->source, 8, &d, p->err) < 0) {
        return -1;
    }
    uint32_t frames = get_be32(d);
    p->has_control = frames >= 1 && frames <= INT32_MAX;
    return 0;
}

/* A name, NUL, the kind of compression (0), the profile as a zlib stream. */
static int read_profile(struct png_state *p, const struct png_chunk *c)
{
    unsigned char packed[PROFILE_PACKED], head[PROFILE_HEAD];
    size_t len = c->len < sizeof packed ? c->len : sizeof packed;
    size_t got = 0;
    if (p->has_code_points || len == 0) {
        p->info->has_profile |= len > 0;
        return 0;
    }
    p->info->has_profile = true;
    p->info->profile = PROFILE_OTHER;
    if (source_at(p->source, c->payload, packed, len, p->err) < 0) {
        return -1;
    }
    const unsigned char *nul = memchr(packed, 0, len < 80 ? len : 80);
    if (!nul || (size_t)(nul + 2 - packed) > len) {
        return 0;
    }
    size_t from = (size_t)(nul + 2 - packed);
    if (digest_inflate(packed + from, len - from, head, sizeof head, &got, p->err) < 0) {
        return -1;
    }
    p->info->profile = icc_kind(head, got);
    return 0;
}

/* cICP, which goes before all others. */
static int read_code_points(struct png_state *p, const struct png_chunk *c)
{
    const unsigned char *d;
    if (c->len != PNG_CODE_POINTS_SIZE || p->in_data) {
        return 0;
    }
    if (source_peek(p->source, PNG_CODE_POINTS_SIZE, &d, p->err) < 0) {
        return -1;
    }
    p->has_code_points = true;
    p->info->profile = png_code_points(d);
    return 0;
}

static int read_ancillary(struct png_state *p, const struct png_chunk *c)
{
    size_t text;
    bool compressed;
    p->info->may_hide_gps |= png_is_text(c); /* EXIF in hexadecimal, compressed XMP */
    if (is_type(c, "eXIf")) {
        return exif_read(p->source, c->payload, c->len, p->info, p->err);
    }
    if (is_type(c, "tRNS")) {
        p->info->has_alpha = true;
    } else if (is_type(c, "iCCP")) {
        return read_profile(p, c);
    } else if (is_type(c, PNG_CODE_POINTS)) {
        return read_code_points(p, c);
    } else if (is_type(c, "sRGB")) {
        if (p->info->profile == PROFILE_NONE) {
            p->info->profile = PROFILE_SRGB;
        }
    } else if (is_type(c, "fcTL")) {
        p->frames++;
        p->first_is_frame |= !p->in_data;
    } else if (is_type(c, "acTL")) {
        return read_control(p, c);
    } else {
        int got = png_gps_text(p->source, c, p->err);
        if (got != 0) {
            p->info->has_gps = got > 0;
            return got < 0 ? -1 : 0;
        }
        got = png_text(p->source, c, PNG_XMP, &text, &compressed, p->err);
        if (got > 0 && !compressed) {
            got = xmp_read(p->source, c->payload + (int64_t)text, c->len - text, p->info,
                           p->err);
        }
        return got < 0 ? -1 : 0;
    }
    return 0;
}

static int read_chunk(struct png_state *p, const struct png_chunk *c)
{
    p->data_over |= p->in_data && !is_type(c, "IDAT");
    if (!png_is_critical(c)) {
        return read_ancillary(p, c);
    }
    if (read_critical(p, c) < 0) {
        return -1;
    }
    return p->source->whole && !is_type(c, "IHDR") ? check_sum(p, c) : 0;
}

int png_read(struct source *s, const struct image_limits *limits,
             struct image_info *info, struct error *err)
{
    struct png_state p = { .source = s, .limits = limits, .info = info, .err = err };
    struct png_walk walk;
    struct png_chunk chunk;
    unsigned chunks = 0;
    png_walk_init(&walk, s);
    do {
        if (png_next(&walk, &chunk, err) < 0 || read_chunk(&p, &chunk) < 0) {
            return -1;
        }
        chunks++;
    } while (!is_type(&chunk, "IEND") && (s->whole || chunks < PROBE_CHUNKS));
    if (!p.has_header) {
        return corrupt(&p, "the IHDR chunk is missing");
    }
    info->is_animated = p.has_control && p.frames > 0;
    info->frames = info->is_animated ? p.frames + !p.first_is_frame : 1;
    return 0;
}
