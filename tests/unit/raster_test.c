/*
 * Rasters: scaling in linear light, alpha, turning, padding, the part with most detail;
 * and the way through each format and back.
 */
#include "imgctl/raster.h"

#include <math.h>
#include <pthread.h>
#include <sys/mman.h>
#include <unistd.h>

#include "codecs.h"
#include "imgctl/file.h"
#include "imgctl/mem.h"

static struct raster blank(uint32_t width, uint32_t height, uint8_t channels)
{
    return (struct raster){ width, height, channels,
                            mem_array((size_t)width * height, channels) };
}

static uint8_t *at(const struct raster *r, uint32_t x, uint32_t y)
{
    return r->pixels + ((size_t)y * r->width + x) * r->channels;
}

static void fill(const struct raster *r, struct box b, uint32_t rgb)
{
    for (uint32_t y = b.y; y < b.y + b.height; y++) {
        for (uint32_t x = b.x; x < b.x + b.width; x++) {
            uint8_t *p = at(r, x, y);
            p[0] = (uint8_t)(rgb >> 16);
            p[1] = (uint8_t)(rgb >> 8);
            p[2] = (uint8_t)rgb;
            if (r->channels == 4) {
                p[3] = 255;
            }
        }
    }
}

static uint32_t rgb(const struct raster *r, uint32_t x, uint32_t y)
{
    const uint8_t *p = at(r, x, y);
    return (uint32_t)p[0] << 16 | (uint32_t)p[1] << 8 | p[2];
}

/* Is the pixel within TOLERANCE of 0xRRGGBB in each channel? */
static bool near(const struct raster *r, uint32_t x, uint32_t y, uint32_t want,
                 int tolerance)
{
    const uint8_t *p = at(r, x, y);
    for (int c = 0; c < 3; c++) {
        if (abs(p[c] - (int)(want >> (16 - 8 * c) & 0xFF)) > tolerance) {
            printf("# pixel %u,%u is #%06x, not #%06x\n", x, y, rgb(r, x, y), want);
            return false;
        }
    }
    return true;
}

static const struct load_options as_it_is = { .width = 0 };

static int load_bytes(const void *data, size_t len, const struct load_options *o,
                      struct raster *ret, struct error *err)
{
    AUTO_FD int fd = memfd_create("picture", MFD_CLOEXEC);
    if (fd < 0 || file_write_all(fd, data, len) < 0) {
        return error_errno(err, ERROR_FAILED, "memfd");
    }
    return image_load(fd, (int64_t)len, o, ret, err);
}

static void load_ok(const struct buf *b, const struct load_options *o, struct raster *ret)
{
    struct error err = ERROR_INIT;
    raster_release(ret);
    CHECK_INT(load_bytes(b->data, b->len, o, ret, &err), 0);
    CHECK_STR(err.message, "");
}

static void save_ok(const struct raster *r, struct save_options o, struct buf *out)
{
    struct error err = ERROR_INIT;
    buf_clear(out);
    CHECK_INT(image_save(r, &o, out, &err), 0);
    CHECK_STR(err.message, "");
}

/* Any colours, some of them transparent. */
static struct raster mixed(uint32_t width, uint32_t height, uint8_t channels)
{
    struct raster r = blank(width, height, channels);
    uint32_t state = 7;
    for (size_t i = 0; i < (size_t)width * height * channels; i++) {
        state = state * 1664525 + 1013904223;
        r.pixels[i] = (uint8_t)(state >> 24);
    }
    return r;
}

/* ---- Scaling ---- */

TEST(light_is_averaged_not_bytes)
{
    AUTO_RASTER struct raster in = blank(64, 64, 3);
    AUTO_RASTER struct raster out = RASTER_INIT;
    struct error err = ERROR_INIT;
    for (uint32_t y = 0; y < 64; y++) {
        for (uint32_t x = 0; x < 64; x++) {
            fill(&in, (struct box){ x, y, 1, 1 }, (x + y) % 2 ? 0xFFFFFF : 0);
        }
    }
    CHECK_INT(raster_scale(&in, 8, 8, &out, &err), 0);
    for (uint32_t i = 1; i < 7; i++) {
        CHECK(near(&out, i, i, 0xBCBCBC, 1)); /* 188: half of the light */
    }
}

