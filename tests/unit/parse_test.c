#include "imgctl/parse.h"

#include <fcntl.h>
#include <unistd.h>

#include "imgctl/clock.h"

#include "test.h"

/* ---- A small program of our own ---- */

struct globals {
    bool quiet, no_input;
    struct strlist settings;
    int color;
};

struct output_args {
    bool json;
    const char *fields;
};

struct work_args {
    bool dry_run, deep;
    const char *business;
    struct strlist tags;
    int64_t jobs, page, bytes, age;
    int strip;
    struct range width, size, created;
    struct ratio_range ratio;
    struct output_args output;
    const char *first;
    struct strlist rest;
};

struct name_args {
    const char *name, *to;
};

struct parent_args {
    bool json;
};

static const char *const strips[] = { "gps", "all", "none", NULL };
static const char *const colors[] = { "auto", "always", "never", NULL };

const struct option global_options[] = {
    { OPT_FLAG(struct globals, quiet), .letter = 'q', .name = "quiet", .help = "q" },
    { OPT_FLAG(struct globals, no_input), .name = "no-input", .help = "n" },
    { OPT_LIST(struct globals, settings), .letter = 'c', .name = "set",
      .value = "KEY=VALUE", .help = "c" },
    { OPT_CHOICE(struct globals, color), .name = "color", .value = "WHEN",
      .choices = colors, .config = "color.ui", .help = "c" },
    { .name = NULL },
};

static const struct option output_options[] = {
    { OPT_FLAG(struct output_args, json), .name = "json", .help = "j" },
    { OPT_TEXT(struct output_args, fields), .name = "fields", .value = "A,B",
      .help = "f" },
    { .name = NULL },
};

static const struct option work_options[] = {
    { OPT_FLAG(struct work_args, dry_run), .letter = 'n', .name = "dry-run",
      .help = "n" },
    { OPT_FLAG(struct work_args, deep), .name = "deep", .fallback = "true", .help = "d" },
    { OPT_TEXT(struct work_args, business), .name = "business", .value = "NAME",
      .config = "business", .help = "b" },
    { OPT_LIST(struct work_args, tags), .letter = 't', .name = "tag", .value = "TAG",
      .help = "t" },
    { OPT_INT(struct work_args, jobs), .letter = 'j', .name = "jobs", .value = "N",
      .min = 1, .max = 64, .fallback = "4", .help = "j" },
    { OPT_INT(struct work_args, page), .name = "page", .value = "N",
      .config = "list.page_size", .help = "p" },
    { OPT_SIZE(struct work_args, bytes), .name = "bytes", .value = "SIZE",
      .config = "upload.max_bytes", .help = "b" },
    { OPT_DURATION(struct work_args, age), .name = "age", .value = "TIME", .help = "a" },
    { OPT_CHOICE(struct work_args, strip), .name = "strip", .value = "WHAT",
      .choices = strips, .config = "upload.strip", .help = "s" },
    { OPT_INT_RANGE(struct work_args, width), .name = "width", .value = "A..B",
      .help = "w" },
    { OPT_SIZE_RANGE(struct work_args, size), .name = "size", .value = "A..B",
      .help = "s" },
    { OPT_DATE_RANGE(struct work_args, created), .name = "created", .value = "A..B",
      .help = "c" },
    { OPT_RATIO_RANGE(struct work_args, ratio), .name = "ratio", .value = "A..B",
      .help = "r" },
    { .name = NULL },
};

static const struct operand work_operands[] = {
    { OPERAND_ONE(struct work_args, first), .name = "FIRST", .required = true },
    { OPERAND_MANY(struct work_args, rest), .name = "REST" },
    { .name = NULL },
};

static const struct operand one_name[] = {
    { OPERAND_ONE(struct name_args, name), .name = "NAME", .required = true },
    { .name = NULL },
};

static const struct operand two_names[] = {
    { OPERAND_ONE(struct name_args, name), .name = "NAME", .required = true },
    { OPERAND_ONE(struct name_args, to), .name = "TO", .required = true },
    { .name = NULL },
};

static const struct option parent_options[] = {
    { OPT_FLAG(struct parent_args, json), .name = "json", .help = "j" },
    { .name = NULL },
};

static int run(struct app *app, void *args, struct error *err)
{
    (void)app;
    (void)args;
    return error_set(err, ERROR_FAILED, "not to be run");
}

