/* What a batch does that writes files: no catalog, no store. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "imgctl/file.h"
#include "imgctl/mem.h"
#include "slot.h"

static bool is_standard_output(const struct upload_conversion *c)
{
    return strcmp(c->to, "-") == 0;
}

/* In the folder, under a name that is neither a path nor hidden. */
static char *target_of(const struct slot *s)
{
    const struct upload_conversion *c = s->batch->options.conversion;
    const char *name = file_base_name(s->prepared.source.name);
    name += strspn(name, ".");
    return c->to_folder ? file_join(c->to, *name ? name : "picture") : mem_strdup(c->to);
}

static int write_temporary(struct slot *s, struct error *err)
{
    const struct content *bytes = &s->prepared.bytes;
    AUTO_FREE char *target = target_of(s);
    if (temp_file_beside(&s->file, target, err) < 0) {
        return -1;
    }
    return file_copy(bytes->fd, bytes->size, s->file.fd) < 0
               ? error_errno(err, ERROR_FAILED, "cannot write the new picture")
               : 0;
}

static int read_and_write(struct slot *s, unsigned worker)
{
    const struct upload_conversion *c = s->batch->options.conversion;
    return slot_read_input(s, worker) < 0 ||
                   (!c->plan_only && !is_standard_output(c) &&
                    write_temporary(s, &s->result.error) < 0)
               ? -1
               : 0;
}

/* Does PATH lead to the file that was read? */
static bool is_source(const struct slot *s, const char *path)
{
    const struct stat *source = &s->prepared.source.at_open;
    struct stat st;
    return stat(path, &st) == 0 && st.st_dev == source->st_dev &&
           st.st_ino == source->st_ino;
}

static int give_name(struct slot *s, char *target, struct error *err)
{
    bool replace = s->batch->options.conversion->replace;
    struct stat st;
    if (is_source(s, target)) {
        error_set(err, ERROR_USAGE, "%s is the original", target);
        return error_hint(err, "originals are never overwritten: name another file");
    }
    if (batch_saw(s->batch, target)) {
        error_set(err, ERROR_USAGE, "%s was just written, of another picture", target);
        return error_hint(err, "pictures of one name need folders of their own");
    }
    if (!replace && lstat(target, &st) == 0) {
        error_set(err, ERROR_USAGE, "%s is there already", target);
        return error_hint(err, "--force replaces it");
    }
    return file_share(s->file.fd, 0666, err) < 0
               ? -1
               : temp_file_commit(&s->file, target, replace, err);
}

static int finish_file(struct slot *s, struct error *err)
{
    const struct upload_conversion *c = s->batch->options.conversion;
    const struct content *bytes = &s->prepared.bytes;
    s->result.status = s->change->plan.is_needed ? UPLOAD_WRITTEN : UPLOAD_COPIED;
    if (c->plan_only) {
        s->result.status = s->change->plan.is_needed ? UPLOAD_PLANNED : UPLOAD_FINE;
        return 0;
    }
    if (is_standard_output(c)) {
        return file_copy(bytes->fd, bytes->size, STDOUT_FILENO) < 0
                   ? error_errno(err, ERROR_FAILED, "cannot write to standard output")
                   : 0;
    }
    char *target = target_of(s);
    if (!s->change->plan.is_needed && c->to_folder && is_source(s, target)) {
        free(target); /* it is fine, and where it should be */
        return 0;
    }
    s->change->file = target;
    return give_name(s, target, err);
}

/* In input order, in the calling thread: of two of one name always the first gets it. */
static void recognise(struct slot *s)
{
    if (!s->is_sound || finish_file(s, &s->result.error) < 0) {
        slot_fail(s);
    } else {
        s->batch->counts.bytes += s->prepared.bytes.size;
        slot_over(s);
    }
}

const struct batch_work file_work = {
    .open = slot_open_file,
    .read = read_and_write,
    .recognise = recognise,
};
