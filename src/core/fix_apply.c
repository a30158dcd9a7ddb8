#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "imgctl/file.h"
#include "imgctl/fix.h"

#define DEFAULT_QUALITY 90
#define LEAST_QUALITY 60   /* below it a smaller picture looks better */
#define OVERVIEW 320       /* pixels of the longer side, to look for detail */
#define SHRINK_TRIES 12    /* of 0.85 each: to a hundredth of the pixels */

/* ---- Pixels ---- */

/* The window of GRAVITY_AUTO: looked for in a small version, in the picture's measure. */
static int find_detail(const struct fix_options *o, int fd, int64_t size,
                       const struct image_info *info, struct box *crop, struct error *err)
{
    AUTO_RASTER struct raster small = RASTER_INIT;
    struct load_options load = {
        .limits = o->limits, .width = OVERVIEW, .height = OVERVIEW, .fit = true,
    };
    if (image_load(fd, size, &load, &small, err) < 0) {
        return -1;
    }
    uint64_t w = (uint64_t)crop->width * small.width / info->width;
    uint64_t h = (uint64_t)crop->height * small.height / info->height;
    struct box found =
        raster_most_detail(&small, w ? (uint32_t)w : 1, h ? (uint32_t)h : 1);
    uint32_t most_x = info->width - crop->width, most_y = info->height - crop->height;
    uint64_t x = (uint64_t)found.x * info->width / small.width;
    uint64_t y = (uint64_t)found.y * info->height / small.height;
    crop->x = x > most_x ? most_x : (uint32_t)x;
    crop->y = y > most_y ? most_y : (uint32_t)y;
    return 0;
}

static void swap_raster(struct raster *a, struct raster *b)
{
    struct raster other = *a;
    *a = *b;
    *b = other;
}

static int pad(const struct fix_options *o, const struct fix_plan *plan, struct raster *r,
               struct error *err)
{
    AUTO_RASTER struct raster padded = RASTER_INIT;
    uint32_t w = plan->canvas_width, h = plan->canvas_height;
    if (r->width == w && r->height == h) {
        return 0;
    }
    int result = o->fit == FIT_BLUR ? raster_pad_blurred(r, w, h, &padded, err)
                                    : raster_pad(r, w, h, o->background, &padded, err);
    swap_raster(r, &padded);
    return result;
}

static int load(const struct fix_options *o, const struct fix_plan *plan, int fd,
                int64_t size, struct raster *ret, struct error *err)
{
    struct image_info info;
    struct load_options how = {
        .limits = o->limits,
        .crop = plan->crop,
        .width = plan->width,
        .height = plan->height,
    };
    if (plan->crop.width > 0 && o->gravity == GRAVITY_AUTO &&
        (image_probe(fd, size, &o->limits, &info, err) < 0 ||
         find_detail(o, fd, size, &info, &how.crop, err) < 0)) {
        return -1;
    }
    if (image_load(fd, size, &how, ret, err) < 0) {
        return -1;
    }
    if (plan->flatten) {
        raster_flatten(ret, o->background);
    }
    return pad(o, plan, ret, err);
}

/* ---- Bytes ---- */

static int encode(const struct raster *r, enum image_format format, int quality,
                  struct buf *out, struct error *err)
{
    struct save_options save = { .format = format, .quality = quality };
    buf_clear(out);
    return image_save(r, &save, out, err);
}

/* The highest quality up to MOST whose bytes fit, into OUT. 1, 0 if none does, -1. */
static int search_quality(const struct raster *r, enum image_format format, int64_t bytes,
                          int most, struct buf *out, int *ret_quality, struct error *err)
{
    int low = most < LEAST_QUALITY ? most : LEAST_QUALITY, high = most, best = 0;
    for (int q = high; low <= high; q = (low + high) / 2) {
        if (encode(r, format, q, out, err) < 0) {
            return -1;
        }
        if (bytes == 0 || (int64_t)out->len <= bytes) {
            best = q;
            low = q + 1;
        } else {
            high = q - 1;
        }
        if (best == most || format == IMAGE_PNG) {
            break;
        }
    }
    *ret_quality = best;
    if (best == 0) {
        return 0;
    }
    bool again = bytes > 0 && (int64_t)out->len > bytes;
    return (again || best != most) && encode(r, format, best, out, err) < 0 ? -1 : 1;
}

