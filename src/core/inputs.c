#include "imgctl/inputs.h"

#include <dirent.h>
#include <errno.h>
#include <fnmatch.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>

#include "imgctl/file.h"
#include "imgctl/mem.h"

#define LIST_LIMIT ((size_t)64 << 20) /* where all of it has to be seen first */
#define RECORD_LIMIT ((size_t)1 << 20) /* a model's longest prompt, as JSON writes it */
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

/* A list being read. */
struct list {
    struct buf record;
    char end;
    bool keeps_empty;
    bool is_begun; /* the first record is through */
    struct strlist *ret;
};

/* Take a byte order mark from the beginning of B. */
static void skip_mark(struct buf *b)
{
    size_t len = strlen(BYTE_ORDER_MARK);
    if (strncmp(b->data, BYTE_ORDER_MARK, len) == 0) {
        b->len -= len;
        memmove(b->data, b->data + len, b->len + 1);
    }
}

static int end_record(struct list *l, struct error *err)
{
    struct buf *b = &l->record;
    if (!l->is_begun) {
        skip_mark(b);
        l->is_begun = true;
    }
    if (l->end == '\n' && b->len > 0 && b->data[b->len - 1] == '\r') {
        b->data[--b->len] = '\0';
    }
    if (memchr(b->data, '\0', b->len)) {
        error_set(err, ERROR_USAGE, "the list has NUL bytes in its lines");
        return error_hint(err, "for a list ended by NULs add -0");
    }
    if (b->len > 0 || l->keeps_empty) {
        strlist_add(l->ret, b->data);
    }
    buf_clear(b);
    return 0;
}

static int take_bytes(struct list *l, const char *p, size_t len, struct error *err)
{
    while (len > 0) {
        const char *end = memchr(p, l->end, len);
        size_t part = end ? (size_t)(end - p) : len;
        if (!buf_add_limited(&l->record, p, part, RECORD_LIMIT)) {
            return error_set(err, ERROR_USAGE,
                             "a line of the list is longer than %zu bytes", RECORD_LIMIT);
        }
        if (end && end_record(l, err) < 0) {
            return -1;
        }
        part += end != NULL;
        p += part;
        len -= part;
    }
    return 0;
}

static int read_list(FILE *file, struct list *l, struct error *err)
{
    char piece[65536];
    size_t n;
    int result = 0;
    while (result == 0 && (n = fread(piece, 1, sizeof piece, file)) > 0) {
        result = take_bytes(l, piece, n, err);
    }
    if (result == 0) {
        result = ferror(file) ? error_errno(err, ERROR_FAILED, "cannot read the list")
                              : end_record(l, err);
    }
    buf_release(&l->record);
    return result;
}

int inputs_read_list(FILE *file, char end, struct strlist *ret, struct error *err)
{
    struct list l = { .record = BUF_INIT, .end = end, .ret = ret };
    return read_list(file, &l, err);
}

int inputs_read_lines(FILE *file, struct strlist *ret, struct error *err)
{
    struct list l = { .record = BUF_INIT, .end = '\n', .keeps_empty = true, .ret = ret };
    return read_list(file, &l, err);
}

int inputs_read_any_list(FILE *file, struct strlist *ret, struct error *err)
{
    AUTO_BUF struct buf all = BUF_INIT;
    char piece[65536];
    size_t n;
    while ((n = fread(piece, 1, sizeof piece, file)) > 0) {
        if (!buf_add_limited(&all, piece, n, LIST_LIMIT)) {
            return error_set(err, ERROR_USAGE, "the list is longer than %zu bytes",
                             LIST_LIMIT);
        }
    }
    if (ferror(file)) {
        return error_errno(err, ERROR_FAILED, "cannot read the list");
    }
    bool has_nul = memchr(all.data, '\0', all.len) != NULL;
    struct list l = { .record = BUF_INIT, .end = has_nul ? '\0' : '\n', .ret = ret };
    int result = take_bytes(&l, all.data, all.len, err);
    result = result == 0 ? end_record(&l, err) : result;
    buf_release(&l.record);
    return result;
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
        return errno == ENOENT ? 0 /* gone since the folder was read */
                               : error_errno(err, ERROR_FILE, "cannot look at %s", path);
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

static int read_names(const char *path, struct strlist *ret, struct error *err)
{
    DIR *dir = opendir(path);
    const struct dirent *entry;
    if (!dir) {
        return error_errno(err, ERROR_FILE, "cannot read folder %s", path);
    }
    while (errno = 0, (entry = readdir(dir)) != NULL) {
        if (entry->d_name[0] != '.') {
            strlist_add(ret, entry->d_name);
        }
    }
    int result = errno ? error_errno(err, ERROR_FILE, "cannot read folder %s", path) : 0;
    closedir(dir);
    strlist_sort(ret);
    return result;
}

static int walk_folder(const struct walk *w, const char *path, int depth,
                       struct error *err)
{
    AUTO_STRLIST struct strlist names = STRLIST_INIT;
    if (depth > DEPTH_LIMIT) {
        return error_set(err, ERROR_FILE, "%s: more than %d folders deep", path,
                         DEPTH_LIMIT);
    }
    if (read_names(path, &names, err) < 0) {
        return -1;
    }
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
