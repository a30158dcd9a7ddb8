/* The spool: who holds it, what is in it, and what a stranger's catalog may name. */
#include "imgctl/spool.h"

#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "imgctl/file.h"
#include "imgctl/mem.h"
#include "test.h"

static char folder[] = "/tmp/imgctl-spool-XXXXXX";
static struct config *config;

static void put_picture(const struct spool *s, int index, const char *bytes)
{
    struct error err = ERROR_INIT;
    AUTO_FD int fd = spool_open_picture(s, index, &err);
    CHECK(fd >= 0);
    CHECK_INT(file_write_all(fd, bytes, strlen(bytes)), 0);
}

TEST(is_held_by_one)
{
    AUTO_SPOOL struct spool mine = SPOOL_INIT, theirs = SPOOL_INIT;
    struct error err = ERROR_INIT;
    CHECK_INT(spool_create(config, &mine, &err), 0);
    CHECK_INT(spool_take(config, mine.id, &theirs, &err), 0);
    spool_close(&theirs);
    AUTO_FREE char *id = mem_strdup(mine.id);
    spool_close(&mine);
    CHECK_INT(spool_take(config, id, &theirs, &err), 1);
    CHECK(spool_is_there(&theirs));
    spool_remove(&theirs);
    CHECK_INT(spool_take(config, id, &theirs, &err), 1);
    CHECK(!spool_is_there(&theirs));
    CHECK_INT(spool_wait(config, id, &err), 0);
}

TEST(is_let_go_when_its_process_dies)
{
    AUTO_SPOOL struct spool s = SPOOL_INIT, again = SPOOL_INIT;
    struct error err = ERROR_INIT;
    CHECK_INT(spool_create(config, &s, &err), 0);
    AUTO_FREE char *id = mem_strdup(s.id);
    pid_t child = fork(); /* it shares the lock */
    if (child == 0) {
        pause();
        _exit(0);
    }
    spool_close(&s);
    CHECK_INT(spool_take(config, id, &again, &err), 0);
    spool_close(&again);
    kill(child, SIGKILL);
    CHECK_INT(spool_wait(config, id, &err), 0);
    CHECK_INT(waitpid(child, NULL, 0), child);
    CHECK_INT(spool_take(config, id, &again, &err), 1);
    spool_remove(&again);
}

TEST(names_from_outside_lead_nowhere)
{
    static const char *const names[] = {
        "", "..", "../../x", "imgctl-", "imgctl-../../../../../../../../../../etc",
        "imgctl-0123456789ABCDEF0123456789abcdef", "/etc", "imgctl-00/..",
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        AUTO_SPOOL struct spool s = SPOOL_INIT;
        AUTO_STRLIST struct strlist files = STRLIST_INIT;
        struct error err = ERROR_INIT;
        CHECK_INT(spool_take(config, names[i], &s, &err), 1);
        CHECK(!spool_is_there(&s));
        spool_files(config, names[i], &files);
        CHECK_INT(files.len, 0);
    }
}

TEST(an_answer_comes_back_as_it_was)
{
    AUTO_SPOOL struct spool s = SPOOL_INIT;
    AUTO_SPOOL_ANSWER struct spool_answer back = { .cost = 0 };
    struct error err = ERROR_INIT;
    struct generate_answer a = GENERATE_ANSWER_INIT;
    CHECK_INT(spool_create(config, &s, &err), 0);
    CHECK_INT(spool_read_answer(&s, &back, &err), 0);
    put_picture(&s, 0, "one");
    put_picture(&s, 1, "zwei");
    a.count = 2;
    a.revised_prompt[1] = mem_strdup("a \"cat\"\n");
    a.usage = (struct generate_usage){ 1, 2, 3, 4, true };
    snprintf(a.request_id, sizeof a.request_id, "req_1");
    snprintf(a.size, sizeof a.size, "1024x1024");
    CHECK_INT(spool_write_answer(&s, &a, 5885, &err), 0);
    CHECK_INT(spool_read_answer(&s, &back, &err), 1);
    CHECK_INT(back.answer.count, 2);
    CHECK_INT(back.cost, 5885);
    CHECK_INT(back.answer.usage.image_out, 4);
    CHECK_INT(back.pictures[1].bytes, 4);
    CHECK_STR(back.pictures[1].revised_prompt, "a \"cat\"\n");
    CHECK_STR(back.pictures[0].sha256,
              "7692c3ad3540bb803c020b3aee66cd8887123234ea0c6e7143c0add73ff431ed");
    CHECK_STR(back.answer.request_id, "req_1");
    generate_answer_release(&a);
    spool_remove(&s);
}

TEST(an_answer_without_its_pictures_is_not_written)
{
    AUTO_SPOOL struct spool s = SPOOL_INIT;
    AUTO_SPOOL_ANSWER struct spool_answer back = { .cost = 0 };
    struct error err = ERROR_INIT;
    struct generate_answer a = { .count = 1 };
    CHECK_INT(spool_create(config, &s, &err), 0);
    CHECK_INT(spool_write_answer(&s, &a, 0, &err), -1);
    CHECK_INT(spool_read_answer(&s, &back, &err), 0);
    spool_remove(&s);
}

