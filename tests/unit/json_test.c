#include "imgctl/json.h"

#include "imgctl/file.h"
#include "imgctl/mem.h"
#include "test.h"

static bool parses(const char *text, size_t len)
{
    struct json *root = NULL;
    struct error err = ERROR_INIT;
    int result = json_parse(text, len, &root, &err);
    CHECK((result < 0) == (err.kind != ERROR_NONE));
    CHECK((result < 0) == (err.message[0] != '\0'));
    json_free(root);
    return result == 0;
}

static struct json *parse(const char *text)
{
    struct json *root = NULL;
    struct error err = ERROR_INIT;
    CHECK_INT(json_parse(text, strlen(text), &root, &err), 0);
    CHECK_STR(err.message, "");
    return root;
}

/* Standard base64, with its padding; 3 bytes for every 4 letters fit in place. */
static size_t decode_base64(char *text)
{
    static const char alphabet[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    size_t len = 0;
    unsigned bits = 0, have = 0;
    for (const char *p = text; *p && *p != '='; p++) {
        bits = bits << 6 | (unsigned)(strchr(alphabet, *p) - alphabet);
        have += 6;
        if (have >= 8) {
            have -= 8;
            text[len++] = (char)(bits >> have & 0xFF);
        }
    }
    return len;
}

static void check_case(char *line, int counts[3])
{
    char *name = strtok(line, "\t");
    char *verdict = strtok(NULL, "\t");
    char *base64 = strtok(NULL, "\t");
    char none[] = "";
    base64 = base64 ? base64 : none;
    size_t len = decode_base64(base64);
    /* An exact copy, so that valgrind and ASan see a read beyond the end. */
    AUTO_FREE char *data = mem_alloc(len ? len : 1);
    memcpy(data, base64, len);
    const char *got = parses(data, len) ? "accept" : "reject";
    if (strcmp(verdict, "either") != 0 && strcmp(verdict, got) != 0) {
        printf("# %s:\n", name);
        CHECK_STR(got, verdict);
    }
    counts[verdict[0] == 'a' ? 0 : verdict[0] == 'r' ? 1 : 2]++;
}

TEST(corpus_verdicts)
{
    const char *shared = getenv("IMGCTL_SHARED");
    AUTO_FREE char *path = mem_printf("%s/corpus/json/parsing_cases.tsv",
                                      shared ? shared : "../shared");
    AUTO_BUF struct buf cases = BUF_INIT;
    struct error err = ERROR_INIT;
    if (file_read(path, 1 << 20, &cases, &err) != 1) {
        SKIP("no shared corpus: set IMGCTL_SHARED");
    }
    int counts[3] = { 0 };
    char *next = strchr(cases.data, '\n') + 1; /* past the titles */
    while (*next) {
        char *line = next;
        next = strchr(line, '\n');
        *next++ = '\0';
        check_case(line, counts);
    }
    CHECK_INT(counts[0], 95);
    CHECK(counts[1] >= 186);
    CHECK(counts[2] >= 35);
}

TEST(what_json_c_would_take)
{
    static const char *const wrong[] = {
        "", " ", "NaN", "[nan]", "Infinity", "[-Infinity]", "NULL", "[True]", "nul",
        "truefalse", "[1true]", "[true1]", "[01]", "[-01]", "[1.]", "[-.5]", "[+1]",
        "[1e]", "[1-2]", "[1.2.3]", "[0x10]", "['a']", "{'a':1}", "{a:1}",
        "[\"a\nb\"]", "[\"a\tb\"]", "[1,]", "{\"a\":1,}", "[1] 2", "[1]]", "[1][2]",
        "/* */[]", "[1//\n]", "\xEF\xBB\xBF[]", "[\"\xC0\xAF\"]",
        "[\"\xED\xA0\x80\"]", "[\"\xFF\"]", "[\"a]", "\"\\", "[\"\\x41\"]",
        "[\"\\u12\"]", "{\"a\" 1}", "{\"a\":}", "{1:2}", "\f[]", "-",
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        bool accepted = parses(wrong[i], strlen(wrong[i]));
        CHECK_STR(accepted ? wrong[i] : NULL, NULL);
    }
    CHECK(!parses("[]\0", 3));
    CHECK(!parses("12\0", 3));
    CHECK(!parses("[1\0]", 4));
    CHECK(parses("12", 2));
    CHECK(parses(" \t\r\n-0.5e+3 ", 12));
    CHECK(parses("null", 4));
    CHECK(parses("{\"a\":1,\"a\":2}", 13));
}

static bool nests(const char *open, const char *inner, const char *close, size_t depth)
{
    AUTO_BUF struct buf text = BUF_INIT;
    for (size_t i = 0; i < depth; i++) {
        buf_addstr(&text, open);
    }
    buf_addstr(&text, inner);
    for (size_t i = 0; i < depth; i++) {
        buf_addstr(&text, close);
    }
    return parses(text.data, text.len);
}

TEST(depth)
{
    CHECK(nests("[", "", "]", JSON_DEPTH));
    CHECK(nests("[", "1", "]", JSON_DEPTH));
    CHECK(nests("{\"a\":", "\"b\"", "}", JSON_DEPTH));
    CHECK(!nests("[", "", "]", JSON_DEPTH + 1));
    CHECK(!nests("{\"a\":", "1", "}", JSON_DEPTH + 1));
    CHECK(!nests("[", "", "]", 100000));
    CHECK(!nests("[{\"a\":", "1", "}]", 50000));
    CHECK(!nests("[", "", "", 100000));
}

TEST(members)
{
    struct json *root = parse(
        "{\"text\":\"a\",\"n\":-7,\"whole\":1e3,\"part\":1.5,\"yes\":true,"
        "\"nothing\":null,\"nul\":\"a\\u0000b\","
        "\"big\":9223372036854775808,\"small\":-1e300,"
        "\"bigger\":123456789012345678901234567890,"
        "\"max\":9223372036854775806,\"list\":[\"x\",2,null],\"twice\":1,\"twice\":2}");
    CHECK(json_is_object(root));
    CHECK(!json_is_array(root));
    CHECK_STR(json_text(root, "text"), "a");
    CHECK_STR(json_text(root, "n"), NULL);
    CHECK_STR(json_text(root, "nul"), NULL);
    CHECK_STR(json_text(root, "missing"), NULL);
    CHECK_INT(json_number(root, "n", 1), -7);
    CHECK_INT(json_number(root, "whole", 1), 1000);
    CHECK_INT(json_number(root, "part", 42), 42);
    CHECK_INT(json_number(root, "text", 42), 42);
    CHECK_INT(json_number(root, "yes", 42), 42);
    CHECK_INT(json_number(root, "big", 42), 42);
    CHECK_INT(json_number(root, "bigger", 42), 42);
    CHECK_INT(json_number(root, "small", 42), 42);
    CHECK_INT(json_number(root, "max", 42), INT64_MAX - 1);
    CHECK_INT(json_number(root, "twice", 42), 2);
    CHECK(json_flag(root, "yes", false));
    CHECK(json_flag(root, "nothing", true));
    CHECK(!json_flag(root, "n", false));
    CHECK(json_member(root, "nothing") == NULL);
    const struct json *list = json_member(root, "list");
    CHECK_INT(json_length(list), 3);
    CHECK_STR(json_as_text(json_at(list, 0)), "x");
    CHECK(json_at(list, 2) == NULL);
    CHECK(json_at(list, 3) == NULL);
    CHECK(json_at(root, 0) == NULL);
    CHECK(json_member(list, "x") == NULL);
    CHECK_INT(json_length(root), 0);
    json_free(root);

    CHECK(json_member(NULL, "x") == NULL);
    CHECK(json_at(NULL, 0) == NULL);
    CHECK_INT(json_number(NULL, "x", 3), 3);
    json_free(NULL);
}

static void write_sample(struct json_writer *w)
{
    json_begin_object(w);
    json_key(w, "a");
    json_put_int(w, INT64_MIN);
    json_key(w, "list");
    json_begin_array(w);
    json_put_text(w, "x");
    json_put_text(w, NULL);
    json_put_bool(w, true);
    json_begin_object(w);
    json_end_object(w);
    json_end_array(w);
    json_key(w, "none");
    json_begin_array(w);
    json_end_array(w);
    json_key(w, "no");
    json_put_null(w);
    json_end_object(w);
}

TEST(writer_compact)
{
    AUTO_BUF struct buf out = BUF_INIT;
    struct json_writer w = { .out = &out };
    write_sample(&w);
    CHECK_STR(out.data, "{\"a\":-9223372036854775808,\"list\":[\"x\",null,true,{}],"
                        "\"none\":[],\"no\":null}");
    CHECK(parses(out.data, out.len));
    buf_clear(&out);
    write_sample(&w); /* a second document: no comma before it */
    CHECK(parses(out.data, out.len));
}

TEST(writer_pretty)
{
    AUTO_BUF struct buf out = BUF_INIT;
    struct json_writer w = { .out = &out, .pretty = true };
    write_sample(&w);
    CHECK_STR(out.data, "{\n"
                        "  \"a\": -9223372036854775808,\n"
                        "  \"list\": [\n"
                        "    \"x\",\n"
                        "    null,\n"
                        "    true,\n"
                        "    {}\n"
                        "  ],\n"
                        "  \"none\": [],\n"
                        "  \"no\": null\n"
                        "}");
}

static void check_quote(const char *text, size_t len, const char *want)
{
    AUTO_BUF struct buf out = BUF_INIT;
    json_quote(&out, text, len);
    CHECK_STR(out.data, want);
    CHECK(parses(out.data, out.len));
}

TEST(quoting)
{
    check_quote("", 0, "\"\"");
    check_quote("plain /", 7, "\"plain /\"");
    check_quote("\"\\\b\t\n\f\r", 7, "\"\\\"\\\\\\b\\t\\n\\f\\r\"");
    check_quote("a\0\x0B\x1F\x7F", 5, "\"a\\u0000\\u000b\\u001f\\u007f\"");
    check_quote("\xC3\xA9\xE4\xBD\xA0\xF0\x9F\x98\x80", 9,
                "\"\xC3\xA9\xE4\xBD\xA0\xF0\x9F\x98\x80\"");
    check_quote("\xC2\x9B" "31m", 5, "\"\\u009b31m\"");
    check_quote("\xE2\x80\xAE" "gpj", 6, "\"\\u202egpj\"");
    check_quote("\xFF" "a\xC0\xAF\xE2\x82", 6,
                "\"\xEF\xBF\xBD" "a\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\"");
    check_quote("\xED\xA0\x80", 3, "\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\"");
}

/* Whatever bytes go in, what comes out is JSON, and valid text comes back. */
TEST(random_bytes)
{
    uint32_t seed = 20261122;
    for (int round = 0; round < 20000; round++) {
        char bytes[24];
        size_t len = 0;
        while (len < sizeof bytes) {
            seed = seed * 1664525u + 1013904223u;
            bytes[len++] = (char)(seed >> 24);
        }
        len = seed >> 8 & 15;
        AUTO_BUF struct buf out = BUF_INIT;
        json_quote(&out, bytes, len);
        CHECK(parses(out.data, out.len));
        for (size_t i = 0; i < out.len; i++) {
            CHECK((unsigned char)out.data[i] >= 0x20 && out.data[i] != 0x7F);
        }
        parses(bytes, len);
    }
}

int main(void)
{
    RUN(corpus_verdicts);
    RUN(what_json_c_would_take);
    RUN(depth);
    RUN(members);
    RUN(writer_compact);
    RUN(writer_pretty);
    RUN(quoting);
    RUN(random_bytes);
    return test_end();
}
