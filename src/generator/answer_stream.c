#include "answer_stream.h"

#include <string.h>

#define DATA_LINK "data:"
#define BASE64_MARK ";base64"

void answer_stream_init(struct answer_stream *s)
{
    *s = (struct answer_stream){ .text = BUF_INIT, .item = -1 };
}

void answer_stream_release(struct answer_stream *s)
{
    buf_release(&s->text);
}

static int keep(struct answer_stream *s, const char *data, size_t len, struct error *err)
{
    if (!buf_add_limited(&s->text, data, len, ANSWER_TEXT_LIMIT)) {
        return error_set(err, ERROR_UNAVAILABLE,
                         "more than %zu bytes of text beside the pictures",
                         ANSWER_TEXT_LIMIT);
    }
    return 0;
}

static int flush(struct answer_stream *s, struct error *err)
{
    size_t len = s->out_len;
    s->out_len = 0;
    return len > 0 ? s->bytes(s->cookie, s->item, s->out, len, err) : 0;
}

/* ---- A string that is a picture ---- */

static int take_base64(struct answer_stream *s, unsigned char c, struct error *err)
{
    s->out_len += (size_t)base64_take(&s->base64, c, s->out + s->out_len);
    return s->out_len == sizeof s->out ? flush(s, err) : 0;
}

static int hex_value(char c)
{
    static const char digits[] = "0123456789abcdef";
    const char *at = c ? strchr(digits, c >= 'A' && c <= 'F' ? c - 'A' + 'a' : c) : NULL;
    return at ? (int)(at - digits) : -1;
}

/* C is part of an escape sequence: "\/" is common, "\u003d" not unheard of. */
static int take_escape(struct answer_stream *s, char c, struct error *err)
{
    if (s->escape == 1 && c == 'u') {
        s->escape = 2;
        s->code = 0;
        return 0;
    }
    if (s->escape >= 2) {
        int value = hex_value(c);
        s->base64.wrong = s->base64.wrong || value < 0;
        s->code = s->code << 4 | (unsigned)(value < 0 ? 0 : value);
        if (++s->escape < 6) {
            return 0;
        }
        s->base64.wrong = s->base64.wrong || s->code > 0x7F;
        c = (char)(s->code & 0x7F);
    } else if (strchr("nrtbf", c)) {
        c = c == 'n' || c == 'r' || c == 't' ? '\n' : '\0';
    }
    s->escape = 0;
    return take_base64(s, (unsigned char)c, err);
}

/* It has become clear that the string is base64 from its beginning. */
static int begin_base64(struct answer_stream *s, struct error *err)
{
    s->picture = PICTURE_BASE64;
    for (size_t i = 0; i < s->start_len; i++) {
        if (take_base64(s, (unsigned char)s->start[i], err) < 0) {
            return -1;
        }
    }
    return 0;
}

/* The header of a data: link is complete, or too long for one. */
static void end_header(struct answer_stream *s)
{
    size_t mark = strlen(BASE64_MARK);
    s->picture = PICTURE_BASE64;
    s->base64.wrong = s->start_len < mark ||
                      memcmp(s->start + s->start_len - mark, BASE64_MARK, mark) != 0;
}

static int take_text(struct answer_stream *s, char c, struct error *err);

static int take_start(struct answer_stream *s, char c, struct error *err)
{
    if (c == DATA_LINK[s->start_len]) {
        s->start[s->start_len++] = c;
        if (s->start_len == strlen(DATA_LINK)) {
            s->picture = PICTURE_HEADER;
        }
        return 0;
    }
    if (!s->is_link) {
        return begin_base64(s, err) < 0 ? -1 : take_text(s, c, err);
    }
    s->picture = PICTURE_NO;
    return keep(s, s->start, s->start_len, err) < 0 ? -1 : take_text(s, c, err);
}

static void take_header(struct answer_stream *s, char c)
{
    if (c == ',' || s->start_len == sizeof s->start) {
        end_header(s);
    } else if (c != '\\') { /* of "\/" */
        s->start[s->start_len++] = c;
    }
}

