/* Moving a picture to another store, and who stands on which bytes. */
#include "catalog_support.h"

static struct catalog *c;
static int64_t business;

static char *digest_of(char digit)
{
    char *text = mem_alloc(65);
    memset(text, digit, 64);
    return text;
}

/* A new picture of the local store with a digest of DIGIT; its id. */
static int64_t add(char digit, const char *store)
{
    struct error err = ERROR_INIT;
    AUTO_PICTURE struct picture p = {
        .business_id = business,
        .original_filename = mem_strdup("a.jpg"),
        .storage_provider = mem_strdup(store),
        .storage_url = mem_strdup("file:///a.jpg"),
        .file_size_bytes = 10,
        .mime_type = mem_strdup("image/jpeg"),
        .width = 1,
        .height = 1,
        .sha256 = digest_of(digit),
    };
    must(catalog_picture_add(c, &p, 0, &err), &err);
    return p.id;
}

/* Picture ID as it shall be in the other store. */
static void load_moved(int64_t id, char digit, struct picture *p)
{
    struct error err = ERROR_INIT;
    must(catalog_picture(c, id, p, &err), &err);
    free(p->storage_provider);
    free(p->storage_url);
    free(p->cloudinary_public_id);
    free(p->sha256);
    p->storage_provider = mem_strdup("cloudinary");
    p->storage_url = mem_strdup("https://x/a.jpg");
    p->cloudinary_public_id = mem_strdup("a");
    p->sha256 = digest_of(digit);
    p->file_size_bytes = 9;
    free(p->remote.etag);
    p->remote.etag = mem_strdup("e");
}

static int64_t begin(char digit, const char *store)
{
    struct error err = ERROR_INIT;
    struct transfer t = {
        .business_id = business,
        .store = mem_strdup(store),
        .sha256 = digest_of(digit),
        .source = mem_strdup("picture"),
        .size = 10,
    };
    must(catalog_transfer_begin(c, &t, &err), &err);
    int64_t id = t.id;
    transfer_release(&t);
    return id;
}

static int64_t open_transfers(void)
{
    struct error err = ERROR_INIT;
    struct catalog_summary s;
    must(catalog_summary(c, &s, &err), &err);
    return s.transfers;
}

TEST(moved_keeps_its_id)
{
    struct error err = ERROR_INIT;
    int64_t id = add('1', "local"), other = 0;
    AUTO_PICTURE struct picture p = PICTURE_INIT;
    load_moved(id, '2', &p);
    CHECK_INT(catalog_picture_moved(c, &p, begin('2', "cloudinary"), &other, &err), 1);
    AUTO_PICTURE struct picture now = PICTURE_INIT;
    CHECK_INT(catalog_picture(c, id, &now, &err), 1);
    CHECK_STR(now.storage_provider, "cloudinary");
    CHECK_STR(now.storage_url, "https://x/a.jpg");
    CHECK_STR(now.cloudinary_public_id, "a");
    CHECK_STR(now.sha256, p.sha256);
    AUTO_FREE char *before = digest_of('1');
    CHECK_STR(now.pushed_from, before);
    CHECK_STR(now.remote.etag, "e");
    CHECK_STR(now.original_filename, "a.jpg");
    CHECK_INT(now.file_size_bytes, 9);
    CHECK(now.updated_at > 0);
    CHECK_INT(open_transfers(), 0);
    CHECK_INT(catalog_picture_moved(c, &p, 0, &other, &err), 1); /* again: the same */
    CHECK_INT(catalog_integrity(c, &err), 0);
}

TEST(content_that_is_there_moves_nothing)
{
    struct error err = ERROR_INIT;
    int64_t there = add('3', "cloudinary"), id = add('3', "local"), other = 0;
    AUTO_PICTURE struct picture p = PICTURE_INIT;
    load_moved(id, '3', &p);
    CHECK_INT(catalog_picture_moved(c, &p, begin('3', "cloudinary"), &other, &err), 0);
    CHECK_INT(other, there);
    CHECK_INT(open_transfers(), 0);
    AUTO_PICTURE struct picture now = PICTURE_INIT;
    must(catalog_picture(c, id, &now, &err), &err);
    CHECK_STR(now.storage_provider, "local");
}

