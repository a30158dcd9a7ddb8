#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <webp/decode.h>

#include "../source.h"
#include "../webp.h"
#include "codec.h"
#include "imgctl/mem.h"

/* "ANMF": where a frame is on the canvas, its size, its duration and flags. */
#define FRAME_HEAD 16

struct webp_decoder {
    struct decoder base;
    struct colour *colour;
    uint32_t x, y, width, height; /* of the decoded frame on the canvas */
    uint8_t *pixels;              /* of the frame, with the channels of the rows */
    uint32_t next_row;
};

/* Where the parts of the file are that make its first picture. */
struct parts {
    int64_t picture, picture_end; /* ALPH and VP8, or VP8L */
    int64_t profile;
    uint32_t profile_len;
    uint32_t x, y, width, height; /* of a frame; width 0: no animation */
};

/* The first picture among the chunks that W walks. */
static int find_picture(struct webp_walk *w, struct parts *p, struct error *err)
{
    struct webp_chunk c;
    int more;
    while ((more = webp_next(w, &c, err)) > 0) {
        if (webp_is(&c, "ICCP") && p->profile == 0) {
            p->profile = c.payload;
            p->profile_len = c.len;
        } else if (webp_is(&c, "ALPH") && p->picture == 0) {
            p->picture = c.offset;
        } else if (webp_is(&c, "VP8 ") || webp_is(&c, "VP8L")) {
            p->picture = p->picture ? p->picture : c.offset;
            p->picture_end = c.end;
            return 0;
        } else if (webp_is(&c, "ANMF") && p->width == 0) {
            const unsigned char *h;
            if (c.len < FRAME_HEAD) {
                break;
            }
            if (source_peek(w->source, FRAME_HEAD, &h, err) < 0) {
                return -1;
            }
            p->x = get_le24(h) * 2;
            p->y = get_le24(h + 3) * 2;
            p->width = get_le24(h + 6) + 1;
            p->height = get_le24(h + 9) + 1;
            webp_walk_inside(w, w->source, c.payload + FRAME_HEAD, c.end);
        }
    }
    return more < 0
               ? -1
               : error_set(err, ERROR_IMAGE_CORRUPT, "there is no picture in it");
}

static int read_part(const struct source *s, int64_t from, size_t len, uint8_t **ret,
                     struct error *err)
{
    *ret = mem_alloc(len > 0 ? len : 1);
    int got = source_at(s, from, *ret, len, err);
    return got > 0 ? 0
         : got < 0 ? -1 : error_set(err, ERROR_IMAGE_CORRUPT, "the file ends too early");
}

static void read_profile(struct webp_decoder *d, const struct source *s,
                         const struct parts *p)
{
    AUTO_FREE uint8_t *icc = NULL;
    struct error ignored = ERROR_INIT;
    if (p->profile > 0 && p->profile_len <= PROFILE_MAX &&
        read_part(s, p->profile, p->profile_len, &icc, &ignored) == 0) {
        d->colour = colour_of_icc(icc, p->profile_len, COLOUR_RGB);
    }
}

static int corrupt(VP8StatusCode status, struct error *err)
{
    switch (status) {
    case VP8_STATUS_OUT_OF_MEMORY:
        return error_set(err, ERROR_IMAGE_LIMIT, "cannot decode: not enough memory");
    case VP8_STATUS_UNSUPPORTED_FEATURE:
        return error_set(err, ERROR_IMAGE_TYPE, "cannot decode: a kind of WebP that "
                         "libwebp does not know");
    case VP8_STATUS_NOT_ENOUGH_DATA:
        return error_set(err, ERROR_IMAGE_CORRUPT,
                         "cannot decode: the data ends too early");
    default:
        return error_set(err, ERROR_IMAGE_CORRUPT, "cannot decode: the data is damaged");
    }
}

/* The frame is where the canvas has room for it, and as large as it was announced. */
static int check_place(struct webp_decoder *d, const struct parts *p,
                       const WebPBitstreamFeatures *f, struct error *err)
{
    d->x = p->x;
    d->y = p->y;
    d->width = (uint32_t)f->width;
    d->height = (uint32_t)f->height;
    bool announced = p->width == 0 || (p->width == d->width && p->height == d->height);
    if (!announced || (uint64_t)d->x + d->width > d->base.width ||
        (uint64_t)d->y + d->height > d->base.height) {
        return error_set(err, ERROR_IMAGE_CORRUPT, "a frame is not where it can be");
    }
    bool covers = d->width == d->base.width && d->height == d->base.height;
    if (p->width == 0 && !covers) {
        return error_set(err, ERROR_IMAGE_CORRUPT, "the picture is smaller than it says");
    }
    d->base.channels = f->has_alpha || !covers ? 4 : 3;
    return 0;
}

