/*
 * digest_module.h - what the digest module exports to the program.
 */
#ifndef DIGEST_MODULE_H
#define DIGEST_MODULE_H

#include "imgctl/digest.h"

struct digest_module {
    int (*start)(enum digest_algorithm algorithm, struct digest **ret, struct error *err);
    void (*update)(struct digest *d, const void *data, size_t len);
    size_t (*finish)(struct digest *d, unsigned char out[DIGEST_MAX]);
    void (*free)(struct digest *d);
    uint32_t (*crc32)(uint32_t crc, const void *data, size_t len);
    size_t (*inflate)(const void *data, size_t len, void *out, size_t room);
};

extern const struct digest_module imgctl_digest_module;

#endif
