#include "jpeg.h"

#include <string.h>

/* More than this between segments is no damage but another kind of file. */
enum { MAX_RUBBISH = 64 * 1024 };

void jpeg_walk_init(struct jpeg_walk *w, struct source *s, int64_t offset)
{
    *w = (struct jpeg_walk){ .source = s, .next = offset };
}

static int truncated(struct error *err)
{
    return error_set(err, ERROR_IMAGE_CORRUPT, "truncated: no end-of-image marker");
}

/* How far P can be stepped over on the way to a marker; *marker is set when one
 * is there. The last byte is kept unless it cannot begin a marker. */
static size_t skip_to_marker(const unsigned char *p, size_t n, int64_t *rubbish,
                             int *marker)
{
    size_t i = 0;
    while (i < n) {
        if (p[i] != 0xFF) {
            const unsigned char *found = memchr(p + i, 0xFF, n - i);
            size_t to = found ? (size_t)(found - p) : n;
            *rubbish += (int64_t)(to - i);
            i = to;
        } else if (i + 1 == n) {
            break;
        } else if (p[i + 1] == 0) {
            *rubbish += 2;
            i += 2;
        } else if (p[i + 1] == 0xFF) {
            i++;
        } else {
            *marker = p[i + 1];
            break;
        }
    }
    return i;
}

/* Stand at the next marker and say which it is. */
static int find_marker(struct jpeg_walk *w, int *ret, struct error *err)
{
    struct source *s = w->source;
    *ret = 0;
    while (*ret == 0) {
        const unsigned char *p;
        ssize_t n = source_peek(s, 2, &p, err);
        if (n < 0) {
            return -1;
        }
        if (n < 2) {
            return truncated(err);
        }
        size_t step = skip_to_marker(p, (size_t)n, &w->rubbish, ret);
        if (w->rubbish > MAX_RUBBISH) {
            return error_set(err, ERROR_IMAGE_CORRUPT,
                             "no marker where a segment should begin");
        }
        if (source_go(s, s->pos + (int64_t)step, err) < 0) {
            return -1;
        }
    }
    return 0;
}

/* Stand at the marker that ends the coded data. */
static int skip_scan(struct source *s, struct error *err)
{
    for (;;) {
        const unsigned char *p;
        ssize_t n = source_peek(s, 2, &p, err);
        if (n < 0) {
            return -1;
        }
        if (n < 2) {
            return truncated(err);
        }
        /* A 0xFF needs the byte after it, so the last byte is looked at with
         * the next piece. */
        const unsigned char *q = p, *last = p + n - 1;
        bool marker = false;
        while (q < last && (q = memchr(q, 0xFF, (size_t)(last - q))) != NULL) {
            if (q[1] == 0xFF) {
                q++;
            } else if (q[1] == 0 || (q[1] >= JPEG_RST0 && q[1] <= JPEG_RST7)) {
                q += 2;
            } else {
                marker = true;
                break;
            }
        }
        if (source_go(s, s->pos + (q ? q - p : n - 1), err) < 0) {
            return -1;
        }
        if (marker) {
            return 0;
        }
    }
}

static bool stands_alone(int marker)
{
    return marker == JPEG_TEM || marker == JPEG_SOI || marker == JPEG_EOI ||
           (marker >= JPEG_RST0 && marker <= JPEG_RST7);
}

static bool may_be_empty(int marker)
{
    return (marker >= JPEG_APP0 && marker <= JPEG_APP15) || marker == JPEG_COM ||
           marker == JPEG_DNL;
}

/* The source stands at a marker that has a length. */
static int read_length(struct jpeg_walk *w, struct jpeg_part *part, struct error *err)
{
    const unsigned char *p;
    ssize_t n = source_peek(w->source, 4, &p, err);
    if (n < 0) {
        return -1;
    }
    if (n < 4) {
        return truncated(err);
    }
    unsigned len = get_be16(p + 2);
    if (len < 2 && !may_be_empty(part->marker)) {
        return error_set(err, ERROR_IMAGE_CORRUPT,
                         "the length of segment 0x%02X is wrong", part->marker);
    }
    part->payload = part->offset + 4;
    part->end = part->offset + 2 + (len < 2 ? 2 : len);
    if (part->end > w->source->size) {
        return error_set(err, ERROR_IMAGE_CORRUPT,
                         "truncated: segment 0x%02X runs past the end of the file",
                         part->marker);
    }
    return source_go(w->source, part->payload, err);
}

int jpeg_next(struct jpeg_walk *w, struct jpeg_part *part, struct error *err)
{
    struct source *s = w->source;
    if (source_go(s, w->next, err) < 0) {
        return -1;
    }
    if (w->scan_next) {
        w->scan_next = false;
        *part = (struct jpeg_part){ JPEG_SCAN, s->pos, s->pos, s->pos };
        if (skip_scan(s, err) < 0) {
            return -1;
        }
        w->next = part->end = s->pos;
        return 1;
    }
    do {
        if (find_marker(w, &part->marker, err) < 0) {
            return -1;
        }
        part->offset = s->pos;
        part->payload = part->end = s->pos + 2;
        if (stands_alone(part->marker) && source_go(s, part->end, err) < 0) {
            return -1;
        }
    } while (part->marker == JPEG_TEM ||
             (part->marker >= JPEG_RST0 && part->marker <= JPEG_RST7));
    if (!stands_alone(part->marker) && read_length(w, part, err) < 0) {
        return -1;
    }
    w->next = part->end;
    w->scan_next = part->marker == JPEG_SOS;
    return 1;
}

enum jpeg_app jpeg_app(int marker, const unsigned char *head, size_t len)
{
    static const struct {
        int marker;
        enum jpeg_app app;
        size_t len;
        const char *name;
    } names[] = {
        { JPEG_APP0, APP_JFIF, 5, "JFIF" },
        { JPEG_APP1, APP_EXIF, 5, "Exif" },
        { JPEG_APP1, APP_XMP, JPEG_XMP_HEAD, "http://ns.adobe.com/xap/1.0/" },
        { JPEG_APP1, APP_XMP_MORE, 35, "http://ns.adobe.com/xmp/extension/" },
        { JPEG_APP2, APP_ICC, 12, "ICC_PROFILE" },
        { JPEG_APP2, APP_MPF, JPEG_MPF_HEAD, "MPF" },
        { JPEG_APP2, APP_GAIN_MAP, 28, "urn:iso:std:iso:ts:21496:-1" },
        { JPEG_APP3, APP_STEREO, 8, "_JPSJPS_" },
        { JPEG_APP13, APP_PHOTOSHOP, JPEG_PHOTOSHOP_HEAD, "Photoshop 3.0" },
        { JPEG_APP14, APP_ADOBE, 5, "Adobe" },
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (marker == names[i].marker && len >= names[i].len &&
            memcmp(head, names[i].name, names[i].len) == 0) {
            return names[i].app;
        }
    }
    return APP_OTHER;
}
