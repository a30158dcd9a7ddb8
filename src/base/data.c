#include "imgctl/data.h"

#include <dirent.h>
#include <errno.h>

#include "imgctl/file.h"
#include "imgctl/mem.h"
#include "imgctl/module.h"

#define DATA_LIMIT ((size_t)1 << 20)

/* Where NAME may be, the user's own first; the strings are the caller's. */
static void find_places(const struct config *config, const char *name,
                        struct strlist *places)
{
    AUTO_FREE char *own = file_folder_of(config_path(config));
    strlist_take(places, file_join(own, name));
    AUTO_FREE char *folder = module_program_folder();
    if (folder) {
        strlist_take(places, mem_printf("%s/share/imgctl/%s", folder, name));
        strlist_take(places, mem_printf("%s/../share/imgctl/%s", folder, name));
    }
    strlist_take(places, mem_printf(IMGCTL_DATA_DIR "/%s", name));
}

int data_read(const struct config *config, const char *name, struct buf *out,
              char **ret_path, struct error *err)
{
    AUTO_STRLIST struct strlist places = STRLIST_INIT;
    find_places(config, name, &places);
    for (size_t i = 0; i < places.len; i++) {
        int found = file_read(places.items[i], DATA_LIMIT, out, err);
        if (found < 0) {
            err->kind = ERROR_CONFIG;
            return -1;
        }
        if (found == 1) {
            if (ret_path) {
                *ret_path = mem_strdup(places.items[i]);
            }
            return 0;
        }
    }
    error_set(err, ERROR_CONFIG, "there is no %s", name);
    return error_hint(err, "install imgctl again: it belongs into " IMGCTL_DATA_DIR);
}

static int list_place(const char *path, struct strlist *ret, struct error *err)
{
    DIR *folder = opendir(path);
    if (!folder) {
        return errno == ENOENT || errno == ENOTDIR
                   ? 0
                   : error_errno(err, ERROR_CONFIG, "cannot look into %s", path);
    }
    const struct dirent *entry;
    while ((entry = readdir(folder))) {
        if (entry->d_name[0] != '.') {
            strlist_add(ret, entry->d_name);
        }
    }
    closedir(folder);
    return 0;
}

int data_list(const struct config *config, const char *name, struct strlist *ret,
              struct error *err)
{
    AUTO_STRLIST struct strlist places = STRLIST_INIT;
    find_places(config, name, &places);
    for (size_t i = 0; i < places.len; i++) {
        if (list_place(places.items[i], ret, err) < 0) {
            return -1;
        }
    }
    strlist_sort(ret);
    strlist_unique(ret);
    return 0;
}