static int shrink(struct raster *r, struct error *err)
{
    AUTO_RASTER struct raster smaller = RASTER_INIT;
    uint32_t w = (uint32_t)((uint64_t)r->width * 85 / 100);
    uint32_t h = (uint32_t)((uint64_t)r->height * 85 / 100);
    if (raster_scale(r, w ? w : 1, h ? h : 1, &smaller, err) < 0) {
        return -1;
    }
    swap_raster(r, &smaller);
    return 0;
}

static int encode_within(const struct fix_options *o, const struct fix_plan *plan,
                         struct raster *r, struct buf *out, int *ret_quality,
                         struct error *err)
{
    int most = o->quality > 0 ? o->quality : DEFAULT_QUALITY;
    for (int tries = 0; tries < SHRINK_TRIES; tries++) {
        int fits = search_quality(r, plan->format, plan->bytes, most, out, ret_quality,
                                  err);
        if (fits != 0) {
            return fits < 0 ? -1 : 0;
        }
        if (shrink(r, err) < 0) {
            return -1;
        }
    }
    return error_set(err, ERROR_RULE, "it cannot be made as small as %" PRId64 " bytes",
                     plan->bytes);
}

static int write_all(int out_fd, const struct buf *bytes, struct error *err)
{
    return file_write_all(out_fd, bytes->data, bytes->len) < 0
               ? error_errno(err, ERROR_FAILED, "cannot write the new picture")
               : 0;
}

static int make_anew(const struct fix_options *o, const struct fix_plan *plan, int fd,
                     int64_t size, int out_fd, struct fix_result *ret, struct error *err)
{
    AUTO_RASTER struct raster r = RASTER_INIT;
    AUTO_BUF struct buf bytes = BUF_INIT;
    if (load(o, plan, fd, size, &r, err) < 0 ||
        encode_within(o, plan, &r, &bytes, &ret->quality, err) < 0) {
        return -1;
    }
    return write_all(out_fd, &bytes, err);
}

/* ---- The result ---- */

/* Does it keep the rules now? Nothing goes out that was not looked at. */
static int check(const struct fix_options *o, int out_fd, struct fix_result *ret,
                 struct error *err)
{
    struct stat st;
    if (fstat(out_fd, &st) < 0) {
        return error_errno(err, ERROR_FAILED, "cannot look at the new picture");
    }
    ret->bytes = ret->facts.bytes = st.st_size;
    if (image_probe(out_fd, st.st_size, &o->limits, &ret->facts.info, err) < 0) {
        return error_wrap(err, "the new picture");
    }
    RULE_RESULTS_INIT(&ret->left);
    if (o->profile) {
        rules_check(o->profile, &ret->facts, o->strict, &ret->left);
    }
    for (size_t i = 0; i < ret->left.count; i++) {
        const struct rule_result *r = &ret->left.items[i];
        if (r->level == RULE_ERROR) {
            error_set(err, ERROR_RULE, "the new picture still breaks %s: %s, %s", r->rule,
                      r->found, r->limit);
            return r->fix ? error_hint(err, "%s", r->fix) : -1;
        }
    }
    return 0;
}

/* Only metadata goes; where there is none, the picture is copied as it is. */
static int strip(enum image_strip what, int fd, int64_t size, int out_fd,
                 struct fix_result *ret, struct error *err)
{
    int taken = image_strip(fd, size, what, out_fd, err);
    ret->is_same = taken == 0;
    if (taken == 0 && file_copy(fd, size, out_fd) < 0) {
        return error_errno(err, ERROR_FAILED, "cannot write the new picture");
    }
    return taken < 0 ? -1 : 0;
}

int fix_apply(const struct fix_options *options, const struct fix_plan *plan, int fd,
              int64_t size, int out_fd, struct fix_result *ret, struct error *err)
{
    *ret = (struct fix_result){ .quality = 0 };
    int result = plan->is_lossless
                     ? strip(plan->strip, fd, size, out_fd, ret, err)
                     : make_anew(options, plan, fd, size, out_fd, ret, err);
    return result < 0 ? -1 : check(options, out_fd, ret, err);
}
