/*
 * The Cloudinary room without a network: names of pictures, accounts, links of the
 * store.
 */
#include "../../src/store/cloudinary.h"

#include "../../src/store/cloudinary_account.h"
#include "../../src/store/cloudinary_name.h"
#include "../../src/store/cloudinary_resume.h"
#include "imgctl/file.h"
#include "imgctl/mem.h"
#include "test.h"

#define SECRET "abcdefghijklmnopqrstuvwxyz1"

static char *shared_path(const char *name)
{
    const char *shared = getenv("IMGCTL_SHARED");
    return file_join(shared ? shared : "../shared", name);
}

/* ---- Names ---- */

static void check_slug(const char *name, const char *expected)
{
    AUTO_BUF struct buf out = BUF_INIT;
    cloudinary_slug(&out, name);
    CHECK_STR(out.data, expected);
}

TEST(slugs)
{
    check_slug("photo.jpg", "photo");
    check_slug("Photo.JPG", "photo");
    check_slug("a.tar.gz.jpg", "a-tar-gz");
    check_slug(".jpg", "image");
    check_slug("", "image");
    check_slug("--", "image");
    check_slug(".hidden.jpg", "hidden");
    check_slug("no extension here", "no-extension-here");
    check_slug("caf\303\251.jpg", "caf");
    check_slug("Gr\303\274\303\237e 2.png", "gr-e-2");
    check_slug("\360\237\246\212.jpg", "image");
    check_slug("../../etc/passwd", "etc-passwd");
    check_slug("image.jpg?ts=1", "image-jpg-ts-1");
    check_slug("  two  blanks  .webp", "two-blanks");
    check_slug("1234567890123456789012345678901234567890123456789012345678901.png",
               "123456789012345678901234567890123456789012345678901234567890");
    check_slug("12345678901234567890123456789012345678901234567890123456789-x.png",
               "12345678901234567890123456789012345678901234567890123456789");
}

/* "a\tb\303\251" as printf %b reads it, in place. */
static void unescape(char *s)
{
    static const char letters[] = "n\nt\tr\rb\b\\\\";
    char *out = s;
    for (; *s; s++) {
        const char *letter = s[0] == '\\' && s[1] ? strchr(letters, s[1]) : NULL;
        if (letter) {
            *out++ = letter[1];
            s++;
        } else if (s[0] == '\\' && s[1] >= '0' && s[1] <= '7') {
            char digits[4] = { s[1], s[2], s[3], '\0' };
            *out++ = (char)strtol(digits, NULL, 8);
            s += 3;
        } else {
            *out++ = *s;
        }
    }
    *out = '\0';
}

TEST(hostile_names)
{
    AUTO_FREE char *path = shared_path("corpus/hostile/names.tsv");
    AUTO_BUF struct buf text = BUF_INIT;
    struct error err = ERROR_INIT;
    char sha256[] = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
    int count = 0;
    if (file_read(path, 1 << 20, &text, &err) <= 0) {
        SKIP("IMGCTL_SHARED has no corpus/hostile/names.tsv");
    }
    for (char *line = strtok(text.data, "\n"); line; line = strtok(NULL, "\n")) {
        char *name = strchr(line, '\t');
        name = name ? name + 1 : line;
        name[strcspn(name, "\t")] = '\0';
        unescape(name);
        AUTO_BUF struct buf slug = BUF_INIT;
        AUTO_BUF struct buf id = BUF_INIT;
        cloudinary_slug(&slug, name);
        CHECK_INT(strspn(slug.data, "abcdefghijklmnopqrstuvwxyz0123456789-"), slug.len);
        CHECK(slug.len > 0 && slug.len <= 60);
        CHECK(slug.data[0] != '-' && slug.data[slug.len - 1] != '-');
        CHECK_INT(cloudinary_content_id(&id, "f/b_{id}", 1, name, sha256, &err), 0);
        CHECK_INT(cloudinary_check_public_id(id.data, &err), 0);
        count++;
    }
    CHECK(count > 60);
}

