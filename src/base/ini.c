#include "ini.h"

#include <string.h>

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_name(char c)
{
    return is_letter(c) || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
}

static int wrong(const struct ini *ini, struct error *err, const char *what)
{
    return error_set(err, ERROR_CONFIG, "%s:%u: %s", ini->path, ini->number, what);
}

/* The name at *AT into OUT, in lower case; *AT moves behind it. */
static void take_name(const struct ini *ini, size_t *at, size_t end, struct buf *out)
{
    for (; *at < end && is_name(ini->text[*at]); (*at)++) {
        char c = ini->text[*at];
        buf_addch(out, c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c);
    }
}

static void skip_blanks(const struct ini *ini, size_t *at, size_t end)
{
    while (*at < end && is_blank(ini->text[*at])) {
        (*at)++;
    }
}

static bool is_over(const struct ini *ini, size_t at, size_t end)
{
    return at == end || ini->text[at] == '#' || ini->text[at] == ';';
}

static int read_section(struct ini *ini, size_t at, size_t end, struct error *err)
{
    buf_clear(&ini->section);
    skip_blanks(ini, &at, end);
    take_name(ini, &at, end, &ini->section);
    skip_blanks(ini, &at, end);
    if (ini->section.len == 0 || at == end || ini->text[at] != ']') {
        return wrong(ini, err, "a section is written as [name]");
    }
    at++;
    skip_blanks(ini, &at, end);
    if (!is_over(ini, at, end)) {
        return wrong(ini, err, "a section has a line of its own");
    }
    buf_addch(&ini->section, '.');
    return 0;
}

/* What stands behind a backslash, or 0. */
static char unescape(char c)
{
    switch (c) {
    case 'n':
        return '\n';
    case 't':
        return '\t';
    case '"':
    case '\\':
        return c;
    default:
        return 0;
    }
}

static int read_value(struct ini *ini, size_t at, size_t end, struct ini_line *line,
                      struct error *err)
{
    size_t solid = 0; /* length without the blanks at the end */
    bool quoted = false;
    line->value_start = line->value_end = at;
    for (; at < end && (quoted || !is_over(ini, at, end)); at++) {
        char c = ini->text[at];
        if (c == '"') {
            quoted = !quoted;
        } else if (c == '\\') {
            c = at + 1 < end ? unescape(ini->text[++at]) : 0;
            if (!c) {
                return wrong(ini, err, "a backslash is written as \\\\");
            }
            buf_addch(&ini->value, c);
        } else {
            buf_addch(&ini->value, c);
            if (!quoted && is_blank(c)) {
                continue;
            }
        }
        solid = ini->value.len;
        line->value_end = at + 1;
    }
    if (quoted) {
        return wrong(ini, err, "a quote is not closed");
    }
    if (ini->value.len > solid) {
        ini->value.len = solid;
        ini->value.data[solid] = '\0';
    }
    return 0;
}

static int read_key(struct ini *ini, size_t at, size_t end, struct ini_line *line,
                    struct error *err)
{
    buf_clear(&ini->key);
    buf_clear(&ini->value);
    buf_add(&ini->key, ini->section.data, ini->section.len);
    if (!is_letter(ini->text[at])) {
        return wrong(ini, err, "neither a comment, a [section] nor a key = value");
    }
    take_name(ini, &at, end, &ini->key);
    skip_blanks(ini, &at, end);
    if (at == end || ini->text[at] != '=') {
        return wrong(ini, err, "a key is followed by = and its value");
    }
    at++;
    skip_blanks(ini, &at, end);
    return read_value(ini, at, end, line, err);
}

int ini_next(struct ini *ini, struct ini_line *line, struct error *err)
{
    if (ini->next == ini->len) {
        return 0;
    }
    size_t at = ini->next;
    const char *newline = memchr(ini->text + at, '\n', ini->len - at);
    size_t end = newline ? (size_t)(newline - ini->text) : ini->len;
    *line = (struct ini_line){ .start = at, .end = newline ? end + 1 : end };
    ini->next = line->end;
    ini->number++;
    if (memchr(ini->text + at, '\0', end - at)) {
        return wrong(ini, err, "there is a NUL in the line");
    }
    skip_blanks(ini, &at, end);
    if (is_over(ini, at, end)) {
        line->kind = INI_NOTHING;
        return 1;
    }
    if (ini->text[at] == '[') {
        line->kind = INI_SECTION;
        return read_section(ini, at + 1, end, err) < 0 ? -1 : 1;
    }
    line->kind = INI_KEY;
    return read_key(ini, at, end, line, err) < 0 ? -1 : 1;
}

void ini_release(struct ini *ini)
{
    buf_release(&ini->section);
    buf_release(&ini->key);
    buf_release(&ini->value);
}

void ini_quote(struct buf *out, const char *value)
{
    size_t len = strlen(value);
    bool quotes = len == 0 || is_blank(value[0]) || is_blank(value[len - 1]) ||
                  strpbrk(value, "#;\"\\\n");
    if (quotes) {
        buf_addch(out, '"');
    }
    for (const char *p = value; *p; p++) {
        if (*p == '\n') {
            buf_addstr(out, "\\n");
            continue;
        }
        if (*p == '"' || *p == '\\') {
            buf_addch(out, '\\');
        }
        buf_addch(out, *p);
    }
    if (quotes) {
        buf_addch(out, '"');
    }
}
