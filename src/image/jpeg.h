/*
 * jpeg.h - a JPEG as a row of parts: marker segments and the coded data between.
 *
 * Read as forgivingly as libjpeg reads: rubbish before a marker and fill bytes
 * are stepped over, a segment length below 2 in an APPn or COM counts as 2.
 */
#ifndef JPEG_H
#define JPEG_H

#include "imgctl/image.h"
#include "source.h"

enum jpeg_marker {
    JPEG_SCAN = 0, /* not a marker: coded data */
    JPEG_TEM = 0x01,
    JPEG_SOF0 = 0xC0,
    JPEG_SOF1 = 0xC1,
    JPEG_SOF2 = 0xC2,
    JPEG_DHT = 0xC4,
    JPEG_JPG = 0xC8,
    JPEG_SOF9 = 0xC9,
    JPEG_SOF10 = 0xCA,
    JPEG_DAC = 0xCC,
    JPEG_SOF15 = 0xCF,
    JPEG_RST0 = 0xD0,
    JPEG_RST7 = 0xD7,
    JPEG_SOI = 0xD8,
    JPEG_EOI = 0xD9,
    JPEG_SOS = 0xDA,
    JPEG_DQT = 0xDB,
    JPEG_DNL = 0xDC,
    JPEG_DRI = 0xDD,
    JPEG_APP0 = 0xE0,
    JPEG_APP1 = 0xE1,
    JPEG_APP2 = 0xE2,
    JPEG_APP3 = 0xE3,
    JPEG_APP13 = 0xED,
    JPEG_APP14 = 0xEE,
    JPEG_APP15 = 0xEF,
    JPEG_COM = 0xFE,
};

struct jpeg_part {
    int marker;
    int64_t offset;  /* of the marker's 0xFF, or of the coded data */
    int64_t payload; /* after the length */
    int64_t end;     /* of the part */
};

struct jpeg_walk {
    struct source *source;
    int64_t next;    /* where the part that was given out ends */
    int64_t rubbish; /* bytes stepped over that are no marker and no fill */
    bool scan_next;
};

/* Begin at OFFSET, where SOI is. */
void jpeg_walk_init(struct jpeg_walk *w, struct source *s, int64_t offset);

/* The next part: 1, -1. The last one is EOI. The source stands at its payload;
 * the caller may peek but not go beyond part->end. */
int jpeg_next(struct jpeg_walk *w, struct jpeg_part *part, struct error *err);

/* What an APPn is, by the LEN bytes it begins with. */
enum jpeg_app {
    APP_OTHER,
    APP_JFIF,
    APP_EXIF,
    APP_XMP,
    APP_XMP_MORE,
    APP_ICC,
    APP_ADOBE,
    APP_MPF,
    APP_GAIN_MAP,
    APP_STEREO,
    APP_PHOTOSHOP,
};
enum jpeg_app jpeg_app(int marker, const unsigned char *head, size_t len);

#define JPEG_APP_HEAD 35 /* as many bytes as jpeg_app() wants to see */
#define JPEG_ICC_HEAD 14 /* "ICC_PROFILE\0", number and count of the pieces */
#define JPEG_MPF_HEAD 4 /* "MPF\0" */
#define JPEG_EXIF_HEAD 6 /* "Exif\0\0" */
#define JPEG_XMP_HEAD 29 /* "http://ns.adobe.com/xap/1.0/\0" */
#define JPEG_PHOTOSHOP_HEAD 14 /* "Photoshop 3.0\0" */
#define JPEG_XMP_MORE_HEAD 75 /* the name, a digest, the whole length, an offset */

/*
 * Fill INFO from the picture at the source's start. A seeking source is read to
 * the first scan, a whole one to EOI.
 */
int jpeg_read(struct source *s, const struct image_limits *limits,
              struct image_info *info, struct error *err);

#endif