static void check_content_id(const char *folder, const char *expected)
{
    AUTO_BUF struct buf out = BUF_INIT;
    struct error err = ERROR_INIT;
    int result = cloudinary_content_id(&out, folder, 42, "My Cat.jpg",
                                       "f00dfeedcafe0123456789", &err);
    CHECK_STR(result < 0 ? error_code(err.kind) : out.data, expected);
}

TEST(content_ids)
{
    AUTO_FREE char *long_folder = mem_alloc(251);
    memset(long_folder, 'x', 250);
    check_content_id("ai-growth-manager/business_{id}",
                     "ai-growth-manager/business_42/my-cat-f00dfeedcafe");
    check_content_id("", "my-cat-f00dfeedcafe");
    check_content_id("{id}/{id}", "42/42/my-cat-f00dfeedcafe");
    check_content_id("a/", "config.invalid");
    check_content_id("/a", "config.invalid");
    check_content_id("a//b", "config.invalid");
    check_content_id("../a", "config.invalid");
    check_content_id("v12", "config.invalid");
    check_content_id("v{id}", "config.invalid");
    check_content_id("{name}", "config.invalid");
    check_content_id("a b", "config.invalid");
    check_content_id("\303\274", "config.invalid");
    check_content_id(long_folder, "config.invalid");
}

static void check_public_id(const char *id, bool good)
{
    struct error err = ERROR_INIT;
    int result = cloudinary_check_public_id(id, &err);
    CHECK_INT(err.kind, good ? ERROR_NONE : ERROR_USAGE);
    CHECK_INT(result, good ? 0 : -1);
}

TEST(public_ids)
{
    static const char *const bad[] = {
        "", "/a", "a/", "a//b", "a?b", "a&b", "a#b", "a\\b", "a%b", "a<b", "a>b", "a+b",
        "a b", "a\n", "v1/a", "x/v1700/a", ".", "a/../b", "..", "\377", "a\001", "a,b",
    };
    static const char *const good[] = {
        "a", "a/b", "a.b_c-d/e", "v1", "v1x/a", "x/v", "\303\234n\303\257", "a..b", "0",
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        check_public_id(bad[i], false);
    }
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        check_public_id(good[i], true);
    }
    /* 255 characters, not bytes. */
    AUTO_BUF struct buf id = BUF_INIT;
    for (int i = 0; i < 255; i++) {
        buf_addstr(&id, "\303\274");
    }
    check_public_id(id.data, true);
    buf_addch(&id, 'x');
    check_public_id(id.data, false);
}

TEST(tags)
{
    AUTO_STRLIST struct strlist tags = STRLIST_INIT;
    AUTO_BUF struct buf out = BUF_INIT;
    struct error err = ERROR_INIT;
    CHECK_INT(cloudinary_add_tags(&out, NULL, &err), 0);
    strlist_add(&tags, "cat");
    strlist_add(&tags, "a|b=c & d");
    CHECK_INT(cloudinary_add_tags(&out, &tags, &err), 0);
    CHECK_STR(out.data, "cat,a|b=c & d");
    strlist_add(&tags, "one,two");
    CHECK_INT(cloudinary_add_tags(&out, &tags, &err), -1);
    CHECK_INT(err.kind, ERROR_USAGE);
}

/* ---- Accounts ---- */

/* The account as one line, or the error's code. */
static void check_account(const char *url, const char *expected)
{
    struct cloudinary_account a = CLOUDINARY_ACCOUNT_INIT;
    struct error err = ERROR_INIT;
    AUTO_BUF struct buf got = BUF_INIT;
    if (cloudinary_account_parse(&a, url, &err) < 0) {
        buf_addstr(&got, error_code(err.kind));
        CHECK(!strstr(err.message, "SECRETs") && !strstr(err.hint, "SECRETs"));
    } else {
        buf_addf(&got, "%s %s %s", a.key.id, a.key.secret, a.delivery.cloud_name);
    }
    if (strcmp(got.data, expected) != 0) {
        printf("# %s\n", url);
    }
    CHECK_STR(got.data, expected);
    cloudinary_account_release(&a);
}

