/* Groups among processes and killed ones; an older catalog brought up to date. */

#include "catalog_support.h"

#include <signal.h>
#include <sys/mman.h>

#include "../../src/catalog/schema.h"
#include "imgctl/clock.h"

#define PROCESSES 8
#define GROUPS 8
#define IN_GROUP 16
_Static_assert(IN_GROUP == 16, "a statement below has this number");
#define KILLS 40
#define OLD_ROWS 300

static struct error err;

/* Wait for all children: how many did not end as they should. */
static int wait_for_all(void)
{
    int status, failed = 0;
    while (wait(&status) > 0) {
        failed += status != 0;
    }
    return failed;
}

/* Half of what a process adds is its own, half the others add as well. */
static void add_in_groups(const char *path, uint64_t who)
{
    struct catalog *c = open_at(path);
    int64_t business = default_business(c);
    for (uint64_t g = 0; g < GROUPS; g++) {
        must(catalog_group_begin(c, &err), &err);
        for (uint64_t i = 0; i < IN_GROUP; i++) {
            uint64_t number = g * IN_GROUP + i;
            add_sample(c, business, i % 2 ? number : 100000 * (who + 1) + number);
        }
        must(catalog_group_commit(c, &err), &err);
    }
    catalog_close(c);
}

TEST(processes_add_in_groups_at_once)
{
    const char *path = in_scratch("many.db");
    fflush(stdout);
    for (uint64_t who = 0; who < PROCESSES; who++) {
        if (fork() == 0) {
            add_in_groups(path, who);
            fflush(stdout);
            _exit(0);
        }
    }
    CHECK_INT(wait_for_all(), 0);
    CHECK_INT(raw_number(path, "SELECT count(*) FROM images"),
              (PROCESSES + 1) * GROUPS * IN_GROUP / 2);
    CHECK(is_consistent(path));
}

/* Group G has IN_GROUP pictures of height G, from files with inode G. */
static void add_for_ever(const char *path, uint64_t g, volatile uint32_t *done)
{
    struct catalog *c = open_at(path);
    int64_t business = default_business(c);
    for (;; g++) {
        must(catalog_group_begin(c, &err), &err);
        for (uint64_t i = 0; i < IN_GROUP; i++) {
            AUTO_PICTURE struct picture p = sample(business, g * 1000 + i);
            p.height = (int64_t)g;
            must(catalog_picture_add(c, &p, 0, &err), &err);
            struct file_key key = { .path = p.storage_url, .inode = (int64_t)g };
            must(catalog_file_remember(c, &key, p.sha256, clock_now(), &err), &err);
        }
        must(catalog_group_commit(c, &err), &err);
        (*done)++;
    }
}

TEST(a_killed_group_is_whole_or_not_there)
{
    const char *path = in_scratch("killed.db");
    uint64_t seed = 5;
    struct catalog *c = open_at(path);
    default_business(c);
    catalog_close(c);
    volatile uint32_t *done = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
                                   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    for (uint64_t i = 0; i < KILLS && test_failed_checks == 0; i++) {
        uint32_t before = *done;
        fflush(stdout);
        pid_t child = fork();
        if (child == 0) {
            add_for_ever(path, (i + 1) * 1000, done);
        }
        int status = 0;
        while (*done == before && waitpid(child, &status, WNOHANG) == 0) {
            sleep_us(500);
        }
        sleep_us(draw(&seed) % 20000);
        kill(child, SIGKILL);
        waitpid(child, &status, 0);
        CHECK(WIFSIGNALED(status));
        CHECK(is_consistent(path));
        CHECK_INT(raw_number(path, "SELECT count(*) FROM (SELECT count(*) AS n"
                             " FROM images GROUP BY height) WHERE n <> 16"), 0);
        CHECK_INT(raw_number(path, "SELECT count(*) FROM (SELECT count(*) AS n FROM files"
                             " GROUP BY inode) WHERE n <> 16"), 0);
    }
    int64_t groups = raw_number(path, "SELECT count(DISTINCT height) FROM images");
    CHECK_INT(raw_number(path, "SELECT count(DISTINCT inode) FROM files"), groups);
    CHECK(groups >= *done && groups <= *done + KILLS && *done >= KILLS);
    munmap((void *)done, 4096);
}

static void die(sqlite3_context *context, int count, sqlite3_value **values)
{
    (void)context, (void)count, (void)values;
    raise(SIGKILL);
}

/* A connection that knows little of imgctl, for what older versions wrote. */
static struct catalog plain(const char *path)
{
    struct catalog c = { .path = (char *)path, .writes = true };
    CHECK_INT(sqlite3_open(path, &c.db), SQLITE_OK);
    sqlite3_create_function(c.db, "die", 0, SQLITE_UTF8, NULL, die, NULL, NULL);
    return c;
}

