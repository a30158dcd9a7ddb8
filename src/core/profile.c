#include "imgctl/profile.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "imgctl/data.h"
#include "imgctl/json.h"
#include "imgctl/mem.h"
#include "imgctl/text.h"

#define ENDING ".json"
#define NAME_MAX_LENGTH 64
#define NUMBER_MAX INT64_C(1000000000000)
#define RATIO_MAX 100000
#define LIST_MAX 64

enum member_type {
    MEMBER_TEXT,     /* char *, required */
    MEMBER_NOTES,    /* char *, may be missing */
    MEMBER_LIST,     /* struct strlist */
    MEMBER_NUMBER,   /* int64_t, not negative */
    MEMBER_FLAG,     /* bool */
    MEMBER_RATIO,    /* struct ratio */
    MEMBER_LEVEL,    /* int */
    MEMBER_UNIT,     /* int: is_utf16 */
    MEMBER_OBJECT,   /* described by a table of its own */
    MEMBER_PREDICTS, /* predictions */
    MEMBER_SCHEMA,   /* 1 */
};

struct member {
    const char *name;
    enum member_type type;
    size_t offset;
    const struct member *members; /* of an object, at OFFSET */
};

/* Where in a file we are, for messages. */
struct place {
    const char *path;
    const char *object; /* NULL: the whole */
};

static int fault(const struct place *at, const char *member, const char *what,
                 struct error *err)
{
    return error_set(err, ERROR_CONFIG, "%s: %s%s%s %s", at->path,
                     at->object ? at->object : "", at->object ? "." : "", member, what);
}

#define SPAN(field) offsetof(struct profile_span, field)
static const struct member span_members[] = {
    { "min", MEMBER_NUMBER, SPAN(min), NULL },
    { "max", MEMBER_NUMBER, SPAN(max), NULL },
    { "below", MEMBER_LEVEL, SPAN(below), NULL },
    { "above", MEMBER_LEVEL, SPAN(above), NULL },
    { NULL, MEMBER_TEXT, 0, NULL },
};

#define AT(field) offsetof(struct profile, field)
static const struct member bytes_members[] = {
    { "max", MEMBER_NUMBER, AT(max_bytes), NULL },
    { "max_undocumented", MEMBER_NUMBER, AT(max_bytes_undocumented), NULL },
    { NULL, MEMBER_TEXT, 0, NULL },
};

static const struct member ratio_members[] = {
    { "min", MEMBER_RATIO, AT(min_ratio), NULL },
    { "max", MEMBER_RATIO, AT(max_ratio), NULL },
    { "min_undocumented", MEMBER_RATIO, AT(min_ratio_undocumented), NULL },
    { "max_undocumented", MEMBER_RATIO, AT(max_ratio_undocumented), NULL },
    { "advised", MEMBER_RATIO, AT(advised_ratio), NULL },
    { NULL, MEMBER_TEXT, 0, NULL },
};

static const struct member item_members[] = {
    { "min", MEMBER_NUMBER, AT(min_items), NULL },
    { "max", MEMBER_NUMBER, AT(max_items), NULL },
    { NULL, MEMBER_TEXT, 0, NULL },
};

static const struct member caption_members[] = {
    { "max", MEMBER_NUMBER, AT(caption.max), NULL },
    { "unit", MEMBER_UNIT, AT(caption.is_utf16), NULL },
    { "hashtags", MEMBER_NUMBER, AT(caption.hashtags), NULL },
    { "hashtags_advised", MEMBER_NUMBER, AT(caption.hashtags_advised), NULL },
    { "mentions", MEMBER_NUMBER, AT(caption.mentions), NULL },
    { "mentions_advised", MEMBER_NUMBER, AT(caption.mentions_advised), NULL },
    { NULL, MEMBER_TEXT, 0, NULL },
};

