/* The catalog: opening, pictures, uploads, deleting, businesses, rows by hand. */

#include "catalog_support.h"

#include <fcntl.h>

#include "imgctl/clock.h"

#include "../../src/catalog/place.h"
#include "../../src/catalog/schema.h"

static struct error err;

static int open_error(const char *path)
{
    struct catalog *c = NULL;
    error_clear(&err);
    int result = catalog_open(path, CATALOG_CREATE, &c, &err);
    CHECK_INT(result, -1);
    CHECK(c == NULL);
    CHECK(result == 0 || strstr(err.message, path));
    catalog_close(c);
    return (int)err.kind;
}

static void write_file(const char *path, const char *text)
{
    FILE *f = fopen(path, "w");
    fputs(text, f);
    fclose(f);
}

static int mode_of(const char *path)
{
    struct stat st;
    return stat(path, &st) < 0 ? -1 : (int)(st.st_mode & 0777);
}

TEST(opens_only_if_there)
{
    struct catalog *c = (struct catalog *)&err;
    CHECK_INT(catalog_open(in_scratch("none.db"), CATALOG_IF_THERE, &c, &err), 0);
    CHECK(c == NULL);
    CHECK_INT(access(in_scratch("none.db"), F_OK), -1);
}

TEST(new_file_is_private)
{
    mode_t before = umask(0);
    struct catalog *c = open_at(in_scratch("a/b/private.db"));
    default_business(c);
    CHECK_INT(mode_of(in_scratch("a")), 0700);
    CHECK_INT(mode_of(in_scratch("a/b")), 0700);
    CHECK_INT(mode_of(in_scratch("a/b/private.db")), 0600);
    CHECK_INT(mode_of(in_scratch("a/b/private.db-wal")), 0600);
    CHECK_INT(mode_of(in_scratch("a/b/private.db-shm")), 0600);
    catalog_close(c);
    umask(0777);
    c = open_at(in_scratch("masked.db"));
    umask(before);
    CHECK_INT(mode_of(in_scratch("masked.db")), 0600);
    catalog_close(c);
}

TEST(names_are_only_names)
{
    char *here = getcwd(NULL, 0);
    CHECK_INT(chdir(scratch), 0);
    catalog_close(open_at(":memory:"));
    catalog_close(open_at("file:odd?mode=memory"));
    CHECK_INT(access(":memory:", F_OK), 0);
    CHECK_INT(access("file:odd?mode=memory", F_OK), 0);
    CHECK_INT(chdir(here), 0);
    free(here);
}

TEST(refuses_what_is_no_catalog)
{
    write_file(in_scratch("text.db"),
               "this is a text, long enough to be read as a header of"
               " a database, which has one hundred bytes at its beginning\n");
    CHECK_INT(open_error(in_scratch("text.db")), ERROR_CATALOG);
    CHECK(*err.hint);
    write_file(in_scratch("empty.db"), "");
    CHECK_INT(open_error(in_scratch("empty.db")), ERROR_CATALOG);
    CHECK_INT(open_error(scratch), ERROR_CATALOG);
    raw_exec(in_scratch("other.db"), "CREATE TABLE t (a)");
    CHECK_INT(open_error(in_scratch("other.db")), ERROR_CATALOG);
    CHECK(strstr(err.message, "not a catalog"));
    CHECK_INT(open_error(in_scratch("text.db/below.db")), ERROR_CATALOG);
}

TEST(refuses_to_hide_a_loss)
{
    write_file(in_scratch("lost.db-wal"), "committed pictures");
    CHECK_INT(open_error(in_scratch("lost.db")), ERROR_CATALOG);
    CHECK_INT(access(in_scratch("lost.db"), F_OK), -1);
}

static char *contents(const char *path, long *size)
{
    FILE *f = fopen(path, "r");
    fseek(f, 0, SEEK_END);
    *size = ftell(f);
    rewind(f);
    char *data = mem_alloc((size_t)*size + 1);
    CHECK_INT(fread(data, 1, (size_t)*size, f), *size);
    fclose(f);
    return data;
}

