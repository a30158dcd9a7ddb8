/*
 * Colours out of files: every kind of PNG, profiles of RGB, grey and damaged ones,
 * gamma and primaries, CMYK of the corpus.
 */
#include "imgctl/raster.h"

#include <fcntl.h>
#include <math.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "codecs.h"
#include "imgctl/file.h"
#include "imgctl/mem.h"

static void add_be32(struct buf *b, uint32_t n)
{
    buf_add(b, (uint8_t[]){ (uint8_t)(n >> 24), (uint8_t)(n >> 16), (uint8_t)(n >> 8),
                            (uint8_t)n }, 4);
}

static void load_bytes(const struct buf *b, struct raster *ret)
{
    struct error err = ERROR_INIT;
    struct load_options as_it_is = { .width = 0 };
    AUTO_FD int fd = memfd_create("picture", MFD_CLOEXEC);
    raster_release(ret);
    CHECK(fd >= 0 && file_write_all(fd, b->data, b->len) == 0);
    CHECK_INT(image_load(fd, (int64_t)b->len, &as_it_is, ret, &err), 0);
    CHECK_STR(err.message, "");
}

static void check_pixel(const struct raster *r, size_t number, const int *want,
                        int tolerance)
{
    const uint8_t *p = r->pixels + number * r->channels;
    for (int c = 0; c < r->channels; c++) {
        if (abs(p[c] - want[c]) > tolerance) {
            test_failed_checks++;
            printf("# pixel %zu, channel %d is %d, not %d\n", number, c, p[c], want[c]);
        }
    }
}

/* ---- PNG, chunk by chunk ---- */

static void add_chunk(struct buf *b, const char *type, const void *data, size_t len)
{
    AUTO_BUF struct buf body = BUF_INIT;
    buf_addstr(&body, type);
    buf_add(&body, data, len);
    add_be32(b, (uint32_t)len);
    buf_add(b, body.data, body.len);
    add_be32(b, (uint32_t)crc32(0, (const Bytef *)body.data, (uInt)body.len));
}

static void add_deflated(struct buf *b, const void *data, size_t len)
{
    uLongf size = compressBound(len);
    AUTO_FREE Bytef *packed = mem_alloc(size);
    compress(packed, &size, data, len);
    buf_add(b, packed, size);
}

struct png {
    uint32_t width;          /* one row */
    uint8_t depth, type;
    const char *extra;       /* type of one more chunk, and a second */
    struct buf extra_data;
    const char *more;
    struct buf more_data;
};

static void make_png(const struct png *p, const void *row, size_t len, struct buf *out)
{
    AUTO_BUF struct buf head = BUF_INIT;
    AUTO_BUF struct buf raw = BUF_INIT;
    AUTO_BUF struct buf packed = BUF_INIT;
    buf_clear(out);
    buf_add(out, "\x89PNG\r\n\x1a\n", 8);
    add_be32(&head, p->width);
    add_be32(&head, 1);
    buf_add(&head, (uint8_t[]){ p->depth, p->type, 0, 0, 0 }, 5);
    add_chunk(out, "IHDR", head.data, head.len);
    if (p->extra) {
        add_chunk(out, p->extra, p->extra_data.data, p->extra_data.len);
    }
    if (p->more) {
        add_chunk(out, p->more, p->more_data.data, p->more_data.len);
    }
    buf_addch(&raw, 0);
    buf_add(&raw, row, len);
    add_deflated(&packed, raw.data, raw.len);
    add_chunk(out, "IDAT", packed.data, packed.len);
    add_chunk(out, "IEND", "", 0);
}

static struct buf bytes(const void *data, size_t len)
{
    struct buf b = BUF_INIT;
    buf_add(&b, data, len);
    return b;
}

/* A PNG of one ROW, decoded; takes the chunks of P. */
static void decode_png(struct png p, const void *row, size_t len, struct raster *ret)
{
    AUTO_BUF struct buf file = BUF_INIT;
    make_png(&p, row, len, &file);
    load_bytes(&file, ret);
    buf_release(&p.extra_data);
    buf_release(&p.more_data);
}

