#include "kernel.h"

#include <math.h>
#include <stdlib.h>

#include "imgctl/mem.h"

#define LOBES 3.0
static const double pi = 3.14159265358979323846;

static double lanczos(double x)
{
    x = fabs(x);
    if (x < 1e-9) {
        return 1;
    }
    return x < LOBES ? LOBES * sin(pi * x) * sin(pi * x / LOBES) / (pi * pi * x * x) : 0;
}

/* The weights of the samples around CENTRE, made to sum to 1. */
static void weigh(float *weights, const struct taps *t, double centre, double stretch)
{
    double sum = 0;
    for (uint32_t i = 0; i < t->count; i++) {
        double weight = lanczos((t->first + i + 0.5 - centre) / stretch);
        weights[i] = (float)weight;
        sum += weight;
    }
    for (uint32_t i = 0; i < t->count; i++) {
        weights[i] = (float)(weights[i] / sum);
    }
}

void kernel_init(struct kernel *k, uint32_t size, double begin, double length,
                 uint32_t count)
{
    double step = length / count;
    double stretch = step > 1 ? step : 1;
    double least = floor(begin), most = fmin(ceil(begin + length), size);
    size_t room = (size_t)(2 * LOBES * stretch) + 2;
    *k = (struct kernel){ .count = count, .taps = mem_array(count, sizeof *k->taps),
                          .weights = mem_array(count * room, sizeof *k->weights) };
    size_t used = 0;
    for (uint32_t i = 0; i < count; i++) {
        double centre = begin + (i + 0.5) * step;
        double first = fmax(ceil(centre - LOBES * stretch - 0.5), least);
        double last = fmin(floor(centre + LOBES * stretch - 0.5), most - 1);
        struct taps *t = &k->taps[i];
        *t = (struct taps){ (uint32_t)first, (uint32_t)(last - first) + 1, used };
        weigh(k->weights + used, t, centre, stretch);
        used += t->count;
    }
    k->begin = k->taps[0].first;
    k->end = k->taps[count - 1].first + k->taps[count - 1].count;
}

void kernel_release(struct kernel *k)
{
    free(k->taps);
    free(k->weights);
}