TEST(flat_stays_flat)
{
    static const uint32_t sizes[][2] = {
        { 1, 1 }, { 7, 90 }, { 33, 21 }, { 200, 3 }, { 64, 65 }
    };
    AUTO_RASTER struct raster in = blank(33, 20, 3);
    struct error err = ERROR_INIT;
    fill(&in, (struct box){ 0, 0, 33, 20 }, 0x0480FE);
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        AUTO_RASTER struct raster out = RASTER_INIT;
        CHECK_INT(raster_scale(&in, sizes[i][0], sizes[i][1], &out, &err), 0);
        CHECK_INT(out.width, sizes[i][0]);
        CHECK_INT(out.height, sizes[i][1]);
        for (uint32_t y = 0; y < out.height; y++) {
            for (uint32_t x = 0; x < out.width; x++) {
                CHECK_INT(rgb(&out, x, y), 0x0480FE);
            }
        }
    }
}

/* A ramp keeps its middle and its ends: nothing is shifted. */
TEST(nothing_is_shifted)
{
    AUTO_RASTER struct raster in = blank(256, 4, 3);
    struct error err = ERROR_INIT;
    for (uint32_t x = 0; x < 256; x++) {
        fill(&in, (struct box){ x, 0, 1, 4 }, x * 0x10101);
    }
    for (uint32_t width = 32; width <= 1024; width *= 2) {
        AUTO_RASTER struct raster out = RASTER_INIT;
        CHECK_INT(raster_scale(&in, width, 4, &out, &err), 0);
        for (uint32_t x = width / 8; x < width - width / 8; x++) {
            double want = (x + 0.5) * 256 / width - 0.5;
            CHECK(fabs(at(&out, x, 1)[0] - want) <= 1.5);
        }
    }
}

TEST(same_size_is_the_same)
{
    AUTO_RASTER struct raster in = mixed(31, 17, 4);
    AUTO_RASTER struct raster out = RASTER_INIT;
    struct error err = ERROR_INIT;
    CHECK_INT(raster_scale(&in, 31, 17, &out, &err), 0);
    CHECK(memcmp(in.pixels, out.pixels, 31 * 17 * 4) == 0);
}

TEST(impossible_sizes)
{
    AUTO_RASTER struct raster in = mixed(3, 3, 3);
    AUTO_RASTER struct raster out = RASTER_INIT;
    struct error err = ERROR_INIT;
    CHECK_INT(raster_scale(&in, 0, 5, &out, &err), -1);
    CHECK_INT(err.kind, ERROR_IMAGE_LIMIT);
    CHECK_INT(raster_scale(&in, 1000000, 1000000, &out, &err), -1);
    CHECK_INT(err.kind, ERROR_IMAGE_LIMIT);
    CHECK(out.pixels == NULL);
}

/* ---- Alpha ---- */

/* A red disc on what is transparent and has green under it: no green, no grey. */
TEST(no_fringes)
{
    AUTO_RASTER struct raster in = blank(200, 200, 4);
    AUTO_RASTER struct raster out = RASTER_INIT;
    struct error err = ERROR_INIT;
    int between = 0;
    for (int y = 0; y < 200; y++) {
        for (int x = 0; x < 200; x++) {
            bool inside = (x - 100) * (x - 100) + (y - 100) * (y - 100) < 80 * 80;
            fill(&in, (struct box){ (uint32_t)x, (uint32_t)y, 1, 1 },
                 inside ? 0xFF0000 : 0x00FF00);
            at(&in, (uint32_t)x, (uint32_t)y)[3] = inside ? 255 : 0;
        }
    }
    CHECK_INT(raster_scale(&in, 37, 37, &out, &err), 0);
    for (uint32_t i = 0; i < 37 * 37; i++) {
        const uint8_t *p = out.pixels + (size_t)i * 4;
        CHECK(p[3] == 0 || (p[0] == 255 && p[1] == 0 && p[2] == 0));
        between += p[3] > 0 && p[3] < 255;
    }
    CHECK(between > 20);
    raster_flatten(&out, 0xFFFFFF);
    CHECK_INT(out.channels, 3);
    for (uint32_t i = 0; i < 37 * 37; i++) {
        const uint8_t *p = out.pixels + (size_t)i * 3;
        CHECK(p[0] == 255 && p[1] == p[2]);
    }
}

