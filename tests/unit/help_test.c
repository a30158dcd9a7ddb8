#include "imgctl/help.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "imgctl/file.h"
#include "imgctl/json.h"
#include "imgctl/mem.h"
#include "imgctl/store.h"
#include "imgctl/text.h"

#include "test.h"

/* ---- A small program of our own, with what is hard to quote ---- */

struct globals {
    bool quiet;
    struct strlist settings;
};

struct work_args {
    bool deep;
    const char *business, *secret_name;
    int64_t jobs;
    int strip, sort;
    const char *file;
    struct strlist rest;
};

struct name_args {
    const char *name;
};

static const char *const strips[] = { "gps", "all", "none", NULL };
static const char *const sorts[] = { "id", "name", NULL };

const struct option global_options[] = {
    { OPT_FLAG(struct globals, quiet), .letter = 'q', .name = "quiet",
      .help = "don't say [much]: \"nothing\" at $all, `ever`" },
    { OPT_LIST(struct globals, settings), .letter = 'c', .name = "set",
      .value = "KEY=VALUE", .complete = COMPLETE_SETTING, .help = "use a setting" },
    { .name = NULL },
};

static const struct option work_options[] = {
    { OPT_FLAG(struct work_args, deep), .name = "deep", .fallback = "true",
      .help = "go below" },
    { OPT_TEXT(struct work_args, business), .letter = 'b', .name = "business",
      .value = "NAME", .complete = COMPLETE_BUSINESS, .config = "business",
      .help = "'quoted', .dotted and \\back of a business, described at such length that "
              "it does not fit into one line" },
    { OPT_TEXT(struct work_args, secret_name), .name = "secret-name", .value = "X",
      .hidden = true, .help = "hidden" },
    { .name = NULL },
};

static const struct option more_options[] = {
    { OPT_INT(struct work_args, jobs), .letter = 'j', .name = "a-rather-long-name-of-it",
      .value = "N", .min = 1, .max = 64, .fallback = "4", .help = "how many" },
    { OPT_CHOICE(struct work_args, strip), .name = "strip", .value = "WHAT",
      .choices = strips, .config = "upload.strip", .help = "what to take out" },
    { OPT_CHOICE(struct work_args, sort), .name = "sort", .value = "No",
      .choices = sorts, .fallback = "id", .help = "by id or name, such as 1.." },
    { .name = NULL },
};

static const struct operand work_operands[] = {
    { OPERAND_ONE(struct work_args, file), .name = "FILE", .required = true,
      .complete = COMPLETE_FILE, .help = "a file" },
    { OPERAND_MANY(struct work_args, rest), .name = "ID", .complete = COMPLETE_PICTURE },
    { .name = NULL },
};

static const struct operand one_name[] = {
    { OPERAND_ONE(struct name_args, name), .name = "NAME", .required = true,
      .complete = COMPLETE_BUSINESS },
    { .name = NULL },
};

static const char *const work_examples[] = { "imgctl work a.jpg", NULL };

static int run(struct app *app, void *args, struct error *err)
{
    (void)app;
    (void)args;
    return error_set(err, ERROR_FAILED, "not to be run");
}

static const struct command work = {
    .name = "work", .summary = "work on \"it\"", .group = "First", .run = run,
    .args_size = sizeof(struct work_args), .operands = work_operands,
    .sets = { { work_options, 0, NULL }, { more_options, 0, "More" } },
    .examples = work_examples,
};
static const struct command plain = { .name = "plain", .summary = "do it", .run = run,
                                      .group = "Second" };
static const struct command add = { .name = "add", .summary = "add one", .run = run,
                                    .operands = one_name,
                                    .args_size = sizeof(struct name_args) };
static const struct command drop = { .name = "drop", .summary = "drop one", .run = run,
                                     .sets = { { more_options, 0, NULL } } };
static const struct command *const children[] = { &add, &drop, NULL };
static const struct command team = { .name = "team", .summary = "the team",
                                     .group = "First", .children = children };

const struct command *const commands[] = { &work, &plain, &team, NULL };

/* ---- Help screens ---- */

TEST(help_of_a_command)
{
    AUTO_BUF struct buf text = BUF_INIT;
    help_command(&text, NULL, &work, 60);
    CHECK_STR(text.data,
              "imgctl work - work on \"it\"\n"
              "\n"
              "Examples:\n"
              "  imgctl work a.jpg\n"
              "\n"
              "Usage: imgctl work [options] FILE [ID...]\n"
              "\n"
              "Operands:\n"
              "  FILE        a file\n"
              "\n"
              "Options:\n"
              "      --deep           go below (default; --no-deep turns it\n"
              "                       off)\n"
              "  -b, --business NAME  'quoted', .dotted and \\back of a\n"
              "                       business, described at such length\n"
              "                       that it does not fit into one line\n"
              "                       [business]\n"
              "\n"
              "More:\n"
              "  -j, --a-rather-long-name-of-it N\n"
              "                       how many (default 4)\n"
              "      --strip WHAT     what to take out: gps, all or none\n"
              "                       [upload.strip]\n"
              "      --sort No        by id or name, such as 1.. (default\n"
              "                       id)\n"
              "\n"
              "Everywhere:\n"
              "  -q, --quiet          don't say [much]: \"nothing\" at $all,\n"
              "                       `ever`\n"
              "  -c, --set KEY=VALUE  use a setting\n"
              "  -h, --help           show this help\n"
              "\n"
              "In full: man imgctl-work\n");
}