static const struct command work = {
    .name = "work", .args_size = sizeof(struct work_args), .run = run,
    .sets = { { work_options, 0, NULL },
              { output_options, offsetof(struct work_args, output), "Output" } },
    .operands = work_operands,
};
static const struct command plain = { .name = "plain", .run = run };
static const struct command add = { .name = "add", .run = run, .operands = one_name,
                                    .args_size = sizeof(struct name_args) };
static const struct command rename_command = { .name = "rename", .run = run,
                                               .operands = two_names,
                                               .args_size = sizeof(struct name_args) };
static const struct command *const children[] = { &add, &rename_command, NULL };
static const struct command strict = { .name = "strict", .children = children };
static const struct command loose = {
    .name = "loose", .children = children, .run = run,
    .args_size = sizeof(struct parent_args), .sets = { { parent_options, 0, NULL } },
};

const struct command *const commands[] = { &work, &plain, &strict, &loose, NULL };

/* ---- Driving it ---- */

static struct globals globals;
static struct invocation inv;
static struct error err;

static struct strlist words;

static void forget(void)
{
    invocation_release(&inv);
    strlist_release(&words);
    strlist_release(&globals.settings);
    memset(&globals, 0, sizeof globals);
    memset(&inv, 0, sizeof inv);
    error_clear(&err);
}

/* Parse copies of the words, which what was parsed points into. */
static int parse_array(const char *const *argv)
{
    forget();
    for (; *argv; argv++) {
        strlist_add(&words, *argv);
    }
    return parse_argv((int)words.len, words.items, &globals, &inv, &err);
}

#define PARSE(...) parse_array((const char *const[]){ "imgctl", __VA_ARGS__, NULL })

static const struct work_args *work_args(void)
{
    return inv.args;
}

/* The words must be refused as wrong usage with this message and hint. */
#define CHECK_WRONG(message_text, hint_text, ...)                             \
    do {                                                                      \
        CHECK_INT(PARSE(__VA_ARGS__), -1);                                    \
        CHECK_INT(err.kind, ERROR_USAGE);                                     \
        CHECK_STR(err.message, message_text);                                 \
        CHECK_STR(err.hint, hint_text);                                       \
    } while (0)

TEST(defaults_of_the_table)
{
    CHECK_INT(PARSE("work", "x"), 0);
    CHECK(inv.command == &work && inv.parent == NULL && !inv.help);
    CHECK_INT(work_args()->jobs, 4);
    CHECK(work_args()->deep);
    CHECK(!work_args()->dry_run);
    CHECK(work_args()->business == NULL);
    CHECK_STR(work_args()->first, "x");
}

TEST(long_and_short_forms)
{
    CHECK_INT(PARSE("work", "--business=a=b", "--jobs", "8", "-n", "x"),
              0);
    CHECK_STR(work_args()->business, "a=b");
    CHECK_INT(work_args()->jobs, 8);
    CHECK(work_args()->dry_run);
    CHECK_INT(PARSE("work", "-nqj16", "x", "-t", "one", "-ttwo",
                    "--tag=three"), 0);
    CHECK(work_args()->dry_run && globals.quiet);
    CHECK_INT(work_args()->jobs, 16);
    CHECK_INT(work_args()->tags.len, 3);
    CHECK_STR(work_args()->tags.items[1], "two");
    CHECK_INT(PARSE("work", "-nj", "3", "--business=", "x"), 0);
    CHECK_INT(work_args()->jobs, 3);
    CHECK_STR(work_args()->business, "");
    CHECK_INT(PARSE("work", "--jobs=1", "--jobs=2", "x"), 0);
    CHECK_INT(work_args()->jobs, 2);
}

TEST(flags_have_a_no)
{
    CHECK_INT(PARSE("work", "--no-deep", "-n", "--no-dry-run", "x"), 0);
    CHECK(!work_args()->deep && !work_args()->dry_run);
    CHECK_INT(PARSE("--no-input", "--quiet", "plain", "--no-quiet"), 0);
    CHECK(globals.no_input && !globals.quiet);
    CHECK_WRONG("--deep takes no value", "imgctl work --help", "work", "--deep=1");
    CHECK_WRONG("--no-deep takes no value", "imgctl work --help", "work",
                "--no-deep=1");
    CHECK_WRONG("unknown option \"--no-jobs\"", "imgctl work --help", "work",
                "--no-jobs");
}

