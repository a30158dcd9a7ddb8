#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "guard.h"
#include "image_parts.h"
#include "imgctl/mem.h"
#include "pixels.h"
#include "scale.h"
#include "upright.h"

/* What is to be done, in the picture as it is stored. */
struct plan {
    struct box crop;
    uint32_t width, height;
};

static uint32_t scaled(uint32_t side, double factor)
{
    double n = floor(side * factor + 0.5);
    return n < 1 ? 1 : n > UINT32_MAX ? UINT32_MAX : (uint32_t)n;
}

/* The size of the result for a crop of WIDTH x HEIGHT, all as seen. */
static void target(const struct load_options *o, uint32_t *width, uint32_t *height)
{
    if (o->width == 0 && o->height == 0) {
        return;
    }
    double across = (double)o->width / *width, down = (double)o->height / *height;
    if (o->fit) {
        double factor = o->width == 0    ? down
                        : o->height == 0 ? across
                                         : fmin(across, down);
        if (factor < 1) {
            *width = o->width > 0 && factor == across ? o->width : scaled(*width, factor);
            *height =
                o->height > 0 && factor == down ? o->height : scaled(*height, factor);
        }
        return;
    }
    uint32_t seen_width = *width;
    *width = o->width > 0 ? o->width : scaled(*width, down);
    *height = o->height > 0 ? o->height : scaled(*height, (double)o->width / seen_width);
}

static int make_plan(const struct image_info *info, const struct load_options *o,
                     struct plan *plan, struct error *err)
{
    struct box crop = o->crop;
    if (crop.width == 0) {
        crop = (struct box){ 0, 0, info->width, info->height };
    }
    if (crop.height == 0 || (uint64_t)crop.x + crop.width > info->width ||
        (uint64_t)crop.y + crop.height > info->height) {
        return error_set(err, ERROR_USAGE, "the part %" PRIu32 "x%" PRIu32 "+%" PRIu32
                         "+%" PRIu32 " is not inside the picture of %" PRIu32 "x%" PRIu32,
                         crop.width, crop.height, crop.x, crop.y, info->width,
                         info->height);
    }
    struct turn turn = turn_of(info->orientation);
    uint32_t width = crop.width, height = crop.height;
    target(o, &width, &height);
    if (image_within(&o->limits, width, height, err) < 0) {
        return -1;
    }
    plan->width = turn.transpose ? height : width;
    plan->height = turn.transpose ? width : height;
    plan->crop = box_as_stored(crop, turn, turn.transpose ? info->height : info->width,
                               turn.transpose ? info->width : info->height);
    return 0;
}

/* The rows of the crop, pixel by pixel. */
static int copy_rows(const struct image_module *m, struct decoder *d, struct box crop,
                     struct raster *ret, struct error *err)
{
    AUTO_FREE uint8_t *row = mem_array(d->width, d->channels);
    for (uint32_t y = 0; y < crop.y + crop.height; y++) {
        if (m->read_row(d, row, err) < 0) {
            return -1;
        }
        if (y >= crop.y) {
            memcpy(raster_at(ret, 0, y - crop.y), row + (size_t)crop.x * d->channels,
                   (size_t)crop.width * d->channels);
        }
    }
    return 0;
}

static int scale_rows(const struct image_module *m, struct decoder *d, struct box crop,
                      struct raster *ret, struct error *err)
{
    struct window window = { crop.x * d->part_x, crop.y * d->part_y,
                             crop.width * d->part_x, crop.height * d->part_y };
    AUTO_FREE uint8_t *row = mem_array(d->width, d->channels);
    struct scaler *s = scaler_open(d->width, d->height, window, ret);
    int result = 0;
    for (uint32_t y = 0; y < scaler_end_row(s) && result == 0; y++) {
        result = m->read_row(d, row, err);
        if (result == 0 && y >= scaler_first_row(s)) {
            scaler_add(s, row);
        }
    }
    scaler_close(s);
    return result;
}

static int decode(const struct image_module *m, struct decoder *d,
                  const struct plan *plan, struct raster *ret, struct error *err)
{
    const struct box *crop = &plan->crop;
    if (raster_new(ret, plan->width, plan->height, d->channels, err) < 0) {
        return -1;
    }
    bool as_it_is = plan->width == crop->width && plan->height == crop->height;
    if ((as_it_is ? copy_rows : scale_rows)(m, d, *crop, ret, err) < 0 ||
        m->finish(d, err) < 0) {
        raster_release(ret);
        return -1;
    }
    m->to_srgb(d, ret);
    return 0;
}

int image_load_here(int fd, int64_t size, const struct load_options *options,
                    struct raster *ret, struct error *err)
{
    const struct image_module *m = image_codecs(err);
    struct image_info info;
    struct plan plan = { 0 };
    struct decoder *d;
    if (!m || image_probe(fd, size, &options->limits, &info, err) < 0 ||
        make_plan(&info, options, &plan, err) < 0) {
        return -1;
    }
    double shrink = fmin((double)plan.crop.width / plan.width,
                         (double)plan.crop.height / plan.height);
    if (m->open(fd, size, &info, shrink, &d, err) < 0) {
        return -1;
    }
    int result = decode(m, d, &plan, ret, err);
    m->close(d);
    if (result == 0 && raster_upright(ret, info.orientation, err) < 0) {
        raster_release(ret);
        return -1;
    }
    return result;
}

int image_save(const struct raster *r, const struct save_options *options,
               struct buf *out, struct error *err)
{
    const struct image_module *m = image_codecs(err);
    return m ? m->encode(r, options, out, err) : -1;
}
