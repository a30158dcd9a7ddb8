#include "imgctl/program.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "imgctl/clock.h"
#include "imgctl/file.h"
#include "imgctl/mem.h"

#define PIECE 65536

extern char **environ;

static bool is_executable(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && S_ISREG(st.st_mode) && access(path, X_OK) == 0;
}

char *program_find(const char *name)
{
    const char *path = getenv("PATH");
    AUTO_STRLIST struct strlist folders = STRLIST_INIT;
    if (strchr(name, '/')) {
        return is_executable(name) ? mem_strdup(name) : NULL;
    }
    strlist_split(&folders, path ? path : "/usr/local/bin:/usr/bin:/bin", ':');
    for (size_t i = 0; i < folders.len && *name; i++) {
        AUTO_FREE char *candidate = file_join(folders.items[i], name);
        if (candidate[0] == '/' && is_executable(candidate)) {
            char *found = candidate;
            candidate = NULL;
            return found;
        }
    }
    return NULL;
}

static void add_file(posix_spawn_file_actions_t *actions, int fd, int standard)
{
    if (fd >= 0) {
        posix_spawn_file_actions_adddup2(actions, fd, standard);
    } else {
        posix_spawn_file_actions_addopen(actions, standard, "/dev/null", O_RDWR, 0);
    }
}

/* posix_spawn() with signals as a program expects them. */
static int spawn(const char *path, const char *const *argv,
                 const struct program_files *files, pid_t *ret)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t none, defaults;
    sigemptyset(&none);
    sigemptyset(&defaults);
    sigaddset(&defaults, SIGPIPE);
    sigaddset(&defaults, SIGXFSZ);
    sigaddset(&defaults, SIGINT);
    sigaddset(&defaults, SIGQUIT);
    posix_spawn_file_actions_init(&actions);
    add_file(&actions, files->in, STDIN_FILENO);
    add_file(&actions, files->out, STDOUT_FILENO);
    add_file(&actions, files->err, STDERR_FILENO);
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &defaults);
    int failure =
        posix_spawn(ret, path, &actions, &attributes, (char *const *)argv, environ);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    return failure;
}

int program_start(const char *const *argv, const struct program_files *files, pid_t *ret,
                  struct error *err)
{
    AUTO_FREE char *path = program_find(argv[0]);
    int failure = path ? spawn(path, argv, files, ret) : ENOENT;
    if (failure == 0) {
        return 0;
    }
    errno = failure;
    return failure == ENOENT
               ? error_set(err, ERROR_FAILED, "there is no program %s in PATH", argv[0])
               : error_errno(err, ERROR_FAILED, "cannot run %s", argv[0]);
}

int program_wait(pid_t pid, struct error *err)
{
    int status;
    while (waitpid(pid, &status, 0) < 0) {
        if (errno != EINTR) {
            return error_errno(err, ERROR_FAILED, "cannot wait for a program");
        }
    }
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

bool program_says_by(int fd, int64_t deadline)
{
    for (;;) {
        int64_t left = deadline - clock_steady();
        struct pollfd p = { .fd = fd, .events = POLLIN };
        if (left <= 0) {
            return false;
        }
        if (poll(&p, 1, (int)left) > 0) {
            return true;
        }
    }
}

bool program_ends_by(pid_t pid, int64_t deadline)
{
    AUTO_FD int end = pidfd_open(pid, 0);
    return end < 0 || program_says_by(end, deadline);
}

void program_stop(pid_t pid)
{
    struct error ignored = ERROR_INIT;
    kill(pid, SIGKILL);
    program_wait(pid, &ignored);
}

/* All that comes out of FD until it and PID end. */
static int read_all(const char *name, pid_t pid, int fd, size_t limit, int timeout,
                    struct buf *out, struct error *err)
{
    int64_t deadline = clock_steady() + timeout;
    AUTO_FREE char *piece = mem_alloc(PIECE);
    ssize_t n = -1;
    while (n != 0 && program_says_by(fd, deadline)) {
        n = read(fd, piece, PIECE);
        if (n < 0 && errno != EINTR) {
            return error_errno(err, ERROR_FAILED, "cannot read from %s", name);
        }
        if (n > 0 && !buf_add_limited(out, piece, (size_t)n, limit)) {
            errno = EMSGSIZE;
            return error_set(err, ERROR_FAILED, "%s prints more than %zu bytes", name,
                             limit);
        }
    }
    return n == 0 && program_ends_by(pid, deadline)
               ? 0
               : error_set(err, ERROR_FAILED, "%s did not end in %d seconds", name,
                           timeout / 1000);
}

int program_read(const char *const *argv, size_t limit, int timeout, struct buf *out,
                 struct error *err)
{
    int ends[2];
    pid_t pid = 0;
    if (pipe2(ends, O_CLOEXEC) < 0) {
        return error_errno(err, ERROR_FAILED, "cannot run %s", argv[0]);
    }
    AUTO_FD int from = ends[0];
    struct program_files files = { .in = -1, .out = ends[1], .err = -1 };
    int result = program_start(argv, &files, &pid, err);
    close(ends[1]);
    if (result < 0) {
        return -1;
    }
    if (read_all(argv[0], pid, from, limit, timeout, out, err) < 0) {
        int saved = errno;
        program_stop(pid);
        errno = saved;
        return -1;
    }
    int status = program_wait(pid, err);
    return status > 0 ? error_set(err, ERROR_FAILED, "%s failed with status %d", argv[0],
                                  status)
                      : status;
}

/* Add the character at *P to WORD, following quotes. */
static void take_character(struct buf *word, char *quote, const char **p)
{
    char c = **p;
    if (c == '\\' && *quote != '\'' && (*p)[1]) {
        buf_addch(word, *++*p);
    } else if (*quote && c == *quote) {
        *quote = '\0';
    } else if (!*quote && (c == '"' || c == '\'')) {
        *quote = c;
    } else {
        buf_addch(word, c);
    }
}

bool program_words(const char *line, struct strlist *ret)
{
    AUTO_BUF struct buf word = BUF_INIT;
    char quote = '\0';
    bool in_word = false;
    for (const char *p = line; *p; p++) {
        if (!quote && strchr(" \t\n", *p)) {
            if (in_word) {
                strlist_take(ret, buf_detach(&word));
            }
            in_word = false;
            continue;
        }
        in_word = true;
        take_character(&word, &quote, &p);
    }
    if (in_word && !quote) {
        strlist_take(ret, buf_detach(&word));
    }
    return quote == '\0';
}
