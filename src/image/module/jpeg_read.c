#include <stdio.h>

#include <jpeglib.h>

#include <jerror.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

#include "codec.h"
#include "imgctl/mem.h"

/* Coefficients of a progressive picture of 100 megapixels, all three planes. */
#define MEMORY_MAX (640L * 1024 * 1024)

struct jpeg_decoder {
    struct decoder base;
    struct jpeg_decompress_struct jpeg;
    struct jpeg_error_mgr errors;
    struct jpeg_source_mgr source;
    jmp_buf failed;
    struct error *err; /* of the call under way */
    int fd;
    int64_t size, offset;
    struct colour *colour;
    uint8_t grey[256][3];
    uint8_t *stored; /* a row of grey or CMYK */
    JOCTET window[64 * 1024];
};

static struct jpeg_decoder *of(j_common_ptr jpeg)
{
    return jpeg->client_data;
}

/* ---- Errors ---- */

static enum error_kind kind_of(int code)
{
    switch (code) {
    case JERR_OUT_OF_MEMORY:
    case JERR_NO_BACKING_STORE:
    case JERR_WIDTH_OVERFLOW:
    case JERR_IMAGE_TOO_BIG:
        return ERROR_IMAGE_LIMIT;
    case JERR_ARITH_NOTIMPL:
    case JERR_BAD_PRECISION:
    case JERR_COMPONENT_COUNT:
    case JERR_CONVERSION_NOTIMPL:
    case JERR_NOT_COMPILED:
    case JERR_SOF_UNSUPPORTED:
        return ERROR_IMAGE_TYPE;
    default:
        return ERROR_IMAGE_CORRUPT;
    }
}

static _Noreturn void fail(j_common_ptr jpeg)
{
    char message[JMSG_LENGTH_MAX];
    jpeg->err->format_message(jpeg, message);
    error_set(of(jpeg)->err, kind_of(jpeg->err->msg_code), "cannot decode: %s", message);
    longjmp(of(jpeg)->failed, 1);
}

/* Warnings that mean the coded data is not what was written; the others tell of
 * strange markers, which harm nothing. */
static void warn(j_common_ptr jpeg, int level)
{
    if (level >= 0) {
        return;
    }
    switch (jpeg->err->msg_code) {
    case JWRN_ARITH_BAD_CODE:
    case JWRN_HIT_MARKER:
    case JWRN_HUFF_BAD_CODE:
    case JWRN_JPEG_EOF:
    case JWRN_MUST_RESYNC:
        fail(jpeg);
    default:
        break;
    }
}

static void print_nothing(j_common_ptr jpeg)
{
    (void)jpeg;
}

/* ---- The file ---- */

static void nothing(j_decompress_ptr jpeg)
{
    (void)jpeg;
}

static boolean fill(j_decompress_ptr jpeg)
{
    struct jpeg_decoder *d = of((j_common_ptr)jpeg);
    int64_t rest = d->size - d->offset;
    size_t want = rest < (int64_t)sizeof d->window ? (size_t)rest : sizeof d->window;
    ssize_t n = want == 0 ? 0 : codec_read(d->fd, d->offset, d->window, want, d->err);
    if (n < 0) {
        longjmp(d->failed, 1);
    }
    if (n == 0) {
        ERREXIT(jpeg, JERR_INPUT_EOF);
    }
    d->offset += n;
    d->source.next_input_byte = d->window;
    d->source.bytes_in_buffer = (size_t)n;
    return TRUE;
}

static void skip(j_decompress_ptr jpeg, long count)
{
    struct jpeg_decoder *d = of((j_common_ptr)jpeg);
    if (count <= 0) {
        return;
    }
    size_t here = d->source.bytes_in_buffer;
    if ((unsigned long)count <= here) {
        d->source.next_input_byte += count;
        d->source.bytes_in_buffer -= (size_t)count;
        return;
    }
    int64_t over = count - (int64_t)here;
    d->source.bytes_in_buffer = 0;
    d->offset = over < d->size - d->offset ? d->offset + over : d->size;
}

/* ---- The picture ---- */

static void read_profile(struct jpeg_decoder *d, enum colour_pixels pixels)
{
    JOCTET *icc = NULL;
    unsigned len = 0;
    if (jpeg_read_icc_profile(&d->jpeg, &icc, &len)) {
        d->colour = colour_of_icc(icc, len, pixels);
        free(icc);
    }
}

/* The colour space of the rows. CMYK in a JPEG is stored inverted, as Adobe's
 * programs began to and everybody followed, whether the Adobe marker is there or not. */
static int choose_colour(struct jpeg_decoder *d, struct error *err)
{
    switch (d->jpeg.num_components) {
    case 1:
        d->jpeg.out_color_space = JCS_GRAYSCALE;
        read_profile(d, COLOUR_GREY);
        colour_grey_table(d->colour, d->grey);
        return 0;
    case 3:
        d->jpeg.out_color_space = JCS_RGB;
        read_profile(d, COLOUR_RGB);
        return 0;
    case 4:
        d->jpeg.out_color_space = JCS_CMYK;
        read_profile(d, COLOUR_CMYK);
        return 0;
    default:
        return error_set(err, ERROR_IMAGE_TYPE, "a JPEG of %d colour components",
                         d->jpeg.num_components);
    }
}