TEST(flatten)
{
    AUTO_RASTER struct raster r = blank(3, 1, 4);
    memcpy(r.pixels, (uint8_t[]){ 9, 8, 7, 255, 200, 100, 0, 128, 1, 2, 3, 0 }, 12);
    raster_flatten(&r, 0x3264C8);
    CHECK_INT(r.channels, 3);
    CHECK_INT(rgb(&r, 0, 0), 0x090807);
    CHECK_INT(rgb(&r, 1, 0), 125 << 16 | 100 << 8 | 100);
    CHECK_INT(rgb(&r, 2, 0), 0x3264C8);
    raster_flatten(&r, 0);
    CHECK_INT(rgb(&r, 2, 0), 0x3264C8);
}

/* ---- Formats ---- */

static const uint32_t colours[] = { 0xFFFFFF, 0, 0xFF0000, 0x00FF00, 0x0000FF, 0x7F7F7F,
                                    0xC86432, 0x123456 };
#define COLOURS (sizeof colours / sizeof *colours)

/* Every colour fills 16 x 16 pixels. */
static struct raster palette(void)
{
    struct raster r = blank(16 * COLOURS, 16, 3);
    for (uint32_t i = 0; i < COLOURS; i++) {
        fill(&r, (struct box){ i * 16, 0, 16, 16 }, colours[i]);
    }
    return r;
}

TEST(lossless_formats)
{
    static const struct save_options ways[] = {
        { .format = IMAGE_PNG }, { .format = IMAGE_WEBP, .lossless = true },
    };
    for (uint8_t channels = 3; channels <= 4; channels++) {
        AUTO_RASTER struct raster r = mixed(67, 41, channels);
        for (size_t i = 0; channels == 4 && i < 67 * 41; i++) {
            r.pixels[i * 4 + 3] |= 1; /* WebP forgets the colour of what is not seen */
        }
        for (size_t i = 0; i < 2; i++) {
            AUTO_RASTER struct raster back = RASTER_INIT;
            AUTO_BUF struct buf b = BUF_INIT;
            save_ok(&r, ways[i], &b);
            load_ok(&b, &as_it_is, &back);
            CHECK_INT(back.channels, channels);
            CHECK_INT(back.width, 67);
            CHECK_INT(back.height, 41);
            CHECK(memcmp(r.pixels, back.pixels, (size_t)67 * 41 * channels) == 0);
        }
    }
}

TEST(lossy_formats)
{
    static const struct save_options ways[] = {
        { .format = IMAGE_JPEG, .quality = 95 },
        { .format = IMAGE_JPEG, .quality = 95, .progressive = true },
        { .format = IMAGE_JPEG },
        { .format = IMAGE_WEBP, .quality = 95 },
    };
    AUTO_RASTER struct raster r = palette();
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
        AUTO_RASTER struct raster back = RASTER_INIT;
        AUTO_BUF struct buf b = BUF_INIT;
        save_ok(&r, ways[i], &b);
        load_ok(&b, &as_it_is, &back);
        CHECK_INT(back.channels, 3);
        for (uint32_t c = 0; c < COLOURS; c++) {
            CHECK(near(&back, c * 16 + 8, 8, colours[c], 5));
        }
    }
}

TEST(quality_and_size)
{
    AUTO_RASTER struct raster r = mixed(200, 200, 3);
    AUTO_BUF struct buf small = BUF_INIT;
    AUTO_BUF struct buf large = BUF_INIT;
    for (enum image_format f = IMAGE_JPEG; f <= IMAGE_WEBP;
         f += IMAGE_WEBP - IMAGE_JPEG) {
        save_ok(&r, (struct save_options){ .format = f, .quality = 20 }, &small);
        save_ok(&r, (struct save_options){ .format = f, .quality = 95 }, &large);
        CHECK(small.len * 2 < large.len);
    }
}

