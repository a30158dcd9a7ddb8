/* Points in time: written, read, and told to people. */

#include "imgctl/clock.h"
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

/* The C library reads what is written here by hand. */
TEST(agrees_with_the_c_library)
{
    for (int64_t when = YEAR_0 + 1; when < YEAR_9999_END; when += 37 * DAY_MS + 12345678) {
        char text[CLOCK_TEXT_SIZE];
        int64_t back;
        clock_format(text, when);
        if (!clock_parse(text, 0, false, &back) || back != when) {
            FAIL(text);
            return;
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
    RUN(keeps_to_the_years_it_can_write);
    RUN(pauses_no_longer_than_asked);
    return test_end();
}
