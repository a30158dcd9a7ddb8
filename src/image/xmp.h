/*
 * xmp.h - positions in XMP, and whether it speaks of a gain map.
 *
 * XMP is XML: attributes and elements whose local name begins with "GPS"
 * (exif:GPSLatitude, drone-dji:GpsLongitude, ...) or names a coordinate, as those of
 * drones do (drone-dji:Latitude, drone-dji:LRFTargetLon), are what is looked for.
 * Entities are never expanded and nothing is ever fetched.
 */
#ifndef XMP_H
#define XMP_H

#include "imgctl/image.h"
#include "source.h"

/* Longer XMP is not looked through for info->has_gps. */
#define XMP_READ_MAX ((size_t)1024 * 1024)

int xmp_read(struct source *s, int64_t offset, size_t len, struct image_info *info,
             struct error *err);

/* Overwrite what is about GPS with blanks; XML that is broken and speaks of GPS
 * becomes blank altogether. True if anything changed. */
bool xmp_wipe_gps(char *data, size_t len);

#endif
