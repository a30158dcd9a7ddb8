#include "palette.h"

#include <stdlib.h>
#include <string.h>

#include "imgctl/mem.h"

bool palette_is_transparent(const struct raster *r, const uint8_t *pixel)
{
    return r->channels == 4 && pixel[3] < 128;
}

static void begin(struct palette *p)
{
    p->count = 0;
    memset(p->nearest, -1, sizeof p->nearest);
}

static void add(struct palette *p, int red, int green, int blue)
{
    p->colors[p->count][0] = (uint8_t)red;
    p->colors[p->count][1] = (uint8_t)green;
    p->colors[p->count][2] = (uint8_t)blue;
    p->count++;
}

void palette_cube(struct palette *p)
{
    static const int levels[] = { 0, 95, 135, 175, 215, 255 };
    begin(p);
    for (int i = 0; i < 216; i++) {
        add(p, levels[i / 36], levels[i / 6 % 6], levels[i % 6]);
    }
    for (int grey = 8; grey <= 238; grey += 10) {
        add(p, grey, grey, grey);
    }
}

void palette_basic(struct palette *p)
{
    begin(p);
    for (int i = 0; i < 8; i++) {
        add(p, i & 1 ? 205 : 0, i & 2 ? 205 : 0, i & 4 ? 225 : 0);
    }
    add(p, 127, 127, 127);
    for (int i = 1; i < 8; i++) {
        add(p, i & 1 ? 255 : 0, i & 2 ? 255 : 0, i & 4 ? 255 : 0);
    }
    memset(p->colors[7], 229, 3);
}

/* ---- Median cut ---- */

/* A colour of the picture, cut to five bits a channel, and how often it is there. */
struct shade {
    uint8_t part[3];
    uint32_t count;
};

struct group {
    size_t from, to; /* of the shades */
    uint64_t count;
    int widest;      /* channel */
    int width;
};

static void measure(const struct shade *shades, struct group *g)
{
    g->count = 0;
    g->width = -1;
    for (int c = 0; c < 3; c++) {
        int low = 31, high = 0;
        for (size_t i = g->from; i < g->to; i++) {
            int part = shades[i].part[c];
            low = part < low ? part : low;
            high = part > high ? part : high;
            g->count += c == 0 ? shades[i].count : 0;
        }
        if (high - low > g->width) {
            g->width = high - low;
            g->widest = c;
        }
    }
}

static int compare(const void *a, const void *b, void *channel)
{
    const int c = *(const int *)channel;
    return ((const struct shade *)a)->part[c] - ((const struct shade *)b)->part[c];
}

/* Two groups with about as many pixels each. */
static void split(struct shade *shades, struct group *g, struct group *other)
{
    uint64_t half = g->count / 2, seen = 0;
    size_t at = g->from;
    qsort_r(shades + g->from, g->to - g->from, sizeof *shades, compare, &g->widest);
    while (at + 1 < g->to && (at == g->from || seen + shades[at].count <= half)) {
        seen += shades[at++].count;
    }
    *other = (struct group){ .from = at, .to = g->to };
    g->to = at;
    measure(shades, g);
    measure(shades, other);
}

static size_t count_shades(const struct raster *r, struct shade *shades)
{
    size_t pixels = (size_t)r->width * r->height, used = 0;
    AUTO_FREE uint32_t *counts = mem_array(PALETTE_CELLS, sizeof *counts);
    for (size_t i = 0; i < pixels; i++) {
        const uint8_t *p = r->pixels + i * r->channels;
        if (!palette_is_transparent(r, p)) {
            counts[(p[0] >> 3) << 10 | (p[1] >> 3) << 5 | p[2] >> 3]++;
        }
    }
    for (size_t i = 0; i < PALETTE_CELLS; i++) {
        if (counts[i]) {
            shades[used++] = (struct shade){
                { (uint8_t)(i >> 10), (uint8_t)(i >> 5 & 31), (uint8_t)(i & 31) },
                counts[i],
            };
        }
    }
    return used;
}

