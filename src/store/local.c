/*
 * The local store: DATA/store/9f/9f3c...e1.jpg, the name is the SHA-256; files
 * in the making are in DATA/store/making.
 *
 * A file appears by rename when it is complete and synced, and is never changed
 * afterwards; so the same content is stored once, whoever stores it.
 */
#include "local.h"
#include "local_audit.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "imgctl/digest.h"
#include "imgctl/file.h"
#include "imgctl/mem.h"
#include "imgctl/text.h"

struct local {
    struct store base;
    char *root;
    char *making; /* where files are until they are complete */
    pthread_mutex_t lock; /* over READY: several threads put at once */
    bool ready;   /* its folders exist and are swept */
};

static struct local *local_of(struct store *s)
{
    return (struct local *)s;
}

static char *folder_of(const struct local *l, const char *sha256)
{
    return mem_printf("%s/%.2s", l->root, sha256);
}

static char *path_of(const struct local *l, const char *sha256, const char *format)
{
    return mem_printf("%s/%.2s/%s.%s", l->root, sha256, sha256, format);
}

static char *url_of(const char *path)
{
    struct buf url = BUF_INIT;
    buf_addstr(&url, "file://");
    text_percent_encode(&url, path, strlen(path), "-._~/");
    return buf_detach(&url);
}

static int fill(struct stored *ret, const char *path, const struct store_item *item,
                bool existing)
{
    *ret = (struct stored){
        .url = url_of(path),
        .format = mem_strdup(image_extension(item->format)),
        .bytes = item->size,
        .existing = existing,
    };
    return 0;
}

/* Make the folders at the first put, and clear away what was interrupted. */
static int make_ready(struct local *l, const char *folder, struct error *err)
{
    int result = 0;
    pthread_mutex_lock(&l->lock);
    if (!l->ready) {
        result = file_make_dirs(l->making, err);
        if (result == 0) {
            file_sweep(l->making);
            l->ready = true;
        }
    }
    pthread_mutex_unlock(&l->lock);
    return result < 0 ? -1 : file_make_dirs(folder, err);
}

/* Whose fault it is, the copy cannot tell: the picture's file may have changed. */
static int not_copied(const struct store_item *item, const char *path, struct error *err)
{
    struct stat st;
    int why = errno;
    if (fstat(item->fd, &st) == 0 && st.st_size < item->size) {
        return error_set(err, ERROR_FILE, "the file became shorter while it was stored");
    }
    errno = why;
    return error_errno(err, ERROR_STORE, "cannot write %s", path);
}

static int local_put(struct store *s, const struct store_item *item, struct stored *ret,
                     struct error *err)
{
    struct local *l = local_of(s);
    AUTO_FREE char *folder = folder_of(l, item->sha256);
    AUTO_FREE char *path = path_of(l, item->sha256, image_extension(item->format));
    AUTO_TEMP struct temp_file temp = TEMP_FILE_INIT;
    struct stat st;
    if (!item->overwrite && stat(path, &st) == 0 && S_ISREG(st.st_mode) &&
        st.st_size == item->size) {
        return fill(ret, path, item, true);
    }
    if (make_ready(l, folder, err) < 0 || temp_file_create(&temp, l->making, err) < 0) {
        return -1;
    }
    if (file_copy(item->fd, item->size, temp.fd) < 0) {
        return not_copied(item, path, err);
    }
    if ((item->check && item->check(item->cookie, err) < 0) ||
        temp_file_commit(&temp, path, true, err) < 0) {
        return -1;
    }
    return fill(ret, path, item, false);
}

static char *local_plan(struct store *s, const struct store_item *item, struct error *err)
{
    (void)s, (void)item, (void)err;
    return NULL;
}

/* The file of a picture; NULL when the catalog does not know its content. */
static char *find(const struct local *l, const struct stored *what, const char *sha256,
                  struct error *err)
{
    if (!sha256 || !local_is_digest(sha256, strlen(sha256)) || !what->format) {
        error_set(err, ERROR_STORE, "the catalog has no digest for this picture");
        error_hint(err, "it was not stored by imgctl: upload the file again");
        return NULL;
    }
    return path_of(l, sha256, what->format);
}

static int local_open_bytes(struct store *s, const struct stored *what,
                            const char *sha256, struct error *err)
{
    AUTO_FREE char *path = find(local_of(s), what, sha256, err);
    if (!path) {
        return -1;
    }
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        error_errno(err, ERROR_STORE, "cannot read %s", path);
        return error_hint(err, "the stored file is gone; if you have it, "
                               "upload it again with --force");
    }
    return fd;
}