static const struct buf none = BUF_INIT;

TEST(png_grey)
{
    AUTO_RASTER struct raster r = RASTER_INIT;
    decode_png((struct png){ 3, 8, 0, NULL, none, NULL, none }, "\x00\x80\xFF", 3, &r);
    CHECK_INT(r.channels, 3);
    check_pixel(&r, 1, (int[]){ 128, 128, 128 }, 0);
    check_pixel(&r, 2, (int[]){ 255, 255, 255 }, 0);
    decode_png((struct png){ 4, 2, 0, NULL, none, NULL, none }, "\x1B", 1, &r);
    for (int i = 0; i < 4; i++) {
        check_pixel(&r, (size_t)i, (int[]){ i * 85, i * 85, i * 85 }, 0);
    }
    decode_png((struct png){ 2, 16, 0, NULL, none, NULL, none }, "\xFF\x7E\x80\x80", 4,
               &r);
    check_pixel(&r, 0, (int[]){ 254, 254, 254 },
                0); /* rounded, neither cut nor wrapped */
    check_pixel(&r, 1, (int[]){ 128, 128, 128 }, 0);
}

TEST(png_transparent_colour)
{
    AUTO_RASTER struct raster r = RASTER_INIT;
    decode_png((struct png){ 2, 8, 0, "tRNS", bytes("\0\x10", 2), NULL, none },
               "\x10\x20", 2, &r);
    CHECK_INT(r.channels, 4);
    check_pixel(&r, 0, (int[]){ 16, 16, 16, 0 }, 0);
    check_pixel(&r, 1, (int[]){ 32, 32, 32, 255 }, 0);
    decode_png((struct png){ 2, 8, 2, "tRNS", bytes("\0\1\0\2\0\3", 6), NULL, none },
               "\1\2\3\1\2\4", 6, &r);
    CHECK_INT(r.channels, 4);
    check_pixel(&r, 0, (int[]){ 1, 2, 3, 0 }, 0);
    check_pixel(&r, 1, (int[]){ 1, 2, 4, 255 }, 0);
}

TEST(png_palette)
{
    AUTO_RASTER struct raster r = RASTER_INIT;
    static const char colours[] = "\xFF\0\0\0\xFF\0\0\0\xFF";
    decode_png((struct png){ 3, 2, 3, "PLTE", bytes(colours, 9), NULL, none }, "\x18", 1,
               &r);
    CHECK_INT(r.channels, 3);
    check_pixel(&r, 0, (int[]){ 255, 0, 0 }, 0);
    check_pixel(&r, 1, (int[]){ 0, 255, 0 }, 0);
    check_pixel(&r, 2, (int[]){ 0, 0, 255 }, 0);
    decode_png((struct png){ 2, 8, 3, "PLTE", bytes(colours, 9), "tRNS",
                             bytes("\xFF\x40", 2) }, "\x01\x02", 2, &r);
    CHECK_INT(r.channels, 4);
    check_pixel(&r, 0, (int[]){ 0, 255, 0, 64 }, 0);
    check_pixel(&r, 1, (int[]){ 0, 0, 255, 255 }, 0);
}

TEST(png_alpha)
{
    AUTO_RASTER struct raster r = RASTER_INIT;
    decode_png((struct png){ 1, 8, 4, NULL, none, NULL, none }, "\x37\x99", 2, &r);
    check_pixel(&r, 0, (int[]){ 55, 55, 55, 153 }, 0);
    decode_png((struct png){ 1, 16, 6, NULL, none, NULL, none },
               "\x12\x12\x34\x34\x56\x56\x78\x78", 8, &r);
    check_pixel(&r, 0, (int[]){ 18, 52, 86, 120 }, 0);
}

/* ---- Gamma ---- */

