#include <inttypes.h>
#include <webp/encode.h>

#include "codec.h"

/* The effort at which libwebp's time and size are in balance. */
#define EFFORT_LOSSY 4
#define EFFORT_LOSSLESS 6 /* of WebPConfigLosslessPreset, 0..9 */

static int write_bytes(const uint8_t *data, size_t len, const WebPPicture *picture)
{
    buf_add(picture->custom_ptr, data, len);
    return 1;
}

static int encode(const struct raster *r, const WebPConfig *config, WebPPicture *picture,
                  struct error *err)
{
    int stride = (int)(r->width * r->channels);
    int imported = r->channels == 4 ? WebPPictureImportRGBA(picture, r->pixels, stride)
                                    : WebPPictureImportRGB(picture, r->pixels, stride);
    if (!imported || !WebPEncode(config, picture)) {
        return error_set(err, ERROR_FAILED, "cannot write a WebP: libwebp says error %d",
                         (int)picture->error_code);
    }
    return 0;
}

int webp_encode(const struct raster *r, const struct save_options *o, struct buf *out,
                struct error *err)
{
    WebPConfig config;
    WebPPicture picture;
    if (r->width > WEBP_MAX_DIMENSION || r->height > WEBP_MAX_DIMENSION) {
        return error_set(err, ERROR_IMAGE_LIMIT, "a WebP cannot be %" PRIu32 "x%" PRIu32
                         ", at most %d a side", r->width, r->height, WEBP_MAX_DIMENSION);
    }
    if (!WebPConfigInit(&config) || !WebPPictureInit(&picture)) {
        return error_set(err, ERROR_FAILED,
                         "libwebp is of another version than expected");
    }
    config.method = EFFORT_LOSSY;
    config.quality = (float)(o->quality > 0 ? o->quality : 85);
    if (o->lossless) {
        WebPConfigLosslessPreset(&config, EFFORT_LOSSLESS);
    }
    picture.use_argb = o->lossless;
    picture.width = (int)r->width;
    picture.height = (int)r->height;
    picture.writer = write_bytes;
    picture.custom_ptr = out;
    int result = encode(r, &config, &picture, err);
    WebPPictureFree(&picture);
    return result;
}