static int local_get(struct store *s, const struct stored *what, const char *sha256,
                     int fd, struct error *err)
{
    AUTO_FD int from = local_open_bytes(s, what, sha256, err);
    struct stat st;
    if (from < 0) {
        return -1;
    }
    if (fstat(from, &st) < 0 || file_copy(from, st.st_size, fd) < 0) {
        return error_errno(err, ERROR_STORE, "cannot copy %s out of the store", sha256);
    }
    return 0;
}

static int local_remove(struct store *s, const struct stored *what, const char *sha256,
                        struct error *err)
{
    AUTO_FREE char *path = find(local_of(s), what, sha256, err);
    if (!path) {
        error_clear(err); /* no file of ours: nothing to remove */
        return 0;
    }
    if (unlink(path) == 0) {
        return 1;
    }
    return errno == ENOENT ? 0 : error_errno(err, ERROR_STORE, "cannot remove %s", path);
}

static int local_link(struct store *s, const struct stored *what,
                      const struct link_options *options, struct buf *out,
                      struct error *err)
{
    (void)s;
    if (options->kind == LINK_THUMBNAIL || options->transformation || options->format ||
        options->quality || options->width || options->height || options->sign) {
        error_set(err, ERROR_USAGE,
                  "a picture in the local store has one link, its file");
        return error_hint(err, "links with sizes and formats need the store cloudinary");
    }
    if (!what->url) {
        return error_set(err, ERROR_STORE, "the catalog does not say where its file is");
    }
    buf_addstr(out, what->url);
    return 0;
}

static int local_check(struct store *s, bool network, struct buf *out, struct error *err)
{
    (void)network;
    struct local *l = local_of(s);
    AUTO_TEMP struct temp_file probe = TEMP_FILE_INIT;
    if (make_ready(l, l->root, err) < 0 || temp_file_create(&probe, l->making, err) < 0) {
        return -1;
    }
    buf_addf(out, "files below %s", l->root);
    return 0;
}

static int local_examine(struct store *s, struct store_fact *facts, size_t count,
                         bool deep, struct error *err)
{
    int result = 0;
    for (size_t i = 0; i < count && result == 0;) {
        struct local_examined files[LOCAL_AT_ONCE];
        char *paths[LOCAL_AT_ONCE];
        size_t found = 0;
        for (; i < count && found < LOCAL_AT_ONCE; i++) {
            struct error why = ERROR_INIT;
            paths[found] = find(local_of(s), facts[i].what, facts[i].sha256, &why);
            if (paths[found]) {
                files[found] = (struct local_examined){ paths[found], &facts[i] };
                found++;
            } else {
                facts[i].state = STORE_DIFFERS;
                snprintf(facts[i].why, sizeof facts[i].why, "%.150s", why.message);
            }
        }
        result = local_examine_files(files, found, deep, err);
        while (found > 0) {
            free(paths[--found]);
        }
    }
    return result;
}

static int local_walk(struct store *s, store_each *each, void *cookie, struct error *err)
{
    const struct local *l = local_of(s);
    return local_walk_files(l->root, l->making, each, cookie, err);
}

static int local_discard(struct store *s, const char *name, struct error *err)
{
    const struct local *l = local_of(s);
    size_t len = strlen(l->root);
    if (strncmp(name, l->root, len) != 0 || name[len] != '/') {
        return error_set(err, ERROR_STORE, "%s is not in the store", name);
    }
    if (unlink(name) == 0) {
        return 1;
    }
    return errno == ENOENT ? 0 : error_errno(err, ERROR_STORE, "cannot remove %s", name);
}

static void local_close(struct store *s)
{
    struct local *l = local_of(s);
    free(l->root);
    free(l->making);
    pthread_mutex_destroy(&l->lock);
    free(l);
}

static const struct store_ops local_ops = {
    .name = "local",
    .is_remote = false,
    .plan = local_plan,
    .put = local_put,
    .get = local_get,
    .open = local_open_bytes,
    .remove = local_remove,
    .link = local_link,
    .check = local_check,
    .close = local_close,
    .examine = local_examine,
    .walk = local_walk,
    .discard = local_discard,
};

int local_open(const struct store_context *context, struct store **ret, struct error *err)
{
    struct local *l = mem_alloc(sizeof *l);
    (void)err;
    l->base.ops = &local_ops;
    pthread_mutex_init(&l->lock, NULL);
    l->root = file_join(config_data_dir(context->config), "store");
    l->making = file_join(l->root, "making");
    *ret = &l->base;
    return 0;
}
