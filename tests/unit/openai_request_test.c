/*
 * What is sent, to the byte: for each family of models, for edits by link and by file.
 * And what OPENAI_BASE_URL may be.
 */
#include "../../src/generator/openai_request.h"

#include <unistd.h>

#include "../../src/generator/openai_account.h"
#include "imgctl/file.h"
#include "imgctl/mem.h"
#include "test.h"

static const struct generate_request bare = { .model = "m", .prompt = "p", .count = 1,
                                              .compression = -1 };

static void check_json(const struct generate_request *r, bool with_format,
                       const char *path, const char *expected)
{
    struct openai_body b = OPENAI_BODY_INIT;
    struct error err = ERROR_INIT;
    CHECK_INT(openai_body_make(r, with_format, &b, &err), 0);
    CHECK_STR(err.message, "");
    CHECK(!b.is_form);
    CHECK_INT(b.part_count, 0);
    CHECK_STR(b.path, path);
    CHECK_STR(b.json.data, expected);
    openai_body_release(&b);
}

TEST(each_family)
{
    static const struct { struct generate_request r; const char *body; } cases[] = {
        { { .model = "gpt-image-2.5-flare", .prompt = "a \"cat\"\n", .count = 2,
            .width = 1024, .height = 1536, .quality = "low", .background = "opaque",
            .output_format = "webp", .compression = 85 },
          "{\"model\":\"gpt-image-2.5-flare\",\"prompt\":\"a \\\"cat\\\"\\n\",\"n\":2,"
          "\"size\":\"1024x1536\",\"quality\":\"low\",\"background\":\"opaque\","
          "\"output_format\":\"webp\",\"output_compression\":85}" },
        { { .model = "gpt-image-2.6-sunburst", .prompt = "x", .count = 1, .width = 3840,
            .height = 2160, .quality = "max", .compression = 0, .output_format = "jpeg",
            .moderation = "low" },
          "{\"model\":\"gpt-image-2.6-sunburst\",\"prompt\":\"x\",\"n\":1,"
          "\"size\":\"3840x2160\",\"quality\":\"max\",\"output_format\":\"jpeg\","
          "\"output_compression\":0,\"moderation\":\"low\"}" },
        { { .model = "gpt-image-1.5", .prompt = "x", .count = 10, .width = 1024,
            .height = 1024, .quality = "medium", .compression = -1 },
          "{\"model\":\"gpt-image-1.5\",\"prompt\":\"x\",\"n\":10,\"size\":\"1024x1024\","
          "\"quality\":\"medium\"}" },
        { { .model = "dall-e-3", .prompt = "x", .count = 1, .width = 1792, .height = 1024,
            .quality = "hd", .style = "natural", .compression = -1,
            .response_format = "b64_json" },
          "{\"model\":\"dall-e-3\",\"prompt\":\"x\",\"n\":1,\"size\":\"1792x1024\","
          "\"quality\":\"hd\",\"style\":\"natural\",\"response_format\":\"b64_json\"}" },
        { { .model = "stable-diffusion", .prompt = "\xc3\xa4", .compression = -1 },
          "{\"model\":\"stable-diffusion\",\"prompt\":\"\xc3\xa4\"}" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        check_json(&cases[i].r, true, "/images/generations", cases[i].body);
    }
    struct generate_request r = bare;
    r.response_format = "b64_json";
    check_json(&r, false, "/images/generations",
               "{\"model\":\"m\",\"prompt\":\"p\",\"n\":1}");
}

TEST(edit_by_link)
{
    AUTO_FD int fd = file_scratch(&(struct error)ERROR_INIT);
    CHECK_INT(file_write_all(fd, "\x89PNG", 4), 0);
    const struct generate_input inputs[] = {
        { .fd = -1, .url = "https://a/1.png" }, { .fd = fd, .url = "https://a/2.png" } };
    const struct generate_input mask = { .fd = fd, .size = 4, .format = IMAGE_PNG };
    const struct generate_input mask_link = { .fd = -1, .url = "https://a/m.png" };
    struct generate_request r = bare;
    r.inputs = inputs;
    r.input_count = 2;
#define BODY "{\"model\":\"m\",\"prompt\":\"p\",\"n\":1,\"images\":[{\"image_url\":" \
             "\"https://a/1.png\"},{\"image_url\":\"https://a/2.png\"}]"
    check_json(&r, true, "/images/edits", BODY "}");
    r.mask = &mask;
    check_json(&r, true, "/images/edits",
               BODY ",\"mask\":{\"image_url\":\"data:image/png;base64,iVBORw==\"}}");
    r.mask = &mask_link;
    check_json(&r, true, "/images/edits",
               BODY ",\"mask\":{\"image_url\":\"https://a/m.png\"}}");
    struct generate_input cut = { .fd = fd, .size = 5, .format = IMAGE_PNG };
    struct openai_body b = OPENAI_BODY_INIT;
    struct error err = ERROR_INIT;
    r.mask = &cut;
    CHECK_INT(openai_body_make(&r, true, &b, &err), -1);
    CHECK_INT(err.kind, ERROR_FILE);
    openai_body_release(&b);
}

TEST(edit_by_file)
{
    const struct generate_input inputs[] = {
        { .fd = 7, .size = 100, .format = IMAGE_JPEG },
        { .fd = 8, .size = 200, .format = IMAGE_WEBP, .url = "https://a/2.webp" } };
    const struct generate_input mask = { .fd = 9, .size = 50, .format = IMAGE_PNG };
    struct generate_request r = bare;
    r.inputs = inputs;
    r.input_count = 2;
    r.mask = &mask;
    r.quality = "high";
    struct openai_body b = OPENAI_BODY_INIT;
    struct error err = ERROR_INIT;
    CHECK_INT(openai_body_make(&r, true, &b, &err), 0);
    CHECK(b.is_form);
    CHECK_STR(b.path, "/images/edits");
    static const struct http_part expected[] = {
        { .name = "model", .value = "m" },
        { .name = "prompt", .value = "p" },
        { .name = "n", .value = "1" },
        { .name = "quality", .value = "high" },
        { .name = "image[]", .file_fd = 7, .file_size = 100, .file_name = "image-1.jpg",
          .file_type = "image/jpeg" },
        { .name = "image[]", .file_fd = 8, .file_size = 200, .file_name = "image-2.webp",
          .file_type = "image/webp" },
        { .name = "mask", .file_fd = 9, .file_size = 50, .file_name = "mask.png",
          .file_type = "image/png" },
    };
    CHECK_INT(b.part_count, 7);
    for (size_t i = 0; i < b.part_count && i < 7; i++) {
        CHECK_STR(b.parts[i].name, expected[i].name);
        CHECK_STR(b.parts[i].value, expected[i].value);
        CHECK_STR(b.parts[i].file_name, expected[i].file_name);
        CHECK_STR(b.parts[i].file_type, expected[i].file_type);
        CHECK_INT(b.parts[i].file_size, expected[i].file_size);
        CHECK(b.parts[i].value || b.parts[i].file_fd == expected[i].file_fd);
    }
    openai_body_release(&b);
}

TEST(refused_here)
{
    const struct generate_input mixed[] = { { .fd = 7, .size = 1, .format = IMAGE_PNG },
                                            { .fd = -1, .url = "https://a/" } };
    struct openai_body b = OPENAI_BODY_INIT;
    struct error err = ERROR_INIT;
    struct generate_request r = bare;
    r.inputs = mixed;
    r.input_count = 2;
    CHECK_INT(openai_body_make(&r, true, &b, &err), -1);
    CHECK_INT(err.kind, ERROR_USAGE);
    r.input_count = 1;
    r.moderation = "low";
    b.part_count = 0;
    CHECK_INT(openai_body_make(&r, true, &b, &err), -1);
    CHECK_INT(err.kind, ERROR_USAGE);
    r.input_count = GENERATE_INPUTS + 1;
    CHECK_INT(openai_body_make(&r, true, &b, &err), -1);
    CHECK_INT(err.kind, ERROR_USAGE);
    openai_body_release(&b);
}

TEST(base_urls)
{
    static const struct { const char *url, *base, *host; bool official;
    } good[] = {
        { "https://api.openai.com/v1", "https://api.openai.com/v1", "api.openai.com",
          true },
        { "HTTPS://API.OpenAI.com/v1//", "https://api.openai.com/v1", "api.openai.com",
          true },
        { "https://eu.api.openai.com/v1/", "https://eu.api.openai.com/v1",
          "eu.api.openai.com", true },
        { "https://api.openai.com:443/v1", "https://api.openai.com/v1",
          "api.openai.com", true },
        { "HTTPS://API.OpenAI.com./V1//", "https://api.openai.com/V1", "api.openai.com",
          true },
        { "https://api.openai.com:8443/v1", "https://api.openai.com:8443/v1",
          "api.openai.com:8443", true },
        { "https://api.openai.com.evil.example/v1",
          "https://api.openai.com.evil.example/v1", "api.openai.com.evil.example",
          false },
        { "https://notapi.openai.com/v1", "https://notapi.openai.com/v1",
          "notapi.openai.com", false },
        { "http://127.0.0.1:8080/v1/", "http://127.0.0.1:8080/v1", "127.0.0.1:8080",
          false },
        { "http://localhost/v1", "http://localhost/v1", "localhost", false },
        { "http://[::1]:9/v1", "http://[::1]:9/v1", "[::1]:9", false },
        { "https://gateway.example", "https://gateway.example", "gateway.example",
          false },
    };
    static const char *const bad[] = {
        "", "api.openai.com/v1", "ftp://x/", "http://api.openai.com/v1", "https://",
        "https:///v1", "http://10.0.0.1/v1", "http://127.0.0.1.example/v1",
        "https://user:pass@x/v1", "https://x/v1?key=1", "https://x/v1#a", "https://x /v1",
        "https://x:/v1", "https://x:port/v1", "https://x:1234567/v1", "https://[::1/v1",
        "http://[::1]x/v1", "https://x\n/v1", "https://:80/v1",
    };
    struct openai_account a = OPENAI_ACCOUNT_INIT;
    struct error err = ERROR_INIT;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        CHECK_INT(openai_account_set_url(&a, good[i].url, &err), 0);
        CHECK_STR(a.base_url, good[i].base);
        CHECK_STR(a.host, good[i].host);
        CHECK_INT(a.is_official, good[i].official);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        error_clear(&err);
        int result = openai_account_set_url(&a, bad[i], &err);
        CHECK_INT(result, -1);
        CHECK_INT(err.kind, ERROR_CONFIG);
        if (result == 0) {
            printf("# %s\n", bad[i]);
        }
    }
    openai_account_release(&a);
}

