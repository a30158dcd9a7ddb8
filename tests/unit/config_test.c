#include "imgctl/config.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "imgctl/file.h"
#include "imgctl/mem.h"
#include "imgctl/secret.h"

#include "test.h"

static char folder[] = "/tmp/imgctl-config-test-XXXXXX";
static char file[64];

static void write_file(const char *path, const char *text, mode_t mode)
{
    unlink(path);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    CHECK(fd >= 0 && file_write_all(fd, text, strlen(text)) == 0);
    fchmod(fd, mode);
    close(fd);
}

static const char *read_file(struct buf *b)
{
    struct error err = ERROR_INIT;
    buf_clear(b);
    CHECK_INT(file_read(file, 1 << 20, b, &err), 1);
    return b->data;
}

/* The configuration of a file with TEXT, or NULL with ERR. */
static struct config *load(const char *text, struct error *err)
{
    struct config *c = NULL;
    write_file(file, text, 0600);
    error_clear(err);
    CHECK_INT(config_load(file, &c, err), err->kind == ERROR_NONE ? 0 : -1);
    return c;
}

TEST(defaults)
{
    struct error err = ERROR_INIT;
    struct config *c = load("", &err);
    CHECK_STR(config_text(c, "cloudinary.folder"), "ai-growth-manager/business_{id}");
    CHECK_STR(config_get(c, "cloudinary.folder").origin, "default");
    CHECK_INT(config_int(c, "upload.max_bytes"), 10485760);
    CHECK_INT(config_int(c, "cloudinary.chunk_bytes"), 20000000);
    CHECK_INT(config_int(c, "list.page_size"), 20);
    CHECK(config_text(c, "store") == NULL);
    CHECK(config_text(c, "no.such") == NULL);
    CHECK_STR(config_path(c), file);
    config_free(c);
}

TEST(every_default_passes_its_own_check)
{
    for (size_t i = 0; i < settings_count; i++) {
        struct error err = ERROR_INIT;
        const struct setting *s = &settings[i];
        CHECK(setting_find(s->key) == s);
        CHECK(s->help && *s->help);
        if (s->fallback) {
            CHECK_INT(setting_check(s->key, s->fallback, &err), 0);
        }
    }
}

TEST(reads_the_grammar)
{
    struct error err = ERROR_INIT;
    struct config *c = load("store = local # here\n"
                            "; a comment\n"
                            "\n"
                            "[upload]\n"
                            "\tstrip=all\n"
                            "\tmax_bytes   =  \t 5M  \r\n"
                            "[ Cloudinary ] ; another\n"
                            "FOLDER = \"a # b; \\\"c\\\"\\\\ \" tail \n"
                            "[core]\n"
                            "pager = less   -R\n"
                            "[credential]\n"
                            "helper =\n"
                            "[future]\n"
                            "thing = 1\n"
                            "[list]\n"
                            "page_size = 30\n"
                            "page_size = 40", &err);
    CHECK_STR(err.message, "");
    CHECK_STR(config_text(c, "store"), "local");
    CHECK_STR(config_text(c, "upload.strip"), "all");
    CHECK_INT(config_int(c, "upload.max_bytes"), 5242880);
    CHECK_STR(config_text(c, "cloudinary.folder"), "a # b; \"c\"\\  tail");
    CHECK_STR(config_text(c, "core.pager"), "less   -R");
    CHECK_STR(config_text(c, "credential.helper"), "");
    CHECK_INT(config_int(c, "list.page_size"), 40);
    CHECK_STR(config_get(c, "upload.strip").origin, file);
    config_free(c);
}

