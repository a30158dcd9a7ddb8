/*
 * pixels.c - the image room on its own, for `make bench`:
 *
 *     pixels photo FILE.jpg         a photo-like picture of 24 megapixels
 *     pixels cutout FILE.png        one of 12 megapixels with alpha
 *     pixels thumb IN OUT SIDE      decode, scale into SIDE x SIDE, on white, encode
 *     pixels batch FOLDER OUT SIDE  the same for a folder, on two threads
 *     pixels reference IN OUT SIDE  as thumb, from all pixels in double precision, as PNG
 *     pixels compare A B            SSIM of luma, and PSNR in linear light
 */
#include "imgctl/raster.h"

#include <dirent.h>
#include <fcntl.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "imgctl/mem.h"

static void must(int result, const struct error *err)
{
    if (result < 0) {
        fprintf(stderr, "pixels: %s\n", err->message);
        exit(1);
    }
}

static void load(const char *path, uint32_t side, struct raster *r)
{
    struct error err = ERROR_INIT;
    struct load_options o = { .width = side, .height = side, .fit = true };
    struct stat st;
    AUTO_FD int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &st) < 0) {
        perror(path);
        exit(1);
    }
    must(image_load(fd, st.st_size, &o, r, &err), &err);
}

static void save(const struct raster *r, const char *path, int quality)
{
    struct error err = ERROR_INIT;
    AUTO_BUF struct buf out = BUF_INIT;
    const char *end = strrchr(path, '.');
    struct save_options o = { .format = IMAGE_JPEG, .quality = quality };
    if (end && strcmp(end, ".png") == 0) {
        o.format = IMAGE_PNG;
    } else if (end && strcmp(end, ".webp") == 0) {
        o.format = IMAGE_WEBP;
    }
    must(image_save(r, &o, &out, &err), &err);
    AUTO_FD int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (fd < 0 || write(fd, out.data, out.len) != (ssize_t)out.len) {
        perror(path);
        exit(1);
    }
}

/* ---- Pictures like photos: clouds of many sizes, hard edges, noise of a sensor ---- */

static uint32_t hash(uint32_t x, uint32_t y, uint32_t seed)
{
    uint32_t h = x * 0x9E3779B1U ^ y * 0x85EBCA77U ^ seed * 0xC2B2AE3DU;
    h = (h ^ h >> 15) * 0x2C1B3C6DU;
    h = (h ^ h >> 12) * 0x297A2D39U;
    return h ^ h >> 15;
}

static float grid(uint32_t x, uint32_t y, uint32_t seed)
{
    return (float)(hash(x, y, seed) & 0xFFFF) / 65535.0F - 0.5F;
}

/* Noise of one size, between the points of a grid CELL apart. */
static float cloud(uint32_t x, uint32_t y, uint32_t cell, uint32_t seed)
{
    uint32_t i = x / cell, j = y / cell;
    float u = (float)(x % cell) / (float)cell, v = (float)(y % cell) / (float)cell;
    u = u * u * (3 - 2 * u);
    v = v * v * (3 - 2 * v);
    float top = grid(i, j, seed) * (1 - u) + grid(i + 1, j, seed) * u;
    float low = grid(i, j + 1, seed) * (1 - u) + grid(i + 1, j + 1, seed) * u;
    return top * (1 - v) + low * v;
}

static uint8_t sample(uint32_t x, uint32_t y, uint32_t channel)
{
    float value = 0.45F + 0.05F * (float)channel;
    for (uint32_t cell = 2; cell <= 1024; cell *= 4) {
        value += cloud(x, y, cell, channel / 2 + cell) * 0.12F * powf((float)cell, 0.22F);
    }
    if (((x + y / 3) / 211 + (y + x / 5) / 157) % 7 == 0) {
        value += 0.22F - 0.11F * (float)channel;
    }
    value += grid(x, y, 77 + channel) * 0.03F;
    return (uint8_t)(value < 0 ? 0 : value > 1 ? 255 : value * 255);
}

static void draw(uint32_t width, uint32_t height, uint8_t channels, struct raster *r)
{
    *r = (struct raster){ width, height, channels,
                          mem_array((size_t)width * height, channels) };
    uint8_t *p = r->pixels;
    for (uint32_t y = 0; y < height; y++) {
        for (uint32_t x = 0; x < width; x++, p += channels) {
            for (uint32_t c = 0; c < 3; c++) {
                p[c] = sample(x, y, c);
            }
            if (channels == 4) {
                float dx = (float)x / (float)width - 0.5F;
                float dy = (float)y / (float)height - 0.5F;
                float edge = (0.46F - sqrtf(dx * dx + dy * dy)) * 60;
                p[3] = (uint8_t)(edge <= 0 ? 0 : edge >= 1 ? 255 : edge * 255);
            }
        }
    }
}

