/*
 * digest_module.h - what the digest module exports to the program.
 */
#ifndef DIGEST_MODULE_H
#define DIGEST_MODULE_H

#include <stdbool.h>

#include "imgctl/digest.h"

/* One of the messages that are digested side by side. */
struct sha256_lane {
    uint32_t state[8];
    const unsigned char *next; /* the bytes to come */
};

/* Only where the processor has the SHA instructions of x86. */
bool sha256_lanes_can(void);

/* Take BLOCKS of 64 bytes of each lane into its state, and step over them. LANES is 1
 * or 2. */
void sha256_lanes_add(struct sha256_lane *const lane[], int lanes, size_t blocks);

struct digest_module {
    int (*start)(enum digest_algorithm algorithm, struct digest **ret, struct error *err);
    void (*update)(struct digest *d, const void *data, size_t len);
    size_t (*finish)(struct digest *d, unsigned char out[DIGEST_MAX]);
    void (*free)(struct digest *d);
    bool (*lanes_can)(void);
    void (*lanes_add)(struct sha256_lane *const lane[], int lanes, size_t blocks);
    uint32_t (*crc32)(uint32_t crc, const void *data, size_t len);
    size_t (*inflate)(const void *data, size_t len, void *out, size_t room);
};

extern const struct digest_module imgctl_digest_module;

#endif
