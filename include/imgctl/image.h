/*
 * image.h - what a picture file says about itself, and taking out of it what
 * is private, without decoding a pixel.
 *
 * The content decides what a file is, never its name. Every number in it is
 * hostile until checked: nothing is allocated by a size that a file claims, no
 * walk is longer than the file, and the file may change under us.
 *
 * Width and height in a struct image_info are as seen, after the orientation
 * in EXIF (JPEG APP1, PNG eXIf, WebP EXIF); a value outside 1..8 counts as 1,
 * the first orientation tag of IFD0 counts, XMP is not asked.
 *
 * Damage is what the container shows: what only a decoder of pixels can see (a
 * flipped bit in coded data) passes. A JPEG may be baseline, progressive or
 * arithmetic-coded, as libjpeg-turbo and Cloudinary read them; lossless,
 * hierarchical and 12-bit ones, and PNG in Apple's CgBI form, are
 * ERROR_IMAGE_TYPE; a JPEG whose height comes after its data (DNL) counts as
 * damaged. More than 100 scans in a JPEG are ERROR_IMAGE_LIMIT.
 */
#ifndef IMGCTL_IMAGE_H
#define IMGCTL_IMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "imgctl/buf.h"
#include "imgctl/error.h"

enum image_format { IMAGE_NONE, IMAGE_JPEG, IMAGE_PNG, IMAGE_WEBP };

/* How colours are stored. A lossy WebP is YCbCr, a lossless one RGB. */
enum image_space {
    SPACE_UNKNOWN, /* a JPEG of two components */
    SPACE_GREY,
    SPACE_RGB,
    SPACE_YCBCR,
    SPACE_CMYK,
    SPACE_YCCK,
    SPACE_PALETTE,
};

/* What the numbers mean: by a PNG's chunk cICP, else by the ICC profile's description,
 * else by a PNG's chunk sRGB. */
enum image_profile {
    PROFILE_NONE,
    PROFILE_SRGB,
    PROFILE_DISPLAY_P3,
    PROFILE_ADOBE_RGB,
    PROFILE_OTHER, /* another, or one that cannot be read */
};

struct image_info {
    enum image_format format;
    uint32_t width, height;   /* as seen */
    uint8_t orientation;      /* 1..8 */
    bool has_orientation;     /* a tag said so */
    bool has_gps;             /* a position in EXIF, in a PNG's text "exif:GPS..." or
                                 "xmp:GPS...", in XMP up to 1 MiB that is not
                                 compressed, or in the copies of EXIF and XMP by
                                 Photoshop, of the (first) picture */
    bool may_hide_gps;        /* only of image_check(): there is what has_gps does not
                                 speak of, such as a second picture; false says that
                                 STRIP_GPS has nothing to do if has_gps is false, too */
    bool has_alpha;           /* an alpha channel or a transparent colour */
    bool is_animated;
    uint32_t frames;          /* 1 for a still picture; pictures of an animation,
                                 with one that only others show (APNG) */
    bool is_progressive;      /* progressive JPEG, interlaced PNG */
    bool is_arithmetic;       /* a JPEG coded in the way that browsers do not read */
    bool has_profile;         /* an ICC profile, all of its pieces */
    bool has_gain_map;        /* brighter colours for HDR screens (Ultra HDR) */
    bool is_stereo;           /* a stereo JPEG (JPS) */
    uint32_t pictures;        /* 1, or as many as a JPEG's multi-picture index (MPF)
                                 says: MPO, a gain map, a preview */
    enum image_space space;
    enum image_profile profile;
    uint8_t bits;             /* per channel */
    uint8_t channels;         /* stored: JPEG components, PNG samples */
};

/* 0 is no limit. */
struct image_limits {
    int64_t bytes;            /* of the file */
    int64_t pixels;           /* width x height, all frames counted once */
    int64_t side;             /* longest side */
};

/* The limits used where configuration says nothing else: 10 MiB, 100 megapixels,
 * 65535 a side. */
extern const struct image_limits image_default_limits;

const char *image_profile_name(enum image_profile profile); /* "Display P3"; "none" */
const char *image_mime(enum image_format format);      /* "image/jpeg" */
const char *image_extension(enum image_format format); /* "jpg" */

/* The format by the first bytes; 16 are enough. */
enum image_format image_sniff(const void *head, size_t len);

/*
 * Headers only: a few small reads at offsets. A JPEG is read to its first scan, a
 * WebP from chunk to chunk, a PNG too, but not further than 4096 chunks. FD is a
 * regular file of SIZE bytes; its position does not matter and is not moved.
 * Errors: ERROR_IMAGE_TYPE (no JPEG, PNG, WebP; or a kind of one that no reader
 * takes, such as lossless JPEG), ERROR_IMAGE_CORRUPT, ERROR_IMAGE_LIMIT.
 */
int image_probe(int fd, int64_t size, const struct image_limits *limits,
                struct image_info *ret, struct error *err);

/*
 * The same, and a JPEG must end as one: where the last bytes are no end marker, it is
 * read as image_check() reads it. So a file that was cut off is found, at the price of
 * one more small read for all that are whole; damage in the middle is not. A
 * progressive one is read so in any case, because else its scans cannot be counted.
 */
int image_examine(int fd, int64_t size, const struct image_limits *limits,
                  struct image_info *ret, struct error *err);

/*
 * The same for a whole file, and is it all there? Walks the container to its
 * end: JPEG markers to EOI, PNG chunks to IEND with the checksums of those that
 * a decoder needs, WebP chunks to the length in RIFF. Bytes after the end are
 * allowed. Reads every byte once, in pieces; EACH (may be NULL) sees all pieces of
 * the file in order and to its last byte, so that a digest costs no second reading.
 * It is called for the whole file even when the answer is an error, unless the file
 * is larger than limits->bytes (then nothing is read) or reading failed (ERROR_FILE).
 */
int image_check(int fd, int64_t size, const struct image_limits *limits,
                void (*each)(void *cookie, const void *data, size_t len), void *cookie,
                struct image_info *ret, struct error *err);

/*
 * STRIP_GPS empties the GPS directories of EXIF and what is named GPS..., ...Latitude or
 * ...Longitude in XMP, also in pictures appended to a JPEG (Ultra HDR, MPO) and in the
 * copies of both that Photoshop's resources can have (APP13), and drops PNG texts that
 * may hide or repeat them (compressed XMP, "Raw profile type exif", "exif:GPS...",
 * "xmp:GPS...").
 * It does not reach a maker's private notes, IPTC place names, or a video appended
 * to a JPEG: for those there is STRIP_ALL, which keeps only what a decoder needs, the
 * colour profile and the orientation, and cuts what follows the picture.
 */
enum image_strip {
    STRIP_NONE,
    STRIP_GPS, /* the position, in EXIF and XMP; all else stays */
    STRIP_ALL, /* EXIF, XMP, IPTC, comments, text; orientation and colour stay */
};

/*
 * Write the picture to OUT_FD without its private metadata. Pixels are copied
 * as they are. Returns 1 if something was taken out; 0 if there was nothing to
 * take (OUT_FD is then untouched: use the original); -1 on error. The result is
 * again a picture that image_check() accepts if it accepts the original, with the
 * same size and orientation. Works in bounded memory: metadata over 16 MiB is
 * ERROR_IMAGE_LIMIT. ERROR_FAILED when OUT_FD cannot be written.
 */
int image_strip(int fd, int64_t size, enum image_strip what, int out_fd,
                struct error *err);

#endif
