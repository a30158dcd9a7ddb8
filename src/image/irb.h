/*
 * irb.h - Photoshop's image resources, in the APP13 of a JPEG, as far as they repeat
 * what EXIF and XMP say.
 *
 * A row of blocks: "8BIM", a number, a name, a length, the data; the name and the data
 * are made even. 1058 and 1059 are EXIF, 1060 is XMP. Source: Adobe Photoshop File
 * Formats Specification, "Image Resource Blocks".
 */
#ifndef IRB_H
#define IRB_H

#include <stdbool.h>
#include <stddef.h>

struct irb_part {
    bool is_exif;  /* else XMP */
    size_t offset; /* of the data, in what is walked */
    size_t len;
};

/* The next such resource in the LEN bytes of DATA, from *AT on, which goes behind it.
 * What is damaged or of another kind is stepped over. False if there is none. */
bool irb_next(const char *data, size_t len, size_t *at, struct irb_part *ret);

/* Take the position out of all of them, as exif.h and xmp.h do it. True if anything
 * changed. */
bool irb_wipe_gps(char *data, size_t len);

#endif