static void plain_close(struct catalog *c)
{
    for (size_t i = 0; i < SQL_KEPT; i++) {
        sqlite3_finalize(c->kept[i].stmt);
    }
    CHECK_INT(sqlite3_close(c->db), SQLITE_OK);
}

/* A catalog as version 1 made it, with pictures. */
static void make_first_version(const char *path)
{
    struct migrations m = { schema_migrations.steps, 1 };
    unlink(path);
    struct catalog c = plain(path);
    must(schema_upgrade(&c, &m, &err), &err);
    must(sql_exec(&c, "PRAGMA journal_mode = WAL; BEGIN;"
                  "INSERT INTO businesses"
                  " VALUES (1, 'default', '2026-01-01T00:00:00.000Z')",
                  &err), &err);
    for (uint64_t i = 0; i < OLD_ROWS; i++) {
        AUTO_FREE char *sql = mem_printf(
            "INSERT INTO images (business_id, original_filename, storage_provider,"
            " file_size_bytes, sha256, tags, deleted_at) VALUES (1, 'holiday-%d.jpg',"
            " 'local', %d, '%064d', '[\"red\"]', %s)", (int)i, (int)i, (int)i,
            i % 10 ? "NULL" : "'2026-02-02T00:00:00.000Z'");
        must(sql_exec(&c, sql, &err), &err);
    }
    must(sql_exec(&c, "COMMIT", &err), &err);
    plain_close(&c);
}

static int64_t version_of(const char *path)
{
    return raw_number(path, "PRAGMA user_version");
}

/* What is there is one version or the other, and its pictures are as they were. */
static void check_version(const char *path, int64_t version)
{
    CHECK_INT(version_of(path), version);
    CHECK_INT(raw_number(path, "SELECT count(*) FROM sqlite_schema"
                         " WHERE name IN ('files', 'batches')"), version >= 2 ? 2 : 0);
    CHECK_INT(raw_number(path, "SELECT count(*) FROM images"), OLD_ROWS);
}

TEST(the_first_version_is_brought_up_to_date)
{
    const char *path = in_scratch("first.db");
    make_first_version(path);
    check_version(path, 1);
    struct catalog *c = open_at(path);
    check_version(path, schema_migrations.count);
    CHECK_INT(count_of(c, (struct selection){ .search = "holiday-7" }), 10);
    struct file_key key = { .path = "/a" };
    char sha256[65];
    CHECK_INT(catalog_file_known(c, &key, sha256, &err), 0);
    CHECK_INT(catalog_file_remember(c, &key, "0", clock_now(), &err), 1);
    CHECK_INT(catalog_batch_done(c, "a", 1, &err), 0);
    add_sample(c, 1, 1000000);
    catalog_close(c);
    CHECK(is_consistent(path));
}

TEST(processes_bring_it_up_to_date_at_once)
{
    const char *path = in_scratch("first.db");
    make_first_version(path);
    fflush(stdout);
    for (int i = 0; i < PROCESSES; i++) {
        if (fork() == 0) {
            catalog_close(open_at(path));
            fflush(stdout);
            _exit(0);
        }
    }
    CHECK_INT(wait_for_all(), 0);
    check_version(path, schema_migrations.count);
    CHECK(is_consistent(path));
}

/* Killed after its last step and before its commit, and at other moments. */
TEST(a_killed_migration_has_not_been)
{
    const char *path = in_scratch("first.db");
    const char *steps[] = { schema_migrations.steps[0], schema_migrations.steps[1],
                            "SELECT die()" };
    struct migrations m = { steps, 3 };
    uint64_t seed = 9;
    int as_before = 0, up_to_date = 0;
    for (int i = 0; i < KILLS && test_failed_checks == 0; i++) {
        make_first_version(path);
        fflush(stdout);
        pid_t child = fork();
        if (child == 0 && i % 2) {
            catalog_close(open_at(path));
            _exit(0);
        } else if (child == 0) {
            struct catalog c = plain(path);
            schema_upgrade(&c, &m, &err);
            _exit(0);
        }
        if (i % 2) {
            sleep_us(draw(&seed) % 6000);
            kill(child, SIGKILL);
        }
        int status;
        waitpid(child, &status, 0);
        CHECK(i % 2 || WIFSIGNALED(status));
        int64_t version = version_of(path);
        CHECK(version == 1 || (i % 2 && version == schema_migrations.count));
        *(version == 1 ? &as_before : &up_to_date) += 1;
        check_version(path, version);
        catalog_close(open_at(path));
        check_version(path, schema_migrations.count);
        CHECK(is_consistent(path));
    }
    printf("# %d were as before, %d had come up to date\n", as_before, up_to_date);
}

int main(void)
{
    scratch_make();
    RUN(processes_add_in_groups_at_once);
    RUN(a_killed_group_is_whole_or_not_there);
    RUN(the_first_version_is_brought_up_to_date);
    RUN(processes_bring_it_up_to_date_at_once);
    RUN(a_killed_migration_has_not_been);
    scratch_remove();
    return test_end();
}
