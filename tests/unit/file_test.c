/* Files that appear complete or not at all, and what is left of those that do not. */

#include "imgctl/file.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "imgctl/mem.h"
#include "test.h"

#define NOBODY "4194304" /* above the largest process number that Linux gives */

typedef int make_temp(struct temp_file *t, const char *folder, struct error *err);

static bool knows_no_flags, knows_no_links;
static int folder_fault; /* errno of who syncs a folder */

/* In place of the C library's: not every file system can sync a folder. */
int fsync(int fd)
{
    struct stat st;
    if (folder_fault && fstat(fd, &st) == 0 && S_ISDIR(st.st_mode)) {
        errno = folder_fault;
        return -1;
    }
    return fdatasync(fd);
}

/* In place of the C library's: a file system may know no flags. */
int renameat2(int from_fd, const char *from, int to_fd, const char *to, unsigned flags)
{
    if (flags && knows_no_flags) {
        errno = EINVAL;
        return -1;
    }
    if (flags && access(to, F_OK) == 0) {
        errno = EEXIST;
        return -1;
    }
    return renameat(from_fd, from, to_fd, to);
}

/* In place of the C library's: a file system may make nameless files, but no links. */
int linkat(int from_fd, const char *from, int to_fd, const char *to, int flags)
{
    if (knows_no_links) {
        errno = EPERM;
        return -1;
    }
    return (int)syscall(SYS_linkat, from_fd, from, to_fd, to, flags);
}

/* A folder that is there until the end of the test, and the current one. */
static void enter_folder(void)
{
    char folder[] = "/tmp/imgctl-file-XXXXXX";
    CHECK(mkdtemp(folder) && chdir(folder) == 0);
}

static void leave_folder(void)
{
    char *folder = file_absolute("");
    AUTO_FREE char *command = mem_printf("rm -r '%s'", folder);
    CHECK(system(command) == 0);
    CHECK(chdir("/") == 0);
    free(folder);
}

static void write_file(const char *path, const char *text)
{
    struct error err = ERROR_INIT;
    CHECK_INT(file_replace(path, text, strlen(text), &err), 0);
}

static void check_content(const char *path, const char *want)
{
    AUTO_BUF struct buf text = BUF_INIT;
    struct error err = ERROR_INIT;
    CHECK_INT(file_read(path, 100, &text, &err), 1);
    CHECK_STR(text.data, want);
}

static void check_folder(const char *path, const char *want)
{
    AUTO_FREE char *folder = file_folder_of(path);
    CHECK_STR(folder, want);
}

TEST(folder_of_a_path)
{
    check_folder("a", ".");
    check_folder("a/b", "a");
    check_folder("/a", "/");
    check_folder("/a/b", "/a");
    check_folder("a/", "a");
}

TEST(makes_folders)
{
    struct error err = ERROR_INIT;
    enter_folder();
    CHECK_INT(file_make_dirs("a/b/c", &err), 0);
    CHECK_INT(file_make_dirs("a/b/c", &err), 0);
    CHECK_INT(file_make_dirs("/", &err), 0);
    CHECK_INT(access("a/b/c", F_OK), 0);
    CHECK_INT(file_make_dirs("", &err), -1);
    write_file("file", "");
    CHECK_INT(file_make_dirs("file/a", &err), -1);
    leave_folder();
}

/* Commit "new" to "file", made by CREATE. 0, or errno. */
static int commit(make_temp *create, bool replace)
{
    struct error err = ERROR_INIT;
    AUTO_TEMP struct temp_file t = TEMP_FILE_INIT;
    CHECK_INT(create(&t, ".", &err), 0);
    CHECK_INT(file_write_all(t.fd, "new", 3), 0);
    return temp_file_commit(&t, "file", replace, &err) == 0 ? 0 : errno;
}

static void check_commits(make_temp *create)
{
    enter_folder();
    CHECK_INT(commit(create, false), 0);
    check_content("file", "new");
    write_file("file", "old");
    CHECK_INT(commit(create, false), EEXIST);
    check_content("file", "old");
    CHECK_INT(commit(create, true), 0);
    check_content("file", "new");
    CHECK(unlink("file") == 0);
    CHECK(mkdir("file", 0700) == 0);
    CHECK(commit(create, true) != 0);
    CHECK(rmdir("file") == 0);
    AUTO_FREE char *folder = file_absolute("");
    CHECK(rmdir(folder) == 0); /* nothing else is in it */
    CHECK(chdir("/") == 0);
}

TEST(commits_once)
{
    check_commits(temp_file_create);
    check_commits(temp_file_create_named);
}

TEST(commits_where_rename_always_replaces)
{
    knows_no_flags = true;
    check_commits(temp_file_create);
    check_commits(temp_file_create_named);
    knows_no_flags = false;
}

