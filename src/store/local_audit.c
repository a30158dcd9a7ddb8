#include "local_audit.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "imgctl/digest.h"
#include "imgctl/file.h"
#include "imgctl/mem.h"

#define SHA256_HEX 64
#define FORMAT_MAX 8

bool local_is_digest(const char *text, size_t len)
{
    return len == SHA256_HEX && strspn(text, "0123456789abcdef") >= SHA256_HEX;
}

/* ---- One file ---- */

static void differs(struct store_fact *fact, const char *why)
{
    fact->state = STORE_DIFFERS;
    snprintf(fact->why, sizeof fact->why, "%.*s", (int)sizeof fact->why - 1, why);
}

/* The file at PATH if it is one of the right size; -1, and why in FACT. */
static int open_sized(const char *path, struct store_fact *fact)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    struct stat st;
    fact->state = STORE_HAS;
    if (fd < 0 && (errno == ENOENT || errno == ENOTDIR)) {
        fact->state = STORE_LACKS;
    } else if (fd < 0 || fstat(fd, &st) < 0) {
        differs(fact, strerror(errno));
    } else if (!S_ISREG(st.st_mode)) {
        differs(fact, "it is no file");
    } else if (st.st_size != fact->size) {
        AUTO_FREE char *why = mem_printf("it has %" PRId64 " bytes, not %" PRId64,
                                         (int64_t)st.st_size, fact->size);
        differs(fact, why);
    }
    if (fact->state != STORE_HAS && fd >= 0) {
        close(fd);
        fd = -1;
    }
    return fd;
}

/* -1 only where nothing can be digested. */
static int judge(struct store_fact *fact, const struct digest_job *job, struct error *err)
{
    if (job->result < 0 && job->err->kind != ERROR_FILE) {
        *err = *job->err;
        return -1;
    }
    if (job->result < 0) {
        differs(fact, job->err->message);
    } else if (strcmp(job->hex, fact->sha256) != 0) {
        differs(fact, "its content is another one: the digest differs");
    }
    return 0;
}

int local_examine_files(const struct local_examined *files, size_t count, bool deep,
                        struct error *err)
{
    const struct local_examined *open[LOCAL_AT_ONCE];
    struct digest_job jobs[LOCAL_AT_ONCE];
    char digests[LOCAL_AT_ONCE][DIGEST_HEX_SIZE];
    struct error errors[LOCAL_AT_ONCE];
    size_t wanted = 0;
    int result = 0;
    for (size_t i = 0; i < count; i++) {
        int fd = open_sized(files[i].path, files[i].fact);
        if (fd >= 0) {
            errors[wanted] = (struct error)ERROR_INIT;
            jobs[wanted] = (struct digest_job){ .fd = fd, .size = files[i].fact->size,
                                                .hex = digests[wanted],
                                                .err = &errors[wanted] };
            open[wanted++] = &files[i];
        }
    }
    if (deep) {
        digest_files(jobs, wanted);
    }
    for (size_t i = 0; i < wanted; i++) {
        if (deep && judge(open[i]->fact, &jobs[i], err) < 0) {
            result = -1;
        }
        close(jobs[i].fd);
    }
    return result;
}

/* ---- All files ---- */

static int by_name(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

static int no_dots(const struct dirent *entry)
{
    return strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
}

/* Fill in what the name "9f3c...e1.jpg" says, if it is one that we give. */
static void read_name(struct store_entry *entry, const char *name,
                      char sha256[DIGEST_HEX_SIZE])
{
    const char *dot = strchr(name, '.');
    size_t len = dot ? (size_t)(dot - name) : 0;
    size_t format_len = dot ? strlen(dot + 1) : 0;
    entry->is_foreign = !local_is_digest(name, len) || format_len == 0 ||
                        format_len > FORMAT_MAX || strchr(dot + 1, '.');
    if (!entry->is_foreign) {
        memcpy(sha256, name, len);
        sha256[len] = '\0';
        entry->sha256 = sha256;
        entry->format = dot + 1;
    }
}

static int show_file(const char *folder, int folder_fd, const char *name, bool is_making,
                     store_each *each, void *cookie, struct error *err)
{
    AUTO_FREE char *path = file_join(folder, name);
    char sha256[DIGEST_HEX_SIZE];
    struct store_entry entry = { .name = path };
    struct stat st;
    if (fstatat(folder_fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0) {
        return 0; /* another process has taken it away */
    }
    entry.bytes = st.st_size;
    entry.modified = (int64_t)st.st_mtim.tv_sec * 1000 + st.st_mtim.tv_nsec / 1000000;
    if (is_making) {
        entry.is_temporary = file_is_leftover(folder_fd, name);
        return entry.is_temporary ? each(cookie, &entry, err) : 0;
    }
    read_name(&entry, name, sha256);
    return each(cookie, &entry, err);
}

/* 0, or what stopped it. */
static int walk_folder(const char *folder, bool is_making, store_each *each, void *cookie,
                       struct error *err)
{
    AUTO_FD int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    struct dirent **names;
    int count = fd < 0 ? -1 : scandir(folder, &names, no_dots, by_name);
    if (count < 0) {
        return errno == ENOENT ? 0
                               : error_errno(err, ERROR_STORE, "cannot read %s", folder);
    }
    int result = 0;
    for (int i = 0; i < count; i++) {
        if (result == 0) {
            result = show_file(folder, fd, names[i]->d_name, is_making, each, cookie,
                               err);
        }
        free(names[i]);
    }
    free(names);
    return result;
}

int local_walk_files(const char *root, const char *making, store_each *each,
                     void *cookie, struct error *err)
{
    int result = walk_folder(making, true, each, cookie, err);
    for (int i = 0; i < 256 && result == 0; i++) {
        AUTO_FREE char *folder = mem_printf("%s/%02x", root, i);
        result = walk_folder(folder, false, each, cookie, err);
    }
    return result < 0 ? -1 : 0;
}
