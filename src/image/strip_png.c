#include <string.h>

#include "exif.h"
#include "imgctl/digest.h"
#include "png.h"
#include "strip.h"
#include "xmp.h"

static bool is_type(const struct png_chunk *c, const char *type)
{
    return memcmp(c->type, type, 4) == 0;
}

/* Wipe what is in the chunk from byte FROM on. */
static int wipe(struct strip *st, const struct png_chunk *c, size_t from, bool is_exif)
{
    AUTO_BUF struct buf payload = BUF_INIT;
    if (strip_load(st, c->payload, c->len, &payload) < 0) {
        return -1;
    }
    char *data = payload.data + from;
    size_t len = payload.len - from;
    bool changed = is_exif ? exif_wipe_gps((unsigned char *)data, len)
                           : xmp_wipe_gps(data, len);
    if (!changed) {
        return 0;
    }
    unsigned char sum[4];
    uint32_t crc = 0;
    if (digest_crc32(c->type, 4, &crc, st->err) < 0 ||
        digest_crc32(payload.data, payload.len, &crc, st->err) < 0) {
        return -1;
    }
    put_be32(sum, crc);
    buf_add(&payload, sum, sizeof sum);
    return edits_replace(&st->edits, c->payload, (int64_t)payload.len, payload.data,
                         payload.len, st->err);
}

/* XMP is wiped, or dropped where it is compressed; so is what ImageMagick makes of EXIF,
 * XMP and Photoshop's resources, whole and hexadecimal or piece by piece. */
static int wipe_text(struct strip *st, const struct png_chunk *c)
{
    static const char *const raw[] = { "Raw profile type exif", "Raw profile type APP1",
                                       "Raw profile type xmp", "Raw profile type 8bim" };
    size_t text;
    bool compressed;
    int got = png_text(st->source, c, PNG_XMP, &text, &compressed, st->err);
    if (got > 0 && !compressed) {
        return wipe(st, c, text, false);
    }
    for (size_t i = 0; got == 0 && i < sizeof raw / sizeof *raw; i++) {
        got = png_text(st->source, c, raw[i], &text, &compressed, st->err);
    }
    if (got == 0) {
        got = png_gps_text(st->source, c, st->err);
    }
    return got > 0 ? edits_cut(&st->edits, c->offset, c->end, st->err) : got;
}

typedef int edit_chunk(struct strip *st, const struct png_chunk *c);

/* EDIT every chunk up to IEND, whose end is then in *RET_END. */
static int edit_each(struct strip *st, edit_chunk *edit, int64_t *ret_end)
{
    struct png_walk walk;
    struct png_chunk c;
    png_walk_init(&walk, st->source);
    do {
        if (png_next(&walk, &c, st->err) < 0 || edit(st, &c) < 0) {
            return -1;
        }
    } while (!is_type(&c, "IEND"));
    *ret_end = c.end;
    return 0;
}

static int take_position(struct strip *st, const struct png_chunk *c)
{
    return is_type(c, "eXIf") ? wipe(st, c, 0, true) : wipe_text(st, c);
}

int strip_png_gps(struct strip *st)
{
    int64_t end;
    return edit_each(st, take_position, &end);
}

static int strip_exif_chunk(struct strip *st, const struct png_chunk *c)
{
    enum { HEAD = 8, SUM = HEAD + EXIF_MINIMAL_SIZE };
    unsigned char chunk[SUM + 4] = { 0, 0, 0, EXIF_MINIMAL_SIZE, 'e', 'X', 'I', 'f' };
    uint32_t crc = 0;
    uint8_t orientation;
    switch (strip_exif(st, c->payload, c->len, &orientation)) {
    case STRIP_EXIF_DROP:
        return edits_cut(&st->edits, c->offset, c->end, st->err);
    case STRIP_EXIF_KEEP:
        return 0;
    case STRIP_EXIF_MINIMAL:
        exif_minimal(chunk + HEAD, orientation);
        if (digest_crc32(chunk + 4, SUM - 4, &crc, st->err) < 0) {
            return -1;
        }
        put_be32(chunk + SUM, crc);
        return edits_replace(&st->edits, c->offset, c->end - c->offset, chunk,
                             sizeof chunk, st->err);
    default:
        return -1;
    }
}

/* What says how the picture looks; all other chunks that may be left out are. */
static bool is_kept(const struct png_chunk *c)
{
    static const char kept[][5] = {
        "tRNS", "cHRM", "gAMA", "iCCP", "sBIT", "sRGB", "cICP", "mDCV", "mDCv", "cLLI",
        "cLLi", "bKGD", "hIST", "pHYs", "sPLT", "acTL", "fcTL", "fdAT",
    };
    for (size_t i = 0; i < sizeof kept / sizeof *kept; i++) {
        if (is_type(c, kept[i])) {
            return true;
        }
    }
    return png_is_critical(c);
}

static int take_metadata(struct strip *st, const struct png_chunk *c)
{
    if (is_type(c, "eXIf")) {
        return strip_exif_chunk(st, c);
    }
    return is_kept(c) ? 0 : edits_cut(&st->edits, c->offset, c->end, st->err);
}

int strip_png_all(struct strip *st)
{
    int64_t end;
    if (edit_each(st, take_metadata, &end) < 0) {
        return -1;
    }
    return edits_cut(&st->edits, end, st->source->size, st->err);
}
