#include "imgctl/folder.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "imgctl/inputs.h"
#include "imgctl/mem.h"
#include "imgctl/text.h"

#define PATH_LIMIT 4000

void folder_release(struct folder *f)
{
    buf_release(&f->typed);
    strlist_release(&f->all);
    strlist_release(&f->entries);
    free(f->listed);
}

/* What is typed up to the last slash, with it; and what follows. */
static size_t folder_length(const struct folder *f)
{
    const char *slash = strrchr(f->typed.data, '/');
    return slash ? (size_t)(slash - f->typed.data) + 1 : 0;
}

/* The name the system knows it by: "~/" is the home folder, nothing the current one. */
static char *real_path(const char *path)
{
    const char *home = getenv("HOME");
    if (strncmp(path, "~/", 2) == 0 && home) {
        return mem_printf("%s/%s", home, path + 2);
    }
    return mem_strdup(*path ? path : "./");
}

static bool is_folder(int parent, const struct dirent *d)
{
    struct stat st;
    return d->d_type == DT_DIR ||
           ((d->d_type == DT_LNK || d->d_type == DT_UNKNOWN) &&
            fstatat(parent, d->d_name, &st, 0) == 0 && S_ISDIR(st.st_mode));
}

static int by_kind_and_name(const void *a, const void *b)
{
    const char *one = *(char *const *)a, *other = *(char *const *)b;
    bool first = one[strlen(one) - 1] == '/', second = other[strlen(other) - 1] == '/';
    int order = strcasecmp(one, other);
    return first != second ? second - first : order ? order : strcmp(one, other);
}

static int list(struct folder *f, const char *folder, struct error *err)
{
    AUTO_FREE char *path = real_path(folder);
    DIR *dir = opendir(path);
    const struct dirent *d;
    strlist_release(&f->all);
    if (!dir) {
        return error_errno(err, ERROR_FILE, "cannot look into %s", path);
    }
    while ((d = readdir(dir))) {
        if (strcmp(d->d_name, ".") == 0 || strcmp(d->d_name, "..") == 0) {
            continue;
        }
        if (is_folder(dirfd(dir), d)) {
            strlist_take(&f->all, mem_printf("%s/", d->d_name));
        } else if (input_looks_like_picture(d->d_name)) {
            strlist_add(&f->all, d->d_name);
        }
    }
    closedir(dir);
    if (f->all.len > 1) {
        qsort(f->all.items, f->all.len, sizeof *f->all.items, by_kind_and_name);
    }
    return 0;
}

int folder_refresh(struct folder *f, struct error *err)
{
    size_t length = folder_length(f);
    const char *begin = f->typed.data + length;
    AUTO_FREE char *folder = mem_strndup(f->typed.data, length);
    int result = 0;
    if (!f->listed || strcmp(f->listed, folder) != 0) {
        free(f->listed);
        f->listed = mem_strdup(folder);
        result = list(f, folder, err);
    }
    strlist_release(&f->entries);
    for (size_t i = 0; i < f->all.len; i++) {
        const char *name = f->all.items[i];
        if (strncasecmp(name, begin, strlen(begin)) == 0 &&
            (*name != '.' || *begin == '.')) {
            strlist_add(&f->entries, name);
        }
    }
    folder_move(f, 0);
    return result;
}

bool folder_type(struct folder *f, const char *text)
{
    f->cursor = 0;
    return buf_add_limited(&f->typed, text, strlen(text), PATH_LIMIT);
}

static void cut(struct folder *f, size_t len)
{
    f->typed.data[len] = '\0';
    f->typed.len = len;
    f->cursor = 0;
}

bool folder_erase(struct folder *f)
{
    f->cursor = 0;
    return text_erase_character(&f->typed);
}

void folder_leave(struct folder *f)
{
    size_t len = f->typed.len;
    if (len == 0 || (len >= 3 && strcmp(f->typed.data + len - 3, "../") == 0)) {
        folder_type(f, "../");
        return;
    }
    if (strcmp(f->typed.data, "/") == 0) {
        return;
    }
    len -= f->typed.data[len - 1] == '/';
    while (len > 0 && f->typed.data[len - 1] != '/') {
        len--;
    }
    cut(f, len);
}

void folder_move(struct folder *f, int64_t by)
{
    int64_t last = f->entries.len > 0 ? (int64_t)f->entries.len - 1 : 0;
    int64_t to = (int64_t)f->cursor + by;
    f->cursor = (size_t)(to < 0 ? 0 : to > last ? last : to);
}

char *folder_path(const struct folder *f)
{
    if (f->cursor >= f->entries.len) {
        return real_path(f->typed.data);
    }
    AUTO_FREE char *path = mem_printf("%.*s%s", (int)folder_length(f), f->typed.data,
                                      f->entries.items[f->cursor]);
    return real_path(path);
}

bool folder_enter(struct folder *f)
{
    const char *name = f->cursor < f->entries.len ? f->entries.items[f->cursor] : "";
    size_t len = strlen(name);
    if (len == 0 || name[len - 1] != '/') {
        return false;
    }
    cut(f, folder_length(f));
    return folder_type(f, name);
}
