/*
 * kernel.h - which samples make each sample of a scaled line, and with what weight.
 */
#ifndef KERNEL_H
#define KERNEL_H

#include <stddef.h>
#include <stdint.h>

struct taps {
    uint32_t first, count;
    size_t weight; /* index of the first of COUNT weights, whose sum is 1 */
};

struct kernel {
    uint32_t count;      /* samples of the result */
    struct taps *taps;   /* one for each; `first` never falls from one to the next */
    float *weights;
    uint32_t begin, end; /* the samples that any of them needs: [begin, end) */
};

/* COUNT samples out of [begin, begin + length) of a line of SIZE samples. */
void kernel_init(struct kernel *k, uint32_t size, double begin, double length,
                 uint32_t count);
void kernel_release(struct kernel *k);

#endif
