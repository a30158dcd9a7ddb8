/*
 * The mock: test cards of the size and format that are asked for, each its own.
 */
#include <unistd.h>

#include "../../src/generator/test_card.h"
#include "imgctl/file.h"
#include "imgctl/generator.h"
#include "test.h"

struct pile {
    int fds[GENERATE_COUNT];
    int ticks;
};

static int open_picture(void *cookie, int index, struct error *err)
{
    struct pile *pile = cookie;
    pile->fds[index] = file_scratch(err);
    return pile->fds[index];
}

static int generate(struct generate_request *r, struct pile *pile,
                    struct generate_answer *answer, struct error *err)
{
    struct generator_context context = { .trace_fd = -1 };
    struct generator *g = NULL;
    *pile = (struct pile){ .ticks = 0 };
    r->open = open_picture;
    r->cookie = pile;
    CHECK_INT(generator_open("mock", &context, &g, err), 0);
    CHECK_STR(g->ops->name, "mock");
    CHECK(g->ops->is_free && !g->is_official);
    int result = g->ops->generate(g, r, answer, err);
    generator_close(g);
    return result;
}

static void read_all(int fd, struct buf *out)
{
    char bytes[4096];
    ssize_t n;
    for (off_t at = 0; (n = pread(fd, bytes, sizeof bytes, at)) > 0; at += n) {
        buf_add(out, bytes, (size_t)n);
    }
}

TEST(formats_and_sizes)
{
    static const struct { const char *name; enum image_format format; } cases[] = {
        { NULL, IMAGE_PNG }, { "png", IMAGE_PNG }, { "jpeg", IMAGE_JPEG },
        { "webp", IMAGE_WEBP },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct generate_request r = { .model = "m", .prompt = "a cat", .count = 1,
                                      .width = 320, .height = 176, .compression = -1,
                                      .output_format = cases[i].name };
        struct generate_answer answer;
        struct image_info info;
        struct pile pile;
        struct error err = ERROR_INIT;
        CHECK_INT(generate(&r, &pile, &answer, &err), 0);
        CHECK_STR(err.message, "");
        CHECK_INT(answer.count, 1);
        CHECK_STR(answer.size, "320x176");
        CHECK(answer.usage.known && answer.usage.image_out == 0);
        off_t size = lseek(pile.fds[0], 0, SEEK_END);
        CHECK_INT(image_check(pile.fds[0], size, &image_default_limits, NULL, NULL, &info,
                              &err), 0);
        CHECK_INT(info.format, cases[i].format);
        CHECK(info.width == 320 && info.height == 176);
        close(pile.fds[0]);
        generate_answer_release(&answer);
    }
}

TEST(each_its_own_and_always_the_same)
{
    static const char *const prompts[] = { "a cat", "a cat", "a dog" };
    struct buf cards[3][2];
    for (size_t i = 0; i < 3; i++) {
        struct generate_request r = { .model = "m", .prompt = prompts[i], .count = 2,
                                      .width = 64, .height = 64, .compression = -1 };
        struct generate_answer answer;
        struct pile pile;
        struct error err = ERROR_INIT;
        CHECK_INT(generate(&r, &pile, &answer, &err), 0);
        for (size_t k = 0; k < 2; k++) {
            cards[i][k] = (struct buf)BUF_INIT;
            read_all(pile.fds[k], &cards[i][k]);
            CHECK(cards[i][k].len > 0);
            close(pile.fds[k]);
        }
    }
#define SAME(a, b) ((a).len == (b).len && memcmp((a).data, (b).data, (a).len) == 0)
    CHECK(SAME(cards[0][0], cards[1][0]));
    CHECK(SAME(cards[0][1], cards[1][1]));
    CHECK(!SAME(cards[0][0], cards[0][1]));
    CHECK(!SAME(cards[0][0], cards[2][0]));
    for (size_t i = 0; i < 6; i++) {
        buf_release(&cards[i / 2][i % 2]);
    }
}

/* Sizes at the edge: nothing is drawn outside. */
TEST(odd_sizes)
{
    static const uint32_t sides[] = { 1, 2, 3, 7, 16, 50, 211, 1024 };
    for (size_t i = 0; i < 64; i++) {
        struct raster card = RASTER_INIT;
        uint32_t width = sides[i / 8];
        uint32_t height = sides[i % 8];
        test_card_draw(width, height, "x", 10, &card);
        CHECK(card.width == width && card.height == height && card.channels == 3);
        CHECK_INT(card.pixels[0], 255); /* the frame */
        raster_release(&card);
    }
}

TEST(limits)
{
    static const struct { int count; uint32_t side; } cases[] = {
        { 0, 64 }, { 11, 64 }, { 1, 16384 } };
    for (size_t i = 0; i < 3; i++) {
        struct generate_request r = { .model = "m", .prompt = "x", .compression = -1,
                                      .count = cases[i].count, .width = cases[i].side,
                                      .height = cases[i].side };
        struct generate_answer answer;
        struct pile pile;
        struct error err = ERROR_INIT;
        CHECK_INT(generate(&r, &pile, &answer, &err), -1);
        CHECK_INT(err.kind, ERROR_USAGE);
        CHECK_INT(answer.count, 0);
    }
}

static int give_up(void *cookie, int64_t received)
{
    struct pile *pile = cookie;
    (void)received;
    return ++pile->ticks == 2;
}

TEST(given_up)
{
    struct generate_request r = { .model = "m", .prompt = "x", .count = 3, .width = 64,
                                  .height = 64, .compression = 0, .tick = give_up,
                                  .output_format = "jpeg" };
    struct generate_answer answer;
    struct pile pile;
    struct error err = ERROR_INIT;
    CHECK_INT(generate(&r, &pile, &answer, &err), -1);
    CHECK_INT(err.kind, ERROR_FAILED);
    CHECK_INT(answer.count, 1);
    close(pile.fds[0]);
}

TEST(names)
{
    struct generator_context context = { .trace_fd = -1 };
    struct generator *g = NULL;
    struct error err = ERROR_INIT;
    CHECK_INT(generator_open("magic", &context, &g, &err), -1);
    CHECK_INT(err.kind, ERROR_USAGE);
    CHECK(!g);
    generator_close(NULL);
}

int main(void)
{
    RUN(formats_and_sizes);
    RUN(each_its_own_and_always_the_same);
    RUN(odd_sizes);
    RUN(limits);
    RUN(given_up);
    RUN(names);
    return test_end();
}