TEST(help_of_a_parent_and_a_child)
{
    AUTO_BUF struct buf text = BUF_INIT;
    help_command(&text, NULL, &team, 80);
    CHECK(strstr(text.data, "Usage: imgctl team add NAME\n"
                            "       imgctl team drop [options]\n"
                            "\nCommands:\n"
                            "  add     add one\n"
                            "  drop    drop one\n"
                            "\nOptions:\n") != NULL);
    buf_clear(&text);
    help_command(&text, &team, &add, 80);
    CHECK(strstr(text.data, "Usage: imgctl team add NAME\n\nOptions:\n  -q, --quiet") !=
          NULL);
    CHECK(strstr(text.data, "man imgctl-team\n") != NULL);
}

TEST(no_line_is_wider_than_asked)
{
    static const size_t widths[] = { 0, 40, 72, 80, 200 };
    for (size_t i = 0; i < sizeof widths / sizeof *widths; i++) {
        AUTO_BUF struct buf text = BUF_INIT;
        AUTO_STRLIST struct strlist lines = STRLIST_INIT;
        size_t width = widths[i] < 40 ? 40 : widths[i];
        help_command(&text, NULL, &work, widths[i]);
        strlist_split(&lines, text.data, '\n');
        for (size_t k = 0; k < lines.len; k++) {
            bool usage = strncmp(lines.items[k], "Usage:", 6) == 0;
            CHECK(usage || text_width(lines.items[k]) <= width);
        }
        CHECK(strstr(text.data, " \n") == NULL);
        CHECK(strstr(text.data, "hidden") == NULL);
    }
}

TEST(usage_is_one_line)
{
    AUTO_BUF struct buf text = BUF_INIT;
    help_usage(&text, NULL, &team);
    buf_addch(&text, '|');
    help_usage(&text, &team, &add);
    buf_addch(&text, '|');
    help_usage(&text, NULL, &plain);
    CHECK_STR(text.data, "imgctl team COMMAND|imgctl team add NAME|imgctl plain");
}

TEST(overview_has_groups)
{
    AUTO_BUF struct buf text = BUF_INIT;
    help_overview(&text);
    CHECK(strstr(text.data, "\nFirst:\n"
                            "  work    work on \"it\"\n"
                            "  team    the team\n"
                            "\nSecond:\n"
                            "  plain   do it\n"
                            "\nOptions:\n") != NULL);
}

/* ---- JSON ---- */

static const struct json *named(const struct json *list, const char *key,
                                const char *name)
{
    for (size_t i = 0; i < json_length(list); i++) {
        const char *text = json_text(json_at(list, i), key);
        if (text && strcmp(text, name) == 0) {
            return json_at(list, i);
        }
    }
    return NULL;
}

TEST(json_tells_it_all)
{
    AUTO_BUF struct buf text = BUF_INIT;
    struct error err = ERROR_INIT;
    struct json *root = NULL;
    help_json(&text);
    CHECK_INT(json_parse(text.data, text.len, &root, &err), 0);
    CHECK_STR(err.message, "");
    const struct json *list = json_member(root, "commands");
    CHECK_INT(json_length(list), 3);
    const struct json *c = named(list, "name", "work");
    CHECK_STR(json_text(c, "summary"), "work on \"it\"");
    CHECK_STR(json_text(c, "usage"), "imgctl work [options] FILE [ID...]");
    const struct json *options = json_member(c, "options");
    CHECK_INT(json_length(options), 5);
    CHECK(named(options, "name", "secret-name") == NULL);
    const struct json *jobs = named(options, "name", "a-rather-long-name-of-it");
    CHECK_STR(json_text(jobs, "letter"), "j");
    CHECK_STR(json_text(jobs, "type"), "int");
    CHECK_STR(json_text(jobs, "default"), "4");
    CHECK_STR(json_text(jobs, "set"), "More");
    CHECK_INT(json_number(jobs, "max", 0), 64);
    CHECK_INT(json_length(json_member(named(options, "name", "strip"), "choices")), 3);
    const struct json *operands = json_member(c, "operands");
    CHECK(json_flag(json_at(operands, 0), "required", false));
    CHECK(json_flag(json_at(operands, 1), "many", false));
    const struct json *below = json_member(named(list, "name", "team"), "commands");
    CHECK_STR(json_text(named(below, "name", "add"), "usage"), "imgctl team add NAME");
    CHECK(named(json_member(root, "options"), "name", "help") != NULL);
    CHECK_INT(json_length(json_member(root, "settings")), settings_count);
    json_free(root);
}

