/*
 * linear.h - between the bytes of sRGB and amounts of light (IEC 61966-2-1).
 */
#ifndef LINEAR_H
#define LINEAR_H

#include <stdint.h>

#define LINEAR_STEPS 16384 /* fine enough that every byte comes back as it was */

/* Red, green, blue, alpha: 0..1. */
typedef float linear_pixel __attribute__((vector_size(16)));

struct linear_tables {
    /* A pixel is red[r] + green[g] + blue[b], with alpha 1, times alpha[a]. */
    linear_pixel red[256], green[256], blue[256], alpha[256];
    uint8_t byte[LINEAR_STEPS + 1]; /* the byte of sRGB for light in 1/LINEAR_STEPS */
};

/* Made at the first call; any thread. */
const struct linear_tables *linear_tables(void);

#endif
