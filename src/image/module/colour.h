/*
 * colour.h - from the colours of a file to sRGB, with lcms2.
 *
 * Relative colorimetric with black point compensation, as image editors convert. A
 * profile that is damaged, of another kind than the pixels, or sRGB already, is none.
 */
#ifndef COLOUR_H
#define COLOUR_H

#include <stddef.h>
#include <stdint.h>

struct colour;

enum colour_pixels {
    COLOUR_GREY,
    COLOUR_RGB,
    COLOUR_CMYK, /* 255 is no ink, as a JPEG has it */
};

/* How an ICC profile of LEN bytes shows PIXELS; NULL where it changes nothing. */
struct colour *colour_of_icc(const void *icc, size_t len, enum colour_pixels pixels);

/* The same for colours that a PNG describes by a gamma exponent (light = value to
 * the power of it) and, if xy is not NULL, white, red, green and blue, x and y each. */
struct colour *colour_of_gamma(double exponent, const double xy[8],
                               enum colour_pixels pixels);

/* The same for RGB that is Display P3 without a profile. */
struct colour *colour_of_p3(void);

/* COUNT pixels, one to four bytes each, to RGB; RGB may be converted in place. */
void colour_convert(const struct colour *c, const uint8_t *from, uint8_t *to,
                    size_t count);

/* COUNT pixels of RGBA in place. */
void colour_convert_rgba(const struct colour *c, uint8_t *pixels, size_t count);

/* What each byte of grey becomes. C NULL: itself. */
void colour_grey_table(const struct colour *c, uint8_t table[256][3]);

/* CMYK without a profile. */
void colour_plain_cmyk(const uint8_t *from, uint8_t *to, size_t count);

void colour_close(struct colour *c);

#endif
