#include "imgctl/inputs.h"

#include <dirent.h>
#include <errno.h>
#include <fnmatch.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "imgctl/file.h"
#include "imgctl/mem.h"

#define RECORD_LIMIT (1024L * 1024) /* a prompt of a model's longest, as JSON writes it */
#define BYTE_ORDER_MARK "\xef\xbb\xbf"
#define DEPTH_LIMIT 128 /* of folders; a deeper tree is a loop of mounts */

bool input_is_url(const char *input)
{
    return strncasecmp(input, "http://", 7) == 0 ||
           strncasecmp(input, "https://", 8) == 0;
}

bool input_may_wait(const char *input)
{
    return input_is_url(input) || strcmp(input, "-") == 0;
}

int inputs_read_list(FILE *file, char end, struct strlist *ret, struct error *err)
{
    AUTO_FREE char *line = NULL;
    size_t cap = 0;
    ssize_t len;
    bool is_first = true;
    while ((len = getdelim(&line, &cap, end, file)) > 0) {
        if (is_first && strncmp(line, BYTE_ORDER_MARK, strlen(BYTE_ORDER_MARK)) == 0) {
            len -= (ssize_t)strlen(BYTE_ORDER_MARK);
            memmove(line, line + strlen(BYTE_ORDER_MARK), (size_t)len + 1);
        }
        is_first = false;
        if (line[len - 1] == end) {
            line[--len] = '\0';
        }
        if (end == '\n' && len > 0 && line[len - 1] == '\r') {
            line[--len] = '\0';
        }
        if (len > RECORD_LIMIT) {
            return error_set(err, ERROR_USAGE,
                             "a line of the list is longer than %ld bytes", RECORD_LIMIT);
        }
        if (memchr(line, '\0', (size_t)len)) {
            error_set(err, ERROR_USAGE, "the list has NUL bytes in its lines");
            return error_hint(err, "for a list ended by NULs add -0");
        }
        if (len > 0) {
            strlist_add(ret, line);
        }
    }
    return ferror(file) ? error_errno(err, ERROR_FAILED, "cannot read the list") : 0;
}

static bool matches(const struct strlist *globs, const char *name, const char *below)
{
    for (size_t i = 0; i < globs->len; i++) {
        const char *glob = globs->items[i];
        if (strchr(glob, '/') ? fnmatch(glob, below, FNM_PATHNAME) == 0
                              : fnmatch(glob, name, 0) == 0) {
            return true;
        }
    }
    return false;
}

bool input_looks_like_picture(const char *name)
{
    static const char *const endings[] = { ".jpg", ".jpeg", ".jpe", ".png", ".webp" };
    const char *dot = strrchr(name, '.');
    for (size_t i = 0; dot && i < sizeof endings / sizeof *endings; i++) {
        if (strcasecmp(dot, endings[i]) == 0) {
            return true;
        }
    }
    return false;
}

static bool wanted(const struct input_options *o, const char *name, const char *below)
{
    if (o->exclude->len && matches(o->exclude, name, below)) {
        return false;
    }
    return o->include->len ? matches(o->include, name, below)
                           : input_looks_like_picture(name);
}

struct walk {
    const struct input_options *options;
    size_t root_len; /* of the folder named by the user, for paths below it */
    struct strlist *ret;
};

static int walk_folder(const struct walk *w, const char *path, int depth,
                       struct error *err);

static int visit(const struct walk *w, const char *path, const char *name, int depth,
                 struct error *err)
{
    struct stat st;
    const char *below = path + w->root_len;
    below += *below == '/';
    if (lstat(path, &st) < 0) {
        return 0; /* gone since the folder was read */
    }
    if (S_ISDIR(st.st_mode)) {
        bool excluded =
            w->options->exclude->len && matches(w->options->exclude, name, below);
        return excluded ? 0 : walk_folder(w, path, depth + 1, err);
    }
    if (S_ISLNK(st.st_mode) && (stat(path, &st) < 0 || !S_ISREG(st.st_mode))) {
        return 0;
    }
    if (S_ISREG(st.st_mode) && wanted(w->options, name, below)) {
        strlist_add(w->ret, path);
    }
    return 0;
}

static int walk_folder(const struct walk *w, const char *path, int depth,
                       struct error *err)
{
    AUTO_STRLIST struct strlist names = STRLIST_INIT;
    if (depth > DEPTH_LIMIT) {
        return error_set(err, ERROR_FILE, "%s: more than %d folders deep", path,
                         DEPTH_LIMIT);
    }
    DIR *dir = opendir(path);
    if (!dir) {
        return error_errno(err, ERROR_FILE, "cannot read folder %s", path);
    }
    const struct dirent *entry;
    while ((entry = readdir(dir)) != NULL) {
        if (entry->d_name[0] != '.') {
            strlist_add(&names, entry->d_name);
        }
    }
    closedir(dir);
    strlist_sort(&names);
    for (size_t i = 0; i < names.len; i++) {
        AUTO_FREE char *child = file_join(path, names.items[i]);
        if (visit(w, child, names.items[i], depth, err) < 0) {
            return -1;
        }
    }
    return 0;
}

static int expand_one(const char *input, const struct input_options *options,
                      struct strlist *ret, struct error *err)
{
    struct stat st;
    if (options->recursive && !input_is_url(input) && stat(input, &st) == 0 &&
        S_ISDIR(st.st_mode)) {
        struct walk w = { options, strlen(input), ret };
        return walk_folder(&w, input, 0, err);
    }
    strlist_add(ret, input);
    return 0;
}

static int read_files_from(const struct input_options *options, struct strlist *ret,
                           struct error *err)
{
    bool standard = strcmp(options->files_from, "-") == 0;
    FILE *file = standard ? stdin : fopen(options->files_from, "re");
    if (!file) {
        return error_errno(err, ERROR_FILE, "cannot open %s", options->files_from);
    }
    int result = inputs_read_list(file, options->null ? '\0' : '\n', ret, err);
    if (!standard) {
        fclose(file);
    }
    return result;
}

int inputs_expand(const struct strlist *operands, const struct input_options *options,
                  struct strlist *ret, struct error *err)
{
    AUTO_STRLIST struct strlist listed = STRLIST_INIT;
    size_t standard_uses = 0;
    if (options->files_from) {
        standard_uses += strcmp(options->files_from, "-") == 0;
        if (read_files_from(options, &listed, err) < 0) {
            return -1;
        }
    }
    for (size_t i = 0; i < operands->len + listed.len; i++) {
        const char *input = i < operands->len ? operands->items[i]
                                              : listed.items[i - operands->len];
        standard_uses += strcmp(input, "-") == 0;
        if (expand_one(input, options, ret, err) < 0) {
            return -1;
        }
    }
    if (standard_uses > 1) {
        return error_set(err, ERROR_USAGE,
                         "standard input can be used for one thing only");
    }
    return 0;
}
