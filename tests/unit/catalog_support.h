/*
 * catalog_support.h - what the tests of the catalog share: a folder of their own,
 * pictures to put in, and a check that everything derived matches the rows.
 */
#ifndef CATALOG_SUPPORT_H
#define CATALOG_SUPPORT_H

#include <errno.h>
#include <ftw.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "../../src/catalog/sql.h"
#include "imgctl/catalog.h"
#include "imgctl/mem.h"
#include "test.h"

static char scratch[256];

static inline int remove_entry(const char *path, const struct stat *st, int type,
                               struct FTW *walk)
{
    (void)st, (void)type, (void)walk;
    return remove(path);
}

static inline void scratch_remove(void)
{
    nftw(scratch, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

static inline void scratch_make(void)
{
    const char *base = getenv("TMPDIR");
    snprintf(scratch, sizeof scratch, "%s/imgctl-test-XXXXXX",
             base && *base ? base : "/tmp");
    if (!mkdtemp(scratch)) {
        printf("Bail out! cannot make %s: %s\n", scratch, strerror(errno));
        exit(1);
    }
}

/* The path of NAME in the scratch folder; good until the next but three calls. */
static inline const char *in_scratch(const char *name)
{
    static char paths[4][512];
    static int next;
    char *path = paths[next++ % 4];
    snprintf(path, sizeof paths[0], "%s/%s", scratch, name);
    return path;
}

static inline void sleep_us(uint32_t us)
{
    struct timespec t = { .tv_sec = us / 1000000,
                          .tv_nsec = (long)(us % 1000000) * 1000 };
    nanosleep(&t, NULL);
}

/* Everything must go well here: say so, and stop, if it does not. */
static inline void must(int result, const struct error *err)
{
    if (result < 0) {
        printf("Bail out! %s\n", err->message);
        exit(1);
    }
}

static inline struct catalog *open_at(const char *path)
{
    struct error err = ERROR_INIT;
    struct catalog *c = NULL;
    must(catalog_open(path, CATALOG_CREATE, &c, &err), &err);
    return c;
}

static inline int64_t default_business(struct catalog *c)
{
    struct error err = ERROR_INIT;
    struct business b;
    must(catalog_business_find(c, NULL, &b, &err), &err);
    int64_t id = b.id;
    business_release(&b);
    return id;
}

/* A number that follows from SEED; the same on every machine. */
static inline uint32_t draw(uint64_t *seed)
{
    *seed = *seed * 6364136223846793005ULL + 1442695040888963407ULL;
    return (uint32_t)(*seed >> 33);
}

/* A picture whose content and name are those of NUMBER. */
static inline struct picture sample(int64_t business, uint64_t number)
{
    struct picture p = PICTURE_INIT;
    p.business_id = business;
    p.original_filename = mem_printf("holiday-%llu.jpg", (unsigned long long)number);
    p.storage_provider = mem_strdup("local");
    p.storage_url = mem_printf("file:///pictures/%llu", (unsigned long long)number);
    p.mime_type = mem_strdup("image/jpeg");
    p.sha256 = mem_printf("%064llx", (unsigned long long)number);
    p.file_size_bytes = 1000 + (int64_t)number;
    p.width = 1080;
    p.height = 1350;
    return p;
}

static inline int64_t add_sample(struct catalog *c, int64_t business, uint64_t number)
{
    struct error err = ERROR_INIT;
    AUTO_PICTURE struct picture p = sample(business, number);
    must(catalog_picture_add(c, &p, 0, &err), &err);
    return p.id;
}

static inline int64_t count_of(struct catalog *c, struct selection s)
{
    struct error err = ERROR_INIT;
    int64_t n = -1;
    must(catalog_count(c, &s, &n, &err), &err);
    return n;
}

/* One number from a connection that knows nothing of imgctl. */
static inline int64_t raw_number(const char *path, const char *sql)
{
    sqlite3 *db;
    sqlite3_stmt *q;
    int64_t value = -1;
    if (sqlite3_open(path, &db) == SQLITE_OK &&
        sqlite3_prepare_v2(db, sql, -1, &q, NULL) == SQLITE_OK) {
        if (sqlite3_step(q) == SQLITE_ROW) {
            value = sqlite3_column_int64(q, 0);
        }
        sqlite3_finalize(q);
    }
    sqlite3_close(db);
    return value;
}

/* Statements as somebody with the sqlite3 shell runs them. SQLite's result. */
static inline int raw_exec(const char *path, const char *sql)
{
    sqlite3 *db;
    int rc = sqlite3_open(path, &db);
    if (rc == SQLITE_OK) {
        sqlite3_busy_timeout(db, 10000);
        rc = sqlite3_exec(db, sql, NULL, NULL, NULL);
    }
    sqlite3_close(db);
    return rc;
}

static inline bool is_same(const char *path, int64_t kept, const char *sql)
{
    int64_t counted = raw_number(path, sql);
    if (kept != counted) {
        printf("# kept %jd, but: %s: %jd\n", (intmax_t)kept, sql, (intmax_t)counted);
    }
    return kept == counted;
}

/* What the triggers keep, compared with the rows by other means than theirs. */
static inline bool is_consistent(const char *path)
{
    struct error err = ERROR_INIT;
    struct catalog *c = open_at(path);
    struct catalog_summary s;
    if (catalog_integrity(c, &err) < 0 || catalog_summary(c, &s, &err) < 0) {
        printf("# %s\n", err.message);
        catalog_close(c);
        return false;
    }
    catalog_close(c);
    int64_t found = raw_number(path, "SELECT count(*) FROM search"
                               " WHERE search MATCH 'original_filename : holiday'");
    int64_t tags = raw_number(path, "SELECT count(*) FROM image_tags");
    return is_same(path, s.live,
                   "SELECT count(*) FROM images WHERE deleted_at IS NULL") &&
           is_same(path, s.deleted,
                   "SELECT count(*) FROM images WHERE deleted_at IS NOT NULL") &&
           is_same(path, s.bytes,
                   "SELECT coalesce(sum(file_size_bytes), 0) FROM images"
                   " WHERE deleted_at IS NULL") &&
           is_same(path, found,
                   "SELECT count(*) FROM images WHERE deleted_at IS NULL"
                   " AND original_filename LIKE '%holiday%'") &&
           is_same(path, tags, "SELECT count(*) FROM images, json_each(images.tags)");
}

#endif