static int end_picture(struct answer_stream *s, struct error *err)
{
    bool is_empty = s->picture == PICTURE_START && s->start_len == 0;
    if (s->picture == PICTURE_START && s->is_link) {
        s->picture = PICTURE_NO;
        return keep(s, s->start, s->start_len, err);
    }
    if (s->picture == PICTURE_START && begin_base64(s, err) < 0) {
        return -1;
    }
    bool whole = s->picture == PICTURE_BASE64 && base64_is_whole(&s->base64);
    s->picture = PICTURE_NO;
    return is_empty || (flush(s, err) == 0 && s->end(s->cookie, s->item, whole, err) == 0)
               ? 0
               : -1;
}

/* ---- Strings ---- */

static bool in_item(const struct answer_stream *s)
{
    return s->in_data && s->depth == 3 && s->brackets[2] == '{';
}

static bool is_named(const struct answer_stream *s, const char *name)
{
    return strlen(name) == s->name_len && memcmp(s->name, name, s->name_len) == 0;
}

static int begin_string(struct answer_stream *s, struct error *err)
{
    s->in_string = true;
    s->is_name = s->expects_name;
    s->escape = 0;
    s->is_link = in_item(s) && is_named(s, "url");
    bool is_picture = in_item(s) && (s->is_link || is_named(s, "b64_json"));
    s->picture = !s->is_name && is_picture ? PICTURE_START : PICTURE_NO;
    s->start_len = 0;
    s->base64 = (struct base64){ .bits = 0 };
    if (s->is_name) {
        s->name_len = 0;
    }
    return keep(s, "\"", 1, err);
}

static int end_string(struct answer_stream *s, struct error *err)
{
    if (s->picture != PICTURE_NO && end_picture(s, err) < 0) {
        return -1;
    }
    s->in_string = false;
    return keep(s, "\"", 1, err);
}

/* Inside a string, and not its end. */
static int take_text(struct answer_stream *s, char c, struct error *err)
{
    bool was_escaped = s->escape > 0;
    if (s->picture == PICTURE_BASE64) {
        if (was_escaped) {
            return take_escape(s, c, err);
        }
        s->escape = c == '\\';
        return s->escape ? 0 : take_base64(s, (unsigned char)c, err);
    }
    s->escape = !was_escaped && c == '\\';
    if (s->picture == PICTURE_HEADER) {
        take_header(s, c);
        return 0;
    }
    if (s->is_name && s->name_len < sizeof s->name) {
        s->name[s->name_len++] = c;
    }
    return keep(s, &c, 1, err);
}

static int take_in_string(struct answer_stream *s, char c, struct error *err)
{
    if (c == '"' && s->escape != 1) {
        return end_string(s, err);
    }
    return s->picture == PICTURE_START ? take_start(s, c, err) : take_text(s, c, err);
}

/* ---- Between strings ---- */

static int open_bracket(struct answer_stream *s, char c, struct error *err)
{
    if (s->depth == JSON_DEPTH) {
        return error_set(err, ERROR_UNAVAILABLE, "JSON nested too deeply");
    }
    if (c == '[' && s->depth == 1 && is_named(s, "data")) {
        s->in_data = true;
        s->item = 0;
    }
    s->brackets[s->depth++] = c;
    s->expects_name = c == '{';
    return 0;
}

static void close_bracket(struct answer_stream *s)
{
    s->depth -= s->depth > 0;
    s->in_data = s->in_data && s->depth >= 2;
    s->expects_name = false;
}

static int take_outside(struct answer_stream *s, char c, struct error *err)
{
    bool is_blank = c == ' ' || c == '\t' || c == '\r' || c == '\n';
    if (is_blank && s->depth == 0) {
        return 0;
    }
    if (s->text.len == 0 && c != '{') {
        return error_set(err, ERROR_UNAVAILABLE, "no JSON object");
    }
    if (c == '"') {
        return begin_string(s, err);
    }
    if (c == '{' || c == '[') {
        if (open_bracket(s, c, err) < 0) {
            return -1;
        }
    } else if (c == '}' || c == ']') {
        close_bracket(s);
    } else if (c == ',' && s->depth > 0) {
        s->expects_name = s->brackets[s->depth - 1] == '{';
        s->item += s->in_data && s->depth == 2;
    } else if (c == ':') {
        s->expects_name = false;
    }
    return keep(s, &c, 1, err);
}

int answer_stream_feed(struct answer_stream *s, const char *data, size_t len,
                       struct error *err)
{
    for (size_t i = 0; i < len; i++) {
        int result = s->in_string ? take_in_string(s, data[i], err)
                                  : take_outside(s, data[i], err);
        if (result < 0) {
            return -1;
        }
    }
    return 0;
}
