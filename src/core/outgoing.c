#include "outgoing.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "imgctl/file.h"
#include "imgctl/mem.h"

/* It was let in once: there is no limit. */
static const struct image_limits no_limits = { 0, 0, 0 };

static int compare(const char *got, const char *wanted, const struct store *store,
                   struct error *err)
{
    if (wanted && strcmp(got, wanted) == 0) {
        return 0;
    }
    return error_set(err, ERROR_STORE, "the store %s has other bytes: SHA-256 %s, not %s",
                     store->ops->name, got, wanted ? wanted : "known");
}

int outgoing_read(struct outgoing *o, struct store *store, const struct stored *what,
                  const char *sha256, enum image_strip what_to_strip, struct error *err)
{
    *o = (struct outgoing)OUTGOING_INIT;
    o->stored_fd = file_scratch(err);
    if (o->stored_fd < 0 || store->ops->get(store, what, sha256, o->stored_fd, err) < 0) {
        return -1;
    }
    off_t size = lseek(o->stored_fd, 0, SEEK_END);
    if (size < 0) {
        return error_errno(err, ERROR_STORE, "cannot read a scratch file");
    }
    int result = content_inspect(o->stored_fd, size, &no_limits, &o->bytes, err);
    if (o->bytes.sha256[0] && compare(o->bytes.sha256, sha256, store, err) < 0) {
        return error_hint(err, "the stored file is damaged; if you have the picture, "
                               "upload it again with --force --store local");
    }
    return result < 0 ? -1
                      : content_strip(&o->bytes, what_to_strip, &no_limits,
                                      &o->stripped_fd, err);
}

void outgoing_release(struct outgoing *o)
{
    mem_cleanup_fd(&o->stored_fd);
    mem_cleanup_fd(&o->stripped_fd);
    *o = (struct outgoing)OUTGOING_INIT;
}

int outgoing_confirm(struct store *store, const struct stored *what, const char *sha256,
                     struct error *err)
{
    char got[DIGEST_HEX_SIZE];
    AUTO_FD int fd = file_scratch(err);
    if (fd < 0 || store->ops->get(store, what, sha256, fd, err) < 0 ||
        digest_file(DIGEST_SHA256, fd, -1, got, err) < 0) {
        return -1;
    }
    return compare(got, sha256, store, err);
}
