/*
 * The Cloudinary room against the cloud of tests/cloud, which checks every
 * request and plays faults: uploads whole and in chunks, repeated, conflicting,
 * cut off, with a wrong clock; getting and removing.
 */
#include <fcntl.h>
#include <unistd.h>

#include "../../src/store/cloudinary.h"
#include "../../src/store/cloudinary_upload.h"
#include "cloud_process.h"
#include "imgctl/mem.h"
#include "test.h"

#define KEY "123456789012345"
#define SECRET "abcdefghijklmnopqrstuvwxyz1"

static struct config *config;
static struct store *store;

/* ---- Pictures ---- */

/* A picture for all that the cloud looks at; its bytes differ by SEED. */
static int make_picture(int64_t size, char seed)
{
    static const char head[] = "\211PNG\r\n\032\n\0\0\0\rIHDR\0\0\0\1\0\0\0\1";
    AUTO_FREE char *data = mem_alloc((size_t)size);
    int fd = open(folder, O_TMPFILE | O_RDWR, 0600);
    memset(data, seed, (size_t)size);
    memcpy(data, head, sizeof head - 1);
    CHECK(fd >= 0 && write(fd, data, (size_t)size) == size);
    return fd;
}

static struct store_item make_item(int fd, int64_t size, const char *sha256)
{
    return (struct store_item){
        .fd = fd,
        .size = size,
        .sha256 = sha256,
        .format = IMAGE_PNG,
        .filename = "Caf\303\251 \"1\" & 2.png",
        .business_id = 1,
    };
}

static char *sha256_of(char digit)
{
    char *s = mem_alloc(65);
    memset(s, digit, 64);
    return s;
}

static struct store *open_store(const char *query)
{
    struct store_context context = { .config = config, .trace_fd = -1 };
    struct store *s = NULL;
    struct error err = ERROR_INIT;
    AUTO_FREE char *url =
        mem_printf("cloudinary://" KEY ":" SECRET "@demo?upload_prefix=%s&secure=false&"
                   "cname=%s%s", cloud_base, cloud_base + 7, query);
    setenv("CLOUDINARY_URL", url, 1);
    CHECK_INT(cloudinary_open(&context, &s, &err), 0);
    CHECK_STR(err.message, "");
    return s;
}

/* put() of a picture of SIZE bytes; returns the error's kind. */
static enum error_kind put(int64_t size, char seed, const char *public_id, bool overwrite,
                           struct stored *stored, struct error *err)
{
    AUTO_FD int fd = make_picture(size, seed);
    AUTO_FREE char *sha256 = sha256_of(seed);
    struct store_item item = make_item(fd, size, sha256);
    item.public_id = public_id;
    item.overwrite = overwrite;
    *stored = (struct stored){ .url = NULL };
    *err = (struct error)ERROR_INIT;
    int result = store->ops->put(store, &item, stored, err);
    CHECK_INT(result, err->kind == ERROR_NONE ? 0 : -1);
    CHECK(result == 0 || stored->url == NULL);
    CHECK(!strstr(err->message, SECRET) && !strstr(err->hint, SECRET));
    return err->kind;
}

/* The same where only the outcome matters. */
static enum error_kind put_kind(int64_t size, char seed, const char *public_id)
{
    struct stored stored;
    struct error err;
    enum error_kind kind = put(size, seed, public_id, false, &stored, &err);
    stored_release(&stored);
    return kind;
}

static void check_bytes(const struct stored *stored, int64_t size, char seed)
{
    AUTO_FD int want = make_picture(size, seed);
    AUTO_FD int got = open(folder, O_TMPFILE | O_RDWR, 0600);
    AUTO_FREE char *a = mem_alloc((size_t)size);
    AUTO_FREE char *b = mem_alloc((size_t)size);
    struct error err = ERROR_INIT;
    CHECK_INT(store->ops->get(store, stored, NULL, got, &err), 0);
    CHECK_STR(err.message, "");
    CHECK_INT(lseek(got, 0, SEEK_END), size);
    CHECK_INT(pread(want, a, (size_t)size, 0), size);
    CHECK_INT(pread(got, b, (size_t)size, 0), size);
    CHECK(memcmp(a, b, (size_t)size) == 0);
}

static void begin(void)
{
    free(ask("reset", ""));
}

/* ---- Tests ---- */

