/* Groups of changes, files whose content is known, batches. */

#include "catalog_support.h"

static struct error err;

#define SHA "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define SHB "fedcba9876543210fedcba9876543210fedcba9876543210fedcba9876543210"

static int64_t live_at(const char *path)
{
    return raw_number(path, "SELECT count(*) FROM images WHERE deleted_at IS NULL");
}

static int64_t live(struct catalog *c)
{
    return count_of(c, (struct selection){ .search = NULL });
}

static int64_t begin_transfer(struct catalog *c, int64_t business, const char *sha256)
{
    struct transfer t = { .business_id = business, .store = mem_strdup("local"),
                          .sha256 = mem_strdup(sha256), .size = 1 };
    must(catalog_transfer_begin(c, &t, &err), &err);
    int64_t id = t.id;
    transfer_release(&t);
    return id;
}

/* ---- Groups ---- */

TEST(a_group_is_one_change)
{
    const char *path = in_scratch("group.db");
    struct catalog *c = open_at(path);
    int64_t business = default_business(c);
    CHECK_INT(catalog_group_begin(c, &err), 0);
    for (uint64_t i = 0; i < 10; i++) {
        add_sample(c, business, i);
    }
    CHECK_INT(live(c), 10);
    CHECK_INT(live_at(path), 0);
    CHECK_INT(catalog_group_commit(c, &err), 0);
    CHECK_INT(live_at(path), 10);
    CHECK_INT(catalog_group_begin(c, &err), 0);
    add_sample(c, business, 10);
    CHECK_INT(catalog_delete_soft(c, 1, &err), 1);
    catalog_close(c);
    c = open_at(path);
    CHECK_INT(live(c), 10);
    add_sample(c, business, 11); /* by itself again */
    CHECK_INT(live_at(path), 11);
    CHECK_INT(catalog_group_begin(c, &err), 0);
    add_sample(c, business, 12);
    catalog_close(c);
    CHECK_INT(live_at(path), 11);
    CHECK(is_consistent(path));
}

/* New pictures reach the search index at the end of their group, as they are then. */
TEST(a_group_is_indexed_at_its_end)
{
    const char *path = in_scratch("indexed.db");
    struct catalog *c = open_at(path);
    int64_t business = default_business(c);
    add_sample(c, business, 1);
    CHECK_INT(catalog_group_begin(c, &err), 0);
    for (uint64_t i = 2; i < 6; i++) {
        add_sample(c, business, i);
    }
    CHECK_INT(catalog_picture_annotate(c, 1, NULL, "a green heron", &err), 1);
    CHECK_INT(catalog_picture_annotate(c, 3, NULL, "a grey heron", &err), 1);
    CHECK_INT(catalog_delete_soft(c, 4, &err), 1);
    CHECK_INT(catalog_removal_begin(c, 5, 0, &err), 1);
    CHECK_INT(catalog_removal_finish(c, 5, &err), 0);
    CHECK_INT(catalog_group_commit(c, &err), 0);
    CHECK_INT(catalog_integrity(c, &err), 0);
    CHECK_INT(count_of(c, (struct selection){ .search = "heron" }), 2);
    CHECK_INT(count_of(c, (struct selection){ .search = "holiday" }), 3);
    CHECK_INT(catalog_restore(c, 4, &err), 1);
    add_sample(c, business, 6); /* by itself: at once */
    CHECK_INT(count_of(c, (struct selection){ .search = "holiday" }), 5);
    CHECK_INT(catalog_integrity(c, &err), 0);
    catalog_close(c);
    CHECK(is_consistent(path));
}

TEST(a_group_is_not_begun_or_ended_twice)
{
    const char *path = in_scratch("twice.db");
    struct catalog *c = open_at(path);
    int64_t business = default_business(c);
    CHECK_INT(catalog_group_commit(c, &err), -1);
    CHECK_INT(catalog_group_begin(c, &err), 0);
    add_sample(c, business, 1);
    CHECK_INT(catalog_group_begin(c, &err), -1);
    CHECK_INT(err.kind, ERROR_FAILED);
    add_sample(c, business, 2);
    CHECK_INT(catalog_group_commit(c, &err), 0);
    CHECK_INT(catalog_group_commit(c, &err), -1);
    CHECK_INT(live_at(path), 2);
    CHECK_INT(catalog_group_begin(c, &err), 0); /* an empty one */
    CHECK_INT(catalog_group_commit(c, &err), 0);
    catalog_close(c);
}

