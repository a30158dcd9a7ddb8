#include "imgctl/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "imgctl/mem.h"

#define TEMP_PREFIX ".imgctl-"
#define SWEEP_AGE (24L * 60 * 60) /* seconds; by then the number may be another process */

int file_make_dirs(const char *path, struct error *err)
{
    AUTO_FREE char *part = mem_strdup(path);
    for (char *p = part + (part[0] == '/');; p++) {
        if (*p != '/' && *p != '\0') {
            continue;
        }
        char c = *p;
        *p = '\0';
        if (mkdir(part, 0700) == 0) {
            file_sync_folder_of(part); /* it is there, whatever becomes of its name */
        } else if (errno != EEXIST) {
            struct stat st;
            int saved = errno;
            if (stat(part, &st) < 0 || !S_ISDIR(st.st_mode)) {
                errno = saved;
                return error_errno(err, ERROR_STORE, "cannot make folder %s", part);
            }
        }
        *p = c;
        if (c == '\0') {
            return 0;
        }
    }
}

static const char *kind_of(mode_t mode)
{
    return S_ISDIR(mode)    ? "a folder"
           : S_ISFIFO(mode) ? "a pipe"
           : S_ISSOCK(mode) ? "a socket"
                            : "a device";
}

int file_open_regular(const char *path, struct stat *st, struct error *err)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0) {
        return error_errno(err, ERROR_FILE, "cannot open");
    }
    if (fstat(fd, st) < 0) {
        error_errno(err, ERROR_FILE, "cannot stat");
        close(fd);
        return -1;
    }
    if (!S_ISREG(st->st_mode)) {
        error_set(err, ERROR_FILE, "is %s, not a file", kind_of(st->st_mode));
        if (S_ISDIR(st->st_mode)) {
            error_hint(err, "name the files in it; all of a folder goes to: imgctl"
                            " upload -r");
        }
        close(fd);
        return -1;
    }
    return fd;
}

int file_read(const char *path, size_t limit, struct buf *out, struct error *err)
{
    AUTO_FD int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (fd < 0) {
        if (errno == ENOENT || errno == ENOTDIR) {
            return 0;
        }
        return error_errno(err, ERROR_FAILED, "cannot open %s", path);
    }
    char piece[16384];
    for (;;) {
        ssize_t n = read(fd, piece, sizeof piece);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n < 0) {
            return error_errno(err, ERROR_FAILED, "cannot read %s", path);
        }
        if (n == 0) {
            return 1;
        }
        if (!buf_add_limited(out, piece, (size_t)n, limit)) {
            return error_set(err, ERROR_FAILED, "%s is larger than %zu bytes", path,
                             limit);
        }
    }
}

int file_write_all(int fd, const void *data, size_t len)
{
    const char *p = data;
    while (len > 0) {
        ssize_t n = write(fd, p, len);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n < 0) {
            return -1;
        }
        p += n;
        len -= (size_t)n;
    }
    return 0;
}

int file_copy(int from, int64_t size, int to)
{
    char piece[65536];
    for (int64_t at = 0; at < size;) {
        int64_t left = size - at;
        size_t want = left < (int64_t)sizeof piece ? (size_t)left : sizeof piece;
        ssize_t n = pread(from, piece, want, at);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n == 0) {
            errno = EIO;
        }
        if (n <= 0 || file_write_all(to, piece, (size_t)n) < 0) {
            return -1;
        }
        at += n;
    }
    return 0;
}

/* By this the kernel knows an open file, also one without a name. */
#define FD_PATH 32

static void fd_path(char out[FD_PATH], int fd)
{
    snprintf(out, FD_PATH, "/proc/self/fd/%d", fd);
}

/* Not every file system has nameless files, and without /proc they get no name. */
static int open_nameless(const char *folder)
{
    char path[FD_PATH];
    int fd = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    fd_path(path, fd);
    if (fd >= 0 && access(path, F_OK) < 0) {
        close(fd);
        fd = -1;
    }
    return fd;
}

int temp_file_create_named(struct temp_file *t, const char *folder, struct error *err)
{
    t->path = mem_printf("%s/" TEMP_PREFIX "%ld-XXXXXX", folder, (long)getpid());
    t->fd = mkostemp(t->path, O_CLOEXEC);
    if (t->fd < 0) {
        int saved = errno;
        error_errno(err, ERROR_STORE, "cannot write in %s", folder);
        free(t->path);
        t->path = NULL;
        errno = saved;
        return -1;
    }
    return 0;
}

