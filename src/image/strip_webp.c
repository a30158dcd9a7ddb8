#include "exif.h"
#include "strip.h"
#include "webp.h"
#include "xmp.h"

static int wipe(struct strip *st, const struct webp_chunk *c, bool is_exif)
{
    AUTO_BUF struct buf data = BUF_INIT;
    if (strip_load(st, c->payload, c->len, &data) < 0) {
        return -1;
    }
    bool changed = is_exif ? exif_wipe_gps((unsigned char *)data.data, data.len)
                           : xmp_wipe_gps(data.data, data.len);
    if (!changed) {
        return 0;
    }
    return edits_replace(&st->edits, c->payload, c->len, data.data, data.len, st->err);
}

int strip_webp_gps(struct strip *st)
{
    struct webp_walk walk;
    struct webp_chunk c;
    int got;
    if (webp_walk_init(&walk, st->source, st->err) < 0) {
        return -1;
    }
    while ((got = webp_next(&walk, &c, st->err)) > 0) {
        bool is_exif = webp_is(&c, "EXIF");
        if ((is_exif || webp_is_xmp(&c)) && wipe(st, &c, is_exif) < 0) {
            return -1;
        }
    }
    return got;
}

/* 1 if it stays in some form, 0, -1. */
static int strip_exif_chunk(struct strip *st, const struct webp_chunk *c)
{
    unsigned char chunk[8 + EXIF_MINIMAL_SIZE] = {
        'E', 'X', 'I', 'F', EXIF_MINIMAL_SIZE, 0, 0, 0,
    };
    uint8_t orientation;
    switch (strip_exif(st, c->payload, c->len, &orientation)) {
    case STRIP_EXIF_DROP:
        return edits_cut(&st->edits, c->offset, c->end, st->err);
    case STRIP_EXIF_KEEP:
        return 1;
    case STRIP_EXIF_MINIMAL:
        exif_minimal(chunk + 8, orientation);
        return edits_replace(&st->edits, c->offset, c->end - c->offset, chunk,
                             sizeof chunk, st->err) < 0 ? -1 : 1;
    default:
        return -1;
    }
}

static bool is_kept(const struct webp_chunk *c)
{
    return webp_is(c, "VP8 ") || webp_is(c, "VP8L") || webp_is(c, "VP8X") ||
           webp_is(c, "ALPH") || webp_is(c, "ANIM") || webp_is(c, "ANMF") ||
           webp_is(c, "ICCP");
}

/* Make the flags of VP8X and the length of the whole say what is there now. */
static int correct_heads(struct strip *st, int64_t flags_at, bool has_exif, int64_t end)
{
    unsigned char flags, fixed, size[4];
    if (flags_at > 0) {
        if (source_at(st->source, flags_at, &flags, 1, st->err) < 0) {
            return -1;
        }
        fixed = flags & (unsigned char)~(WEBP_EXIF | WEBP_XMP);
        fixed |= has_exif ? WEBP_EXIF : 0;
        if (fixed != flags &&
            edits_replace(&st->edits, flags_at, 1, &fixed, 1, st->err) < 0) {
            return -1;
        }
    }
    if (st->edits.growth != 0) {
        put_le32(size, (uint32_t)(end + st->edits.growth - 8));
        return edits_replace(&st->edits, 4, 4, size, sizeof size, st->err);
    }
    return 0;
}

int strip_webp_all(struct strip *st)
{
    struct webp_walk walk;
    struct webp_chunk c;
    int64_t flags_at = 0;
    bool has_exif = false;
    int got;
    if (webp_walk_init(&walk, st->source, st->err) < 0) {
        return -1;
    }
    while ((got = webp_next(&walk, &c, st->err)) > 0) {
        if (webp_is(&c, "VP8X")) {
            flags_at = c.len > 0 ? c.payload : 0;
        } else if (webp_is(&c, "EXIF")) {
            int kept = strip_exif_chunk(st, &c);
            if (kept < 0) {
                return -1;
            }
            has_exif |= kept;
        } else if (!is_kept(&c) &&
                   edits_cut(&st->edits, c.offset, c.end, st->err) < 0) {
            return -1;
        }
    }
    if (got < 0 || edits_cut(&st->edits, walk.next, walk.end, st->err) < 0 ||
        correct_heads(st, flags_at, has_exif, walk.end) < 0) {
        return -1;
    }
    return edits_cut(&st->edits, walk.end, st->source->size, st->err);
}
