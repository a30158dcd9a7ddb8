/* The catalog among many processes, killed ones, and in damaged files. */

#include "catalog_support.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>

#define PROCESSES 24
#define ADDS 50
#define KILLS 60
#define DAMAGES 500

static struct error err;

/* Exit status of a process that adds its pictures: 0 if all went well. */
static int add_many(const char *path, uint64_t who)
{
    struct catalog *c;
    struct error e = ERROR_INIT;
    struct business b;
    if (catalog_open(path, CATALOG_CREATE, &c, &e) < 0 ||
        catalog_business_find(c, NULL, &b, &e) < 0) {
        printf("# process %ju: %s\n", (uintmax_t)who, e.message);
        return 1;
    }
    int64_t business = b.id;
    business_release(&b);
    for (uint64_t i = 0; i < ADDS; i++) {
        struct picture p = sample(business, who * 1000 + i);
        if (catalog_picture_add(c, &p, 0, &e) != 1) {
            printf("# process %ju: %s\n", (uintmax_t)who, e.message);
            return 1;
        }
        picture_release(&p);
    }
    catalog_close(c);
    return 0;
}

TEST(two_dozen_processes_from_nothing)
{
    const char *path = in_scratch("new/many.db");
    int gate[2];
    CHECK_INT(pipe(gate), 0);
    fflush(stdout);
    for (uint64_t i = 0; i < PROCESSES; i++) {
        if (fork() == 0) {
            char byte;
            close(gate[1]);
            (void)!read(gate[0], &byte, 1); /* all start when the gate closes */
            int status = add_many(path, i);
            fflush(stdout);
            _exit(status);
        }
    }
    close(gate[0]);
    close(gate[1]);
    int status, failed = 0;
    while (wait(&status) > 0) {
        failed += status != 0;
    }
    CHECK_INT(failed, 0);
    CHECK_INT(raw_number(path, "SELECT count(*) FROM images"), PROCESSES * ADDS);
    CHECK_INT(raw_number(path, "SELECT count(*) FROM businesses"), 1);
    CHECK(is_consistent(path));
    CHECK_INT(raw_number(path, "PRAGMA journal_mode = delete"), 0); /* nobody is left */
    AUTO_FREE char *folder = mem_printf("%s/new", scratch);
    CHECK_INT(rmdir(folder), -1);
    unlink(path);
    CHECK_INT(rmdir(folder), 0); /* and no temporary file */
}

/* Everything that changes a catalog, in a random order, until it is killed. What
 * is committed is counted in *DONE, which the parent sees. */
static void change_for_ever(const char *path, uint64_t seed, volatile uint32_t *done)
{
    struct catalog *c = open_at(path);
    int64_t business = default_business(c);
    AUTO_STRLIST struct strlist tags = STRLIST_INIT;
    strlist_add(&tags, "red");
    for (;;) {
        struct error e = ERROR_INIT;
        int64_t id = 1 + draw(&seed) % 200;
        struct transfer t = { .business_id = business, .store = mem_strdup("local"),
                              .sha256 = mem_printf("%u", draw(&seed)), .size = 1 };
        struct picture p = sample(business, (uint64_t)draw(&seed) << 20 | seed >> 44);
        switch (draw(&seed) % 8) {
        case 0:
            catalog_delete_soft(c, id, &e);
            break;
        case 1:
            catalog_restore(c, id, &e);
            break;
        case 2:
            catalog_removal_begin(c, id, 0, &e);
            catalog_removal_finish(c, id, &e);
            break;
        case 3:
            strlist_add(&tags, draw(&seed) % 2 ? "blue" : "green");
            catalog_picture_annotate(c, id, &tags, draw(&seed) % 2 ? "a wall" : NULL, &e);
            break;
        default:
            must(catalog_transfer_begin(c, &t, &e), &e);
            must(catalog_picture_add(c, &p, t.id, &e), &e);
            (*done)++;
            break;
        }
        picture_release(&p);
        transfer_release(&t);
    }
}

TEST(killed_at_any_moment)
{
    const char *path = in_scratch("killed.db");
    uint64_t seed = 11;
    catalog_close(open_at(path));
    volatile uint32_t *done = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
                                   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    for (int i = 0; i < KILLS && test_failed_checks == 0; i++) {
        fflush(stdout);
        pid_t children[2];
        for (int k = 0; k < 2; k++) {
            children[k] = fork();
            if (children[k] == 0) {
                change_for_ever(path, seed + (uint64_t)k, &done[k]);
            }
        }
        sleep_us(2000 + draw(&seed) % 60000);
        for (int k = 0; k < 2; k++) {
            kill(children[k], SIGKILL);
        }
        for (int k = 0; k < 2; k++) {
            int status;
            waitpid(children[k], &status, 0);
            CHECK(WIFSIGNALED(status));
        }
        CHECK(is_consistent(path));
    }
    /* Ids are never reused, so the counter of ids tells of every commit. */
    int64_t added =
        raw_number(path, "SELECT seq FROM sqlite_sequence WHERE name = 'images'");
    CHECK(added >= (int64_t)done[0] + done[1]);
    CHECK(added <= (int64_t)done[0] + done[1] + 2 * KILLS);
    CHECK(done[0] + done[1] > 0);
    munmap((void *)done, 4096);
}