TEST(options_stand_anywhere_until_two_dashes)
{
    CHECK_INT(PARSE("-q", "work", "a", "--json", "b", "-c", "k=v",
                    "--", "-n", "--help", "--", "c"), 0);
    CHECK(globals.quiet && work_args()->output.json && !inv.help);
    CHECK(!work_args()->dry_run);
    CHECK_STR(work_args()->first, "a");
    CHECK_INT(work_args()->rest.len, 5);
    CHECK_STR(work_args()->rest.items[1], "-n");
    CHECK_STR(work_args()->rest.items[3], "--");
    CHECK_INT(globals.settings.len, 1);
    CHECK_INT(PARSE("work", "-", ""), 0);
    CHECK_STR(work_args()->first, "-");
    CHECK_STR(work_args()->rest.items[0], "");
}

TEST(values_that_begin_with_a_dash)
{
    CHECK_INT(PARSE("work", "--created", "-7d..", "--business", "-", "x"),
              0);
    CHECK(work_args()->created.has_min && !work_args()->created.has_max);
    CHECK_STR(work_args()->business, "-");
    CHECK_INT(PARSE("work", "--business=--json", "x"), 0);
    CHECK_STR(work_args()->business, "--json");
    CHECK(!work_args()->output.json);
    CHECK_INT(PARSE("work", "-t-x", "--page", "-5", "x"), 0);
    CHECK_STR(work_args()->tags.items[0], "-x");
    CHECK_INT(work_args()->page, -5);
    CHECK_WRONG("--business needs a value, NAME",
                "a value that begins with \"-\" is given as --business=--json", "work",
                "--business", "--json");
    CHECK_WRONG("--business needs a value, NAME", "imgctl work --help", "work",
                "--business");
    CHECK_WRONG("--jobs needs a value, N", "imgctl work --help", "work", "-nj");
}

TEST(wrong_options)
{
    CHECK_WRONG("unknown option \"--buisness\"",
                "did you mean --business? All options: imgctl work --help", "work",
                "--buisness=x");
    CHECK_WRONG("unknown option \"--frobnicate\"", "imgctl plain --help", "plain",
                "--frobnicate");
    CHECK_WRONG("unknown option \"--frobnicate\"",
                "a command's own options stand behind its name; all commands: "
                "imgctl help",
                "--frobnicate", "plain");
    CHECK_WRONG("unknown option \"--bus\"",
                "did you mean --business? All options: imgctl work --help", "work",
                "--bus");
    CHECK_WRONG("unknown option \"-x\"", "imgctl plain --help", "plain", "-x");
    CHECK_WRONG("unknown option \"-x\" in -qx", "imgctl plain --help", "plain",
                "-qx");
    CHECK_WRONG("unknown option \"-\xC3\xA4\" in -\xC3\xA4", "imgctl plain --help",
                "plain", "-\xC3\xA4");
    CHECK_WRONG("unknown option \"-n\"", "imgctl plain --help", "plain", "-n");
}