static void check_gamma(uint32_t gama, uint8_t value, int want)
{
    AUTO_RASTER struct raster r = RASTER_INIT;
    struct buf gamma = BUF_INIT;
    add_be32(&gamma, gama);
    decode_png((struct png){ 1, 8, 2, "gAMA", gamma, NULL, none },
               (uint8_t[]){ value, value, value }, 3, &r);
    check_pixel(&r, 0, (int[]){ want, want, want }, 1);
    gamma = (struct buf)BUF_INIT;
    add_be32(&gamma, gama);
    decode_png((struct png){ 1, 8, 0, "gAMA", gamma, NULL, none }, &value, 1, &r);
    check_pixel(&r, 0, (int[]){ want, want, want }, 1);
}

TEST(png_gamma)
{
    check_gamma(45455, 77, 77);    /* what sRGB's curve is called */
    check_gamma(100000, 55, 128);  /* amounts of light as they are */
    check_gamma(55556, 128, 146);  /* 1.8: 0.502 ^ 1.8 = 0.289 of the light */
    check_gamma(0, 77, 77);        /* nonsense */
    check_gamma(4000000000, 77, 77);
}

/* An sRGB chunk outweighs gAMA. */
TEST(png_srgb)
{
    AUTO_RASTER struct raster r = RASTER_INIT;
    struct buf gamma = BUF_INIT;
    add_be32(&gamma, 100000);
    decode_png((struct png){ 1, 8, 2, "sRGB", bytes("", 1), "gAMA", gamma },
               "\x4D\x4D\x4D", 3, &r);
    check_pixel(&r, 0, (int[]){ 77, 77, 77 }, 0);
}

TEST(png_code_points)
{
    AUTO_RASTER struct raster r = RASTER_INIT;
    struct buf gamma = BUF_INIT;
    decode_png((struct png){ 1, 8, 2, "cICP", bytes("\14\15\0\1", 4), NULL, none },
               "\xC8\x78\x50", 3, &r);
    check_pixel(&r, 0, (int[]){ 213, 115, 70 }, 1);
    raster_release(&r);
    add_be32(&gamma, 100000);
    decode_png((struct png){ 1, 8, 2, "cICP", bytes("\1\15\0\1", 4), "gAMA", gamma },
               "\x4D\x4D\x4D", 3, &r);
    check_pixel(&r, 0, (int[]){ 77, 77, 77 }, 0);
}

/* ---- Profiles ---- */

/* XYZ (D50) of the primaries, in columns. */
typedef double matrix[3][3];
static const matrix srgb = { { 0.43607, 0.38515, 0.14307 },
                             { 0.22249, 0.71687, 0.06061 },
                             { 0.01392, 0.09708, 0.71410 } };
static const matrix p3 = { { 0.51512, 0.29198, 0.15710 },
                           { 0.24120, 0.69225, 0.06657 },
                           { -0.00105, 0.04189, 0.78407 } };
static const matrix adobe = { { 0.60974, 0.20528, 0.14919 },
                              { 0.31111, 0.62567, 0.06322 },
                              { 0.01947, 0.06087, 0.74457 } };

static void add_s15f16(struct buf *b, double v)
{
    add_be32(b, (uint32_t)(int32_t)lround(v * 65536));
}

