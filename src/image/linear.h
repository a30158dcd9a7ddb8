/*
 * linear.h - between the bytes of sRGB and amounts of light (IEC 61966-2-1).
 */
#ifndef LINEAR_H
#define LINEAR_H

#include <stdint.h>

#define LINEAR_STEPS 16384 /* fine enough that every byte comes back as it was */

struct linear_tables {
    float light[256];                /* of a byte of sRGB, 0..1 */
    uint8_t byte[LINEAR_STEPS + 1];  /* of light in 1/LINEAR_STEPS */
};

/* Made at the first call; any thread. */
const struct linear_tables *linear_tables(void);

#endif
