#include <errno.h>
#include <inttypes.h>
#include <unistd.h>

#include "codec.h"

ssize_t codec_read(int fd, int64_t offset, void *out, size_t len, struct error *err)
{
    ssize_t n;
    do {
        n = pread(fd, out, len, offset);
    } while (n < 0 && errno == EINTR);
    return n < 0 ? error_errno(err, ERROR_FILE, "cannot read the file") : n;
}

int codec_same_size(const struct image_info *info, uint32_t width, uint32_t height,
                    struct error *err)
{
    bool turned = info->orientation >= 5;
    uint32_t want_width = turned ? info->height : info->width;
    uint32_t want_height = turned ? info->width : info->height;
    if (width == want_width && height == want_height) {
        return 0;
    }
    return error_set(err, ERROR_IMAGE_CORRUPT, "the file says %" PRIu32 "x%" PRIu32
                     " in one place and %" PRIu32 "x%" PRIu32 " in another", want_width,
                     want_height, width, height);
}

static int open_picture(int fd, int64_t size, const struct image_info *info,
                        double shrink, struct decoder **ret, struct error *err)
{
    switch (info->format) {
    case IMAGE_JPEG:
        return jpeg_open(fd, size, info, shrink, ret, err);
    case IMAGE_PNG:
        return png_open(fd, size, info, ret, err);
    case IMAGE_WEBP:
        return webp_open(fd, size, info, shrink, ret, err);
    case IMAGE_NONE:
        break;
    }
    return error_set(err, ERROR_IMAGE_TYPE, "no JPEG, PNG or WebP");
}

static int read_row(struct decoder *d, uint8_t *row, struct error *err)
{
    return d->kind->read_row(d, row, err);
}

static int finish(struct decoder *d, struct error *err)
{
    return d->kind->finish ? d->kind->finish(d, err) : 0;
}

static void to_srgb(struct decoder *d, struct raster *r)
{
    const struct colour *c = d->kind->colour(d);
    for (uint32_t y = 0; c && y < r->height; y++) {
        uint8_t *row = r->pixels + (size_t)y * r->width * r->channels;
        if (r->channels == 4) {
            colour_convert_rgba(c, row, r->width);
        } else {
            colour_convert(c, row, row, r->width);
        }
    }
}

static void close_picture(struct decoder *d)
{
    d->kind->close(d);
}

static int encode_format(const struct raster *r, const struct save_options *options,
                         struct buf *out, struct error *err)
{
    switch (options->format) {
    case IMAGE_JPEG:
        return jpeg_encode(r, options, out, err);
    case IMAGE_PNG:
        return png_encode(r, options, out, err);
    case IMAGE_WEBP:
        return webp_encode(r, options, out, err);
    case IMAGE_NONE:
        break;
    }
    return error_set(err, ERROR_FAILED, "no format to write was chosen");
}

static int encode(const struct raster *r, const struct save_options *options,
                  struct buf *out, struct error *err)
{
    size_t before = out->len;
    int result = encode_format(r, options, out, err);
    if (result < 0 && out->len > before) {
        out->len = before;
        out->data[before] = '\0';
    }
    return result;
}

const struct image_module imgctl_image_module = {
    .open = open_picture,
    .read_row = read_row,
    .finish = finish,
    .to_srgb = to_srgb,
    .close = close_picture,
    .encode = encode,
};