TEST(what_a_format_cannot_hold)
{
    static const struct save_options jpeg = { .format = IMAGE_JPEG };
    static const struct save_options webp = { .format = IMAGE_WEBP };
    AUTO_RASTER struct raster wide = blank(70000, 1, 3);
    AUTO_RASTER struct raster alpha = blank(2, 2, 4);
    AUTO_BUF struct buf b = BUF_INIT;
    struct error err = ERROR_INIT;
    CHECK_INT(image_save(&wide, &jpeg, &b, &err), -1);
    CHECK_INT(err.kind, ERROR_IMAGE_LIMIT);
    CHECK_INT(image_save(&wide, &webp, &b, &err), -1);
    CHECK_INT(err.kind, ERROR_IMAGE_LIMIT);
    CHECK_INT(image_save(&alpha, &jpeg, &b, &err), -1);
    CHECK_INT(err.kind, ERROR_FAILED);
    CHECK_INT(b.len, 0);
}

/* ---- Orientation, crop, size ---- */

/* Put an EXIF that says ORIENTATION behind the SOI of a JPEG. */
static void orient(struct buf *b, uint8_t orientation)
{
    uint8_t app1[] = { 0xFF, 0xE1, 0, 34, 'E', 'x', 'i', 'f', 0, 0, 'M', 'M', 0, 42,
                       0, 0, 0, 8, 0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation,
                       0, 0, 0, 0, 0, 0 };
    AUTO_BUF struct buf out = BUF_INIT;
    buf_add(&out, b->data, 2);
    buf_add(&out, app1, sizeof app1);
    buf_add(&out, b->data + 2, b->len - 2);
    buf_clear(b);
    buf_add(b, out.data, out.len);
}

/* Stored: red, green above blue, white; 64 x 32. What is seen in the corners: left and
 * right above, left and right below. */
static const uint32_t corners[9][4] = {
    [1] = { 0xFF0000, 0x00FF00, 0x0000FF, 0xFFFFFF },
    [2] = { 0x00FF00, 0xFF0000, 0xFFFFFF, 0x0000FF },
    [3] = { 0xFFFFFF, 0x0000FF, 0x00FF00, 0xFF0000 },
    [4] = { 0x0000FF, 0xFFFFFF, 0xFF0000, 0x00FF00 },
    [5] = { 0xFF0000, 0x0000FF, 0x00FF00, 0xFFFFFF },
    [6] = { 0x0000FF, 0xFF0000, 0xFFFFFF, 0x00FF00 },
    [7] = { 0xFFFFFF, 0x00FF00, 0x0000FF, 0xFF0000 },
    [8] = { 0x00FF00, 0xFFFFFF, 0xFF0000, 0x0000FF },
};

static void quarters(struct buf *b, uint8_t orientation)
{
    AUTO_RASTER struct raster r = blank(64, 32, 3);
    for (uint32_t i = 0; i < 4; i++) {
        fill(&r, (struct box){ i % 2 * 32, i / 2 * 16, 32, 16 }, corners[1][i]);
    }
    save_ok(&r, (struct save_options){ .format = IMAGE_JPEG, .quality = 95 }, b);
    orient(b, orientation);
}

TEST(orientation)
{
    for (uint8_t o = 1; o <= 8; o++) {
        AUTO_BUF struct buf b = BUF_INIT;
        AUTO_RASTER struct raster r = RASTER_INIT;
        uint32_t width = o < 5 ? 64 : 32, height = o < 5 ? 32 : 64;
        quarters(&b, o);
        for (uint32_t reduced = 1; reduced <= 4; reduced *= 4) {
            load_ok(&b, &(struct load_options){ .width = width / reduced }, &r);
            CHECK_INT(r.width, width / reduced);
            CHECK_INT(r.height, height / reduced);
            for (uint32_t i = 0; i < 4; i++) {
                CHECK(near(&r, i % 2 ? r.width - 2 : 1, i / 2 ? r.height - 2 : 1,
                           corners[o][i], 16)); /* the filter overshoots a little */
            }
        }
    }
}

