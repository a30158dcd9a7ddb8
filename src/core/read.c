/* Opening and digesting, and what else a batch does in its threads. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "imgctl/file.h"
#include "imgctl/inputs.h"
#include "imgctl/mem.h"
#include "slot.h"

static struct slot *slot_of(struct pool_task *task)
{
    return (struct slot *)((char *)task - offsetof(struct slot, task));
}

static void give_to_pool(struct slot *s, struct pool_task task)
{
    s->task = task;
    s->batch->in_pool++;
    pool_add(s->batch->pool, &s->task);
}

void slot_came_back(struct slot *s)
{
    s->batch->in_pool--;
    switch (s->stage) {
    case SLOT_READING:
        s->is_sound = s->task_result == 0;
        s->stage = SLOT_PREPARED;
        break;
    case SLOT_SENDING:
        s->batch->in_store--;
        slot_want_catalog(s, SLOT_SENT);
        break;
    default:
        slot_over(s);
    }
}

/* ---- Reading ---- */

int slot_read_input(struct slot *s, unsigned worker)
{
    return prepare(&s->batch->options, s->result.input, slot_origin(s),
                   &s->batch->clients[worker], &s->prepared, s->change, &s->result.error);
}

static bool wants_digest(const struct slot *s)
{
    const struct upload_conversion *c = s->batch->options.conversion;
    bool is_planned = c && c->plan_only; /* nothing was made, nothing is stored */
    return s->task_result == 0 && s->batch->work->digests && !is_planned &&
           !s->prepared.bytes.sha256[0];
}

static struct digest_job digest_job(struct slot *s)
{
    struct content *bytes = &s->prepared.bytes;
    return (struct digest_job){ .fd = bytes->fd, .size = bytes->size,
                                .hex = bytes->sha256, .err = &s->result.error };
}

static void read_slots(struct slot *const slots[], size_t count, unsigned worker)
{
    struct digest_job jobs[2];
    struct slot *digested[2];
    size_t wanted = 0;
    for (size_t i = 0; i < count; i++) {
        struct slot *s = slots[i];
        s->task_result = s->batch->work->read(s, worker);
        if (wants_digest(s)) {
            digested[wanted] = s;
            jobs[wanted++] = digest_job(s);
        }
    }
    digest_files(jobs, wanted);
    for (size_t i = 0; i < wanted; i++) {
        digested[i]->task_result = jobs[i].result;
    }
    for (size_t i = 0; i < count; i++) {
        struct slot *s = slots[i];
        if (s->task_result == 0) {
            s->task_result = source_unchanged(&s->prepared.source, &s->result.error);
        }
    }
}

static void read_one(struct pool_task *task, unsigned worker)
{
    read_slots((struct slot *[]){ slot_of(task) }, 1, worker);
}

static void read_two(struct pool_task *one, struct pool_task *two, unsigned worker)
{
    read_slots((struct slot *[]){ slot_of(one), slot_of(two) }, 2, worker);
}

void slot_read(struct slot *s)
{
    s->stage = SLOT_READING;
    s->is_cached = false;
    if (s->batch->options.conversion && !s->change) {
        s->change = mem_alloc(sizeof *s->change);
        s->result.change = s->change;
    }
    bool waits = input_may_wait(s->result.input);
    give_to_pool(s, (struct pool_task){
        .run = read_one,
        .run_two = s->batch->work->digests && !waits ? read_two : NULL,
        .waits = waits,
    });
}

/* ---- Files whose content is known ---- */

