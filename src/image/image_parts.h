/*
 * image_parts.h - what the parsers of the three formats share with image.c.
 */
#ifndef IMAGE_PARTS_H
#define IMAGE_PARTS_H

#include "imgctl/image.h"
#include "source.h"

/* Are the stored dimensions within the limits? ERROR_IMAGE_LIMIT. */
int image_within(const struct image_limits *limits, uint32_t width, uint32_t height,
                 struct error *err);

/* What a file that is no picture of ours is: the error, always -1. */
int image_foreign(const unsigned char *head, size_t len, struct error *err);

/* See jpeg.h: the same for the two others. A whole source is read to the end of
 * the picture and checked; a seeking one looks at what the facts need. */
int png_read(struct source *s, const struct image_limits *limits,
             struct image_info *info, struct error *err);
int webp_read(struct source *s, const struct image_limits *limits,
              struct image_info *info, struct error *err);

#endif
