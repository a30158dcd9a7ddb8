#include "cloudinary_transformation.h"

#include <string.h>

#include "imgctl/mem.h"
#include "imgctl/strlist.h"

#define THUMBNAIL_SIDE 300
#define LETTERS "abcdefghijklmnopqrstuvwxyz0123456789"

/* S, if it is given at all, must be a word of these characters. */
static int check_word(const char *what, const char *s, const char *characters,
                      struct error *err)
{
    if (s && (s[0] == '\0' || s[strspn(s, characters)] != '\0')) {
        return error_set(err, ERROR_USAGE, "\"%s\" is no %s", s, what);
    }
    return 0;
}

/* What the user wrote goes into the link as it is, so it must be a piece of one. */
static int check_raw(const char *s, struct error *err)
{
    size_t len = strlen(s);
    for (const char *p = s; *p; p++) {
        if (*p <= ' ' || *p >= 0x7f || strchr("?#\"<>\\", *p)) {
            error_set(err, ERROR_USAGE, "the transformation \"%s\" has a character that "
                      "cannot stand in a link", s);
            return error_hint(err, "write it percent-encoded, a blank as %%20");
        }
    }
    if (len == 0 || s[0] == '/' || s[len - 1] == '/' || strstr(s, "//")) {
        return error_set(err, ERROR_USAGE, "the transformation \"%s\" has an empty "
                         "component", s);
    }
    return 0;
}

static void add_size(struct strlist *parts, int width, int height)
{
    if (width > 0) {
        strlist_take(parts, mem_printf("w_%d", width));
    }
    if (height > 0) {
        strlist_take(parts, mem_printf("h_%d", height));
    }
}

static void choose_parts(struct strlist *parts, const struct link_options *o)
{
    bool is_original = o->kind == LINK_ORIGINAL;
    const char *format = o->format ? o->format : is_original ? NULL : "auto";
    const char *quality = o->quality ? o->quality : is_original ? NULL : "auto:good";
    if (o->kind == LINK_THUMBNAIL) {
        strlist_add(parts, "c_fill");
        strlist_add(parts, "g_auto");
        add_size(parts, o->width > 0 ? o->width : THUMBNAIL_SIDE,
                 o->height > 0 ? o->height : THUMBNAIL_SIDE);
    } else if (o->width > 0 || o->height > 0) {
        strlist_add(parts, "c_limit");
        add_size(parts, o->width, o->height);
    }
    if (format) {
        strlist_take(parts, mem_printf("f_%s", format));
    }
    if (quality) {
        strlist_take(parts, mem_printf("q_%s", quality));
    }
}

int cloudinary_transformation(struct buf *out, const struct link_options *o,
                              struct error *err)
{
    AUTO_STRLIST struct strlist parts = STRLIST_INIT;
    if (check_word("format", o->format, LETTERS, err) < 0 ||
        check_word("quality", o->quality, LETTERS ":_.", err) < 0) {
        return -1;
    }
    if (o->transformation) {
        if (check_raw(o->transformation, err) < 0) {
            return -1;
        }
        buf_addstr(out, o->transformation);
        return 0;
    }
    if (o->width < 0 || o->height < 0) {
        return error_set(err, ERROR_USAGE, "a picture cannot be %d x %d", o->width,
                         o->height);
    }
    choose_parts(&parts, o);
    strlist_sort(&parts);
    for (size_t i = 0; i < parts.len; i++) {
        buf_addf(out, "%s%s", i ? "," : "", parts.items[i]);
    }
    return 0;
}
