#include <string.h>
#include <strings.h>

#include "image_parts.h"

struct signature {
    size_t offset;
    size_t len;
    const char *bytes;
    const char *what;
};

#define AT(offset, bytes, what) { offset, sizeof(bytes) - 1, bytes, what }

/* A picture of ours that something has spoilt on the way here. */
static const struct signature spoilt[] = {
    AT(0, "\x89PNG\n\x1a\n", "a PNG whose line ends were changed in a text transfer"),
    AT(0, "\x89PNG\r\r", "a PNG whose line ends were changed in a text transfer"),
    AT(0, "\x89PNG\r\n\x1a\r\n", "a PNG whose line ends were changed in a text transfer"),
    AT(0, "\x89PNG\n\x1a\r\n", "a PNG whose line ends were changed in a text transfer"),
    AT(0, "\xc3\xbf\xc3\x98\xc3\xbf", "a JPEG that was converted to UTF-8 like a text"),
    AT(0, "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd",
       "a JPEG that was converted to UTF-8 like a text"),
    AT(0, "\xc2\x89PNG", "a PNG that was converted to UTF-8 like a text"),
    AT(0, "\xef\xbf\xbdPNG", "a PNG that was converted to UTF-8 like a text"),
    AT(0, "\xef\xbb\xbf\x89PNG", "a PNG with a byte order mark before it"),
    AT(0, "\xef\xbb\xbf\xff\xd8\xff", "a JPEG with a byte order mark before it"),
    AT(0, "\n\xff\xd8\xff", "a JPEG with a line end before it"),
    AT(0, "\r\n\xff\xd8\xff", "a JPEG with a line end before it"),
    AT(0, "\n\x89PNG", "a PNG with a line end before it"),
    AT(0, "\r\n\x89PNG", "a PNG with a line end before it"),
};

static const char lfs_pointer[] = "a Git LFS pointer";

static const struct signature foreign[] = {
    AT(0, "GIF8", "a GIF picture"),
    AT(4, "ftypavif", "an AVIF picture"),
    AT(4, "ftypavis", "an AVIF picture"),
    AT(4, "ftypheic", "a HEIC picture"),
    AT(4, "ftypheix", "a HEIC picture"),
    AT(4, "ftyphevc", "a HEIC picture"),
    AT(4, "ftypheim", "a HEIC picture"),
    AT(4, "ftypheis", "a HEIC picture"),
    AT(4, "ftypmif1", "a HEIF picture"),
    AT(4, "ftypmsf1", "a HEIF picture"),
    AT(4, "ftypcrx ", "a raw photo (CR3)"),
    AT(4, "ftyp", "a video"),
    AT(0, "\x1a\x45\xdf\xa3", "a video"),
    AT(0, "%PDF", "a PDF document"),
    AT(0, "%!PS", "a PostScript document"),
    AT(0, "BM", "a BMP picture"),
    AT(0, "II*\0", "a TIFF picture or a raw photo"),
    AT(0, "MM\0*", "a TIFF picture or a raw photo"),
    AT(0, "8BPS", "a Photoshop document"),
    AT(0, "\0\0\1\0", "an icon (ICO)"),
    AT(0, "\xff\x0a", "a JPEG XL picture"),
    AT(0, "\0\0\0\x0cJXL ", "a JPEG XL picture"),
    AT(0, "\0\0\0\x0cjP  ", "a JPEG 2000 picture"),
    AT(0, "\xff\x4f\xff\x51", "a JPEG 2000 picture"),
    AT(0, "\x8aMNG", "an MNG animation"),
    AT(0, "PK\3\4", "a ZIP archive or an office document"),
    AT(0, "\x1f\x8b", "a gzip file"),
    AT(0, "\x7f" "ELF", "a program"),
    AT(8, "AVI ", "a video"),
    AT(8, "WAVE", "a sound"),
    AT(0, "ID3", "a sound"),
    AT(0, "version https://git-lfs.", lfs_pointer),
    AT(0, "data:image/", "a data: URL as text"),
};

static const struct signature texts[] = {
    AT(0, "<!doctype html", "an HTML page"),
    AT(0, "<html", "an HTML page"),
    AT(0, "<head", "an HTML page"),
    AT(0, "<svg", "an SVG drawing"),
    AT(0, "<!doctype svg", "an SVG drawing"),
    AT(0, "<?xml", "an XML document"),
    AT(0, "<", "an XML or HTML document"),
    AT(0, "{", "a JSON document"),
    AT(0, "[", "a JSON document"),
};

#define COUNT(array) (sizeof(array) / sizeof *(array))

static const char *find(const struct signature *table, size_t count,
                        const unsigned char *head, size_t len)
{
    for (size_t i = 0; i < count; i++) {
        const struct signature *s = &table[i];
        if (len >= s->offset + s->len &&
            memcmp(head + s->offset, s->bytes, s->len) == 0) {
            return s->what;
        }
    }
    return NULL;
}

/* Markup and JSON, after blanks and a byte order mark, whatever the case. */
static const char *find_text(const unsigned char *head, size_t len)
{
    if (len >= 3 && memcmp(head, "\xef\xbb\xbf", 3) == 0) {
        head += 3;
        len -= 3;
    }
    while (len > 0 && (*head == ' ' || *head == '\t' || *head == '\r' || *head == '\n')) {
        head++;
        len--;
    }
    for (size_t i = 0; i < COUNT(texts); i++) {
        if (len >= texts[i].len &&
            strncasecmp((const char *)head, texts[i].bytes, texts[i].len) == 0) {
            if (strcmp(texts[i].what, "an XML document") == 0 &&
                memmem(head, len, "<svg", 4)) {
                return "an SVG drawing";
            }
            return texts[i].what;
        }
    }
    return NULL;
}

int image_foreign(const unsigned char *head, size_t len, struct error *err)
{
    if (len == 0) {
        return error_set(err, ERROR_IMAGE_TYPE, "the file is empty");
    }
    const char *what = find(spoilt, COUNT(spoilt), head, len);
    if (what) {
        error_set(err, ERROR_IMAGE_CORRUPT, "this is %s", what);
        return error_hint(err, "fetch the picture again, as binary data");
    }
    what = find(foreign, COUNT(foreign), head, len);
    if (!what) {
        what = find_text(head, len);
    }
    if (what) {
        error_set(err, ERROR_IMAGE_TYPE, "this is %s, not a JPEG, PNG or WebP", what);
    } else {
        error_set(err, ERROR_IMAGE_TYPE, "this is no JPEG, PNG or WebP");
    }
    if (what == lfs_pointer) {
        return error_hint(err, "git lfs pull");
    }
    return error_hint(err, "JPEG, PNG and WebP are supported; the content counts, "
                           "not the file's name");
}