static void add_mean(struct palette *p, const struct shade *shades, const struct group *g)
{
    uint64_t sums[3] = { 0 };
    for (size_t i = g->from; i < g->to; i++) {
        for (int c = 0; c < 3; c++) {
            sums[c] += (uint64_t)shades[i].part[c] * shades[i].count;
        }
    }
    uint8_t mean[3];
    for (int c = 0; c < 3; c++) {
        mean[c] = (uint8_t)((sums[c] * 255 + g->count * 31 / 2) / (g->count * 31));
    }
    add(p, mean[0], mean[1], mean[2]);
}

void palette_of(struct palette *p, const struct raster *r, int count)
{
    struct group groups[255];
    int used = 1;
    AUTO_FREE struct shade *shades = mem_array(PALETTE_CELLS, sizeof *shades);
    groups[0] = (struct group){ .from = 0, .to = count_shades(r, shades) };
    begin(p);
    if (groups[0].to == 0) {
        add(p, 0, 0, 0); /* nothing to see in it */
        return;
    }
    measure(shades, &groups[0]);
    while (used < count && used < 255) {
        int best = -1;
        uint64_t most = 0;
        for (int i = 0; i < used; i++) {
            uint64_t worth = groups[i].count * (uint64_t)groups[i].width;
            if (worth > most) {
                most = worth;
                best = i;
            }
        }
        if (best < 0) {
            break;
        }
        split(shades, &groups[best], &groups[used++]);
    }
    for (int i = 0; i < used; i++) {
        add_mean(p, shades, &groups[i]);
    }
}

/* ---- Mapping ---- */

static int find_nearest(const struct palette *p, const int color[3])
{
    /* Eyes see green best and blue least. */
    static const int weights[3] = { 3, 6, 1 };
    int best = 0;
    int64_t least = INT64_MAX;
    for (int i = 0; i < p->count; i++) {
        int64_t distance = 0;
        for (int c = 0; c < 3; c++) {
            int64_t d = color[c] - p->colors[i][c];
            distance += d * d * weights[c];
        }
        if (distance < least) {
            least = distance;
            best = i;
        }
    }
    return best;
}

static int nearest(struct palette *p, const int color[3])
{
    int cell = (color[0] >> 3) << 10 | (color[1] >> 3) << 5 | color[2] >> 3;
    if (p->nearest[cell] < 0) {
        int middle[3];
        for (int c = 0; c < 3; c++) {
            middle[c] = (color[c] & ~7) | color[c] >> 5;
        }
        p->nearest[cell] = (int16_t)find_nearest(p, middle);
    }
    return p->nearest[cell];
}

/* Errors in sixteenths of the row at hand and of the next; a column of room on both
 * sides. */
struct errors {
    int *here, *next;
    int share; /* of what is lost that is handed on, in quarters */
};

static uint8_t map_pixel(struct palette *p, const uint8_t *pixel, const struct errors *e,
                         size_t x)
{
    int color[3];
    for (size_t c = 0; c < 3; c++) {
        int n = pixel[c] + e->here[(x + 1) * 3 + c] / 16;
        color[c] = n < 0 ? 0 : n > 255 ? 255 : n;
    }
    int index = nearest(p, color);
    for (size_t c = 0; c < 3; c++) {
        int lost = (color[c] - p->colors[index][c]) * e->share / 4;
        e->here[(x + 2) * 3 + c] += lost * 7;
        e->next[x * 3 + c] += lost * 3;
        e->next[(x + 1) * 3 + c] += lost * 5;
        e->next[(x + 2) * 3 + c] += lost;
    }
    return (uint8_t)index;
}

uint8_t *palette_map(struct palette *p, const struct raster *r, int share)
{
    size_t room = ((size_t)r->width + 2) * 3;
    AUTO_FREE int *one = mem_array(room, sizeof *one);
    AUTO_FREE int *two = mem_array(room, sizeof *two);
    struct errors e = { one, two, share };
    uint8_t *ret = mem_array((size_t)r->width * r->height, 1);
    for (size_t y = 0; y < r->height; y++) {
        for (size_t x = 0; x < r->width; x++) {
            size_t at = y * r->width + x;
            const uint8_t *pixel = r->pixels + at * r->channels;
            ret[at] = palette_is_transparent(r, pixel) ? PALETTE_NONE
                                                       : map_pixel(p, pixel, &e, x);
        }
        int *done = e.here;
        e.here = e.next;
        e.next = done;
        memset(done, 0, room * sizeof *done);
    }
    return ret;
}
