#include <png.h>

#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

#include "../icc.h"
#include "codec.h"
#include "imgctl/mem.h"

/* Values of gAMA that mean sRGB's own curve, within what programs round to. */
#define GAMMA_SRGB 0.45455
#define GAMMA_NEAR 0.01

struct png_decoder {
    struct decoder base;
    png_structp png;
    png_infop info;
    jmp_buf failed;
    struct error *err; /* of the call under way */
    int fd;
    int64_t size, offset;
    struct colour *colour;
    uint8_t stored_channels; /* as libpng gives them: 1 grey, 2 with alpha, 3, 4 */
    uint8_t grey[256][3];
    uint8_t *stored;         /* a row of grey */
    uint8_t *whole;          /* an interlaced picture */
    uint32_t next_row;
    size_t begin, end;
    uint8_t window[64 * 1024];
};

/* ---- Errors and the file ---- */

static _Noreturn void fail(png_structp png, png_const_charp message)
{
    struct png_decoder *d = png_get_error_ptr(png);
    error_set(d->err, ERROR_IMAGE_CORRUPT, "cannot decode: %s", message);
    longjmp(d->failed, 1);
}

static void ignore_warning(png_structp png, png_const_charp message)
{
    (void)png;
    (void)message;
}

static void fill(png_structp png, struct png_decoder *d)
{
    int64_t rest = d->size - d->offset;
    size_t want = rest < (int64_t)sizeof d->window ? (size_t)rest : sizeof d->window;
    ssize_t n = want == 0 ? 0 : codec_read(d->fd, d->offset, d->window, want, d->err);
    if (n < 0) {
        longjmp(d->failed, 1);
    }
    if (n == 0) {
        fail(png, "the file ends too early");
    }
    d->offset += n;
    d->begin = 0;
    d->end = (size_t)n;
}

static void read_bytes(png_structp png, png_bytep out, size_t len)
{
    struct png_decoder *d = png_get_io_ptr(png);
    while (len > 0) {
        if (d->begin == d->end) {
            fill(png, d);
        }
        size_t n = len < d->end - d->begin ? len : d->end - d->begin;
        memcpy(out, d->window + d->begin, n);
        d->begin += n;
        out += n;
        len -= n;
    }
}

/* ---- Colour: cICP as far as it is known, else iCCP, else sRGB, else gAMA with cHRM
 * where they say something else ---- */

/* What the chunk cICP says, as image_info has it; PROFILE_NONE without one. */
static enum image_profile code_points(png_structp png, png_infop info)
{
    png_unknown_chunkp chunks;
    int count = png_get_unknown_chunks(png, info, &chunks);
    for (int i = 0; i < count; i++) {
        const png_unknown_chunk *c = &chunks[i];
        if (memcmp(c->name, PNG_CODE_POINTS, 4) == 0 && c->size == PNG_CODE_POINTS_SIZE) {
            return png_code_points(c->data);
        }
    }
    return PROFILE_NONE;
}

static struct colour *colour_of_chunks(png_structp png, png_infop info,
                                       enum colour_pixels pixels)
{
    char *name;
    png_bytep icc;
    png_uint_32 len = 0;
    int compression, intent;
    double gamma, xy[8];
    enum image_profile known = code_points(png, info);
    if (known == PROFILE_SRGB || known == PROFILE_DISPLAY_P3) {
        bool is_p3 = known == PROFILE_DISPLAY_P3 && pixels == COLOUR_RGB;
        return is_p3 ? colour_of_p3() : NULL;
    }
    if (png_get_iCCP(png, info, &name, &compression, &icc, &len)) {
        return colour_of_icc(icc, len, pixels);
    }
    if (png_get_sRGB(png, info, &intent) || !png_get_gAMA(png, info, &gamma) ||
        gamma < 0.05 || gamma > 20) {
        return NULL;
    }
    bool primaries = png_get_cHRM(png, info, &xy[0], &xy[1], &xy[2], &xy[3], &xy[4],
                                  &xy[5], &xy[6], &xy[7]) != 0;
    bool plain = gamma > GAMMA_SRGB - GAMMA_NEAR && gamma < GAMMA_SRGB + GAMMA_NEAR;
    if (plain && (!primaries || pixels == COLOUR_GREY)) {
        return NULL;
    }
    return colour_of_gamma(1 / gamma, primaries ? xy : NULL, pixels);
}

/* ---- The picture ---- */

/* Text is of no use here, and some of it is a trap. */
static void skip_text(png_structp png)
{
    static const png_byte names[] = "tEXt\0zTXt\0iTXt\0eXIf\0sPLT\0hIST\0pCAL\0sCAL\0"
                                    "tIME\0oFFs\0pHYs\0bKGD\0sBIT";
    png_set_keep_unknown_chunks(png, PNG_HANDLE_CHUNK_NEVER, NULL, 0);
    png_set_keep_unknown_chunks(png, PNG_HANDLE_CHUNK_NEVER, names, sizeof names / 5);
    png_set_keep_unknown_chunks(png, PNG_HANDLE_CHUNK_ALWAYS,
                                (const png_byte *)PNG_CODE_POINTS, 1);
}