int temp_file_create(struct temp_file *t, const char *folder, struct error *err)
{
    t->path = NULL;
    t->fd = open_nameless(folder);
    return t->fd < 0 ? temp_file_create_named(t, folder, err) : 0;
}

int temp_file_beside(struct temp_file *t, const char *path, struct error *err)
{
    AUTO_FREE char *folder = file_folder_of(path);
    struct stat st;
    if (stat(path, &st) == 0 && !S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode)) {
        error_set(err, ERROR_USAGE, "%s is no regular file", path);
        return error_hint(err, "-o - writes to standard output, which can lead there");
    }
    if (temp_file_create(t, folder, err) == 0) {
        return 0;
    }
    if (errno == ENOENT || errno == ENOTDIR || errno == EACCES || errno == EROFS) {
        err->kind = ERROR_USAGE;
    }
    return errno == ENOENT ? error_hint(err, "make the folder first: mkdir -p %s", folder)
                           : -1;
}

int file_share(int fd, mode_t mode, struct error *err)
{
    mode_t mask = umask(0);
    umask(mask);
    return fchmod(fd, mode & ~mask) < 0
               ? error_errno(err, ERROR_FAILED, "cannot set the mode of a new file")
               : 0;
}

int file_sync_folder_of(const char *path)
{
    AUTO_FREE char *folder = file_folder_of(path);
    AUTO_FD int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) {
        return errno == EACCES ? 0 : -1;
    }
    return fsync(fd) < 0 && errno != EINVAL ? -1 : 0;
}

/* Not every file system can refuse to replace a file, but then a second name can. */
static int rename_to_new(const char *from, const char *to)
{
    if (renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE) == 0) {
        return 0;
    }
    if (errno != EINVAL && errno != ENOSYS) {
        return -1;
    }
    return link(from, to) < 0 ? -1 : unlink(from);
}

/* Give the nameless file FD the name PATH, which nothing has yet. -1 with errno. */
static int link_fd(int fd, const char *path)
{
    char from[FD_PATH];
    fd_path(from, fd);
    return linkat(AT_FDCWD, from, AT_FDCWD, path, AT_SYMLINK_FOLLOW);
}

/* A link takes no name over: T gets a temporary one beside PATH, to be renamed. */
static int name_beside(struct temp_file *t, const char *path)
{
    AUTO_FREE char *folder = file_folder_of(path);
    for (unsigned n = 0;; n++) {
        char *name = mem_printf("%s/" TEMP_PREFIX "%ld-%06u", folder, (long)getpid(), n);
        if (link_fd(t->fd, name) == 0) {
            t->path = name;
            return 0;
        }
        free(name);
        if (errno != EEXIST) {
            return -1;
        }
    }
}

/* Some file systems make nameless files and let nobody name them: T becomes a copy that
 * has a name from the beginning. */
static int copy_beside(struct temp_file *t, const char *path)
{
    AUTO_FREE char *folder = file_folder_of(path);
    AUTO_TEMP struct temp_file named = TEMP_FILE_INIT;
    struct error ignored = ERROR_INIT; /* errno says it */
    struct stat st;
    if (fstat(t->fd, &st) < 0 || temp_file_create_named(&named, folder, &ignored) < 0 ||
        file_copy(t->fd, st.st_size, named.fd) < 0 ||
        fchmod(named.fd, st.st_mode & 0777) < 0 || fsync(named.fd) < 0) {
        return -1;
    }
    close(t->fd);
    *t = named;
    named = (struct temp_file)TEMP_FILE_INIT;
    return 0;
}

static int give_name(struct temp_file *t, const char *path, bool replace)
{
    if (!t->path) {
        if (link_fd(t->fd, path) == 0) {
            return 0;
        }
        if (errno == EEXIST && !replace) {
            return -1;
        }
        if ((errno != EEXIST || name_beside(t, path) < 0) && copy_beside(t, path) < 0) {
            return -1;
        }
    }
    return replace ? rename(t->path, path) : rename_to_new(t->path, path);
}

