#include "imgctl/text.h"

#include "test.h"

static const char *escaped(struct buf *b, const char *s, size_t len)
{
    buf_clear(b);
    text_escape(b, s, len);
    return b->data;
}

static const char *fitted(struct buf *b, const char *s, size_t columns)
{
    buf_clear(b);
    text_fit(b, s, columns);
    return b->data;
}

TEST(knows_utf8)
{
    static const struct {
        const char *text;
        bool good;
    } cases[] = {
        { "", true },
        { "plain", true },
        { "\xC3\xA4", true },
        { "\xE6\x97\xA5", true },
        { "\xF0\x9F\x98\x80", true },
        { "\xF4\x8F\xBF\xBF", true },
        { "\x80", false },             /* a continuation alone */
        { "\xC3", false },             /* cut */
        { "\xE6\x97", false },
        { "\xC0\xAF", false },         /* overlong '/' */
        { "\xC1\xBF", false },
        { "\xE0\x80\xAF", false },
        { "\xE0\x9F\xBF", false },
        { "\xF0\x80\x80\xAF", false },
        { "\xF0\x8F\xBF\xBF", false },
        { "\xED\xA0\x80", false },     /* surrogate */
        { "\xED\xBF\xBF", false },
        { "\xF4\x90\x80\x80", false }, /* beyond the last */
        { "\xF5\x80\x80\x80", false },
        { "\xFF", false },
        { "a\xC3(", false },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        bool good = text_is_utf8(cases[i].text, strlen(cases[i].text));
        CHECK_INT(good ? (int)i : -1, cases[i].good ? (int)i : -1);
    }
    CHECK(text_is_utf8("a\0b", 3));
}

/* Every code point, encoded here, must be taken; surrogates must not. */
TEST(knows_every_code_point)
{
    size_t wrong = 0;
    for (uint32_t c = 0x800; c <= 0x10FFFF; c++) {
        char s[4];
        size_t n = 0;
        if (c < 0x10000) {
            s[n++] = (char)(0xE0 | c >> 12);
        } else {
            s[n++] = (char)(0xF0 | c >> 18);
            s[n++] = (char)(0x80 | (c >> 12 & 0x3F));
        }
        s[n++] = (char)(0x80 | (c >> 6 & 0x3F));
        s[n++] = (char)(0x80 | (c & 0x3F));
        bool surrogate = c >= 0xD800 && c <= 0xDFFF;
        wrong += text_is_utf8(s, n) == surrogate;
        wrong += text_is_utf8(s, n - 1);
    }
    CHECK_INT(wrong, 0);
}

TEST(escapes_what_a_terminal_would_obey)
{
    AUTO_BUF struct buf b = BUF_INIT;
    CHECK_STR(escaped(&b, "b\xC3\xA4r \xF0\x9F\x90\xBB\\", 10),
              "b\xC3\xA4r \xF0\x9F\x90\xBB\\");
    CHECK_STR(escaped(&b, "a\nb\tc", 5), "a\\nb\\tc");
    CHECK_STR(escaped(&b, "\x1B[31mred", 8), "\\x1B[31mred");
    CHECK_STR(escaped(&b, "\x7F\r\0", 3), "\\x7F\\x0D\\x00");
    CHECK_STR(escaped(&b, "\xC2\x9B", 2), "\\u{009B}");
    CHECK_STR(escaped(&b, "x\xE2\x80\xAEy", 5), "x\\u{202E}y");
    CHECK_STR(escaped(&b, "\xE2\x81\xA6", 3), "\\u{2066}");
    CHECK_STR(escaped(&b, "\xD8\x9C", 2), "\\u{061C}");
    CHECK_STR(escaped(&b, "a\xFF\xC3(z", 5), "a\\xFF\\xC3(z");
    CHECK_STR(escaped(&b, "cut \xE6\x97", 6), "cut \\xE6\\x97");
    CHECK_STR(escaped(&b, "", 0), "");
}

TEST(counts_columns)
{
    CHECK_INT(text_width(""), 0);
    CHECK_INT(text_width("plain"), 5);
    CHECK_INT(text_width("\xC3\xA4"), 1);
    CHECK_INT(text_width("a\xCC\x88"), 1);             /* a and a combining diaeresis */
    CHECK_INT(text_width("\xE6\x97\xA5\xE6\x9C\xAC"), 4); /* Japan */
    CHECK_INT(text_width("\xED\x95\x9C"), 2);          /* a Hangul syllable */
    CHECK_INT(text_width("\xE1\x84\x92\xE1\x85\xA1"), 2); /* the same in parts */
    CHECK_INT(text_width("\xF0\x9F\x98\x80"), 2);      /* an emoji */
    CHECK_INT(text_width("\xE2\x80\x8B"), 0);          /* zero width space */
    CHECK_INT(text_width("\xEF\xBC\xA1"), 2);          /* full-width A */
    CHECK_INT(text_width("\xEF\xBD\xB1"), 1);          /* half-width kana */
    CHECK_INT(text_width("\xC2\xAD"), 1);              /* soft hyphen */
    CHECK_INT(text_width("\xE2\x80\xA6"), 1);          /* the ellipsis */
    CHECK_INT(text_width("\xFF\xFF"), 2);
}

