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
#include "imgctl/text.h"
#include "pictures.h"
#include "repairing.h"

struct get_args {
    struct strlist operands;
    const char *to, *size;
    bool force;
    struct convert_args convert;
    struct output_args output;
};

static const struct option options[] = {
    { OPT_TEXT(struct get_args, to), .letter = 'o', .name = "output", .value = "FILE|DIR",
      .complete = COMPLETE_FILE,
      .help = "where to put it (default: its own name in the current folder); - is"
              " standard output" },
    { OPT_FLAG(struct get_args, force), .letter = 'f', .name = "force",
      .help = "replace a file that is there" },
    { OPT_TEXT(struct get_args, size), .name = "size", .value = "WxH",
      .help = "a copy that fits into W x H pixels, never enlarged" },
    { OPT_INT(struct get_args, convert.width), .name = "max-width", .value = "N",
      .min = 1, .max = 65535, .help = "a copy that is at most N pixels wide" },
    { OPT_INT(struct get_args, convert.height), .name = "max-height", .value = "N",
      .min = 1, .max = 65535, .help = "a copy that is at most N pixels high" },
    { OPT_CHOICE(struct get_args, convert.format), .name = "as", .value = "FORMAT",
      .choices = format_names,
      .help = "a copy as jpeg, png or webp; --format webp means the same" },
    { OPT_INT(struct get_args, convert.quality), .name = "quality", .value = "Q",
      .min = 1, .max = 100, .help = "a copy encoded anew in this quality" },
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
    "imgctl get 42 --size 1080x1080 --as webp -o small.webp",
    NULL,
};

struct copying {
    struct app *app;
    const struct get_args *args;
    struct open_stores stores;
    bool is_converted;
    struct fix_options fix;
    struct strlist written; /* with --force, which must not replace one by another */
};

/*
 * A name for the file, from what the catalog says: never a path, never hidden,
 * with the extension of what it is if it had none.
 */
static char *file_name_for(const struct picture *p, enum image_format format)
{
    const char *name = file_base_name(p->original_filename);
    name += strspn(name, ".");
    if (*name == '\0') {
        name = "picture";
    }
    const char *mime = p->mime_type ? p->mime_type : ""; /* a row from elsewhere */
    const char *extension = strcmp(mime, "image/png") == 0    ? "png"
                            : strcmp(mime, "image/webp") == 0 ? "webp"
                                                              : "jpg";
    const char *dot = strchr(name, '.') ? strrchr(name, '.') : name + strlen(name);
    bool is_same = *mime && strcmp(extension, image_extension(format)) == 0;
    if (format == IMAGE_NONE || is_same) {
        return mem_printf("%s%s%s", name, *dot ? "" : ".", *dot ? "" : extension);
    }
    return mem_printf("%.*s.%s", (int)(dot - name), name, image_extension(format));
}

/* The file to write, or NULL for standard output. */
static char *target_for(const struct get_args *args, enum image_format format,
                        const struct picture *p)
{
    AUTO_FREE char *name = file_name_for(p, format);
    if (!args->to) {
        return mem_strdup(name);
    }
    if (strcmp(args->to, "-") == 0) {
        return NULL;
    }
    return file_means_folder(args->to) ? file_join(args->to, name) : mem_strdup(args->to);
}

/* Is what FD holds what the catalog says? A picture without a digest in the
 * catalog is compared by its size, one without that by nothing. */
