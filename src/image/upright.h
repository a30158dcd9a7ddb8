/*
 * upright.h - what the EXIF orientations do to a stored picture: each side may be
 * mirrored, then rows and columns may change places.
 */
#ifndef UPRIGHT_H
#define UPRIGHT_H

#include <stdbool.h>
#include <stdint.h>

#include "imgctl/raster.h"

struct turn {
    bool transpose, mirror_x, mirror_y;
};

struct turn turn_of(uint8_t orientation);

/* Where a box of the upright picture is in the stored one of WIDTH x HEIGHT. */
struct box box_as_stored(struct box seen, struct turn turn, uint32_t width,
                         uint32_t height);

#endif