TEST(cuts_to_columns)
{
    AUTO_BUF struct buf b = BUF_INIT;
    CHECK_STR(fitted(&b, "abcdef", 6), "abcdef");
    CHECK_STR(fitted(&b, "abcdef", 5), "abcd\xE2\x80\xA6");
    CHECK_STR(fitted(&b, "abcdef", 1), "\xE2\x80\xA6");
    CHECK_STR(fitted(&b, "abcdef", 0), "");
    CHECK_STR(fitted(&b, "", 3), "");
    /* Two wide characters do not fit in three columns with the ellipsis... */
    CHECK_STR(fitted(&b, "\xE6\x97\xA5\xE6\x9C\xAC", 3), "\xE6\x97\xA5\xE2\x80\xA6");
    /* ...and one not in two, when there is more. */
    CHECK_STR(fitted(&b, "\xE6\x97\xA5\xE6\x9C\xAC", 2), "\xE2\x80\xA6");
    CHECK_STR(fitted(&b, "\xE6\x97\xA5\xE6\x9C\xAC", 4), "\xE6\x97\xA5\xE6\x9C\xAC");
    /* A mark at the edge stays with its letter. */
    CHECK_STR(fitted(&b, "xa\xCC\x88", 2), "xa\xCC\x88");
    CHECK_STR(fitted(&b, "xa\xCC\x88yz", 3), "xa\xCC\x88\xE2\x80\xA6");
}

TEST(makes_utf8_of_any_bytes)
{
    AUTO_BUF struct buf b = BUF_INIT;
    CHECK(!text_make_utf8(&b, "100%\xC3\xA4.jpg", 10));
    CHECK_STR(b.data, "100%\xC3\xA4.jpg");
    buf_clear(&b);
    CHECK(text_make_utf8(&b, "100%\xE4\xC3\xA4.jpg", 11));
    CHECK_STR(b.data, "100%25%E4\xC3\xA4.jpg");
}

TEST(percent_encodes)
{
    AUTO_BUF struct buf b = BUF_INIT;
    text_percent_encode(&b, "a/B-9 \xC3\xA4~\0", 10, "-/");
    CHECK_STR(b.data, "a/B-9%20%C3%A4%7E%00");
}

TEST(writes_hex)
{
    char out[9];
    text_hex(out, "\x00\x0F\xAB\xFF", 4);
    CHECK_STR(out, "000fabff");
    text_hex(out, "", 0);
    CHECK_STR(out, "");
}

TEST(reads_integers)
{
    int64_t n = 77;
    CHECK(text_parse_int("0", 0, 10, &n));
    CHECK_INT(n, 0);
    CHECK(text_parse_int("-9223372036854775808", INT64_MIN, INT64_MAX, &n));
    CHECK(n == INT64_MIN);
    CHECK(text_parse_int("9223372036854775807", INT64_MIN, INT64_MAX, &n));
    CHECK(n == INT64_MAX);
    n = 77;
    static const char *const wrong[] = {
        "", "-", "+1", " 1", "1 ", "1x", "0x10", "1.0", "9223372036854775808",
        "-9223372036854775809", "99999999999999999999999",
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        CHECK(!text_parse_int(wrong[i], INT64_MIN, INT64_MAX, &n));
    }
    CHECK(!text_parse_int("11", 0, 10, &n));
    CHECK(!text_parse_int("-1", 0, 10, &n));
    CHECK_INT(n, 77);
}

TEST(reads_sizes)
{
    static const struct {
        const char *text;
        int64_t bytes;
    } cases[] = {
        { "0", 0 },           { "1500", 1500 },      { "1b", 1 },
        { "10K", 10240 },     { "10k", 10240 },      { "10KB", 10240 },
        { "10KiB", 10240 },   { "10kib", 10240 },    { "10M", 10485760 },
        { "1.5G", 1610612736 }, { "0.5M", 524288 },  { "1.1K", 1126 },
        { "8589934591G", INT64_C(9223372035781033984) },
        { "", -1 },           { "K", -1 },           { "1.5", -1 },
        { "1.M", -1 },        { ".5M", -1 },         { "-1", -1 },
        { "10T", -1 },        { "10 M", -1 },        { "10MM", -1 },
        { "10iB", -1 },       { "8589934592G", -1 }, { "9223372036854775808", -1 },
        { "1.0000000001M", -1 }, { "10\x0B", -1 },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int64_t n = -1;
        bool good = text_parse_size(cases[i].text, &n);
        CHECK_INT(good ? n : -1, cases[i].bytes);
    }
}