static const struct member alt_members[] = {
    { "max", MEMBER_NUMBER, AT(max_alt), NULL },
    { NULL, MEMBER_TEXT, 0, NULL },
};

static const struct member members[] = {
    { "schema", MEMBER_SCHEMA, 0, NULL },
    { "name", MEMBER_TEXT, AT(name), NULL },
    { "title", MEMBER_TEXT, AT(title), NULL },
    { "date", MEMBER_TEXT, AT(date), NULL },
    { "prefix", MEMBER_TEXT, AT(prefix), NULL },
    { "notes", MEMBER_NOTES, AT(notes), NULL },
    { "sources", MEMBER_LIST, AT(sources), NULL },
    { "formats", MEMBER_LIST, AT(formats), NULL },
    { "formats_undocumented", MEMBER_LIST, AT(formats_undocumented), NULL },
    { "bytes", MEMBER_OBJECT, 0, bytes_members },
    { "width", MEMBER_OBJECT, AT(width), span_members },
    { "height", MEMBER_OBJECT, AT(height), span_members },
    { "short_side", MEMBER_OBJECT, AT(short_side), span_members },
    { "long_side", MEMBER_OBJECT, AT(long_side), span_members },
    { "pixels", MEMBER_OBJECT, AT(pixels), span_members },
    { "ratio", MEMBER_OBJECT, 0, ratio_members },
    { "min_side", MEMBER_NUMBER, AT(min_side), NULL },
    { "srgb", MEMBER_FLAG, AT(srgb), NULL },
    { "still", MEMBER_FLAG, AT(still), NULL },
    { "opaque", MEMBER_FLAG, AT(opaque), NULL },
    { "single", MEMBER_FLAG, AT(single), NULL },
    { "items", MEMBER_OBJECT, 0, item_members },
    { "caption", MEMBER_OBJECT, 0, caption_members },
    { "alt", MEMBER_OBJECT, 0, alt_members },
    { "predicts", MEMBER_PREDICTS, 0, NULL },
    { NULL, MEMBER_TEXT, 0, NULL },
};

static int read_members(const struct place *at, const struct json *object,
                        const struct member *table, char *base, struct error *err);

static int read_text(const struct place *at, const char *name, const struct json *object,
                     char **ret, struct error *err)
{
    const char *text = json_text(object, name);
    if (!text || *text == '\0') {
        return fault(at, name, "must be a text", err);
    }
    *ret = mem_strdup(text);
    return 0;
}

static int read_list(const struct place *at, const char *name, const struct json *value,
                     struct strlist *ret, struct error *err)
{
    size_t count = json_length(value);
    if (!json_is_array(value) || count > LIST_MAX) {
        return fault(at, name, "must be a list of texts", err);
    }
    for (size_t i = 0; i < count; i++) {
        const char *text = json_as_text(json_at(value, i));
        if (!text) {
            return fault(at, name, "must be a list of texts", err);
        }
        strlist_add(ret, text);
    }
    return 0;
}

/* "W:H", lowest terms or not. */
static bool parse_ratio(const char *text, struct ratio *ret)
{
    const char *colon = text ? strchr(text, ':') : NULL;
    if (!colon) {
        return false;
    }
    AUTO_FREE char *width = mem_strndup(text, (size_t)(colon - text));
    return text_parse_int(width, 1, RATIO_MAX, &ret->num) &&
           text_parse_int(colon + 1, 1, RATIO_MAX, &ret->den);
}

/* One of two or three words as a number. */
static int read_word(const struct place *at, const char *name, const struct json *object,
                     const char *const *words, int count, int *ret, struct error *err)
{
    const char *text = json_text(object, name);
    for (int i = 0; text && i < count; i++) {
        if (strcmp(text, words[i]) == 0) {
            *ret = i;
            return 0;
        }
    }
    AUTO_FREE char *what = mem_printf("must be \"%s\", \"%s\"%s", words[0], words[1],
                                      count > 2 ? " or \"error\"" : "");
    return fault(at, name, what, err);
}

