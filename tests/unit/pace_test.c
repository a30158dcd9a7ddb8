/*
 * --rate and --bwlimit: never more than that, and hardly less. Time is a number here.
 */
#include "../../src/http/policy.h"
#include "test.h"

#define SECOND ((int64_t)1000)

/* What is had from START to END by one who asks for WANT every STEP ms. */
static int64_t take_over(struct pace *p, int64_t start, int64_t end, int64_t step,
                         int64_t want)
{
    int64_t sum = 0;
    for (int64_t now = start; now < end; now += step) {
        int64_t got = pace_take(p, now, want);
        CHECK(got >= 0 && got <= want);
        sum += got;
    }
    return sum;
}

TEST(no_limit)
{
    struct pace p;
    pace_init(&p, 0, SECOND);
    CHECK_INT(pace_take(&p, 1, 1 << 30), 1 << 30);
    CHECK_INT(pace_opens(&p, 5), 5);
    pace_init(&p, INT64_MAX, SECOND); /* whose products would overflow */
    CHECK_INT(pace_take(&p, 1, 1 << 30), 1 << 30);
}

TEST(not_more_and_hardly_less)
{
    static const int64_t limits[] = { 3, 100, 4096, 200 * 1024, 1000000000 };
    static const int64_t steps[] = { 1, 7, 40 };
    for (size_t i = 0; i < 5; i++) {
        for (size_t k = 0; k < 3; k++) {
            struct pace p;
            int64_t limit = limits[i];
            pace_init(&p, limit, SECOND);
            int64_t got = take_over(&p, 1000, 11000, steps[k], 1 << 30);
            CHECK(got <= 10 * limit + limit / 20 + 1);
            /* Who asks every 40 ms has each of three a second up to 40 ms late. */
            CHECK(got >= 10 * limit - limit / 5 - 3);
        }
    }
}

TEST(wants_little_gets_it)
{
    struct pace p;
    pace_init(&p, 1000, SECOND);
    CHECK_INT(take_over(&p, 1000, 11000, 10, 5), 5000);
}

TEST(opens_when_it_says)
{
    struct pace p;
    pace_init(&p, 60, 60 * SECOND); /* one a second */
    int64_t now = 5000;
    CHECK_INT(pace_take(&p, now, 1), 1);
    for (int i = 0; i < 50; i++) {
        int64_t opens = pace_opens(&p, now);
        CHECK(opens > now && opens <= now + SECOND);
        CHECK_INT(pace_take(&p, opens - 1, 1), 0);
        CHECK_INT(pace_take(&p, opens, 1), 1);
        now = opens;
    }
    CHECK_INT(now, 5000 + 50 * SECOND);
}

TEST(once_a_minute)
{
    struct pace p;
    pace_init(&p, 1, 60 * SECOND);
    CHECK_INT(pace_take(&p, 1000, 9), 1);
    CHECK_INT(pace_take(&p, 1000, 9), 0);
    CHECK_INT(pace_opens(&p, 1000), 1000 + 60 * SECOND);
    CHECK_INT(pace_take(&p, 60999, 9), 0);
    CHECK_INT(pace_take(&p, 61000, 9), 1);
}

TEST(a_pause_is_followed_by_no_flood)
{
    struct pace p;
    pace_init(&p, 1000, SECOND);
    pace_take(&p, 1000, 1000);
    CHECK(pace_take(&p, 1000 + 3600 * SECOND, 100000) <= 1000 / 20);
}

TEST(no_crumbs)
{
    struct pace p;
    pace_init(&p, 100000, SECOND);
    while (pace_take(&p, 1000, 100000) > 0) {
    }
    CHECK_INT(pace_take(&p, 1001, 100000), 0); /* 100 are saved up, 1000 are a grain */
    CHECK(pace_take(&p, 1011, 100000) >= 1000);
}

int main(void)
{
    RUN(no_limit);
    RUN(not_more_and_hardly_less);
    RUN(wants_little_gets_it);
    RUN(opens_when_it_says);
    RUN(once_a_minute);
    RUN(a_pause_is_followed_by_no_flood);
    RUN(no_crumbs);
    return test_end();
}
