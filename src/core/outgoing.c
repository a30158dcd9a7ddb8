#include "outgoing.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "imgctl/file.h"
#include "imgctl/mem.h"

#define PIECE ((size_t)256 * 1024)

static void digest_piece(void *cookie, const void *data, size_t len)
{
    digest_update(cookie, data, len);
}

static int size_of(int fd, int64_t *ret, struct error *err)
{
    off_t size = lseek(fd, 0, SEEK_END);
    *ret = size;
    return size < 0 ? error_errno(err, ERROR_STORE, "cannot read a scratch file") : 0;
}

/* Check and digest FD in one reading. It was let in once: there is no limit. The
 * digest is there even of a picture that is damaged. */
static int inspect(struct outgoing *o, int fd, struct error *err)
{
    static const struct image_limits no_limits = { 0, 0, 0 };
    struct digest *d;
    if (size_of(fd, &o->size, err) < 0 || digest_start(DIGEST_SHA256, &d, err) < 0) {
        return -1;
    }
    int result = image_check(fd, o->size, &no_limits, digest_piece, d, &o->info, err);
    digest_finish_hex(d, o->sha256);
    o->fd = fd;
    return result;
}

static int compare(const char *got, const char *wanted, const struct store *store,
                   struct error *err)
{
    if (wanted && strcmp(got, wanted) == 0) {
        return 0;
    }
    return error_set(err, ERROR_STORE, "the store %s has other bytes: SHA-256 %s, not %s",
                     store->ops->name, got, wanted ? wanted : "known");
}

static int strip(struct outgoing *o, enum image_strip what, struct error *err)
{
    if (what == STRIP_NONE || (what == STRIP_GPS && !o->info.has_gps)) {
        return 0;
    }
    o->stripped_fd = file_scratch(err);
    if (o->stripped_fd < 0) {
        return -1;
    }
    int changed = image_strip(o->stored_fd, o->size, what, o->stripped_fd, err);
    return changed <= 0 ? changed : inspect(o, o->stripped_fd, err);
}

int outgoing_read(struct outgoing *o, struct store *store, const struct stored *what,
                  const char *sha256, enum image_strip what_to_strip, struct error *err)
{
    *o = (struct outgoing)OUTGOING_INIT;
    o->stored_fd = file_scratch(err);
    if (o->stored_fd < 0 || store->ops->get(store, what, sha256, o->stored_fd, err) < 0) {
        return -1;
    }
    int result = inspect(o, o->stored_fd, err);
    if (o->sha256[0] && compare(o->sha256, sha256, store, err) < 0) {
        return error_hint(err, "the stored file is damaged; if you have the picture, "
                               "upload it again with --force --store local");
    }
    return result < 0 ? -1 : strip(o, what_to_strip, err);
}

void outgoing_release(struct outgoing *o)
{
    mem_cleanup_fd(&o->stored_fd);
    mem_cleanup_fd(&o->stripped_fd);
    *o = (struct outgoing)OUTGOING_INIT;
}

static int digest_file(int fd, char out[DIGEST_HEX_SIZE], struct error *err)
{
    AUTO_FREE char *piece = mem_alloc(PIECE);
    struct digest *d;
    if (digest_start(DIGEST_SHA256, &d, err) < 0) {
        return -1;
    }
    for (off_t at = 0;;) {
        ssize_t n = pread(fd, piece, PIECE, at);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n < 0) {
            digest_free(d);
            return error_errno(err, ERROR_STORE, "cannot read a scratch file");
        }
        if (n == 0) {
            digest_finish_hex(d, out);
            return 0;
        }
        digest_update(d, piece, (size_t)n);
        at += n;
    }
}

int outgoing_confirm(struct store *store, const struct stored *what, const char *sha256,
                     struct error *err)
{
    char got[DIGEST_HEX_SIZE];
    AUTO_FD int fd = file_scratch(err);
    if (fd < 0 || store->ops->get(store, what, sha256, fd, err) < 0 ||
        digest_file(fd, got, err) < 0) {
        return -1;
    }
    return compare(got, sha256, store, err);
}