static int64_t nanoseconds(struct timespec t)
{
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static void make_key(const struct slot *s, const struct stat *st, struct file_key *key)
{
    const struct upload_conversion *conversion = s->batch->options.conversion;
    *key = (struct file_key){
        .path = s->path,
        .device = (int64_t)st->st_dev,
        .inode = (int64_t)st->st_ino,
        .size = st->st_size,
        .modified = nanoseconds(st->st_mtim),
        .changed = nanoseconds(st->st_ctim),
        .strip = s->batch->options.strip,
        .conversion = conversion ? conversion->key : "",
    };
}

bool slot_file_key(const struct slot *s, struct file_key *key)
{
    const struct stat *st = &s->prepared.source.at_open;
    if (!s->path || s->is_cached || !s->is_sound) {
        return false;
    }
    make_key(s, st, key);
    /* The catalog would refuse it: then no group need be written for it. */
    int64_t settled = (s->prepared.checked_at - 2000) * 1000000;
    return key->modified <= settled && key->changed <= settled;
}

/* Absolute, but not cleaned of links and dots: inode and times are in the key. */
static bool recall(struct slot *s)
{
    struct batch *b = s->batch;
    struct error ignored = ERROR_INIT; /* then it is read */
    struct file_key key;
    struct stat st;
    bool may = b->catalog && s->path && !b->options.no_cache && !b->options.force &&
               !b->how.remove_source;
    if (!may || stat(s->path, &st) < 0 || !S_ISREG(st.st_mode) ||
        st.st_size > b->options.limits.bytes) {
        return false;
    }
    make_key(s, &st, &key);
    return catalog_file_known(b->catalog, &key, s->prepared.bytes.sha256, &ignored) > 0;
}

void slot_open_file(struct slot *s, const char *input)
{
    bool is_file = strcmp(input, "-") != 0 && !input_is_url(input);
    s->result = (struct batch_result){ .input = input, .picture = PICTURE_INIT };
    s->path = is_file && !slot_origin(s) ? file_absolute(input) : NULL;
    if (recall(s)) {
        s->is_cached = s->is_sound = true;
        s->stage = SLOT_PREPARED;
    } else {
        slot_read(s);
    }
}

/* ---- Storing with a thread ---- */

static void put_task(struct pool_task *task, unsigned worker)
{
    struct slot *s = slot_of(task);
    struct store *store = s->batch->store;
    (void)worker;
    s->task_result = store->ops->put(store, &s->item, &s->stored, &s->result.error);
    s->result.failed = s->task_result < 0;
}

void slot_put_in_pool(struct slot *s)
{
    give_to_pool(s, (struct pool_task){ .run = put_task });
}

/* ---- Removing the source ---- */

/* Bytes and digest as the service told them when it took the picture. Of one that it
 * took long ago it was asked before, by slot_verify(). */
static int verify_remote(const struct slot *s, struct error *err)
{
    const struct stored *remote = &s->result.picture.remote;
    char md5[DIGEST_HEX_SIZE];
    if (!remote->etag || remote->bytes != s->prepared.bytes.size) {
        return error_set(err, ERROR_STORE,
                         "the store did not say enough to verify its copy");
    }
    const struct content *sent = &s->prepared.bytes;
    if (digest_file(DIGEST_MD5, sent->fd, sent->size, md5, err) < 0) {
        return -1;
    }
    return strcasecmp(md5, remote->etag) == 0
               ? 0
               : error_set(err, ERROR_STORE, "the copy in the store differs");
}

/* What the store says now of its copy, a local one by reading it. */
static int examine(const struct slot *s, struct error *err)
{
    struct store *store = s->batch->store;
    const struct picture *p = &s->result.picture;
    struct stored what = picture_stored(p);
    struct store_fact fact = {
        .what = &what, .sha256 = p->sha256, .size = s->prepared.bytes.size,
    };
    if (store->ops->examine(store, &fact, 1, true, err) < 0) {
        return -1;
    }
    if (fact.state == STORE_LACKS) {
        return error_set(err, ERROR_STORE, "its copy in the store is gone");
    }
    return fact.state == STORE_HAS
               ? 0
               : error_set(err, ERROR_STORE, "its copy in the store: %s", fact.why);
}

/* The name must still lead to the file that was read, as it was read. It may be named
 * twice, and is gone then. */
static int remove_source(const struct slot *s, struct error *err)
{
    const struct source *source = &s->prepared.source;
    struct stat now;
    if (source_unchanged(source, err) < 0) {
        return -1;
    }
    int found = lstat(s->path, &now);
    if (found < 0 && errno == ENOENT) {
        return 0;
    }
    if (found < 0 || now.st_ino != source->at_open.st_ino ||
        now.st_dev != source->at_open.st_dev) {
        return error_set(err, ERROR_FILE, "its name leads to another file now");
    }
    return unlink(s->path) < 0 ? error_errno(err, ERROR_FILE, "cannot remove it") : 0;
}

/* Whoever uploads out of the store's own folder would lose the only copy. */
static int check_apart(const struct slot *s, struct error *err)
{
    struct store *store = s->batch->store;
    struct stored what = picture_stored(&s->result.picture);
    const struct stat *source = &s->prepared.source.at_open;
    struct stat copy;
    if (!store->ops->open) {
        return 0;
    }
    AUTO_FD int fd = store->ops->open(store, &what, s->result.picture.sha256, err);
    if (fd < 0) {
        return -1;
    }
    if (fstat(fd, &copy) < 0) {
        return error_errno(err, ERROR_STORE, "cannot look at its copy in the store");
    }
    return copy.st_ino == source->st_ino && copy.st_dev == source->st_dev
               ? error_set(err, ERROR_STORE, "it is the copy in the store itself")
               : 0;
}

static void verify_task(struct pool_task *task, unsigned worker)
{
    struct slot *s = slot_of(task);
    struct error *err = &s->result.error;
    (void)worker;
    int result = s->batch->store->ops->is_remote ? verify_remote(s, err)
                                                 : examine(s, err);
    if (result == 0 && check_apart(s, err) == 0) {
        remove_source(s, err);
    }
}

void slot_verify(struct slot *s)
{
    const struct store *store = s->batch->store;
    bool is_old = store->ops->is_remote && s->result.status != UPLOAD_STORED;
    if (is_old && examine(s, &s->result.error) < 0) {
        slot_over(s);
        return;
    }
    s->stage = SLOT_VERIFYING;
    give_to_pool(s, (struct pool_task){ .run = verify_task });
}
