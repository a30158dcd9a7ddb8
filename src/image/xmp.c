#include "xmp.h"

#include <string.h>
#include <strings.h>

#include "imgctl/mem.h"

struct xml {
    char *data;
    size_t len;
    size_t at;
    bool wipe;
    bool found;    /* anything about GPS */
    bool position; /* a latitude or a longitude */
};

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* Go behind TEXT; false if it does not come. */
static bool go_behind(struct xml *x, const char *text)
{
    size_t len = strlen(text);
    const char *found = memmem(x->data + x->at, x->len - x->at, text, len);
    if (!found) {
        return false;
    }
    x->at = (size_t)(found - x->data) + len;
    return true;
}

static bool begins(const struct xml *x, const char *text)
{
    size_t len = strlen(text);
    return x->len - x->at >= len && memcmp(x->data + x->at, text, len) == 0;
}

static void skip_blanks(struct xml *x)
{
    while (x->at < x->len && is_blank(x->data[x->at])) {
        x->at++;
    }
}

/* Step over a name; its length. */
static size_t skip_name(struct xml *x)
{
    size_t from = x->at;
    while (x->at < x->len && !is_blank(x->data[x->at]) &&
           !strchr("=/><\"'", x->data[x->at])) {
        x->at++;
    }
    return x->at - from;
}

static bool contains(const char *s, size_t len, const char *word)
{
    size_t n = strlen(word);
    for (size_t i = 0; i + n <= len; i++) {
        if (strncasecmp(s + i, word, n) == 0) {
            return true;
        }
    }
    return false;
}

static bool is_gps_name(struct xml *x, const char *name, size_t len)
{
    const char *colon = memchr(name, ':', len);
    if (colon) {
        len -= (size_t)(colon + 1 - name);
        name = colon + 1;
    }
    bool coordinate = contains(name, len, "latitude") ||
                      contains(name, len, "longitude") ||
                      contains(name, len, "TargetLat") ||
                      contains(name, len, "TargetLon");
    if (!coordinate && (len < 3 || strncasecmp(name, "GPS", 3) != 0)) {
        return false;
    }
    x->found = true;
    x->position |= coordinate || contains(name, len, "lat") || contains(name, len, "lon");
    return true;
}

static void blank_from(struct xml *x, size_t from)
{
    if (x->wipe) {
        memset(x->data + from, ' ', x->at - from);
    }
}

/* Attributes up to the end of the tag. False if the XML is broken. */
static bool read_attributes(struct xml *x, bool *empty)
{
    *empty = false;
    for (;;) {
        skip_blanks(x);
        if (x->at >= x->len) {
            return false;
        }
        char c = x->data[x->at];
        if (c == '>') {
            x->at++;
            return true;
        }
        *empty = c == '/';
        if (c == '/') {
            x->at++;
            continue;
        }
        size_t from = x->at;
        size_t name = skip_name(x);
        skip_blanks(x);
        if (name == 0 || x->at >= x->len || x->data[x->at] != '=') {
            return false;
        }
        x->at++;
        bool gps = is_gps_name(x, x->data + from, name);
        skip_blanks(x);
        if (x->at >= x->len || (x->data[x->at] != '"' && x->data[x->at] != '\'')) {
            return false;
        }
        const char quote[2] = { x->data[x->at++], '\0' };
        if (!go_behind(x, quote)) {
            return false;
        }
        if (gps) {
            blank_from(x, from);
        }
    }
}

/* Go behind the end tag of the element NAME. */
static bool skip_element(struct xml *x, const char *name, size_t len)
{
    while (go_behind(x, "</")) {
        if (x->len - x->at > len && memcmp(x->data + x->at, name, len) == 0 &&
            (x->data[x->at + len] == '>' || is_blank(x->data[x->at + len]))) {
            return go_behind(x, ">");
        }
    }
    return false;
}

static bool read_element(struct xml *x)
{
    size_t from = x->at++;
    const char *name = x->data + x->at;
    size_t len = skip_name(x);
    bool empty;
    if (len == 0) {
        return false;
    }
    bool gps = is_gps_name(x, name, len);
    if (!read_attributes(x, &empty) || (gps && !empty && !skip_element(x, name, len))) {
        return false;
    }
    if (gps) {
        blank_from(x, from);
    }
    return true;
}

static bool read_xml(struct xml *x)
{
    while (x->at < x->len) {
        const char *open = memchr(x->data + x->at, '<', x->len - x->at);
        bool ok;
        if (!open) {
            break;
        }
        x->at = (size_t)(open - x->data);
        if (begins(x, "<!--")) {
            ok = go_behind(x, "-->");
        } else if (begins(x, "<![CDATA[")) {
            ok = go_behind(x, "]]>");
        } else if (begins(x, "<?")) {
            ok = go_behind(x, "?>");
        } else if (begins(x, "<!") || begins(x, "</")) {
            ok = go_behind(x, ">");
        } else {
            ok = read_element(x);
        }
        if (!ok) {
            return false;
        }
    }
    return true;
}

static bool mentions_gps(const char *data, size_t len)
{
    static const char *const words[] = { "GPS", "Gps", "gps", "atitude", "ongitude",
                                         "TargetL" };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (memmem(data, len, words[i], strlen(words[i]))) {
            return true;
        }
    }
    return false;
}

int xmp_read(struct source *s, int64_t offset, size_t len, struct image_info *info,
             struct error *err)
{
    static const char gain_map[] = "http://ns.adobe.com/hdr-gain-map/";
    if (len > XMP_READ_MAX) {
        info->may_hide_gps = true;
        return 0;
    }
    AUTO_FREE char *data = mem_alloc(len + 1);
    int got = source_at(s, offset, data, len, err);
    if (got < 0) {
        return -1;
    }
    if (got > 0 && memmem(data, len, gain_map, sizeof gain_map - 1)) {
        info->has_gain_map = true;
    }
    if (got > 0 && !info->has_gps && mentions_gps(data, len)) {
        struct xml x = { .data = data, .len = len };
        info->may_hide_gps = true;
        read_xml(&x);
        info->has_gps |= x.position;
    }
    return 0;
}

bool xmp_wipe_gps(char *data, size_t len)
{
    if (!mentions_gps(data, len)) {
        return false;
    }
    struct xml x = { .data = data, .len = len, .wipe = true };
    if (!read_xml(&x)) {
        memset(data, ' ', len);
        return true;
    }
    return x.found;
}
