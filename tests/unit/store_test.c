/*
 * What every store promises (store.h), of each store: the local one, and Cloudinary
 * as the cloud of tests/cloud plays it.
 */
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cloud_process.h"
#include "imgctl/digest.h"
#include "imgctl/store.h"
#include "test.h"

enum { SIZE = 3000 };

static struct config *config;
static struct store *store;

/* Pictures for all that the cloud looks at: SIZE bytes that differ by SEED. */
struct content {
    int fd;
    char sha256[DIGEST_HEX_SIZE];
};

static struct content make_content(char seed)
{
    static const char head[] = "\211PNG\r\n\032\n\0\0\0\rIHDR\0\0\0\1\0\0\0\1";
    struct content c = { .fd = open(folder, O_TMPFILE | O_RDWR, 0600) };
    struct error err = ERROR_INIT;
    char data[SIZE];
    memset(data, seed, sizeof data);
    memcpy(data, head, sizeof head - 1);
    CHECK(c.fd >= 0 && write(c.fd, data, sizeof data) == SIZE);
    CHECK_INT(digest_hex(DIGEST_SHA256, data, sizeof data, c.sha256, &err), 0);
    return c;
}

static struct store_item item_of(const struct content *c)
{
    return (struct store_item){ .fd = c->fd, .size = SIZE, .sha256 = c->sha256,
                                .format = IMAGE_PNG, .filename = "a b.png",
                                .business_id = 1 };
}

/* put(), which must succeed; was it there before? */
static bool put(const struct content *c, bool overwrite, struct stored *ret)
{
    struct store_item item = item_of(c);
    struct error err = ERROR_INIT;
    item.overwrite = overwrite;
    *ret = (struct stored){ .url = NULL };
    CHECK_INT(store->ops->put(store, &item, ret, &err), 0);
    CHECK_STR(err.message, "");
    return ret->existing;
}

static enum store_state examine(const struct content *c, const struct stored *what)
{
    struct store_fact fact = { .what = what, .sha256 = c->sha256, .size = SIZE };
    struct error err = ERROR_INIT;
    CHECK_INT(store->ops->examine(store, &fact, 1, true, &err), 0);
    CHECK_STR(err.message, "");
    return fact.state;
}

TEST(what_is_put_can_be_got)
{
    struct content c = make_content('a');
    struct stored stored;
    struct error err = ERROR_INIT;
    char got[DIGEST_HEX_SIZE] = "";
    CHECK(!put(&c, false, &stored));
    CHECK(stored.url && stored.url[0]);
    CHECK_STR(stored.format ? stored.format : "", "png");
    CHECK_INT(stored.bytes, SIZE);
    AUTO_FD int fd = open(folder, O_TMPFILE | O_RDWR, 0600);
    CHECK_INT(store->ops->get(store, &stored, c.sha256, fd, &err), 0);
    CHECK_INT(digest_file(DIGEST_SHA256, fd, -1, got, &err), 0);
    CHECK_STR(got, c.sha256);
    stored_release(&stored);
    close(c.fd);
}

TEST(a_repeat_finds_it)
{
    struct content c = make_content('b');
    struct stored first, again, forced;
    CHECK(!put(&c, false, &first));
    CHECK(put(&c, false, &again));
    CHECK(!put(&c, true, &forced));
    CHECK_STR(again.url, first.url);
    CHECK_INT(examine(&c, &forced), STORE_HAS);
    stored_release(&first);
    stored_release(&again);
    stored_release(&forced);
    close(c.fd);
}

TEST(the_name_is_known_before)
{
    struct content c = make_content('n');
    struct store_item item = item_of(&c);
    struct stored stored;
    struct error err = ERROR_INIT;
    AUTO_FREE char *planned = store->ops->plan(store, &item, &err);
    CHECK_STR(err.message, "");
    put(&c, false, &stored);
    CHECK_STR(stored.public_id ? stored.public_id : "", planned ? planned : "");
    stored_release(&stored);
    close(c.fd);
}

TEST(what_is_removed_is_gone)
{
    struct content c = make_content('r');
    struct stored stored;
    struct error err = ERROR_INIT;
    put(&c, false, &stored);
    CHECK_INT(examine(&c, &stored), STORE_HAS);
    CHECK_INT(store->ops->remove(store, &stored, c.sha256, &err), 1);
    CHECK_INT(store->ops->remove(store, &stored, c.sha256, &err), 0);
    CHECK_STR(err.message, "");
    CHECK_INT(examine(&c, &stored), STORE_LACKS);
    AUTO_FD int fd = open(folder, O_TMPFILE | O_RDWR, 0600);
    CHECK_INT(store->ops->get(store, &stored, c.sha256, fd, &err), -1);
    CHECK(err.kind == ERROR_STORE || err.kind == ERROR_NOT_FOUND);
    stored_release(&stored);
    close(c.fd);
}

