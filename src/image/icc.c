#include "icc.h"

#include <string.h>

enum { HEADER = 128, TABLE = HEADER + 4, TAG = 12, MAX_TAGS = 64, MAX_NAME = 128 };

/* Where the description is; false where the table does not say. */
static bool find_description(const unsigned char *p, size_t len, uint32_t *offset,
                             uint32_t *size)
{
    if (len < TABLE || memcmp(p + 16, "RGB ", 4) != 0) {
        return false;
    }
    uint32_t count = get_be32(p + HEADER);
    for (uint32_t i = 0; i < count && i < MAX_TAGS && TABLE + (i + 1) * TAG <= len; i++) {
        const unsigned char *tag = p + TABLE + (size_t)i * TAG;
        if (memcmp(tag, "desc", 4) == 0) {
            *offset = get_be32(tag + 4);
            *size = get_be32(tag + 8);
            return true;
        }
    }
    return false;
}

/* The description as ASCII: version 2 keeps it so, version 4 as UTF-16 of which the
 * first language counts. */
static void read_name(const unsigned char *p, size_t len, char name[MAX_NAME])
{
    size_t from = 12, step = 1, size = 0;
    if (len >= 28 && memcmp(p, "mluc", 4) == 0) {
        from = (size_t)get_be32(p + 24) + 1;
        size = get_be32(p + 20);
        step = 2;
    } else if (len >= 12 && memcmp(p, "desc", 4) == 0) {
        size = get_be32(p + 8);
    }
    size_t n = 0;
    for (size_t i = from; i < len && i - from < size && n < MAX_NAME - 1; i += step) {
        name[n++] = (char)p[i];
    }
    name[n] = '\0';
}

static enum image_profile kind_by_name(const char *name)
{
    static const struct { const char *part; enum image_profile kind; } known[] = {
        { "sRGB", PROFILE_SRGB },
        { "Display P3", PROFILE_DISPLAY_P3 },
        { "Adobe RGB", PROFILE_ADOBE_RGB },
        { "AdobeRGB", PROFILE_ADOBE_RGB },
    };
    /* The names of profiles that were made as small as they get. */
    static const struct { const char *name; enum image_profile kind; } tiny[] = {
        { "c2", PROFILE_SRGB },
        { "sP3", PROFILE_DISPLAY_P3 },
        { "sP3C", PROFILE_DISPLAY_P3 },
        { "A98C", PROFILE_ADOBE_RGB },
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (strstr(name, known[i].part)) {
            return known[i].kind;
        }
    }
    for (size_t i = 0; i < sizeof tiny / sizeof *tiny; i++) {
        if (strcmp(name, tiny[i].name) == 0) {
            return tiny[i].kind;
        }
    }
    return PROFILE_OTHER;
}

static enum image_profile kind_of(const unsigned char *description, size_t len)
{
    char name[MAX_NAME];
    read_name(description, len, name);
    return kind_by_name(name);
}

enum image_profile icc_kind(const unsigned char *data, size_t len)
{
    uint32_t offset, size;
    if (!find_description(data, len, &offset, &size) || offset > len) {
        return PROFILE_OTHER;
    }
    size_t there = len - offset;
    return kind_of(data + offset, size < there ? size : there);
}

int icc_read(struct source *s, int64_t offset, size_t len, struct image_info *info,
             struct error *err)
{
    unsigned char head[ICC_HEAD], description[2 * MAX_NAME + 28];
    uint32_t at, size;
    size_t n = len < sizeof head ? len : sizeof head;
    info->profile = PROFILE_OTHER;
    int got = source_at(s, offset, head, n, err);
    if (got <= 0 || !find_description(head, n, &at, &size) || at > len) {
        return got < 0 ? -1 : 0;
    }
    size_t there = len - at;
    size = size < there ? size : (uint32_t)there;
    n = size < sizeof description ? size : sizeof description;
    got = source_at(s, offset + at, description, n, err);
    if (got > 0) {
        info->profile = kind_of(description, n);
    }
    return got < 0 ? -1 : 0;
}