TEST(names_the_place_of_an_error)
{
    static const struct {
        const char *text;
        const char *tail; /* of the message, behind the file's name */
    } cases[] = {
        { "[upload\n", ":1: a section is written as [name]" },
        { "[]\n", ":1: a section is written as [name]" },
        { "[a b]\n", ":1: a section is written as [name]" },
        { "[a] b = 1\n", ":1: a section has a line of its own" },
        { "\n\nstore\n", ":3: a key is followed by = and its value" },
        { "= local\n", ":1: neither a comment, a [section] nor a key = value" },
        { "1x = local\n", ":1: neither a comment, a [section] nor a key = value" },
        { "business = \"x\n", ":1: a quote is not closed" },
        { "business = C:\\x\n", ":1: a backslash is written as \\\\" },
        { "business = x\\", ":1: a backslash is written as \\\\" },
        { "store = s3\n", ":1: store is \"s3\", which is not one of local, cloudinary" },
        { "[upload]\nmax_bytes = lots\n",
          ":2: upload.max_bytes is \"lots\", which is no size such as 500K or 10M" },
        { "[list]\npage_size = 101\n",
          ":2: list.page_size is 101, which is not from 1 to 100" },
        { "[http]\nretries = -1\n",
          ":2: http.retries is -1, which is not from 0 to 100" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct error err = ERROR_INIT;
        CHECK(load(cases[i].text, &err) == NULL);
        CHECK_INT(err.kind, ERROR_CONFIG);
        CHECK(strncmp(err.message, file, strlen(file)) == 0);
        CHECK_STR(err.message + strlen(file), cases[i].tail);
    }
}

TEST(refuses_what_is_no_text)
{
    struct error err = ERROR_INIT;
    struct config *c = NULL;
    int fd = open(file, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    CHECK_INT(file_write_all(fd, "store = lo\0cal\n", 15), 0);
    close(fd);
    CHECK_INT(config_load(file, &c, &err), -1);
    CHECK(strstr(err.message, ":1: there is a NUL") != NULL);
    CHECK_INT(config_load(folder, &c, &err), -1);
    CHECK_INT(err.kind, ERROR_CONFIG);
}

TEST(a_named_file_must_exist)
{
    struct error err = ERROR_INIT;
    struct config *c = NULL;
    unlink(file);
    CHECK_INT(config_load(file, &c, &err), -1);
    CHECK_INT(err.kind, ERROR_CONFIG);
    setenv("IMGCTL_CONFIG", file, 1);
    error_clear(&err);
    CHECK_INT(config_load(NULL, &c, &err), 0);
    CHECK_STR(config_path(c), file);
    config_free(c);
    unsetenv("IMGCTL_CONFIG");
}

TEST(refuses_a_file_that_others_can_write)
{
    struct error err = ERROR_INIT;
    struct config *c = NULL;
    static const mode_t bad[] = { 0620, 0602, 0666 };
    for (size_t i = 0; i < 3; i++) {
        write_file(file, "store = local\n", bad[i]);
        CHECK_INT(config_load(file, &c, &err), -1);
        CHECK_INT(err.kind, ERROR_CONFIG);
        CHECK(strncmp(err.hint, "chmod go-w ", 11) == 0);
    }
    write_file(file, "store = local\n", 0644);
    CHECK_INT(config_load(file, &c, &err), 0);
    config_free(c);
}

TEST(the_first_source_wins)
{
    struct error err = ERROR_INIT;
    setenv("IMGCTL_UPLOAD_MAX_BYTES", "2M", 1);
    setenv("IMGCTL_STORE", "", 1);
    struct config *c = load("store = local\n"
                            "[upload]\nmax_bytes = 1M\nstrip = all\n", &err);
    CHECK_INT(config_int(c, "upload.max_bytes"), 2097152);
    CHECK_STR(config_get(c, "upload.max_bytes").origin, "IMGCTL_UPLOAD_MAX_BYTES");
    CHECK_STR(config_text(c, "store"), "local"); /* an empty variable is none */
    CHECK_INT(config_override(c, "upload.max_bytes=3M", &err), 0);
    CHECK_INT(config_override(c, "UPLOAD.STRIP=none", &err), 0);
    CHECK_INT(config_int(c, "upload.max_bytes"), 3145728);
    CHECK_STR(config_get(c, "upload.max_bytes").origin, "-c");
    CHECK_STR(config_text(c, "upload.strip"), "none");
    config_free(c);

    setenv("IMGCTL_UPLOAD_MAX_BYTES", "huge", 1);
    CHECK(load("", &err) == NULL);
    CHECK_INT(err.kind, ERROR_CONFIG);
    CHECK(strncmp(err.message, "IMGCTL_UPLOAD_MAX_BYTES: ", 25) == 0);
    unsetenv("IMGCTL_UPLOAD_MAX_BYTES");
    unsetenv("IMGCTL_STORE");
}

TEST(the_catalog_has_two_variables)
{
    struct error err = ERROR_INIT;
    setenv("IMGCTL_CATALOG", "/one", 1);
    struct config *c = load("", &err);
    CHECK_STR(config_text(c, "catalog.path"), "/one");
    config_free(c);
    setenv("IMGCTL_CATALOG_PATH", "/two", 1);
    c = load("", &err);
    CHECK_STR(config_text(c, "catalog.path"), "/two");
    config_free(c);
    unsetenv("IMGCTL_CATALOG");
    unsetenv("IMGCTL_CATALOG_PATH");
}

TEST(refuses_wrong_overrides)
{
    struct error err = ERROR_INIT;
    struct config *c = load("", &err);
    CHECK_INT(config_override(c, "store", &err), -1);
    CHECK_INT(err.kind, ERROR_USAGE);
    CHECK_INT(config_override(c, "store=s3", &err), -1);
    CHECK_INT(err.kind, ERROR_CONFIG);
    CHECK_INT(config_override(c, "uplod.strip=all", &err), -1);
    CHECK_INT(err.kind, ERROR_USAGE);
    CHECK(strstr(err.hint, "upload.strip") != NULL);
    config_free(c);
}

TEST(finds_folders)
{
    struct error err = ERROR_INIT;
    struct config *c = NULL;
    char *home = mem_strdup(getenv("HOME"));
    setenv("HOME", "/home/x", 1);
    setenv("XDG_DATA_HOME", "/data", 1);
    setenv("XDG_CACHE_HOME", "relative", 1);
    unsetenv("XDG_CONFIG_HOME");
    unsetenv("XDG_STATE_HOME");
    CHECK_INT(config_load(NULL, &c, &err), 0);
    CHECK_STR(config_path(c), "/home/x/.config/imgctl/config");
    CHECK_STR(config_data_dir(c), "/data/imgctl");
    CHECK_STR(config_cache_dir(c), "/home/x/.cache/imgctl");
    CHECK_STR(config_state_dir(c), "/home/x/.local/state/imgctl");
    config_free(c);
    unsetenv("HOME");
    unsetenv("XDG_DATA_HOME");
    unsetenv("XDG_CACHE_HOME");
    CHECK_INT(config_load(NULL, &c, &err), 0); /* from the password database */
    CHECK(config_data_dir(c)[0] == '/');
    config_free(c);
    if (home) {
        setenv("HOME", home, 1);
    }
    free(home);
}

TEST(writes_one_line_and_no_other)
{
    static const struct {
        const char *before, *key, *value, *after;
    } cases[] = {
        { "", "store", "local", "store = local\n" },
        { "", "upload.strip", "all", "[upload]\n\tstrip = all\n" },
        { "# mine\n", "store", "local", "store = local\n# mine\n" },
        { "business = a\n# up\n[upload]\n", "store", "local",
          "business = a\nstore = local\n# up\n[upload]\n" },
        { "store=local # why\n", "store", "cloudinary", "store= cloudinary # why\n" },
        { "\n  Store  =  local\r\n#end", "store", "cloudinary",
          "\n  Store  =  cloudinary\r\n#end" },
        { "business =# none\n", "business", "x", "business = x # none\n" },
        { "business =", "business", "x", "business = x" },
        { "[upload]\n\tmax_bytes = 1M\n\n# list\n[list]\n", "upload.strip", "all",
          "[upload]\n\tmax_bytes = 1M\n\tstrip = all\n\n# list\n[list]\n" },
        { "[upload]", "upload.strip", "all", "[upload]\n\tstrip = all\n" },
        { "[list]\n\tpage_size = 5", "upload.strip", "all",
          "[list]\n\tpage_size = 5\n[upload]\n\tstrip = all\n" },
        { "[upload]\nstrip = gps\n[list]\n[upload]\nstrip = none\n", "upload.strip",
          "all", "[upload]\nstrip = gps\n[list]\n[upload]\nstrip = all\n" },
        { "[upload]\nstrip = gps\n[list]\n[upload]\nstrip = none\n", "upload.strip", NULL,
          "[upload]\n[list]\n[upload]\n" },
        { "# a\nbusiness = \"x # y\" ; z\n", "business", " p\\\"q\n# ",
          "# a\nbusiness = \" p\\\\\\\"q\\n# \" ; z\n" },
        { "business = x\n", "business", "", "business = \"\"\n" },
        { "business = x\n", "store", NULL, "business = x\n" },
        { "old.key = 1\nbusiness = x\n", "old.key", NULL, "business = x\n" },
    };
    AUTO_BUF struct buf text = BUF_INIT;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct error err = ERROR_INIT;
        struct config *c = load(cases[i].before, &err);
        CHECK_INT(config_write(c, cases[i].key, cases[i].value, &err), 0);
        CHECK_STR(read_file(&text), cases[i].after);
        config_free(c);
        if (cases[i].value) {
            CHECK_INT(config_load(file, &c, &err), 0);
            CHECK_STR(config_text(c, cases[i].key), cases[i].value);
            config_free(c);
        }
    }
}

TEST(writing_checks_first)
{
    struct error err = ERROR_INIT;
    AUTO_BUF struct buf text = BUF_INIT;
    struct config *c = load("store = local\n", &err);
    CHECK_INT(config_write(c, "stor", "local", &err), -1);
    CHECK_INT(err.kind, ERROR_USAGE);
    CHECK_INT(config_write(c, "store", "s3", &err), -1);
    CHECK_INT(err.kind, ERROR_CONFIG);
    CHECK_STR(read_file(&text), "store = local\n");
    config_free(c);
}

TEST(writing_makes_the_folder_and_follows_a_link)
{
    struct error err = ERROR_INIT;
    struct config *c = NULL;
    struct stat st;
    AUTO_FREE char *deep = mem_printf("%s/new/deeper/config", folder);
    AUTO_FREE char *link = mem_printf("%s/link", folder);
    setenv("IMGCTL_CONFIG", deep, 1);
    CHECK_INT(config_load(NULL, &c, &err), 0);
    CHECK_INT(config_write(c, "store", "local", &err), 0);
    CHECK(stat(deep, &st) == 0 && (st.st_mode & 07777) == 0600);
    config_free(c);

    CHECK_INT(symlink(deep, link), 0);
    setenv("IMGCTL_CONFIG", link, 1);
    CHECK_INT(config_load(NULL, &c, &err), 0);
    CHECK_INT(config_write(c, "store", "cloudinary", &err), 0);
    config_free(c);
    CHECK(lstat(link, &st) == 0 && S_ISLNK(st.st_mode));
    CHECK_INT(config_load(deep, &c, &err), 0);
    CHECK_STR(config_text(c, "store"), "cloudinary");
    config_free(c);
    unsetenv("IMGCTL_CONFIG");
}

/* ---- Secrets ---- */

static int ask(const char *config_line, struct secret *s, struct error *err)
{
    struct config *c = load(config_line, err);
    int found = secret_get("TEST_KEY", c, s, err);
    config_free(c);
    return found;
}

TEST(a_secret_from_the_environment)
{
    AUTO_SECRET struct secret s = SECRET_INIT;
    struct error err = ERROR_INIT;
    setenv("TEST_KEY", "abc", 1);
    CHECK_INT(ask("", &s, &err), 1);
    CHECK_STR(s.text.data, "abc");
    CHECK_STR(s.origin, "TEST_KEY");
    secret_release(&s);
    setenv("TEST_KEY_FILE", "/x", 1);
    CHECK_INT(ask("", &s, &err), -1);
    CHECK_INT(err.kind, ERROR_CONFIG);
    unsetenv("TEST_KEY");
    unsetenv("TEST_KEY_FILE");
    CHECK_INT(ask("", &s, &err), 0);
}

TEST(a_secret_from_a_file)
{
    AUTO_SECRET struct secret s = SECRET_INIT;
    struct error err = ERROR_INIT;
    AUTO_FREE char *path = mem_printf("%s/key", folder);
    setenv("TEST_KEY_FILE", path, 1);
    write_file(path, "from file\r\n", 0600);
    CHECK_INT(ask("", &s, &err), 1);
    CHECK_STR(s.text.data, "from file");
    AUTO_FREE char *origin = mem_printf("file %s", path);
    CHECK_STR(s.origin, origin);
    secret_release(&s);

    write_file(path, "x", 0640);
    CHECK_INT(ask("", &s, &err), -1);
    CHECK_INT(err.kind, ERROR_CREDENTIALS);
    CHECK(strstr(err.hint, "chmod 600") != NULL);
    write_file(path, "\n", 0600);
    CHECK_INT(ask("", &s, &err), -1);
    char large[16400];
    memset(large, 'k', sizeof large - 1);
    large[sizeof large - 1] = '\0';
    write_file(path, large, 0600);
    CHECK_INT(ask("", &s, &err), -1);
    unlink(path);
    CHECK_INT(ask("", &s, &err), -1);
    CHECK_INT(err.kind, ERROR_CREDENTIALS);
    CHECK_INT(s.text.len, 0);
    unsetenv("TEST_KEY_FILE");
}

TEST(a_secret_from_systemd)
{
    AUTO_SECRET struct secret s = SECRET_INIT;
    struct error err = ERROR_INIT;
    AUTO_FREE char *path = mem_printf("%s/test_key", folder);
    setenv("CREDENTIALS_DIRECTORY", folder, 1);
    CHECK_INT(ask("", &s, &err), 0);
    write_file(path, "unit\n", 0440);
    CHECK_INT(ask("", &s, &err), 1);
    CHECK_STR(s.text.data, "unit");
    unlink(path);
    unsetenv("CREDENTIALS_DIRECTORY");
}

TEST(a_secret_from_a_helper)
{
    struct error err = ERROR_INIT;
    AUTO_FREE char *path = mem_printf("%s/imgctl-credential-mine", folder);
    AUTO_FREE char *line = mem_printf("[credential]\nhelper = %s\n", path);
    AUTO_FREE char *search = mem_printf("%s:%s", folder, getenv("PATH"));
    char *old_search = mem_strdup(getenv("PATH"));
    write_file(path, "#!/bin/sh\n[ \"$1\" = get ] || exit 9\nread -r a; read -r b\n"
                     "echo username=x\necho \"password=$a,$b\"\n", 0700);
    setenv("PATH", search, 1);
    const char *lines[] = { line, "[credential]\nhelper = mine\n",
                            "[credential]\nhelper = \"!imgctl-credential-mine\"\n" };
    for (size_t i = 0; i < 3; i++) {
        AUTO_SECRET struct secret s = SECRET_INIT;
        CHECK_INT(ask(lines[i], &s, &err), 1);
        CHECK_STR(s.text.data, "protocol=imgctl,host=test_key");
        CHECK_STR(s.origin, "credential helper");
    }
    setenv("PATH", old_search, 1);
    free(old_search);
}

TEST(a_helper_may_fail)
{
    static const struct {
        const char *line;
        int found;
    } cases[] = {
        { "[credential]\nhelper = \"!: \"\n", 0 },
        { "[credential]\nhelper = \"!echo password=; :\"\n", 0 },
        { "[credential]\nhelper = \"!echo password=kept; exit 3; :\"\n", -1 },
        { "[credential]\nhelper = \"!kill -9 $$; :\"\n", -1 },
        { "[credential]\nhelper = /nonexistent/helper\n", -1 },
        { "[credential]\nhelper = \"!yes ''; :\"\n", -1 },
        { "[credential]\nhelper = \"!exec <&-; echo password=deaf; :\"\n", 1 },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        AUTO_SECRET struct secret s = SECRET_INIT;
        struct error err = ERROR_INIT;
        CHECK_INT(ask(cases[i].line, &s, &err), cases[i].found);
        CHECK_INT(err.kind, cases[i].found < 0 ? ERROR_CREDENTIALS : ERROR_NONE);
        CHECK(strstr(err.message, "kept") == NULL);
    }
}

TEST(shows_only_a_tail)
{
    char out[16];
    secret_tail(out, "sk-1234567890f3k9");
    CHECK_STR(out, "...f3k9");
    secret_tail(out, "short");
    CHECK_STR(out, "...");
    secret_tail(out, "");
    CHECK_STR(out, "...");
    secret_tail(out, "123456789012\x1B]\xC3\xA4");
    CHECK_STR(out, "...?]??");
}

/* What the caller has set must not decide our tests. */
static void clear_environment(void)
{
    for (size_t i = 0; environ[i];) {
        size_t len = strcspn(environ[i], "=");
        AUTO_FREE char *name = mem_strndup(environ[i], len);
        if (strncmp(name, "IMGCTL_", 7) != 0 || unsetenv(name) < 0) {
            i++;
        }
    }
    unsetenv("CREDENTIALS_DIRECTORY");
}

int main(void)
{
    clear_environment();
    if (!mkdtemp(folder)) {
        return 1;
    }
    snprintf(file, sizeof file, "%s/config", folder);
    RUN(defaults);
    RUN(every_default_passes_its_own_check);
    RUN(reads_the_grammar);
    RUN(names_the_place_of_an_error);
    RUN(refuses_what_is_no_text);
    RUN(a_named_file_must_exist);
    RUN(refuses_a_file_that_others_can_write);
    RUN(the_first_source_wins);
    RUN(the_catalog_has_two_variables);
    RUN(refuses_wrong_overrides);
    RUN(finds_folders);
    RUN(writes_one_line_and_no_other);
    RUN(writing_checks_first);
    RUN(writing_makes_the_folder_and_follows_a_link);
    RUN(a_secret_from_the_environment);
    RUN(a_secret_from_a_file);
    RUN(a_secret_from_systemd);
    RUN(a_secret_from_a_helper);
    RUN(a_helper_may_fail);
    RUN(shows_only_a_tail);
    AUTO_FREE char *clean = mem_printf("rm -rf '%s'", folder);
    return test_end() || system(clean) != 0;
}
