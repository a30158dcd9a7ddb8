#include "imgctl/thumbnail.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "imgctl/clock.h"
#include "imgctl/file.h"
#include "imgctl/mem.h"
#include "imgctl/raster.h"

#define QUALITY 80
#define PIXELS 500000000 /* a larger one has no thumbnail */
#define DAY ((int64_t)24 * 60 * 60 * 1000)
#define STALE (90 * DAY)

static char *folder_of(const struct config *config)
{
    return file_join(config_cache_dir(config), "thumbnails");
}

char *thumbnail_path(const struct config *config, const char *sha256, int width,
                     int height)
{
    AUTO_FREE char *folder = folder_of(config);
    return mem_printf("%s/%.2s/%s-%dx%d.webp", folder, sha256, sha256, width, height);
}

static int64_t modified(const struct stat *st)
{
    return (int64_t)st->st_mtim.tv_sec * 1000 + st->st_mtim.tv_nsec / 1000000;
}

bool thumbnail_is_there(const char *path)
{
    struct stat st;
    if (stat(path, &st) < 0 || !S_ISREG(st.st_mode) || st.st_size == 0) {
        return false;
    }
    if (clock_now() - modified(&st) > DAY) {
        utimensat(AT_FDCWD, path, NULL, 0); /* else it only looks older than it is */
    }
    return true;
}

static int keep(const char *path, const struct buf *data, struct error *err)
{
    AUTO_FREE char *folder = file_folder_of(path);
    if (file_make_dirs(folder, err) < 0 ||
        file_replace(path, data->data, data->len, err) < 0) {
        err->kind = ERROR_STORE;
        return error_hint(err, "thumbnails go to the cache folder, which $XDG_CACHE_HOME "
                               "can move");
    }
    return 0;
}

int thumbnail_make(const char *path, int fd, int64_t size, int width, int height,
                   struct error *err)
{
    AUTO_RASTER struct raster r = RASTER_INIT;
    AUTO_BUF struct buf data = BUF_INIT;
    struct load_options load = {
        .limits = { .pixels = PIXELS },
        .width = (uint32_t)width,
        .height = (uint32_t)height,
        .fit = true,
    };
    struct save_options save = { .format = IMAGE_WEBP, .quality = QUALITY };
    if (thumbnail_is_there(path)) {
        return 0;
    }
    if (image_codec_load(err) < 0 || image_load(fd, size, &load, &r, err) < 0 ||
        image_save(&r, &save, &data, err) < 0) {
        return -1;
    }
    return keep(path, &data, err);
}

/* ---- Sweeping ---- */

struct entry {
    char *path;
    int64_t bytes, used;
};

struct entries {
    struct entry *items;
    size_t len, cap;
    int64_t bytes;
};

static void add_entry(struct entries *all, char *path, const struct stat *st)
{
    if (all->len == all->cap) {
        all->cap = all->cap ? all->cap * 2 : 256;
        all->items = mem_resize(all->items, all->cap, sizeof *all->items);
    }
    all->items[all->len++] =
        (struct entry){ .path = path, .bytes = st->st_size, .used = modified(st) };
    all->bytes += st->st_size;
}

static void collect(struct entries *all, const char *folder)
{
    DIR *dir = opendir(folder);
    struct dirent *d;
    file_sweep(folder);
    while (dir && (d = readdir(dir))) {
        struct stat st;
        char *path = file_join(folder, d->d_name);
        if (d->d_name[0] != '.' && lstat(path, &st) == 0 && S_ISREG(st.st_mode)) {
            add_entry(all, path, &st);
        } else {
            free(path);
        }
    }
    if (dir) {
        closedir(dir);
    }
}

static int by_use(const void *a, const void *b)
{
    int64_t first = ((const struct entry *)a)->used;
    int64_t second = ((const struct entry *)b)->used;
    return (first > second) - (first < second);
}

void thumbnail_sweep(const struct config *config)
{
    struct entries all = { .items = NULL };
    AUTO_FREE char *root = folder_of(config);
    int64_t most = config_int(config, "cache.max_bytes");
    int64_t stale = clock_now() - STALE;
    for (unsigned i = 0; i < 256; i++) {
        AUTO_FREE char *folder = mem_printf("%s/%02x", root, i);
        collect(&all, folder);
    }
    if (all.len > 0) {
        qsort(all.items, all.len, sizeof *all.items, by_use);
    }
    for (size_t i = 0; i < all.len; i++) {
        struct entry *e = &all.items[i];
        if ((all.bytes > most || e->used < stale) && unlink(e->path) == 0) {
            all.bytes -= e->bytes;
        }
        free(e->path);
    }
    free(all.items);
}
