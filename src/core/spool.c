#include "imgctl/spool.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "imgctl/file.h"
#include "imgctl/mem.h"
#include "imgctl/text.h"

#define ID_PREFIX "imgctl-"
#define ID_DIGITS 32

/* ---- Names ---- */

static char *spools_folder(const struct config *config)
{
    return file_join(config_state_dir(config), "spool");
}

/* Ids come back from a catalog, which anybody may have written. */
static bool is_id(const char *id)
{
    size_t prefix = strlen(ID_PREFIX);
    return id && strncmp(id, ID_PREFIX, prefix) == 0 &&
           strlen(id + prefix) == ID_DIGITS &&
           strspn(id + prefix, "0123456789abcdef") == ID_DIGITS;
}

static void name(struct spool *s, const struct config *config, const char *id)
{
    AUTO_FREE char *all = spools_folder(config);
    *s = (struct spool)SPOOL_INIT;
    s->id = mem_strdup(id);
    s->folder = file_join(all, id);
}

static char *member(const struct spool *s, const char *file)
{
    return file_join(s->folder, file);
}

char *spool_picture_path(const struct spool *s, int index)
{
    return mem_printf("%s/picture-%d", s->folder, index);
}

char *spool_log_path(const struct spool *s)
{
    return member(s, "log");
}

/* ---- The lock ---- */

static int open_lock(const struct spool *s, int flags)
{
    AUTO_FREE char *path = member(s, "lock");
    return open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW | flags, 0600);
}

static int cannot_open(const struct spool *s, struct error *err)
{
    return error_errno(err, ERROR_STORE, "cannot open the spool %s", s->folder);
}

static int lock_file(int fd, int how)
{
    int result;
    do {
        result = flock(fd, how);
    } while (result < 0 && errno == EINTR);
    return result;
}

/* Who waited for the lock of a folder that was removed holds nothing. */
static bool is_removed(int fd)
{
    struct stat st;
    return fstat(fd, &st) < 0 || st.st_nlink == 0;
}

int spool_take(const struct config *config, const char *id, struct spool *ret,
               struct error *err)
{
    *ret = (struct spool)SPOOL_INIT;
    if (!is_id(id)) {
        return 1;
    }
    name(ret, config, id);
    ret->lock = open_lock(ret, 0);
    if (ret->lock < 0) {
        return errno == ENOENT ? 1 : cannot_open(ret, err);
    }
    if (lock_file(ret->lock, LOCK_EX | LOCK_NB) < 0) {
        int why = errno;
        close(ret->lock);
        ret->lock = -1;
        errno = why;
        return why == EWOULDBLOCK ? 0 : error_errno(err, ERROR_STORE, "cannot lock %s",
                                                    ret->folder);
    }
    if (is_removed(ret->lock)) {
        close(ret->lock);
        ret->lock = -1;
    }
    return 1;
}

bool spool_is_there(const struct spool *s)
{
    return s->lock >= 0;
}

int spool_wait(const struct config *config, const char *id, struct error *err)
{
    AUTO_SPOOL struct spool s = SPOOL_INIT;
    if (!is_id(id)) {
        return 0;
    }
    name(&s, config, id);
    s.lock = open_lock(&s, 0);
    if (s.lock < 0) {
        return errno == ENOENT ? 0 : cannot_open(&s, err);
    }
    return lock_file(s.lock, LOCK_SH) < 0
               ? error_errno(err, ERROR_STORE, "cannot wait for %s", s.folder)
               : 0;
}

void spool_close(struct spool *s)
{
    mem_cleanup_fd(&s->lock);
    free(s->id);
    free(s->folder);
    s->id = s->folder = NULL;
}

/* ---- Making and removing ---- */

static int make_id(char out[sizeof ID_PREFIX + ID_DIGITS], struct error *err)
{
    unsigned char bytes[ID_DIGITS / 2];
    if (getrandom(bytes, sizeof bytes, 0) != (ssize_t)sizeof bytes) {
        return error_errno(err, ERROR_FAILED, "cannot get random bytes");
    }
    memcpy(out, ID_PREFIX, sizeof ID_PREFIX);
    text_hex(out + strlen(ID_PREFIX), bytes, sizeof bytes);
    return 0;
}

/* 1 it is held; 0 somebody who looked for spools that nobody works on was faster than
 * our lock and removed it; -1. */
static int try_create(const struct config *config, struct spool *ret, struct error *err)
{
    char id[sizeof ID_PREFIX + ID_DIGITS];
    if (make_id(id, err) < 0) {
        return -1;
    }
    name(ret, config, id);
    if (file_make_dirs(ret->folder, err) < 0) {
        return -1;
    }
    ret->lock = open_lock(ret, O_CREAT | O_EXCL);
    if (ret->lock < 0 && errno == ENOENT) {
        return 0;
    }
    if (ret->lock < 0 || lock_file(ret->lock, LOCK_EX) < 0) {
        return error_errno(err, ERROR_STORE, "cannot make the spool %s", ret->folder);
    }
    return is_removed(ret->lock) ? 0 : 1;
}

/* That there is such a folder has to outlast the machine, and so has the one of all. */
static int sync_folders(const struct config *config, const struct spool *s,
                        struct error *err)
{
    AUTO_FREE char *all = spools_folder(config);
    return file_sync_folder_of(s->folder) < 0 || file_sync_folder_of(all) < 0
               ? error_errno(err, ERROR_STORE, "cannot make the spool %s", s->folder)
               : 0;
}