/* A display profile of version 2: a matrix and a gamma, in SPACE "RGB " or "GRAY". */
static void make_profile(const char *space, const matrix m, double gamma, struct buf *out)
{
    static const char *const rgb_tags[] = { "wtpt", "rXYZ", "gXYZ", "bXYZ",
                                            "rTRC", "gTRC", "bTRC" };
    static const char *const grey_tags[] = { "wtpt", "kTRC" };
    bool grey = strcmp(space, "GRAY") == 0;
    uint32_t count = grey ? 2 : 7, data = 128 + 4 + count * 12;
    uint32_t len = data + count * 20;
    add_be32(out, len);
    buf_add(out, "none\x02\x10\0\0mntr", 12);
    buf_addstr(out, space);
    buf_add(out, "XYZ \x07\xEA\0\1\0\1\0\0\0\0\0\0acsp", 20);
    for (int i = 0; i < 7; i++) {
        add_be32(out, 0);
    }
    add_s15f16(out, 0.9642);
    add_s15f16(out, 1);
    add_s15f16(out, 0.8249);
    while (out->len < 128) {
        buf_addch(out, 0);
    }
    add_be32(out, count);
    for (uint32_t i = 0; i < count; i++) {
        buf_addstr(out, grey ? grey_tags[i] : rgb_tags[i]);
        add_be32(out, data + i * 20);
        add_be32(out, i == 0 || (!grey && i < 4) ? 20 : 14);
    }
    for (uint32_t i = 0; i < count; i++) {
        if (i == 0 || (!grey && i < 4)) {
            buf_add(out, "XYZ \0\0\0", 8);
            add_s15f16(out, i == 0 ? 0.9642 : m[0][i - 1]);
            add_s15f16(out, i == 0 ? 1 : m[1][i - 1]);
            add_s15f16(out, i == 0 ? 0.8249 : m[2][i - 1]);
        } else {
            buf_add(out, "curv\0\0\0\0\0\0\0\1", 12);
            long g = lround(gamma * 256);
            buf_add(out, (uint8_t[]){ (uint8_t)(g >> 8), (uint8_t)g, 0, 0, 0, 0, 0, 0 },
                    8);
        }
    }
}

static void solve(const matrix m, const double xyz[3], double out[3])
{
    double det = m[0][0] * (m[1][1] * m[2][2] - m[1][2] * m[2][1]) -
                 m[0][1] * (m[1][0] * m[2][2] - m[1][2] * m[2][0]) +
                 m[0][2] * (m[1][0] * m[2][1] - m[1][1] * m[2][0]);
    for (int c = 0; c < 3; c++) {
        double n[3][3];
        memcpy(n, m, sizeof n);
        for (int i = 0; i < 3; i++) {
            n[i][c] = xyz[i];
        }
        out[c] = (n[0][0] * (n[1][1] * n[2][2] - n[1][2] * n[2][1]) -
                  n[0][1] * (n[1][0] * n[2][2] - n[1][2] * n[2][0]) +
                  n[0][2] * (n[1][0] * n[2][1] - n[1][1] * n[2][0])) / det;
    }
}

/* What a colour of a profile is in sRGB, cut to what sRGB can show. */
static void in_srgb(const matrix m, double gamma, const uint8_t *from, int out[3])
{
    double xyz[3] = { 0 }, light[3];
    for (int i = 0; i < 3; i++) {
        for (int c = 0; c < 3; c++) {
            xyz[i] += m[i][c] * pow(from[c] / 255.0, gamma);
        }
    }
    solve(srgb, xyz, light);
    for (int c = 0; c < 3; c++) {
        double v = light[c] <= 0.0031308 ? light[c] * 12.92
                                         : 1.055 * pow(light[c], 1 / 2.4) - 0.055;
        out[c] = (int)lround(fmin(fmax(v, 0), 1) * 255);
    }
}

static const uint8_t samples[] = { 200, 100, 50,  255, 255, 255, 0,   0,  0,
                                   30,  180, 90,  120, 120, 120, 255, 40, 30,
                                   60,  70,  200, 20,  20,  22 };
#define SAMPLES (sizeof samples / 3)

static struct buf iccp(const struct buf *profile)
{
    struct buf b = bytes("made\0\0", 6);
    add_deflated(&b, profile->data, profile->len);
    return b;
}

static void check_png_profile(const matrix m, double gamma)
{
    AUTO_BUF struct buf profile = BUF_INIT;
    AUTO_RASTER struct raster r = RASTER_INIT;
    make_profile("RGB ", m, gamma, &profile);
    decode_png((struct png){ SAMPLES, 8, 2, "iCCP", iccp(&profile), NULL, none }, samples,
               sizeof samples, &r);
    for (size_t i = 0; i < SAMPLES; i++) {
        int want[3];
        in_srgb(m, gamma, samples + i * 3, want);
        check_pixel(&r, i, want, 2);
    }
}