struct search {
    const char *sha256;
    int found, seen;
    int stop_with; /* what each call answers */
};

static int look(void *cookie, const struct store_entry *entry, struct error *err)
{
    struct search *s = cookie;
    s->seen++;
    s->found += (entry->sha256 && strcmp(entry->sha256, s->sha256) == 0) ||
                (entry->public_id && strstr(entry->public_id, "-") &&
                 strncmp(strrchr(entry->public_id, '-') + 1, s->sha256, 12) == 0);
    return s->stop_with < 0 ? error_set(err, ERROR_FAILED, "enough") : s->stop_with;
}

static struct search walk(const char *sha256, int stop_with, int expected)
{
    struct search s = { .sha256 = sha256, .stop_with = stop_with };
    struct error err = ERROR_INIT;
    CHECK_INT(store->ops->walk(store, look, &s, &err), expected);
    CHECK_STR(err.message, expected < 0 ? "enough" : "");
    return s;
}

TEST(a_walk_shows_it)
{
    struct content first = make_content('v'), second = make_content('w');
    struct stored a, b;
    put(&first, false, &a);
    put(&second, false, &b);
    CHECK_INT(walk(first.sha256, 0, 0).found, 1);
    CHECK_INT(walk(second.sha256, 0, 0).found, 1);
    CHECK_INT(walk(first.sha256, 1, 0).seen, 1);
    CHECK_INT(walk(first.sha256, -1, -1).seen, 1);
    stored_release(&a);
    stored_release(&b);
    close(first.fd);
    close(second.fd);
}

TEST(nothing_partial_is_visible)
{
    struct content c = make_content('p');
    struct store_item item = item_of(&c);
    struct stored stored = { .url = NULL };
    struct error err = ERROR_INIT;
    CHECK_INT(ftruncate(c.fd, SIZE / 2), 0); /* it was longer when it was measured */
    CHECK_INT(store->ops->put(store, &item, &stored, &err), -1);
    CHECK_INT(err.kind, ERROR_FILE);
    CHECK(stored.url == NULL);
    CHECK_INT(walk(c.sha256, 0, 0).found, 0);
    close(c.fd);
}

static void run_all(const char *name)
{
    struct store_context context = { .config = config, .trace_fd = -1 };
    struct error err = ERROR_INIT;
    int failed = store_open(name, &context, &store, &err);
    CHECK_STR(err.message, "");
    if (failed) {
        return;
    }
    printf("# %s\n", name);
    RUN(what_is_put_can_be_got);
    RUN(a_repeat_finds_it);
    RUN(the_name_is_known_before);
    RUN(what_is_removed_is_gone);
    RUN(a_walk_shows_it);
    RUN(nothing_partial_is_visible);
    store_close(store);
}

TEST(without_python)
{
    SKIP("the cloud needs python3 and tests/cloud");
}

TEST(preparing)
{
    struct error err = ERROR_INIT;
    setenv("HOME", folder, 1);
    unsetenv("XDG_CONFIG_HOME");
    unsetenv("XDG_DATA_HOME");
    unsetenv("IMGCTL_CONFIG");
    unsetenv("CLOUDINARY_CLOUD_NAME");
    CHECK_INT(config_load(NULL, &config, &err), 0);
    CHECK_INT(config_override(config, "http.retry_base=1", &err), 0);
    CHECK_STR(err.message, "");
}

int main(void)
{
    signal(SIGPIPE, SIG_IGN);
    bool has_cloud = mkdtemp(folder) && start_cloud();
    RUN(preparing);
    run_all("local");
    if (has_cloud) {
        AUTO_FREE char *url = mem_printf(
            "cloudinary://123456789012345:abcdefghijklmnopqrstuvwxyz1@demo?"
            "upload_prefix=%s&secure=false&cname=%s", cloud_base, cloud_base + 7);
        setenv("CLOUDINARY_URL", url, 1);
        run_all("cloudinary");
    } else {
        RUN(without_python);
    }
    stop_cloud();
    config_free(config);
    return test_end();
}
