#include <inttypes.h>
#include <stddef.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "commands.h"
#include "imgctl/digest.h"
#include "imgctl/file.h"
#include "imgctl/ids.h"
#include "imgctl/mem.h"
#include "imgctl/report.h"
#include "pictures.h"

struct get_args {
    struct strlist operands;
    const char *to;
    bool force;
    struct output_args output;
};

static const struct option options[] = {
    { OPT_TEXT(struct get_args, to), .letter = 'o', .name = "output", .value = "FILE|DIR",
      .complete = COMPLETE_FILE,
      .help = "where to put it (default: its own name in the current folder); - is standard "
              "output" },
    { OPT_FLAG(struct get_args, force), .letter = 'f', .name = "force",
      .help = "replace a file that is there" },
    { .name = NULL },
};

static const struct operand operands[] = {
    { OPERAND_MANY(struct get_args, operands), .name = "ID", .required = true,
      .complete = COMPLETE_PICTURE, .help = "a picture; - for ids on standard input" },
    { .name = NULL },
};

static const char *const examples[] = {
    "imgctl get 42",
    "imgctl get 42 43 -o pictures/",
    "imgctl get @1 -o - | file -",
    NULL,
};

/*
 * A name for the file, from what the catalog says: never a path, never hidden,
 * with the extension of what it is if it had none.
 */
static char *file_name_for(const struct picture *p)
{
    const char *name = file_base_name(p->original_filename);
    name += strspn(name, ".");
    if (*name == '\0') {
        name = "picture";
    }
    const char *extension = strcmp(p->mime_type, "image/png") == 0    ? ".png"
                            : strcmp(p->mime_type, "image/webp") == 0 ? ".webp"
                                                                      : ".jpg";
    return mem_printf("%s%s", name, strchr(name, '.') ? "" : extension);
}

/* The file to write, or NULL for standard output. */
static char *target_for(const struct get_args *args, const struct picture *p)
{
    struct stat st;
    AUTO_FREE char *name = file_name_for(p);
    if (!args->to) {
        return mem_strdup(name);
    }
    if (strcmp(args->to, "-") == 0) {
        return NULL;
    }
    size_t len = strlen(args->to);
    bool folder = (len > 0 && args->to[len - 1] == '/') ||
                  (stat(args->to, &st) == 0 && S_ISDIR(st.st_mode));
    return folder ? file_join(args->to, name) : mem_strdup(args->to);
}

/* Is what FD holds what the catalog says? A picture without a digest in the
 * catalog is compared by its size. */
static int verify(int fd, const struct picture *p, struct error *err)
{
    char hex[DIGEST_HEX_SIZE];
    struct stat st;
    if (fstat(fd, &st) < 0) {
        return error_errno(err, ERROR_STORE, "cannot stat the copy");
    }
    if (st.st_size != p->file_size_bytes) {
        return error_set(err, ERROR_STORE, "the store gave %jd bytes, not %" PRId64,
                         (intmax_t)st.st_size, p->file_size_bytes);
    }
    if (!p->sha256) {
        return 0;
    }
    if (digest_file(DIGEST_SHA256, fd, -1, hex, err) < 0) {
        return -1;
    }
    if (strcmp(hex, p->sha256) != 0) {
        error_set(err, ERROR_STORE, "the stored copy is damaged: its digest is another");
        return error_hint(err, "if you have the original: imgctl upload --force FILE");
    }
    return 0;
}

static int copy_to_stdout(int fd, struct error *err)
{
    char piece[65536];
    ssize_t n;
    for (off_t at = 0; (n = pread(fd, piece, sizeof piece, at)) > 0; at += n) {
        if (file_write_all(STDOUT_FILENO, piece, (size_t)n) < 0) {
            return error_errno(err, ERROR_FAILED, "cannot write to standard output");
        }
    }
    return n < 0 ? error_errno(err, ERROR_STORE, "cannot read the copy") : 0;
}

/* Fetch, verify, and only then give it its name. */
static int fetch(struct store *store, const struct picture *p, const char *target,
                 bool force, struct error *err)
{
    struct stored what = picture_stored(p);
    AUTO_TEMP struct temp_file temp = TEMP_FILE_INIT;
    if (!target) {
        AUTO_FD int fd = file_scratch(err);
        return fd < 0 || store->ops->get(store, &what, p->sha256, fd, err) < 0 ||
                       verify(fd, p, err) < 0
                   ? -1
                   : copy_to_stdout(fd, err);
    }
    if (!force && access(target, F_OK) == 0) {
        error_set(err, ERROR_USAGE, "%s is there already", target);
        return error_hint(err, "--force replaces it");
    }
    const char *slash = strrchr(target, '/');
    AUTO_FREE char *folder = slash ? mem_strndup(target, (size_t)(slash - target) + 1)
                                   : mem_strdup(".");
    if (temp_file_create(&temp, folder, err) < 0 ||
        store->ops->get(store, &what, p->sha256, temp.fd, err) < 0 ||
        verify(temp.fd, p, err) < 0) {
        return -1;
    }
    if (fchmod(temp.fd, 0644) < 0) {
        return error_errno(err, ERROR_FAILED, "cannot set the mode of %s", target);
    }
    return temp_file_commit(&temp, target, force, err);
}

struct copying {
    struct app *app;
    const struct get_args *args;
    struct open_stores stores;
};

static int get_one(void *cookie, const char *operand, struct picture *p,
                   struct report *report, struct error *err)
{
    struct copying *c = cookie;
    AUTO_FREE char *target = target_for(c->args, p);
    struct store *store = open_stores_get(&c->stores, c->app, p->storage_provider, err);
    if (!store || fetch(store, p, target, c->args->force, err) < 0) {
        return -1;
    }
    if (target) {
        report_done(report, &(struct report_item){
                                .input = operand,
                                .id = p->id,
                                .status = "copied",
                                .record = p,
                                .bytes = p->file_size_bytes,
                                .label = p->original_filename,
                                .detail = target,
                            });
    }
    return 0;
}

/* Standard output gets the bytes of one picture and no report. */
static int get_to_stdout(struct copying *c, const struct strlist *ids, struct error *err)
{
    AUTO_PICTURE struct picture p = PICTURE_INIT;
    if (ids->len != 1) {
        return error_set(err, ERROR_USAGE, "-o - goes with one picture");
    }
    return ids_find(c->app->catalog, ids->items[0], &p, err) < 0
               ? -1
               : get_one(c, ids->items[0], &p, NULL, err);
}

static int run(struct app *app, void *arguments, struct error *err)
{
    const struct get_args *args = arguments;
    AUTO_STRLIST struct strlist ids = STRLIST_INIT;
    struct copying c = { .app = app, .args = args };
    struct report report;
    int result = 0;
    if (ids_expand(app->catalog, &args->operands, &ids, err) < 0) {
        return -1;
    }
    if (args->to && strcmp(args->to, "-") == 0) {
        result = get_to_stdout(&c, &ids, err);
    } else {
        if (report_begin(&report, &args->output, &picture_type, "image", false, err) < 0) {
            return -1;
        }
        pictures_each(app, &ids, get_one, &c, &report);
        result = report_end(&report, NULL);
    }
    open_stores_close(&c.stores);
    return result;
}

const struct command cmd_get = {
    .name = "get",
    .summary = "copy pictures out of their store",
    .group = "Library",
    .args_size = sizeof(struct get_args),
    .sets = {
        { options, 0, NULL },
        { output_work_options, offsetof(struct get_args, output), "Output" },
    },
    .operands = operands,
    .examples = examples,
    .needs = NEEDS_CATALOG_IF_THERE,
    .run = run,
};
