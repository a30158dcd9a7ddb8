/*
 * icc.h - which of the well-known colour profiles an ICC profile is.
 *
 * It is told by the profile's own description, the text that colour settings show:
 * "sRGB IEC61966-2.1", "Display P3", "Adobe RGB (1998)". Curves and matrices are not
 * compared, so a profile that lies about its name is believed.
 */
#ifndef ICC_H
#define ICC_H

#include "imgctl/image.h"
#include "source.h"

/* Enough of a profile's beginning for its table of tags, and mostly its name. */
#define ICC_HEAD 1024

/* The profile of LEN bytes at OFFSET. One that is damaged is PROFILE_OTHER. */
int icc_read(struct source *s, int64_t offset, size_t len, struct image_info *info,
             struct error *err);

/* The same for a profile whose first LEN bytes are in memory. */
enum image_profile icc_kind(const unsigned char *data, size_t len);

/* A PNG may say the same in four bytes, the code points of ITU-T H.273: primaries,
 * transfer, matrix, range. */
#define PNG_CODE_POINTS "cICP"
#define PNG_CODE_POINTS_SIZE 4

/* What they mean: transfer 13 is sRGB's curve, primaries 1 sRGB's, 12 those of P3. */
static inline enum image_profile png_code_points(const unsigned char *p)
{
    return p[1] != 13   ? PROFILE_OTHER
           : p[0] == 1  ? PROFILE_SRGB
           : p[0] == 12 ? PROFILE_DISPLAY_P3
                        : PROFILE_OTHER;
}

#endif
