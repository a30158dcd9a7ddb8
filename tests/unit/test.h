/*
 * test.h - unit tests in C, reported as TAP.
 *
 *     TEST(adds) { CHECK_INT(1 + 1, 2); }
 *     int main(void) { RUN(adds); return test_end(); }
 *
 * A test goes on after a failed check; every failure is told with its place.
 */
#ifndef TEST_H
#define TEST_H

#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int test_number, test_failures, test_failed_checks;
static const char *test_skip_reason;

#define TEST(name) static void test_##name(void)

#define RUN(name)                                                             \
    do {                                                                      \
        test_failed_checks = 0;                                               \
        test_skip_reason = NULL;                                              \
        test_##name();                                                        \
        test_number++;                                                        \
        test_failures += test_failed_checks > 0;                              \
        printf("%sok %d - %s%s%s\n", test_failed_checks ? "not " : "",        \
               test_number, #name, test_skip_reason ? " # SKIP " : "",        \
               test_skip_reason ? test_skip_reason : "");                     \
        fflush(stdout);                                                       \
    } while (0)

#define SKIP(reason)                 \
    do {                             \
        test_skip_reason = (reason); \
        return;                      \
    } while (0)

#define CHECK(cond)                                                           \
    do {                                                                      \
        if (!(cond)) {                                                        \
            test_failed_checks++;                                             \
            printf("# %s:%d: not true: %s\n", __FILE__, __LINE__, #cond);     \
        }                                                                     \
    } while (0)

#define FAIL(what)                                                            \
    do {                                                                      \
        test_failed_checks++;                                                 \
        printf("# %s:%d: %s\n", __FILE__, __LINE__, (what));                  \
    } while (0)

#define CHECK_INT(got, want)                                                  \
    do {                                                                      \
        intmax_t got_ = (intmax_t)(got), want_ = (intmax_t)(want);            \
        if (got_ != want_) {                                                  \
            test_failed_checks++;                                             \
            printf("# %s:%d: %s is %jd, not %jd\n", __FILE__, __LINE__, #got, \
                   got_, want_);                                              \
        }                                                                     \
    } while (0)

#define CHECK_STR(got, want)                                                  \
    do {                                                                      \
        const char *got_ = (got), *want_ = (want);                            \
        if (!got_ || !want_ ? got_ != want_ : strcmp(got_, want_) != 0) {     \
            test_failed_checks++;                                             \
            printf("# %s:%d: %s is \"%s\", not \"%s\"\n", __FILE__, __LINE__, \
                   #got, got_ ? got_ : "(null)", want_ ? want_ : "(null)");   \
        }                                                                     \
    } while (0)

static inline int test_end(void)
{
    printf("1..%d\n", test_number);
    return test_failures ? 1 : 0;
}

#endif
