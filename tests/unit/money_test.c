/* Sums of money, limits from the settings, the warning at four fifths. */

#include <stdlib.h>

#include "imgctl/budget.h"
#include "imgctl/money.h"
#include "test.h"

TEST(only_exact_sums_are_taken)
{
    static const struct {
        const char *text;
        int64_t micros;
    } good[] = {
        { "0", 0 }, { "0.5", 500000 }, { "0.50", 500000 }, { "$12", 12000000 },
        { "3.000001", 3000001 }, { "007", 7000000 }, { "1000000000", MONEY_MAX },
    };
    static const char *const bad[] = {
        "", "$", ".5", "5.", "-1", "+1", " 1", "1 ", "1,5", "1e3", "0.0000001", "$$1",
        "1000000000.000001", "99999999999999999999", "1.2.3", "nan", "0x10", "1$",
    };
    int64_t micros;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        CHECK(money_parse(good[i].text, &micros));
        CHECK_INT(micros, good[i].micros);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        CHECK(!money_parse(bad[i], &micros));
    }
}

static void check_text(int64_t micros, const char *exact, const char *shown)
{
    char text[MONEY_TEXT];
    AUTO_BUF struct buf out = BUF_INIT;
    if (exact) {
        money_format(text, micros);
        CHECK_STR(text, exact);
    }
    money_print(&out, micros);
    CHECK_STR(out.data, shown);
}

TEST(sums_are_shown_as_long_as_they_need)
{
    check_text(0, "0.000000", "$0.00");
    check_text(500000, "0.500000", "$0.50");
    check_text(5880, "0.005880", "$0.00588");
    check_text(1, "0.000001", "$0.000001");
    check_text(12345678, "12.345678", "$12.345678");
    check_text(100000000, "100.000000", "$100.00");
    check_text(-2500000, "-2.500000", "-$2.50");
    check_text(INT64_MAX, "9223372036854.775807", "$9223372036854.775807");
    check_text(MONEY_UNKNOWN, NULL, "unknown");
}

TEST(parts_of_a_micro_dollar_are_rounded_up)
{
    CHECK_INT(money_from_nanos(0), 0);
    CHECK_INT(money_from_nanos(1), 1);
    CHECK_INT(money_from_nanos(1000), 1);
    CHECK_INT(money_from_nanos(1001), 2);
}

TEST(limits_come_from_the_settings)
{
    struct error err = ERROR_INIT;
    struct config *config;
    struct budget b;
    setenv("IMGCTL_CONFIG", "/nonexistent/config", 1);
    CHECK_INT(config_load(NULL, &config, &err), 0);
    CHECK_INT(budget_load(config, NULL, 1, &b, &err), 0);
    CHECK_INT(b.month, BUDGET_NONE);
    CHECK_INT(b.business_day, BUDGET_NONE);
    CHECK_INT(config_override(config, "budget.month=12.50", &err), 0);
    CHECK_INT(config_override(config, "budget.day=0", &err), 0);
    CHECK_INT(config_override(config, "budget.day=-1", &err), -1);
    CHECK_INT(err.kind, ERROR_CONFIG);
    CHECK_INT(budget_load(config, NULL, 1, &b, &err), 0);
    CHECK_INT(b.month, 12500000);
    CHECK_INT(b.day, 0);
    config_free(config);
}

/* Month limited to 100, SPENT with a request of 10: is there a warning? */
static bool warns(int64_t spent)
{
    AUTO_BUF struct buf text = BUF_INIT;
    struct budget b = BUDGET_INIT;
    struct spending now = { .month = spent, .day = spent };
    b.month = 100;
    bool warned = budget_warning(&b, &now, 10, &text);
    CHECK(warned == (strstr(text.data, "the month's budget") != NULL));
    return warned;
}

TEST(who_reaches_four_fifths_is_warned_once)
{
    CHECK(!warns(79));
    CHECK(warns(80));
    CHECK(warns(89));
    CHECK(!warns(90)); /* it was over before */
    CHECK(!warns(100));
}

int main(void)
{
    RUN(only_exact_sums_are_taken);
    RUN(sums_are_shown_as_long_as_they_need);
    RUN(parts_of_a_micro_dollar_are_rounded_up);
    RUN(limits_come_from_the_settings);
    RUN(who_reaches_four_fifths_is_warned_once);
    return test_end();
}
