#include "scale.h"

#include <stdlib.h>
#include <string.h>

#include "imgctl/mem.h"
#include "kernel.h"
#include "linear.h"
#include "pixels.h"

/* A pixel in linear light: red, green, blue, alpha. Compilers turn arithmetic on it
 * into single instructions of any CPU they target. */
typedef float pixel __attribute__((vector_size(16)));

struct scaler {
    struct kernel across, down;
    struct raster *ret;
    const struct linear_tables *tables;
    pixel *light;    /* the incoming row, from across.begin on */
    pixel *narrow;   /* the same scaled horizontally */
    pixel *sums;     /* the output rows under way, a ring of SLOTS */
    uint32_t slots;
    uint32_t next_row;
    uint32_t done;   /* output rows that are finished */
    uint32_t begun;  /* and those whose first row has come */
};

/* How many output rows are under way at once at most. */
static uint32_t count_slots(const struct kernel *k)
{
    uint32_t most = 1;
    for (uint32_t i = 0, j = 0; i < k->count; i++) {
        while (j < k->count && k->taps[j].first < k->taps[i].first + k->taps[i].count) {
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

static void to_light(const struct scaler *s, const uint8_t *row)
{
    const float *light = s->tables->light;
    uint32_t count = s->across.end - s->across.begin;
    const uint8_t *p = row + (size_t)s->across.begin * s->ret->channels;
    if (s->ret->channels == 3) {
        for (uint32_t i = 0; i < count; i++, p += 3) {
            s->light[i] = (pixel){ light[p[0]], light[p[1]], light[p[2]], 1 };
        }
        return;
    }
    for (uint32_t i = 0; i < count; i++, p += 4) {
        float alpha = (float)p[3] * (1.0F / 255);
        s->light[i] = (pixel){ light[p[0]], light[p[1]], light[p[2]], 1 } * alpha;
    }
}

static void scale_across(const struct scaler *s)
{
    for (uint32_t x = 0; x < s->across.count; x++) {
        const struct taps *t = &s->across.taps[x];
        const pixel *from = s->light + (t->first - s->across.begin);
        const float *weights = s->across.weights + t->weight;
        pixel even = { 0 }, odd = { 0 };
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

static pixel *sums_of(const struct scaler *s, uint32_t row)
{
    return s->sums + (size_t)(row % s->slots) * s->across.count;
}

static uint8_t to_byte(const struct linear_tables *t, float light)
{
    float step = light * LINEAR_STEPS + 0.5F;
    step = step < 0 ? 0 : step;
    return t->byte[step < LINEAR_STEPS ? (int)step : LINEAR_STEPS];
}

static void write_row(const struct scaler *s, uint32_t y)
{
    const pixel *sums = sums_of(s, y);
    uint8_t *out = raster_at(s->ret, 0, y);
    for (uint32_t x = 0; x < s->across.count; x++, out += s->ret->channels) {
        pixel light = sums[x];
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
    to_light(s, row);
    scale_across(s);
    while (s->begun < k->count && k->taps[s->begun].first <= y) {
        memset(sums_of(s, s->begun), 0, s->across.count * sizeof(pixel));
        s->begun++;
    }
    for (uint32_t i = s->done; i < s->begun; i++) {
        const struct taps *t = &k->taps[i];
        pixel *sums = sums_of(s, i);
        float weight = k->weights[t->weight + (y - t->first)];
        for (uint32_t x = 0; x < s->across.count; x++) {
            sums[x] += s->narrow[x] * weight;
        }
        if (y + 1 == t->first + t->count) {
            write_row(s, i);
            s->done = i + 1;
        }
    }
}
