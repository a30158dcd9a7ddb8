#include "imgctl/clock.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "imgctl/text.h"

#define MS_SECOND INT64_C(1000)
#define MS_MINUTE (60 * MS_SECOND)
#define MS_HOUR (60 * MS_MINUTE)
#define MS_DAY (24 * MS_HOUR)

static int64_t read_clock(clockid_t id)
{
    struct timespec ts;
    clock_gettime(id, &ts);
    return (int64_t)ts.tv_sec * MS_SECOND + ts.tv_nsec / 1000000;
}

int64_t clock_now(void)
{
    return read_clock(CLOCK_REALTIME);
}

void clock_pause(int64_t ms)
{
    struct timespec left = { .tv_sec = ms / 1000, .tv_nsec = (ms % 1000) * 1000000 };
    while (nanosleep(&left, &left) < 0 && errno == EINTR) {
    }
}

int64_t clock_steady(void)
{
    return read_clock(CLOCK_MONOTONIC);
}

static void put_digits(char *out, int count, int n)
{
    for (int i = count - 1; i >= 0; i--, n /= 10) {
        out[i] = (char)('0' + n % 10);
    }
}

/*
 * The calendar is reckoned here: the C library's functions read a file of time zones,
 * also those that need none. Years are taken from March on, so that a leap day is their
 * last, in eras of 400 years, and from the year -400, so that nothing is negative.
 */
#define ERA_DAYS 146097
#define EPOCH_DAYS (719468 + ERA_DAYS) /* from 1 March -400 to 1970-01-01 */

/* The date of the day DAYS after 1970-01-01. */
static void put_date(char *out, int64_t days)
{
    days += EPOCH_DAYS;
    int64_t era = days / ERA_DAYS;
    int day = (int)(days - era * ERA_DAYS);
    int year = (day - day / 1460 + day / 36524 - day / 146096) / 365;
    day -= 365 * year + year / 4 - year / 100;
    int month = (5 * day + 2) / 153; /* 0 is March */
    day -= (153 * month + 2) / 5;
    bool next = month >= 10;
    put_digits(out, 4, (int)(era * 400) - 400 + year + next);
    put_digits(out + 5, 2, next ? month - 9 : month + 3);
    put_digits(out + 8, 2, day + 1);
}

/* The days from 1970-01-01 to a date, which must be one. */
static int64_t days_to(int year, int month, int day)
{
    int64_t years = year + 400 - (month <= 2);
    int from_march = (month + 9) % 12;
    return years * 365 + years / 4 - years / 100 + years / 400 +
           (153 * from_march + 2) / 5 + day - 1 - EPOCH_DAYS;
}

void clock_format(char out[CLOCK_TEXT_SIZE], int64_t when)
{
    static const int64_t first = -62167219200000, last = 253402300799999;
    when = when < first ? first : when > last ? last : when;
    memcpy(out, "0000-00-00T00:00:00.000Z", CLOCK_TEXT_SIZE);
    int64_t from_first = when - first; /* no negative remainders */
    int in_day = (int)(from_first % MS_DAY);
    put_date(out, from_first / MS_DAY + first / MS_DAY);
    put_digits(out + 11, 2, in_day / 3600000);
    put_digits(out + 14, 2, in_day / 60000 % 60);
    put_digits(out + 17, 2, in_day / 1000 % 60);
    put_digits(out + 20, 3, in_day % 1000);
}

/* COUNT digits at *S as a number; false if there are not that many. */
static bool take_digits(const char **s, int count, int *ret)
{
    int n = 0;
    for (int i = 0; i < count; i++) {
        if ((*s)[i] < '0' || (*s)[i] > '9') {
            return false;
        }
        n = n * 10 + ((*s)[i] - '0');
    }
    *s += count;
    *ret = n;
    return true;
}

static bool take_char(const char **s, char c)
{
    if (**s != c) {
        return false;
    }
    (*s)++;
    return true;
}

