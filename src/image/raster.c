#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "imgctl/mem.h"
#include "imgctl/module.h"
#include "pixels.h"
#include "scale.h"

#define PIXELS_MAX (UINT64_C(1) << 28)

const struct image_module *image_codecs(struct error *err)
{
    static const struct image_module *module;
    if (!module) {
#ifdef IMGCTL_STATIC
        (void)err;
        module = &imgctl_image_module;
#else
        module = module_load("image", err);
#endif
    }
    return module;
}

int image_codec_load(struct error *err)
{
    return image_codecs(err) ? 0 : -1;
}

void raster_release(struct raster *r)
{
    free(r->pixels);
    *r = (struct raster)RASTER_INIT;
}

int raster_new(struct raster *ret, uint32_t width, uint32_t height, uint8_t channels,
               struct error *err)
{
    if (width == 0 || height == 0 || (uint64_t)width * height > PIXELS_MAX) {
        return error_set(err, ERROR_IMAGE_LIMIT, "a picture of %" PRIu32 "x%" PRIu32
                         " pixels cannot be made", width, height);
    }
    *ret = (struct raster){ width, height, channels,
                            mem_array((size_t)width * height, channels) };
    return 0;
}

int raster_scale_part(const struct raster *in, struct box part, uint32_t width,
                      uint32_t height, struct raster *ret, struct error *err)
{
    if (raster_new(ret, width, height, in->channels, err) < 0) {
        return -1;
    }
    struct window window = { part.x, part.y, part.width, part.height };
    struct scaler *s = scaler_open(in->width, in->height, window, ret);
    for (uint32_t y = scaler_first_row(s); y < scaler_end_row(s); y++) {
        scaler_add(s, raster_at(in, 0, y));
    }
    scaler_close(s);
    return 0;
}

int raster_scale(const struct raster *in, uint32_t width, uint32_t height,
                 struct raster *ret, struct error *err)
{
    if (width == in->width && height == in->height) {
        if (raster_new(ret, width, height, in->channels, err) < 0) {
            return -1;
        }
        memcpy(ret->pixels, in->pixels, (size_t)width * height * in->channels);
        return 0;
    }
    struct box all = { 0, 0, in->width, in->height };
    return raster_scale_part(in, all, width, height, ret, err);
}

void raster_flatten(struct raster *r, uint32_t background)
{
    if (r->channels == 3) {
        return;
    }
    size_t count = (size_t)r->width * r->height;
    const uint8_t *from = r->pixels;
    uint8_t *to = r->pixels; /* catches up, never overtakes */
    for (size_t i = 0; i < count; i++, from += 4, to += 3) {
        uint8_t pixel[3] = { (uint8_t)(background >> 16), (uint8_t)(background >> 8),
                             (uint8_t)background };
        raster_blend(pixel, from);
        memcpy(to, pixel, 3);
    }
    r->channels = 3;
    r->pixels = mem_resize(r->pixels, count, 3);
}