TEST(account_urls)
{
    static const char whole[] = "123 SECRETs demo";
    check_account("cloudinary://123:SECRETs@demo", whole);
    check_account("CLOUDINARY_URL=cloudinary://123:SECRETs@demo", whole);
    check_account("  export CLOUDINARY_URL='cloudinary://123:SECRETs@demo' \n", whole);
    check_account("CLOUDINARY://123:SECRETs@demo", whole);
    check_account("cloudinary://123:SECRETs@demo/", whole);
    check_account("cloudinary://123:SECRETs@demo?x=1&y[z]=2&&=", whole);
    check_account("cloudinary://123:SECRETs@demo#x", whole);
    check_account("cloudinary://1%2F3:SE%2F:x@Demo_2-X", "1%2F3 SE%2F:x Demo_2-X");
    check_account("", "config.invalid");
    check_account("SECRETs", "config.invalid");
    check_account("https://123:SECRETs@demo", "config.invalid");
    check_account("cloudinary://", "config.invalid");
    check_account("cloudinary://demo", "config.invalid");
    check_account("cloudinary://123:SECRETs@", "config.invalid");
    check_account("cloudinary://123:SECRETs@?x=1", "config.invalid");
    check_account("cloudinary://123:SECRETs@de mo", "config.invalid");
    check_account("cloudinary://123:SECRETs@demo:80", "config.invalid");
    check_account("cloudinary://123:SECRETs@demo.com", "config.invalid");
    check_account("cloudinary://123:SECRETs@demo/a/b", "config.invalid");
    check_account("cloudinary://123:SECRETs\n@demo", "config.invalid");
    check_account("cloudinary://<your_api_key>:<your_api_secret>@demo", "config.invalid");
    check_account("cloudinary://123@demo", "auth.refused");
    check_account("cloudinary://123:@demo", "auth.refused");
    check_account("cloudinary://:SECRETs@demo", "auth.refused");
}

TEST(account_query)
{
    static const struct { const char *query; bool good; } cases[] = {
        { "secure=true", true }, { "secure=0", true }, { "secure=FALSE", true },
        { "secure=maybe", false }, { "secure=", false }, { "secure", false },
        { "signature_algorithm=sha256", true }, { "signature_algorithm=md5", false },
        { "signature_version=1", true }, { "signature_version=3", false },
        { "timeout=60", true }, { "timeout=0", false }, { "timeout=1e3", false },
        { "chunk_size=6000000", true }, { "chunk_size=5242880", false },
        { "chunk_size=100000001", false },
        { "upload_prefix=https://api-eu.cloudinary.com/", true },
        { "upload_prefix=https%3A%2F%2Fapi-ap.cloudinary.com", true },
        { "upload_prefix=http://127.0.0.1:8080", true },
        { "upload_prefix=http://localhost", true },
        { "upload_prefix=http://[::1]:80", true },
        { "upload_prefix=http://[::1].evil.com", false },
        { "upload_prefix=http://[::2]", false },
        { "upload_prefix=http://api.cloudinary.com", false },
        { "upload_prefix=http://127.0.0.1.example.com", false },
        { "upload_prefix=http://127.evil.com", false },
        { "upload_prefix=http://localhost.evil.com", false },
        { "upload_prefix=http://127.0.0.1@evil.com", false },
        { "upload_prefix=https://user@host", false },
        { "upload_prefix=https://host/x?y", false },
        { "upload_prefix=https://", false }, { "upload_prefix=ftp://host", false },
        { "cname=img.example.com:8080", true }, { "cname=a/b", false },
        { "secure_distribution=img.example.com", true },
        { "secure_distribution=evil.com%0d%0aX", false },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        AUTO_FREE char *url = mem_printf("cloudinary://1:SECRETs@d?%s", cases[i].query);
        check_account(url, cases[i].good ? "1 SECRETs d" : "config.invalid");
    }
}

