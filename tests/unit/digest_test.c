#include "imgctl/digest.h"

#include <string.h>
#include <unistd.h>

#include "imgctl/file.h"
#include "imgctl/mem.h"
#include "test.h"

/* Bytes that differ from file to file; the generator is Knuth's, of MMIX. */
static void make_bytes(unsigned char *to, size_t len, uint64_t seed)
{
    for (size_t i = 0; i < len; i++) {
        seed = seed * 6364136223846793005U + 1442695040888963407U;
        to[i] = (unsigned char)(seed >> 56);
    }
}

static int make_file(const unsigned char *bytes, size_t len)
{
    struct error err = ERROR_INIT;
    int fd = file_scratch(&err);
    CHECK(fd >= 0);
    CHECK_INT(pwrite(fd, bytes, len, 0), (ssize_t)len);
    return fd;
}

/* Both files side by side, against what libcrypto makes of each alone. */
static void compare(size_t one_len, size_t two_len)
{
    bool to_the_end = one_len % 2 == 1; /* without saying how long the first is */
    size_t lens[2] = { one_len, two_len };
    struct error errors[2] = { ERROR_INIT, ERROR_INIT };
    char got[2][DIGEST_HEX_SIZE], want[2][DIGEST_HEX_SIZE];
    struct digest_job jobs[2];
    for (int i = 0; i < 2; i++) {
        AUTO_FREE unsigned char *bytes = mem_alloc(lens[i] + 1);
        make_bytes(bytes, lens[i], 2 * lens[i] + (uint64_t)i);
        CHECK_INT(digest_hex(DIGEST_SHA256, bytes, lens[i], want[i], &errors[i]), 0);
        jobs[i] = (struct digest_job){ .fd = make_file(bytes, lens[i]),
                                       .size = i == 0 && to_the_end
                                                   ? -1 : (int64_t)lens[i],
                                       .hex = got[i],
                                       .err = &errors[i] };
    }
    digest_files(jobs, 2);
    for (int i = 0; i < 2; i++) {
        CHECK_INT(jobs[i].result, 0);
        CHECK_STR(got[i], want[i]);
        CHECK_STR(errors[i].message, "");
        close(jobs[i].fd);
    }
}

TEST(known_answers)
{
    /* FIPS 180-2, appendix B.1; the empty message is RFC 6234's. */
    static const struct {
        const char *message, *digest;
    } known[] = {
        { "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
        { "", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" },
    };
    struct error errors[2] = { ERROR_INIT, ERROR_INIT };
    char got[2][DIGEST_HEX_SIZE];
    struct digest_job jobs[2];
    for (int i = 0; i < 2; i++) {
        size_t len = strlen(known[i].message);
        jobs[i] = (struct digest_job){
            .fd = make_file((const unsigned char *)known[i].message, len),
            .size = (int64_t)len, .hex = got[i], .err = &errors[i],
        };
    }
    digest_files(jobs, 2);
    for (int i = 0; i < 2; i++) {
        CHECK_STR(got[i], known[i].digest);
        CHECK_INT(digest_file(DIGEST_SHA256, jobs[i].fd, -1, got[i], &errors[i]), 0);
        CHECK_STR(got[i], known[i].digest);
        close(jobs[i].fd);
    }
}

TEST(every_padding)
{
    for (size_t len = 0; len <= 200; len++) {
        compare(len, 200 - len);
    }
}

/* Around the pieces in which files are read, and of very different lengths. */
TEST(long_files)
{
    static const size_t lens[] = { 65535, 65536, 65537, 131072, 200000, 1000003 };
    size_t count = sizeof lens / sizeof lens[0];
    for (size_t i = 0; i < count; i++) {
        compare(lens[i], lens[count - 1 - i]);
        compare(lens[i], lens[i]);
        compare(lens[i], i);
    }
}

TEST(a_file_that_became_shorter)
{
    unsigned char bytes[1000];
    struct error errors[3] = { ERROR_INIT, ERROR_INIT, ERROR_INIT };
    char got[3][DIGEST_HEX_SIZE], want[DIGEST_HEX_SIZE];
    make_bytes(bytes, sizeof bytes, 1);
    int fd = make_file(bytes, sizeof bytes);
    struct digest_job jobs[3] = {
        { .fd = fd, .size = 1001, .hex = got[0], .err = &errors[0] },
        { .fd = fd, .size = 1000, .hex = got[1], .err = &errors[1] },
        { .fd = fd, .size = 1001, .hex = got[2], .err = &errors[2] },
    };
    CHECK_INT(digest_hex(DIGEST_SHA256, bytes, sizeof bytes, want, &errors[0]), 0);

    digest_files(jobs, 3);
    CHECK_INT(jobs[1].result, 0);
    CHECK_STR(got[1], want);
    CHECK_INT(errors[1].kind, ERROR_NONE);
    for (int i = 0; i < 3; i += 2) { /* beside another, and alone */
        CHECK_INT(jobs[i].result, -1);
        CHECK_STR(got[i], "");
        CHECK_INT(errors[i].kind, ERROR_FILE);
    }
    close(fd);
}

int main(void)
{
    RUN(known_answers);
    RUN(every_padding);
    RUN(long_files);
    RUN(a_file_that_became_shorter);
    return test_end();
}
