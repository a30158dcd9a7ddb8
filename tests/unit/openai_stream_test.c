/*
 * Pictures out of an answer while it arrives: cut anywhere, escaped in every way,
 * nested where it should not be, and no JSON at all.
 */
#include "../../src/generator/answer_stream.h"

#include "test.h"

struct seen {
    struct buf log; /* "0:bytes+" for a whole picture, "0:bytes-" for another */
    int item;       /* whose bytes came last; -1: none */
};

static int take_bytes(void *cookie, int item, const unsigned char *data, size_t len,
                      struct error *err)
{
    struct seen *seen = cookie;
    (void)err;
    if (seen->item != item) {
        buf_addf(&seen->log, "%d:", item);
        seen->item = item;
    }
    buf_add(&seen->log, data, len);
    return 0;
}

static int take_end(void *cookie, int item, bool whole, struct error *err)
{
    struct seen *seen = cookie;
    (void)err;
    if (seen->item != item) {
        buf_addf(&seen->log, "%d:", item);
    }
    buf_addch(&seen->log, whole ? '+' : '-');
    seen->item = -1;
    return 0;
}

/* Feed TEXT in pieces of STEP bytes, the first one of FIRST. */
static int feed(const char *text, size_t first, size_t step, struct buf *log,
                struct buf *rest, struct error *err)
{
    struct answer_stream s;
    struct seen seen = { .log = BUF_INIT, .item = -1 };
    answer_stream_init(&s);
    s.bytes = take_bytes;
    s.end = take_end;
    s.cookie = &seen;
    size_t len = strlen(text);
    int result = 0;
    for (size_t at = 0, n = first; at < len && result == 0; at += n, n = step) {
        n = n < len - at ? n : len - at;
        result = answer_stream_feed(&s, text + at, n, err);
    }
    *log = seen.log;
    *rest = s.text;
    return result;
}

struct answer_case {
    const char *text, *log, *rest;
};

static const struct answer_case cases[] = {
    { "{\"data\":[{\"b64_json\":\"QUJD\"}]}", "0:ABC+",
      "{\"data\":[{\"b64_json\":\"\"}]}" },
    { " \n{ \"data\" : [ { \"b64_json\" : \"QUI=\" } , {\"b64_json\":\"QQ==\"} ] } ",
      "0:AB+1:A+", "{ \"data\" : [ { \"b64_json\" : \"\" } , {\"b64_json\":\"\"} ] }" },
    /* Escapes, blanks, no padding, a header in front. */
    { "{\"data\":[{\"b64_json\":\"\\/9j\\/\"}]}", "0:\xff\xd8\xff+",
      "{\"data\":[{\"b64_json\":\"\"}]}" },
    { "{\"data\":[{\"b64_json\":\"QUJ\\n\\u0044QQ\\u003d\\u003D\"}]}", "0:ABCA+",
      "{\"data\":[{\"b64_json\":\"\"}]}" },
    { "{\"data\":[{\"b64_json\":\"QUI\"}]}", "0:AB+",
      "{\"data\":[{\"b64_json\":\"\"}]}" },
    { "{\"data\":[{\"b64_json\":\"data:image/png;base64,QUJD\"}]}", "0:ABC+",
      "{\"data\":[{\"b64_json\":\"\"}]}" },
    { "{\"data\":[{\"url\":\"data:image\\/png;base64,QUJD\"}]}", "0:ABC+",
      "{\"data\":[{\"url\":\"\"}]}" },
    { "{\"data\":[{\"b64_json\":\"data\"}]}", "0:u\xab\x5a+",
      "{\"data\":[{\"b64_json\":\"\"}]}" },
    /* Links are text, also those that begin like data. */
    { "{\"data\":[{\"url\":\"https://a\\/b\"},{\"url\":\"dat\"},{\"url\":\"d\\\"x\"}]}",
      "",
      "{\"data\":[{\"url\":\"https://a\\/b\"},{\"url\":\"dat\"},{\"url\":\"d\\\"x\"}]}" },
    /* What is absent counts all the same. */
    { "{\"data\":[null,{\"b64_json\":null,\"url\":\"\"},{\"b64_json\":\"\"},"
      "{\"url\":null,\"b64_json\":\"QQ==\"}]}",
      "3:A+",
      "{\"data\":[null,{\"b64_json\":null,\"url\":\"\"},{\"b64_json\":\"\"},"
      "{\"url\":null,\"b64_json\":\"\"}]}" },
    /* Wrong base64. */
    { "{\"data\":[{\"b64_json\":\"QUJDR\"}]}", "0:ABC-",
      "{\"data\":[{\"b64_json\":\"\"}]}" },
    { "{\"data\":[{\"b64_json\":\"QU%D\"}]}", "0:A@-",
      "{\"data\":[{\"b64_json\":\"\"}]}" },
    { "{\"data\":[{\"b64_json\":\"QQ==QQ==\"}]}", "0:A-",
      "{\"data\":[{\"b64_json\":\"\"}]}" },
    { "{\"data\":[{\"b64_json\":\"=\"}]}", "0:-", "{\"data\":[{\"b64_json\":\"\"}]}" },
    { "{\"data\":[{\"b64_json\":\"QQ=\"}]}", "0:A-", "{\"data\":[{\"b64_json\":\"\"}]}" },
    { "{\"data\":[{\"b64_json\":\"QU\\u00fcJD\"}]}", "0:ABC-",
      "{\"data\":[{\"b64_json\":\"\"}]}" },
    { "{\"data\":[{\"b64_json\":\"QUJD\\u00G1\"}]}", "0:ABC-",
      "{\"data\":[{\"b64_json\":\"\"}]}" },
    { "{\"data\":[{\"url\":\"data:image/png,QUJD\"}]}", "0:ABC-",
      "{\"data\":[{\"url\":\"\"}]}" },
    { "{\"data\":[{\"url\":\"data:image/png;base64\"}]}", "0:-",
      "{\"data\":[{\"url\":\"\"}]}" },
    /* Only there and nowhere else. */
    { "{\"b64_json\":\"QUJD\",\"x\":{\"data\":[{\"b64_json\":\"QUJD\"}]}}", "",
      "{\"b64_json\":\"QUJD\",\"x\":{\"data\":[{\"b64_json\":\"QUJD\"}]}}" },
    { "{\"data\":[[{\"b64_json\":\"QUJD\"}],{\"x\":{\"b64_json\":\"QUJD\"}},\"b64_json\"]"
      "}",
      "",
      "{\"data\":[[{\"b64_json\":\"QUJD\"}],{\"x\":{\"b64_json\":\"QUJD\"}},"
      "\"b64_json\"]}" },
    { "{\"data\":{\"b64_json\":\"QUJD\"},\"y\":[{\"b64_json\":\"QUJD\"}]}", "",
      "{\"data\":{\"b64_json\":\"QUJD\"},\"y\":[{\"b64_json\":\"QUJD\"}]}" },
    { "{\"prompt\":\"\\\"data\\\":[{\\\"b64_json\\\":\\\"QQ==\",\"data\":[{\"t\":\"}]"
      "\\\\\","
      "\"b64_json\":\"QQ==\"}]}",
      "0:A+",
      "{\"prompt\":\"\\\"data\\\":[{\\\"b64_json\\\":\\\"QQ==\",\"data\":[{\"t\":\"}]"
      "\\\\\","
      "\"b64_json\":\"\"}]}" },
    { "{\"data\":[{\"b64_json_of_something\":\"QUJD\",\"b64_jso\":\"QQ==\"}]}", "",
      "{\"data\":[{\"b64_json_of_something\":\"QUJD\",\"b64_jso\":\"QQ==\"}]}" },
    /* Cut: what is there is held back until there is more of it, or an end. */
    { "{\"data\":[{\"b64_json\":\"QUJD", "", "{\"data\":[{\"b64_json\":\"" },
};

