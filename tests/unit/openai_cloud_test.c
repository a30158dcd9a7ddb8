/*
 * The generator room against the cloud of tests/cloud, which checks every request
 * strictly, makes real pictures and counts what is paid: OpenAI itself and the servers
 * that are like it, edits by file and by link, and a 4K picture in bounded memory.
 */
#include <pthread.h>
#include <sys/resource.h>

#include "../../src/generator/test_card.h"
#include "cloud_process.h"
#include "imgctl/file.h"
#include "imgctl/generator.h"

#define KEY "sk-cloud-for-testing"

static struct config *config;

struct made {
    struct generate_answer answer;
    struct image_info info[GENERATE_COUNT];
    struct error err;
    int fds[GENERATE_COUNT];
};

static int open_picture(void *cookie, int index, struct error *err)
{
    struct made *made = cookie;
    made->fds[index] = file_scratch(err);
    return made->fds[index];
}

static struct generate_request wish(const char *model)
{
    return (struct generate_request){ .model = model, .prompt = "a cat", .count = 1,
                                      .width = 1024, .height = 1024, .compression = -1,
                                      .client_id = "job-1" };
}

/* Generate at the cloud's ROOT ("/v1") and look at the pictures. */
static void make(const char *root, struct generate_request r, struct made *made)
{
    struct generator_context context = { .config = config, .trace_fd = -1 };
    struct generator *g = NULL;
    *made = (struct made){ .answer = GENERATE_ANSWER_INIT, .err = ERROR_INIT };
    r.open = open_picture;
    r.cookie = made;
    AUTO_FREE char *url = mem_printf("%s%s", cloud_base, root);
    setenv("OPENAI_BASE_URL", url, 1);
    CHECK_INT(generator_open("openai", &context, &g, &made->err), 0);
    g->ops->generate(g, &r, &made->answer, &made->err);
    generator_close(g);
    static const struct image_limits no_limits = { .bytes = 0 };
    for (int i = 0; i < made->answer.count; i++) {
        off_t size = lseek(made->fds[i], 0, SEEK_END);
        struct error err = ERROR_INIT;
        CHECK_INT(image_check(made->fds[i], size, &no_limits, NULL, NULL, &made->info[i],
                              &err), 0);
        close(made->fds[i]);
    }
}

/* It went well: COUNT pictures as wished. */
static void check_made(const struct made *made, int pictures, enum image_format format,
                       uint32_t width, uint32_t height)
{
    CHECK_STR(made->err.message, "");
    CHECK_INT(made->answer.count, pictures);
    for (int i = 0; i < made->answer.count; i++) {
        CHECK_INT(made->info[i].format, format);
        CHECK_INT(made->info[i].width, width);
        CHECK_INT(made->info[i].height, height);
    }
}

static void reset(void)
{
    free(ask("reset", ""));
}

TEST(each_model)
{
    static const struct { const char *model, *quality, *format; int count;
                          enum image_format is; int64_t tokens; } cases[] = {
        { "gpt-image-2.5-flare", "low", NULL, 2, IMAGE_PNG, 392 },
        { "gpt-image-2.5-sunburst", "max", "jpeg", 1, IMAGE_JPEG, 7024 },
        { "gpt-image-2.6-flare", "xhigh", "webp", 1, IMAGE_WEBP, 3122 },
        { "gpt-image-2", "medium", "png", 1, IMAGE_PNG, 1756 },
        { "gpt-image-1.5", "high", NULL, 1, IMAGE_PNG, 4160 },
    };
    reset();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct generate_request r = wish(cases[i].model);
        struct made made;
        r.quality = cases[i].quality;
        r.output_format = cases[i].format;
        r.count = cases[i].count;
        make("/v1", r, &made);
        check_made(&made, cases[i].count, cases[i].is, 1024, 1024);
        CHECK_INT(made.answer.usage.image_out, cases[i].tokens);
        CHECK_INT(made.answer.usage.text_in, 2);
        CHECK(strncmp(made.answer.request_id, "req_", 4) == 0);
        CHECK_STR(made.answer.quality, cases[i].quality);
        generate_answer_release(&made.answer);
    }
    CHECK_INT(count("paid"), 6);
    AUTO_FREE char *paid = ask("paid", NULL);
    CHECK(strstr(paid, "\"client_id\": \"job-1\"") != NULL);
    check_no_violations();
}

static int make_input(struct generate_input *input, enum image_format format,
                      uint32_t width, uint32_t height)
{
    AUTO_RASTER struct raster card = RASTER_INIT;
    AUTO_BUF struct buf bytes = BUF_INIT;
    struct save_options options = { .format = format };
    struct error err = ERROR_INIT;
    test_card_draw(width, height, "input", 1, &card);
    CHECK_INT(image_save(&card, &options, &bytes, &err), 0);
    int fd = file_scratch(&err);
    CHECK_INT(file_write_all(fd, bytes.data, bytes.len), 0);
    *input = (struct generate_input){ .fd = fd,
                                      .size = (int64_t)bytes.len,
                                      .format = format,
                                      .width = width,
                                      .height = height };
    return fd;
}