TEST(every_change_may_be_in_a_group)
{
    const char *path = in_scratch("every.db");
    struct catalog *c = open_at(path);
    AUTO_STRLIST struct strlist tags = STRLIST_INIT;
    strlist_add(&tags, "red");
    int64_t other;
    CHECK_INT(catalog_group_begin(c, &err), 0);
    int64_t business = default_business(c);
    CHECK_INT(catalog_business_add(c, "Bakery", &other, &err), 0);
    CHECK_INT(catalog_business_rename(c, "Bakery", "Cafe", &err), 0);
    CHECK_INT(catalog_business_add(c, "Short", &other, &err), 0);
    CHECK_INT(catalog_business_remove(c, "Short", &err), 0);
    struct picture p = sample(business, 1);
    CHECK_INT(catalog_picture_add(c, &p, begin_transfer(c, business, p.sha256), &err), 1);
    CHECK_INT(catalog_picture_annotate(c, p.id, &tags, "a wall", &err), 1);
    CHECK_INT(catalog_picture_stored(c, &p, 0, &err), 0);
    CHECK_INT(catalog_transfer_fail(c, begin_transfer(c, business, "1"), "cut", &err), 0);
    CHECK_INT(catalog_transfer_drop(c, begin_transfer(c, business, "2"), &err), 0);
    add_sample(c, business, 2);
    CHECK_INT(catalog_delete_soft(c, p.id, &err), 1);
    CHECK_INT(catalog_restore(c, p.id, &err), 1);
    CHECK_INT(catalog_removal_begin(c, 2, 0, &err), 1);
    CHECK_INT(catalog_removal_finish(c, 2, &err), 0);
    CHECK_INT(catalog_batch_done(c, "outbox", 1700000000000, &err), 0);
    CHECK_INT(catalog_integrity(c, &err), 0);
    CHECK_INT(catalog_rebuild(c, &err), 0);
    CHECK_INT(raw_number(path, "SELECT count(*) FROM businesses"), 0);
    CHECK_INT(catalog_group_commit(c, &err), 0);
    catalog_close(c);
    picture_release(&p);
    CHECK_INT(live_at(path), 1);
    CHECK_INT(raw_number(path, "SELECT count(*) FROM businesses"), 2);
    CHECK_INT(raw_number(path, "SELECT count(*) FROM transfers WHERE error = 'cut'"), 1);
    CHECK_INT(raw_number(path, "SELECT count(*) FROM transfers"), 1);
    CHECK_INT(raw_number(path, "SELECT count(*) FROM batches"), 1);
    CHECK(is_consistent(path));
}

/* A change that fails at its last step takes its first steps back, and no more. */
TEST(an_error_leaves_the_rest_of_the_group)
{
    const char *path = in_scratch("errors.db");
    struct catalog *c = open_at(path);
    int64_t business = default_business(c), id;
    CHECK_INT(catalog_group_begin(c, &err), 0);
    add_sample(c, business, 1);
    sqlite3_exec(c->db, "CREATE TEMP TRIGGER no BEFORE DELETE ON main.transfers"
                 " BEGIN SELECT raise(ABORT, 'not now'); END", NULL, NULL, NULL);
    struct picture p = sample(business, 2);
    int64_t transfer = begin_transfer(c, business, p.sha256);
    CHECK_INT(catalog_picture_add(c, &p, transfer, &err), -1);
    CHECK(strstr(err.message, "not now"));
    CHECK_INT(live(c), 1);
    CHECK_INT(catalog_business_add(c, "default", &id, &err), -1);
    CHECK_INT(catalog_picture_annotate(c, 99, NULL, "none", &err), -1);
    CHECK_INT(catalog_removal_begin(c, 99, 0, &err), -1);
    struct picture stray = sample(77, 3); /* no such business */
    CHECK_INT(catalog_picture_add(c, &stray, 0, &err), -1);
    picture_release(&stray);
    add_sample(c, business, 4);
    CHECK_INT(sqlite3_exec(c->db, "DROP TRIGGER no", NULL, NULL, NULL), SQLITE_OK);
    CHECK_INT(catalog_group_commit(c, &err), 0);
    CHECK_INT(live_at(path), 2);
    CHECK_INT(raw_number(path, "SELECT count(*) FROM transfers"), 1);
    p.id = 0;
    CHECK_INT(catalog_picture_add(c, &p, transfer, &err), 1);
    picture_release(&p);
    catalog_close(c);
    CHECK(is_consistent(path));
}

/* After a failure SQLite may take back the whole group. Nothing behind it may be
 * written then, as if it were a change of its own. */