TEST(every_cut)
{
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct answer_case *c = &cases[i];
        size_t len = strlen(c->text);
        for (size_t first = 0; first <= len; first++) {
            struct buf log, rest;
            struct error err = ERROR_INIT;
            size_t step = first == 0 ? 1 : len;
            CHECK_INT(feed(c->text, first ? first : 1, step, &log, &rest, &err), 0);
            CHECK_STR(log.data, c->log);
            CHECK_STR(rest.data, c->rest);
            buf_release(&log);
            buf_release(&rest);
        }
    }
}

static void check_refused(const char *text, const char *message)
{
    for (size_t step = 1; step < 4; step++) {
        struct buf log, rest;
        struct error err = ERROR_INIT;
        CHECK_INT(feed(text, step, step, &log, &rest, &err), -1);
        CHECK_STR(err.message, message);
        CHECK_INT(err.kind, ERROR_UNAVAILABLE);
        buf_release(&log);
        buf_release(&rest);
    }
}

TEST(no_answers)
{
    check_refused("<html>", "no JSON object");
    check_refused("  [1]", "no JSON object");
    check_refused("\"data\"", "no JSON object");
    AUTO_BUF struct buf deep = BUF_INIT;
    for (int i = 0; i < 100000; i++) {
        buf_addstr(&deep, "{\"a\":");
    }
    check_refused(deep.data, "JSON nested too deeply");
    AUTO_BUF struct buf large = BUF_INIT;
    buf_addstr(&large, "{\"pad\":\"");
    for (size_t i = 0; i <= ANSWER_TEXT_LIMIT; i++) {
        buf_addch(&large, 'x');
    }
    check_refused(large.data, "more than 4194304 bytes of text beside the pictures");
}

/* Nonsense of all kinds: it must end, and without reading or writing out of bounds. */
TEST(nonsense)
{
    static const char letters[] = "{}[]\",:\\udata b64_json url=QUJD0\n";
    uint32_t state = 1;
    for (int round = 0; round < 20000; round++) {
        char text[200] = "{\"data\":[{\"b64_json\":\"";
        for (size_t i = round % 2 ? 1 : 22; i < sizeof text - 1; i++) {
            state = state * 1664525 + 1013904223;
            text[i] = letters[(state >> 16) % (sizeof letters - 1)];
        }
        struct buf log, rest;
        struct error err = ERROR_INIT;
        feed(text, 1 + state % 7, 1 + state % 5, &log, &rest, &err);
        CHECK(rest.len <= ANSWER_TEXT_LIMIT);
        buf_release(&log);
        buf_release(&rest);
    }
}

TEST(base64_round_trip)
{
    unsigned char bytes[300];
    for (size_t i = 0; i < sizeof bytes; i++) {
        bytes[i] = (unsigned char)(i * 7);
    }
    for (size_t len = 0; len < sizeof bytes; len++) {
        AUTO_BUF struct buf text = BUF_INIT;
        struct base64 b = { .bits = 0 };
        unsigned char out[300];
        size_t got = 0;
        base64_encode(&text, bytes, len);
        CHECK_INT(text.len, (len + 2) / 3 * 4);
        for (size_t i = 0; i < text.len; i++) {
            unsigned char byte;
            if (base64_take(&b, (unsigned char)text.data[i], &byte)) {
                out[got++] = byte;
            }
        }
        CHECK(base64_is_whole(&b));
        CHECK(got == len && memcmp(out, bytes, len) == 0);
    }
}

int main(void)
{
    RUN(every_cut);
    RUN(no_answers);
    RUN(nonsense);
    RUN(base64_round_trip);
    return test_end();
}