TEST(whole_life)
{
    struct stored first, second;
    struct error err = ERROR_INIT;
    AUTO_BUF struct buf said = BUF_INIT;
    begin();
    CHECK_INT(store->ops->check(store, true, &said, &err), 0);
    CHECK_STR(said.data, "cloud demo, key ...2345 from CLOUDINARY_URL; it answers");

    CHECK_INT(put(1000, 'a', NULL, false, &first, &err), ERROR_NONE);
    CHECK_STR(first.public_id, "ai-growth-manager/business_1/caf-1-2-aaaaaaaaaaaa");
    CHECK_STR(first.format, "png");
    CHECK_STR(first.delivery_type, "upload");
    CHECK_INT(first.bytes, 1000);
    CHECK(first.version > 0 && first.asset_id && first.etag && !first.existing);
    check_bytes(&first, 1000, 'a');

    CHECK_INT(put(1000, 'a', NULL, false, &second, &err), ERROR_NONE);
    CHECK(second.existing);
    CHECK_STR(second.asset_id, first.asset_id);
    CHECK_INT(count("stored"), 1);
    check_last_request("\"overwrite\": \"false\"");

    CHECK_INT(store->ops->remove(store, &first, NULL, &err), 1);
    check_last_request("\"invalidate\": \"true\"");
    CHECK_INT(store->ops->remove(store, &first, NULL, &err), 0);
    AUTO_FD int fd = open(folder, O_TMPFILE | O_RDWR, 0600);
    CHECK_INT(store->ops->get(store, &first, NULL, fd, &err), -1);
    CHECK_INT(err.kind, ERROR_NOT_FOUND);
    check_no_violations();
    stored_release(&first);
    stored_release(&second);
}

TEST(notes_are_sent)
{
    AUTO_FD int fd = make_picture(500, 'n');
    AUTO_FREE char *sha256 = sha256_of('n');
    AUTO_STRLIST struct strlist tags = STRLIST_INIT;
    struct store_item item = make_item(fd, 500, sha256);
    struct stored stored = { .url = NULL };
    struct error err = ERROR_INIT;
    begin();
    strlist_add(&tags, "cat");
    strlist_add(&tags, "gr\303\274n & blau");
    item.tags = &tags;
    item.alt_text = "a|b=c & \"d\"\nx";
    item.public_id = "notes";
    CHECK_INT(store->ops->put(store, &item, &stored, &err), 0);
    CHECK_STR(err.message, "");
    AUTO_FREE char *asset = ask("asset?public_id=notes", NULL);
    CHECK(strstr(asset, "a|b=c & \\\"d\\\"\\nx") != NULL);
    CHECK(strstr(asset, "gr\303\274n & blau") || strstr(asset, "gr\\u00fcn & blau"));
    check_no_violations();
    stored_release(&stored);
}

TEST(lost_answer)
{
    struct stored stored;
    struct error err;
    begin();
    fault("{\"path\":\"/upload$\",\"do\":\"close\",\"when\":\"acted\"}");
    CHECK_INT(put(2000, 'l', NULL, false, &stored, &err), ERROR_NONE);
    CHECK(stored.existing);
    CHECK_INT(count("stored"), 1);
    CHECK_INT(count("duplicates"), 0);
    check_bytes(&stored, 2000, 'l');
    check_no_violations();
    stored_release(&stored);
}

TEST(conflict)
{
    struct stored stored;
    struct error err;
    begin();
    CHECK_INT(put_kind(1000, 'a', "mine/x"), ERROR_NONE);
    CHECK_INT(put(1001, 'b', "mine/x", false, &stored, &err), ERROR_REFUSED);
    CHECK(strstr(err.message, "1000 bytes, this one has 1001") != NULL);
    /* Other bytes, but as many: only the MD5 tells. */
    CHECK_INT(put(1000, 'b', "mine/x", false, &stored, &err), ERROR_REFUSED);
    CHECK_INT(put_kind(1000, 'a', "mine/x"), ERROR_NONE);
    CHECK_INT(count("stored"), 1);
    CHECK_INT(put(1001, 'b', "mine/x", true, &stored, &err), ERROR_NONE);
    CHECK(!stored.existing);
    check_last_request("\"overwrite\": \"true\"");
    check_last_request("\"invalidate\": \"true\"");
    check_bytes(&stored, 1001, 'b');
    check_no_violations();
    stored_release(&stored);
    CHECK_INT(put_kind(1000, 'a', "v1/x"), ERROR_USAGE);
}