TEST(account_fields)
{
    struct cloudinary_account a = CLOUDINARY_ACCOUNT_INIT;
    struct error err = ERROR_INIT;
    CHECK_INT(cloudinary_account_parse(&a, "cloudinary://1:s@d/img.example.com?"
              "upload_prefix=https://api-eu.cloudinary.com//&secure=false&secure=true&"
              "cname=c.example.com&secure_cdn_subdomain=no&force_version=off&"
              "signature_algorithm=sha256&signature_version=1&long_url_signature=1&"
              "sign_url=yes&timeout=90&chunk_size=6000000&private_cdn=0", &err), 0);
    CHECK_STR(a.upload_prefix, "https://api-eu.cloudinary.com");
    CHECK_STR(a.delivery.secure_distribution, "img.example.com");
    CHECK_STR(a.delivery.cname, "c.example.com");
    CHECK(a.delivery.secure && !a.delivery.private_cdn && !a.delivery.force_version);
    CHECK(a.delivery.long_url_signature && a.delivery.sign_url);
    CHECK_INT(a.delivery.secure_cdn_subdomain, 0);
    CHECK_INT(a.key.algorithm, DIGEST_SHA256);
    CHECK_INT(a.key.version, 1);
    CHECK_INT(a.timeout, 90);
    CHECK_INT(a.chunk_size, 6000000);
    cloudinary_account_release(&a);
    CHECK(a.key.secret == NULL && a.upload_prefix == NULL);
}

/* What `check` says of the account that the environment has, or the error. */
static void check_environment(struct config *config, const char *expected)
{
    struct store_context context = { .config = config, .trace_fd = -1 };
    struct store *store;
    struct error err = ERROR_INIT;
    AUTO_BUF struct buf said = BUF_INIT;
    if (cloudinary_open(&context, &store, &err) < 0) {
        CHECK_STR(err.message, expected);
        return;
    }
    CHECK_INT(store->ops->check(store, false, &said, &err), 0);
    CHECK_STR(said.data, expected);
    store_close(store);
}

static void clear_environment(void)
{
    static const char *const names[] = { "URL", "CLOUD_NAME", "API_KEY", "API_SECRET",
                                         "SECURE", "UPLOAD_PREFIX", "CHUNK_SIZE" };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        AUTO_FREE char *name = mem_printf("CLOUDINARY_%s", names[i]);
        unsetenv(name);
    }
    setenv("HOME", "/nonexistent", 1);
    unsetenv("XDG_CONFIG_HOME");
    unsetenv("IMGCTL_CONFIG");
    unsetenv("CREDENTIALS_DIRECTORY");
    unsetenv("IMGCTL_CLOUDINARY_CHUNK_BYTES");
    unsetenv("IMGCTL_CLOUDINARY_FOLDER");
}

TEST(account_sources)
{
    struct config *config = NULL;
    struct error err = ERROR_INIT;
    clear_environment();
    CHECK_INT(config_load(NULL, &config, &err), 0);
    if (!config) {
        return;
    }
    CHECK(!cloudinary_is_configured(config));
    check_environment(config, "no Cloudinary account is configured");
    setenv("CLOUDINARY_URL", "cloudinary://123456789012345:" SECRET "@Demo", 1);
    CHECK(cloudinary_is_configured(config));
    check_environment(config, "cloud Demo, key ...2345 from CLOUDINARY_URL");
    setenv("CLOUDINARY_CLOUD_NAME", "other", 1);
    check_environment(config, "CLOUDINARY_CLOUD_NAME is set, but not CLOUDINARY_API_KEY");
    setenv("CLOUDINARY_API_KEY", "987654321054321", 1);
    setenv("CLOUDINARY_API_SECRET", SECRET, 1);
    check_environment(config, "cloud other, key ...4321 from CLOUDINARY_CLOUD_NAME and "
                      "CLOUDINARY_API_SECRET, before CLOUDINARY_URL");
    setenv("CLOUDINARY_SECURE", "perhaps", 1);
    check_environment(config, "CLOUDINARY_SECURE must be true or false");
    setenv("CLOUDINARY_SECURE", "", 1); /* as good as not set */
    unsetenv("CLOUDINARY_URL");
    CHECK(cloudinary_is_configured(config));
    check_environment(config, "cloud other, key ...4321 from CLOUDINARY_CLOUD_NAME and "
                      "CLOUDINARY_API_SECRET");
    CHECK_INT(config_override(config, "cloudinary.chunk_bytes=5M", &err), 0);
    check_environment(config, "cloudinary.chunk_bytes must be from 5242881 to 100000000");
    clear_environment();
    config_free(config);
}

