#include "strip.h"

#include <string.h>

#include "exif.h"

int strip_load(struct strip *st, int64_t offset, int64_t len, struct buf *out)
{
    if (len > STRIP_METADATA_MAX - st->loaded) {
        return error_set(st->err, ERROR_IMAGE_LIMIT, "more than %d MB of metadata",
                         (int)(STRIP_METADATA_MAX / (1024 * 1024)));
    }
    st->loaded += len;
    buf_reserve(out, (size_t)len);
    int got = source_at(st->source, offset, out->data + out->len, (size_t)len, st->err);
    if (got <= 0) {
        return got < 0 ? -1
                       : error_set(st->err, ERROR_IMAGE_CORRUPT, "truncated metadata");
    }
    out->len += (size_t)len;
    out->data[out->len] = '\0';
    return 0;
}

int strip_exif(struct strip *st, int64_t offset, int64_t len, uint8_t *orientation)
{
    struct image_info info = { .orientation = 1 };
    unsigned char have[EXIF_MINIMAL_SIZE], minimal[EXIF_MINIMAL_SIZE];
    if (st->oriented) {
        return STRIP_EXIF_DROP;
    }
    if (exif_read(st->source, offset, (size_t)len, &info, st->err) < 0) {
        return -1;
    }
    st->oriented = info.has_orientation;
    *orientation = info.orientation;
    if (info.orientation == 1) {
        return STRIP_EXIF_DROP;
    }
    exif_minimal(minimal, info.orientation);
    if (len != EXIF_MINIMAL_SIZE) {
        return STRIP_EXIF_MINIMAL;
    }
    if (source_at(st->source, offset, have, sizeof have, st->err) < 0) {
        return -1;
    }
    return memcmp(have, minimal, sizeof have) == 0 ? STRIP_EXIF_KEEP : STRIP_EXIF_MINIMAL;
}

static int note_edits(struct strip *st, enum image_strip what)
{
    const unsigned char *head;
    bool all = what == STRIP_ALL;
    ssize_t n = source_peek(st->source, SOURCE_PEEK_MAX, &head, st->err);
    if (n < 0) {
        return -1;
    }
    switch (image_sniff(head, (size_t)n)) {
    case IMAGE_JPEG:
        /* It is walked byte by byte in any case: then in large pieces. */
        source_whole(st->source, st->source->fd, st->source->size, NULL, NULL);
        return all ? strip_jpeg_all(st) : strip_jpeg_gps(st);
    case IMAGE_PNG:
        return all ? strip_png_all(st) : strip_png_gps(st);
    case IMAGE_WEBP:
        return all ? strip_webp_all(st) : strip_webp_gps(st);
    default:
        return error_set(st->err, ERROR_IMAGE_TYPE, "this is no JPEG, PNG or WebP");
    }
}

static void strip_release(struct strip *st)
{
    edits_release(&st->edits);
}

int image_strip(int fd, int64_t size, enum image_strip what, int out_fd,
                struct error *err)
{
    AUTO_SOURCE struct source s;
    source_seeking(&s, fd, size);
    __attribute__((cleanup(strip_release))) struct strip st = {
        .source = &s, .edits = EDITS_INIT, .err = err,
    };
    if (what == STRIP_NONE) {
        return 0;
    }
    if (note_edits(&st, what) < 0) {
        return -1;
    }
    if (st.edits.count == 0) {
        return 0;
    }
    return edits_write(&st.edits, &s, out_fd, err) < 0 ? -1 : 1;
}
