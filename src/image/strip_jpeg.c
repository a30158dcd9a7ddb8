#include <stdlib.h>
#include <string.h>

#include "exif.h"
#include "imgctl/mem.h"
#include "irb.h"
#include "jpeg.h"
#include "strip.h"
#include "xmp.h"

/* A segment holds 64 KB, so no honest file comes near this. */
enum { MAX_PIECES = 64 * 1024 };

/* Some bytes of the file that belong together with others elsewhere in it. */
struct piece {
    int64_t offset;
    size_t len;
    uint32_t order;
};

struct pieces {
    struct piece *items;
    size_t count, capacity;
};

/* One picture of a file; a second one may hide behind the first. */
struct gps_state {
    struct strip *strip;
    struct pieces exif;     /* one EXIF, which may be split over segments */
    struct pieces xmp_more; /* the extended XMP */
    struct pieces resources; /* of Photoshop */
};

static void gps_state_release(struct gps_state *g)
{
    free(g->exif.items);
    free(g->xmp_more.items);
    free(g->resources.items);
}

static int add_piece(struct strip *st, struct pieces *p, int64_t offset, int64_t end,
                     uint32_t order)
{
    if (end <= offset) {
        return 0;
    }
    if (p->count == MAX_PIECES) {
        return error_set(st->err, ERROR_IMAGE_LIMIT, "more than %d pieces of metadata",
                         MAX_PIECES);
    }
    if (p->count == p->capacity) {
        p->capacity = p->capacity ? 2 * p->capacity : 4;
        p->items = mem_resize(p->items, p->capacity, sizeof *p->items);
    }
    p->items[p->count++] = (struct piece){ offset, (size_t)(end - offset), order };
    return 0;
}

static bool wipe_exif(char *data, size_t len)
{
    return exif_wipe_gps((unsigned char *)data, len);
}

/* Wipe with HOW what the pieces are together, and forget them. */
static int wipe(struct strip *st, struct pieces *p, bool (*how)(char *data, size_t len))
{
    AUTO_BUF struct buf all = BUF_INIT;
    for (size_t i = 0; i < p->count; i++) {
        if (strip_load(st, p->items[i].offset, (int64_t)p->items[i].len, &all) < 0) {
            return -1;
        }
    }
    bool changed = how(all.data, all.len);
    size_t at = 0;
    for (size_t i = 0; changed && i < p->count; i++) {
        const struct piece *piece = &p->items[i];
        if (edits_replace(&st->edits, piece->offset, (int64_t)piece->len, all.data + at,
                          piece->len, st->err) < 0) {
            return -1;
        }
        at += piece->len;
    }
    p->count = 0;
    return 0;
}

static bool is_tiff(const unsigned char *p, size_t len)
{
    return len >= 4 && (memcmp(p, "II*\0", 4) == 0 || memcmp(p, "MM\0*", 4) == 0);
}

static int note_app(struct gps_state *g, const struct jpeg_part *part)
{
    unsigned char head[JPEG_XMP_MORE_HEAD];
    struct piece xmp;
    int64_t len = part->end - part->payload;
    size_t n = len < (int64_t)sizeof head ? (size_t)len : sizeof head;
    if (source_at(g->strip->source, part->payload, head, n, g->strip->err) < 0) {
        return -1;
    }
    switch (jpeg_app(part->marker, head, n)) {
    case APP_EXIF:
        if (n > JPEG_EXIF_HEAD && is_tiff(head + JPEG_EXIF_HEAD, n - JPEG_EXIF_HEAD) &&
            wipe(g->strip, &g->exif, wipe_exif) < 0) {
            return -1;
        }
        return add_piece(g->strip, &g->exif, part->payload + JPEG_EXIF_HEAD, part->end,
                         0);
    case APP_XMP_MORE:
        if (n < JPEG_XMP_MORE_HEAD) {
            return 0;
        }
        return add_piece(g->strip, &g->xmp_more, part->payload + JPEG_XMP_MORE_HEAD,
                         part->end, get_be32(head + JPEG_XMP_MORE_HEAD - 4));
    case APP_XMP:
        xmp = (struct piece){ part->payload + JPEG_XMP_HEAD,
                              (size_t)len - JPEG_XMP_HEAD, 0 };
        return wipe(g->strip, &(struct pieces){ &xmp, 1, 1 }, xmp_wipe_gps);
    case APP_PHOTOSHOP:
        return add_piece(g->strip, &g->resources, part->payload + JPEG_PHOTOSHOP_HEAD,
                         part->end, 0);
    default:
        return 0;
    }
}

static int by_order(const void *a, const void *b)
{
    const struct piece *x = a, *y = b;
    if (x->order != y->order) {
        return x->order < y->order ? -1 : 1;
    }
    return (x->offset > y->offset) - (x->offset < y->offset);
}

static bool is_app(int marker)
{
    return marker >= JPEG_APP0 && marker <= JPEG_APP15;
}