TEST(a_lost_group_stays_lost)
{
    const char *path = in_scratch("lost.db");
    struct catalog *c = open_at(path);
    int64_t business = default_business(c);
    CHECK_INT(catalog_group_begin(c, &err), 0);
    add_sample(c, business, 1);
    sqlite3_exec(c->db, "CREATE TEMP TRIGGER no BEFORE INSERT ON main.images"
                 " BEGIN SELECT raise(ROLLBACK, 'no room'); END", NULL, NULL, NULL);
    struct picture p = sample(business, 2);
    CHECK_INT(catalog_picture_add(c, &p, 0, &err), -1);
    CHECK_INT(sqlite3_get_autocommit(c->db), 1);
    sqlite3_exec(c->db, "DROP TRIGGER no", NULL, NULL, NULL);
    error_clear(&err);
    CHECK_INT(catalog_picture_add(c, &p, 0, &err), -1);
    CHECK(err.kind == ERROR_CATALOG && strstr(err.message, "no room"));
    CHECK_INT(catalog_business_add(c, "Bakery", &p.id, &err), -1);
    error_clear(&err);
    CHECK_INT(catalog_group_commit(c, &err), -1);
    CHECK(err.kind == ERROR_CATALOG && strstr(err.message, "no room"));
    CHECK_INT(live_at(path), 0);
    CHECK_INT(catalog_group_begin(c, &err), 0);
    CHECK_INT(catalog_picture_add(c, &p, 0, &err), 1);
    CHECK_INT(catalog_group_commit(c, &err), 0);
    CHECK_INT(live_at(path), 1);
    picture_release(&p);
    catalog_close(c);
    CHECK(is_consistent(path));
}

TEST(a_full_disk_in_a_group_is_told)
{
    const char *path = in_scratch("full.db");
    struct catalog *c = open_at(path);
    int64_t business = default_business(c), added = 0;
    sqlite3_exec(c->db, "PRAGMA max_page_count = 50", NULL, NULL, NULL);
    CHECK_INT(catalog_group_begin(c, &err), 0);
    int result = 1;
    for (uint64_t i = 0; i < 2000 && result == 1; i++) {
        struct picture p = sample(business, i);
        result = catalog_picture_add(c, &p, 0, &err);
        added += result == 1;
        picture_release(&p);
    }
    CHECK(result == -1 && added > 0 && strstr(err.message, "full"));
    error_clear(&err);
    result = catalog_group_commit(c, &err);
    CHECK(result == 0 || strstr(err.message, "full"));
    CHECK_INT(live_at(path), result == 0 ? added : 0);
    CHECK(is_consistent(path));
    catalog_close(c);
}

static int refuse_commit(void *cookie)
{
    return ++*(int *)cookie == 1;
}

TEST(a_commit_that_fails_leaves_nothing)
{
    const char *path = in_scratch("commit.db");
    struct catalog *c = open_at(path);
    int64_t business = default_business(c);
    int asked = 0;
    sqlite3_commit_hook(c->db, refuse_commit, &asked);
    CHECK_INT(catalog_group_begin(c, &err), 0);
    add_sample(c, business, 1);
    CHECK_INT(asked, 0);
    CHECK_INT(catalog_group_commit(c, &err), -1);
    CHECK_INT(live_at(path), 0);
    /* A commit that SQLite refuses, but leaves open to be mended. */
    CHECK_INT(catalog_group_begin(c, &err), 0);
    add_sample(c, business, 1);
    sqlite3_exec(c->db, "PRAGMA defer_foreign_keys = ON;"
                 "UPDATE images SET business_id = 99", NULL, NULL, NULL);
    CHECK_INT(catalog_group_commit(c, &err), -1);
    CHECK_INT(sqlite3_get_autocommit(c->db), 1);
    CHECK_INT(live_at(path), 0);
    CHECK_INT(catalog_group_begin(c, &err), 0);
    add_sample(c, business, 1);
    CHECK_INT(catalog_group_commit(c, &err), 0);
    CHECK_INT(live_at(path), 1);
    catalog_close(c);
}

TEST(others_wait_and_read_on)
{
    const char *path = in_scratch("wait.db");
    struct catalog *c = open_at(path), *other = open_at(path);
    int64_t business = default_business(c);
    add_sample(other, business, 1); /* sets up writing */
    sqlite3_busy_timeout(other->db, 1);
    CHECK_INT(catalog_group_begin(c, &err), 0);
    add_sample(c, business, 2);
    CHECK_INT(live(other), 1);
    CHECK_INT(catalog_delete_soft(other, 1, &err), -1);
    CHECK(err.kind == ERROR_CATALOG && err.retryable);
    CHECK_INT(catalog_group_begin(other, &err), -1);
    CHECK(err.kind == ERROR_CATALOG && err.retryable);
    CHECK_INT(catalog_group_commit(other, &err), -1); /* it has not begun */
    CHECK_INT(catalog_group_commit(c, &err), 0);
    CHECK_INT(live(other), 2);
    CHECK_INT(catalog_group_begin(other, &err), 0);
    CHECK_INT(catalog_delete_soft(other, 1, &err), 1);
    CHECK_INT(catalog_group_commit(other, &err), 0);
    catalog_close(other);
    catalog_close(c);
}