TEST(png_profiles)
{
    check_png_profile(p3, 2.2);
    check_png_profile(adobe, 2.19921875);
    check_png_profile(srgb, 1.0);
}

TEST(png_profile_with_alpha)
{
    AUTO_BUF struct buf profile = BUF_INIT;
    AUTO_RASTER struct raster r = RASTER_INIT;
    int want[4];
    make_profile("RGB ", p3, 2.2, &profile);
    decode_png((struct png){ 1, 8, 6, "iCCP", iccp(&profile), NULL, none },
               "\x1E\xB4\x5A\x21", 4, &r);
    in_srgb(p3, 2.2, (const uint8_t *)"\x1E\xB4\x5A", want);
    want[3] = 0x21;
    check_pixel(&r, 0, want, 2);
}

TEST(grey_profile)
{
    AUTO_BUF struct buf profile = BUF_INIT;
    AUTO_RASTER struct raster r = RASTER_INIT;
    make_profile("GRAY", srgb, 1.0, &profile);
    decode_png((struct png){ 2, 8, 0, "iCCP", iccp(&profile), NULL, none }, "\x37\xFF", 2,
               &r);
    check_pixel(&r, 0, (int[]){ 128, 128, 128 }, 2);
    check_pixel(&r, 1, (int[]){ 255, 255, 255 }, 1);
}

/* A profile of another colour space, or rubbish, says nothing. */
TEST(wrong_profiles)
{
    AUTO_BUF struct buf grey = BUF_INIT;
    AUTO_BUF struct buf rubbish = BUF_INIT;
    AUTO_RASTER struct raster r = RASTER_INIT;
    make_profile("GRAY", srgb, 1.0, &grey);
    for (int i = 0; i < 500; i++) {
        buf_addch(&rubbish, (char)(i * 37));
    }
    decode_png((struct png){ 1, 8, 2, "iCCP", iccp(&grey), NULL, none }, "\x11\x22\x33",
               3, &r);
    check_pixel(&r, 0, (int[]){ 17, 34, 51 }, 0);
    decode_png((struct png){ 1, 8, 2, "iCCP", iccp(&rubbish), NULL, none },
               "\x11\x22\x33", 3, &r);
    check_pixel(&r, 0, (int[]){ 17, 34, 51 }, 0);
}

/* sRGB under the name of a profile: not a byte changes. */
TEST(srgb_profile_changes_nothing)
{
    AUTO_BUF struct buf profile = BUF_INIT;
    AUTO_RASTER struct raster r = RASTER_INIT;
    AUTO_BUF struct buf encoded = BUF_INIT;
    struct error err = ERROR_INIT;
    make_profile("RGB ", srgb, 2.2, &profile); /* near sRGB, not the same */
    decode_png((struct png){ SAMPLES, 8, 2, "iCCP", iccp(&profile), NULL, none }, samples,
               sizeof samples, &r);
    for (size_t i = 0; i < SAMPLES; i++) {
        int want[3];
        in_srgb(srgb, 2.2, samples + i * 3, want);
        check_pixel(&r, i, want, 2);
    }
    CHECK_INT(
        image_save(&r, &(struct save_options){ .format = IMAGE_PNG }, &encoded, &err), 0);
    CHECK(memmem(encoded.data, encoded.len, "iCCP", 4) == NULL);
}

