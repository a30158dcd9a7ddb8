#include "content.h"

#include <unistd.h>

#include "imgctl/file.h"

struct reading {
    struct digest *digest;
    bool begun;
};

static void digest_piece(void *cookie, const void *data, size_t len)
{
    struct reading *r = cookie;
    r->begun = true;
    digest_update(r->digest, data, len);
}

int content_check(int fd, int64_t size, const struct image_limits *limits,
                  struct content *ret, struct error *err)
{
    ret->sha256[0] = '\0';
    ret->fd = fd;
    ret->size = size;
    return image_check(fd, size, limits, NULL, NULL, &ret->info, err);
}

int content_inspect(int fd, int64_t size, const struct image_limits *limits,
                    struct content *ret, struct error *err)
{
    struct reading r = { .begun = false };
    ret->sha256[0] = '\0';
    if (digest_start(DIGEST_SHA256, &r.digest, err) < 0) {
        return -1;
    }
    int result = image_check(fd, size, limits, digest_piece, &r, &ret->info, err);
    if (r.begun) {
        digest_finish_hex(r.digest, ret->sha256);
    } else {
        digest_free(r.digest);
    }
    ret->fd = fd;
    ret->size = size;
    return result;
}

int content_strip(struct content *c, enum image_strip what,
                  const struct image_limits *limits, int *stripped_fd, struct error *err)
{
    bool may_have_gps = c->info.has_gps || c->info.may_hide_gps;
    if (what == STRIP_NONE || (what == STRIP_GPS && !may_have_gps)) {
        return 0;
    }
    *stripped_fd = file_scratch(err);
    if (*stripped_fd < 0) {
        return -1;
    }
    int changed = image_strip(c->fd, c->size, what, *stripped_fd, err);
    if (changed <= 0) {
        return changed;
    }
    off_t size = lseek(*stripped_fd, 0, SEEK_END);
    return size < 0 ? error_errno(err, ERROR_STORE, "cannot keep the stripped picture")
                    : content_inspect(*stripped_fd, size, limits, c, err);
}