TEST(wrong_values)
{
    static const struct {
        const char *word, *message;
    } cases[] = {
        { "--jobs=x", "--jobs is \"x\", which is not a whole number from 1 to 64" },
        { "--jobs=65", "--jobs is \"65\", which is not a whole number from 1 to 64" },
        { "--page=1.5", "--page is \"1.5\", which is not a whole number" },
        { "--bytes=9Q", "--bytes is \"9Q\", which is not a size such as 500K or 1.5M" },
        { "--age=1y",
          "--age is \"1y\", which is not a duration such as 90s, 15m, 2h or 7d" },
        { "--strip=exif", "--strip is \"exif\", which is not one of gps, all, none" },
        { "--width=9..1",
          "--width is \"9..1\", which is not a range such as 800..1920, 800.. or "
          "..1920" },
        { "--created=-7d", "--created is \"-7d\", which is not a range of dates such as "
                           "2026-11-01..2026-11-22 or -7d.." },
        { "--ratio=4:0", "--ratio is \"4:0\", which is not a range of ratios such as "
                         "4:5..1.91, 1:1 or ..16:9" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        CHECK_WRONG(cases[i].message, "imgctl work --help", "work", cases[i].word);
    }
}

TEST(operands)
{
    CHECK_WRONG("work needs FIRST", "imgctl work --help", "work");
    CHECK_WRONG("\"x\" is an operand, plain takes none", "imgctl plain --help", "plain",
                "x");
    CHECK_WRONG("strict rename needs TO", "imgctl strict rename --help", "strict",
                "rename", "a");
    CHECK_WRONG("\"c\" is one operand too many for strict rename",
                "imgctl strict rename --help", "strict", "rename", "a", "b",
                "c");
    CHECK_INT(PARSE("work", "a", "b", "c"), 0);
    CHECK_INT(work_args()->rest.len, 2);
}

TEST(children)
{
    CHECK_INT(PARSE("strict", "-q", "rename", "a", "b"), 0);
    CHECK(inv.parent == &strict && inv.command == &rename_command && globals.quiet);
    CHECK_STR(((struct name_args *)inv.args)->to, "b");
    CHECK_WRONG("strict needs one of its commands: add, rename", "imgctl strict --help",
                "strict");
    CHECK_WRONG("unknown command \"strict ad\"", "did you mean imgctl strict add?",
                "strict", "ad", "x");
    CHECK_INT(PARSE("loose"), 0);
    CHECK(inv.command == &loose && inv.parent == NULL);
    CHECK_INT(PARSE("loose", "--json"), 0);
    CHECK(((struct parent_args *)inv.args)->json);
    CHECK_INT(PARSE("loose", "add", "x"), 0);
    CHECK(inv.command == &add && inv.parent == &loose);
    CHECK_WRONG("unknown command \"loose ad\"", "did you mean imgctl loose add?",
                "loose", "ad");
    CHECK_WRONG("\"add\" is an operand, loose takes none", "imgctl loose --help",
                "loose", "--json", "add");
}

TEST(help_forgives)
{
    CHECK_INT(PARSE("work", "--help"), 0);
    CHECK(inv.help && inv.command == &work);
    CHECK_INT(PARSE("work", "--business", "-h"), 0);
    CHECK(inv.help);
    CHECK_INT(PARSE("work", "--nonsense", "--help"), 0);
    CHECK(inv.help && err.kind == ERROR_NONE);
    CHECK_INT(PARSE("-h", "strict"), 0);
    CHECK(inv.help && inv.command == &strict);
    CHECK_INT(PARSE("strict", "add", "-qh"), 0);
    CHECK(inv.help && inv.command == &add && inv.parent == &strict);
    CHECK_INT(PARSE("--help"), 0);
    CHECK(inv.help && inv.command == NULL);
    CHECK_INT(PARSE("work", "x", "--", "--help"), 0);
    CHECK(!inv.help);
    CHECK_INT(PARSE("plain", "--nonsense", "--", "--help"), -1);
}

TEST(what_is_no_command)
{
    CHECK_INT(PARSE("-q", "foo", "--anything", "--help"), 0);
    CHECK(inv.command == NULL && !inv.help);
    CHECK_STR(inv.unknown, "foo");
    CHECK_INT(inv.unknown_index, 2);
    CHECK(globals.quiet);
    CHECK_INT(parse_array((const char *const[]){ "imgctl", NULL }), 0);
    CHECK(inv.command == NULL && inv.unknown == NULL);
    forget();
    CHECK_INT(parse_argv(0, (char *[]){ NULL }, &globals, &inv, &err), 0);
}

TEST(settings_fill_what_was_not_given)
{
    struct config *config = NULL;
    char file[] = "/tmp/imgctl-parse-test-XXXXXX";
    int fd = mkstemp(file);
    CHECK(fd >= 0);
    close(fd);
    CHECK_INT(PARSE("work", "--page", "7", "x"), 0);
    CHECK_INT(config_load(file, &config, &err), 0);
    CHECK_INT(config_override(config, "list.page_size=30", &err), 0);
    CHECK_INT(config_override(config, "upload.strip=none", &err), 0);
    CHECK_INT(config_override(config, "business=", &err), 0);
    CHECK_INT(config_override(config, "color.ui=never", &err), 0);
    CHECK_INT(parse_settings(&inv, config, &err), 0);
    CHECK_INT(work_args()->page, 7);
    CHECK_INT(work_args()->bytes, 10485760);
    CHECK_INT(work_args()->strip, 2);
    CHECK(work_args()->business == NULL);
    CHECK_INT(globals.color, 2);

    CHECK_INT(PARSE("work", "--color=always", "x"), 0);
    CHECK_INT(config_override(config, "business=acme", &err), 0);
    CHECK_INT(parse_settings(&inv, config, &err), 0);
    CHECK_INT(globals.color, 1);
    CHECK_INT(work_args()->page, 30);
    CHECK_STR(work_args()->business, "acme");
    config_free(config);
    unlink(file);
}

/* ---- Ranges ---- */

static bool range_is(const struct range *r, bool has_min, int64_t min, bool has_max,
                     int64_t max)
{
    return r->has_min == has_min && r->has_max == has_max &&
           (!has_min || r->min == min) && (!has_max || r->max == max);
}

TEST(ranges_of_numbers)
{
    struct range r;
    CHECK(parse_int_range("1..5", &r) == 0 && range_is(&r, true, 1, true, 5));
    CHECK(parse_int_range("1..", &r) == 0 && range_is(&r, true, 1, false, 0));
    CHECK(parse_int_range("..5", &r) == 0 && range_is(&r, false, 0, true, 5));
    CHECK(parse_int_range("7", &r) == 0 && range_is(&r, true, 7, true, 7));
    CHECK(parse_size_range("1.5K..2M", &r) == 0 &&
          range_is(&r, true, 1536, true, 2097152));
    static const char *const wrong[] = { "",     "..",   "5..1",    "1...5", "a..b",
                                         "1..b", "1-5",  "1..5..9", " 1..5" };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        CHECK_INT(parse_int_range(wrong[i], &r), -1);
        CHECK_INT(parse_size_range(wrong[i], &r), -1);
    }
    char wide[200];
    memset(wide, '1', sizeof wide - 1);
    wide[sizeof wide - 1] = '\0';
    CHECK_INT(parse_int_range(wide, &r), -1);
}