TEST(jpeg_profile)
{
    AUTO_RASTER struct raster in = { 16, 16, 3, mem_array(256, 3) };
    AUTO_RASTER struct raster r = RASTER_INIT;
    AUTO_BUF struct buf profile = BUF_INIT;
    AUTO_BUF struct buf plain = BUF_INIT;
    AUTO_BUF struct buf tagged = BUF_INIT;
    struct error err = ERROR_INIT;
    int want[3];
    for (int i = 0; i < 256; i++) {
        memcpy(in.pixels + i * 3, samples, 3);
    }
    CHECK_INT(image_save(&in,
                         &(struct save_options){ .format = IMAGE_JPEG, .quality = 98 },
                         &plain, &err),
              0);
    make_profile("RGB ", p3, 2.2, &profile);
    buf_add(&tagged, plain.data, 2);
    buf_add(&tagged, (uint8_t[]){ 0xFF, 0xE2, (uint8_t)((profile.len + 16) >> 8),
                                  (uint8_t)(profile.len + 16) }, 4);
    buf_add(&tagged, "ICC_PROFILE\0\1\1", 14);
    buf_add(&tagged, profile.data, profile.len);
    buf_add(&tagged, plain.data + 2, plain.len - 2);
    load_bytes(&tagged, &r);
    in_srgb(p3, 2.2, samples, want);
    check_pixel(&r, 100, want, 3);
    load_bytes(&plain, &r);
    check_pixel(&r, 100, (int[]){ 200, 100, 50 }, 2);
}

/* ---- Pictures of the corpus ---- */

/* Pixel X, Y of FILE of the corpus; false if there is none. */
static bool corpus_pixel(const char *file, uint32_t x, uint32_t y, int out[3])
{
    const char *shared = getenv("IMGCTL_SHARED");
    AUTO_FREE char *path =
        mem_printf("%s/corpus/valid/%s", shared ? shared : "../shared", file);
    AUTO_FD int fd = open(path, O_RDONLY | O_CLOEXEC);
    AUTO_RASTER struct raster r = RASTER_INIT;
    struct error err = ERROR_INIT;
    struct stat st;
    if (fd < 0 || fstat(fd, &st) < 0) {
        return false;
    }
    CHECK_INT(image_load(fd, st.st_size, &(struct load_options){ .width = 0 }, &r, &err),
              0);
    for (int c = 0; c < 3; c++) {
        out[c] = r.pixels[((size_t)y * r.width + x) * r.channels + (size_t)c];
    }
    return true;
}

static void check_corpus(const char *file, uint32_t x, uint32_t y, const int want[3],
                         int tolerance)
{
    int got[3];
    if (!corpus_pixel(file, x, y, got)) {
        test_skip_reason = "no corpus: set IMGCTL_SHARED";
        return;
    }
    for (int c = 0; c < 3; c++) {
        if (abs(got[c] - want[c]) > tolerance) {
            test_failed_checks++;
            printf("# %s: channel %d is %d, not %d\n", file, c, got[c], want[c]);
        }
    }
}

TEST(cmyk)
{
    check_corpus("jpeg/cmyk_adobe0.jpg", 2, 2, (int[]){ 255, 255, 255 }, 4);
    check_corpus("jpeg/ycck.jpg", 50, 1, (int[]){ 0, 0, 255 }, 12);
    check_corpus("jpeg/ycck.jpg", 50, 98, (int[]){ 255, 255, 255 }, 12);
    check_corpus("jpeg/cmyk_with_rgb_icc.jpg", 3, 3, (int[]){ 0, 0, 255 }, 12);
    check_corpus("icc/cmyk-small.jpg", 5, 5, (int[]){ 255, 0, 0 }, 40);
}

int main(void)
{
    codecs_here();
    RUN(png_grey);
    RUN(png_transparent_colour);
    RUN(png_palette);
    RUN(png_alpha);
    RUN(png_gamma);
    RUN(png_srgb);
    RUN(png_code_points);
    RUN(png_profiles);
    RUN(png_profile_with_alpha);
    RUN(grey_profile);
    RUN(wrong_profiles);
    RUN(srgb_profile_changes_nothing);
    RUN(jpeg_profile);
    RUN(cmyk);
    return test_end();
}