/* A file of PATH's bytes with one damage, without a log beside it. */
static void damage(const char *data, size_t size, const char *path, uint64_t *seed)
{
    AUTO_FREE char *copy = mem_alloc(size);
    size_t length = size;
    memcpy(copy, data, size);
    switch (draw(seed) % 4) {
    case 0: /* cut off */
        length = draw(seed) % size;
        break;
    case 1: /* one bit, most likely in the header or the schema */
        copy[draw(seed) % (draw(seed) % 2 ? 100 : size)] ^= (char)(1 << draw(seed) % 8);
        break;
    case 2: /* a page of zeros */
        memset(copy + draw(seed) % (size / 4096) * 4096, 0, 4096);
        break;
    default: /* noise */
        for (int i = 0; i < 50; i++) {
            copy[draw(seed) % size] = (char)draw(seed);
        }
        break;
    }
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    CHECK_INT(write(fd, copy, length), (ssize_t)length);
    close(fd);
}

static int count_calls(void *cookie, const struct picture *p)
{
    *(int64_t *)cookie += p->original_filename != NULL;
    return 0;
}

/* Use PATH as commands do. How many pictures were seen; -1 after an error. */
static int64_t use(const char *path)
{
    struct catalog *c;
    struct selection all = { .search = NULL }, found = { .search = "holiday" };
    struct page page = { .limit = 0 };
    int64_t seen = 0, total = 0, n;
    error_clear(&err);
    if (catalog_open(path, CATALOG_CREATE, &c, &err) < 0) {
        return -1;
    }
    int result = catalog_select(c, &all, &page, count_calls, &seen, &err);
    if (result == 0) {
        result = catalog_count(c, &all, &total, &err);
    }
    if (result == 0) {
        result = catalog_count(c, &found, &n, &err);
    }
    if (result == 0) {
        struct picture p = sample(1, 100000);
        result = catalog_picture_add(c, &p, 0, &err) < 0 ? -1 : 0;
        picture_release(&p);
    }
    if (result == 0) {
        result = catalog_integrity(c, &err);
    }
    catalog_close(c);
    return result < 0 ? -1 : seen > total ? seen : total;
}

TEST(damage_is_an_error_not_an_empty_catalog)
{
    const char *whole = in_scratch("whole.db"), *path = in_scratch("damaged.db");
    struct catalog *c = open_at(whole);
    int64_t business = default_business(c);
    for (uint64_t i = 0; i < 100; i++) {
        add_sample(c, business, i);
    }
    catalog_close(c);
    FILE *f = fopen(whole, "r");
    fseek(f, 0, SEEK_END);
    size_t size = (size_t)ftell(f);
    rewind(f);
    AUTO_FREE char *data = mem_alloc(size);
    CHECK_INT(fread(data, 1, size, f), size);
    fclose(f);
    AUTO_FREE char *wal = mem_printf("%s-wal", path), *shm = mem_printf("%s-shm", path);
    uint64_t seed = 3;
    int refused = 0;
    for (int i = 0; i < DAMAGES && test_failed_checks < 5; i++) {
        unlink(wal);
        unlink(shm);
        damage(data, size, path, &seed);
        int64_t seen = use(path);
        refused += seen < 0;
        CHECK(seen != 0);
        CHECK(seen >= 0 || (err.kind == ERROR_CATALOG && strstr(err.message, path)));
        if (seen >= 0 ? seen == 0
                      : err.kind != ERROR_CATALOG || !strstr(err.message, path)) {
            printf("# damage %d: %jd, %s\n", i, (intmax_t)seen, err.message);
        }
    }
    printf("# %d of %d damaged files were refused\n", refused, DAMAGES);
    CHECK(refused > DAMAGES / 2);
}

/* A catalog is made completely or not at all. */
TEST(first_use_may_be_interrupted)
{
    const char *path = in_scratch("start/catalog.db");
    uint64_t seed = 8;
    for (int i = 0; i < 60 && test_failed_checks == 0; i++) {
        fflush(stdout);
        pid_t child = fork();
        if (child == 0) {
            catalog_close(open_at(path));
            _exit(0);
        }
        sleep_us(draw(&seed) % 8000);
        kill(child, SIGKILL);
        waitpid(child, NULL, 0);
        catalog_close(open_at(path));
        CHECK(is_consistent(path));
        unlink(path);
    }
}

int main(void)
{
    scratch_make();
    RUN(two_dozen_processes_from_nothing);
    RUN(killed_at_any_moment);
    RUN(damage_is_an_error_not_an_empty_catalog);
    RUN(first_use_may_be_interrupted);
    scratch_remove();
    return test_end();
}