TEST(newer_is_refused_untouched)
{
    const char *path = in_scratch("newer.db");
    struct catalog *c = open_at(path);
    add_sample(c, default_business(c), 1);
    /* A writer of the newer version dies: its log stays beside the file. */
    pid_t child = fork();
    if (child == 0) {
        sqlite3 *db;
        sqlite3_open(path, &db);
        sqlite3_exec(db, "PRAGMA user_version = 999", NULL, NULL, NULL);
        _exit(0);
    }
    waitpid(child, NULL, 0);
    sqlite3_db_config(c->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    catalog_close(c);
    long size, again;
    AUTO_FREE char *before = contents(path, &size);
    CHECK_INT(open_error(path), ERROR_CATALOG);
    CHECK(strstr(err.message, "newer"));
    AUTO_FREE char *after = contents(path, &again);
    CHECK(size == again && memcmp(before, after, (size_t)size) == 0);
    CHECK_INT(raw_number(path, "PRAGMA user_version"), 999);
}

TEST(migrates_in_one_step)
{
    static const char *const steps[] = { "CREATE TABLE a (x INT)",
                                         "CREATE TABLE b (x INT)",
                                         "CREATE TABLE c (x INT)" };
    static const char *const broken[] = {
        "CREATE TABLE a (x INT)", "CREATE TABLE b (x INT)", "CREATE TABLE c (x INT)",
        "CREATE TABLE d (x INT)", "CREATE TABLE a (x INT)",
    };
    struct catalog c = { .path = mem_strdup(in_scratch("migrate.db")) };
    CHECK_INT(sqlite3_open(c.path, &c.db), SQLITE_OK);
    int64_t application, version;
    struct migrations m = { steps, 1 };
    CHECK_INT(schema_upgrade(&c, &m, &err), 0);
    m.count = 3;
    CHECK_INT(schema_upgrade(&c, &m, &err), 0);
    CHECK_INT(schema_upgrade(&c, &m, &err), 0);
    CHECK_INT(schema_marks(&c, &application, &version, &err), 0);
    CHECK_INT(application, SCHEMA_APPLICATION_ID);
    CHECK_INT(version, 3);
    struct migrations bad = { broken, 5 };
    CHECK_INT(schema_upgrade(&c, &bad, &err), -1);
    CHECK(strstr(err.message, "version 5"));
    CHECK_INT(schema_marks(&c, &application, &version, &err), 0);
    CHECK_INT(version, 3);
    CHECK_INT(raw_number(c.path, "SELECT count(*) FROM sqlite_schema"), 3);
    for (size_t i = 0; i < SQL_KEPT; i++) {
        sqlite3_finalize(c.kept[i].stmt);
    }
    sqlite3_close(c.db);
    free(c.path);
}

TEST(knows_network_file_systems)
{
    static const char table[] =
        "22 1 8:1 / / rw - ext4 /dev/sda1 rw\n"
        "23 22 0:45 / /home/a/far rw,nosuid shared:7 - fuse.sshfs host:/ rw\n"
        "24 22 0:46 / /home/a/near rw - fuse.gocryptfs x rw\n";
    FILE *f = fmemopen((char *)table, sizeof table - 1, "r");
    char type[64];
    CHECK(place_mount_type(f, 45, type, sizeof type));
    CHECK_STR(type, "fuse.sshfs");
    CHECK(place_is_network_type(type));
    rewind(f);
    CHECK(place_mount_type(f, 46, type, sizeof type));
    CHECK(!place_is_network_type(type));
    CHECK(!place_mount_type(f, 47, type, sizeof type));
    fclose(f);
    CHECK_STR(place_network_name(0x6969), "NFS");
    CHECK_STR(place_network_name(0xfffffffffe534d42UL), "SMB"); /* sign-extended */
    CHECK(place_network_name(0xef53) == NULL);
}

TEST(picture_comes_back_whole)
{
    struct catalog *c = open_at(in_scratch("whole.db"));
    struct picture p = sample(default_business(c), 7);
    p.cloudinary_public_id = mem_strdup("team/holiday");
    p.ai_generated = true;
    p.ai_prompt = mem_strdup("a \"quoted\" cat\nand a dog \xf0\x9f\x90\x95");
    p.ai_model = mem_strdup("mock");
    p.created_at = 1700000000123;
    p.alt_text = mem_strdup("a cat");
    p.filename_percent = true;
    p.derived_from = 3;
    strlist_add(&p.tags, "zoo");
    strlist_add(&p.tags, "b\\\"ack");
    strlist_add(&p.tags, "zoo");
    p.remote.asset_id = mem_strdup("abc");
    p.remote.version = 1234567890123;
    CHECK_INT(catalog_picture_add(c, &p, 0, &err), 1);
    struct picture q;
    CHECK_INT(catalog_picture(c, p.id, &q, &err), 1);
    CHECK_STR(q.original_filename, "holiday-7.jpg");
    CHECK_STR(q.ai_prompt, p.ai_prompt);
    CHECK_STR(q.cloudinary_public_id, "team/holiday");
    CHECK_INT(q.created_at, 1700000000123);
    CHECK_INT(q.updated_at, 0);
    CHECK_INT(q.deleted_at, 0);
    CHECK_INT(q.file_size_bytes, 1007);
    CHECK_INT(q.derived_from, 3);
    CHECK(q.filename_percent && q.ai_generated);
    CHECK_INT(q.tags.len, 2);
    CHECK_STR(q.tags.items[0], "b\\\"ack");
    CHECK_STR(q.tags.items[1], "zoo");
    CHECK_STR(q.remote.asset_id, "abc");
    CHECK_STR(q.remote.etag, NULL);
    CHECK_INT(q.remote.version, 1234567890123);
    picture_release(&p);
    picture_release(&q);
    CHECK_INT(catalog_picture(c, 999, &p, &err), 0);
    CHECK(p.original_filename == NULL);
    catalog_close(c);
}

static int see_row(void *cookie, const struct picture *p)
{
    *(int *)cookie += 1;
    CHECK_STR(p->original_filename, "holiday-7.jpg");
    CHECK_STR(p->alt_text, "a cat");
    CHECK_INT(p->width, 640);
    CHECK(p->tags.len == 0 && !p->remote.etag && p->cost == MONEY_UNKNOWN);
    return 0;
}

TEST(rows_only_leave_the_rest)
{
    struct catalog *c = open_at(in_scratch("rows.db"));
    struct picture p = sample(default_business(c), 7);
    p.ai_generated = true;
    p.width = 640;
    p.alt_text = mem_strdup("a cat");
    strlist_add(&p.tags, "zoo");
    p.remote.etag = mem_strdup("abc");
    CHECK_INT(catalog_picture_add(c, &p, 0, &err), 1);
    int seen = 0;
    CHECK_INT(catalog_select(c, &(struct selection){ .search = "zoo" },
                             &(struct page){ .rows_only = true }, see_row, &seen, &err),
              0);
    CHECK_INT(seen, 1);
    picture_release(&p);
    catalog_close(c);
}

TEST(content_is_added_once)
{
    struct catalog *c = open_at(in_scratch("once.db"));
    int64_t business = default_business(c);
    int64_t first = add_sample(c, business, 1);
    struct picture p = sample(business, 1);
    free(p.original_filename);
    p.original_filename = mem_strdup("other.jpg");
    CHECK_INT(catalog_picture_add(c, &p, 0, &err), 0);
    CHECK_INT(p.id, first);
    CHECK_STR(p.original_filename, "holiday-1.jpg");
    AUTO_PICTURE struct picture found = PICTURE_INIT;
    CHECK_INT(catalog_find_content(c, business, "cloudinary", p.sha256, &found, &err), 0);
    CHECK_INT(catalog_find_content(c, business + 1, "local", p.sha256, &found, &err), 0);
    CHECK_INT(catalog_find_content(c, business, "local", p.sha256, &found, &err), 1);
    CHECK_INT(found.id, first);
    picture_release(&p);
    struct picture none = sample(business, 2);
    free(none.sha256);
    none.sha256 = NULL;
    CHECK_INT(catalog_picture_add(c, &none, 0, &err), 1);
    CHECK_INT(catalog_picture_add(c, &none, 0, &err), 1); /* unknown content may repeat */
    picture_release(&none);
    none = sample(77, 3);
    CHECK_INT(catalog_picture_add(c, &none, 0, &err), -1); /* no such business */
    CHECK_INT(err.kind, ERROR_CATALOG);
    picture_release(&none);
    CHECK_INT(count_of(c, (struct selection){ .search = NULL }), 3);
    catalog_close(c);
}

TEST(newest_are_counted_from_one)
{
    struct catalog *c = open_at(in_scratch("newest.db"));
    int64_t business = default_business(c), id = 0;
    CHECK_INT(catalog_newest(c, 1, &id, &err), 0);
    for (uint64_t i = 1; i <= 5; i++) {
        add_sample(c, business, i);
    }
    CHECK_INT(catalog_delete_soft(c, 5, &err), 1);
    CHECK_INT(catalog_newest(c, 1, &id, &err), 1);
    CHECK_INT(id, 4);
    CHECK_INT(catalog_newest(c, 4, &id, &err), 1);
    CHECK_INT(id, 1);
    CHECK_INT(catalog_newest(c, 5, &id, &err), 0);
    CHECK_INT(catalog_newest(c, 0, &id, &err), 0);
    catalog_close(c);
}

TEST(notes_are_merged)
{
    struct catalog *c = open_at(in_scratch("notes.db"));
    int64_t id = add_sample(c, default_business(c), 1);
    AUTO_STRLIST struct strlist tags = STRLIST_INIT;
    strlist_add(&tags, "red");
    CHECK_INT(catalog_picture_annotate(c, id, &tags, NULL, &err), 1);
    CHECK_INT(catalog_picture_annotate(c, id, &tags, NULL, &err), 0);
    strlist_add(&tags, "blue");
    CHECK_INT(catalog_picture_annotate(c, id, &tags, "a wall", &err), 1);
    CHECK_INT(catalog_picture_annotate(c, id, NULL, "a wall", &err), 0);
    CHECK_INT(catalog_picture_annotate(c, id, NULL, NULL, &err), 0);
    AUTO_PICTURE struct picture p = PICTURE_INIT;
    CHECK_INT(catalog_picture(c, id, &p, &err), 1);
    CHECK_INT(p.tags.len, 2);
    CHECK_STR(p.tags.items[0], "blue");
    CHECK_STR(p.alt_text, "a wall");
    CHECK(p.updated_at > 0);
    CHECK_INT(catalog_picture_annotate(c, 99, &tags, NULL, &err), -1);
    CHECK_INT(err.kind, ERROR_NOT_FOUND);
    CHECK_INT(count_of(c, (struct selection){ .search = "A WALL" }), 1);
    catalog_close(c);
    CHECK(is_consistent(in_scratch("notes.db")));
}

static struct transfer transfer_of(int64_t business, const char *public_id)
{
    return (struct transfer){
        .business_id = business,
        .store = mem_strdup("local"),
        .sha256 = mem_printf("%064x", 1),
        .public_id = mem_strdup(public_id),
        .source = mem_strdup("a.jpg"),
        .size = 5,
    };
}

static int keep_transfer(void *cookie, const struct transfer *t)
{
    struct transfer *kept = cookie;
    *kept = *t;
    kept->store = kept->sha256 = kept->source = NULL;
    kept->public_id = mem_strdup(t->public_id);
    kept->error = mem_strdup(t->error);
    return 1;
}

TEST(uploads_are_journaled)
{
    struct catalog *c = open_at(in_scratch("journal.db"));
    int64_t business = default_business(c);
    struct transfer t = transfer_of(business, "first"), kept = { .id = 0 };
    CHECK_INT(catalog_transfer_begin(c, &t, &err), 0);
    CHECK(t.id > 0 && t.attempts == 1 && t.started_at > 0);
    CHECK_INT(catalog_transfer_fail(c, t.id, "cable cut", &err), 0);
    CHECK_INT(catalog_transfers(c, keep_transfer, &kept, &err), 0);
    CHECK_STR(kept.error, "cable cut");
    transfer_release(&kept);
    int64_t id = t.id;
    transfer_release(&t);
    t = transfer_of(business, "second");
    CHECK_INT(catalog_transfer_begin(c, &t, &err), 0);
    CHECK_INT(t.id, id);
    CHECK_INT(t.attempts, 2);
    CHECK_STR(t.public_id, "first");
    CHECK_INT(catalog_transfers(c, keep_transfer, &kept, &err), 0);
    CHECK_STR(kept.error, NULL);
    transfer_release(&kept);
    struct picture p = sample(business, 1);
    CHECK_INT(catalog_picture_add(c, &p, t.id, &err), 1);
    struct catalog_summary s;
    CHECK_INT(catalog_summary(c, &s, &err), 0);
    CHECK_INT(s.transfers, 0);
    CHECK_INT(s.local, 1);
    int64_t first = t.id;
    CHECK_INT(catalog_transfer_begin(c, &t, &err), 0);
    CHECK(t.id > first);
    CHECK_INT(catalog_transfer_drop(c, t.id, &err), 0);
    transfer_release(&t);
    CHECK_INT(catalog_delete_soft(c, p.id, &err), 1);
    free(p.storage_url);
    p.storage_url = mem_strdup("file:///new");
    CHECK_INT(catalog_picture_stored(c, &p, 0, &err), 0);
    picture_release(&p);
    CHECK_INT(catalog_picture(c, 1, &p, &err), 1);
    CHECK_STR(p.storage_url, "file:///new");
    CHECK(p.deleted_at == 0 && p.updated_at > 0);
    p.id = 99;
    CHECK_INT(catalog_picture_stored(c, &p, 0, &err), -1);
    CHECK_INT(err.kind, ERROR_NOT_FOUND);
    picture_release(&p);
    catalog_close(c);
    CHECK(is_consistent(in_scratch("journal.db")));
}

TEST(deleting_is_soft_first)
{
    struct catalog *c = open_at(in_scratch("soft.db"));
    int64_t business = default_business(c);
    int64_t id = add_sample(c, business, 1);
    add_sample(c, business, 2);
    CHECK_INT(catalog_delete_soft(c, id, &err), 1);
    CHECK_INT(catalog_delete_soft(c, id, &err), 0);
    CHECK_INT(catalog_delete_soft(c, 99, &err), 0);
    CHECK_INT(count_of(c, (struct selection){ .deleted = true }), 1);
    CHECK_INT(count_of(c, (struct selection){ .search = "holiday" }), 1);
    CHECK_INT(count_of(c, (struct selection){ .search = "holiday", .deleted = true }), 1);
    int64_t *ids;
    size_t count;
    CHECK_INT(catalog_deleted_before(c, INT64_C(1) << 42, NULL, &ids, &count, &err), 0);
    CHECK(count == 1 && ids[0] == id);
    free(ids);
    CHECK_INT(catalog_deleted_before(c, 1000, NULL, &ids, &count, &err), 0);
    CHECK_INT(count, 0);
    free(ids);
    CHECK_INT(catalog_deleted_before(c, 1000, "nobody", &ids, &count, &err), -1);
    CHECK_INT(err.kind, ERROR_NOT_FOUND);
    CHECK_INT(catalog_restore(c, id, &err), 1);
    CHECK_INT(catalog_restore(c, id, &err), 0);
    CHECK_INT(count_of(c, (struct selection){ .search = "holiday" }), 2);
    catalog_close(c);
    CHECK(is_consistent(in_scratch("soft.db")));
}

TEST(removal_goes_in_steps)
{
    struct catalog *c = open_at(in_scratch("removal.db"));
    int64_t business = default_business(c), other;
    CHECK_INT(catalog_business_add(c, "Other", &other, &err), 0);
    int64_t a = add_sample(c, business, 1), b = add_sample(c, other, 1);
    AUTO_PICTURE struct picture p = PICTURE_INIT, q = PICTURE_INIT;
    CHECK_INT(catalog_picture(c, a, &p, &err), 1);
    CHECK_INT(catalog_picture(c, b, &q, &err), 1);
    bool is_free;
    CHECK_INT(catalog_removal_begin(c, 99, 0, &err), -1);
    CHECK_INT(err.kind, ERROR_NOT_FOUND);
    CHECK_INT(catalog_removal_begin(c, a, 0, &err), 1);
    CHECK_INT(catalog_removal_bytes_free(c, &p, &is_free, &err), 0);
    CHECK(!is_free); /* the other business stands on the same file */
    CHECK_INT(catalog_restore(c, a, &err), -1);
    struct transfer t = transfer_of(business, NULL);
    CHECK_INT(catalog_transfer_begin(c, &t, &err), -1);
    CHECK(err.kind == ERROR_CATALOG && err.retryable);
    CHECK_INT(catalog_removal_begin(c, b, 0, &err), 1);
    CHECK_INT(catalog_removal_bytes_free(c, &p, &is_free, &err), 0);
    CHECK(is_free); /* the other one goes, too */
    int64_t *ids;
    size_t count;
    CHECK_INT(catalog_removals(c, &ids, &count, &err), 0);
    CHECK(count == 2 && ids[0] == a && ids[1] == b);
    free(ids);
    CHECK_INT(catalog_removal_finish(c, a, &err), 0);
    CHECK_INT(catalog_removal_finish(c, b, &err), 0);
    CHECK_INT(catalog_removal_finish(c, b, &err), 0);
    CHECK_INT(catalog_transfer_begin(c, &t, &err), 0);
    CHECK_INT(catalog_removal_bytes_free(c, &q, &is_free, &err), 0);
    CHECK(!is_free); /* an upload of the same content is under way */
    transfer_release(&t);
    CHECK(add_sample(c, business, 3) > b); /* an id is never given twice */
    catalog_close(c);
    CHECK(is_consistent(in_scratch("removal.db")));
}

TEST(removal_of_what_is_deleted_long_enough)
{
    struct catalog *c = open_at(in_scratch("long.db"));
    int64_t a = add_sample(c, default_business(c), 1), later = clock_now() + 1000;
    CHECK_INT(catalog_removal_begin(c, a, later, &err), 0); /* live */
    CHECK_INT(catalog_delete_soft(c, a, &err), 1);
    CHECK_INT(catalog_removal_begin(c, a, 1000, &err), 0); /* not yet */
    CHECK_INT(catalog_restore(c, a, &err), 1); /* nothing was marked */
    CHECK_INT(catalog_delete_soft(c, a, &err), 1);
    CHECK_INT(catalog_removal_begin(c, a, later, &err), 1);
    CHECK_INT(catalog_removal_begin(c, a, 1000, &err), 1); /* it goes already */
    CHECK_INT(catalog_removal_finish(c, a, &err), 0);
    CHECK_INT(catalog_removal_begin(c, a, later, &err), 0); /* gone */
    catalog_close(c);
}

static int add_names(void *cookie, const struct business *b)
{
    strlist_add(cookie, b->name);
    return 0;
}

TEST(businesses)
{
    struct catalog *c = open_at(in_scratch("business.db"));
    int64_t id = default_business(c), second, third;
    CHECK_INT(default_business(c), id);
    CHECK_INT(catalog_business_add(c, "Bakery", &second, &err), 0);
    CHECK_INT(catalog_business_add(c, "Bakery", &third, &err), -1);
    CHECK_INT(err.kind, ERROR_USAGE);
    CHECK_INT(catalog_business_add(c, "", &third, &err), -1);
    CHECK_INT(catalog_business_add(c, "a\nb", &third, &err), -1);
    CHECK_INT(catalog_business_add(c, "\xff", &third, &err), -1);
    struct business b;
    CHECK_INT(catalog_business_find(c, "Bakrey", &b, &err), -1);
    CHECK_INT(err.kind, ERROR_NOT_FOUND);
    CHECK(strstr(err.hint, "Bakery"));
    CHECK_INT(catalog_business_rename(c, "default", "Bakery", &err), -1);
    CHECK_INT(catalog_business_rename(c, "default", "Main", &err), 0);
    CHECK_INT(catalog_business_rename(c, "Main", "Main", &err), 0);
    CHECK_INT(catalog_business_rename(c, "Gone", "Main", &err), -1);
    CHECK_INT(default_business(c), id);
    add_sample(c, second, 1);
    CHECK_INT(catalog_business_find(c, "Bakery", &b, &err), 0);
    CHECK_INT(b.pictures, 1);
    business_release(&b);
    CHECK_INT(catalog_business_remove(c, "Bakery", &err), -1);
    CHECK_INT(err.kind, ERROR_USAGE);
    CHECK_INT(catalog_removal_begin(c, 1, 0, &err), 1);
    CHECK_INT(catalog_business_remove(c, "Bakery", &err), -1); /* deleted ones count */
    CHECK_INT(catalog_removal_finish(c, 1, &err), 0);
    CHECK_INT(catalog_business_remove(c, "Bakery", &err), 0);
    AUTO_STRLIST struct strlist names = STRLIST_INIT;
    CHECK_INT(catalog_businesses(c, add_names, &names, &err), 0);
    CHECK_INT(names.len, 1);
    CHECK_STR(names.items[0], "Main");
    catalog_close(c);
}

/* Sixteen columns, foreign keys off, as the sqlite3 shell does it. */
#define BY_HAND                                                                       \
    "INSERT INTO images (id, business_id, original_filename, storage_provider,"       \
    " storage_url, cloudinary_public_id, file_size_bytes, mime_type, width, height,"  \
    " ai_generated, ai_prompt, ai_model, created_at, updated_at, deleted_at) VALUES "

TEST(rows_by_hand_are_right)
{
    const char *path = in_scratch("hand.db");
    struct catalog *c = open_at(path);
    default_business(c);
    catalog_close(c);
    CHECK_INT(raw_exec(path, BY_HAND
        "(5, 1, 'holiday old.jpg', 'cloudinary', 'https://x/1.jpg', 'x/1', 10,"
        " 'image/jpeg', 100, 50, 0, NULL, NULL, '2025-03-01T10:00:00.000Z', NULL, NULL),"
        "(6, 1, 'b.jpg', 'cloudinary', NULL, NULL, NULL, NULL, NULL, NULL, 1,"
        " 'holiday cat', 'dall-e-3', '2025-03-01 12:00:00.5+01:00', '2025-03-02',"
        " '2025-03-03 00:00:00'),"
        "(7, 1, 'holiday.jpg', 'local', NULL, NULL, 7, NULL, NULL, NULL, 0, NULL, NULL,"
        " '2025-03-02T10:00:00Z', NULL, NULL)"), SQLITE_OK);
    CHECK_INT(raw_exec(path, "UPDATE images SET tags = '[\"x\", \"holi\\\"day\"]',"
                       " original_filename = 'trip.jpg' WHERE id = 5;"
                       "UPDATE images SET deleted_at = datetime('now'),"
                       " file_size_bytes = 8 WHERE id = 7;"), SQLITE_OK);
    CHECK_INT(raw_exec(path, BY_HAND "(8, 1, 'x', 'local', NULL, NULL, 1, NULL, 1, 1, 0,"
                       " NULL, NULL, 'yesterday', NULL, NULL)"), SQLITE_CONSTRAINT);
    c = open_at(path);
    struct picture p;
    CHECK_INT(catalog_picture(c, 6, &p, &err), 1);
    CHECK_INT(p.created_at, 1740826800500);
    CHECK(p.deleted_at > 0 && p.sha256 == NULL && p.width == 0);
    picture_release(&p);
    CHECK_INT(catalog_picture(c, 5, &p, &err), 1);
    CHECK_STR(p.tags.items[0], "holi\"day");
    picture_release(&p);
    CHECK_INT(count_of(c, (struct selection){ .search = "holi\"d" }), 1);
    CHECK_INT(count_of(c, (struct selection){ .search = "holiday" }), 0);
    CHECK_INT(count_of(c, (struct selection){ .search = "holiday", .deleted = true }), 2);
    CHECK_INT(count_of(c, (struct selection){ .store = "local" }), 0);
    CHECK_INT(count_of(c, (struct selection){ .only_ai = true, .deleted = true }), 1);
    CHECK(add_sample(c, 1, 1) > 7);
    catalog_close(c);
    CHECK(is_consistent(path));
    CHECK_INT(raw_exec(path, "UPDATE images SET id = 50 WHERE id = 5;"
                       "DELETE FROM images WHERE id = 7;"
                       "INSERT OR IGNORE INTO images (id, business_id, original_filename,"
                       " storage_provider) VALUES (50, 1, 'holiday', 'local');"
                       "UPDATE OR IGNORE images SET id = 6, original_filename = 'holiday'"
                       " WHERE id = 50"), SQLITE_OK);
    CHECK(is_consistent(path));
    CHECK_INT(raw_exec(path, "PRAGMA foreign_keys = ON; DELETE FROM businesses"),
              SQLITE_OK);
    CHECK_INT(raw_number(path, "SELECT count(*) FROM images"), 0);
    CHECK(is_consistent(path));
}

TEST(derived_parts_are_checked_and_rebuilt)
{
    static const char *const damages[] = {
        "UPDATE image_counts SET n = n + 1",
        "DELETE FROM image_counts",
        "DELETE FROM image_tags",
        "INSERT INTO image_tags VALUES (1, 'stray')",
        "INSERT INTO search(search, rowid, original_filename) VALUES"
        " ('delete', 2, 'holiday-2.jpg')",
        "INSERT OR REPLACE INTO images (id, business_id, original_filename,"
        " storage_provider) VALUES (1, 1, 'new', 'local')",
    };
    for (size_t i = 0; i < sizeof damages / sizeof damages[0]; i++) {
        const char *path = in_scratch("derived.db");
        unlink(path);
        struct catalog *c = open_at(path);
        int64_t business = default_business(c);
        AUTO_STRLIST struct strlist tags = STRLIST_INIT;
        strlist_add(&tags, "red");
        CHECK_INT(catalog_picture_annotate(c, add_sample(c, business, 1), &tags, NULL,
                                           &err),
                  1);
        add_sample(c, business, 2);
        CHECK_INT(catalog_integrity(c, &err), 0);
        CHECK_INT(raw_exec(path, damages[i]), SQLITE_OK);
        CHECK_INT(catalog_integrity(c, &err), -1);
        CHECK_INT(err.kind, ERROR_CATALOG);
        CHECK_INT(catalog_rebuild(c, &err), 0);
        CHECK_INT(catalog_integrity(c, &err), 0);
        catalog_close(c);
        CHECK(is_consistent(path));
    }
}

TEST(full_and_locked_are_told_apart)
{
    struct catalog *c = open_at(in_scratch("full.db"));
    int64_t business = default_business(c);
    struct picture p = sample(business, 1);
    p.ai_prompt = mem_alloc(1000000);
    for (int i = 0; i < 999999; i++) {
        p.ai_prompt[i] = (char)('a' + i % 26);
    }
    sqlite3_exec(c->db, "PRAGMA max_page_count = 60", NULL, NULL, NULL);
    CHECK_INT(catalog_picture_add(c, &p, 0, &err), -1);
    CHECK(err.kind == ERROR_CATALOG && strstr(err.message, "full") &&
          strstr(err.message, c->path));
    sqlite3_exec(c->db, "PRAGMA max_page_count = 100000", NULL, NULL, NULL);
    CHECK_INT(catalog_picture_add(c, &p, 0, &err), 1);
    picture_release(&p);
    sqlite3 *other;
    sqlite3_open(c->path, &other);
    CHECK_INT(sqlite3_exec(other, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
    sqlite3_busy_timeout(c->db, 1);
    CHECK_INT(catalog_delete_soft(c, 1, &err), -1);
    CHECK(err.kind == ERROR_CATALOG && err.retryable && strstr(err.message, "locked"));
    CHECK_INT(count_of(c, (struct selection){ .search = NULL }), 1); /* reading goes on */
    sqlite3_close(other);
    CHECK_INT(catalog_delete_soft(c, 1, &err), 1);
    catalog_close(c);
}

/* Root may write anything: be nobody for a moment, in a child. */
static int as_nobody(void (*what)(void))
{
    int status = 0;
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        if (geteuid() == 0 && setuid(65534) < 0) {
            _exit(77);
        }
        test_failed_checks = 0;
        what();
        fflush(stdout);
        _exit(test_failed_checks > 0);
    }
    waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 99;
}

static void read_only_file(void)
{
    struct catalog *c = open_at(in_scratch("ro/catalog.db"));
    CHECK_INT(count_of(c, (struct selection){ .search = "holiday" }), 1);
    CHECK_INT(catalog_delete_soft(c, 1, &err), -1);
    CHECK(err.kind == ERROR_CATALOG && strstr(err.message, "read-only"));
    catalog_close(c);
}

static void read_only_folder(void)
{
    CHECK_INT(open_error(in_scratch("ro/catalog.db")), ERROR_CATALOG);
    CHECK(*err.hint);
    CHECK_INT(open_error(in_scratch("ro/new.db")), ERROR_CATALOG);
    CHECK_INT(open_error(in_scratch("ro/deep/new.db")), ERROR_CATALOG);
}

/* A removal of the same content came and went while the bytes were sent: they may be gone
 * with it, and must not get a row. */
TEST(a_removal_while_the_same_is_sent)
{
    struct catalog *c = open_at(in_scratch("meanwhile.db"));
    int64_t business = default_business(c);
    struct transfer t = transfer_of(business, "first");
    CHECK_INT(catalog_transfer_begin(c, &t, &err), 0);
    CHECK_INT(catalog_transfer_drop(c, t.id, &err), 0);
    struct picture p = sample(business, 1);
    CHECK_INT(catalog_picture_add(c, &p, t.id, &err), -1);
    CHECK_INT(err.kind, ERROR_STORE);
    CHECK(err.retryable);
    struct catalog_summary s;
    CHECK_INT(catalog_summary(c, &s, &err), 0);
    CHECK_INT(s.live, 0);

    CHECK_INT(catalog_picture_add(c, &p, 0, &err), 1);
    CHECK_INT(catalog_removal_begin(c, p.id, 0, &err), 1);
    CHECK_INT(catalog_picture_stored(c, &p, 0, &err), -1);
    CHECK_INT(err.kind, ERROR_NOT_FOUND);
    transfer_release(&t);
    picture_release(&p);
    catalog_close(c);
}

TEST(read_only_places)
{
    struct catalog *c = open_at(in_scratch("ro/catalog.db"));
    add_sample(c, default_business(c), 1);
    catalog_close(c);
    chmod(scratch, 0755);
    chmod(in_scratch("ro"), 0777);
    chmod(in_scratch("ro/catalog.db"), 0444);
    int result = as_nobody(read_only_file);
    if (result == 77) {
        SKIP("cannot become another user");
    }
    CHECK_INT(result, 0);
    unlink(in_scratch("ro/catalog.db-wal"));
    unlink(in_scratch("ro/catalog.db-shm"));
    chmod(in_scratch("ro"), 0555);
    CHECK_INT(as_nobody(read_only_folder), 0);
    chmod(in_scratch("ro"), 0755);
}

int main(void)
{
    scratch_make();
    RUN(opens_only_if_there);
    RUN(new_file_is_private);
    RUN(names_are_only_names);
    RUN(refuses_what_is_no_catalog);
    RUN(refuses_to_hide_a_loss);
    RUN(newer_is_refused_untouched);
    RUN(migrates_in_one_step);
    RUN(knows_network_file_systems);
    RUN(picture_comes_back_whole);
    RUN(rows_only_leave_the_rest);
    RUN(content_is_added_once);
    RUN(newest_are_counted_from_one);
    RUN(notes_are_merged);
    RUN(uploads_are_journaled);
    RUN(deleting_is_soft_first);
    RUN(removal_goes_in_steps);
    RUN(removal_of_what_is_deleted_long_enough);
    RUN(businesses);
    RUN(rows_by_hand_are_right);
    RUN(derived_parts_are_checked_and_rebuilt);
    RUN(full_and_locked_are_told_apart);
    RUN(a_removal_while_the_same_is_sent);
    RUN(read_only_places);
    scratch_remove();
    return test_end();
}
