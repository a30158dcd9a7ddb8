#include <inttypes.h>
#include <string.h>

#include "pixels.h"

/* The blurred background is made at this size and enlarged: that is most of the blur. */
#define SMALL 48

static int check_room(const struct raster *r, uint32_t width, uint32_t height,
                      struct error *err)
{
    if (r->width <= width && r->height <= height) {
        return 0;
    }
    return error_set(err, ERROR_USAGE, "%" PRIu32 "x%" PRIu32 " does not go into %" PRIu32
                     "x%" PRIu32, r->width, r->height, width, height);
}

/* R over the middle of BELOW, which has three channels. */
static void place(const struct raster *r, struct raster *below)
{
    uint32_t left = (below->width - r->width) / 2, top = (below->height - r->height) / 2;
    for (uint32_t y = 0; y < r->height; y++) {
        const uint8_t *from = raster_at(r, 0, y);
        uint8_t *to = raster_at(below, left, top + y);
        if (r->channels == 3) {
            memcpy(to, from, (size_t)r->width * 3);
            continue;
        }
        for (uint32_t x = 0; x < r->width; x++, from += 4, to += 3) {
            raster_blend(to, from);
        }
    }
}

int raster_pad(const struct raster *r, uint32_t width, uint32_t height,
               uint32_t background, struct raster *ret, struct error *err)
{
    if (check_room(r, width, height, err) < 0 ||
        raster_new(ret, width, height, 3, err) < 0) {
        return -1;
    }
    uint8_t *to = ret->pixels;
    for (size_t i = (size_t)width * height; i > 0; i--, to += 3) {
        to[0] = (uint8_t)(background >> 16);
        to[1] = (uint8_t)(background >> 8);
        to[2] = (uint8_t)background;
    }
    place(r, ret);
    return 0;
}

/* The largest part of R, in its middle, that has the ratio of WIDTH x HEIGHT. */
static struct box covering(const struct raster *r, uint32_t width, uint32_t height)
{
    struct box b = { 0, 0, r->width, r->height };
    if ((uint64_t)r->width * height > (uint64_t)r->height * width) {
        b.width = (uint32_t)((uint64_t)r->height * width / height);
        b.width = b.width > 0 ? b.width : 1;
    } else {
        b.height = (uint32_t)((uint64_t)r->width * height / width);
        b.height = b.height > 0 ? b.height : 1;
    }
    b.x = (r->width - b.width) / 2;
    b.y = (r->height - b.height) / 2;
    return b;
}

/* Each pixel becomes the mean of those up to REACH away, across or down. */
static void box_blur(const struct raster *in, struct raster *out, uint32_t reach,
                     bool across)
{
    for (uint32_t y = 0; y < in->height; y++) {
        for (uint32_t x = 0; x < in->width; x++) {
            uint32_t at = across ? x : y, last = (across ? in->width : in->height) - 1;
            uint32_t first = at > reach ? at - reach : 0;
            uint32_t end = last - at > reach ? at + reach + 1 : last + 1;
            uint32_t sums[3] = { 0 };
            for (uint32_t i = first; i < end; i++) {
                const uint8_t *p = raster_at(in, across ? i : x, across ? y : i);
                for (int c = 0; c < 3; c++) {
                    sums[c] += p[c];
                }
            }
            for (int c = 0; c < 3; c++) {
                uint32_t count = end - first;
                raster_at(out, x, y)[c] = (uint8_t)((sums[c] + count / 2) / count);
            }
        }
    }
}

/* Two passes of a box are near enough to a Gaussian, for it is enlarged afterwards. */
static int blur(struct raster *r, struct error *err)
{
    AUTO_RASTER struct raster other = RASTER_INIT;
    if (raster_new(&other, r->width, r->height, 3, err) < 0) {
        return -1;
    }
    for (int pass = 0; pass < 2; pass++) {
        box_blur(r, &other, 2, true);
        box_blur(&other, r, 2, false);
    }
    return 0;
}

int raster_pad_blurred(const struct raster *r, uint32_t width, uint32_t height,
                       struct raster *ret, struct error *err)
{
    if (check_room(r, width, height, err) < 0) {
        return -1;
    }
    AUTO_RASTER struct raster small = RASTER_INIT;
    uint32_t longer = width > height ? width : height;
    uint32_t small_width = (uint32_t)((uint64_t)width * SMALL / longer);
    uint32_t small_height = (uint32_t)((uint64_t)height * SMALL / longer);
    small_width = small_width > 0 ? small_width : 1;
    small_height = small_height > 0 ? small_height : 1;
    if (raster_scale_part(r, covering(r, width, height), small_width, small_height,
                          &small, err) < 0) {
        return -1;
    }
    raster_flatten(&small, 0xFFFFFF);
    if (blur(&small, err) < 0 || raster_scale(&small, width, height, ret, err) < 0) {
        return -1;
    }
    place(r, ret);
    return 0;
}