/* What is there cannot be compared whole; an id made from content says much. */
TEST(conflict_in_the_dark)
{
    static const char no_etag[] = "{\"path\":\"/upload$\",\"do\":\"shape\","
                                  "\"drop\":[\"etag\"]}";
    static const char converted[] = "{\"path\":\"/upload$\",\"do\":\"shape\","
                                    "\"set\":{\"format\":\"webp\",\"bytes\":77}}";
    begin();
    CHECK_INT(put_kind(1000, 'a', NULL), ERROR_NONE);
    CHECK_INT(put_kind(1000, 'a', "mine"), ERROR_NONE);
    fault(no_etag);
    CHECK_INT(put_kind(1000, 'a', NULL), ERROR_NONE);
    fault(no_etag);
    CHECK_INT(put_kind(1001, 'a', NULL), ERROR_REFUSED);
    fault(no_etag);
    CHECK_INT(put_kind(1000, 'a', "mine"), ERROR_REFUSED);
    fault(converted);
    CHECK_INT(put_kind(1000, 'a', NULL), ERROR_NONE);
    fault(converted);
    CHECK_INT(put_kind(1000, 'a', "mine"), ERROR_REFUSED);
    fault(converted);
    CHECK_INT(put_kind(1000, 'b', NULL), ERROR_NONE);
    CHECK_INT(count("stored"), 3);
    check_no_violations();
}

TEST(chunks)
{
    struct stored stored;
    struct error err;
    struct store *whole = store;
    begin();
    store = open_store("&chunk_size=5500000&signature_algorithm=sha256");
    CHECK_INT(put(13000000, 'c', NULL, false, &stored, &err), ERROR_NONE);
    CHECK_STR(err.message, "");
    CHECK_INT(count("chunks"), 3);
    CHECK_INT(stored.bytes, 13000000);
    check_bytes(&stored, 13000000, 'c');
    stored_release(&stored);

    /* The second chunk is answered too late, the third with trouble. */
    fault("{\"path\":\"/upload$\",\"do\":\"close\",\"when\":\"acted\",\"nth\":2}");
    fault("{\"path\":\"/upload$\",\"do\":\"status\",\"status\":503,\"nth\":4}");
    CHECK_INT(put(11000001, 'd', NULL, false, &stored, &err), ERROR_NONE);
    check_bytes(&stored, 11000001, 'd');
    stored_release(&stored);

    CHECK_INT(put(11000000, 'd', NULL, false, &stored, &err), ERROR_REFUSED);
    check_no_violations();
    store_close(store);
    store = whole;
}

TEST(wrong_clock)
{
    struct stored stored;
    struct error err;
    struct store *other = store;
    for (int ahead = -8000; ahead <= 8000; ahead += 16000) {
        AUTO_FREE char *setting = mem_printf("{\"clock\":%d}", ahead);
        begin();
        free(ask("set", setting));
        store = open_store("&chunk_size=5500000");
        CHECK_INT(put(6000000, 'k', NULL, false, &stored, &err), ERROR_NONE);
        CHECK_STR(err.message, "");
        CHECK_INT(count("stored"), 1);
        store_close(store);
        store = open_store("");
        CHECK_INT(store->ops->remove(store, &stored, NULL, &err), 1);
        CHECK_STR(err.message, "");
        stored_release(&stored);
        store_close(store);
    }
    store = other;
    begin();
    /* Only once. */
    fault("{\"path\":\"/upload$\",\"do\":\"status\",\"status\":400,\"times\":9,"
          "\"body\":\"{\\\"error\\\":{\\\"message\\\":\\\"Stale request\\\"}}\"}");
    CHECK_INT(put(1000, 'k', NULL, false, &stored, &err), ERROR_CREDENTIALS);
    CHECK_INT(count("requests"), 2);
    free(ask("reset", ""));
}

TEST(faults)
{
    static const struct { const char *rule; enum error_kind kind; } cases[] = {
        { "\"do\":\"status\",\"status\":500,\"times\":99", ERROR_UNAVAILABLE },
        { "\"do\":\"html\",\"times\":99", ERROR_UNAVAILABLE },
        { "\"do\":\"empty\",\"status\":200", ERROR_UNAVAILABLE },
        { "\"do\":\"notjson\",\"status\":200", ERROR_UNAVAILABLE },
        { "\"do\":\"deep\"", ERROR_UNAVAILABLE },
        { "\"do\":\"endless\",\"times\":99", ERROR_UNAVAILABLE },
        { "\"do\":\"limit\",\"in\":3600,\"times\":99", ERROR_RATE_LIMIT },
        { "\"do\":\"addon\"", ERROR_REFUSED },
        { "\"do\":\"shape\",\"drop\":[\"public_id\"]", ERROR_UNAVAILABLE },
        { "\"do\":\"shape\",\"drop\":[\"secure_url\"]", ERROR_UNAVAILABLE },
        { "\"do\":\"shape\",\"set\":{\"bytes\":999}", ERROR_STORE },
        { "\"do\":\"shape\",\"set\":{\"public_id\":null}", ERROR_UNAVAILABLE },
        { "\"do\":\"shape\",\"set\":{\"version\":1}", ERROR_UNAVAILABLE },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        AUTO_FREE char *rule = mem_printf("{\"path\":\"/upload$\",%s}", cases[i].rule);
        int before = test_failed_checks;
        struct store *kept = store;
        begin();
        fault(rule);
        store = open_store(""); /* one that is not waiting for a limit to end */
        CHECK_INT(put_kind(1000, 'f', NULL), cases[i].kind);
        CHECK(count("stored") <= 1);
        store_close(store);
        store = kept;
        if (test_failed_checks > before) {
            printf("# with %s\n", rule);
        }
    }
    begin();
}