/* Another process was faster: with these bytes, or with others. */
TEST(what_is_there_already_is_not_moved_again)
{
    struct error err = ERROR_INIT;
    int64_t id = add('a', "local"), other = 0, transfer = begin('b', "cloudinary");
    AUTO_PICTURE struct picture p = PICTURE_INIT, q = PICTURE_INIT, now = PICTURE_INIT;
    load_moved(id, 'b', &p);
    CHECK_INT(catalog_picture_moved(c, &p, transfer, &other, &err), 1);
    CHECK_INT(catalog_picture_moved(c, &p, transfer, &other, &err), 1);
    load_moved(id, 'c', &q);
    CHECK_INT(catalog_picture_moved(c, &q, begin('c', "cloudinary"), &other, &err), 0);
    CHECK_INT(other, id);
    CHECK_INT(open_transfers(), 0);
    must(catalog_picture(c, id, &now, &err), &err);
    CHECK_STR(now.sha256, p.sha256);
    AUTO_FREE char *before = digest_of('a');
    CHECK_STR(now.pushed_from, before);
}

TEST(what_is_going_is_not_moved)
{
    struct error err = ERROR_INIT;
    int64_t id = add('4', "local"), other = 0, transfer = begin('4', "cloudinary");
    AUTO_PICTURE struct picture p = PICTURE_INIT;
    load_moved(id, '4', &p);
    must(catalog_removal_begin(c, id, 0, &err), &err);
    CHECK_INT(catalog_picture_moved(c, &p, transfer, &other, &err), -1);
    CHECK_INT(err.kind, ERROR_NOT_FOUND);
    CHECK_INT(open_transfers(), 1); /* all or nothing */
    must(catalog_transfer_drop(c, transfer, &err), &err);
    must(catalog_removal_finish(c, id, &err), &err);
    CHECK_INT(catalog_picture_moved(c, &p, 0, &other, &err), -1);
}

static int count_call(void *cookie, struct error *err)
{
    (void)err;
    ++*(int *)cookie;
    return 0;
}

static int refuse(void *cookie, struct error *err)
{
    (void)cookie;
    return error_set(err, ERROR_STORE, "no");
}

TEST(acts_only_on_bytes_that_nobody_needs)
{
    struct error err = ERROR_INIT;
    int calls = 0;
    int64_t id = add('5', "local");
    AUTO_PICTURE struct picture p = { .storage_provider = mem_strdup("local"),
                                      .sha256 = digest_of('5') };
    CHECK_INT(catalog_if_unused(c, &p, count_call, &calls, &err), 0);
    p.id = id; /* the picture itself does not count */
    CHECK_INT(catalog_if_unused(c, &p, count_call, &calls, &err), 1);
    CHECK_INT(calls, 1);
    int64_t transfer = begin('5', "local");
    CHECK_INT(catalog_if_unused(c, &p, count_call, &calls, &err), 0);
    must(catalog_transfer_drop(c, transfer, &err), &err);
    CHECK_INT(catalog_if_unused(c, &p, refuse, NULL, &err), -1);
    CHECK_STR(err.message, "no");
    CHECK_INT(catalog_if_unused(c, &p, count_call, &calls, &err), 1);
    CHECK_INT(calls, 2);
}

TEST(walks_in_order_with_the_deleted)
{
    struct error err = ERROR_INIT;
    int64_t first = add('6', "local"), second = add('7', "local");
    must(catalog_delete_soft(c, second, &err), &err);
    AUTO_PICTURE struct picture p = PICTURE_INIT;
    CHECK_INT(catalog_picture_after(c, first - 1, &p, &err), 1);
    CHECK_INT(p.id, first);
    picture_release(&p);
    CHECK_INT(catalog_picture_after(c, first, &p, &err), 1);
    CHECK_INT(p.id, second);
    picture_release(&p);
    CHECK_INT(catalog_picture_after(c, second, &p, &err), 0);
    AUTO_FREE char *known = digest_of('7'), *unknown = digest_of('8');
    CHECK_INT(catalog_content_known(c, known, &err), 1);
    CHECK_INT(catalog_content_known(c, unknown, &err), 0);
}

int main(void)
{
    scratch_make();
    c = open_at(in_scratch("catalog.db"));
    business = default_business(c);
    RUN(moved_keeps_its_id);
    RUN(content_that_is_there_moves_nothing);
    RUN(what_is_there_already_is_not_moved_again);
    RUN(what_is_going_is_not_moved);
    RUN(acts_only_on_bytes_that_nobody_needs);
    RUN(walks_in_order_with_the_deleted);
    catalog_close(c);
    scratch_remove();
    return test_end();
}
