/*
 * text.h - text from outside: is it valid, how wide is it, make it safe.
 */
#ifndef IMGCTL_TEXT_H
#define IMGCTL_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "imgctl/buf.h"

/* Is this well-formed UTF-8 (no overlong forms, no surrogates)? */
bool text_is_utf8(const char *s, size_t len);

/* The first character of S: its code point into *RET and its bytes as the result, or 0
 * when S does not begin with a well-formed one. LEN must not be 0. */
size_t text_decode(const char *s, size_t len, uint32_t *ret);

/* Could it play tricks on a terminal: a control character (C0, DEL, C1), or one that
 * reorders the text around it? */
bool text_is_unsafe(uint32_t c);

/*
 * Add S to OUT so that it can be shown on a terminal or in a log line: unsafe characters
 * and bytes that are no UTF-8 become visible escapes (\n, \t, \xNN, \u{202E});
 * everything else is unchanged.
 */
void text_escape(struct buf *out, const char *s, size_t len);

/* Take the last character off; false when there is none. */
bool text_erase_character(struct buf *b);

/* Columns that S (already escaped, UTF-8) takes in a terminal: East Asian wide
 * characters and emoji count 2, combining characters 0. */
size_t text_width(const char *s);

/* Add S to OUT, cut to COLUMNS with an ellipsis in the last one if too wide. */
void text_fit(struct buf *out, const char *s, size_t columns);

/*
 * Add S to OUT with every byte that is not part of valid UTF-8, and every '%',
 * written as %XX; returns true. Valid UTF-8 is added unchanged; returns false.
 * So a file name of any bytes gets a reversible UTF-8 form.
 */
bool text_make_utf8(struct buf *out, const char *s, size_t len);

/* Percent-encode all but A-Z a-z 0-9 and the bytes in KEEP; upper-case hex. */
void text_percent_encode(struct buf *out, const char *s, size_t len, const char *keep);

/* Add LEN bytes as base64 with padding (RFC 4648, section 4). */
void text_base64(struct buf *out, const void *data, size_t len);

/* Undo percent-encoding; a '%' that begins no escape stays what it is. */
void text_percent_decode(struct buf *out, const char *s);

/* Lower-case hex of LEN bytes; OUT has room for 2*LEN+1. */
void text_hex(char *out, const void *data, size_t len);

/* Whole text as a number; false when it is anything else or out of range. */
bool text_parse_int(const char *s, int64_t min, int64_t max, int64_t *ret);

/* "1500", "10M", "1.5G": bytes, K M G meaning powers of 1024 (also "KB", "KiB"). */
bool text_parse_size(const char *s, int64_t *ret);

/* "90s", "15m", "2h", "7d", "2w", or a bare number of seconds: milliseconds. */
bool text_parse_duration(const char *s, int64_t *ret);

/* "312 KB", "9.4 MB": for people, units of 1024. OUT has room for 16 bytes. */
void text_format_size(char *out, int64_t bytes);

/*
 * The candidate most like WORD (a transposition, a slip or a missing part), or
 * NULL when none is near enough to be worth suggesting.
 */
const char *text_nearest(const char *word, const char *const *candidates, size_t count);

#endif
