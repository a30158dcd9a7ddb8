#include "jpeg.h"

#include "exif.h"
#include "icc.h"
#include "image_parts.h"
#include "imgctl/mem.h"
#include "irb.h"
#include "xmp.h"

/* Progressive encoders write some ten scans; decoding costs scans times pixels. */
enum { MAX_SCANS = 100 };
enum { MAX_COMPONENTS = 4 };

struct jpeg_state {
    struct source *source;
    const struct image_limits *limits;
    struct image_info *info;
    struct error *err;
    bool has_frame;
    unsigned char ids[MAX_COMPONENTS];
    unsigned char tables[MAX_COMPONENTS]; /* the quantisation table of each */
    unsigned tables_seen;                 /* a bit each */
    unsigned scans;
    bool has_jfif, has_adobe, has_exif, has_resources;
    unsigned transform;                   /* what the Adobe marker says of colours */
    unsigned profile_count;               /* pieces that the profile claims to have */
    unsigned profile_seen;
    bool profile_wrong;
    unsigned char profile_piece[256 / 8];
};

static int corrupt(struct jpeg_state *j, const char *what)
{
    return error_set(j->err, ERROR_IMAGE_CORRUPT, "%s", what);
}

/* LEN bytes of the payload at the source, or NULL with OTHERWISE as the message. */
static const unsigned char *want(struct jpeg_state *j, const struct jpeg_part *part,
                                 size_t len, const char *otherwise)
{
    const unsigned char *p = NULL;
    if (part->end - j->source->pos < (int64_t)len) {
        corrupt(j, otherwise);
        return NULL;
    }
    return source_peek(j->source, len, &p, j->err) < 0 ? NULL : p;
}

static int frame_kind(struct jpeg_state *j, int marker)
{
    switch (marker) {
    case JPEG_SOF2:
    case JPEG_SOF10:
        j->info->is_progressive = true;
        j->info->is_arithmetic = marker == JPEG_SOF10;
        return 0;
    case JPEG_SOF0:
    case JPEG_SOF1:
    case JPEG_SOF9:
        j->info->is_arithmetic = marker == JPEG_SOF9;
        return 0;
    case 0xC3:
    case 0xCB:
        return error_set(j->err, ERROR_IMAGE_TYPE,
                         "a lossless JPEG, which hardly any program reads");
    default:
        return error_set(j->err, ERROR_IMAGE_TYPE,
                         "a hierarchical JPEG, which hardly any program reads");
    }
}

static int read_components(struct jpeg_state *j, const unsigned char *p, unsigned count)
{
    for (unsigned i = 0; i < count; i++, p += 3) {
        unsigned h = p[1] >> 4, v = p[1] & 15;
        if (h < 1 || h > 4 || v < 1 || v > 4 || p[2] > 3) {
            return corrupt(j, "the frame header is damaged");
        }
        j->ids[i] = p[0];
        j->tables[i] = p[2];
    }
    return 0;
}

static int read_frame(struct jpeg_state *j, const struct jpeg_part *part)
{
    const unsigned char *p;
    struct image_info *info = j->info;
    if (j->has_frame) {
        return corrupt(j, "two frame headers");
    }
    if (frame_kind(j, part->marker) < 0) {
        return -1;
    }
    p = want(j, part, 6, "the frame header is too short");
    if (!p) {
        return -1;
    }
    unsigned count = p[5];
    info->bits = p[0];
    info->height = get_be16(p + 1);
    info->width = get_be16(p + 3);
    info->channels = (uint8_t)count;
    if (info->bits != 8) {
        return error_set(j->err, ERROR_IMAGE_TYPE,
                         "a JPEG of %d bits a channel, which hardly any program reads",
                         info->bits);
    }
    if (info->width == 0 || info->height == 0) {
        return corrupt(j, info->width ? "the height is 0" : "the width is 0");
    }
    if (count == 0) {
        return corrupt(j, "no colour components");
    }
    if (count > MAX_COMPONENTS) {
        return error_set(j->err, ERROR_IMAGE_TYPE,
                         "a JPEG of %u colour components, at most 4 have a meaning",
                         count);
    }
    j->has_frame = true;
    p = want(j, part, 6 + 3 * (size_t)count, "the frame header is too short");
    if (!p || read_components(j, p + 6, count) < 0) {
        return -1;
    }
    return image_within(j->limits, info->width, info->height, j->err);
}

static int read_quantisation(struct jpeg_state *j, const struct jpeg_part *part)
{
    static const char wrong[] = "a quantisation table is damaged";
    while (j->source->pos < part->end) {
        const unsigned char *p = want(j, part, 1, wrong);
        if (!p) {
            return -1;
        }
        unsigned wide = p[0] >> 4, table = p[0] & 15;
        size_t size = 1 + (wide ? 128 : 64);
        if (wide > 1 || table > 3 || part->end - j->source->pos < (int64_t)size) {
            return corrupt(j, wrong);
        }
        j->tables_seen |= 1U << table;
        if (source_go(j->source, j->source->pos + (int64_t)size, j->err) < 0) {
            return -1;
        }
    }
    return 0;
}