static int verify(int fd, const struct picture *p, struct error *err)
{
    char hex[DIGEST_HEX_SIZE];
    struct stat st;
    if (fstat(fd, &st) < 0) {
        return error_errno(err, ERROR_STORE, "cannot stat the copy");
    }
    if (p->file_size_bytes > 0 && st.st_size != p->file_size_bytes) {
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

/* The verified bytes of P, into FD. */
static int fetch_original(struct store *store, const struct picture *p, int fd,
                          struct error *err)
{
    struct stored what = picture_stored(p);
    int got = store->ops->get(store, &what, p->sha256, fd, err);
    return got < 0 ? -1 : verify(fd, p, err);
}

/* The same, converted. */
static int fetch_converted(struct store *store, const struct picture *p,
                           const struct fix_options *fix, int fd, struct error *err)
{
    AUTO_FD int original = file_scratch(err);
    struct rule_facts facts = { .bytes = 0 };
    struct fix_result result;
    struct fix_plan plan;
    struct stat st;
    if (original < 0 || fetch_original(store, p, original, err) < 0) {
        return -1;
    }
    if (fstat(original, &st) < 0) {
        return error_errno(err, ERROR_STORE, "cannot stat the copy");
    }
    facts.bytes = st.st_size;
    if (image_probe(original, facts.bytes, &fix->limits, &facts.info, err) < 0 ||
        fix_plan(fix, &facts, &plan, err) < 0) {
        return -1;
    }
    if (!plan.is_needed) {
        return file_copy(original, facts.bytes, fd) < 0
                   ? error_errno(err, ERROR_FAILED, "cannot write the copy")
                   : 0;
    }
    return image_codec_load(err) < 0
               ? -1
               : fix_apply(fix, &plan, original, facts.bytes, fd, &result, err);
}

static int fetch_into(struct copying *c, struct store *store, const struct picture *p,
                      int fd, struct error *err)
{
    return c->is_converted ? fetch_converted(store, p, &c->fix, fd, err)
                           : fetch_original(store, p, fd, err);
}

static int copy_to_stdout(int fd, struct error *err)
{
    struct stat st;
    if (fstat(fd, &st) < 0) {
        return error_errno(err, ERROR_STORE, "cannot stat the copy");
    }
    return file_copy(fd, st.st_size, STDOUT_FILENO) < 0
               ? error_errno(err, ERROR_FAILED, "cannot write to standard output")
               : 0;
}

/* Fetch, verify, and only then give it its name. */
static int fetch(struct copying *c, struct store *store, const struct picture *p,
                 const char *target, struct error *err)
{
    bool force = c->args->force;
    AUTO_TEMP struct temp_file temp = TEMP_FILE_INIT;
    struct stat st;
    if (!target) {
        AUTO_FD int fd = file_scratch(err);
        return fd < 0 || fetch_into(c, store, p, fd, err) < 0 ? -1
                                                              : copy_to_stdout(fd, err);
    }
    if (!force && lstat(target, &st) == 0) {
        error_set(err, ERROR_USAGE, "%s is there already", target);
        return error_hint(err, "--force replaces it");
    }
    return temp_file_beside(&temp, target, err) < 0 ||
                   fetch_into(c, store, p, temp.fd, err) < 0 ||
                   file_share(temp.fd, 0666, err) < 0
               ? -1
               : temp_file_commit(&temp, target, force, err);
}

/* The same into TARGET, which --force may replace, but not when it was just written. */
static int fetch_once(struct copying *c, struct store *store, const struct picture *p,
                      const char *target, struct error *err)
{
    bool may_replace = target && c->args->force;
    if (may_replace && strlist_has(&c->written, target)) {
        error_set(err, ERROR_USAGE, "%s was just written, of another picture", target);
        return error_hint(err, "pictures of one name need folders of their own");
    }
    if (fetch(c, store, p, target, err) < 0) {
        return -1;
    }
    if (may_replace) {
        strlist_add(&c->written, target);
    }
    return 0;
}

static int get_one(void *cookie, const char *operand, struct picture *p,
                   struct report *report, struct error *err)
{
    struct copying *c = cookie;
    AUTO_FREE char *target = target_for(c->args, c->fix.format, p);
    struct store *store = open_stores_get(&c->stores, c->app, p->storage_provider, err);
    if (!store || fetch_once(c, store, p, target, err) < 0) {
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

/* One after the other they would replace each other. */
static int check_target(const char *to, size_t count, struct error *err)
{
    if (!to || count <= 1 || file_means_folder(to)) {
        return 0;
    }
    error_set(err, ERROR_USAGE, "%zu pictures do not go into one file", count);
    return error_hint(err, "for a folder of this name: -o %s/", to);
}

/* "1080x1350" */
static bool parse_box(const char *text, int64_t *width, int64_t *height)
{
    const char *x = strchr(text, 'x');
    AUTO_FREE char *first = x ? mem_strndup(text, (size_t)(x - text)) : NULL;
    return x && text_parse_int(first, 1, 65535, width) &&
           text_parse_int(x + 1, 1, 65535, height);
}

static int choose_conversion(struct copying *c, struct output_args *output,
                             struct error *err)
{
    struct convert_args convert = c->args->convert;
    const char *size = c->args->size;
    format_take(output, &convert.format);
    if (size && (convert.width || convert.height)) {
        return error_set(err, ERROR_USAGE, "--size is width and height already");
    }
    if (size && !parse_box(size, &convert.width, &convert.height)) {
        return error_set(err, ERROR_USAGE, "--size: \"%s\" is no size such as 1080x1350",
                         size);
    }
    c->is_converted = convert_is_wanted(&convert);
    c->fix = convert_fix(&convert);
    c->fix.limits = repairing_limits(c->app);
    return 0;
}

static int run(struct app *app, void *arguments, struct error *err)
{
    const struct get_args *args = arguments;
    AUTO_STRLIST struct strlist ids = STRLIST_INIT;
    struct copying c = { .app = app, .args = args };
    struct report report;
    struct output_args output = args->output;
    int result = 0;
    if (choose_conversion(&c, &output, err) < 0 ||
        ids_expand(app->catalog, &args->operands, &ids, err) < 0) {
        return -1;
    }
    if (args->to && strcmp(args->to, "-") == 0) {
        result = get_to_stdout(&c, &ids, err);
    } else {
        if (check_target(args->to, ids.len, err) < 0 ||
            report_begin(&report, &output, &picture_type, "image", false, err) < 0) {
            return -1;
        }
        pictures_each(app, &ids, get_one, &c, &report);
        result = report_end(&report, NULL);
    }
    open_stores_close(&c.stores);
    strlist_release(&c.written);
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