TEST(wrong_secret)
{
    struct store *kept = store;
    struct stored stored = { .public_id = mem_strdup("x") };
    struct error err = ERROR_INIT;
    AUTO_BUF struct buf said = BUF_INIT;
    struct store_context context = { .config = config, .trace_fd = -1 };
    AUTO_FREE char *url = mem_printf("cloudinary://" KEY ":wrong0secret0canary@demo?"
                                     "upload_prefix=%s", cloud_base);
    begin();
    setenv("CLOUDINARY_URL", url, 1);
    CHECK_INT(cloudinary_open(&context, &store, &err), 0);
    CHECK_INT(store->ops->check(store, true, &said, &err), -1);
    CHECK_INT(err.kind, ERROR_CREDENTIALS);
    CHECK_INT(store->ops->remove(store, &stored, NULL, &err), -1);
    CHECK_INT(err.kind, ERROR_CREDENTIALS);
    CHECK(!strstr(err.message, "canary"));
    stored_release(&stored);
    CHECK_INT(put_kind(1000, 's', NULL), ERROR_CREDENTIALS);
    CHECK_INT(count("stored"), 0);
    store_close(store);
    store = kept;
}

static void count_done(void *cookie, int result, const struct error *err)
{
    CHECK_STR(err->message, "");
    *(int *)cookie += result == 0;
}

TEST(side_by_side)
{
    enum { MANY = 20 };
    struct cloudinary *session = (struct cloudinary *)store;
    struct cloudinary_upload uploads[MANY];
    struct store_item items[MANY];
    char *ids[MANY], *sha256 = sha256_of('p');
    struct error err = ERROR_INIT;
    AUTO_FD int fd = make_picture(200000, 'p');
    int done = 0;
    begin();
    for (int i = 0; i < MANY; i++) {
        items[i] = make_item(fd, 200000 - i, sha256);
        ids[i] = mem_printf("many/%d", i);
        CHECK_INT(cloudinary_upload_start(&uploads[i], session, &items[i], ids[i],
                                          count_done, &done, &err), 0);
    }
    while (http_run(session->client, 1000) > 0) {
    }
    CHECK_INT(done, MANY);
    CHECK_INT(count("assets"), MANY);
    for (int i = 0; i < MANY; i++) {
        CHECK_STR(uploads[i].stored.public_id, ids[i]);
        cloudinary_upload_release(&uploads[i]);
        free(ids[i]);
    }
    free(sha256);
    check_no_violations();
}

static void run_all(void)
{
    store = open_store("");
    if (!store) {
        return;
    }
    RUN(whole_life);
    RUN(notes_are_sent);
    RUN(lost_answer);
    RUN(conflict);
    RUN(conflict_in_the_dark);
    RUN(chunks);
    RUN(wrong_clock);
    RUN(faults);
    RUN(wrong_secret);
    RUN(side_by_side);
    store_close(store);
}

TEST(without_python)
{
    SKIP("the cloud needs python3 and tests/cloud");
}

TEST(preparing)
{
    struct error err = ERROR_INIT;
    struct http_options options = HTTP_OPTIONS_INIT;
    setenv("HOME", "/nonexistent", 1);
    unsetenv("XDG_CONFIG_HOME");
    unsetenv("IMGCTL_CONFIG");
    unsetenv("CLOUDINARY_CLOUD_NAME");
    CHECK_INT(config_load(NULL, &config, &err), 0);
    CHECK_INT(config_override(config, "http.retry_base=1", &err), 0);
    CHECK_INT(http_client_new(&options, &control, &err), 0);
    CHECK_STR(err.message, "");
}

int main(void)
{
    signal(SIGPIPE, SIG_IGN);
    if (!mkdtemp(folder) || !start_cloud()) {
        RUN(without_python);
    } else {
        RUN(preparing);
        run_all();
    }
    stop_cloud();
    http_client_free(control);
    config_free(config);
    return test_end();
}