TEST(edits)
{
    struct generate_input inputs[2], mask;
    struct generate_request r = wish("gpt-image-2.5-flare");
    struct made made;
    AUTO_FD int first = make_input(&inputs[0], IMAGE_PNG, 640, 480);
    AUTO_FD int second = make_input(&inputs[1], IMAGE_JPEG, 1024, 1024);
    AUTO_FD int third = make_input(&mask, IMAGE_PNG, 640, 480);
    reset();
    CHECK(first >= 0 && second >= 0 && third >= 0);
    r.inputs = inputs;
    r.input_count = 2;
    r.mask = &mask;
    r.quality = "low";
    make("/v1", r, &made);
    check_made(&made, 1, IMAGE_PNG, 1024, 1024);
    CHECK_INT(made.answer.usage.image_in, 768 + 1024);
    inputs[0].url = "https://res.cloudinary.com/demo/image/upload/v1/a.jpg";
    inputs[1].url = "https://res.cloudinary.com/demo/image/upload/v1/b.jpg";
    make("/v1", r, &made);
    check_made(&made, 1, IMAGE_PNG, 1024, 1024);
    check_last_request("\"content-type\": \"application/json\"");
    CHECK_INT(count("paid"), 2);
    check_no_violations();
}

TEST(servers_that_are_like_it)
{
    struct generate_request r = wish("stable-diffusion");
    struct made made;
    reset();
    unsetenv("OPENAI_API_KEY");
    r.width = r.height = 512;
    make("/localai/v1", r, &made); /* by url */
    check_made(&made, 1, IMAGE_PNG, 512, 512);
    CHECK(!made.answer.usage.known);
    CHECK_INT(count("fetched"), 1);
    r.response_format = "b64_json";
    make("/localai/v1", r, &made);
    check_made(&made, 1, IMAGE_PNG, 512, 512);
    CHECK_INT(count("fetched"), 1);
    make("/sdcpp/v1", r, &made);
    check_made(&made, 1, IMAGE_PNG, 512, 512);
    r.model = "sd";
    make("/vllm/v1", r, &made);
    check_made(&made, 1, IMAGE_PNG, 512, 512);
    r.model = "other";
    make("/vllm/v1", r, &made);
    CHECK_INT(made.err.kind, ERROR_REFUSED);
    r = wish("dall-e-3");
    r.width = 1792;
    r.quality = "hd";
    r.style = "vivid";
    make("/dalle/v1", r, &made);
    check_made(&made, 1, IMAGE_PNG, 1792, 1024);
    CHECK_STR(made.answer.revised_prompt[0], "A detailed picture of a cat");
    generate_answer_release(&made.answer);
    setenv("OPENAI_API_KEY", KEY, 1);
    CHECK_INT(count("paid"), 0);
    check_no_violations();
}

/* The outcome of RULE at the cloud, and what was paid by then. */
static void check_fault(const char *rule, enum error_kind kind, int paid)
{
    struct made made;
    reset();
    fault(rule);
    make("/v1", wish("gpt-image-2.5-flare"), &made);
    int before = test_failed_checks;
    CHECK_STR(error_code(made.err.kind), error_code(kind));
    CHECK_INT(count("paid"), paid);
    CHECK(paid == 0 || made.answer.sent);
    CHECK(paid == 0 || kind == ERROR_NONE || kind == ERROR_UNKNOWN);
    if (test_failed_checks > before) {
        printf("# %s: %s\n", rule, made.err.message);
    }
}

#define AT "{\"path\":\"generations\","

TEST(faults)
{
    check_fault(AT "\"do\":\"openai\",\"error\":\"moderation_blocked\"}", ERROR_REFUSED,
                0);
    check_fault(AT "\"do\":\"openai\",\"error\":\"rate_limit_exceeded\"}", ERROR_NONE, 1);
    check_fault(AT "\"do\":\"openai\",\"error\":\"server_is_overloaded\"}", ERROR_NONE,
                1);
    check_fault(AT "\"do\":\"openai\",\"error\":\"insufficient_quota\"}", ERROR_LIMIT, 0);
    check_fault(AT "\"do\":\"openai\",\"error\":\"server_error\"}", ERROR_UNAVAILABLE, 0);
    check_fault(AT "\"do\":\"openai\",\"error\":\"not_verified\",\"shape\":\"string\"}",
                ERROR_REFUSED, 0);
    check_fault(AT "\"do\":\"html\"}", ERROR_UNKNOWN, 0);
    check_fault(AT "\"do\":\"html\",\"when\":\"acted\"}", ERROR_UNKNOWN, 1);
    check_fault(AT "\"do\":\"html\",\"status\":200,\"when\":\"acted\"}", ERROR_UNKNOWN,
                1);
    check_fault(AT "\"do\":\"close\",\"when\":\"head\"}", ERROR_UNKNOWN, 0);
    check_fault(AT "\"do\":\"reset\",\"when\":\"acted\"}", ERROR_UNKNOWN, 1);
    check_fault(AT "\"do\":\"cut\",\"bytes\":2000}", ERROR_UNKNOWN, 1);
    check_fault(AT "\"do\":\"cut\",\"bytes\":0}", ERROR_UNKNOWN, 1);
    check_fault(AT "\"do\":\"length\",\"by\":7}", ERROR_UNKNOWN, 1);
    check_fault(AT "\"do\":\"drip\",\"bytes\":701}", ERROR_NONE, 1);
    check_fault(AT "\"do\":\"deep\",\"when\":\"acted\"}", ERROR_UNKNOWN, 1);
    check_fault(AT "\"do\":\"endless\",\"when\":\"acted\"}", ERROR_UNKNOWN, 1);
    check_fault(AT "\"do\":\"notjson\",\"when\":\"acted\"}", ERROR_UNKNOWN, 1);
    check_fault(AT "\"do\":\"shape\",\"drop\":[\"data\"]}", ERROR_UNKNOWN, 1);
    check_fault(AT "\"do\":\"shape\",\"set\":{\"data\":[]}}", ERROR_UNKNOWN, 1);
    check_fault(AT "\"do\":\"shape\",\"set\":{\"data\":[{\"b64_json\":\"R0lGODlh\"}]}}",
                ERROR_UNKNOWN, 1);
    check_fault(AT "\"do\":\"shape\",\"drop\":[\"usage\"]}", ERROR_NONE, 1);
}

