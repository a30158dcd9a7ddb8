#include "exif.h"

#include <string.h>

enum { MAX_DIRECTORIES = 16, MAX_LOOKUPS = 64, ENTRY = 12, BATCH = 32 };

enum tag {
    TAG_ORIENTATION = 0x0112,
    TAG_SUB_IFDS = 0x014A,
    TAG_EXIF_IFD = 0x8769,
    TAG_GPS_IFD = 0x8825,
    TAG_MPF_PICTURES = 0xB001,
    TAG_GPS_LATITUDE = 2,
    TAG_GPS_LONGITUDE = 4,
    TAG_GPS_DEST_LATITUDE = 0x14,
    TAG_GPS_DEST_LONGITUDE = 0x16,
};

enum type { TYPE_BYTE = 1, TYPE_SHORT = 3, TYPE_LONG = 4, TYPE_IFD = 13 };

struct directories {
    uint32_t offset[MAX_DIRECTORIES];
    unsigned count;
};

/* EXIF in a file (source) or in memory (data). */
struct tiff {
    const struct source *source;
    int64_t base;
    unsigned char *data;
    size_t len;
    bool big; /* big-endian */
    struct directories plain, gps;
    unsigned lookups; /* of lists of directories, so that they cannot be endless */
    struct image_info *info;
    struct error *err;
};

struct entry {
    unsigned tag, type;
    uint32_t count;
    const unsigned char *value; /* four bytes: the value or where it is */
};

/* 1, 0 when that is outside, -1. */
static int get(const struct tiff *t, uint64_t offset, void *out, size_t len)
{
    if (offset > t->len || len > t->len - offset) {
        return 0;
    }
    if (!t->data) {
        return source_at(t->source, t->base + (int64_t)offset, out, len, t->err);
    }
    memcpy(out, t->data + offset, len);
    return 1;
}

static unsigned get16(const struct tiff *t, const unsigned char *p)
{
    return t->big ? get_be16(p) : get_le16(p);
}

static uint32_t get32(const struct tiff *t, const unsigned char *p)
{
    return t->big ? get_be32(p) : get_le32(p);
}

static void remember(struct directories *d, uint32_t offset)
{
    for (unsigned i = 0; i < d->count; i++) {
        if (d->offset[i] == offset) {
            return;
        }
    }
    if (offset != 0 && d->count < MAX_DIRECTORIES) {
        d->offset[d->count++] = offset;
    }
}

/* Some writers put a wrong prefix before the TIFF header in PNG and WebP. */
static size_t prefix_length(const unsigned char *p, size_t len)
{
    return len >= 6 && memcmp(p, "Exif\0", 5) == 0 ? 6 : 0;
}

/* Step over a prefix, learn the byte order and where IFD0 is: 1, 0, -1. */
static int open_tiff(struct tiff *t)
{
    unsigned char head[14];
    size_t len = t->len < sizeof head ? t->len : sizeof head;
    int got = get(t, 0, head, len);
    if (got <= 0) {
        return got;
    }
    size_t prefix = prefix_length(head, len);
    if (len < prefix + 8) {
        return 0;
    }
    const unsigned char *p = head + prefix;
    if (memcmp(p, "MM\0*", 4) == 0) {
        t->big = true;
    } else if (memcmp(p, "II*\0", 4) != 0) {
        return 0;
    }
    t->base += (int64_t)prefix;
    t->len -= prefix;
    if (t->data) {
        t->data += prefix;
    }
    remember(&t->plain, get32(t, p + 4));
    return 1;
}

/* How many whole entries of the directory are really there: -1 on failure. */
static int64_t entry_count(const struct tiff *t, uint32_t offset)
{
    unsigned char p[2];
    int got = get(t, offset, p, sizeof p);
    if (got <= 0) {
        return got;
    }
    int64_t there = ((int64_t)t->len - (int64_t)offset - 2) / ENTRY;
    int64_t claimed = get16(t, p);
    return claimed < there ? claimed : there;
}

typedef void on_entry(struct tiff *t, uint32_t directory, const struct entry *entry);