/* ---- The reference: every pixel, in double precision ---- */

static double to_light(uint8_t byte)
{
    double v = byte / 255.0;
    return v <= 0.04045 ? v / 12.92 : pow((v + 0.055) / 1.055, 2.4);
}

static uint8_t to_byte(double light)
{
    double v = light <= 0.0031308 ? light * 12.92 : 1.055 * pow(light, 1 / 2.4) - 0.055;
    return (uint8_t)(v <= 0 ? 0 : v >= 1 ? 255 : lround(v * 255));
}

static double lanczos(double x)
{
    x = fabs(x) * M_PI;
    return x < 1e-9 ? 1 : x >= 3 * M_PI ? 0 : 3 * sin(x) * sin(x / 3) / (x * x);
}

/* COUNT lines of SIZE samples, 4 values each, to RESULT samples: transposed. */
static double *shrink(const double *in, uint32_t size, uint32_t count, uint32_t result)
{
    double step = (double)size / result;
    double *out = mem_array((size_t)result * count, 4 * sizeof *out);
    for (uint32_t i = 0; i < result; i++) {
        double centre = (i + 0.5) * step, sum = 0;
        long first = lround(fmax(0, floor(centre - 3 * step)));
        long end = lround(fmin(size, ceil(centre + 3 * step)));
        for (long j = first; j < end; j++) {
            sum += lanczos(((double)j + 0.5 - centre) / step);
        }
        for (long j = first; j < end; j++) {
            double w = lanczos(((double)j + 0.5 - centre) / step) / sum;
            for (uint32_t line = 0; line < count; line++) {
                for (int c = 0; c < 4; c++) {
                    out[((size_t)i * count + line) * 4 + c] +=
                        w * in[((size_t)line * size + j) * 4 + c];
                }
            }
        }
    }
    return out;
}

static void reference(const char *from, uint32_t side, struct raster *r)
{
    AUTO_RASTER struct raster in = RASTER_INIT;
    load(from, 0, &in);
    double factor = (double)side / (in.width > in.height ? in.width : in.height);
    uint32_t width = (uint32_t)lround(in.width * factor);
    uint32_t height = (uint32_t)lround(in.height * factor);
    double *light = mem_array((size_t)in.width * in.height, 4 * sizeof *light),
           *q = light;
    for (const uint8_t *p = in.pixels; q < light + (size_t)in.width * in.height * 4;
         p += in.channels, q += 4) {
        q[3] = in.channels == 4 ? p[3] / 255.0 : 1;
        for (int c = 0; c < 3; c++) {
            q[c] = to_light(p[c]) * q[3];
        }
    }
    double *narrow = shrink(light, in.width, in.height, width);
    free(light);
    double *small = shrink(narrow, in.height, width, height);
    free(narrow);
    *r = (struct raster){ width, height, in.channels,
                          mem_array((size_t)width * height, in.channels) };
    uint8_t *p = r->pixels;
    for (q = small; q < small + (size_t)width * height * 4; q += 4, p += in.channels) {
        for (int c = 0; c < 3; c++) {
            p[c] = to_byte(q[3] > 0 ? fmax(q[c] / q[3], 0) : 0);
        }
        if (in.channels == 4) {
            p[3] = (uint8_t)lround(fmin(fmax(q[3], 0), 1) * 255);
        }
    }
    free(small);
}

/* ---- Likeness ---- */

static double luma(const uint8_t *p)
{
    return 0.299 * p[0] + 0.587 * p[1] + 0.114 * p[2];
}

/* SSIM of one window of 8 x 8. */
static double window_ssim(const struct raster *a, const struct raster *b, uint32_t x,
                          uint32_t y)
{
    double ma = 0, mb = 0, aa = 0, bb = 0, ab = 0;
    for (uint32_t i = 0; i < 64; i++) {
        size_t at = ((size_t)(y + i / 8) * a->width + x + i % 8) * 3;
        double va = luma(a->pixels + at), vb = luma(b->pixels + at);
        ma += va / 64;
        mb += vb / 64;
        aa += va * va / 64;
        bb += vb * vb / 64;
        ab += va * vb / 64;
    }
    double c1 = 6.5025, c2 = 58.5225;
    return (2 * ma * mb + c1) * (2 * (ab - ma * mb) + c2) /
           ((ma * ma + mb * mb + c1) * (aa - ma * ma + bb - mb * mb + c2));
}