/* The picture that begins at OFFSET; the source then stands behind it. */
static int wipe_picture(struct strip *st, int64_t offset)
{
    __attribute__((cleanup(gps_state_release))) struct gps_state g = { .strip = st };
    struct error damage = ERROR_INIT;
    struct jpeg_walk walk;
    struct jpeg_part part;
    int walked;
    jpeg_walk_init(&walk, st->source, offset);
    do {
        walked = jpeg_next(&walk, &part, &damage);
        if (walked > 0 && is_app(part.marker) && note_app(&g, &part) < 0) {
            return -1;
        }
    } while (walked > 0 && part.marker != JPEG_EOI);
    if (g.xmp_more.count > 0) {
        qsort(g.xmp_more.items, g.xmp_more.count, sizeof *g.xmp_more.items, by_order);
    }
    if (wipe(st, &g.exif, wipe_exif) < 0 || wipe(st, &g.xmp_more, xmp_wipe_gps) < 0 ||
        wipe(st, &g.resources, irb_wipe_gps) < 0) {
        return -1;
    }
    if (walked < 0) {
        *st->err = damage;
    }
    return walked < 0 ? -1 : 0;
}

/* Stand at the next start of a picture: 1, 0 if none follows, -1. */
static int find_picture(struct source *s, struct error *err)
{
    for (;;) {
        const unsigned char *p;
        ssize_t n = source_peek(s, 3, &p, err);
        if (n < 3) {
            return n < 0 ? -1 : 0;
        }
        const unsigned char *found = memmem(p, (size_t)n, "\xff\xd8\xff", 3);
        if (source_go(s, s->pos + (found ? found - p : n - 2), err) < 0) {
            return -1;
        }
        if (found) {
            return 1;
        }
    }
}

int strip_jpeg_gps(struct strip *st)
{
    int found;
    if (wipe_picture(st, 0) < 0) {
        return -1;
    }
    /* Gain maps, stereo pictures and previews follow the first picture and have
     * metadata of their own. What looks like one and is none does no harm. */
    while ((found = find_picture(st->source, st->err)) > 0) {
        if (wipe_picture(st, st->source->pos) < 0) {
            if (st->err->kind != ERROR_IMAGE_CORRUPT) {
                return -1;
            }
            error_clear(st->err);
        }
    }
    return found;
}

/* JFIF without its thumbnail. */
static int strip_jfif(struct strip *st, const struct jpeg_part *part)
{
    enum { SEGMENT = 18, HEAD = 16 };
    unsigned char segment[SEGMENT];
    if (part->end - part->offset < SEGMENT) {
        return 0;
    }
    if (source_at(st->source, part->offset, segment, sizeof segment, st->err) < 0) {
        return -1;
    }
    if (part->end - part->offset == SEGMENT && segment[HEAD] == 0 &&
        segment[HEAD + 1] == 0) {
        return 0;
    }
    segment[2] = 0;
    segment[3] = SEGMENT - 2;
    segment[HEAD] = segment[HEAD + 1] = 0;
    return edits_replace(&st->edits, part->offset, part->end - part->offset, segment,
                         sizeof segment, st->err);
}

static int strip_segment_exif(struct strip *st, const struct jpeg_part *part)
{
    unsigned char segment[4 + JPEG_EXIF_HEAD + EXIF_MINIMAL_SIZE] = {
        0xFF, JPEG_APP1, 0, sizeof segment - 2, 'E', 'x', 'i', 'f', 0, 0,
    };
    uint8_t orientation;
    int64_t exif = part->payload + JPEG_EXIF_HEAD;
    if (exif >= part->end) {
        return edits_cut(&st->edits, part->offset, part->end, st->err);
    }
    int verdict = strip_exif(st, exif, part->end - exif, &orientation);
    switch (verdict) {
    case STRIP_EXIF_DROP:
        return edits_cut(&st->edits, part->offset, part->end, st->err);
    case STRIP_EXIF_MINIMAL:
        exif_minimal(segment + 4 + JPEG_EXIF_HEAD, orientation);
        return edits_replace(&st->edits, part->offset, part->end - part->offset, segment,
                             sizeof segment, st->err);
    case STRIP_EXIF_KEEP:
        return 0;
    default:
        return -1;
    }
}

static int strip_app(struct strip *st, const struct jpeg_part *part)
{
    unsigned char head[JPEG_APP_HEAD];
    int64_t len = part->end - part->payload;
    size_t n = len < (int64_t)sizeof head ? (size_t)len : sizeof head;
    if (source_at(st->source, part->payload, head, n, st->err) < 0) {
        return -1;
    }
    switch (jpeg_app(part->marker, head, n)) {
    case APP_JFIF:
        return strip_jfif(st, part);
    case APP_EXIF:
        return strip_segment_exif(st, part);
    case APP_ICC:
    case APP_ADOBE:
        return 0;
    default:
        return edits_cut(&st->edits, part->offset, part->end, st->err);
    }
}

/* Does a decoder need it? Markers from 0xC0 to 0xDD are all for decoding. */
static bool is_needed(int marker)
{
    return marker == JPEG_SCAN || (marker >= JPEG_SOF0 && marker <= JPEG_DRI);
}

int strip_jpeg_all(struct strip *st)
{
    struct jpeg_walk walk;
    struct jpeg_part part;
    int64_t behind = 0; /* the last part */
    jpeg_walk_init(&walk, st->source, 0);
    do {
        if (jpeg_next(&walk, &part, st->err) < 0 ||
            edits_cut(&st->edits, behind, part.offset, st->err) < 0) {
            return -1;
        }
        behind = part.end;
        if (is_app(part.marker)) {
            if (strip_app(st, &part) < 0) {
                return -1;
            }
        } else if (!is_needed(part.marker) &&
                   edits_cut(&st->edits, part.offset, part.end, st->err) < 0) {
            return -1;
        }
        st->oriented |= part.marker == JPEG_SOS;
    } while (part.marker != JPEG_EOI);
    return edits_cut(&st->edits, part.end, st->source->size, st->err);
}