/* Do the code lengths in P[1..16] make a prefix code? */
static bool is_prefix_code(const unsigned char *p, unsigned *symbols)
{
    unsigned code = 0, total = 0;
    for (unsigned bits = 1; bits <= 16; bits++) {
        code += p[bits];
        total += p[bits];
        if (code > 1U << bits) {
            return false;
        }
        code <<= 1;
    }
    *symbols = total;
    return total <= 256;
}

static int read_huffman(struct jpeg_state *j, const struct jpeg_part *part)
{
    static const char wrong[] = "a Huffman table is damaged";
    while (j->source->pos < part->end) {
        unsigned symbols;
        const unsigned char *p = want(j, part, 17, wrong);
        if (!p) {
            return -1;
        }
        if ((p[0] & ~0x13) != 0 || !is_prefix_code(p, &symbols) ||
            part->end - j->source->pos < 17 + (int64_t)symbols) {
            return corrupt(j, wrong);
        }
        if (source_go(j->source, j->source->pos + 17 + symbols, j->err) < 0) {
            return -1;
        }
    }
    return 0;
}

/* Every component of the scan must be in the frame, once, and have its table. */
static int check_components(struct jpeg_state *j, const unsigned char *p, unsigned count)
{
    unsigned used = 0;
    for (unsigned i = 0; i < count; i++, p += 2) {
        unsigned c = 0;
        while (c < j->info->channels && (j->ids[c] != *p || (used >> c & 1))) {
            c++;
        }
        if (c == j->info->channels) {
            return corrupt(j, "a scan names a colour component that is not there");
        }
        if (!(j->tables_seen >> j->tables[c] & 1)) {
            return corrupt(j, "a quantisation table is missing");
        }
        used |= 1U << c;
    }
    return 0;
}

static int read_scan(struct jpeg_state *j, const struct jpeg_part *part)
{
    static const char wrong[] = "a scan header is damaged";
    const unsigned char *p;
    if (!j->has_frame) {
        return corrupt(j, "a scan without a frame header");
    }
    if (++j->scans > MAX_SCANS) {
        return error_set(j->err, ERROR_IMAGE_LIMIT,
                         "more than %d scans, which take very long to decode", MAX_SCANS);
    }
    p = want(j, part, 1, wrong);
    if (!p) {
        return -1;
    }
    unsigned count = p[0];
    if (count < 1 || count > MAX_COMPONENTS ||
        part->end - part->payload != 4 + 2 * (int64_t)count) {
        return corrupt(j, wrong);
    }
    p = want(j, part, 4 + 2 * (size_t)count, wrong);
    if (!p) {
        return -1;
    }
    return check_components(j, p + 1, count);
}

/* An ICC profile counts when all of its pieces are there. */
static void note_profile(struct jpeg_state *j, const unsigned char *p, size_t len)
{
    if (len < 14 || p[12] == 0 || p[12] > p[13] ||
        (j->profile_count != 0 && p[13] != j->profile_count) ||
        (j->profile_piece[p[12] / 8] >> p[12] % 8 & 1)) {
        j->profile_wrong = true;
        return;
    }
    j->profile_piece[p[12] / 8] |= (unsigned char)(1U << p[12] % 8);
    j->profile_count = p[13];
    j->profile_seen++;
}

/* What the profile is, its first piece tells. */
static int read_profile(struct jpeg_state *j, const struct jpeg_part *part,
                        const unsigned char *p, size_t head)
{
    bool first = head > JPEG_ICC_HEAD && p[12] == 1;
    note_profile(j, p, head);
    return !first ? 0
                  : icc_read(j->source, part->payload + JPEG_ICC_HEAD,
                             (size_t)(part->end - part->payload) - JPEG_ICC_HEAD,
                             j->info, j->err);
}

/* As libjpeg guesses it. */
static enum image_space colour_space(const struct jpeg_state *j)
{
    const unsigned char *id = j->ids;
    switch (j->info->channels) {
    case 1:
        return SPACE_GREY;
    case 3:
        if (j->has_jfif) {
            return SPACE_YCBCR;
        }
        return (j->has_adobe ? j->transform == 0
                             : id[0] == 'R' && id[1] == 'G' && id[2] == 'B')
                   ? SPACE_RGB
                   : SPACE_YCBCR;
    case 4:
        return j->has_adobe && j->transform == 2 ? SPACE_YCCK : SPACE_CMYK;
    default:
        return SPACE_UNKNOWN;
    }
}

/* Copies of EXIF and XMP: only whether they tell a position counts. */
static int read_resources(struct jpeg_state *j, int64_t offset, size_t len)
{
    struct image_info copy = { .orientation = 1 };
    AUTO_FREE char *data = mem_alloc(len + 1);
    struct irb_part part;
    int got = source_at(j->source, offset, data, len, j->err);
    for (size_t at = 0; got > 0 && irb_next(data, len, &at, &part);) {
        int64_t from = offset + (int64_t)part.offset;
        got = (part.is_exif ? exif_read : xmp_read)(j->source, from, part.len, &copy,
                                                    j->err) < 0 ? -1 : 1;
    }
    j->info->has_gps |= copy.has_gps;
    j->info->may_hide_gps |= copy.may_hide_gps;
    return got < 0 ? -1 : 0;
}

