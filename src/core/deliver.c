/* From the spool to where the pictures were meant to go. */
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "generation.h"
#include "imgctl/digest.h"
#include "imgctl/file.h"
#include "imgctl/json.h"
#include "imgctl/mem.h"

/* What the job remembers of how its pictures are to be kept. */
struct keeping {
    const struct delivery *d;
    struct json *parameters;
    struct job_picture *pictures;
    size_t count;
    struct strlist tags;
};

/* ---- Files ---- */

/* "cat.png" is "cat-2.png" where there are several. */
static char *numbered(const char *path, int64_t count, int64_t position)
{
    const char *base = file_base_name(path);
    const char *dot = strrchr(base, '.');
    size_t stem = dot && dot > base ? (size_t)(dot - path) : strlen(path);
    if (count == 1) {
        return mem_strdup(path);
    }
    return mem_printf("%.*s-%" PRId64 "%s", (int)stem, path, position + 1, path + stem);
}

static int copy(int from, int64_t size, int to, const char *name, struct error *err)
{
    return file_copy(from, size, to) < 0
               ? error_errno(err, ERROR_FAILED, "cannot write %s", name)
               : 0;
}

static int write_file(int fd, int64_t size, const char *path, bool replace,
                      struct error *err)
{
    AUTO_TEMP struct temp_file temp = TEMP_FILE_INIT;
    return temp_file_beside(&temp, path, err) < 0 ||
                   copy(fd, size, temp.fd, path, err) < 0 ||
                   file_share(temp.fd, 0666, err) < 0
               ? -1
               : temp_file_commit(&temp, path, replace, err);
}

static char *name_for(const struct keeping *k, size_t i, const char *path)
{
    const char *name = json_text(k->parameters, "name");
    char head[16] = "";
    AUTO_FD int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    ssize_t n = fd < 0 ? 0 : pread(fd, head, sizeof head, 0);
    enum image_format format = image_sniff(head, n > 0 ? (size_t)n : 0);
    const char *extension = format == IMAGE_NONE ? "bin" : image_extension(format);
    AUTO_FREE char *number = k->d->job->count > 1
                                 ? mem_printf("-%" PRId64, k->pictures[i].position + 1)
                                 : mem_strdup("");
    return mem_printf("%s%s.%s", name ? name : "generated", number, extension);
}

static bool is_preview(const struct keeping *k)
{
    return json_flag(k->parameters, "preview", false);
}

/* Where picture I in the file PATH of the spool is to be written; NULL: nowhere. The
 * standard output that was meant may be gone by now, and a preview is kept nowhere else:
 * it becomes a file here. */
static char *output_of(const struct keeping *k, size_t i, const char *path)
{
    const char *output = json_text(k->parameters, "output");
    bool is_stream = output && strcmp(output, "-") == 0;
    if (!output || (is_stream && !k->d->is_live && !is_preview(k))) {
        return NULL;
    }
    if (!is_stream) {
        return numbered(output, k->d->job->count, k->pictures[i].position);
    }
    if (k->d->is_live) {
        return mem_strdup(output);
    }
    AUTO_FREE char *name = name_for(k, i, path);
    return mem_strdup(file_base_name(name));
}

/* An earlier try may have written it, and somebody have worked on it since. */
static int check_written(const char *target, const char *sha256, struct error *err)
{
    char got[DIGEST_HEX_SIZE];
    struct stat st;
    AUTO_FD int fd = file_open_regular(target, &st, err);
    if (fd < 0 || digest_file(DIGEST_SHA256, fd, st.st_size, got, err) < 0) {
        return error_wrap(err, "%s", target);
    }
    return strcmp(got, sha256) == 0
               ? 0
               : error_set(err, ERROR_USAGE, "%s is another file by now, and stays",
                           target);
}

/* As it came, before anything is taken out of it for a store. */
static int write_output(const struct keeping *k, size_t i, struct generated *g,
                        struct error *err)
{
    AUTO_FREE char *path = spool_picture_path(k->d->spool, (int)k->pictures[i].position);
    AUTO_FREE char *target = output_of(k, i, path);
    struct stat st;
    if (!target) {
        return 0;
    }
    AUTO_FD int fd = file_open_regular(path, &st, err);
    if (fd < 0) {
        return error_wrap(err, "%s", path);
    }
    if (strcmp(target, "-") == 0) {
        return copy(fd, st.st_size, STDOUT_FILENO, "standard output", err);
    }
    bool is_there = !k->d->is_live && access(target, F_OK) == 0;
    if (is_there ? check_written(target, k->pictures[i].sha256, err) < 0
                 : write_file(fd, st.st_size, target, k->d->is_live, err) < 0) {
        return -1;
    }
    g->output = target;
    target = NULL;
    return 0;
}

/* ---- The store ---- */

struct row {
    const struct keeping *k;
    size_t index;
    struct generated *generated;
};

/* In the transaction that adds the row. */
static int picture_has_row(void *cookie, const struct picture *p, struct error *err)
{
    const struct row *row = cookie;
    return catalog_job_picture_stored(row->k->d->catalog, row->k->d->job->id,
                                      row->k->pictures[row->index].position, p->id, err);
}

static void uploaded(void *cookie, const struct batch_result *result)
{
    struct row *row = cookie;
    struct generated *g = row->generated;
    struct error ignored = ERROR_INIT; /* the picture is stored: that is what counts */
    if (result->failed) {
        g->error = result->error;
    }
    if (result->failed || result->skipped) {
        return;
    }
    g->stored = true;
    g->duplicate = result->status == UPLOAD_DUPLICATE;
    catalog_picture(row->k->d->catalog, result->picture.id, &g->picture, &ignored);
}

