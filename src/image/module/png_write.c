#include <png.h>

#include <setjmp.h>

#include "codec.h"

struct png_encoder {
    png_structp png;
    png_infop info;
    jmp_buf failed;
    struct error *err;
    struct buf *out;
};

static _Noreturn void fail(png_structp png, png_const_charp message)
{
    struct png_encoder *e = png_get_error_ptr(png);
    error_set(e->err, ERROR_FAILED, "cannot write a PNG: %s", message);
    longjmp(e->failed, 1);
}

static void ignore_warning(png_structp png, png_const_charp message)
{
    (void)png;
    (void)message;
}

static void write_bytes(png_structp png, png_bytep data, size_t len)
{
    struct png_encoder *e = png_get_io_ptr(png);
    buf_add(e->out, data, len);
}

static void flush_nothing(png_structp png)
{
    (void)png;
}

static int encode(struct png_encoder *e, const struct raster *r)
{
    if (setjmp(e->failed)) {
        return -1;
    }
    e->png = png_create_write_struct(PNG_LIBPNG_VER_STRING, e, fail, ignore_warning);
    e->info = e->png ? png_create_info_struct(e->png) : NULL;
    if (!e->info) {
        return error_set(e->err, ERROR_FAILED, "libpng cannot be used");
    }
    png_set_write_fn(e->png, e, write_bytes, flush_nothing);
    png_set_user_limits(e->png, PNG_UINT_31_MAX, PNG_UINT_31_MAX);
    png_set_IHDR(e->png, e->info, r->width, r->height, 8,
                 r->channels == 4 ? PNG_COLOR_TYPE_RGB_ALPHA : PNG_COLOR_TYPE_RGB,
                 PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT,
                 PNG_FILTER_TYPE_DEFAULT);
    png_write_info(e->png, e->info);
    for (uint32_t y = 0; y < r->height; y++) {
        png_write_row(e->png, r->pixels + (size_t)y * r->width * r->channels);
    }
    png_write_end(e->png, NULL);
    return 0;
}

int png_encode(const struct raster *r, const struct save_options *o, struct buf *out,
               struct error *err)
{
    (void)o;
    struct png_encoder e = { .err = err, .out = out };
    int result = encode(&e, r);
    png_destroy_write_struct(&e.png, &e.info);
    return result;
}
