#include "test_card.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "imgctl/mem.h"

#define WHITE 0xFFFFFFu
#define GLYPH_WIDTH 3
#define GLYPH_HEIGHT 5
#define ADVANCE (GLYPH_WIDTH + 1)

/* Three bits a row, from the top; the rows of a glyph as an octal number. */
static const struct {
    char c;
    unsigned rows;
} glyphs[] = {
    { '0', 075557 }, { '1', 026227 }, { '2', 071747 }, { '3', 071717 }, { '4', 055711 },
    { '5', 074717 }, { '6', 074757 }, { '7', 071222 }, { '8', 075757 }, { '9', 075717 },
    { 'a', 075755 }, { 'b', 065656 }, { 'c', 074447 }, { 'd', 065556 }, { 'e', 074647 },
    { 'f', 074644 }, { 'x', 005250 }, { '#', 057575 },
};

/* FNV-1a: not for secrets, but another for every prompt and number. */
static uint64_t digest(const char *prompt, int number)
{
    uint64_t h = UINT64_C(0xcbf29ce484222325);
    for (const char *p = prompt; *p; p++) {
        h = (h ^ (unsigned char)*p) * UINT64_C(0x100000001b3);
    }
    h = (h ^ (uint64_t)number) * UINT64_C(0x100000001b3);
    return h ^ h >> 32;
}

/* What of it is outside the picture is not drawn. */
static void fill(struct raster *r, struct box b, uint32_t colour)
{
    uint64_t right = (uint64_t)b.x + b.width;
    uint64_t bottom = (uint64_t)b.y + b.height;
    for (uint64_t y = b.y; y < bottom && y < r->height; y++) {
        uint8_t *p = r->pixels + (y * r->width + b.x) * 3;
        for (uint64_t x = b.x; x < right && x < r->width; x++) {
            *p++ = (uint8_t)(colour >> 16);
            *p++ = (uint8_t)(colour >> 8);
            *p++ = (uint8_t)colour;
        }
    }
}

static uint32_t part(uint32_t whole, uint32_t n, uint32_t of)
{
    return (uint32_t)((uint64_t)whole * n / of);
}

static void draw_bars(struct raster *r, uint32_t height)
{
    static const uint32_t colours[] = { 0xBFBFBF, 0xBFBF00, 0x00BFBF, 0x00BF00,
                                        0xBF00BF, 0xBF0000, 0x0000BF, 0x131313 };
    for (uint32_t i = 0; i < 8; i++) {
        uint32_t left = part(r->width, i, 8);
        uint32_t right = part(r->width, i + 1, 8);
        fill(r, (struct box){ left, 0, right - left, height }, colours[i]);
    }
}

static void draw_ramp(struct raster *r, uint32_t top, uint32_t height)
{
    for (uint32_t x = 0; x < r->width; x++) {
        uint32_t grey = part(255, x, r->width > 1 ? r->width - 1 : 1);
        fill(r, (struct box){ x, top, 1, height }, grey << 16 | grey << 8 | grey);
    }
}

static void draw_frame(struct raster *r)
{
    uint32_t side = r->width < r->height ? r->width : r->height;
    uint32_t line = side / 128 + 1;
    fill(r, (struct box){ 0, 0, r->width, line }, WHITE);
    fill(r, (struct box){ 0, 0, line, r->height }, WHITE);
    fill(r, (struct box){ 0, r->height - line, r->width, line }, WHITE);
    fill(r, (struct box){ r->width - line, 0, line, r->height }, WHITE);
}

static void draw_glyph(struct raster *r, char c, uint32_t x, uint32_t y, uint32_t dot)
{
    unsigned rows = 0;
    for (size_t i = 0; i < sizeof glyphs / sizeof *glyphs; i++) {
        rows = glyphs[i].c == c ? glyphs[i].rows : rows;
    }
    for (uint32_t i = 0; i < GLYPH_WIDTH * GLYPH_HEIGHT; i++) {
        if (rows >> (GLYPH_WIDTH * GLYPH_HEIGHT - 1 - i) & 1) {
            fill(r, (struct box){ x + i % GLYPH_WIDTH * dot, y + i / GLYPH_WIDTH * dot,
                                  dot, dot }, WHITE);
        }
    }
}

/* Two lines in the middle of the foot, as large as fits. */
static void draw_text(struct raster *r, uint32_t top, const char *const lines[2])
{
    size_t longest = strlen(lines[0]) > strlen(lines[1]) ? strlen(lines[0])
                                                         : strlen(lines[1]);
    uint32_t wide = part(r->width, 9, 10) / (uint32_t)(longest * ADVANCE);
    uint32_t high = (r->height - top) / (2 * GLYPH_HEIGHT + 4);
    uint32_t dot = wide < high ? wide : high;
    for (uint32_t i = 0; i < 2; i++) {
        uint32_t width = (uint32_t)strlen(lines[i]) * ADVANCE * dot;
        uint32_t x = (r->width - width) / 2;
        uint32_t y = top + (1 + i * (GLYPH_HEIGHT + 1)) * dot;
        for (const char *p = lines[i]; *p; p++, x += ADVANCE * dot) {
            draw_glyph(r, *p, x, y, dot);
        }
    }
}

/* Three dark parts, so that white can be read on them. */
static uint32_t dark(uint64_t hash)
{
    return (uint32_t)(hash >> 8) & 0x7F7F7F;
}

void test_card_draw(uint32_t width, uint32_t height, const char *prompt, int number,
                    struct raster *ret)
{
    uint64_t hash = digest(prompt, number);
    char size[32], name[32];
    snprintf(size, sizeof size, "%" PRIu32 "x%" PRIu32, width, height);
    snprintf(name, sizeof name, "#%d %08" PRIx32, number, (uint32_t)hash);
    *ret = (struct raster){ .width = width, .height = height, .channels = 3 };
    ret->pixels = mem_array((size_t)width * height, 3);
    uint32_t bars = part(height, 6, 10);
    uint32_t ramp = part(height, 1, 10);
    draw_bars(ret, bars);
    draw_ramp(ret, bars, ramp);
    fill(ret, (struct box){ 0, bars + ramp, width, height - bars - ramp }, dark(hash));
    draw_text(ret, bars + ramp, (const char *const[]){ size, name });
    draw_frame(ret);
}