TEST(commits_where_nothing_can_be_linked)
{
    knows_no_links = true;
    check_commits(temp_file_create);
    knows_no_links = false;
}

TEST(commits_where_folders_are_not_synced)
{
    folder_fault = EINVAL;
    check_commits(temp_file_create);
    folder_fault = EIO;
    enter_folder();
    CHECK_INT(commit(temp_file_create, false), EIO);
    folder_fault = 0;
    leave_folder();
}

TEST(commits_where_nothing_can_be_listed)
{
    uid_t me = geteuid();
    enter_folder();
    CHECK_INT(chmod(".", 0333), 0);
    CHECK_INT(me == 0 ? seteuid(65534) : 0, 0); /* root may read it anyway */
    CHECK_INT(commit(temp_file_create, false), 0);
    CHECK_INT(seteuid(me), 0);
    CHECK_INT(chmod(".", 0700), 0);
    check_content("file", "new");
    leave_folder();
}

TEST(a_killed_process_leaves_nothing)
{
    struct error err = ERROR_INIT;
    int status = 0;
    enter_folder();
    pid_t child = fork();
    if (child == 0) {
        struct temp_file t = TEMP_FILE_INIT;
        if (temp_file_create(&t, ".", &err) == 0 && write(t.fd, "x", 1) == 1) {
            raise(t.path ? SIGTERM : SIGKILL);
        }
        _exit(1);
    }
    CHECK_INT(waitpid(child, &status, 0), child);
    CHECK(WIFSIGNALED(status));
    if (WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM) {
        leave_folder();
        SKIP("the file system of /tmp has no nameless files");
    }
    AUTO_FREE char *folder = file_absolute("");
    CHECK(rmdir(folder) == 0); /* nothing is in it */
    CHECK(chdir("/") == 0);
}

TEST(a_missing_folder_of_the_user_is_wrong_usage)
{
    struct error err = ERROR_INIT;
    struct temp_file t = TEMP_FILE_INIT;
    enter_folder();
    CHECK_INT(temp_file_beside(&t, "missing/x", &err), -1);
    CHECK_INT(err.kind, ERROR_USAGE);
    CHECK_STR(err.hint, "make the folder first: mkdir -p missing");
    CHECK_INT(temp_file_create(&t, "missing", &err), -1);
    CHECK_INT(err.kind, ERROR_STORE);
    leave_folder();
}

TEST(a_shared_file_is_as_the_umask_says)
{
    struct error err = ERROR_INIT;
    struct stat st;
    AUTO_TEMP struct temp_file t = TEMP_FILE_INIT;
    mode_t before = umask(027);
    CHECK_INT(temp_file_create(&t, "/tmp", &err), 0);
    CHECK_INT(file_share(t.fd, 0666, &err), 0);
    CHECK_INT(umask(before), 027);
    CHECK_INT(fstat(t.fd, &st), 0);
    CHECK_INT(st.st_mode & 07777, 0640);
}

TEST(sweeps_what_dead_processes_left_and_nothing_else)
{
    static const struct {
        const char *name;
        bool stays;
    } files[] = {
        { ".imgctl-" NOBODY "-abcDEF", false },
        { ".imgctl-" NOBODY "-abcDEF-wal", false },
        { ".imgctl-1-abcDEF", true }, /* it lives */
        { ".imgctl-secret", true },
        { ".imgctl-", true },
        { ".imgctl-" NOBODY, true },
        { ".imgctl-" NOBODY "-", true },
        { ".imgctl-" NOBODY "-notes.txt", true },
        { ".imgctl-" NOBODY "-notes", true },
        { ".imgctl-" NOBODY "-notable", true },
        { ".imgctl--" NOBODY "-abcDEF", true },
        { ".imgctl-99999999999-abcDEF", true },
        { ".imgctl-0-abcDEF", true },
        { "imgctl-" NOBODY "-abcDEF", true },
    };
    enter_folder();
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        write_file(files[i].name, "x");
    }
    file_sweep(".");
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        if ((access(files[i].name, F_OK) == 0) != files[i].stays) {
            FAIL(files[i].name);
        }
    }
    leave_folder();
}

int main(void)
{
    RUN(folder_of_a_path);
    RUN(makes_folders);
    RUN(commits_once);
    RUN(commits_where_rename_always_replaces);
    RUN(commits_where_nothing_can_be_linked);
    RUN(commits_where_folders_are_not_synced);
    RUN(commits_where_nothing_can_be_listed);
    RUN(a_killed_process_leaves_nothing);
    RUN(a_missing_folder_of_the_user_is_wrong_usage);
    RUN(a_shared_file_is_as_the_umask_says);
    RUN(sweeps_what_dead_processes_left_and_nothing_else);
    return test_end();
}
