#include "colour.h"

#include <lcms2.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "codec.h"
#include "imgctl/mem.h"

struct colour {
    cmsContext context; /* its own, so that threads share nothing */
    cmsHTRANSFORM transform, with_alpha;
};

static const struct {
    cmsColorSpaceSignature space;
    cmsUInt32Number format;
} kinds[] = {
    [COLOUR_GREY] = { cmsSigGrayData, TYPE_GRAY_8 },
    [COLOUR_RGB] = { cmsSigRgbData, TYPE_RGB_8 },
    [COLOUR_CMYK] = { cmsSigCmykData, TYPE_CMYK_8_REV },
};

static bool usable(cmsHPROFILE profile, enum colour_pixels pixels)
{
    if (!profile || cmsGetColorSpace(profile) != kinds[pixels].space) {
        return false;
    }
    switch (cmsGetDeviceClass(profile)) {
    case cmsSigInputClass:
    case cmsSigDisplayClass:
    case cmsSigOutputClass:
    case cmsSigColorSpaceClass:
        return true;
    default:
        return false;
    }
}

static cmsHTRANSFORM to_srgb(cmsContext context, cmsHPROFILE from,
                             cmsUInt32Number in, cmsUInt32Number out)
{
    cmsHPROFILE srgb = cmsCreate_sRGBProfileTHR(context);
    cmsHTRANSFORM transform = cmsCreateTransformTHR(
        context, from, in, srgb, out, INTENT_RELATIVE_COLORIMETRIC,
        cmsFLAGS_BLACKPOINTCOMPENSATION | (out == TYPE_RGBA_8 ? cmsFLAGS_COPY_ALPHA : 0));
    cmsCloseProfile(srgb);
    return transform;
}

/* Does the conversion leave colours from all over the cube as they are? */
static bool changes_nothing(cmsHTRANSFORM transform)
{
    enum { STEPS = 6, STEP = 51 };
    uint8_t in[STEPS * STEPS * STEPS][3], out[STEPS * STEPS * STEPS][3];
    for (int i = 0; i < STEPS * STEPS * STEPS; i++) {
        in[i][0] = (uint8_t)(i / STEPS / STEPS * STEP);
        in[i][1] = (uint8_t)(i / STEPS % STEPS * STEP);
        in[i][2] = (uint8_t)(i % STEPS * STEP);
    }
    cmsDoTransform(transform, in, out, STEPS * STEPS * STEPS);
    for (int i = 0; i < STEPS * STEPS * STEPS; i++) {
        for (int c = 0; c < 3; c++) {
            if (abs(in[i][c] - out[i][c]) > 1) {
                return false;
            }
        }
    }
    return true;
}

/* Takes PROFILE and CONTEXT. */
static struct colour *colour_of_profile(cmsContext context, cmsHPROFILE profile,
                                        enum colour_pixels pixels)
{
    struct colour *c = mem_alloc(sizeof *c);
    c->context = context;
    if (usable(profile, pixels)) {
        c->transform = to_srgb(context, profile, kinds[pixels].format, TYPE_RGB_8);
        if (c->transform && pixels == COLOUR_RGB) {
            c->with_alpha = to_srgb(context, profile, TYPE_RGBA_8, TYPE_RGBA_8);
        }
    }
    if (profile) {
        cmsCloseProfile(profile);
    }
    bool works = c->transform && (pixels != COLOUR_RGB || c->with_alpha);
    if (!works || (pixels == COLOUR_RGB && changes_nothing(c->transform))) {
        colour_close(c);
        return NULL;
    }
    return c;
}

struct colour *colour_of_icc(const void *icc, size_t len, enum colour_pixels pixels)
{
    if (!icc || len == 0 || len > PROFILE_MAX) {
        return NULL;
    }
    cmsContext context = cmsCreateContext(NULL, NULL);
    cmsHPROFILE profile = cmsOpenProfileFromMemTHR(context, icc, (cmsUInt32Number)len);
    return colour_of_profile(context, profile, pixels);
}

/* Takes CONTEXT and CURVE, which may be NULL. P: white, red, green, blue. */
static struct colour *colour_of_curve(cmsContext context, cmsToneCurve *curve,
                                      const double p[8], enum colour_pixels pixels)
{
    cmsCIExyY white = { p[0], p[1], 1 };
    cmsCIExyYTRIPLE primaries = { { p[2], p[3], 1 },
                                  { p[4], p[5], 1 },
                                  { p[6], p[7], 1 } };
    cmsHPROFILE profile = NULL;
    if (curve && pixels == COLOUR_GREY) {
        profile = cmsCreateGrayProfileTHR(context, cmsD50_xyY(), curve);
    } else if (curve) {
        cmsToneCurve *curves[3] = { curve, curve, curve };
        profile = cmsCreateRGBProfileTHR(context, &white, &primaries, curves);
    }
    if (curve) {
        cmsFreeToneCurve(curve);
    }
    return colour_of_profile(context, profile, pixels);
}

struct colour *colour_of_gamma(double exponent, const double xy[8],
                               enum colour_pixels pixels)
{
    static const double srgb[8] = { 0.3127, 0.3290, 0.64, 0.33, 0.30, 0.60, 0.15, 0.06 };
    cmsContext context = cmsCreateContext(NULL, NULL);
    return colour_of_curve(context, cmsBuildGamma(context, exponent), xy ? xy : srgb,
                           pixels);
}

struct colour *colour_of_p3(void)
{
    static const double p3[8] = { 0.3127, 0.3290, 0.68, 0.32, 0.265, 0.69, 0.15, 0.06 };
    /* sRGB's curve: (aX + b)^2.4 from 0.04045 on, cX below. */
    static const double curve[5] = { 2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045 };
    cmsContext context = cmsCreateContext(NULL, NULL);
    return colour_of_curve(context, cmsBuildParametricToneCurve(context, 4, curve), p3,
                           COLOUR_RGB);
}

void colour_convert(const struct colour *c, const uint8_t *from, uint8_t *to,
                    size_t count)
{
    cmsDoTransform(c->transform, from, to, (cmsUInt32Number)count);
}

void colour_convert_rgba(const struct colour *c, uint8_t *pixels, size_t count)
{
    cmsDoTransform(c->with_alpha, pixels, pixels, (cmsUInt32Number)count);
}

void colour_grey_table(const struct colour *c, uint8_t table[256][3])
{
    uint8_t grey[256];
    for (int i = 0; i < 256; i++) {
        grey[i] = (uint8_t)i;
        memset(table[i], i, 3);
    }
    if (c) {
        colour_convert(c, grey, table[0], 256);
    }
}

void colour_plain_cmyk(const uint8_t *from, uint8_t *to, size_t count)
{
    for (size_t i = 0; i < count; i++, from += 4, to += 3) {
        for (int c = 0; c < 3; c++) {
            to[c] = (uint8_t)((from[c] * from[3] + 127) / 255);
        }
    }
}

void colour_close(struct colour *c)
{
    if (!c) {
        return;
    }
    if (c->transform) {
        cmsDeleteTransform(c->transform);
    }
    if (c->with_alpha) {
        cmsDeleteTransform(c->with_alpha);
    }
    cmsDeleteContext(c->context);
    free(c);
}
