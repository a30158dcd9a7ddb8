/*
 * exif.h - the TIFF structure inside EXIF: orientation and position.
 *
 * The main directory (IFD0), those chained to it and those it points to are
 * looked through for a pointer to a GPS directory; only IFD0 may say the
 * orientation. Loops, counts and offsets are bounded by a fixed number of
 * directories and by the length of the data.
 */
#ifndef EXIF_H
#define EXIF_H

#include "imgctl/image.h"
#include "source.h"

/*
 * Look at the EXIF of LEN bytes at OFFSET and add what it says to INFO: the
 * orientation if none is known yet, has_gps. Damaged EXIF says nothing.
 */
int exif_read(struct source *s, int64_t offset, size_t len, struct image_info *info,
              struct error *err);

/* The index of a multi-picture JPEG has the same structure: info->pictures. */
int mpf_read(struct source *s, int64_t offset, size_t len, struct image_info *info,
             struct error *err);

/*
 * Take the position out of EXIF in memory, keeping its length and every other
 * offset in it: pointers to GPS directories are removed, the directories and
 * their values become zeros. Where they overlap what must stay, nothing but the
 * orientation remains. True if anything changed.
 */
bool exif_wipe_gps(unsigned char *data, size_t len);

/* The smallest EXIF that says an orientation. */
#define EXIF_MINIMAL_SIZE 26
void exif_minimal(unsigned char out[EXIF_MINIMAL_SIZE], uint8_t orientation);

#endif