int spool_create(const struct config *config, struct spool *ret, struct error *err)
{
    *ret = (struct spool)SPOOL_INIT;
    int made;
    while ((made = try_create(config, ret, err)) == 0) {
        spool_close(ret);
    }
    if (made < 0 || sync_folders(config, ret, err) < 0) {
        spool_remove(ret);
        return -1;
    }
    return 0;
}

int spool_check_room(const struct spool *s, int64_t bytes, struct error *err)
{
    struct statvfs room;
    if (statvfs(s->folder, &room) < 0 || room.f_blocks == 0) {
        return 0; /* it does not say */
    }
    if (room.f_bavail >= (uint64_t)bytes / room.f_frsize + 1) {
        return 0;
    }
    error_set(err, ERROR_STORE, "there are less than %" PRId64 " MB free in %s, where"
              " pictures arrive", bytes / 1000000 + 1, s->folder);
    return error_hint(err, "nothing was sent; make room, or name another state folder"
                           " with XDG_STATE_HOME");
}

/* What says whose it is goes last: a process that is killed here leaves a spool that
 * can still be told and removed. */
static void remove_members(const char *folder)
{
    DIR *dir = opendir(folder);
    if (!dir) {
        return;
    }
    const struct dirent *entry;
    while ((entry = readdir(dir)) != NULL) {
        if (strcmp(entry->d_name, "job") != 0 && strcmp(entry->d_name, "lock") != 0) {
            unlinkat(dirfd(dir), entry->d_name, 0);
        }
    }
    unlinkat(dirfd(dir), "job", 0);
    unlinkat(dirfd(dir), "lock", 0);
    closedir(dir);
}

void spool_remove(struct spool *s)
{
    if (s->folder) {
        remove_members(s->folder);
        rmdir(s->folder);
    }
    spool_close(s);
}

/* ---- What is in it ---- */

int spool_open_picture(const struct spool *s, int index, struct error *err)
{
    AUTO_FREE char *path = spool_picture_path(s, index);
    int fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    return fd < 0 ? error_errno(err, ERROR_STORE, "cannot write %s", path) : fd;
}

bool spool_has_pictures(const struct spool *s)
{
    AUTO_FREE char *first = spool_picture_path(s, 0);
    struct stat st;
    return stat(first, &st) == 0 ? st.st_size > 0 : errno != ENOENT;
}

void spool_files(const struct config *config, const char *id, struct strlist *ret)
{
    AUTO_SPOOL struct spool s = SPOOL_INIT;
    if (!is_id(id)) {
        return;
    }
    name(&s, config, id);
    DIR *dir = opendir(s.folder);
    if (!dir) {
        return;
    }
    const struct dirent *entry;
    while ((entry = readdir(dir)) != NULL) {
        if (entry->d_name[0] != '.' && strcmp(entry->d_name, "lock") != 0) {
            strlist_take(ret, member(&s, entry->d_name));
        }
    }
    closedir(dir);
    strlist_sort(ret);
}

/* ---- Whose it is ---- */

int spool_mark(const struct spool *s, const char *catalog, int64_t job,
               struct error *err)
{
    AUTO_FREE char *path = member(s, "job");
    AUTO_FREE char *real = realpath(catalog, NULL);
    AUTO_BUF struct buf text = BUF_INIT;
    buf_addf(&text, "%" PRId64 " %s", job, real ? real : catalog);
    return file_replace(path, text.data, text.len, err);
}

/* 1 and the job if it is CATALOG's, 0 if it was never marked, -1 else. */
static int read_mark(const struct spool *s, const char *catalog, int64_t *job)
{
    AUTO_FREE char *path = member(s, "job");
    AUTO_FREE char *real = realpath(catalog, NULL);
    AUTO_BUF struct buf text = BUF_INIT;
    struct error ignored = ERROR_INIT; /* what cannot be read is left alone */
    int there = file_read(path, 8192, &text, &ignored);
    char *space = strchr(text.data, ' ');
    if (there <= 0 || !space) {
        return there == 0 ? 0 : -1;
    }
    *space = '\0';
    bool is_ours = strcmp(space + 1, real ? real : catalog) == 0;
    return is_ours && text_parse_int(text.data, 1, INT64_MAX, job) ? 1 : -1;
}

static void look_at(const struct config *config, const char *catalog, const char *id,
                    spool_each *each, void *cookie)
{
    AUTO_SPOOL struct spool s = SPOOL_INIT;
    struct error ignored = ERROR_INIT; /* it is looked at again next time */
    int64_t job = 0;
    if (spool_take(config, id, &s, &ignored) <= 0) {
        return;
    }
    if (!spool_is_there(&s)) {
        if (s.folder) {
            rmdir(s.folder); /* an empty one, of who was killed while making it */
        }
        return;
    }
    int marked = read_mark(&s, catalog, &job);
    if (marked > 0) {
        each(cookie, &s, job);
    } else if (marked == 0) {
        spool_remove(&s);
    }
}

void spool_walk(const struct config *config, const char *catalog, spool_each *each,
                void *cookie)
{
    AUTO_FREE char *all = spools_folder(config);
    AUTO_STRLIST struct strlist ids = STRLIST_INIT;
    DIR *dir = opendir(all);
    if (!dir) {
        return;
    }
    const struct dirent *entry;
    while ((entry = readdir(dir)) != NULL) {
        if (is_id(entry->d_name)) {
            strlist_add(&ids, entry->d_name);
        }
    }
    closedir(dir);
    for (size_t i = 0; i < ids.len; i++) {
        look_at(config, catalog, ids.items[i], each, cookie);
    }
}
