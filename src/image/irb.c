#include "irb.h"

#include <string.h>

#include "exif.h"
#include "source.h"
#include "xmp.h"

#define SIGNATURE "8BIM"

enum { SIGNATURE_SIZE = 4, NUMBER_SIZE = 2, LENGTH_SIZE = 4 };
enum { RESOURCE_EXIF = 1058, RESOURCE_EXIF_MORE = 1059, RESOURCE_XMP = 1060 };

/* The resource at P, where LEN bytes are: its number and where in them its data is. */
static bool read_resource(const unsigned char *p, size_t len, unsigned *number,
                          struct irb_part *ret)
{
    size_t name = SIGNATURE_SIZE + NUMBER_SIZE;
    if (len <= name) {
        return false;
    }
    size_t name_size = (size_t)p[name] + 1;
    size_t length = name + name_size + name_size % 2;
    if (len < length + LENGTH_SIZE) {
        return false;
    }
    *number = get_be16(p + SIGNATURE_SIZE);
    ret->offset = length + LENGTH_SIZE;
    ret->len = get_be32(p + length);
    return ret->len <= len - ret->offset;
}

bool irb_next(const char *data, size_t len, size_t *at, struct irb_part *ret)
{
    const char *found;
    while ((found = memmem(data + *at, len - *at, SIGNATURE, SIGNATURE_SIZE)) != NULL) {
        size_t from = (size_t)(found - data);
        unsigned number;
        if (!read_resource((const unsigned char *)found, len - from, &number, ret)) {
            *at = from + SIGNATURE_SIZE;
            continue;
        }
        ret->offset += from;
        ret->is_exif = number == RESOURCE_EXIF || number == RESOURCE_EXIF_MORE;
        *at = ret->offset + ret->len;
        if (ret->is_exif || number == RESOURCE_XMP) {
            return true;
        }
    }
    return false;
}

bool irb_wipe_gps(char *data, size_t len)
{
    struct irb_part part;
    bool changed = false;
    for (size_t at = 0; irb_next(data, len, &at, &part);) {
        char *p = data + part.offset;
        changed |= part.is_exif ? exif_wipe_gps((unsigned char *)p, part.len)
                                : xmp_wipe_gps(p, part.len);
    }
    return changed;
}