static int read_predictions(const struct place *at, const struct json *value,
                            struct profile *p, struct error *err)
{
    const char *rule;
    if (!json_is_object(value)) {
        return fault(at, "predicts", "must be an object", err);
    }
    for (size_t i = 0; (rule = json_name_at(value, i)) != NULL; i++) {
        const struct json *codes = json_member(value, rule);
        const char *text = json_as_text(codes);
        char *rest = NULL;
        long code = text ? strtol(text, &rest, 10) : 0;
        int64_t subcode = 0;
        bool ok = text && rest != text && code > -1000000 && code < 10000000 &&
                  (*rest == '\0' ||
                   (*rest == '/' && text_parse_int(rest + 1, 0, 100000000, &subcode)));
        if (!ok || i >= PROFILE_PREDICTIONS) {
            return fault(at, "predicts", "must be a few texts such as \"36000/2207004\"",
                         err);
        }
        p->predictions[p->prediction_count++] = (struct profile_prediction){
            .rule = mem_strdup(rule),
            .code = (int)code,
            .subcode = (int)subcode,
        };
    }
    return 0;
}

static int read_number(const struct place *at, const struct json *object,
                       const char *name, int64_t *ret, struct error *err)
{
    *ret = json_number(object, name, -1);
    return *ret < 0 || *ret > NUMBER_MAX
               ? fault(at, name, "must be a whole number, 0 or more", err)
               : 0;
}

static int read_flag(const struct place *at, const struct json *object, const char *name,
                     bool *ret, struct error *err)
{
    *ret = json_flag(object, name, false);
    return *ret != json_flag(object, name, true)
               ? fault(at, name, "must be true or false", err)
               : 0;
}

static int read_object(const struct place *at, const struct member *m,
                       const struct json *value, char *base, struct error *err)
{
    const struct place inside = { at->path, m->name };
    return json_is_object(value) ? read_members(&inside, value, m->members, base, err)
                                 : fault(at, m->name, "must be an object", err);
}

static int read_member(const struct place *at, const struct json *object,
                       const struct member *m, char *base, struct error *err)
{
    static const char *const levels[] = { "info", "warn", "error" };
    static const char *const units[] = { "characters", "utf16" };
    const struct json *value = json_member(object, m->name);
    void *to = base + m->offset;
    switch (m->type) {
    case MEMBER_TEXT:
    case MEMBER_NOTES:
        return read_text(at, m->name, object, to, err);
    case MEMBER_LIST:
        return read_list(at, m->name, value, to, err);
    case MEMBER_NUMBER:
        return read_number(at, object, m->name, to, err);
    case MEMBER_FLAG:
        return read_flag(at, object, m->name, to, err);
    case MEMBER_RATIO:
        return parse_ratio(json_as_text(value), to)
                   ? 0
                   : fault(at, m->name, "must be a ratio such as \"4:5\"", err);
    case MEMBER_LEVEL:
        return read_word(at, m->name, object, levels, 3, to, err);
    case MEMBER_UNIT:
        return read_word(at, m->name, object, units, 2, to, err);
    case MEMBER_OBJECT:
        return read_object(at, m, value, to, err);
    case MEMBER_PREDICTS:
        return read_predictions(at, value, (struct profile *)(void *)base, err);
    case MEMBER_SCHEMA:
        return json_number(object, m->name, 0) == 1
                   ? 0
                   : fault(at, m->name, "must be 1: another is not known here", err);
    }
    return 0;
}

static const struct member *find_member(const struct member *table, const char *name)
{
    while (table->name && strcmp(table->name, name) != 0) {
        table++;
    }
    return table->name ? table : NULL;
}