/* Call EACH for all entries of a directory. -1 on failure. */
static int each_entry(struct tiff *t, uint32_t offset, on_entry *each)
{
    unsigned char batch[BATCH * ENTRY];
    int64_t count = entry_count(t, offset);
    for (int64_t at = 0; at < count; at += BATCH) {
        size_t n = count - at < BATCH ? (size_t)(count - at) : BATCH;
        uint64_t from = (uint64_t)offset + 2 + (uint64_t)at * ENTRY;
        int got = get(t, from, batch, n * ENTRY);
        if (got <= 0) {
            return got;
        }
        for (size_t i = 0; i < n; i++) {
            const unsigned char *p = batch + i * ENTRY;
            struct entry entry = { get16(t, p), get16(t, p + 2), get32(t, p + 4), p + 8 };
            each(t, offset, &entry);
        }
    }
    return count < 0 ? -1 : 0;
}

static void note_orientation(struct tiff *t, const struct entry *e)
{
    uint32_t value;
    if (e->count != 1) {
        return;
    }
    switch (e->type) {
    case TYPE_BYTE:
        value = e->value[0];
        break;
    case TYPE_SHORT:
        value = get16(t, e->value);
        break;
    case TYPE_LONG:
        value = get32(t, e->value);
        break;
    default:
        return;
    }
    t->info->has_orientation = true;
    t->info->orientation = value >= 1 && value <= 8 ? (uint8_t)value : 1;
}

/* One directory is named in the entry itself, several in a list elsewhere. */
static void remember_list(struct tiff *t, const struct entry *e)
{
    if (e->count == 1) {
        remember(&t->plain, get32(t, e->value));
        return;
    }
    for (uint32_t i = 0; i < e->count && t->lookups < MAX_LOOKUPS; i++) {
        unsigned char p[4];
        t->lookups++;
        if (get(t, (uint64_t)get32(t, e->value) + 4 * (uint64_t)i, p, sizeof p) == 1) {
            remember(&t->plain, get32(t, p));
        }
    }
}

static void on_plain_entry(struct tiff *t, uint32_t directory, const struct entry *e)
{
    switch (e->tag) {
    case TAG_ORIENTATION:
        if (directory == t->plain.offset[0] && !t->info->has_orientation) {
            note_orientation(t, e);
        }
        break;
    case TAG_GPS_IFD:
        t->info->may_hide_gps = true; /* times and heights, if not a position */
        remember(&t->gps, get32(t, e->value));
        break;
    case TAG_EXIF_IFD:
        remember(&t->plain, get32(t, e->value));
        break;
    case TAG_SUB_IFDS:
        remember_list(t, e);
        break;
    default:
        break;
    }
}

static void on_gps_entry(struct tiff *t, uint32_t directory, const struct entry *e)
{
    (void)directory;
    if (e->count > 0 && (e->tag == TAG_GPS_LATITUDE || e->tag == TAG_GPS_LONGITUDE ||
                         e->tag == TAG_GPS_DEST_LATITUDE ||
                         e->tag == TAG_GPS_DEST_LONGITUDE)) {
        t->info->has_gps = true;
    }
}

/* Find all directories; what they say goes to t->info. 1, 0 for no TIFF, -1. */
static int survey(struct tiff *t)
{
    int got = open_tiff(t);
    if (got <= 0) {
        return got;
    }
    for (unsigned i = 0; i < t->plain.count; i++) {
        uint32_t offset = t->plain.offset[i];
        if (each_entry(t, offset, on_plain_entry) < 0) {
            return -1;
        }
        int64_t count = entry_count(t, offset);
        unsigned char p[4];
        if (count < 0) {
            return -1;
        }
        if (count == 0) {
            continue;
        }
        got = get(t, (uint64_t)offset + 2 + (uint64_t)count * ENTRY, p, sizeof p);
        if (got < 0) {
            return -1;
        }
        if (got > 0) {
            remember(&t->plain, get32(t, p));
        }
    }
    for (unsigned i = 0; i < t->gps.count; i++) {
        if (each_entry(t, t->gps.offset[i], on_gps_entry) < 0) {
            return -1;
        }
    }
    return 1;
}

int exif_read(struct source *s, int64_t offset, size_t len, struct image_info *info,
              struct error *err)
{
    struct tiff t = { .source = s, .base = offset, .len = len, .info = info, .err = err };
    return survey(&t) < 0 ? -1 : 0;
}

static void on_mpf_entry(struct tiff *t, uint32_t directory, const struct entry *e)
{
    (void)directory;
    if (e->tag == TAG_MPF_PICTURES && e->type == TYPE_LONG && e->count == 1 &&
        get32(t, e->value) > 1) {
        t->info->pictures = get32(t, e->value);
    }
}

int mpf_read(struct source *s, int64_t offset, size_t len, struct image_info *info,
             struct error *err)
{
    struct tiff t = { .source = s, .base = offset, .len = len, .info = info, .err = err };
    int got = open_tiff(&t);
    return got > 0 ? each_entry(&t, t.plain.offset[0], on_mpf_entry) : got;
}

