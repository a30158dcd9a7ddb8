#include "thumbnails.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "imgctl/file.h"
#include "imgctl/mem.h"
#include "imgctl/thumbnail.h"
#include "pictures.h"

int picture_small_bytes(struct store *store, const struct picture *p, int width,
                        int height, int64_t *ret_size, struct error *err)
{
    struct stored what = picture_stored(p);
    struct stat st = { .st_size = 0 };
    int fd = file_scratch(err);
    if (fd < 0) {
        return -1;
    }
    int result = store->ops->get_small
                     ? store->ops->get_small(store, &what, width, height, fd, err)
                     : store->ops->get(store, &what, p->sha256, fd, err);
    if (result == 0 && fstat(fd, &st) < 0) {
        result = error_errno(err, ERROR_STORE, "cannot stat the copy");
    }
    if (result < 0) {
        close(fd);
        return -1;
    }
    *ret_size = st.st_size;
    return fd;
}

/* A row put in by hand may say anything, and it becomes a path. */
static bool is_digest(const char *sha256)
{
    return sha256 && strlen(sha256) == 64 && strspn(sha256, "0123456789abcdef") == 64;
}

char *picture_thumbnail_path(const struct app *app, const struct picture *p, int width,
                             int height, struct error *err)
{
    if (!is_digest(p->sha256)) {
        error_set(err, ERROR_STORE, "the catalog has no digest for this picture");
        error_hint(err, "it was not stored by imgctl: upload the file again");
        return NULL;
    }
    return thumbnail_path(app->config, p->sha256, width, height);
}

int picture_thumbnail(struct app *app, struct store *store, const struct picture *p,
                      int width, int height, char **ret_path, struct error *err)
{
    int64_t size;
    AUTO_FREE char *path = picture_thumbnail_path(app, p, width, height, err);
    if (!path) {
        return -1;
    }
    if (!thumbnail_is_there(path)) {
        AUTO_FD int fd = picture_small_bytes(store, p, width, height, &size, err);
        if (fd < 0 || thumbnail_make(path, fd, size, width, height, err) < 0) {
            return -1;
        }
    }
    *ret_path = path;
    path = NULL;
    return 0;
}
