/*
 * Decoding in a child: what it may not do, and what its death costs.
 */
#include "../../src/image/guard.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/sockios.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "imgctl/file.h"
#include "imgctl/mem.h"
#include "test.h"

typedef int load(int fd, int64_t size, const struct load_options *options,
                 struct raster *ret, struct error *err);

static int load_lighthouse_to(load *how, uint32_t width, struct raster *r,
                              struct error *err)
{
    struct load_options options = { .limits = { .pixels = 100000000 }, .width = width };
    struct stat st;
    int fd = file_open_regular("tests/pictures/lighthouse.jpg", &st, err);
    int result = fd < 0 ? -1 : how(fd, st.st_size, &options, r, err);
    close(fd);
    return result;
}

static int load_lighthouse_by(load *how, struct raster *r, struct error *err)
{
    return load_lighthouse_to(how, 64, r, err);
}

/* In a child also where a sanitizer watches: this process has one thread. */
static int load_lighthouse(struct raster *r, struct error *err)
{
    return load_lighthouse_by(guard_load, r, err);
}

/* The signal that ends a confined process which does DEED; 0: none did. */
static int end_of(void (*deed)(void))
{
    int status = 0;
    pid_t pid = fork();
    if (pid == 0) {
        if (!guard_confine()) {
            _exit(2);
        }
        deed();
        _exit(0);
    }
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
    }
    return WIFEXITED(status) && WEXITSTATUS(status) == 2 ? -1
           : WIFSIGNALED(status)                         ? WTERMSIG(status)
                                                         : 0;
}

static void open_file(void)
{
    (void)!open("/etc/hostname", O_RDONLY | O_CLOEXEC);
}

static void open_socket(void)
{
    (void)!socket(AF_INET, SOCK_STREAM, 0);
}

static void start_process(void)
{
    (void)!fork();
}

static void make_code(void)
{
    (void)!mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

/* The picture's file, as one that was downloaded is open. */
static int picture = -1;

static void write_to_picture(void)
{
    if (write(picture, "x", 1) >= 0) {
        abort();
    }
}

static void map_picture(void)
{
    (void)!mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, picture, 0);
}

static void kill_parent(void)
{
    (void)!kill(getppid(), SIGKILL);
}

static void compute(void)
{
    free(malloc(10000000));
}

TEST(a_child_may_not)
{
    if (end_of(compute) == -1) {
        SKIP("this build or kernel cannot confine");
    }
    CHECK_INT(end_of(compute), 0);
    struct error err = ERROR_INIT;
    picture = file_scratch(&err);
    CHECK(picture > GUARD_SOCKET);
    CHECK_INT(end_of(open_file), SIGSYS);
    CHECK_INT(end_of(open_socket), SIGSYS);
    CHECK_INT(end_of(start_process), SIGSYS);
    CHECK_INT(end_of(make_code), SIGSYS);
    CHECK_INT(end_of(write_to_picture), 0);
    CHECK_INT(end_of(map_picture), SIGSYS);
    CHECK_INT(end_of(kill_parent), SIGSYS);
}

TEST(loads)
{
    AUTO_RASTER struct raster r = RASTER_INIT;
    struct error err = ERROR_INIT;
    CHECK_INT(load_lighthouse_by(image_load, &r, &err), 0); /* loads the modules */
    CHECK_INT(r.width, 64);
    raster_release(&r);
    CHECK_INT(load_lighthouse(&r, &err), 0);
    CHECK_INT(r.width, 64);
}

/* The only child of this process: the idle decoder. */
static pid_t find_child(void)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/self/task/%d/children", (int)getpid());
    FILE *file = fopen(path, "re");
    long pid = 0;
    if (file) {
        if (fscanf(file, "%ld", &pid) != 1) {
            pid = 0;
        }
        fclose(file);
    }
    return (pid_t)pid;
}

/* Wait for the end of CHILD, and leave it for who has to wait for it. */
static void see_end_of(pid_t child)
{
    siginfo_t info;
    CHECK_INT(waitid(P_PID, (id_t)child, &info, WEXITED | WNOWAIT), 0);
}

TEST(a_child_has_nothing_else_open)
{
    AUTO_FREE char *path = mem_printf("/proc/%d/fd", (int)find_child());
    DIR *folder = opendir(path);
    if (!folder) {
        SKIP("what a child has open is not told to this user");
    }
    int count = 0;
    for (const struct dirent *d; (d = readdir(folder));) {
        count += d->d_name[0] != '.';
    }
    closedir(folder);
    CHECK_INT(count, 1);
}

TEST(a_death_between_pictures_hurts_none)
{
    AUTO_RASTER struct raster r = RASTER_INIT;
    struct error err = ERROR_INIT;
    pid_t child = find_child();
    if (child == 0) {
        SKIP("the kernel does not tell children");
    }
    CHECK_INT(kill(child, SIGKILL), 0);
    see_end_of(child);
    CHECK_INT(load_lighthouse(&r, &err), 0);
    CHECK_STR(err.message, "");
    CHECK_INT(r.width, 64);
    CHECK(find_child() != child);
}

