#include "scale.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#ifdef __x86_64__
#include <sys/platform/x86.h>
#endif

#include "imgctl/mem.h"
#include "kernel.h"
#include "linear.h"
#include "pixels.h"

/*
 * A pixel in linear light: red, green, blue, alpha. Rows go through in pairs, the pixels
 * of both side by side, so that a weight is fetched once for eight numbers. Compilers
 * turn arithmetic on these types into the widest instructions they may use.
 */
typedef linear_pixel pixel;
typedef float twin __attribute__((vector_size(32), aligned(16)));

struct scaler {
    struct kernel across, down;
    struct raster *ret;
    const struct linear_tables *tables;
    twin *light;     /* two incoming rows, from across.begin on */
    twin *narrow;    /* the same scaled horizontally */
    twin *sums;      /* output rows under way, a ring of SLOTS: first and second rows */
    uint32_t slots;
    uint32_t next_row;
    uint32_t done;   /* output rows that are finished */
    uint32_t begun;  /* and those of which rows have come */
};

/* How many output rows are under way at once at most. */
static uint32_t count_slots(const struct kernel *k)
{
    uint32_t most = 1;
    for (uint32_t i = 0, j = 0; i < k->count; i++) {
        while (j < k->count && k->taps[j].first <= k->taps[i].first + k->taps[i].count) {
            j++;
        }
        most = j - i > most ? j - i : most;
    }
    return most;
}

struct scaler *scaler_open(uint32_t width, uint32_t height, struct window part,
                           struct raster *ret)
{
    struct scaler *s = mem_alloc(sizeof *s);
    kernel_init(&s->across, width, part.x, part.width, ret->width);
    kernel_init(&s->down, height, part.y, part.height, ret->height);
    s->ret = ret;
    s->tables = linear_tables();
    s->light = mem_array(s->across.end - s->across.begin, sizeof *s->light);
    s->narrow = mem_array(ret->width, sizeof *s->narrow);
    s->slots = count_slots(&s->down);
    s->sums = mem_array((size_t)s->slots * ret->width, sizeof *s->sums);
    s->next_row = s->down.begin;
    return s;
}

uint32_t scaler_first_row(const struct scaler *s)
{
    return s->down.begin;
}

uint32_t scaler_end_row(const struct scaler *s)
{
    return s->down.end;
}

void scaler_close(struct scaler *s)
{
    if (s) {
        kernel_release(&s->across);
        kernel_release(&s->down);
        free(s->light);
        free(s->narrow);
        free(s->sums);
        free(s);
    }
}

/* HALF: 0 for the first row of the pair, 1 for the second. */
static void to_light(const struct scaler *s, const uint8_t *row, int half)
{
    const struct linear_tables *t = s->tables;
    uint32_t count = s->across.end - s->across.begin;
    const uint8_t *p = row + (size_t)s->across.begin * s->ret->channels;
    pixel *light = (pixel *)s->light + half;
    if (s->ret->channels == 3) {
        for (uint32_t i = 0; i < count; i++, p += 3, light += 2) {
            *light = t->red[p[0]] + t->green[p[1]] + t->blue[p[2]];
        }
        return;
    }
    for (uint32_t i = 0; i < count; i++, p += 4, light += 2) {
        *light = (t->red[p[0]] + t->green[p[1]] + t->blue[p[2]]) * t->alpha[p[3]];
    }
}

static inline __attribute__((always_inline)) void scale_across(const struct scaler *s)
{
    for (uint32_t x = 0; x < s->across.count; x++) {
        const struct taps *t = &s->across.taps[x];
        const twin *from = s->light + (t->first - s->across.begin);
        const float *weights = s->across.weights + t->weight;
        twin even = { 0 }, odd = { 0 };
        uint32_t i = 0;
        for (; i + 1 < t->count; i += 2) {
            even += from[i] * weights[i];
            odd += from[i + 1] * weights[i + 1];
        }
        if (i < t->count) {
            even += from[i] * weights[i];
        }
        s->narrow[x] = even + odd;
    }
}

static twin *sums_of(const struct scaler *s, uint32_t row)
{
    return s->sums + (size_t)(row % s->slots) * s->across.count;
}

/* The weight of row Y in an output row. */
static float weight_of(const struct kernel *k, const struct taps *t, uint32_t y)
{
    bool inside = y >= t->first && y - t->first < t->count;
    return inside ? k->weights[t->weight + (y - t->first)] : 0;
}

/* Add the pair of rows that begins with Y to all output rows under way. */
static inline __attribute__((always_inline)) void add_down(const struct scaler *s,
                                                           uint32_t y)
{
    for (uint32_t i = s->done; i < s->begun; i++) {
        float a = weight_of(&s->down, &s->down.taps[i], y);
        float b = weight_of(&s->down, &s->down.taps[i], y + 1);
        const twin weight = { a, a, a, a, b, b, b, b };
        twin *sums = sums_of(s, i);
        for (uint32_t x = 0; x < s->across.count; x++) {
            sums[x] += s->narrow[x] * weight;
        }
    }
}

static void scale_plain(const struct scaler *s, uint32_t y)
{
    scale_across(s);
    add_down(s, y);
}

#ifdef __x86_64__
/* The same in half as many instructions, with the same result to the last bit. */
__attribute__((target("avx"))) static void scale_avx(const struct scaler *s, uint32_t y)
{
    scale_across(s);
    add_down(s, y);
}

/* The C library has asked the processor already. __builtin_cpu_supports() would ask again
 * at every start of the program, which in a virtual machine takes 50 us. */
static void scale_pair(const struct scaler *s, uint32_t y)
{
    (CPU_FEATURE_ACTIVE(AVX) ? scale_avx : scale_plain)(s, y);
}
#else
static void scale_pair(const struct scaler *s, uint32_t y)
{
    scale_plain(s, y);
}
#endif

static uint8_t to_byte(const struct linear_tables *t, float light)
{
    int step = (int)(light * LINEAR_STEPS + 0.5F);
    step = step < 0 ? 0 : step;
    return t->byte[step < LINEAR_STEPS ? step : LINEAR_STEPS];
}

static void write_row(const struct scaler *s, uint32_t y)
{
    const pixel *sums = (const pixel *)sums_of(s, y);
    uint8_t *out = raster_at(s->ret, 0, y);
    for (uint32_t x = 0; x < s->across.count; x++, sums += 2, out += s->ret->channels) {
        pixel light = sums[0] + sums[1];
        if (s->ret->channels == 4) {
            float alpha = light[3] < 0 ? 0 : light[3] > 1 ? 1 : light[3];
            out[3] = (uint8_t)(alpha * 255 + 0.5F);
            light *= out[3] > 0 ? 1 / light[3] : 0;
        }
        out[0] = to_byte(s->tables, light[0]);
        out[1] = to_byte(s->tables, light[1]);
        out[2] = to_byte(s->tables, light[2]);
    }
}

void scaler_add(struct scaler *s, const uint8_t *row)
{
    const struct kernel *k = &s->down;
    uint32_t y = s->next_row++;
    int half = (int)(y - k->begin) % 2;
    to_light(s, row, half);
    if (half == 0 && s->next_row < k->end) {
        return;
    }
    y -= (uint32_t)half;
    while (s->begun < k->count && k->taps[s->begun].first < s->next_row) {
        memset(sums_of(s, s->begun), 0, s->across.count * sizeof(twin));
        s->begun++;
    }
    scale_pair(s, y);
    while (s->done < s->begun &&
           k->taps[s->done].first + k->taps[s->done].count <= s->next_row) {
        write_row(s, s->done++);
    }
}
