/* Numbers that people write and read. */
#include "imgctl/text.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

/* Digits from *S on, which is moved behind them; false for none or too many. */
static bool read_digits(const char **s, int64_t *ret)
{
    const char *p = *s;
    int64_t n = 0;
    for (; *p >= '0' && *p <= '9'; p++) {
        if (__builtin_mul_overflow(n, 10, &n) ||
            __builtin_add_overflow(n, *p - '0', &n)) {
            return false;
        }
    }
    if (p == *s) {
        return false;
    }
    *s = p;
    *ret = n;
    return true;
}

bool text_parse_int(const char *s, int64_t min, int64_t max, int64_t *ret)
{
    bool negative = *s == '-';
    int64_t n = 0;
    if (negative) {
        s++;
    }
    if (*s == '\0') {
        return false;
    }
    /* Counting downwards reaches INT64_MIN, counting upwards would not. */
    for (; *s; s++) {
        if (*s < '0' || *s > '9') {
            return false;
        }
        if (__builtin_mul_overflow(n, 10, &n) ||
            __builtin_sub_overflow(n, *s - '0', &n)) {
            return false;
        }
    }
    if (!negative && __builtin_sub_overflow(0, n, &n)) {
        return false;
    }
    if (n < min || n > max) {
        return false;
    }
    *ret = n;
    return true;
}

/* The unit as a power of two, or -1. */
static int size_shift(const char *unit)
{
    static const char letters[] = "KMG";
    const char *letter;
    if (*unit == '\0' || strcasecmp(unit, "B") == 0) {
        return 0;
    }
    letter = strchr(letters, *unit & ~0x20);
    if (!letter || *letter == '\0') {
        return -1;
    }
    unit++;
    if (*unit != '\0' && strcasecmp(unit, "B") != 0 && strcasecmp(unit, "iB") != 0) {
        return -1;
    }
    return (int)(letter - letters + 1) * 10;
}

/* ".5" as a numerator over a power of ten; nine digits are exact enough. */
static bool read_fraction(const char **s, int64_t *numerator, int64_t *denominator)
{
    const char *start;
    *numerator = 0;
    *denominator = 1;
    if (**s != '.') {
        return true;
    }
    start = ++*s;
    if (!read_digits(s, numerator) || *s - start > 9) {
        return false;
    }
    for (const char *p = start; p < *s; p++) {
        *denominator *= 10;
    }
    return true;
}

bool text_parse_size(const char *s, int64_t *ret)
{
    int64_t whole, numerator, denominator, bytes;
    int shift;
    if (!read_digits(&s, &whole) || !read_fraction(&s, &numerator, &denominator)) {
        return false;
    }
    shift = size_shift(s);
    if (shift < 0 || (shift == 0 && denominator != 1)) {
        return false;
    }
    if (__builtin_mul_overflow(whole, (int64_t)1 << shift, &bytes)) {
        return false;
    }
    return !__builtin_add_overflow(bytes, (numerator << shift) / denominator, ret);
}

bool text_parse_duration(const char *s, int64_t *ret)
{
    static const struct { char unit; int64_t ms; } units[] = {
        { '\0', 1000 },    { 's', 1000 },     { 'm', 60000 },
        { 'h', 3600000 },  { 'd', 86400000 }, { 'w', 604800000 },
    };
    int64_t n;
    if (!read_digits(&s, &n) || (*s != '\0' && s[1] != '\0')) {
        return false;
    }
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
        if (*s == units[i].unit) {
            return !__builtin_mul_overflow(n, units[i].ms, ret);
        }
    }
    return false;
}

void text_format_size(char *out, int64_t bytes)
{
    static const char units[][3] = { "B", "KB", "MB", "GB", "TB", "PB", "EB" };
    const char *sign = bytes < 0 ? "-" : "";
    double value = bytes < 0 ? -(double)bytes : (double)bytes;
    size_t unit = 0;
    /* 1023.5 would be shown as 1024 of its unit: the next unit is meant. */
    while (value >= (unit == 0 ? 1024 : 1023.5) && unit < 6) {
        value /= 1024;
        unit++;
    }
    unsigned whole = (unsigned)(value + 0.5) % 10000;
    unsigned tenths = (unsigned)(value * 10 + 0.5) % 100000;
    if (tenths >= 100 || tenths % 10 == 0) {
        snprintf(out, 16, "%s%u %.2s", sign, whole, units[unit]);
    } else {
        snprintf(out, 16, "%s%u.%u %.2s", sign, tenths / 10 % 10, tenths % 10,
                 units[unit]);
    }
}