/* The way of every upload, for one picture of the spool. */
static int store_picture(const struct keeping *k, size_t i, struct generated *g,
                         struct error *err)
{
    const struct delivery *d = k->d;
    AUTO_FREE char *path = spool_picture_path(d->spool, (int)k->pictures[i].position);
    AUTO_FREE char *name = name_for(k, i, path);
    AUTO_FREE char *source = mem_printf("job %" PRId64, d->job->id);
    AUTO_STRLIST struct strlist inputs = STRLIST_INIT;
    struct row row = { .k = k, .index = i, .generated = g };
    struct upload_origin origin = {
        .is_generated = true,
        .prompt = d->job->prompt,
        .model = d->job->model,
        .derived_from = json_number(k->parameters, "derived_from", 0),
        .source = source,
        .recorded = picture_has_row,
        .cookie = &row,
    };
    struct upload_options upload = {
        .strip = d->options->strip,
        .business_id = d->job->business_id,
        .name = name,
        .alt_text = json_text(k->parameters, "alt_text"),
        .tags = &k->tags,
        .no_cache = true,
        .origins = &origin,
        .config = d->options->config,
        .trace_fd = d->options->trace_fd,
    };
    struct batch_options how = { .jobs = 1 };
    strlist_add(&inputs, path);
    struct batch *b = batch_new(&upload, &how, d->catalog, d->options->store, &inputs);
    struct batch_counts counts = { .total = 1 };
    int result = 0;
    *d->storing = b;
    if (atomic_load(d->interrupts) < 2) {
        result = batch_run(b, uploaded, NULL, &row, &counts, err);
    }
    *d->storing = NULL;
    if (result == 0 && counts.done < counts.total) {
        result = error_set(err, ERROR_FAILED, "interrupted before it was stored");
    }
    batch_free(b); /* also where it was ended at once: it is of one file */
    return result;
}

/* ---- All of a job ---- */

static int open_keeping(const struct delivery *d, struct keeping *k, struct error *err)
{
    const char *text = d->job->parameters ? d->job->parameters : "{}";
    *k = (struct keeping){ .d = d };
    if (json_parse(text, strlen(text), &k->parameters, err) < 0) {
        return error_wrap(err, "the parameters of job %" PRId64, d->job->id);
    }
    const struct json *tags = json_member(k->parameters, "tags");
    for (size_t i = 0; i < json_length(tags); i++) {
        const char *tag = json_as_text(json_at(tags, i));
        if (tag) {
            strlist_add(&k->tags, tag);
        }
    }
    return catalog_job_pictures(d->catalog, d->job->id, &k->pictures, &k->count, err);
}

static void close_keeping(struct keeping *k)
{
    json_free(k->parameters);
    strlist_release(&k->tags);
    job_pictures_free(k->pictures, k->count);
}

/* A picture of an earlier try, which has its row. */
static void recall(const struct keeping *k, size_t i, struct generated *g)
{
    struct error ignored = ERROR_INIT; /* it may be deleted by now */
    g->stored = true;
    catalog_picture(k->d->catalog, k->pictures[i].image_id, &g->picture, &ignored);
}

static void keep(const struct keeping *k, size_t i, struct generated *g)
{
    struct error output = ERROR_INIT;
    if (k->pictures[i].image_id > 0) {
        recall(k, i, g);
        return;
    }
    int written = write_output(k, i, g, &output);
    if (!is_preview(k) && store_picture(k, i, g, &g->error) < 0) {
        g->stored = false;
    }
    if (written < 0 && g->error.kind == ERROR_NONE) {
        g->error = output;
    }
}

/* All is where it was meant to go, or the catalog says why not. */
static void conclude(const struct keeping *k)
{
    struct generate_result *r = k->d->result;
    struct error ignored = ERROR_INIT; /* the next `jobs resume` says it again */
    const struct error *why = NULL;
    bool preview = is_preview(k);
    bool complete = r->count > 0;
    for (int i = 0; i < r->count; i++) {
        const struct generated *g = &r->pictures[i];
        complete = complete && (g->stored || (preview && g->error.kind == ERROR_NONE));
        why = !why && g->error.kind != ERROR_NONE ? &g->error : why;
    }
    if (complete && preview &&
        catalog_job_delivered(k->d->catalog, k->d->job->id, &ignored) < 0) {
        complete = false;
    }
    if (complete) {
        r->state = k->d->job->state = JOB_STORED;
        spool_remove(k->d->spool);
    } else if (why) {
        catalog_job_remark(k->d->catalog, k->d->job->id, why, &ignored);
    }
}

static void advise(struct generate_result *r)
{
    for (int i = 0; i < r->count; i++) {
        struct error *e = &r->pictures[i].error;
        if (e->kind != ERROR_NONE && !r->pictures[i].stored) {
            error_hint(e, "it is paid for and kept; imgctl jobs resume %" PRId64
                       " goes on with it", r->job);
        }
    }
}

void deliver(const struct delivery *d)
{
    struct generate_result *r = d->result;
    struct keeping k;
    if (open_keeping(d, &k, &r->error) < 0) {
        close_keeping(&k);
        return;
    }
    r->count = k.count < GENERATE_COUNT ? (int)k.count : GENERATE_COUNT;
    for (int i = 0; i < r->count; i++) {
        keep(&k, (size_t)i, &r->pictures[i]);
    }
    conclude(&k);
    advise(r);
    close_keeping(&k);
}