TEST(every_exit_code_is_explained)
{
    AUTO_BUF struct buf text = BUF_INIT;
    struct error err = ERROR_INIT;
    struct json *root = NULL;
    static const enum error_kind kinds[] = {
        ERROR_NONE,
#define X(name, code, exit_code) name,
        ERROR_KINDS(X)
#undef X
    };
    help_json(&text);
    CHECK_INT(json_parse(text.data, text.len, &root, &err), 0);
    const struct json *codes = json_member(root, "exit_codes");
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        AUTO_FREE char *label = mem_printf("%d", error_exit_code(kinds[i]));
        CHECK(named(codes, "label", label) != NULL);
    }
    CHECK(named(codes, "label", "3") != NULL);
    json_free(root);
}

TEST(stores_of_the_setting_are_the_stores)
{
    const char *const *choices = setting_find("store")->choices;
    size_t i = 0;
    for (; choices[i] && store_names[i]; i++) {
        CHECK_STR(choices[i], store_names[i]);
    }
    CHECK(!choices[i] && !store_names[i]);
}

/* ---- Generated files ---- */

/* Run COMMAND, in which %s is a file with TEXT; its output into OUT. Returns
 * its status, or -1 when the program it begins with is not installed. */
static int run_on(const char *command, const struct buf *text, struct buf *out)
{
    char file[] = "/tmp/imgctl-help-test-XXXXXX";
    int fd = mkstemp(file);
    CHECK(fd >= 0 && file_write_all(fd, text->data, text->len) == 0);
    close(fd);
    AUTO_FREE char *program = mem_strndup(command, strcspn(command, " "));
    AUTO_FREE char *look = mem_printf("command -v %s >/dev/null", program);
    int status = -1;
    if (system(look) == 0) {
        AUTO_FREE char *with_file = mem_printf("f=%s; %s 2>&1", file, command);
        FILE *p = popen(with_file, "r");
        char piece[4096];
        size_t n;
        while ((n = fread(piece, 1, sizeof piece, p)) > 0) {
            buf_add(out, piece, n);
        }
        status = WEXITSTATUS(pclose(p));
    }
    unlink(file);
    return status;
}

#define CHECK_CLEAN(command, text)                    \
    do {                                              \
        AUTO_BUF struct buf said_ = BUF_INIT;         \
        int status_ = run_on(command, text, &said_);  \
        if (status_ < 0) {                            \
            SKIP("not installed: " command);          \
        }                                             \
        CHECK_INT(status_, 0);                        \
        CHECK_STR(said_.data, "");                    \
    } while (0)

TEST(man_pages_are_clean)
{
    AUTO_BUF struct buf text = BUF_INIT;
    buf_addstr(&text, ".Dd November 22, 2026\n.Dt IMGCTL-X 1\n.Os\n.Sh NAME\n"
                      ".Nm imgctl-x\n.Nd test\n.Sh SYNOPSIS\n");
    reference_mdoc_synopsis(&text, &work);
    reference_mdoc_synopsis(&text, &team);
    reference_mdoc_synopsis(&text, NULL);
    buf_addstr(&text, ".Sh DESCRIPTION\nText.\n.Ss Commands\n");
    reference_mdoc_commands(&text);
    buf_addstr(&text, ".Ss Settings\n");
    reference_mdoc_settings(&text);
    buf_addstr(&text, ".Ss Everywhere\n");
    reference_mdoc_global_options(&text);
    reference_mdoc_options(&text, &work);
    buf_addstr(&text, ".Sh EXIT STATUS\n");
    reference_mdoc_exit_codes(&text);
    CHECK_CLEAN("mandoc -T lint -W style $f | grep -v 'manual not found'; true", &text);
}

TEST(man_pages_escape)
{
    AUTO_BUF struct buf text = BUF_INIT;
    reference_mdoc_synopsis(&text, &work);
    CHECK_STR(text.data, ".Nm imgctl\n"
                         ".Cm work\n"
                         ".Op Fl \\-deep\n"
                         ".Op Fl \\-business Ar NAME\n"
                         ".Op Ar more\n"
                         ".Ar FILE\n"
                         ".Op Ar ID ...\n");
    buf_clear(&text);
    reference_mdoc_options(&text, &work);
    CHECK(strstr(text.data, "\\&'quoted', \\&.dotted and \\eback of a business") != NULL);
    CHECK(strstr(text.data, ".It Fl j , Fl \\-a\\-rather\\-long\\-name\\-of\\-it Ar "
                            "\\&N\n") != NULL);
    CHECK(strstr(text.data, ".It Fl \\-sort Ar \\&No\nBy id or name, such as 1..\n") !=
          NULL);
    CHECK(strstr(text.data, "One of\n.Cm gps ,\n.Cm all ,\n.Cm none .\n") != NULL);
    CHECK(strstr(text.data, "hidden") == NULL);
    CHECK(strstr(text.data, "\n\n") == NULL);
}