TEST(ranges_of_dates)
{
    struct range r;
    int64_t now, first, last;
    CHECK(clock_parse("2026-11-22T12:00:00Z", 0, false, &now));
    CHECK(clock_parse("2026-11-01", now, false, &first));
    CHECK(clock_parse("2026-11-02T23:59:59.999Z", now, false, &last));
    CHECK(parse_date_range("2026-11-01..2026-11-02", now, &r) == 0 &&
          range_is(&r, true, first, true, last));
    CHECK(parse_date_range("2026-11-01", now, &r) == 0 &&
          range_is(&r, true, first, true, first + 86399999));
    CHECK(parse_date_range("-7d..", now, &r) == 0 &&
          range_is(&r, true, now - 604800000, false, 0));
    CHECK(parse_date_range("-7d..-1d", now, &r) == 0 &&
          range_is(&r, true, now - 604800000, true, now - 86400000));
    CHECK_INT(parse_date_range("-7d", now, &r), -1);
    CHECK_INT(parse_date_range("-1d..-7d", now, &r), -1);
    CHECK_INT(parse_date_range("2026-02-30", now, &r), -1);
}

TEST(ranges_of_ratios)
{
    struct ratio_range r;
    CHECK_INT(parse_ratio_range("4:5..1.91", &r), 0);
    CHECK(r.has_min && r.min.num == 4 && r.min.den == 5);
    CHECK(r.has_max && r.max.num == 191 && r.max.den == 100);
    CHECK_INT(parse_ratio_range("1920:1080", &r), 0);
    CHECK(r.min.num == 16 && r.min.den == 9 && r.max.num == 16 && r.max.den == 9);
    CHECK_INT(parse_ratio_range("..0.5", &r), 0);
    CHECK(!r.has_min && r.max.num == 1 && r.max.den == 2);
    CHECK_INT(parse_ratio_range("2", &r), 0);
    CHECK(r.min.num == 2 && r.min.den == 1);
    static const char *const wrong[] = {
        "0",   "1:0",       "0:1",   "-1:2",  "1:-2",       "1.",        ".5", "1.2.3",
        "16:9..4:5", "4:5:6", "1.5:2", "1000000001", "0.0000001", "..", "",
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        CHECK_INT(parse_ratio_range(wrong[i], &r), -1);
    }
}

int main(void)
{
    RUN(defaults_of_the_table);
    RUN(long_and_short_forms);
    RUN(flags_have_a_no);
    RUN(options_stand_anywhere_until_two_dashes);
    RUN(values_that_begin_with_a_dash);
    RUN(wrong_options);
    RUN(wrong_values);
    RUN(operands);
    RUN(children);
    RUN(help_forgives);
    RUN(what_is_no_command);
    RUN(settings_fill_what_was_not_given);
    RUN(ranges_of_numbers);
    RUN(ranges_of_dates);
    RUN(ranges_of_ratios);
    forget();
    return test_end();
}