static bool days_fit(int year, int month, int day)
{
    static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return month >= 1 && month <= 12 && day >= 1 &&
           day <= days[month - 1] + (month == 2 && leap);
}

/* ".402" with any number of digits: milliseconds, the rest dropped. */
static bool take_fraction(const char **s, int *ms)
{
    *ms = 0;
    if (**s != '.') {
        return true;
    }
    (*s)++;
    int digits = 0;
    for (; **s >= '0' && **s <= '9'; (*s)++, digits++) {
        if (digits < 3) {
            *ms = *ms * 10 + (**s - '0');
        }
    }
    for (int i = digits; i < 3; i++) {
        *ms *= 10;
    }
    return digits > 0;
}

/* "Z" or "+02:00": minutes east of UTC. */
static bool take_zone(const char **s, int *minutes)
{
    *minutes = 0;
    if (take_char(s, 'Z') || take_char(s, 'z')) {
        return true;
    }
    int sign = **s == '-' ? -1 : 1;
    int h = 0, m = 0;
    if (**s != '-' && **s != '+') {
        return false;
    }
    (*s)++;
    if (!take_digits(s, 2, &h) || !take_char(s, ':') || !take_digits(s, 2, &m) ||
        h > 23 || m > 59) {
        return false;
    }
    *minutes = sign * (h * 60 + m);
    return true;
}

static bool parse_distance(const char *text, int64_t now, int64_t *ret)
{
    int64_t distance;
    if (!text_parse_duration(text, &distance)) {
        return false;
    }
    *ret = now - distance;
    return true;
}

/* "T14:00:00.5+02:00": milliseconds from the date's first moment in UTC on. */
static bool take_time(const char **s, int64_t *ret)
{
    int hour, minute, second, ms, zone;
    if ((!take_char(s, 'T') && !take_char(s, 't') && !take_char(s, ' ')) ||
        !take_digits(s, 2, &hour) || !take_char(s, ':') || !take_digits(s, 2, &minute) ||
        !take_char(s, ':') || !take_digits(s, 2, &second) || hour > 23 || minute > 59 ||
        second > 60 || !take_fraction(s, &ms) || !take_zone(s, &zone)) {
        return false;
    }
    *ret = hour * MS_HOUR + (minute - zone) * MS_MINUTE + second * MS_SECOND + ms;
    return true;
}

bool clock_parse(const char *text, int64_t now, bool end, int64_t *ret)
{
    int year, month, day;
    int64_t in_day = end ? MS_DAY - 1 : 0;
    if (*text == '-') {
        return parse_distance(text + 1, now, ret);
    }
    if (!take_digits(&text, 4, &year) || !take_char(&text, '-') ||
        !take_digits(&text, 2, &month) || !take_char(&text, '-') ||
        !take_digits(&text, 2, &day) || !days_fit(year, month, day) ||
        (*text != '\0' && !take_time(&text, &in_day)) || *text != '\0') {
        return false;
    }
    *ret = days_to(year, month, day) * MS_DAY + in_day;
    return true;
}

void clock_relative(char *out, int64_t when, int64_t now)
{
    static const struct {
        int64_t below, unit;
        const char *name;
    } steps[] = {
        { MS_MINUTE, MS_SECOND, "second" },
        { MS_HOUR, MS_MINUTE, "minute" },
        { MS_DAY, MS_HOUR, "hour" },
        { 14 * MS_DAY, MS_DAY, "day" },
    };
    int64_t ago = now - when;
    if (ago >= 0 && ago < MS_SECOND) {
        snprintf(out, 32, "now");
        return;
    }
    for (size_t i = 0; ago >= 0 && i < sizeof steps / sizeof *steps; i++) {
        if (ago < steps[i].below) {
            int64_t n = ago / steps[i].unit;
            snprintf(out, 32, "%" PRId64 " %s%s ago", n, steps[i].name,
                     n == 1 ? "" : "s");
            return;
        }
    }
    char full[CLOCK_TEXT_SIZE];
    clock_format(full, when);
    snprintf(out, 32, "%.10s", full);
}
