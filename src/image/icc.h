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

#endif
