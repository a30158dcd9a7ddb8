#include "look.h"

#include <sys/stat.h>

#include "imgctl/file.h"
#include "imgctl/mem.h"
#include "thumbnails.h"

#define SMALL_SIDE 1024

const struct image_limits look_limits = { .pixels = 500000000 };

int look_open(struct app *app, struct store *store, const struct picture *p,
              int64_t *ret_size, struct error *err)
{
    struct stat st;
    AUTO_FREE char *path = NULL;
    if (!store->ops->get_small) {
        return picture_small_bytes(store, p, SMALL_SIDE, SMALL_SIDE, ret_size, err);
    }
    if (picture_thumbnail(app, store, p, SMALL_SIDE, SMALL_SIDE, &path, err) < 0) {
        return -1;
    }
    int fd = file_open_regular(path, &st, err);
    *ret_size = fd < 0 ? 0 : st.st_size;
    return fd;
}