static int unknown_member(const struct place *at, const struct member *table,
                          const char *name, struct error *err)
{
    const char *names[sizeof members / sizeof *members];
    size_t count = 0;
    for (; table[count].name; count++) {
        names[count] = table[count].name;
    }
    const char *nearest = text_nearest(name, names, count);
    fault(at, name, "is no member that a profile has", err);
    return nearest ? error_hint(err, "did you mean \"%s\"?", nearest) : -1;
}

static int read_members(const struct place *at, const struct json *object,
                        const struct member *table, char *base, struct error *err)
{
    const char *name;
    for (size_t i = 0; (name = json_name_at(object, i)) != NULL; i++) {
        const struct member *m = find_member(table, name);
        if (!m) {
            return unknown_member(at, table, name, err);
        }
        if (json_member(object, name) && read_member(at, object, m, base, err) < 0) {
            return -1;
        }
    }
    return 0;
}

static bool is_word(const char *s, size_t max)
{
    size_t len = strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789-_");
    return len > 0 && len <= max && s[len] == '\0';
}

static bool is_date(const char *s)
{
    static const char form[] = "0000-00-00";
    for (size_t i = 0; i < sizeof form; i++) {
        bool digit = s[i] >= '0' && s[i] <= '9';
        if (form[i] == '0' ? !digit : s[i] != form[i]) {
            return false;
        }
    }
    return true;
}

static bool upside_down(const struct profile_span *s)
{
    return s->max > 0 && s->min > s->max;
}

static bool ratios_upside_down(struct ratio min, struct ratio max)
{
    return min.den && max.den && min.num * max.den > max.num * min.den;
}

static bool formats_are_known(const struct strlist *formats)
{
    static const char known[] = " jpeg png webp gif bmp tiff heic heif avif ";
    for (size_t i = 0; i < formats->len; i++) {
        AUTO_FREE char *word = mem_printf(" %s ", formats->items[i]);
        if (!strstr(known, word) || strchr(formats->items[i], ' ')) {
            return false;
        }
    }
    return true;
}

/* What the members say together. */
static int check(const struct place *at, const struct profile *p, struct error *err)
{
    if (!p->name || !is_word(p->name, NAME_MAX_LENGTH)) {
        return fault(at, "name", "must be small letters, digits and hyphens", err);
    }
    if (!p->prefix || !is_word(p->prefix, 8)) {
        return fault(at, "prefix", "must be at most 8 small letters and digits", err);
    }
    if (!p->title) {
        return fault(at, "title", "is missing", err);
    }
    if (!p->date || !is_date(p->date)) {
        return fault(at, "date", "must be a date such as \"2026-11-22\"", err);
    }
    if (p->formats.len == 0) {
        return fault(at, "formats", "must name at least one format", err);
    }
    if (!formats_are_known(&p->formats) || !formats_are_known(&p->formats_undocumented)) {
        return fault(at, "formats",
                     "may name jpeg, png, webp, gif, bmp, tiff, heic, heif, avif", err);
    }
    const struct { const char *name; const struct profile_span *span; } spans[] = {
        { "width", &p->width }, { "height", &p->height }, { "pixels", &p->pixels },
        { "short_side", &p->short_side }, { "long_side", &p->long_side },
    };
    for (size_t i = 0; i < sizeof spans / sizeof *spans; i++) {
        if (upside_down(spans[i].span)) {
            return fault(at, spans[i].name, "has a min above its max", err);
        }
    }
    if (ratios_upside_down(p->min_ratio, p->max_ratio)) {
        return fault(at, "ratio", "has a min above its max", err);
    }
    if (p->max_items > 0 && p->min_items > p->max_items) {
        return fault(at, "items", "has a min above its max", err);
    }
    return 0;
}

