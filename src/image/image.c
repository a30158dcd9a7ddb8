#include "imgctl/image.h"

#include <inttypes.h>
#include <string.h>

#include "image_parts.h"
#include "imgctl/text.h"
#include "jpeg.h"
#include "png.h"

const struct image_limits image_default_limits = {
    .bytes = INT64_C(10) * 1024 * 1024,
    .pixels = INT64_C(100) * 1000 * 1000,
    .side = 65535,
};

const char *image_profile_name(enum image_profile profile)
{
    static const char *const names[] = { "none", "sRGB", "Display P3", "Adobe RGB",
                                         "other" };
    return names[profile];
}

const char *image_mime(enum image_format format)
{
    switch (format) {
    case IMAGE_JPEG:
        return "image/jpeg";
    case IMAGE_PNG:
        return "image/png";
    case IMAGE_WEBP:
        return "image/webp";
    case IMAGE_NONE:
        break;
    }
    return "application/octet-stream";
}

const char *image_extension(enum image_format format)
{
    switch (format) {
    case IMAGE_JPEG:
        return "jpg";
    case IMAGE_PNG:
        return "png";
    case IMAGE_WEBP:
        return "webp";
    case IMAGE_NONE:
        break;
    }
    return "bin";
}

enum image_format image_sniff(const void *head, size_t len)
{
    const unsigned char *p = head;
    if (len >= 3 && memcmp(p, "\xff\xd8\xff", 3) == 0) {
        return IMAGE_JPEG;
    }
    if (len >= PNG_SIGNATURE_SIZE && memcmp(p, PNG_SIGNATURE, PNG_SIGNATURE_SIZE) == 0) {
        return IMAGE_PNG;
    }
    if (len >= 12 && memcmp(p, "RIFF", 4) == 0 && memcmp(p + 8, "WEBP", 4) == 0) {
        return IMAGE_WEBP;
    }
    return IMAGE_NONE;
}

int image_within(const struct image_limits *limits, uint32_t width, uint32_t height,
                 struct error *err)
{
    uint32_t side = width > height ? width : height;
    if (limits->side > 0 && side > limits->side) {
        error_set(err, ERROR_IMAGE_LIMIT, "%" PRIu32 "x%" PRIu32 " pixels, at most %"
                  PRId64 " a side", width, height, limits->side);
        return error_hint(err, "scale the picture down");
    }
    uint64_t pixels = (uint64_t)width * height;
    if (limits->pixels > 0 && pixels > (uint64_t)limits->pixels) {
        error_set(err, ERROR_IMAGE_LIMIT, "%" PRIu32 "x%" PRIu32 " is %.6g megapixels, "
                  "at most %.6g", width, height, (double)pixels / 1e6,
                  (double)limits->pixels / 1e6);
        return error_hint(err, "scale the picture down");
    }
    return 0;
}

static int within_bytes(const struct image_limits *limits, int64_t size,
                        struct error *err)
{
    char have[32], most[32];
    if (limits->bytes <= 0 || size <= limits->bytes) {
        return 0;
    }
    text_format_size(have, size);
    text_format_size(most, limits->bytes);
    if (strcmp(have, most) == 0) {
        error_set(err, ERROR_IMAGE_LIMIT, "%" PRId64 " bytes, at most %" PRId64, size,
                  limits->bytes);
    } else {
        error_set(err, ERROR_IMAGE_LIMIT, "%s, at most %s", have, most);
    }
    return error_hint(err, "make the file smaller");
}

static int read_picture(struct source *s, const struct image_limits *limits,
                        struct image_info *info, struct error *err)
{
    const unsigned char *head;
    ssize_t n = source_peek(s, SOURCE_PEEK_MAX, &head, err);
    if (n < 0) {
        return -1;
    }
    *info = (struct image_info){ .orientation = 1, .frames = 1, .pictures = 1 };
    info->format = image_sniff(head, (size_t)n);
    int result;
    switch (info->format) {
    case IMAGE_JPEG:
        result = jpeg_read(s, limits, info, err);
        break;
    case IMAGE_PNG:
        result = png_read(s, limits, info, err);
        break;
    case IMAGE_WEBP:
        result = webp_read(s, limits, info, err);
        break;
    default:
        return image_foreign(head, (size_t)n < 512 ? (size_t)n : 512, err);
    }
    if (result == 0 && info->orientation >= 5) {
        uint32_t stored_width = info->width;
        info->width = info->height;
        info->height = stored_width;
    }
    return result;
}

int image_probe(int fd, int64_t size, const struct image_limits *limits,
                struct image_info *ret, struct error *err)
{
    AUTO_SOURCE struct source s;
    source_seeking(&s, fd, size);
    if (within_bytes(limits, size, err) < 0) {
        return -1;
    }
    return read_picture(&s, limits, ret, err);
}

/* Does the file end with a JPEG's end marker? */
static int ends_with_marker(const struct source *s, bool *ret, struct error *err)
{
    unsigned char tail[2] = { 0 };
    int got = source_at(s, s->size - 2, tail, sizeof tail, err);
    *ret = got > 0 && tail[0] == 0xFF && tail[1] == JPEG_EOI;
    return got < 0 ? -1 : 0;
}

int image_examine(int fd, int64_t size, const struct image_limits *limits,
                  struct image_info *ret, struct error *err)
{
    AUTO_SOURCE struct source s;
    bool ends = true;
    source_seeking(&s, fd, size);
    if (within_bytes(limits, size, err) < 0 ||
        read_picture(&s, limits, ret, err) < 0 ||
        (ret->format == IMAGE_JPEG && ends_with_marker(&s, &ends, err) < 0)) {
        return -1;
    }
    return ends && !ret->is_progressive
               ? 0
               : image_check(fd, size, limits, NULL, NULL, ret, err);
}

int image_check(int fd, int64_t size, const struct image_limits *limits,
                void (*each)(void *cookie, const void *data, size_t len), void *cookie,
                struct image_info *ret, struct error *err)
{
    AUTO_SOURCE struct source s;
    source_whole(&s, fd, size, each, cookie);
    if (within_bytes(limits, size, err) < 0) {
        return -1;
    }
    int verdict = read_picture(&s, limits, ret, err);
    if (verdict < 0 && err->kind == ERROR_FILE) {
        return -1;
    }
    struct error reading = ERROR_INIT;
    if (source_go(&s, size, &reading) < 0) {
        *err = reading;
        return -1;
    }
    return verdict;
}
