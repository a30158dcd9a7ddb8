/*
 * Captions: how long they are and whom and what they name. Alternative texts.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "imgctl/rules.h"
#include "imgctl/text.h"

/* The character at *P, which is valid UTF-8; goes behind it. */
static uint32_t next_character(const unsigned char **p)
{
    uint32_t c = *(*p)++;
    unsigned more = c >= 0xF0 ? 3 : c >= 0xE0 ? 2 : c >= 0xC0 ? 1 : 0;
    if (more) {
        c &= 0x3FU >> more;
    }
    while (more-- > 0) {
        c = c << 6 | (*(*p)++ & 0x3F);
    }
    return c;
}

static bool is_plain_word(uint32_t c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           c == '_';
}

/* May C be part of a tag's word? Beyond ASCII all but blanks and punctuation, for
 * letters of every script and emoji are. */
static bool is_word(uint32_t c)
{
    if (c < 0x80) {
        return is_plain_word(c);
    }
    bool latin_sign = c < 0xC0 && c != 0xAA && c != 0xB5 && c != 0xBA;
    bool punctuation = (c >= 0x2000 && c <= 0x206F) || (c >= 0x3000 && c <= 0x3004) ||
                       (c >= 0x3008 && c <= 0x3020) || (c >= 0xFF01 && c <= 0xFF0F) ||
                       (c >= 0xFF1A && c <= 0xFF20) || c == 0xFEFF ||
                       c == 0xFE0F; /* "#" before it is a keycap emoji */
    return !latin_sign && !punctuation;
}

static bool is_hash(uint32_t c)
{
    return c == '#' || c == 0xFF03; /* also the full-width one */
}

void caption_measure(const char *text, size_t len, struct caption *ret)
{
    *ret = (struct caption){ .is_utf8 = text_is_utf8(text, len) };
    if (!ret->is_utf8) {
        return;
    }
    if (len > 0 && text[len - 1] == '\n') {
        len -= len > 1 && text[len - 2] == '\r' ? 2 : 1;
    }
    const unsigned char *p = (const unsigned char *)text, *end = p + len;
    uint32_t last = ' ', before = ' '; /* the two characters that came last */
    while (p < end) {
        uint32_t c = next_character(&p);
        ret->characters++;
        ret->utf16 += c > 0xFFFF ? 2 : 1;
        /* A fragment of an address and an entity such as &#39; are no tags. */
        ret->hashtags += is_hash(last) && is_word(c) && before != '/' && before != '&';
        ret->mentions += last == '@' && (is_plain_word(c) || c == '.') &&
                         !is_plain_word(before) && before != '.';
        before = last;
        last = c;
    }
}

static void add_count(const struct profile *p, enum rule_level level, const char *name,
                      int64_t found, int64_t most, const char *unit, const char *fix,
                      struct rule_results *ret)
{
    struct rule_result *r = rules_add(ret, p, level, name);
    snprintf(r->found, sizeof r->found, "%" PRId64 " %s", found, unit);
    snprintf(r->limit, sizeof r->limit, "at most %" PRId64, most);
    r->fix = fix;
}

/* MOST is documented, ADVISED is what the platform itself is said to allow. */
static void check_tags(const struct profile *p, const char *name, int64_t found,
                       int64_t most, int64_t advised, enum rule_level soft, bool strict,
                       struct rule_results *ret)
{
    static const char fix[] = "leave some out";
    if (most > 0 && found > most) {
        add_count(p, RULE_ERROR, name, found, most, name, fix, ret);
    } else if (advised > 0 && found > advised) {
        bool raise = strict && soft == RULE_WARN;
        add_count(p, raise ? RULE_ERROR : soft, name, found, advised, name, fix, ret);
        ret->items[ret->count - 1].undocumented = true;
    }
}

void rules_check_caption(const struct profile *p, const struct caption *caption,
                         bool strict, struct rule_results *ret)
{
    static const char shorten[] = "shorten it";
    const struct profile_caption *limit = &p->caption;
    if (!caption->is_utf8) {
        struct rule_result *r = rules_add(ret, p, RULE_ERROR, "caption.encoding");
        snprintf(r->found, sizeof r->found, "bytes that are no UTF-8");
        snprintf(r->limit, sizeof r->limit, "UTF-8");
        r->fix = "convert the text to UTF-8";
        return;
    }
    int64_t length = limit->is_utf16 ? caption->utf16 : caption->characters;
    if (limit->max > 0 && length > limit->max) {
        add_count(p, RULE_ERROR, "caption", length, limit->max,
                  limit->is_utf16 ? "UTF-16 units" : "characters", shorten, ret);
    } else if (limit->max > 0 && caption->utf16 > limit->max) {
        add_count(p, strict ? RULE_ERROR : RULE_WARN, "caption.utf16", caption->utf16,
                  limit->max, "UTF-16 units, if the service counts so", shorten, ret);
        ret->items[ret->count - 1].undocumented = true;
    }
    check_tags(p, "hashtags", caption->hashtags, limit->hashtags, limit->hashtags_advised,
               RULE_WARN, strict, ret);
    check_tags(p, "mentions", caption->mentions, limit->mentions, limit->mentions_advised,
               RULE_INFO, strict, ret);
}

void rules_check_alt(const struct profile *p, const char *text, struct rule_results *ret)
{
    struct caption measured;
    if (!text || p->max_alt == 0) {
        return;
    }
    caption_measure(text, strlen(text), &measured);
    if (measured.characters > p->max_alt) {
        add_count(p, RULE_ERROR, "alt", measured.characters, p->max_alt, "characters",
                  "shorten it", ret);
    }
}