static struct config *empty_config(void)
{
    struct config *c = NULL;
    struct error err = ERROR_INIT;
    setenv("IMGCTL_CONFIG", "/nonexistent/config", 1);
    unsetenv("CREDENTIALS_DIRECTORY");
    unsetenv("OPENAI_API_KEY_FILE");
    CHECK_INT(config_load(NULL, &c, &err), 0);
    return c;
}

TEST(keys)
{
    struct config *config = empty_config();
    static const struct { const char *url, *key; enum error_kind kind; } cases[] = {
        { "", "sk-1", ERROR_NONE },
        { "", NULL, ERROR_CREDENTIALS },
        { "", "<your key>", ERROR_CREDENTIALS },
        { "", "sk-1\r\nX: y", ERROR_CREDENTIALS },
        { "http://127.0.0.1:1/v1", NULL, ERROR_NONE },
        { "http://10.0.0.1/v1", "sk-1", ERROR_CONFIG },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct openai_account a = OPENAI_ACCOUNT_INIT;
        struct error err = ERROR_INIT;
        setenv("OPENAI_BASE_URL", cases[i].url, 1);
        if (cases[i].key) {
            setenv("OPENAI_API_KEY", cases[i].key, 1);
        } else {
            unsetenv("OPENAI_API_KEY");
        }
        openai_account_load(config, &a, &err);
        CHECK_INT(err.kind, cases[i].kind);
        CHECK(!cases[i].key || !strstr(err.message, cases[i].key));
        CHECK(cases[i].key || err.kind == ERROR_NONE ||
              strstr(err.hint, "--provider mock"));
        openai_account_release(&a);
    }
    config_free(config);
}

TEST(headers)
{
    struct openai_account a = OPENAI_ACCOUNT_INIT;
    AUTO_STRLIST struct strlist none = STRLIST_INIT;
    AUTO_STRLIST struct strlist all = STRLIST_INIT;
    unsetenv("OPENAI_ORG_ID");
    setenv("OPENAI_PROJECT_ID", "", 1);
    openai_account_headers(&a, &none);
    CHECK_INT(none.len, 0);
    buf_addstr(&a.key.text, "sk-1");
    setenv("OPENAI_ORG_ID", "org-1", 1);
    setenv("OPENAI_PROJECT_ID", "proj_1", 1);
    openai_account_headers(&a, &all);
    CHECK_INT(all.len, 3);
    CHECK(strlist_has(&all, "Authorization: Bearer sk-1"));
    CHECK(strlist_has(&all, "OpenAI-Organization: org-1"));
    CHECK(strlist_has(&all, "OpenAI-Project: proj_1"));
    openai_account_release(&a);
}

int main(void)
{
    RUN(each_family);
    RUN(edit_by_link);
    RUN(edit_by_file);
    RUN(refused_here);
    RUN(base_urls);
    RUN(keys);
    RUN(headers);
    return test_end();
}
