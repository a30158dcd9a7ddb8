#include <stdlib.h>
#include <string.h>

#include "pixels.h"
#include "upright.h"

struct turn turn_of(uint8_t orientation)
{
    static const struct turn turns[] = {
        [1] = { false, false, false }, [2] = { false, true, false },
        [3] = { false, true, true },   [4] = { false, false, true },
        [5] = { true, false, false },  [6] = { true, false, true },
        [7] = { true, true, true },    [8] = { true, true, false },
    };
    return turns[orientation >= 1 && orientation <= 8 ? orientation : 1];
}

struct box box_as_stored(struct box seen, struct turn turn, uint32_t width,
                         uint32_t height)
{
    struct box b = seen;
    if (turn.transpose) {
        b = (struct box){ seen.y, seen.x, seen.height, seen.width };
    }
    b.x = turn.mirror_x ? width - b.x - b.width : b.x;
    b.y = turn.mirror_y ? height - b.y - b.height : b.y;
    return b;
}

int raster_upright(struct raster *r, uint8_t orientation, struct error *err)
{
    struct turn turn = turn_of(orientation);
    if (!turn.transpose && !turn.mirror_x && !turn.mirror_y) {
        return 0;
    }
    AUTO_RASTER struct raster out = RASTER_INIT;
    uint32_t width = turn.transpose ? r->height : r->width;
    uint32_t height = turn.transpose ? r->width : r->height;
    if (raster_new(&out, width, height, r->channels, err) < 0) {
        return -1;
    }
    for (uint32_t y = 0; y < r->height; y++) {
        const uint8_t *from = raster_at(r, 0, y);
        uint32_t v = turn.mirror_y ? r->height - 1 - y : y;
        for (uint32_t x = 0; x < r->width; x++, from += r->channels) {
            uint32_t u = turn.mirror_x ? r->width - 1 - x : x;
            uint8_t *to = turn.transpose ? raster_at(&out, v, u) : raster_at(&out, u, v);
            memcpy(to, from, r->channels);
        }
    }
    struct raster old = *r;
    *r = out;
    out = old;
    return 0;
}