/* Our end of the socket to the decoder, which is the only one of this process. */
static int find_socket(void)
{
    for (int fd = 3; fd < 64; fd++) {
        int domain = 0;
        socklen_t len = sizeof domain;
        if (getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &len) == 0 &&
            domain == AF_UNIX) {
            return fd;
        }
    }
    return -1;
}

/* Let the idle decoder get a picture and then die of NUMBER, before it answers. */
static pid_t die_of(int number, pid_t child)
{
    int socket = find_socket();
    CHECK_INT(kill(child, SIGSTOP), 0);
    pid_t killer = fork();
    if (killer == 0) {
        int waiting = 0;
        while (ioctl(socket, SIOCOUTQ, &waiting) == 0 && waiting == 0) {
            usleep(1000);
        }
        kill(child, number);
        kill(child, SIGCONT);
        _exit(0);
    }
    return killer;
}

static void check_death(int number, enum error_kind kind, const char *message)
{
    AUTO_RASTER struct raster r = RASTER_INIT;
    struct error err = ERROR_INIT;
    pid_t killer = die_of(number, find_child());
    CHECK_INT(load_lighthouse(&r, &err), -1);
    CHECK_INT(waitpid(killer, NULL, 0), killer);
    CHECK_INT(err.kind, kind);
    CHECK(strstr(err.message, message) != NULL);
    error_clear(&err);
    CHECK_INT(load_lighthouse(&r, &err), 0);
    CHECK_INT(r.width, 64);
}

/* A handler such as that of a program which has the terminal in raw mode. */
static void tidy_up(int number)
{
    (void)number;
    (void)!open("/dev/tty", O_RDWR | O_CLOEXEC);
    _exit(3);
}

TEST(a_crash_is_one_picture)
{
    AUTO_RASTER struct raster r = RASTER_INIT;
    struct error err = ERROR_INIT;
    pid_t child = find_child();
    if (child == 0) {
        SKIP("the kernel does not tell children");
    }
    kill(child, SIGKILL);
    see_end_of(child);
    void (*before)(int) = signal(SIGSEGV, tidy_up);
    CHECK_INT(load_lighthouse(&r, &err), 0); /* in a child that knows the handler */
    signal(SIGSEGV, before);
    check_death(SIGSEGV, ERROR_IMAGE_CORRUPT, "signal 11");
    check_death(SIGKILL, ERROR_IMAGE_LIMIT, "want of memory");
}

TEST(patience_ends)
{
    AUTO_RASTER struct raster r = RASTER_INIT;
    struct error err = ERROR_INIT;
    const struct timeval little = { .tv_usec = 10000 };
    pid_t child = find_child();
    if (child == 0) {
        SKIP("the kernel does not tell children");
    }
    CHECK_INT(kill(child, SIGSTOP), 0); /* it will never answer */
    CHECK_INT(setsockopt(find_socket(), SOL_SOCKET, SO_RCVTIMEO, &little, sizeof little),
              0);
    CHECK_INT(load_lighthouse(&r, &err), -1);
    CHECK_INT(err.kind, ERROR_IMAGE_LIMIT);
    CHECK(strstr(err.message, "minutes") != NULL);
    CHECK_INT(kill(child, 0), -1); /* and it is gone */
    error_clear(&err);
    CHECK_INT(load_lighthouse(&r, &err), 0);
}

TEST(no_memory_is_no_harm)
{
    AUTO_RASTER struct raster r = RASTER_INIT;
    struct error err = ERROR_INIT;
    const struct rlimit none = { 0, 0 };
    pid_t child = find_child();
    if (child == 0 || guard_is_watched()) {
        SKIP("the kernel does not tell children, or a sanitizer wants the memory");
    }
    CHECK_INT(prlimit(child, RLIMIT_AS, &none, NULL), 0);
    CHECK_INT(load_lighthouse_to(guard_load, 0, &r, &err), -1);
    CHECK_INT(err.kind, ERROR_IMAGE_LIMIT);
    CHECK(strstr(err.message, "memory") != NULL);
    CHECK(strstr(err.hint, "harm") == NULL);
    error_clear(&err);
    CHECK_INT(load_lighthouse(&r, &err), 0);
}

TEST(off_is_the_same_picture)
{
    AUTO_RASTER struct raster here = RASTER_INIT;
    AUTO_RASTER struct raster there = RASTER_INIT;
    struct error err = ERROR_INIT;
    CHECK_INT(load_lighthouse(&there, &err), 0);
    image_guard_set(IMAGE_GUARD_OFF);
    CHECK_INT(load_lighthouse_by(image_load, &here, &err), 0);
    CHECK_INT(here.height, there.height);
    CHECK(here.pixels && there.pixels &&
          memcmp(here.pixels, there.pixels, (size_t)here.width * here.height * 3) == 0);
}

int main(void)
{
    RUN(a_child_may_not);
    RUN(loads);
    RUN(a_child_has_nothing_else_open);
    RUN(a_death_between_pictures_hurts_none);
    RUN(a_crash_is_one_picture);
    RUN(patience_ends);
    RUN(no_memory_is_no_harm);
    RUN(off_is_the_same_picture);
    return test_end();
}