/* A crop is of the picture as seen, whatever is stored. */
TEST(crop)
{
    for (uint8_t o = 1; o <= 8; o++) {
        AUTO_BUF struct buf b = BUF_INIT;
        uint32_t width = o < 5 ? 64 : 32, height = o < 5 ? 32 : 64;
        quarters(&b, o);
        for (uint32_t i = 0; i < 4; i++) {
            AUTO_RASTER struct raster r = RASTER_INIT;
            struct load_options options = {
                .crop = { i % 2 * width / 2 + 2, i / 2 * height / 2 + 2, width / 2 - 4,
                          height / 2 - 4 },
            };
            load_ok(&b, &options, &r);
            CHECK_INT(r.width, width / 2 - 4);
            CHECK_INT(r.height, height / 2 - 4);
            CHECK(near(&r, 0, 0, corners[o][i], 8));
            CHECK(near(&r, r.width - 1, r.height - 1, corners[o][i], 8));
            options.width = 3;
            options.height = 5;
            load_ok(&b, &options, &r);
            CHECK_INT(r.width, 3);
            CHECK_INT(r.height, 5);
            CHECK(near(&r, 1, 2, corners[o][i], 8));
        }
    }
}

TEST(crop_outside)
{
    AUTO_BUF struct buf b = BUF_INIT;
    AUTO_RASTER struct raster r = RASTER_INIT;
    quarters(&b, 6);
    static const struct box wrong[] = {
        { 0, 0, 33, 1 }, { 0, 64, 1, 1 }, { 0, 0, 1, 0 }, { UINT32_MAX, 0, 2, 1 },
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct error err = ERROR_INIT;
        struct load_options options = { .crop = wrong[i] };
        CHECK_INT(load_bytes(b.data, b.len, &options, &r, &err), -1);
        CHECK_INT(err.kind, ERROR_USAGE);
    }
}

TEST(sizes)
{
    static const struct {
        uint32_t width, height;
        bool fit;
        uint32_t got_width, got_height;
    } cases[] = {
        { 0, 0, false, 1000, 10 },    { 0, 0, true, 1000, 10 },
        { 500, 0, false, 500, 5 },    { 0, 20, false, 2000, 20 },
        { 10, 0, false, 10, 1 },      { 30, 40, false, 30, 40 },
        { 100, 100, true, 100, 1 },   { 5000, 5000, true, 1000, 10 },
        { 5000, 5, true, 500, 5 },    { 0, 4, true, 400, 4 },
        { 333, 100, true, 333, 3 },
    };
    AUTO_RASTER struct raster in = blank(1000, 10, 3);
    AUTO_BUF struct buf b = BUF_INIT;
    save_ok(&in, (struct save_options){ .format = IMAGE_PNG }, &b);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        AUTO_RASTER struct raster r = RASTER_INIT;
        load_ok(&b, &(struct load_options){ .width = cases[i].width,
                                            .height = cases[i].height,
                                            .fit = cases[i].fit }, &r);
        CHECK_INT(r.width, cases[i].got_width);
        CHECK_INT(r.height, cases[i].got_height);
    }
}

TEST(result_within_limits)
{
    AUTO_RASTER struct raster in = blank(10, 10, 3);
    AUTO_RASTER struct raster r = RASTER_INIT;
    AUTO_BUF struct buf b = BUF_INIT;
    struct error err = ERROR_INIT;
    struct load_options options = { .limits = image_default_limits, .width = 60000,
                                    .height = 60000 };
    save_ok(&in, (struct save_options){ .format = IMAGE_PNG }, &b);
    CHECK_INT(load_bytes(b.data, b.len, &options, &r, &err), -1);
    CHECK_INT(err.kind, ERROR_IMAGE_LIMIT);
}

/* Decoding at a reduced size and cropping end up where the whole picture has it. */
TEST(reduced_decoding_is_in_place)
{
    static const struct save_options ways[] = {
        { .format = IMAGE_JPEG, .quality = 95 }, { .format = IMAGE_WEBP, .quality = 95 },
        { .format = IMAGE_PNG },
    };
    AUTO_RASTER struct raster in = blank(1003, 701, 3);
    fill(&in, (struct box){ 0, 0, 1003, 701 }, 0x204060);
    fill(&in, (struct box){ 401, 277, 200, 100 }, 0xF0C080);
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
        AUTO_BUF struct buf b = BUF_INIT;
        AUTO_RASTER struct raster r = RASTER_INIT;
        save_ok(&in, ways[i], &b);
        struct load_options options = { .crop = { 401, 277, 200, 100 }, .width = 10,
                                        .height = 5 };
        load_ok(&b, &options, &r);
        for (uint32_t y = 0; y < 5; y++) {
            for (uint32_t x = 0; x < 10; x++) {
                CHECK(near(&r, x, y, 0xF0C080, x % 9 && y % 4 ? 16 : 60));
            }
        }
        options.crop = (struct box){ 301, 227, 400, 200 };
        options.width = 40;
        options.height = 20;
        load_ok(&b, &options, &r);
        CHECK(near(&r, 8, 10, 0x204060, 40) && near(&r, 11, 10, 0xF0C080, 40));
        CHECK(near(&r, 28, 10, 0xF0C080, 40) && near(&r, 31, 10, 0x204060, 40));
        CHECK(near(&r, 20, 3, 0x204060, 40) && near(&r, 20, 6, 0xF0C080, 40));
    }
}