static void check_store_link(struct store *store, const char *type,
                             struct link_options options, const char *expected)
{
    char id[] = "folder/sample", jpg[] = "jpg";
    AUTO_FREE char *delivery_type = mem_strdup(type);
    struct stored what = { .public_id = id, .format = jpg,
                           .delivery_type = delivery_type };
    struct error err = ERROR_INIT;
    AUTO_BUF struct buf out = BUF_INIT;
    CHECK_INT(store->ops->link(store, &what, &options, &out, &err), 0);
    CHECK(strncmp(out.data, "https://res.cloudinary.com/demo/image/", 38) == 0);
    CHECK_STR(out.len > 38 ? out.data + 38 : "", expected);
}

TEST(store_links)
{
    struct store_context context = { .trace_fd = -1 };
    struct link_options original = { .kind = LINK_ORIGINAL };
    struct link_options jpg = { .kind = LINK_OPTIMISED, .format = "jpg" };
    struct link_options png = { .format = "png" };
    struct link_options raw = { .transformation = "c_scale,w_400", .sign = true };
    struct config *config = NULL;
    struct store *store = NULL;
    struct stored nothing = { .url = NULL };
    struct error err = ERROR_INIT;
    AUTO_BUF struct buf out = BUF_INIT;
    clear_environment();
    setenv("CLOUDINARY_URL", "cloudinary://1:" SECRET "@demo", 1);
    CHECK_INT(config_load(NULL, &config, &err), 0);
    context.config = config;
    CHECK_INT(cloudinary_open(&context, &store, &err), 0);
    if (store) {
        check_store_link(store, NULL, original, "upload/v1/folder/sample.jpg");
        check_store_link(store, "upload", jpg,
                         "upload/f_jpg,q_auto:good/v1/folder/sample.jpg");
        check_store_link(store, "upload", png, "upload/f_png/v1/folder/sample.png");
        check_store_link(store, "upload", raw,
                         "upload/s--NXG_-ipN--/c_scale,w_400/v1/folder/sample.jpg");
        check_store_link(store, "private", original,
                         "private/s--4V0RhSl_--/v1/folder/sample.jpg");
        CHECK_INT(store->ops->link(store, &nothing, &original, &out, &err), -1);
        CHECK_INT(err.kind, ERROR_STORE);
        store_close(store);
    }
    clear_environment();
    config_free(config);
}

TEST(resume_lines)
{
    struct cloudinary_resume r = { .offset = 0 };
    const struct cloudinary_resume wrote = {
        .upload_id = "0123456789abcdef0123456789abcdef",
        .fields = "fedcba9876543210",
        .chunk_bytes = 6000000,
        .offset = 12000000,
    };
    AUTO_FREE char *text = cloudinary_resume_write(&wrote);
    CHECK_STR(text, "0123456789abcdef0123456789abcdef fedcba9876543210 6000000 12000000");
    CHECK(cloudinary_resume_read(text, &r));
    CHECK_STR(r.upload_id, wrote.upload_id);
    CHECK_STR(r.fields, wrote.fields);
    CHECK_INT(r.chunk_bytes, 6000000);
    CHECK_INT(r.offset, 12000000);
    static const char *const bad[] = {
        "", "x", "0123456789abcdef0123456789abcdef fedcba9876543210 6000000",
        "0123456789abcdef0123456789abcdef fedcba9876543210 0 12000000",
        "0123456789abcdef0123456789abcdef fedcba9876543210 6000000 -1",
        "0123456789abcdef0123456789abcdeX fedcba9876543210 6000000 12000000",
        "0123456789abcdef0123456789abcdef0 fedcba9876543210 6000000 12000000",
        "0123456789abcdef0123456789abcdef fedcba9876543210 6000000 12000000 1",
        "0123456789abcdef0123456789abcdef fedcba9876543210 99999999999999999999 1",
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        CHECK(!cloudinary_resume_read(bad[i], &r));
    }
}

int main(void)
{
    RUN(slugs);
    RUN(hostile_names);
    RUN(content_ids);
    RUN(public_ids);
    RUN(tags);
    RUN(account_urls);
    RUN(account_query);
    RUN(account_fields);
    RUN(account_sources);
    RUN(store_links);
    RUN(resume_lines);
    return test_end();
}