TEST(a_damaged_answer_is_an_error)
{
    static const char *const texts[] = {
        "", "{", "[]", "{\"pictures\":[]}", "{\"pictures\":[{\"sha256\":\"short\"}]}",
        "{\"pictures\":[1,2,3,4,5,6,7,8,9,10,11]}",
    };
    AUTO_SPOOL struct spool s = SPOOL_INIT;
    struct error err = ERROR_INIT;
    CHECK_INT(spool_create(config, &s, &err), 0);
    AUTO_FREE char *path = file_join(s.folder, "answer");
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        AUTO_SPOOL_ANSWER struct spool_answer back = { .cost = 0 };
        CHECK_INT(file_replace(path, texts[i], strlen(texts[i]), &err), 0);
        CHECK_INT(spool_read_answer(&s, &back, &err), -1);
    }
    spool_remove(&s);
}

static void count(void *cookie, struct spool *s, int64_t job)
{
    int64_t *sum = cookie;
    *sum += job;
    if (job == 7) {
        spool_remove(s);
    }
}

TEST(a_walk_finds_those_of_its_catalog_that_nobody_holds)
{
    AUTO_SPOOL struct spool ours = SPOOL_INIT, other = SPOOL_INIT, held = SPOOL_INIT;
    AUTO_SPOOL struct spool unmarked = SPOOL_INIT;
    struct error err = ERROR_INIT;
    int64_t sum = 0;
    CHECK_INT(spool_create(config, &ours, &err), 0);
    CHECK_INT(spool_create(config, &other, &err), 0);
    CHECK_INT(spool_create(config, &held, &err), 0);
    CHECK_INT(spool_create(config, &unmarked, &err), 0);
    CHECK_INT(spool_mark(&ours, "/x/catalog.db", 7, &err), 0);
    CHECK_INT(spool_mark(&other, "/y/catalog.db", 70, &err), 0);
    CHECK_INT(spool_mark(&held, "/x/catalog.db", 700, &err), 0);
    AUTO_FREE char *gone = mem_strdup(ours.folder);
    AUTO_FREE char *unused = mem_strdup(unmarked.folder);
    AUTO_FREE char *empty = mem_printf("%s-", other.folder);
    empty[strlen(empty) - 2] = empty[strlen(empty) - 2] == '0' ? '1' : '0';
    empty[strlen(empty) - 1] = '\0';
    CHECK_INT(mkdir(empty, 0700), 0);
    spool_close(&ours);
    spool_close(&other);
    spool_close(&unmarked);
    spool_walk(config, "/x/catalog.db", count, &sum);
    CHECK_INT(sum, 7);
    CHECK_INT(access(gone, F_OK), -1);
    CHECK_INT(access(unused, F_OK), -1);
    CHECK_INT(access(empty, F_OK), -1);
    CHECK_INT(access(held.folder, F_OK), 0);
}

TEST(room_is_looked_for_before_it_is_needed)
{
    AUTO_SPOOL struct spool s = SPOOL_INIT;
    struct error err = ERROR_INIT;
    CHECK_INT(spool_create(config, &s, &err), 0);
    CHECK_INT(spool_check_room(&s, 1, &err), 0);
    CHECK_INT(spool_check_room(&s, INT64_MAX, &err), -1);
    CHECK_INT(err.kind, ERROR_STORE);
    spool_remove(&s);
}

/* Who walks and who makes spools at once: no maker is left with one that is gone. */
TEST(a_walk_and_a_maker_do_not_hurt_each_other)
{
    struct error err = ERROR_INIT;
    int64_t sum = 0;
    pid_t maker = getpid(), walker = fork();
    if (walker == 0) {
        while (getppid() == maker) {
            spool_walk(config, "/x/catalog.db", count, &sum);
        }
        _exit(1);
    }
    for (int i = 0; i < 300; i++) {
        AUTO_SPOOL struct spool s = SPOOL_INIT;
        CHECK_INT(spool_create(config, &s, &err), 0);
        CHECK_INT(spool_mark(&s, "/x/catalog.db", 1, &err), 0);
        AUTO_FREE char *lock = file_join(s.folder, "lock");
        CHECK_INT(access(lock, F_OK), 0);
        spool_remove(&s);
    }
    kill(walker, SIGKILL);
    CHECK_INT(waitpid(walker, NULL, 0), walker);
}

int main(void)
{
    struct error err = ERROR_INIT;
    if (!mkdtemp(folder) || setenv("XDG_STATE_HOME", folder, 1) < 0 ||
        config_load("/dev/null", &config, &err) < 0) {
        printf("Bail out! %s\n", err.message);
        return 2;
    }
    RUN(is_held_by_one);
    RUN(is_let_go_when_its_process_dies);
    RUN(names_from_outside_lead_nowhere);
    RUN(an_answer_comes_back_as_it_was);
    RUN(an_answer_without_its_pictures_is_not_written);
    RUN(a_damaged_answer_is_an_error);
    RUN(a_walk_finds_those_of_its_catalog_that_nobody_holds);
    RUN(room_is_looked_for_before_it_is_needed);
    RUN(a_walk_and_a_maker_do_not_hurt_each_other);
    config_free(config);
    AUTO_FREE char *clean = mem_printf("rm -rf '%s'", folder);
    return system(clean) == 0 ? test_end() : 2;
}