/* Let libwebp average blocks while it decodes, which saves most of the memory, as long
 * as the scaler still gets twice what it gives. Not with alpha, which libwebp leaves out
 * of the average. */
static void reduce(struct webp_decoder *d, double shrink, WebPDecoderOptions *options)
{
    uint32_t by = (uint32_t)fmin(shrink / 2, d->width);
    if (d->base.channels == 4 || by < 2) {
        return;
    }
    d->width = (d->width + by - 1) / by;
    d->height = (d->height + by - 1) / by;
    options->use_scaling = 1;
    options->scaled_width = (int)d->width;
    options->scaled_height = (int)d->height;
    d->base.part_x = (double)d->width / d->base.width;
    d->base.part_y = (double)d->height / d->base.height;
    d->base.width = d->width;
    d->base.height = d->height;
}

static int decode(struct webp_decoder *d, const struct parts *p, const uint8_t *data,
                  size_t len, double shrink, struct error *err)
{
    WebPDecoderConfig config;
    WebPInitDecoderConfig(&config);
    VP8StatusCode status = WebPGetFeatures(data, len, &config.input);
    if (status != VP8_STATUS_OK) {
        return corrupt(status, err);
    }
    if (check_place(d, p, &config.input, err) < 0) {
        return -1;
    }
    reduce(d, shrink, &config.options);
    size_t row = (size_t)d->width * d->base.channels;
    d->pixels = mem_array(d->height, row);
    config.output.colorspace = d->base.channels == 4 ? MODE_RGBA : MODE_RGB;
    config.output.is_external_memory = 1;
    config.output.u.RGBA.rgba = d->pixels;
    config.output.u.RGBA.stride = (int)row;
    config.output.u.RGBA.size = row * d->height;
    status = WebPDecode(data, len, &config);
    return status == VP8_STATUS_OK ? 0 : corrupt(status, err);
}

static int read_row(struct decoder *base, uint8_t *row, struct error *err)
{
    (void)err;
    struct webp_decoder *d = (struct webp_decoder *)base;
    uint32_t y = d->next_row++;
    size_t len = (size_t)d->width * base->channels;
    if (d->width < base->width) {
        memset(row, 0, (size_t)base->width * base->channels);
    }
    if (y >= d->y && y - d->y < d->height) {
        memcpy(row + (size_t)d->x * base->channels, d->pixels + (y - d->y) * len, len);
    } else {
        memset(row, 0, (size_t)base->width * base->channels);
    }
    return 0;
}

static struct colour *colour(struct decoder *base)
{
    return ((struct webp_decoder *)base)->colour;
}

static void close_webp(struct decoder *base)
{
    struct webp_decoder *d = (struct webp_decoder *)base;
    colour_close(d->colour);
    free(d->pixels);
    free(d);
}

static const struct decoder_kind kind = {
    .read_row = read_row,
    .close = close_webp,
    .colour = colour,
};

static int read_picture(struct webp_decoder *d, struct source *s, double shrink,
                        struct error *err)
{
    struct parts parts = { 0 };
    struct webp_walk walk;
    AUTO_FREE uint8_t *data = NULL;
    if (webp_walk_init(&walk, s, err) < 0 || find_picture(&walk, &parts, err) < 0) {
        return -1;
    }
    size_t len = (size_t)(parts.picture_end - parts.picture);
    if (read_part(s, parts.picture, len, &data, err) < 0 ||
        decode(d, &parts, data, len, shrink, err) < 0) {
        return -1;
    }
    read_profile(d, s, &parts);
    return 0;
}

int webp_open(int fd, int64_t size, const struct image_info *info, double shrink,
              struct decoder **ret, struct error *err)
{
    AUTO_SOURCE struct source source;
    struct webp_decoder *d = mem_alloc(sizeof *d);
    bool turned = info->orientation >= 5;
    d->base = (struct decoder){ &kind, turned ? info->height : info->width,
                                turned ? info->width : info->height, 3, 1, 1 };
    source_seeking(&source, fd, size);
    if (read_picture(d, &source, shrink, err) < 0) {
        close_webp(&d->base);
        return -1;
    }
    *ret = &d->base;
    return 0;
}