static int read_app(struct jpeg_state *j, const struct jpeg_part *part)
{
    const unsigned char *p;
    ssize_t n = source_peek(j->source, JPEG_APP_HEAD, &p, j->err);
    if (n < 0) {
        return -1;
    }
    size_t len = (size_t)(part->end - part->payload);
    size_t head = (size_t)n < len ? (size_t)n : len;
    switch (jpeg_app(part->marker, p, head)) {
    case APP_JFIF:
        j->has_jfif = true;
        return 0;
    case APP_ADOBE:
        j->has_adobe = head >= 12;
        j->transform = head >= 12 ? p[11] : 0;
        return 0;
    case APP_ICC:
        return read_profile(j, part, p, head);
    case APP_MPF:
        return mpf_read(j->source, part->payload + JPEG_MPF_HEAD, len - JPEG_MPF_HEAD,
                        j->info, j->err);
    case APP_GAIN_MAP:
        j->info->has_gain_map = true;
        return 0;
    case APP_STEREO:
        j->info->is_stereo = true;
        return 0;
    case APP_EXIF:
        j->info->may_hide_gps |= j->has_exif; /* the second piece of one, perhaps */
        j->has_exif = true;
        if (len <= JPEG_EXIF_HEAD) {
            return 0;
        }
        return exif_read(j->source, part->payload + JPEG_EXIF_HEAD, len - JPEG_EXIF_HEAD,
                         j->info, j->err);
    case APP_PHOTOSHOP:
        j->info->may_hide_gps |= j->has_resources; /* one may go on in the next */
        j->has_resources = true;
        return read_resources(j, part->payload + JPEG_PHOTOSHOP_HEAD,
                              len - JPEG_PHOTOSHOP_HEAD);
    case APP_XMP:
        return xmp_read(j->source, part->payload + JPEG_XMP_HEAD, len - JPEG_XMP_HEAD,
                        j->info, j->err);
    case APP_XMP_MORE:
        j->info->may_hide_gps = true; /* in pieces that only make sense together */
        if (len <= JPEG_XMP_MORE_HEAD) {
            return 0;
        }
        return xmp_read(j->source, part->payload + JPEG_XMP_MORE_HEAD,
                        len - JPEG_XMP_MORE_HEAD, j->info, j->err);
    default:
        return 0;
    }
}

static bool is_frame(int marker)
{
    return marker >= JPEG_SOF0 && marker <= JPEG_SOF15 && marker != JPEG_DHT &&
           marker != JPEG_JPG && marker != JPEG_DAC;
}

/* Decoders give up at any other. */
static bool is_known(int marker)
{
    return marker == JPEG_SCAN || marker == JPEG_COM || marker == JPEG_DAC ||
           (marker >= JPEG_SOI && marker <= JPEG_DRI) ||
           (marker >= JPEG_APP0 && marker <= JPEG_APP15) || marker == JPEG_DHT;
}

static int read_part(struct jpeg_state *j, const struct jpeg_part *part)
{
    if (is_frame(part->marker)) {
        return read_frame(j, part);
    }
    if (!is_known(part->marker)) {
        return error_set(j->err, ERROR_IMAGE_CORRUPT, "a segment of unknown kind 0x%02X",
                         part->marker);
    }
    switch (part->marker) {
    case JPEG_SOI:
        return part->offset == 0 ? 0 : corrupt(j, "a second picture begins in the first");
    case JPEG_DHT:
        return read_huffman(j, part);
    case JPEG_DQT:
        return read_quantisation(j, part);
    case JPEG_SOS:
        return read_scan(j, part);
    case JPEG_APP0:
    case JPEG_APP1:
    case JPEG_APP2:
    case JPEG_APP3:
    case JPEG_APP13:
    case JPEG_APP14:
        j->info->may_hide_gps |= j->scans > 0 && (part->marker == JPEG_APP1 ||
                                                  part->marker == JPEG_APP13);
        return j->scans == 0 ? read_app(j, part) : 0;
    default:
        return 0;
    }
}

int jpeg_read(struct source *s, const struct image_limits *limits,
              struct image_info *info, struct error *err)
{
    struct jpeg_state j = { .source = s, .limits = limits, .info = info, .err = err };
    struct jpeg_walk walk;
    struct jpeg_part part;
    jpeg_walk_init(&walk, s, 0);
    do {
        if (jpeg_next(&walk, &part, err) < 0 || read_part(&j, &part) < 0) {
            return -1;
        }
    } while (part.marker != JPEG_EOI && (s->whole || part.marker != JPEG_SOS));
    if (j.scans == 0) {
        return corrupt(&j, j.has_frame ? "no picture data" : "no frame header");
    }
    info->has_profile = j.profile_count != 0 && j.profile_seen == j.profile_count &&
                        !j.profile_wrong;
    if (!info->has_profile) {
        info->profile = PROFILE_NONE;
    }
    info->may_hide_gps |= s->whole && part.end < s->size; /* a second picture, perhaps */
    info->space = colour_space(&j);
    return 0;
}