/* A JPEG decodes to an eighth, a quarter or half of its size for less; the scaler then
 * gets at least twice what it gives, for averages of blocks are no good filter. */
static unsigned reduction(double shrink)
{
    return shrink >= 16 ? 8 : shrink >= 8 ? 4 : shrink >= 4 ? 2 : 1;
}

static int read_header(struct jpeg_decoder *d, struct error *err)
{
    d->err = err;
    if (setjmp(d->failed)) {
        return -1;
    }
    jpeg_create_decompress(&d->jpeg);
    d->jpeg.src = &d->source;
    d->jpeg.mem->max_memory_to_use = MEMORY_MAX;
    jpeg_save_markers(&d->jpeg, JPEG_APP0 + 2, 0xFFFF);
    jpeg_read_header(&d->jpeg, TRUE);
    return 0;
}

/* Scans that make a decoder work for hours are counted before it begins. */
static int check_scans(struct jpeg_decoder *d, struct error *err)
{
    static const struct image_limits none;
    struct image_info info;
    if (!jpeg_has_multiple_scans(&d->jpeg)) {
        return 0;
    }
    return image_check(d->fd, d->size, &none, NULL, NULL, &info, err);
}

static int start(struct jpeg_decoder *d, double shrink, struct error *err)
{
    if (setjmp(d->failed)) {
        return -1;
    }
    if (choose_colour(d, err) < 0) {
        return -1;
    }
    unsigned reduced = reduction(shrink);
    d->base.part_x = d->base.part_y = 1.0 / reduced;
    d->jpeg.scale_num = 1;
    d->jpeg.scale_denom = reduced;
    jpeg_start_decompress(&d->jpeg);
    return 0;
}

static int read_samples(struct jpeg_decoder *d, uint8_t *row, struct error *err)
{
    d->err = err;
    if (setjmp(d->failed)) {
        return -1;
    }
    jpeg_read_scanlines(&d->jpeg, &row, 1);
    return 0;
}

static int read_row(struct decoder *base, uint8_t *row, struct error *err)
{
    struct jpeg_decoder *d = (struct jpeg_decoder *)base;
    if (read_samples(d, d->stored ? d->stored : row, err) < 0) {
        return -1;
    }
    if (d->jpeg.num_components == 1) {
        for (uint32_t x = 0; x < base->width; x++, row += 3) {
            memcpy(row, d->grey[d->stored[x]], 3);
        }
    } else if (d->jpeg.num_components == 4 && d->colour) {
        colour_convert(d->colour, d->stored, row, base->width);
    } else if (d->jpeg.num_components == 4) {
        colour_plain_cmyk(d->stored, row, base->width);
    }
    return 0;
}

static struct colour *colour(struct decoder *base)
{
    struct jpeg_decoder *d = (struct jpeg_decoder *)base;
    return d->jpeg.num_components == 3 ? d->colour : NULL;
}

static void close_jpeg(struct decoder *base)
{
    struct jpeg_decoder *d = (struct jpeg_decoder *)base;
    jpeg_destroy_decompress(&d->jpeg);
    colour_close(d->colour);
    free(d->stored);
    free(d);
}

static const struct decoder_kind kind = {
    .read_row = read_row,
    .close = close_jpeg,
    .colour = colour,
};

static struct jpeg_decoder *new_decoder(int fd, int64_t size)
{
    struct jpeg_decoder *d = mem_alloc(sizeof *d);
    d->base.kind = &kind;
    d->base.channels = 3;
    d->fd = fd;
    d->size = size;
    d->jpeg.err = jpeg_std_error(&d->errors);
    d->errors.error_exit = fail;
    d->errors.emit_message = warn;
    d->errors.output_message = print_nothing;
    d->jpeg.client_data = d;
    d->source.init_source = nothing;
    d->source.fill_input_buffer = fill;
    d->source.skip_input_data = skip;
    d->source.resync_to_restart = jpeg_resync_to_restart;
    d->source.term_source = nothing;
    return d;
}

int jpeg_open(int fd, int64_t size, const struct image_info *info, double shrink,
              struct decoder **ret, struct error *err)
{
    struct jpeg_decoder *d = new_decoder(fd, size);
    if (read_header(d, err) < 0 ||
        codec_same_size(info, d->jpeg.image_width, d->jpeg.image_height, err) < 0 ||
        check_scans(d, err) < 0 || start(d, shrink, err) < 0) {
        close_jpeg(&d->base);
        return -1;
    }
    d->base.width = d->jpeg.output_width;
    d->base.height = d->jpeg.output_height;
    if (d->jpeg.num_components != 3) {
        d->stored = mem_array(d->base.width, d->jpeg.num_components);
    }
    *ret = &d->base;
    return 0;
}