/* ---- Padding and detail ---- */

TEST(pad)
{
    AUTO_RASTER struct raster in = blank(10, 4, 4);
    AUTO_RASTER struct raster out = RASTER_INIT;
    struct error err = ERROR_INIT;
    fill(&in, (struct box){ 0, 0, 10, 4 }, 0xAA0000);
    at(&in, 0, 0)[3] = 0;
    CHECK_INT(raster_pad(&in, 10, 13, 0x001122, &out, &err), 0);
    CHECK_INT(out.width, 10);
    CHECK_INT(out.height, 13);
    CHECK_INT(out.channels, 3);
    CHECK_INT(rgb(&out, 5, 3), 0x001122);
    CHECK_INT(rgb(&out, 0, 4), 0x001122);
    CHECK_INT(rgb(&out, 1, 4), 0xAA0000);
    CHECK_INT(rgb(&out, 9, 7), 0xAA0000);
    CHECK_INT(rgb(&out, 9, 8), 0x001122);
    raster_release(&out);
    CHECK_INT(raster_pad(&in, 9, 13, 0, &out, &err), -1);
    CHECK_INT(err.kind, ERROR_USAGE);
}

TEST(pad_blurred)
{
    AUTO_RASTER struct raster in = blank(300, 100, 3);
    AUTO_RASTER struct raster out = RASTER_INIT;
    struct error err = ERROR_INIT;
    for (uint32_t x = 0; x < 300; x++) {
        fill(&in, (struct box){ x, 0, 1, 100 }, x / 4 % 2 ? 0xFF8000 : 0x0080FF);
    }
    CHECK_INT(raster_pad_blurred(&in, 300, 400, &out, &err), 0);
    CHECK_INT(out.height, 400);
    for (uint32_t x = 0; x < 300; x++) {
        CHECK_INT(rgb(&out, x, 200), rgb(&in, x, 50));
        CHECK_INT(rgb(&out, x, 150), rgb(&in, x, 0));
        CHECK_INT(rgb(&out, x, 249), rgb(&in, x, 99));
        CHECK(at(&out, x, 20)[0] > 100 && at(&out, x, 20)[0] < 230); /* no stripes left */
        CHECK(abs(at(&out, x, 20)[1] - 128) < 3);
    }
}

TEST(most_detail)
{
    AUTO_RASTER struct raster r = blank(120, 80, 3);
    fill(&r, (struct box){ 0, 0, 120, 80 }, 0x404040);
    struct box b = raster_most_detail(&r, 40, 80);
    CHECK(b.x == 40 && b.y == 0 && b.width == 40 && b.height == 80); /* a tie */
    for (uint32_t i = 0; i < 200; i++) {
        fill(&r, (struct box){ 85 + i % 20, 50 + i / 20, 1, 1 },
             i % 3 ? 0x806020 : 0x10F0F0);
    }
    b = raster_most_detail(&r, 30, 20);
    CHECK(b.x >= 75 && b.x <= 84 && b.y >= 40 && b.y <= 49);
    b = raster_most_detail(&r, 500, 20);
    CHECK(b.x == 0 && b.width == 120 && b.y >= 40 && b.y <= 49);
}

/* ---- Damage and threads ---- */

static void make_file(enum image_format format, struct buf *b)
{
    AUTO_RASTER struct raster r = mixed(50, 40, format == IMAGE_JPEG ? 3 : 4);
    save_ok(&r, (struct save_options){ .format = format, .quality = 80,
                                       .progressive = true }, b);
}

