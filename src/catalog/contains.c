#include "contains.h"

#include <stdlib.h>
#include <string.h>
#include <wctype.h>

#include "imgctl/mem.h"

/* The character at S into *RET; returns its bytes. What is no UTF-8 counts byte
 * by byte. */
static size_t decode(const unsigned char *s, unsigned *ret)
{
    size_t len = s[0] < 0xc0 ? 1 : s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 : 4;
    unsigned value = len == 1 ? s[0] : s[0] & (0x7fu >> len);
    for (size_t i = 1; i < len; i++) {
        if ((s[i] & 0xc0) != 0x80) {
            *ret = s[0];
            return 1;
        }
        value = value << 6 | (s[i] & 0x3fu);
    }
    *ret = value;
    return len;
}

/* The same without regard to case. */
static inline size_t decode_folded(const unsigned char *s, locale_t folding,
                                   unsigned *ret)
{
    if (s[0] < 0x80) {
        *ret = s[0] >= 'A' && s[0] <= 'Z' ? s[0] | 0x20u : s[0];
        return 1;
    }
    size_t len = decode(s, ret);
    if (folding) {
        *ret = (unsigned)towlower_l((wint_t)*ret, folding);
    }
    return len;
}

/* The characters of the term, folded; ends with 0. Caller frees. */
static unsigned *fold_term(const unsigned char *term, locale_t folding)
{
    unsigned *folded = mem_array(strlen((const char *)term) + 1, sizeof *folded);
    size_t count = 0;
    while (*term) {
        term += decode_folded(term, folding, &folded[count++]);
    }
    return folded;
}

static bool starts_with(const unsigned char *text, const unsigned *term, locale_t folding)
{
    for (; *term; term++) {
        unsigned character;
        if (!*text) {
            return false;
        }
        text += decode_folded(text, folding, &character);
        if (character != *term) {
            return false;
        }
    }
    return true;
}

static bool is_part(const unsigned *term, const unsigned char *text, locale_t folding)
{
    while (text && *text) {
        unsigned character;
        size_t len = decode_folded(text, folding, &character);
        if (character == term[0] && starts_with(text + len, term + 1, folding)) {
            return true;
        }
        text += len;
    }
    return false;
}

/* The term is the same for every row: SQLite keeps its folded form for us. */
static const unsigned *folded_term(sqlite3_context *context, sqlite3_value *value,
                                   locale_t folding)
{
    const unsigned *kept = sqlite3_get_auxdata(context, 0);
    const unsigned char *term = sqlite3_value_text(value);
    if (!kept && term && *term) {
        sqlite3_set_auxdata(context, 0, fold_term(term, folding), free);
        kept = sqlite3_get_auxdata(context, 0);
    }
    return kept;
}

static void contains(sqlite3_context *context, int count, sqlite3_value **values)
{
    const struct catalog *c = sqlite3_user_data(context);
    const unsigned *term = folded_term(context, values[0], c->folding);
    bool found = false;
    for (int i = 1; term && i < count && !found; i++) {
        found = is_part(term, sqlite3_value_text(values[i]), c->folding);
    }
    sqlite3_result_int(context, found);
}

int contains_register(struct catalog *c, struct error *err)
{
    if (c->has_contains) {
        return 0;
    }
    c->folding = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
    int flags = SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_DIRECTONLY;
    int rc = sqlite3_create_function(c->db, "contains", -1, flags, c, contains, NULL,
                                     NULL);
    if (rc != SQLITE_OK) {
        return sql_fail(c, rc, err);
    }
    c->has_contains = true;
    return 0;
}