TEST(bash_takes_it)
{
    AUTO_BUF struct buf text = BUF_INIT;
    reference_bash(&text);
    CHECK_CLEAN("bash -n $f", &text);
}

TEST(shellcheck_likes_it)
{
    AUTO_BUF struct buf text = BUF_INIT;
    reference_bash(&text);
    CHECK_CLEAN("shellcheck $f", &text);
}

TEST(zsh_takes_it)
{
    AUTO_BUF struct buf text = BUF_INIT;
    reference_zsh(&text);
    CHECK_CLEAN("zsh -n $f", &text);
}

TEST(fish_takes_it)
{
    AUTO_BUF struct buf text = BUF_INIT;
    reference_fish(&text);
    CHECK_CLEAN("fish -n $f", &text);
}

/* What the script offers, with '|' between, for words with '|' between. */
static const char *complete_bash(const struct buf *script, const char *line,
                                 struct buf *out)
{
    AUTO_FREE char *command = mem_printf(
        "bash -c '. \"$1\"\n"
        "imgctl() { local known=() word; case \"$*\" in\n"
        "*\"help --complete picture \"*) known=(42 41) ;;\n"
        "*\"help --complete business \"*) known=(acme \"big co\") ;;\n"
        "*\"help --complete setting \"*) known=(store upload.strip) ;; esac\n"
        "for word in \"${known[@]}\"; do [[ $word != \"${!#}\"* ]] ||\n"
        "printf \"%%s\\tits name\\n\" \"$word\"; done; }\n"
        "IFS=\"|\" read -ra COMP_WORDS <<<\"$2|.\"\n"
        "unset \"COMP_WORDS[-1]\"\n"
        "COMP_CWORD=$((${#COMP_WORDS[@]} - 1))\n"
        "_imgctl; IFS=\"|\"; printf %%s \"${COMPREPLY[*]}\"' bash $f '%s'", line);
    buf_clear(out);
    CHECK_INT(run_on(command, script, out), 0);
    return out->data;
}

TEST(bash_completes)
{
    AUTO_BUF struct buf script = BUF_INIT;
    AUTO_BUF struct buf out = BUF_INIT;
    static const char *const cases[][2] = {
        { "imgctl|w", "work" },
        { "imgctl|", "work|plain|team" },
        { "imgctl|work|--s", "--set|--strip|--sort" },
        { "imgctl|work|--no", "--no-deep" },
        { "imgctl|work|--business|", "acme|big\\ co" },
        { "imgctl|work|-b|a", "acme" },
        { "imgctl|work|--business|=|b", "big\\ co" },
        { "imgctl|work|--strip|=", "gps|all|none" },
        { "imgctl|-q|-c|k|=|v|work|--strip|a", "all" },
        { "imgctl|--set|u", "upload.strip=" },
        { "imgctl|-c|upload.strip|=|g", "gps" },
        { "imgctl|--set|=|upload.strip|=|g", "gps" },
        { "imgctl|team|", "add|drop" },
        { "imgctl|team|-q|d", "drop" },
        { "imgctl|team|add|", "acme|big\\ co" },
        { "imgctl|team|drop|--so", "--sort" },
        { "imgctl|work|x.jpg|4", "42|41" },
        { "imgctl|work|-j|2|--deep|x.jpg|41|42|4", "42|41" },
        { "imgctl|work|--a-rather-long-name-of-it|", "" },
        { "imgctl|work|--|--s", "" },
        { "imgctl|plain|", "" },
    };
    reference_bash(&script);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        CHECK_STR(complete_bash(&script, cases[i][0], &out), cases[i][1]);
    }
}

int main(void)
{
    RUN(help_of_a_command);
    RUN(help_of_a_parent_and_a_child);
    RUN(no_line_is_wider_than_asked);
    RUN(usage_is_one_line);
    RUN(overview_has_groups);
    RUN(json_tells_it_all);
    RUN(every_exit_code_is_explained);
    RUN(stores_of_the_setting_are_the_stores);
    RUN(man_pages_are_clean);
    RUN(man_pages_escape);
    RUN(bash_takes_it);
    RUN(shellcheck_likes_it);
    RUN(zsh_takes_it);
    RUN(fish_takes_it);
    RUN(bash_completes);
    return test_end();
}