static void compare(const char *one, const char *other)
{
    AUTO_RASTER struct raster a = RASTER_INIT;
    AUTO_RASTER struct raster b = RASTER_INIT;
    load(one, 0, &a);
    load(other, 0, &b);
    raster_flatten(&a, 0xFFFFFF);
    raster_flatten(&b, 0xFFFFFF);
    if (a.width != b.width || a.height != b.height) {
        fprintf(stderr, "pixels: %s is %ux%u, %s %ux%u\n", one, a.width, a.height, other,
                b.width, b.height);
        exit(1);
    }
    double ssim = 0, error = 0;
    size_t windows = 0, samples = (size_t)a.width * a.height * 3;
    for (uint32_t y = 0; y + 8 <= a.height; y += 2) {
        for (uint32_t x = 0; x + 8 <= a.width; x += 2, windows++) {
            ssim += window_ssim(&a, &b, x, y);
        }
    }
    for (size_t i = 0; i < samples; i++) {
        double d = to_light(a.pixels[i]) - to_light(b.pixels[i]);
        error += d * d / (double)samples;
    }
    printf("%.5f %.2f\n", ssim / (double)windows, -10 * log10(error));
}

/* ---- One picture, or a folder on two threads ---- */

static void thumb(const char *from, const char *to, uint32_t side)
{
    AUTO_RASTER struct raster r = RASTER_INIT;
    load(from, side, &r);
    raster_flatten(&r, 0xFFFFFF);
    save(&r, to, 85);
}

struct batch {
    char **files;
    size_t count, next;
    const char *to;
    uint32_t side;
    pthread_mutex_t mutex;
};

static void *work(void *cookie)
{
    struct batch *b = cookie;
    for (;;) {
        pthread_mutex_lock(&b->mutex);
        size_t mine = b->next++;
        pthread_mutex_unlock(&b->mutex);
        if (mine >= b->count) {
            return NULL;
        }
        AUTO_FREE char *to = mem_printf("%s/%zu.jpg", b->to, mine);
        thumb(b->files[mine], to, b->side);
        free(b->files[mine]);
    }
}

static void batch(const char *folder, const char *to, uint32_t side)
{
    struct batch b = { .to = to, .side = side, .mutex = PTHREAD_MUTEX_INITIALIZER };
    pthread_t other;
    DIR *d = opendir(folder);
    for (struct dirent *e; d && (e = readdir(d)) != NULL;) {
        if (e->d_name[0] != '.') {
            b.files = mem_resize(b.files, b.count + 1, sizeof *b.files);
            b.files[b.count++] = mem_printf("%s/%s", folder, e->d_name);
        }
    }
    if (!d || pthread_create(&other, NULL, work, &b) != 0) {
        exit(1);
    }
    work(&b);
    pthread_join(other, NULL);
    closedir(d);
    free(b.files);
}

int main(int argc, char **argv)
{
    struct error err = ERROR_INIT;
    AUTO_RASTER struct raster r = RASTER_INIT;
    must(image_codec_load(&err), &err);
    if (argc == 3 && strcmp(argv[1], "photo") == 0) {
        draw(6000, 4000, 3, &r);
        save(&r, argv[2], 89);
    } else if (argc == 3 && strcmp(argv[1], "cutout") == 0) {
        draw(4000, 3000, 4, &r);
        save(&r, argv[2], 0);
    } else if (argc == 5 && strcmp(argv[1], "thumb") == 0) {
        thumb(argv[2], argv[3], (uint32_t)atoi(argv[4]));
    } else if (argc == 5 && strcmp(argv[1], "batch") == 0) {
        batch(argv[2], argv[3], (uint32_t)atoi(argv[4]));
    } else if (argc == 5 && strcmp(argv[1], "reference") == 0) {
        reference(argv[2], (uint32_t)atoi(argv[4]), &r);
        save(&r, argv[3], 0);
    } else if (argc == 4 && strcmp(argv[1], "compare") == 0) {
        compare(argv[2], argv[3]);
    } else {
        fprintf(stderr, "usage: see the head of pixels.c\n");
        return 2;
    }
    return 0;
}
