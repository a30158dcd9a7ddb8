#include "imgctl/json.h"

#include <string.h>

#include "imgctl/text.h"

static void new_line(struct json_writer *w)
{
    if (w->pretty) {
        buf_addch(w->out, '\n');
        for (unsigned i = 0; i < w->depth; i++) {
            buf_addstr(w->out, "  ");
        }
    }
}

/* What has to stand before a value or a key. */
static void separate(struct json_writer *w)
{
    if (w->after_key) {
        w->after_key = false;
        return;
    }
    if (w->after_value) {
        buf_addch(w->out, ',');
    }
    if (w->depth > 0) {
        new_line(w);
    }
}

/* Nothing separates whole documents: what stands between them is the caller's. */
static void value_done(struct json_writer *w)
{
    w->after_value = w->depth > 0;
}

static void begin(struct json_writer *w, char bracket)
{
    separate(w);
    buf_addch(w->out, bracket);
    w->depth++;
    w->after_value = false;
}

static void end(struct json_writer *w, char bracket)
{
    w->depth--;
    if (w->after_value) {
        new_line(w);
    }
    buf_addch(w->out, bracket);
    value_done(w);
}

void json_begin_object(struct json_writer *w)
{
    begin(w, '{');
}

void json_end_object(struct json_writer *w)
{
    end(w, '}');
}

void json_begin_array(struct json_writer *w)
{
    begin(w, '[');
}

void json_end_array(struct json_writer *w)
{
    end(w, ']');
}

void json_key(struct json_writer *w, const char *name)
{
    separate(w);
    json_quote(w->out, name, strlen(name));
    buf_addstr(w->out, w->pretty ? ": " : ":");
    w->after_key = true;
}

void json_put_text(struct json_writer *w, const char *s)
{
    if (!s) {
        json_put_null(w);
        return;
    }
    separate(w);
    json_quote(w->out, s, strlen(s));
    value_done(w);
}

void json_put_int(struct json_writer *w, int64_t n)
{
    separate(w);
    buf_addint(w->out, n);
    value_done(w);
}

void json_put_bool(struct json_writer *w, bool b)
{
    separate(w);
    buf_addstr(w->out, b ? "true" : "false");
    value_done(w);
}

void json_put_null(struct json_writer *w)
{
    separate(w);
    buf_addstr(w->out, "null");
    value_done(w);
}

void json_member_text(struct json_writer *w, const char *name, const char *s)
{
    json_key(w, name);
    json_put_text(w, s);
}

void json_member_int(struct json_writer *w, const char *name, int64_t n)
{
    json_key(w, name);
    json_put_int(w, n);
}

void json_member_bool(struct json_writer *w, const char *name, bool b)
{
    json_key(w, name);
    json_put_bool(w, b);
}

/* Characters that JSON allows but that could play tricks on a terminal, or on a reader
 * that takes JSON for JavaScript. */
static bool is_better_escaped(uint32_t c)
{
    return text_is_unsafe(c) || c == 0x2028 || c == 0x2029;
}

static void escape(struct buf *out, uint32_t c)
{
    static const char letters[] = "btn\0fr"; /* for U+0008 to U+000D */
    if (c == '"' || c == '\\') {
        buf_addch(out, '\\');
        buf_addch(out, (char)c);
    } else if (c >= 8 && c <= 13 && letters[c - 8]) {
        buf_addch(out, '\\');
        buf_addch(out, letters[c - 8]);
    } else {
        buf_addf(out, "\\u%04x", (unsigned)c);
    }
}

static bool is_plain(char c)
{
    return c >= 0x20 && c < 0x7F && c != '"' && c != '\\';
}

void json_quote(struct buf *out, const char *s, size_t len)
{
    buf_addch(out, '"');
    size_t copied = 0; /* everything before it is in OUT */
    for (size_t i = 0; i < len;) {
        if (is_plain(s[i])) {
            i++;
            continue;
        }
        uint32_t c;
        size_t n = text_decode(s + i, len - i, &c);
        if (n > 1 && !is_better_escaped(c)) {
            i += n;
            continue;
        }
        buf_add(out, s + copied, i - copied);
        if (n == 0) {
            buf_addstr(out, "\xEF\xBF\xBD");
            n = 1;
        } else {
            escape(out, c);
        }
        i += n;
        copied = i;
    }
    buf_add(out, s + copied, len - copied);
    buf_addch(out, '"');
}
