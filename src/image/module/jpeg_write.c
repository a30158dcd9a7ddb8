#include <stdio.h>

#include <jpeglib.h>

#include <inttypes.h>
#include <setjmp.h>

#include "codec.h"

/* From this quality on, colour keeps its full resolution. */
#define FINE_QUALITY 90

struct jpeg_encoder {
    struct jpeg_compress_struct jpeg;
    struct jpeg_error_mgr errors;
    struct jpeg_destination_mgr destination;
    jmp_buf failed;
    struct error *err;
    struct buf *out;
    JOCTET window[16 * 1024];
};

static _Noreturn void fail(j_common_ptr jpeg)
{
    struct jpeg_encoder *e = jpeg->client_data;
    char message[JMSG_LENGTH_MAX];
    jpeg->err->format_message(jpeg, message);
    error_set(e->err, ERROR_FAILED, "cannot write a JPEG: %s", message);
    longjmp(e->failed, 1);
}

static void say_nothing(j_common_ptr jpeg)
{
    (void)jpeg;
}

static void begin(j_compress_ptr jpeg)
{
    struct jpeg_encoder *e = jpeg->client_data;
    e->destination.next_output_byte = e->window;
    e->destination.free_in_buffer = sizeof e->window;
}

static boolean flush(j_compress_ptr jpeg)
{
    struct jpeg_encoder *e = jpeg->client_data;
    buf_add(e->out, e->window, sizeof e->window);
    begin(jpeg);
    return TRUE;
}

static void end(j_compress_ptr jpeg)
{
    struct jpeg_encoder *e = jpeg->client_data;
    buf_add(e->out, e->window, sizeof e->window - e->destination.free_in_buffer);
}

static int encode(struct jpeg_encoder *e, const struct raster *r,
                  const struct save_options *o)
{
    int quality = o->quality > 0 ? o->quality : 85;
    if (setjmp(e->failed)) {
        return -1;
    }
    jpeg_create_compress(&e->jpeg);
    e->jpeg.dest = &e->destination;
    e->jpeg.image_width = r->width;
    e->jpeg.image_height = r->height;
    e->jpeg.input_components = 3;
    e->jpeg.in_color_space = JCS_RGB;
    jpeg_set_defaults(&e->jpeg);
    jpeg_set_quality(&e->jpeg, quality, TRUE);
    e->jpeg.optimize_coding = TRUE;
    if (quality >= FINE_QUALITY) {
        e->jpeg.comp_info[0].h_samp_factor = 1;
        e->jpeg.comp_info[0].v_samp_factor = 1;
    }
    if (o->progressive) {
        jpeg_simple_progression(&e->jpeg);
    }
    jpeg_start_compress(&e->jpeg, TRUE);
    while (e->jpeg.next_scanline < e->jpeg.image_height) {
        JSAMPROW row = r->pixels + (size_t)e->jpeg.next_scanline * r->width * 3;
        jpeg_write_scanlines(&e->jpeg, &row, 1);
    }
    jpeg_finish_compress(&e->jpeg);
    return 0;
}

int jpeg_encode(const struct raster *r, const struct save_options *o, struct buf *out,
                struct error *err)
{
    struct jpeg_encoder e = { .err = err, .out = out };
    if (r->channels != 3) {
        return error_set(err, ERROR_FAILED, "JPEG has no transparency");
    }
    if (r->width > JPEG_MAX_DIMENSION || r->height > JPEG_MAX_DIMENSION) {
        return error_set(err, ERROR_IMAGE_LIMIT, "a JPEG cannot be %" PRIu32 "x%" PRIu32
                         ", at most %ld a side", r->width, r->height, JPEG_MAX_DIMENSION);
    }
    e.jpeg.err = jpeg_std_error(&e.errors);
    e.errors.error_exit = fail;
    e.errors.output_message = say_nothing;
    e.jpeg.client_data = &e;
    e.destination.init_destination = begin;
    e.destination.empty_output_buffer = flush;
    e.destination.term_destination = end;
    int result = encode(&e, r, o);
    jpeg_destroy_compress(&e.jpeg);
    return result;
}
