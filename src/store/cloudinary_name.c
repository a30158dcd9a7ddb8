#include "cloudinary_name.h"

#include <ctype.h>
#include <inttypes.h>
#include <string.h>

#include "imgctl/text.h"

#define SLUG_MAX 60
#define CONTENT_DIGITS 12
#define ID_MAX 255
#define EXTENSION_MAX 5

/* The length of NAME without its last extension: a dot and up to five letters or
 * digits. */
static size_t stem_length(const char *name)
{
    const char *dot = strrchr(name, '.');
    if (!dot) {
        return strlen(name);
    }
    size_t len = 0;
    while (isalnum((unsigned char)dot[1 + len])) {
        len++;
    }
    bool is_extension = len > 0 && len <= EXTENSION_MAX && dot[1 + len] == '\0';
    return is_extension ? (size_t)(dot - name) : strlen(name);
}

void cloudinary_slug(struct buf *out, const char *filename)
{
    size_t start = out->len;
    size_t stem = stem_length(filename);
    bool dash = false;
    for (size_t i = 0; i < stem; i++) {
        unsigned char c = (unsigned char)filename[i];
        if (c >= 0x80 || !isalnum(c)) {
            dash = out->len > start;
            continue;
        }
        if (out->len - start + dash >= SLUG_MAX) {
            break;
        }
        if (dash) {
            buf_addch(out, '-');
        }
        buf_addch(out, (char)tolower(c));
        dash = false;
    }
    if (out->len == start) {
        buf_addstr(out, "image");
    }
}

/* In a link, a segment of 'v' and digits is the version. */
static bool is_version(const char *s, size_t len)
{
    if (len < 2 || s[0] != 'v') {
        return false;
    }
    for (size_t i = 1; i < len; i++) {
        if (!isdigit((unsigned char)s[i])) {
            return false;
        }
    }
    return true;
}

/* NULL, or what is wrong with the slashes and segments of ID. */
static const char *segments_fault(const char *id)
{
    for (const char *s = id;;) {
        size_t len = strcspn(s, "/");
        bool is_last = s[len] == '\0';
        if (len == 0) {
            return "has a slash at an end or two in a row";
        }
        if ((len == 1 && s[0] == '.') || (len == 2 && s[0] == '.' && s[1] == '.')) {
            return "has a folder \".\" or \"..\"";
        }
        if (!is_last && is_version(s, len)) {
            return "has a folder that looks like a version (v and digits)";
        }
        if (is_last) {
            return NULL;
        }
        s += len + 1;
    }
}

static const char *characters_fault(const char *id)
{
    size_t count = 0;
    for (const char *p = id; *p; p++) {
        unsigned char c = (unsigned char)*p;
        if (c < 0x80 && !isalnum(c) && !strchr("._-/", c)) {
            return "has other characters than letters, digits and . - _ /";
        }
        count += (c & 0xc0) != 0x80; /* first bytes of UTF-8 characters */
    }
    if (count == 0 || count > ID_MAX) {
        return "must have 1 to 255 characters";
    }
    return text_is_utf8(id, strlen(id)) ? NULL : "is no UTF-8";
}

int cloudinary_check_public_id(const char *id, struct error *err)
{
    const char *fault = characters_fault(id);
    if (!fault) {
        fault = segments_fault(id);
    }
    return fault ? error_set(err, ERROR_USAGE, "the public id \"%s\" %s", id, fault) : 0;
}

static int add_folder(struct buf *out, const char *template, int64_t business_id,
                      struct error *err)
{
    AUTO_BUF struct buf folder = BUF_INIT;
    for (const char *p = template; *p; p++) {
        if (strncmp(p, "{id}", 4) == 0) {
            buf_addf(&folder, "%" PRId64, business_id);
            p += 3;
        } else {
            buf_addch(&folder, *p);
        }
    }
    if (folder.len == 0) {
        return 0;
    }
    buf_addch(&folder, '/');
    const char *fault = characters_fault(folder.data);
    for (size_t i = 0; !fault && i < folder.len; i++) {
        if ((unsigned char)folder.data[i] >= 0x80) {
            fault = "has other characters than A-Z a-z 0-9 . - _ /";
        }
    }
    AUTO_BUF struct buf whole = BUF_INIT;
    buf_addf(&whole, "%sx", folder.data);
    fault = fault ? fault : segments_fault(whole.data);
    if (fault) {
        error_set(err, ERROR_CONFIG, "the folder \"%s\" %s", template, fault);
        return error_hint(err, "change it with: imgctl config cloudinary.folder NAME");
    }
    buf_add(out, folder.data, folder.len);
    return 0;
}

int cloudinary_content_id(struct buf *out, const char *folder, int64_t business_id,
                          const char *filename, const char *sha256, struct error *err)
{
    size_t start = out->len;
    if (add_folder(out, folder, business_id, err) < 0) {
        return -1;
    }
    cloudinary_slug(out, filename);
    buf_addf(out, "-%.*s", CONTENT_DIGITS, sha256);
    if (out->len - start > ID_MAX) {
        return error_set(err, ERROR_CONFIG, "the folder \"%s\" is too long", folder);
    }
    return 0;
}

bool cloudinary_is_content_id(const char *id, const char *sha256)
{
    size_t len = strlen(id);
    return len > CONTENT_DIGITS &&
           strncmp(id + len - CONTENT_DIGITS, sha256, CONTENT_DIGITS) == 0;
}

bool cloudinary_looks_like_ours(const char *id)
{
    size_t len = strlen(id);
    const char *tail = len > CONTENT_DIGITS ? id + len - CONTENT_DIGITS : NULL;
    return tail && tail[-1] == '-' &&
           strspn(tail, "0123456789abcdef") == CONTENT_DIGITS;
}

void cloudinary_add_context(struct buf *out, const char *key, const char *value)
{
    if (!value || value[0] == '\0') {
        return;
    }
    buf_addf(out, "%s%s=", out->len > 0 ? "|" : "", key);
    for (const char *p = value; *p; p++) {
        if (*p == '=' || *p == '|') {
            buf_addch(out, '\\');
        }
        buf_addch(out, *p);
    }
}

int cloudinary_add_tags(struct buf *out, const struct strlist *tags, struct error *err)
{
    for (size_t i = 0; tags && i < tags->len; i++) {
        if (strchr(tags->items[i], ',')) {
            return error_set(err, ERROR_USAGE, "the tag \"%s\" has a comma, which "
                             "Cloudinary cannot store", tags->items[i]);
        }
        buf_addf(out, "%s%s", out->len > 0 ? "," : "", tags->items[i]);
    }
    return 0;
}
