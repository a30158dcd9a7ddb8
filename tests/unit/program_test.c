/*
 * Helper programs: how they are found, started and read, and the words of a pager.
 */
#include "imgctl/program.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "test.h"

TEST(finds_in_path)
{
    setenv("PATH", ":.:relative:/usr/bin:/bin", 1);
    char *sh = program_find("sh");
    CHECK(sh && sh[0] == '/');
    free(sh);
    CHECK(program_find("no-such-program") == NULL);
    CHECK(program_find("") == NULL);
    CHECK(program_find("/etc/passwd") == NULL);
    CHECK(program_find("/") == NULL);
    sh = program_find("/bin/sh");
    CHECK(sh != NULL);
    free(sh);
}

TEST(reads_what_one_prints)
{
    const char *const argv[] = { "printf", "%s|", "a b", "$HOME", ";", NULL };
    struct buf out = BUF_INIT;
    struct error err = ERROR_INIT;
    CHECK(program_read(argv, 100, 10000, &out, &err) == 0);
    CHECK_STR(out.data, "a b|$HOME|;|");
    buf_release(&out);
}

TEST(fails_as_they_fail)
{
    struct buf out = BUF_INIT;
    struct error err = ERROR_INIT;
    CHECK(program_read((const char *const[]){ "sh", "-c", "exit 3", NULL }, 100, 10000,
                       &out, &err) < 0);
    CHECK(strstr(err.message, "status 3") != NULL);
    CHECK(program_read((const char *const[]){ "sh", "-c", "kill -9 $$", NULL }, 100,
                       10000, &out, &err) < 0);
    CHECK(strstr(err.message, "137") != NULL);
    CHECK(program_read((const char *const[]){ "no-such-program", NULL }, 100, 10000, &out,
                       &err) < 0);
    CHECK(errno == ENOENT);
    CHECK(strstr(err.message, "no-such-program") != NULL);
    CHECK(program_read((const char *const[]){ "yes", NULL }, 1000, 10000, &out,
                       &err) < 0);
    CHECK(errno == EMSGSIZE);
    CHECK(out.len <= 1000);
    CHECK(program_read((const char *const[]){ "sleep", "60", NULL }, 100, 50, &out,
                       &err) < 0);
    /* One that has said all and lives on. */
    CHECK(program_read((const char *const[]){ "sh", "-c", "exec >&-; exec sleep 60",
                                              NULL }, 100, 50, &out, &err) < 0);
    CHECK_STR(err.message, "sh did not end in 0 seconds");
    buf_release(&out);
}

static void check_words(const char *line, const char *joined)
{
    AUTO_STRLIST struct strlist words = STRLIST_INIT;
    struct buf out = BUF_INIT;
    CHECK(program_words(line, &words));
    for (size_t i = 0; i < words.len; i++) {
        buf_addf(&out, "[%s]", words.items[i]);
    }
    CHECK_STR(out.data, joined);
    buf_release(&out);
}

TEST(parts_words)
{
    AUTO_STRLIST struct strlist words = STRLIST_INIT;
    check_words("", "");
    check_words("  less  -FRX\t-x4 ", "[less][-FRX][-x4]");
    check_words("'a b' \"c d\" e\\ f", "[a b][c d][e f]");
    check_words("'' \"\"", "[][]");
    check_words("'a\\b' \"a\\\"b\" x'y'z", "[a\\b][a\"b][xyz]");
    check_words("a;b $HOME `x` | y", "[a;b][$HOME][`x`][|][y]");
    check_words("a\\", "[a\\]");
    CHECK(!program_words("less 'x", &words));
}

int main(void)
{
    RUN(finds_in_path);
    RUN(reads_what_one_prints);
    RUN(fails_as_they_fail);
    RUN(parts_words);
    return test_end();
}
