/* Points in time: written, read, and told to people. */

#include "imgctl/clock.h"

#include <time.h>

#include "test.h"

#define DAY_MS INT64_C(86400000)
#define YEAR_0 INT64_C(-62167219200000)
#define YEAR_9999_END INT64_C(253402300799999)

static void check_text(int64_t when, const char *want)
{
    char text[CLOCK_TEXT_SIZE];
    clock_format(text, when);
    CHECK_STR(text, want);
}

TEST(writes_times)
{
    check_text(0, "1970-01-01T00:00:00.000Z");
    check_text(-1, "1969-12-31T23:59:59.999Z");
    check_text(951782400000, "2000-02-29T00:00:00.000Z");
    check_text(4107542400000, "2100-03-01T00:00:00.000Z");
    check_text(YEAR_0, "0000-01-01T00:00:00.000Z");
    check_text(YEAR_9999_END, "9999-12-31T23:59:59.999Z");
}

/* The calendar is our own. */
TEST(agrees_with_the_c_library)
{
    const int64_t step = 37 * DAY_MS + 12345678;
    for (int64_t when = YEAR_0 + 1; when < YEAR_9999_END; when += step) {
        char text[CLOCK_TEXT_SIZE], want[CLOCK_TEXT_SIZE];
        time_t seconds = (when - YEAR_0) / 1000 + YEAR_0 / 1000;
        int64_t back = 0;
        struct tm tm;
        clock_format(text, when);
        strftime(want, sizeof want, "%Y-%m-%dT%H:%M:%S", gmtime_r(&seconds, &tm));
        /* Where %Y has fewer than four digits the end must do. */
        size_t len = strlen(want);
        if (memcmp(text + 19 - len, want, len) != 0 ||
            !clock_parse(text, 0, false, &back) || back != when) {
            FAIL(text);
            return;
        }
    }
}

static void check_time(const char *text, int64_t want)
{
    int64_t when = -1;
    CHECK(clock_parse(text, 1000, false, &when));
    CHECK_INT(when, want);
}

TEST(reads_times)
{
    static const char *const bad[] = {
        "", "2026", "2026-02-29", "2100-02-29", "2026-13-01", "2026-00-01", "2026-01-00",
        "2026-1-1", "2026-01-01T", "2026-01-01T00:00:00", "2026-01-01T24:00:00Z",
        "2026-01-01T00:60:00Z", "2026-01-01T00:00:61Z", "2026-01-01T00:00:00.Z",
        "2026-01-01T00:00:00+24:00", "2026-01-01T00:00:00Zx", "2026-01-01x", "-", "-1y",
    };
    int64_t when;
    check_time("1970-01-01", 0);
    check_time("1970-01-01T00:00:00Z", 0);
    check_time("2000-02-29t12:30:05.1239z", 951827405123);
    check_time("2000-03-01 01:30:00+01:30", 951868800000);
    check_time("1999-12-31T23:59:60-00:00", 946684800000);
    check_time("0000-01-01", YEAR_0);
    check_time("-1s", 0);
    CHECK(clock_parse("1970-01-01", 0, true, &when));
    CHECK_INT(when, DAY_MS - 1);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        if (clock_parse(bad[i], 0, false, &when)) {
            FAIL(bad[i]);
        }
    }
}

/* Texts are compared as times are, so the far past must not become the far future. */
TEST(keeps_to_the_years_it_can_write)
{
    check_text(YEAR_0 - 1, "0000-01-01T00:00:00.000Z");
    check_text(INT64_MIN, "0000-01-01T00:00:00.000Z");
    check_text(YEAR_9999_END + 1, "9999-12-31T23:59:59.999Z");
    check_text(INT64_MAX, "9999-12-31T23:59:59.999Z");
}

TEST(pauses_no_longer_than_asked)
{
    int64_t begin = clock_steady();
    clock_pause(10);
    CHECK(clock_steady() - begin >= 10);
    clock_pause(0);
    clock_pause(-1);
}

int main(void)
{
    RUN(writes_times);
    RUN(agrees_with_the_c_library);
    RUN(reads_times);
    RUN(keeps_to_the_years_it_can_write);
    RUN(pauses_no_longer_than_asked);
    return test_end();
}