TEST(reads_durations)
{
    static const struct {
        const char *text;
        int64_t ms;
    } cases[] = {
        { "90s", 90000 }, { "15m", 900000 },    { "2h", 7200000 }, { "7d", 604800000 },
        { "2w", 1209600000 }, { "30", 30000 },  { "0", 0 },        { "", -1 },
        { "s", -1 },      { "1y", -1 },         { "1.5h", -1 },    { "-1h", -1 },
        { "1hh", -1 },    { "15250284453w", -1 }, { "1 h", -1 },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int64_t n = -1;
        bool good = text_parse_duration(cases[i].text, &n);
        CHECK_INT(good ? n : -1, cases[i].ms);
    }
}

TEST(writes_sizes)
{
    static const struct {
        int64_t bytes;
        const char *text;
    } cases[] = {
        { 0, "0 B" },             { 1023, "1023 B" },      { 1024, "1 KB" },
        { 319488, "312 KB" },     { 9856614, "9.4 MB" },   { 10485760, "10 MB" },
        { 10433332, "10 MB" },    { 1048575, "1 MB" },     { 1536, "1.5 KB" },
        { 1047552, "1023 KB" },   { 1048012, "1023 KB" },  { 1048064, "1 MB" },
        { INT64_MAX, "8 EB" },    { -1536, "-1.5 KB" },    { INT64_MIN, "-8 EB" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char out[16];
        text_format_size(out, cases[i].bytes);
        CHECK_STR(out, cases[i].text);
    }
}

TEST(finds_the_nearest)
{
    static const char *const names[] = {
        "upload", "list", "show", "url", "delete", "restore", "business", "older-than",
        "page-size", "max-delete", "fix",
    };
    size_t count = sizeof names / sizeof *names;
    CHECK_STR(text_nearest("uplaod", names, count), "upload");
    CHECK_STR(text_nearest("lsit", names, count), "list");
    CHECK_STR(text_nearest("lst", names, count), "list");
    CHECK_STR(text_nearest("Delete", names, count), "delete");
    CHECK_STR(text_nearest("buisness", names, count), "business");
    CHECK_STR(text_nearest("busi", names, count), "business");
    CHECK_STR(text_nearest("older", names, count), "older-than");
    CHECK_STR(text_nearest("size", names, count), "page-size");
    CHECK_STR(text_nearest("page_size", names, count), "page-size");
    CHECK(text_nearest("frobnicate", names, count) == NULL);
    CHECK(text_nearest("foo", names, count) == NULL);
    CHECK(text_nearest("ls", names, count) == NULL);
    CHECK(text_nearest("", names, count) == NULL);
    CHECK(text_nearest("list", names, 0) == NULL);
    char wide[4096];
    memset(wide, 'l', sizeof wide - 1);
    wide[sizeof wide - 1] = '\0';
    CHECK(text_nearest(wide, names, count) == NULL);

    /* Names of businesses and models may begin with what parts words. */
    static const char *const odd[] = { "_studio", ".", "--", "-a--great.one-" };
    CHECK(text_nearest("nothing", odd, 4) == NULL);
    CHECK_STR(text_nearest("studi", odd, 4), "_studio");
    CHECK_STR(text_nearest("great", odd, 4), "-a--great.one-");
}

TEST(writes_base64)
{
    static const char *const pairs[][2] = {
        /* RFC 4648, section 10 */
        { "", "" },         { "f", "Zg==" },         { "fo", "Zm8=" },
        { "foo", "Zm9v" },  { "foob", "Zm9vYg==" },  { "fooba", "Zm9vYmE=" },
        { "foobar", "Zm9vYmFy" }, { "\xff\xef\xbe", "/+++" },
    };
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        struct buf out = BUF_INIT;
        text_base64(&out, pairs[i][0], strlen(pairs[i][0]));
        CHECK_STR(out.data, pairs[i][1]);
        buf_release(&out);
    }
}

int main(void)
{
    RUN(knows_utf8);
    RUN(knows_every_code_point);
    RUN(escapes_what_a_terminal_would_obey);
    RUN(counts_columns);
    RUN(cuts_to_columns);
    RUN(makes_utf8_of_any_bytes);
    RUN(percent_encodes);
    RUN(writes_hex);
    RUN(writes_base64);
    RUN(reads_integers);
    RUN(reads_sizes);
    RUN(reads_durations);
    RUN(writes_sizes);
    RUN(finds_the_nearest);
    return test_end();
}
