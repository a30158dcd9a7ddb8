#include <openssl/evp.h>
#include <stdlib.h>
#include <zlib.h>

#include "../digest_module.h"
#include "imgctl/mem.h"

struct digest {
    EVP_MD_CTX *ctx;
};

static const EVP_MD *algorithm_of(enum digest_algorithm algorithm)
{
    switch (algorithm) {
    case DIGEST_SHA256:
        return EVP_sha256();
    case DIGEST_SHA1:
        return EVP_sha1();
    case DIGEST_MD5:
        return EVP_md5();
    }
    return NULL;
}

static void release(struct digest *d)
{
    EVP_MD_CTX_free(d->ctx);
    free(d);
}

static int start(enum digest_algorithm algorithm, struct digest **ret, struct error *err)
{
    struct digest *d = mem_alloc(sizeof *d);
    d->ctx = EVP_MD_CTX_new();
    if (!d->ctx || EVP_DigestInit_ex(d->ctx, algorithm_of(algorithm), NULL) != 1) {
        release(d);
        return error_set(err, ERROR_FAILED,
                         "libcrypto does not offer a digest that is needed");
    }
    *ret = d;
    return 0;
}

static void update(struct digest *d, const void *data, size_t len)
{
    EVP_DigestUpdate(d->ctx, data, len);
}

static size_t finish(struct digest *d, unsigned char out[DIGEST_MAX])
{
    unsigned len = 0;
    EVP_DigestFinal_ex(d->ctx, out, &len);
    release(d);
    return len;
}

static uint32_t add_crc32(uint32_t crc, const void *data, size_t len)
{
    return (uint32_t)crc32_z(crc, data, len);
}

static size_t inflate_head(const void *data, size_t len, void *out, size_t room)
{
    z_stream z = { .next_in = (Bytef *)data, .avail_in = (uInt)len };
    if (inflateInit(&z) != Z_OK) {
        return 0;
    }
    z.next_out = out;
    z.avail_out = (uInt)room;
    inflate(&z, Z_SYNC_FLUSH);
    size_t got = room - z.avail_out;
    inflateEnd(&z);
    return got;
}

const struct digest_module imgctl_digest_module = {
    .start = start,
    .update = update,
    .finish = finish,
    .free = release,
    .lanes_can = sha256_lanes_can,
    .lanes_add = sha256_lanes_add,
    .crc32 = add_crc32,
    .inflate = inflate_head,
};
