/*
 * clock.h - points in time.
 *
 * A time is an int64_t: milliseconds since 1970-01-01T00:00:00Z. In the catalog
 * and in output it is RFC 3339 in UTC with milliseconds.
 */
#ifndef IMGCTL_CLOCK_H
#define IMGCTL_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

#define CLOCK_TEXT_SIZE 25 /* "2026-11-22T07:30:11.402Z" and the NUL */

int64_t clock_now(void);

/* Milliseconds of a clock that never jumps; only differences mean something. */
int64_t clock_steady(void);

void clock_pause(int64_t ms); /* all of it, whatever signals come; below 0: none */

/* A time outside the years 0 to 9999 is written as the nearest one in them, so that
 * texts compare as the times do. */
void clock_format(char out[CLOCK_TEXT_SIZE], int64_t when);

/*
 * Read a time: RFC 3339 ("2026-11-22T07:30:11Z", offsets allowed), a date
 * ("2026-11-22", its first moment in UTC) or a distance back from NOW ("-7d",
 * "-90m"). With END, a date means its last millisecond. False when it is none.
 */
bool clock_parse(const char *text, int64_t now, bool end, int64_t *ret);

/* "3 minutes ago", "2 days ago", "2026-03-01": for people. OUT has 32 bytes. */
void clock_relative(char *out, int64_t when, int64_t now);

#endif