int profile_parse(const char *text, size_t len, const char *path, struct profile **ret,
                  struct error *err)
{
    const struct place at = { path, NULL };
    struct json *root = NULL;
    if (json_parse(text, len, &root, err) < 0) {
        err->kind = ERROR_CONFIG;
        return error_wrap(err, "%s", path);
    }
    struct profile *p = mem_alloc(sizeof *p);
    *p = (struct profile){ .path = mem_strdup(path) };
    struct profile_span *spans[] = { &p->width, &p->height, &p->short_side, &p->long_side,
                                     &p->pixels };
    for (size_t i = 0; i < sizeof spans / sizeof *spans; i++) {
        spans[i]->below = spans[i]->above = RULE_ERROR;
    }
    int result = json_is_object(root)
                     ? read_members(&at, root, members, (char *)p, err)
                     : error_set(err, ERROR_CONFIG, "%s: this is no JSON object", path);
    json_free(root);
    if (result < 0 || check(&at, p, err) < 0) {
        profile_free(p);
        return -1;
    }
    *ret = p;
    return 0;
}

void profile_free(struct profile *p)
{
    if (!p) {
        return;
    }
    free(p->name);
    free(p->title);
    free(p->date);
    free(p->notes);
    free(p->prefix);
    free(p->path);
    strlist_release(&p->sources);
    strlist_release(&p->formats);
    strlist_release(&p->formats_undocumented);
    for (unsigned i = 0; i < p->prediction_count; i++) {
        free(p->predictions[i].rule);
    }
    free(p);
}

int profile_names(const struct config *config, struct strlist *ret, struct error *err)
{
    AUTO_STRLIST struct strlist files = STRLIST_INIT;
    if (data_list(config, "profiles", &files, err) < 0) {
        return -1;
    }
    for (size_t i = 0; i < files.len; i++) {
        size_t len = strlen(files.items[i]);
        size_t end = sizeof ENDING - 1;
        if (len > end && strcmp(files.items[i] + len - end, ENDING) == 0) {
            AUTO_FREE char *name = mem_strndup(files.items[i], len - end);
            if (is_word(name, NAME_MAX_LENGTH)) {
                strlist_add(ret, name);
            }
        }
    }
    strlist_sort(ret);
    return 0;
}

static int no_such_profile(const struct config *config, const char *name,
                           struct error *err)
{
    AUTO_STRLIST struct strlist names = STRLIST_INIT;
    if (profile_names(config, &names, err) < 0) {
        return -1;
    }
    const char *nearest =
        text_nearest(name, (const char *const *)names.items, names.len);
    error_set(err, ERROR_USAGE, "there is no profile \"%s\"", name);
    return error_hint(err, "%s%s%simgctl validate --list shows all",
                      nearest ? "did you mean " : "", nearest ? nearest : "",
                      nearest ? "? " : "");
}

int profile_load(const struct config *config, const char *name, struct profile **ret,
                 struct error *err)
{
    AUTO_STRLIST struct strlist names = STRLIST_INIT;
    AUTO_BUF struct buf text = BUF_INIT;
    AUTO_FREE char *path = NULL;
    if (!is_word(name, NAME_MAX_LENGTH)) {
        return no_such_profile(config, name, err);
    }
    AUTO_FREE char *file = mem_printf("profiles/%s" ENDING, name);
    if (profile_names(config, &names, err) < 0) {
        return -1;
    }
    if (!strlist_has(&names, name)) {
        return no_such_profile(config, name, err);
    }
    if (data_read(config, file, &text, &path, err) < 0 ||
        profile_parse(text.data, text.len, path, ret, err) < 0) {
        return -1;
    }
    if (strcmp((*ret)->name, name) != 0) {
        const struct place at = { path, NULL };
        fault(&at, "name", "is not the name of the file", err);
        profile_free(*ret);
        *ret = NULL;
        return -1;
    }
    return 0;
}

static const char *const format_names[] = { "", "jpeg", "png", "webp" };

bool profile_takes(const struct profile *p, enum image_format format)
{
    return strlist_has(&p->formats, format_names[format]);
}

bool profile_takes_undocumented(const struct profile *p, enum image_format format)
{
    return strlist_has(&p->formats_undocumented, format_names[format]);
}
