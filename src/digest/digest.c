#include "imgctl/digest.h"

#include <errno.h>
#include <unistd.h>

#include "digest_parts.h"
#include "imgctl/mem.h"
#include "imgctl/module.h"
#include "imgctl/text.h"

#define PIECE (256 * 1024)

static const struct digest_module *module;

const struct digest_module *digest_loaded(struct error *err)
{
    if (!module) {
#ifdef IMGCTL_STATIC
        (void)err;
        module = &imgctl_digest_module;
#else
        module = module_load("digest", err);
#endif
    }
    return module;
}

int digest_start(enum digest_algorithm algorithm, struct digest **ret, struct error *err)
{
    return digest_loaded(err) ? module->start(algorithm, ret, err) : -1;
}

ssize_t digest_read(int fd, int64_t size, int64_t at, void *out, size_t room,
                    struct error *err)
{
    size_t want = size >= 0 && size - at < (int64_t)room ? (size_t)(size - at) : room;
    ssize_t n;
    do {
        n = pread(fd, out, want, at);
    } while (n < 0 && errno == EINTR);
    if (n < 0) {
        return error_errno(err, ERROR_FILE, "cannot read the file");
    }
    return n == 0 && want > 0 && size >= 0
               ? error_set(err, ERROR_FILE, "the file has become shorter")
               : n;
}

static int add_file(struct digest *d, int fd, int64_t size, struct error *err)
{
    AUTO_FREE char *piece = mem_alloc(PIECE);
    int64_t at = 0;
    ssize_t n;
    while ((n = digest_read(fd, size, at, piece, PIECE, err)) > 0) {
        digest_update(d, piece, (size_t)n);
        at += n;
    }
    return (int)n;
}

int digest_file(enum digest_algorithm algorithm, int fd, int64_t size,
                char out[DIGEST_HEX_SIZE], struct error *err)
{
    struct digest *d;
    if (digest_start(algorithm, &d, err) < 0) {
        return -1;
    }
    if (add_file(d, fd, size, err) < 0) {
        digest_free(d);
        return -1;
    }
    digest_finish_hex(d, out);
    return 0;
}

int digest_crc32(const void *data, size_t len, uint32_t *crc, struct error *err)
{
    if (!digest_loaded(err)) {
        return -1;
    }
    *crc = module->crc32(*crc, data, len);
    return 0;
}

int digest_inflate(const void *data, size_t len, void *out, size_t room, size_t *ret,
                   struct error *err)
{
    *ret = 0;
    if (!digest_loaded(err)) {
        return -1;
    }
    *ret = module->inflate(data, len, out, room);
    return 0;
}

void digest_update(struct digest *d, const void *data, size_t len)
{
    module->update(d, data, len);
}

size_t digest_finish(struct digest *d, unsigned char out[DIGEST_MAX])
{
    return module->finish(d, out);
}

void digest_finish_hex(struct digest *d, char out[DIGEST_HEX_SIZE])
{
    unsigned char bytes[DIGEST_MAX];
    text_hex(out, bytes, digest_finish(d, bytes));
}

void digest_free(struct digest *d)
{
    if (d) {
        module->free(d);
    }
}

int digest_hex(enum digest_algorithm algorithm, const void *data, size_t len,
               char out[DIGEST_HEX_SIZE], struct error *err)
{
    struct digest *d;
    if (digest_start(algorithm, &d, err) < 0) {
        return -1;
    }
    digest_update(d, data, len);
    digest_finish_hex(d, out);
    return 0;
}
