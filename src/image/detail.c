#include <stdlib.h>

#include "imgctl/mem.h"
#include "pixels.h"

/* One strong edge counts no more than this, so that a frame or a horizon does not
 * outweigh a face. */
#define EDGE_MAX 64

static int luma(const uint8_t *p, uint8_t channels)
{
    int value = (p[0] * 77 + p[1] * 150 + p[2] * 29) >> 8;
    return channels == 4 ? value * p[3] / 255 : value;
}

/* How much a pixel differs from its neighbours to the right and below. */
static uint32_t edge(const struct raster *r, uint32_t x, uint32_t y)
{
    int here = luma(raster_at(r, x, y), r->channels);
    int across = x + 1 < r->width ? luma(raster_at(r, x + 1, y), r->channels) - here : 0;
    int down = y + 1 < r->height ? luma(raster_at(r, x, y + 1), r->channels) - here : 0;
    int sum = abs(across) + abs(down);
    return (uint32_t)(sum < EDGE_MAX ? sum : EDGE_MAX);
}

/* sums[y * (width + 1) + x]: all edges above and left of x, y. */
static uint64_t *integral(const struct raster *r)
{
    size_t line = (size_t)r->width + 1;
    uint64_t *sums = mem_array((size_t)r->height + 1, line * sizeof *sums);
    for (uint32_t y = 0; y < r->height; y++) {
        uint64_t row = 0;
        for (uint32_t x = 0; x < r->width; x++) {
            row += edge(r, x, y);
            sums[(y + 1) * line + x + 1] = sums[y * line + x + 1] + row;
        }
    }
    return sums;
}

static uint64_t from_middle(uint32_t at, uint32_t room)
{
    return 2 * (uint64_t)at > room ? 2 * (uint64_t)at - room : room - 2 * (uint64_t)at;
}

struct box raster_most_detail(const struct raster *r, uint32_t width, uint32_t height)
{
    width = width < r->width ? width : r->width;
    height = height < r->height ? height : r->height;
    struct box best = { 0, 0, width, height };
    uint32_t room_x = r->width - width, room_y = r->height - height;
    uint64_t most = 0, nearest = UINT64_MAX;
    size_t line = (size_t)r->width + 1;
    AUTO_FREE uint64_t *sums = integral(r);
    for (uint32_t y = 0; y <= room_y; y++) {
        const uint64_t *top = sums + y * line, *bottom = top + height * line;
        for (uint32_t x = 0; x <= room_x; x++) {
            uint64_t detail = bottom[x + width] - bottom[x] - top[x + width] + top[x];
            uint64_t distance = from_middle(x, room_x) + from_middle(y, room_y);
            if (detail > most || (detail == most && distance < nearest)) {
                most = detail;
                nearest = distance;
                best.x = x;
                best.y = y;
            }
        }
    }
    return best;
}