/* ---- Files and batches ---- */

#define SECOND INT64_C(1000000000)
#define NOW INT64_C(1790000000000) /* ms */

static const struct file_key a_file = {
    .path = "/home/a/Bilder/\xc3\xa4 b\xff.jpg", /* no UTF-8 */
    .device = INT64_MIN, .inode = INT64_MAX, .size = 12345,
    .modified = 1780000000 * SECOND + 5, .changed = 1780000001 * SECOND + 6, .strip = 1,
};

static int known(struct catalog *c, struct file_key key, const char *sha256)
{
    char found[65] = "";
    int result = catalog_file_known(c, &key, found, &err);
    CHECK_STR(found, result == 1 ? sha256 : "");
    return result;
}

TEST(a_known_file_is_known_as_it_was)
{
    struct catalog *c = open_at(in_scratch("files.db"));
    CHECK_INT(known(c, a_file, SHA), 0);
    CHECK_INT(catalog_file_remember(c, &a_file, SHA, NOW, &err), 1);
    CHECK_INT(known(c, a_file, SHA), 1);
    struct file_key others[8];
    for (size_t i = 0; i < 8; i++) {
        others[i] = a_file;
    }
    others[0].path = "/home/a/Bilder/\xc3\xa4 b\xfe.jpg";
    others[1].device++;
    others[2].inode--;
    others[3].size++;
    others[4].modified++;
    others[5].changed--;
    others[6].strip = 0;
    others[7].conversion = "at most 1080x0";
    for (size_t i = 0; i < 8; i++) {
        CHECK_INT(known(c, others[i], SHA), 0);
    }
    CHECK_INT(catalog_file_remember(c, &others[6], SHB, NOW, &err), 1);
    CHECK_INT(known(c, others[6], SHB), 1);
    CHECK_INT(known(c, a_file, SHA), 1);
    CHECK_INT(catalog_file_remember(c, &others[3], SHB, NOW, &err), 1);
    CHECK_INT(known(c, a_file, SHA), 0); /* only the last is kept */
    CHECK_INT(known(c, others[3], SHB), 1);
    CHECK_INT(raw_number(c->path, "SELECT count(*) FROM files"), 2);
    catalog_close(c);
}

TEST(a_file_that_may_still_change_is_not_remembered)
{
    struct catalog *c = open_at(in_scratch("racy.db"));
    struct file_key key = a_file;
    key.modified = NOW * 1000000 - 2 * SECOND + 1;
    CHECK_INT(catalog_file_remember(c, &key, SHA, NOW, &err), 0);
    key.modified = NOW * 1000000 - 2 * SECOND;
    key.changed = NOW * 1000000 + 3600 * SECOND;
    CHECK_INT(catalog_file_remember(c, &key, SHA, NOW, &err), 0);
    CHECK_INT(known(c, key, SHA), 0);
    key.changed = key.modified;
    CHECK_INT(catalog_file_remember(c, &key, SHA, NOW, &err), 1);
    CHECK_INT(known(c, key, SHA), 1);
    catalog_close(c);
}

/* "/f/00000" and so on. */
static bool is_odd(const char *path)
{
    return atoi(path + strlen("/f/")) % 2 == 1;
}

TEST(what_is_known_of_files_is_bounded)
{
    const char *path = in_scratch("bounded.db");
    struct catalog *c = open_at(path);
    int64_t count = -1;
    CHECK_INT(catalog_files_forget(c, is_odd, &err), 0);
    CHECK_INT(catalog_group_begin(c, &err), 0);
    for (int i = 0; i < 2500; i++) {
        char name[32];
        struct file_key key = a_file;
        snprintf(name, sizeof name, "/f/%05d", i);
        key.path = name;
        CHECK_INT(catalog_file_remember(c, &key, SHA, NOW, &err), 1);
        key.strip++;
        CHECK_INT(catalog_file_remember(c, &key, SHA, NOW, &err), 1);
    }
    CHECK_INT(catalog_group_commit(c, &err), 0);
    CHECK_INT(catalog_files_count(c, &count, &err), 0);
    CHECK_INT(count, 5000);
    CHECK_INT(catalog_files_forget(c, is_odd, &err), 0);
    CHECK_INT(catalog_files_count(c, &count, &err), 0);
    CHECK_INT(count, 2500);
    CHECK_INT(raw_number(path, "SELECT count(*) FROM files WHERE path LIKE '%1'"), 0);
    CHECK_INT(catalog_files_drop(c, 500, &err), 0);
    CHECK_INT(raw_number(path, "SELECT count(*) FROM files"), 2000);
    CHECK_INT(raw_number(path, "SELECT min(path) = '/f/00500' FROM files"), 1);
    catalog_close(c);
}