int temp_file_commit(struct temp_file *t, const char *path, bool replace,
                     struct error *err)
{
    if (fsync(t->fd) < 0) {
        error_errno(err, ERROR_STORE, "cannot write %s", path);
        temp_file_discard(t);
        return -1;
    }
    if (give_name(t, path, replace) < 0) {
        int saved = errno;
        error_errno(err, ERROR_STORE, "cannot write %s", path);
        temp_file_discard(t);
        errno = saved;
        return -1;
    }
    close(t->fd);
    t->fd = -1;
    free(t->path);
    t->path = NULL;
    if (file_sync_folder_of(path) < 0) {
        return error_errno(err, ERROR_STORE, "cannot sync the folder of %s", path);
    }
    return 0;
}

void temp_file_discard(struct temp_file *t)
{
    if (t->path) {
        unlink(t->path);
        free(t->path);
        t->path = NULL;
    }
    if (t->fd >= 0) {
        close(t->fd);
        t->fd = -1;
    }
}

int file_scratch(struct error *err)
{
    const char *folder = getenv("TMPDIR");
    if (!folder || !*folder) {
        folder = "/tmp";
    }
    int fd = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (fd >= 0) {
        return fd;
    }
    /* Not every file system has nameless files. */
    AUTO_FREE char *path =
        mem_printf("%s/" TEMP_PREFIX "%ld-XXXXXX", folder, (long)getpid());
    fd = mkostemp(path, O_CLOEXEC);
    if (fd < 0) {
        return error_errno(err, ERROR_STORE, "cannot write in %s", folder);
    }
    unlink(path);
    return fd;
}

int file_replace(const char *path, const void *data, size_t len, struct error *err)
{
    AUTO_FREE char *folder = file_folder_of(path);
    AUTO_TEMP struct temp_file t = TEMP_FILE_INIT;
    if (temp_file_create(&t, folder, err) < 0) {
        return -1;
    }
    if (file_write_all(t.fd, data, len) < 0) {
        return error_errno(err, ERROR_STORE, "cannot write %s", path);
    }
    return temp_file_commit(&t, path, true, err);
}

/* The process in the name of a temporary file, or of what SQLite puts beside one; 0 for
 * any other name, which somebody may have chosen. */
static pid_t maker_of(const char *name)
{
    int pid = 0, random = 0, end = 0;
    sscanf(name, TEMP_PREFIX "%7d-%n%*6[A-Za-z0-9]%n", &pid, &random, &end);
    bool whole = end - random == 6 && (name[end] == '\0' || name[end] == '-');
    return whole && pid > 0 ? pid : 0;
}

bool file_is_leftover(int folder_fd, const char *name)
{
    struct stat st;
    pid_t pid = maker_of(name);
    if (pid == 0 || fstatat(folder_fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0 ||
        !S_ISREG(st.st_mode)) {
        return false;
    }
    bool gone = kill(pid, 0) < 0 && errno == ESRCH;
    return gone || time(NULL) - st.st_mtime > SWEEP_AGE;
}

void file_sweep(const char *folder)
{
    DIR *dir = opendir(folder);
    if (!dir) {
        return;
    }
    const struct dirent *entry;
    while ((entry = readdir(dir)) != NULL) {
        if (file_is_leftover(dirfd(dir), entry->d_name)) {
            unlinkat(dirfd(dir), entry->d_name, 0);
        }
    }
    closedir(dir);
}

bool file_means_folder(const char *path)
{
    struct stat st;
    size_t len = strlen(path);
    return (len > 0 && path[len - 1] == '/') ||
           (stat(path, &st) == 0 && S_ISDIR(st.st_mode));
}

const char *file_base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

char *file_folder_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    if (!slash) {
        return mem_strdup(".");
    }
    return slash == path ? mem_strdup("/") : mem_strndup(path, (size_t)(slash - path));
}

char *file_join(const char *folder, const char *name)
{
    size_t len = strlen(folder);
    bool slashed = len > 0 && folder[len - 1] == '/';
    return mem_printf("%s%s%s", folder, slashed ? "" : "/", name);
}

char *file_absolute(const char *path)
{
    char folder[PATH_MAX];
    if (path[0] == '/') {
        return mem_strdup(path);
    }
    return getcwd(folder, sizeof folder) ? file_join(folder, path) : NULL;
}