static int read_header(struct png_decoder *d, struct error *err)
{
    d->err = err;
    if (setjmp(d->failed)) {
        return -1;
    }
    d->png = png_create_read_struct(PNG_LIBPNG_VER_STRING, d, fail, ignore_warning);
    d->info = d->png ? png_create_info_struct(d->png) : NULL;
    if (!d->info) {
        return error_set(err, ERROR_FAILED, "libpng cannot be used");
    }
    png_set_read_fn(d->png, d, read_bytes);
    png_set_user_limits(d->png, PNG_UINT_31_MAX, PNG_UINT_31_MAX); /* were checked */
    png_set_chunk_malloc_max(d->png, PROFILE_MAX);
    skip_text(d->png);
    png_read_info(d->png, d->info);
    return 0;
}

static void choose_colour(struct png_decoder *d)
{
    if (d->stored_channels <= 2) {
        d->colour = colour_of_chunks(d->png, d->info, COLOUR_GREY);
        colour_grey_table(d->colour, d->grey);
    } else {
        d->colour = colour_of_chunks(d->png, d->info, COLOUR_RGB);
    }
}

static int start(struct png_decoder *d)
{
    if (setjmp(d->failed)) {
        return -1;
    }
    png_set_expand(d->png);
    png_set_scale_16(d->png);
    int passes = png_set_interlace_handling(d->png);
    png_read_update_info(d->png, d->info);
    d->base.width = png_get_image_width(d->png, d->info);
    d->base.height = png_get_image_height(d->png, d->info);
    d->stored_channels = png_get_channels(d->png, d->info);
    d->base.channels = d->stored_channels % 2 == 1 ? 3 : 4;
    choose_colour(d);
    size_t row = (size_t)d->base.width * d->stored_channels;
    if (passes > 1) {
        d->whole = mem_array(d->base.height, row);
        for (int pass = 0; pass < passes; pass++) {
            for (uint32_t y = 0; y < d->base.height; y++) {
                png_read_row(d->png, d->whole + y * row, NULL);
            }
        }
    } else if (d->stored_channels <= 2) {
        d->stored = mem_alloc(row);
    }
    return 0;
}

static int read_samples(struct png_decoder *d, uint8_t *row, struct error *err)
{
    d->err = err;
    if (setjmp(d->failed)) {
        return -1;
    }
    png_read_row(d->png, row, NULL);
    return 0;
}

static void show_grey(const struct png_decoder *d, const uint8_t *stored, uint8_t *row)
{
    if (d->stored_channels == 1) {
        for (uint32_t x = 0; x < d->base.width; x++, row += 3) {
            memcpy(row, d->grey[stored[x]], 3);
        }
        return;
    }
    for (uint32_t x = 0; x < d->base.width; x++, row += 4, stored += 2) {
        memcpy(row, d->grey[stored[0]], 3);
        row[3] = stored[1];
    }
}

static int read_row(struct decoder *base, uint8_t *row, struct error *err)
{
    struct png_decoder *d = (struct png_decoder *)base;
    size_t len = (size_t)base->width * d->stored_channels;
    const uint8_t *stored;
    if (d->whole) {
        stored = d->whole + d->next_row * len;
    } else {
        uint8_t *into = d->stored ? d->stored : row;
        if (read_samples(d, into, err) < 0) {
            return -1;
        }
        stored = into;
    }
    d->next_row++;
    if (d->stored_channels <= 2) {
        show_grey(d, stored, row);
    } else if (stored != row) {
        memcpy(row, stored, len);
    }
    return 0;
}

static int finish(struct decoder *base, struct error *err)
{
    struct png_decoder *d = (struct png_decoder *)base;
    if (d->next_row < base->height) {
        return 0;
    }
    d->err = err;
    if (setjmp(d->failed)) {
        return -1;
    }
    png_read_end(d->png, NULL);
    return 0;
}

static struct colour *colour(struct decoder *base)
{
    struct png_decoder *d = (struct png_decoder *)base;
    return d->stored_channels > 2 ? d->colour : NULL;
}

static void close_png(struct decoder *base)
{
    struct png_decoder *d = (struct png_decoder *)base;
    png_destroy_read_struct(&d->png, &d->info, NULL);
    colour_close(d->colour);
    free(d->stored);
    free(d->whole);
    free(d);
}

static const struct decoder_kind kind = {
    .read_row = read_row,
    .finish = finish,
    .close = close_png,
    .colour = colour,
};

int png_open(int fd, int64_t size, const struct image_info *info, struct decoder **ret,
             struct error *err)
{
    struct png_decoder *d = mem_alloc(sizeof *d);
    d->base.kind = &kind;
    d->base.part_x = d->base.part_y = 1;
    d->fd = fd;
    d->size = size;
    if (read_header(d, err) < 0 ||
        codec_same_size(info, png_get_image_width(d->png, d->info),
                        png_get_image_height(d->png, d->info), err) < 0 ||
        start(d) < 0) {
        close_png(&d->base);
        return -1;
    }
    *ret = &d->base;
    return 0;
}