/* Cut anywhere, a file is damaged; only the very last bytes may not matter. */
TEST(truncated)
{
    for (enum image_format f = IMAGE_JPEG; f <= IMAGE_WEBP; f++) {
        AUTO_BUF struct buf b = BUF_INIT;
        make_file(f, &b);
        for (size_t len = 16; len < b.len; len += 13) {
            AUTO_RASTER struct raster r = RASTER_INIT;
            struct error err = ERROR_INIT;
            CHECK_INT(load_bytes(b.data, len, &as_it_is, &r, &err), -1);
            CHECK_INT(err.kind, ERROR_IMAGE_CORRUPT);
        }
    }
}

/* Any byte may be wrong: a result or a clean error, no crash and no leak. */
TEST(damaged)
{
    for (enum image_format f = IMAGE_JPEG; f <= IMAGE_WEBP; f++) {
        AUTO_BUF struct buf b = BUF_INIT;
        make_file(f, &b);
        uint32_t state = 1;
        for (int i = 0; i < 1500; i++) {
            AUTO_RASTER struct raster r = RASTER_INIT;
            struct error err = ERROR_INIT;
            struct load_options options = { .limits.pixels = 1000000,
                                            .width = i % 2 ? 0 : 11 };
            state = state * 1664525 + 1013904223;
            size_t place = (state >> 8) % (i % 3 ? 300 : b.len);
            char old = b.data[place];
            b.data[place] = (char)(state >> 24);
            if (load_bytes(b.data, b.len, &options, &r, &err) < 0) {
                CHECK(r.pixels == NULL && err.message[0] != '\0');
            }
            b.data[place] = old;
        }
    }
}

struct work {
    struct buf *files; /* one for each format */
    struct raster want[3];
    bool same;
};

static void *decode_often(void *cookie)
{
    struct work *w = cookie;
    w->same = true;
    for (int i = 0; i < 60; i++) {
        AUTO_RASTER struct raster r = RASTER_INIT;
        AUTO_BUF struct buf b = BUF_INIT;
        struct error err = ERROR_INIT;
        struct save_options save = { .format = IMAGE_PNG };
        const struct raster *want = &w->want[i % 3];
        if (load_bytes(w->files[i % 3].data, w->files[i % 3].len,
                       &(struct load_options){ .width = 21 }, &r, &err) < 0 ||
            image_save(&r, &save, &b, &err) < 0 ||
            memcmp(r.pixels, want->pixels, (size_t)r.width * r.height * r.channels) !=
                0) {
            printf("# %s\n", err.message);
            w->same = false;
        }
    }
    return NULL;
}

TEST(threads)
{
    struct buf files[3] = { BUF_INIT, BUF_INIT, BUF_INIT };
    struct work works[4];
    pthread_t threads[4];
    for (int t = 0; t < 4; t++) {
        works[t].files = files;
        for (int f = 0; f < 3; f++) {
            make_file(IMAGE_JPEG + (unsigned)f, &files[f]);
            works[t].want[f] = (struct raster)RASTER_INIT;
            load_ok(&files[f], &(struct load_options){ .width = 21 }, &works[t].want[f]);
        }
    }
    for (int t = 0; t < 4; t++) {
        CHECK_INT(pthread_create(&threads[t], NULL, decode_often, &works[t]), 0);
    }
    for (int t = 0; t < 4; t++) {
        pthread_join(threads[t], NULL);
        CHECK(works[t].same);
        for (int f = 0; f < 3; f++) {
            raster_release(&works[t].want[f]);
        }
    }
    for (int f = 0; f < 3; f++) {
        buf_release(&files[f]);
    }
}

int main(void)
{
    codecs_here();
    RUN(light_is_averaged_not_bytes);
    RUN(flat_stays_flat);
    RUN(nothing_is_shifted);
    RUN(same_size_is_the_same);
    RUN(impossible_sizes);
    RUN(no_fringes);
    RUN(flatten);
    RUN(lossless_formats);
    RUN(lossy_formats);
    RUN(quality_and_size);
    RUN(what_a_format_cannot_hold);
    RUN(orientation);
    RUN(crop);
    RUN(crop_outside);
    RUN(sizes);
    RUN(result_within_limits);
    RUN(reduced_decoding_is_in_place);
    RUN(pad);
    RUN(pad_blurred);
    RUN(most_detail);
    RUN(truncated);
    RUN(damaged);
    RUN(threads);
    return test_end();
}
