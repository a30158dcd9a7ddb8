/*
 * json.h - reading JSON that others wrote (json-c) and writing our own.
 *
 * Reading: strings, numbers and members of a `struct json` belong to the
 * document and live until json_free() of its root. A member that is missing,
 * null or of another type reads as NULL, 0 or the given default: services leave
 * out what they like, and a caller says what it needs. So do a string with a
 * NUL in it, and a number that is not whole or does not fit an int64_t. Of
 * members with the same name the last one counts.
 *
 * Writing: a streaming writer onto a buffer. It keeps commas and nesting right;
 * who needs bounded memory flushes the buffer between records.
 */
#ifndef IMGCTL_JSON_H
#define IMGCTL_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "imgctl/buf.h"
#include "imgctl/error.h"

struct json;

#define JSON_DEPTH 64 /* deeper documents are refused */

/* Parse one strict JSON text (RFC 8259: nothing but blanks around it, valid
 * UTF-8, no NaN, no comments). -1 with ERROR_FAILED otherwise. The text `null`
 * gives NULL, which all functions here take. */
int json_parse(const char *data, size_t len, struct json **ret, struct error *err);
void json_free(struct json *root);

bool json_is_object(const struct json *j);
bool json_is_array(const struct json *j);
const struct json *json_member(const struct json *object, const char *name);
/* The name of a member by its place in the text; NULL after the last. */
const char *json_name_at(const struct json *object, size_t index);
size_t json_length(const struct json *array); /* 0 if it is none */
const struct json *json_at(const struct json *array, size_t index);

const char *json_text(const struct json *object, const char *name);
int64_t json_number(const struct json *object, const char *name, int64_t fallback);
bool json_flag(const struct json *object, const char *name, bool fallback);
const char *json_as_text(const struct json *value); /* NULL if it is no string */

/* Zero but for OUT (and PRETTY). What stands between whole documents, such as
 * the newlines of JSON Lines, is the caller's to add to OUT. */
struct json_writer {
    struct buf *out;
    unsigned depth;
    bool pretty;       /* two spaces a level and a line a member */
    bool after_value;  /* a comma is due before the next value */
    bool after_key;
};

void json_begin_object(struct json_writer *w);
void json_end_object(struct json_writer *w);
void json_begin_array(struct json_writer *w);
void json_end_array(struct json_writer *w);
void json_key(struct json_writer *w, const char *name);
void json_put_text(struct json_writer *w, const char *s); /* NULL: null */
void json_put_int(struct json_writer *w, int64_t n);
void json_put_bool(struct json_writer *w, bool b);
void json_put_null(struct json_writer *w);

/* A key and its value. */
void json_member_text(struct json_writer *w, const char *name, const char *s);
void json_member_int(struct json_writer *w, const char *name, int64_t n);
void json_member_bool(struct json_writer *w, const char *name, bool b);

/* S as a quoted JSON string; bytes that are no UTF-8 become U+FFFD, and what
 * could play tricks on a terminal (DEL, C1, bidirectional controls) is \uXXXX. */
void json_quote(struct buf *out, const char *s, size_t len);

#endif
