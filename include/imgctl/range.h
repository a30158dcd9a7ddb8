/*
 * range.h - from one value to another, as options take it and searches use it.
 */
#ifndef IMGCTL_RANGE_H
#define IMGCTL_RANGE_H

#include <stdbool.h>
#include <stdint.h>

/* "A..B", "A..", "..B" or a single value; both ends belong to the range. */
struct range {
    int64_t min, max;
    bool has_min, has_max;
};

/* A width:height ratio as a fraction in lowest terms; den > 0. */
struct ratio {
    int64_t num, den;
};

struct ratio_range {
    struct ratio min, max;
    bool has_min, has_max;
};

#endif