#define THREADS 4

struct worker {
    struct generator *generator;
    struct made made;
    int result;
    pthread_t thread;
};

static void *work(void *worker)
{
    struct worker *w = worker;
    struct generate_request r = wish("gpt-image-2.5-flare");
    r.open = open_picture;
    r.cookie = &w->made;
    w->result = w->generator->ops->generate(w->generator, &r, &w->made.answer,
                                            &w->made.err);
    return NULL;
}

/* Opened here, used there, as generator.h allows. */
TEST(threads)
{
    struct generator_context context = { .config = config, .trace_fd = -1 };
    struct worker workers[THREADS];
    reset();
    AUTO_FREE char *url = mem_printf("%s/v1", cloud_base);
    setenv("OPENAI_BASE_URL", url, 1);
    for (int i = 0; i < THREADS; i++) {
        workers[i] = (struct worker){ .generator = NULL };
        CHECK_INT(generator_open("openai", &context, &workers[i].generator,
                                 &workers[i].made.err), 0);
        pthread_create(&workers[i].thread, NULL, work, &workers[i]);
    }
    for (int i = 0; i < THREADS; i++) {
        pthread_join(workers[i].thread, NULL);
        CHECK_INT(workers[i].result, 0);
        CHECK_INT(workers[i].made.answer.count, 1);
        close(workers[i].made.fds[0]);
        generator_close(workers[i].generator);
    }
    CHECK_INT(count("paid"), THREADS);
    check_no_violations();
}

/* A PNG of 3840x2160 that cannot be compressed: 25 MB, 33 MB in base64. */
TEST(bounded_memory)
{
    struct generate_request r = wish("gpt-image-2.5-flare");
    struct made made;
    struct rusage before, after;
    reset();
    free(ask("set", "{\"openai_noise\": 1}"));
    r.width = 3840;
    r.height = 2160;
    getrusage(RUSAGE_SELF, &before);
    make("/v1", r, &made);
    getrusage(RUSAGE_SELF, &after);
    check_made(&made, 1, IMAGE_PNG, 3840, 2160);
    long grown = after.ru_maxrss - before.ru_maxrss;
    printf("# peak %ld KiB, %ld more than before\n", after.ru_maxrss, grown);
#ifndef __SANITIZE_ADDRESS__
    CHECK(after.ru_maxrss < 64 * 1024);
#endif
    reset();
}

TEST(preparing)
{
    struct error err = ERROR_INIT;
    struct http_options options = HTTP_OPTIONS_INIT;
    setenv("HOME", "/nonexistent", 1);
    setenv("OPENAI_API_KEY", KEY, 1);
    unsetenv("XDG_CONFIG_HOME");
    unsetenv("IMGCTL_CONFIG");
    unsetenv("OPENAI_API_KEY_FILE");
    CHECK_INT(config_load(NULL, &config, &err), 0);
    CHECK_INT(config_override(config, "http.retry_base=1", &err), 0);
    CHECK_INT(http_client_new(&options, &control, &err), 0);
    CHECK_STR(err.message, "");
}

TEST(cloud_is_missing)
{
    SKIP("the cloud needs python3 and tests/cloud");
}

int main(void)
{
    signal(SIGPIPE, SIG_IGN);
    if (!mkdtemp(folder) || !start_cloud()) {
        RUN(cloud_is_missing);
    } else {
        RUN(preparing);
        RUN(each_model);
        RUN(edits);
        RUN(servers_that_are_like_it);
        RUN(faults);
        RUN(threads);
        RUN(bounded_memory);
    }
    stop_cloud();
    http_client_free(control);
    config_free(config);
    return test_end();
}