static size_t value_size(const struct tiff *t, const struct entry *e)
{
    static const unsigned char sizes[] = { 0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4 };
    uint64_t size = e->type < sizeof sizes ? sizes[e->type] : 0;
    size *= e->count;
    return size > t->len ? t->len : (size_t)size;
}

static void zero(struct tiff *t, uint64_t offset, uint64_t len)
{
    if (offset < t->len) {
        uint64_t there = t->len - offset;
        memset(t->data + offset, 0, len < there ? (size_t)len : (size_t)there);
    }
}

static void wipe_value(struct tiff *t, uint32_t directory, const struct entry *e)
{
    (void)directory;
    size_t size = value_size(t, e);
    if (size > 4) {
        zero(t, get32(t, e->value), size);
    }
}

/* Take entries that point to a GPS directory out of this one. */
static bool remove_pointers(struct tiff *t, uint32_t offset)
{
    int64_t count = entry_count(t, offset);
    int64_t kept = 0;
    if (count <= 0) {
        return false;
    }
    unsigned char *first = t->data + offset + 2;
    for (int64_t i = 0; i < count; i++) {
        const unsigned char *p = first + i * ENTRY;
        if (get16(t, p) != TAG_GPS_IFD) {
            memmove(first + kept * ENTRY, p, ENTRY);
            kept++;
        }
    }
    if (kept == count) {
        return false;
    }
    size_t gone = (size_t)(count - kept);
    unsigned char *size = t->data + offset;
    size_t left = get16(t, size) - gone;
    size[t->big ? 0 : 1] = (unsigned char)(left >> 8);
    size[t->big ? 1 : 0] = (unsigned char)left;

    /* The offset of the next directory follows the entries. */
    uint64_t tail = (uint64_t)offset + 2 + (uint64_t)count * ENTRY;
    size_t next = t->len - tail < 4 ? (size_t)(t->len - tail) : 4;
    memmove(first + kept * ENTRY, t->data + tail, next);
    memset(first + kept * ENTRY + next, 0, gone * ENTRY);
    return true;
}

static bool same_orientation(const struct image_info *a, const struct image_info *b)
{
    return a->has_orientation == b->has_orientation && a->orientation == b->orientation;
}

static struct image_info examine(unsigned char *data, size_t len)
{
    struct error ignored = ERROR_INIT;
    struct image_info info = { .orientation = 1 };
    struct tiff t = { .data = data, .len = len, .info = &info, .err = &ignored };
    survey(&t);
    return info;
}

static void keep_orientation_only(unsigned char *data, size_t len, uint8_t orientation)
{
    unsigned char minimal[EXIF_MINIMAL_SIZE];
    exif_minimal(minimal, orientation);
    memset(data, 0, len);
    memcpy(data, minimal, len < sizeof minimal ? len : sizeof minimal);
}

bool exif_wipe_gps(unsigned char *data, size_t len)
{
    struct error ignored = ERROR_INIT;
    struct image_info before = { .orientation = 1 };
    struct tiff t = { .data = data, .len = len, .info = &before, .err = &ignored };
    if (survey(&t) <= 0) {
        return false;
    }
    bool changed = t.gps.count > 0;
    for (unsigned i = 0; i < t.gps.count; i++) {
        uint32_t offset = t.gps.offset[i];
        int64_t count = entry_count(&t, offset);
        each_entry(&t, offset, wipe_value);
        if (count > 0) {
            zero(&t, offset, 2 + (uint64_t)count * ENTRY + 4);
        }
    }
    for (unsigned i = 0; i < t.plain.count; i++) {
        changed |= remove_pointers(&t, t.plain.offset[i]);
    }
    struct image_info after = examine(data, len);
    if (t.gps.count > 0 && (after.has_gps || !same_orientation(&before, &after))) {
        keep_orientation_only(t.data, t.len, before.orientation);
        changed = true;
    }
    return changed;
}

void exif_minimal(unsigned char out[EXIF_MINIMAL_SIZE], uint8_t orientation)
{
    static const unsigned char blank[EXIF_MINIMAL_SIZE] = {
        'M', 'M', 0, '*', 0, 0, 0, 8, 0, 1, 0x01, 0x12, 0, TYPE_SHORT, 0, 0, 0, 1,
    };
    memcpy(out, blank, sizeof blank);
    out[19] = orientation;
}
