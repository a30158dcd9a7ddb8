#include "imgctl/money.h"

#include <inttypes.h>
#include <stdio.h>

#define MICROS INT64_C(1000000)
#define PLACES 6

/* The digits at *S as a number; false if there is none or it is above MAX. */
static bool take_number(const char **s, int64_t max, int *ret_digits, int64_t *ret)
{
    int64_t n = 0;
    int digits = 0;
    for (; **s >= '0' && **s <= '9'; (*s)++, digits++) {
        n = n * 10 + (**s - '0');
        if (n > max) {
            return false;
        }
    }
    *ret_digits = digits;
    *ret = n;
    return digits > 0;
}

bool money_parse(const char *text, int64_t *ret)
{
    const char *s = text[0] == '$' ? text + 1 : text;
    int64_t whole, part = 0;
    int digits;
    if (!take_number(&s, MONEY_MAX / MICROS, &digits, &whole)) {
        return false;
    }
    if (*s == '.') {
        s++;
        if (!take_number(&s, MICROS, &digits, &part) || digits > PLACES) {
            return false;
        }
        for (; digits < PLACES; digits++) {
            part *= 10;
        }
    }
    if (*s != '\0') {
        return false;
    }
    *ret = whole * MICROS + part;
    return *ret <= MONEY_MAX;
}

void money_format(char out[MONEY_TEXT], int64_t micros)
{
    uint64_t n = micros < 0 ? -(uint64_t)micros : (uint64_t)micros;
    snprintf(out, MONEY_TEXT, "%s%" PRIu64 ".%06" PRIu64, micros < 0 ? "-" : "",
             n / MICROS, n % MICROS);
}

void money_print(struct buf *out, int64_t micros)
{
    if (micros == MONEY_UNKNOWN) {
        buf_addstr(out, "unknown");
        return;
    }
    char text[MONEY_TEXT];
    money_format(text, micros < 0 ? -micros : micros);
    int places = PLACES;
    for (const char *end = text; *end; end++) {
        if (*end == '.') {
            for (; places > 2 && end[places] == '0'; places--) {
            }
            buf_addf(out, "%s$%.*s", micros < 0 ? "-" : "",
                     (int)(end - text) + 1 + places, text);
            return;
        }
    }
}

int64_t money_from_nanos(int64_t nanos)
{
    return nanos / 1000 + (nanos % 1000 > 0);
}