TEST(what_is_known_of_files_is_a_cache)
{
    const char *path = in_scratch("cache.db");
    struct catalog *c = open_at(path);
    CHECK_INT(catalog_group_begin(c, &err), 0);
    CHECK_INT(catalog_file_remember(c, &a_file, SHA, NOW, &err), 1);
    CHECK_INT(known(c, a_file, SHA), 1);
    catalog_close(c);
    c = open_at(path);
    CHECK_INT(known(c, a_file, SHA), 0);
    CHECK_INT(catalog_file_remember(c, &a_file, SHA, NOW, &err), 1);
    CHECK_INT(raw_exec(path, "UPDATE files SET sha256 = replace(sha256, '3', 'G')"),
              SQLITE_OK);
    CHECK_INT(known(c, a_file, SHA), 0);
    CHECK_INT(catalog_file_remember(c, &a_file, SHB, NOW, &err), 1);
    CHECK_INT(catalog_rebuild(c, &err), 0);
    CHECK_INT(known(c, a_file, SHB), 0);
    catalog_close(c);
}

TEST(batches_are_remembered_by_their_start)
{
    struct catalog *c = open_at(in_scratch("batches.db"));
    int64_t when = 5;
    CHECK_INT(catalog_batch_last(c, "/outbox", &when, &err), 0);
    CHECK_INT(when, 0);
    CHECK_INT(catalog_batch_done(c, "/outbox", NOW + 1, &err), 0);
    CHECK_INT(catalog_batch_done(c, "/inbox", NOW + 2, &err), 0);
    CHECK_INT(catalog_batch_last(c, "/outbox", &when, &err), 0);
    CHECK_INT(when, NOW + 1);
    /* The clock was mended: what counts is the last, not the latest. */
    CHECK_INT(catalog_batch_done(c, "/outbox", NOW - 7, &err), 0);
    CHECK_INT(catalog_batch_last(c, "/outbox", &when, &err), 0);
    CHECK_INT(when, NOW - 7);
    catalog_close(c);
}

struct failures {
    int64_t last;
    int failed, open;
};

static int note_failure(void *cookie, const struct transfer *t)
{
    struct failures *f = cookie;
    CHECK(t->id > f->last);
    f->last = t->id;
    f->failed += t->error != NULL;
    f->open += t->error == NULL;
    return 0;
}

TEST(failed_transfers_can_be_listed)
{
    struct catalog *c = open_at(in_scratch("failed.db"));
    int64_t business = default_business(c);
    struct failures f = { .last = 0 };
    for (int i = 0; i < 20; i++) {
        AUTO_FREE char *sha256 = mem_printf("%d", i * 7919 % 20);
        int64_t id = begin_transfer(c, business, sha256);
        if (i % 4 == 0) {
            CHECK_INT(catalog_transfer_fail(c, id, "cable cut", &err), 0);
        }
    }
    CHECK_INT(catalog_transfers(c, note_failure, &f, &err), 0);
    CHECK_INT(f.failed, 5);
    CHECK_INT(f.open, 15);
    catalog_close(c);
}

int main(void)
{
    scratch_make();
    RUN(a_group_is_one_change);
    RUN(a_group_is_indexed_at_its_end);
    RUN(a_group_is_not_begun_or_ended_twice);
    RUN(every_change_may_be_in_a_group);
    RUN(an_error_leaves_the_rest_of_the_group);
    RUN(a_lost_group_stays_lost);
    RUN(a_full_disk_in_a_group_is_told);
    RUN(a_commit_that_fails_leaves_nothing);
    RUN(others_wait_and_read_on);
    RUN(a_known_file_is_known_as_it_was);
    RUN(a_file_that_may_still_change_is_not_remembered);
    RUN(what_is_known_of_files_is_bounded);
    RUN(what_is_known_of_files_is_a_cache);
    RUN(batches_are_remembered_by_their_start);
    RUN(failed_transfers_can_be_listed);
    scratch_remove();
    return test_end();
}
