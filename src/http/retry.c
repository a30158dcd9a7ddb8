#include <stdio.h>
#include <string.h>

#include "imgctl/clock.h"
#include "policy.h"

bool retry_is_rate_limit(int status, const char *body)
{
    /* Cloudinary's 420 also means an add-on that nobody subscribed to. */
    return status == 429 || (status == 420 && strstr(body, "Rate Limit"));
}

bool retry_status(enum http_retry mode, int status, const char *body)
{
    if (mode == HTTP_RETRY_NEVER) {
        return false;
    }
    if (status == 503 || retry_is_rate_limit(status, body)) {
        return true;
    }
    return mode == HTTP_RETRY_SAFE &&
           (status == 408 || status == 423 || status == 425 || status == 500 ||
            status == 502 || status == 504);
}

int64_t retry_delay(int n, int base, uint32_t random)
{
    int64_t delay = base;
    while (n > 1 && delay < RETRY_MAX_DELAY) {
        delay *= 2;
        n--;
    }
    if (delay > RETRY_MAX_DELAY) {
        delay = RETRY_MAX_DELAY;
    }
    return delay * random / UINT32_MAX;
}

int64_t retry_time_in_text(const char *body)
{
    const char *at = strstr(body, "Try again on ");
    char day[11], moment[9];
    if (!at || sscanf(at, "Try again on %10[0-9-] %8[0-9:] UTC", day, moment) != 2) {
        return 0;
    }
    char text[sizeof day + sizeof moment + 1];
    snprintf(text, sizeof text, "%sT%sZ", day, moment);
    int64_t when;
    return clock_parse(text, 0, false, &when) && when > 0 ? when : 0;
}
