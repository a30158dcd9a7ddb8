#include "contains.h"

#include <wctype.h>

/* One character of *P, moving it on. Bytes that are no UTF-8 count one by one. */
static unsigned next_character(const unsigned char **p)
{
    const unsigned char *s = *p;
    unsigned len = s[0] < 0xc0 ? 1 : s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 : 4;
    unsigned value = len == 1 ? s[0] : s[0] & (0x7fu >> len);
    for (unsigned i = 1; i < len; i++) {
        if ((s[i] & 0xc0) != 0x80) {
            *p = s + 1;
            return s[0];
        }
        value = value << 6 | (s[i] & 0x3fu);
    }
    *p = s + len;
    return value;
}

static unsigned fold(const struct catalog *c, unsigned character)
{
    if (character < 0x80 || !c->folding) {
        return character - 'A' < 26 ? character | 0x20 : character;
    }
    return (unsigned)towlower_l((wint_t)character, c->folding);
}

/* Does TEXT start with TERM? Both end with a NUL. */
static bool starts_with(const struct catalog *c, const unsigned char *text,
                        const unsigned char *term)
{
    while (*term) {
        if (!*text || fold(c, next_character(&text)) != fold(c, next_character(&term))) {
            return false;
        }
    }
    return true;
}

static bool is_part(const struct catalog *c, const unsigned char *term,
                    const unsigned char *text)
{
    while (text && *text) {
        if (starts_with(c, text, term)) {
            return true;
        }
        next_character(&text);
    }
    return false;
}

static void contains(sqlite3_context *context, int count, sqlite3_value **values)
{
    const struct catalog *c = sqlite3_user_data(context);
    const unsigned char *term = sqlite3_value_text(values[0]);
    bool found = false;
    for (int i = 1; term && i < count && !found; i++) {
        found = is_part(c, term, sqlite3_value_text(values[i]));
    }
    sqlite3_result_int(context, found);
}

int contains_register(struct catalog *c, struct error *err)
{
    if (c->has_contains) {
        return 0;
    }
    c->folding = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
    int rc = sqlite3_create_function(c->db, "contains", -1,
                                     SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_DIRECTONLY,
                                     c, contains, NULL, NULL);
    if (rc != SQLITE_OK) {
        return sql_fail(c, rc, err);
    }
    c->has_contains = true;
    return 0;
}
