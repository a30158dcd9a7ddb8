/* What goes to a terminal, decoded again: blocks, sixel, kitty, iTerm2. */
#include "imgctl/graphics.h"

#include "imgctl/mem.h"
#include "test.h"

static const struct terminal plain = {
    .columns = 80, .rows = 24, .cell_width = 10, .cell_height = 20,
};

static struct raster make(uint32_t width, uint32_t height, uint8_t channels)
{
    return (struct raster){ width, height, channels,
                            mem_array((size_t)width * height, channels) };
}

static void set(struct raster *r, uint32_t x, uint32_t y, uint32_t rgba)
{
    uint8_t *p = r->pixels + ((size_t)y * r->width + x) * r->channels;
    for (int i = 0; i < r->channels; i++) {
        p[i] = (uint8_t)(rgba >> (24 - 8 * i));
    }
}

static void draw(enum graphics how, const struct terminal *t, const struct raster *r,
                 struct buf *out)
{
    struct error err = ERROR_INIT;
    struct graphics_size size = { (int)r->width, (int)r->height, r->width, r->height };
    CHECK_INT(graphics_draw(t, how, r, size, false, out, &err), 0);
}

/* ---- Sizes ---- */

static void check_fit(enum graphics how, uint32_t width, uint32_t height, int columns,
                      int rows, const char *want)
{
    char text[64];
    struct graphics_size s = graphics_fit(&plain, how, width, height, columns, rows);
    snprintf(text, sizeof text, "%dx%d %ux%u", s.columns, s.rows, s.width, s.height);
    CHECK_STR(text, want);
}

TEST(sizes_keep_the_shape)
{
    check_fit(GRAPHICS_BLOCKS, 1000, 1000, 80, 20, "40x20 40x40");
    check_fit(GRAPHICS_BLOCKS, 4000, 1000, 80, 20, "80x10 80x20");
    check_fit(GRAPHICS_BLOCKS, 1000, 900, 10, 10, "10x5 10x9");
    check_fit(GRAPHICS_ASCII, 1000, 1000, 80, 20, "40x20 40x20");
    check_fit(GRAPHICS_SIXEL, 1000, 1000, 80, 20, "40x20 400x400");
    check_fit(GRAPHICS_KITTY, 4000, 1000, 80, 20, "80x10 800x200");
}

TEST(nothing_is_enlarged_and_nothing_vanishes)
{
    check_fit(GRAPHICS_BLOCKS, 4, 4, 80, 20, "4x2 4x4");
    check_fit(GRAPHICS_KITTY, 25, 50, 80, 20, "3x3 25x50");
    check_fit(GRAPHICS_BLOCKS, 60000, 1, 80, 20, "80x1 80x1");
    check_fit(GRAPHICS_BLOCKS, 1, 60000, 80, 20, "1x20 1x40");
    check_fit(GRAPHICS_SIXEL, 1, 1, 80, 20, "1x1 1x1");
}

TEST(cells_of_another_shape)
{
    const struct terminal square = { .cell_width = 16, .cell_height = 16 };
    struct graphics_size s = graphics_fit(&square, GRAPHICS_BLOCKS, 1000, 1000, 80, 20);
    CHECK_INT(s.columns, 20);
    CHECK_INT(s.rows, 20);
    CHECK_INT(s.width, 20);
    CHECK_INT(s.height, 40);
}

/* ---- Characters ---- */

TEST(blocks_are_exact)
{
    AUTO_RASTER struct raster r = make(2, 3, 4);
    AUTO_BUF struct buf out = BUF_INIT;
    set(&r, 0, 0, 0xff0000ff);
    set(&r, 0, 1, 0x0000ffff);
    set(&r, 1, 0, 0x00000000); /* transparent above green */
    set(&r, 1, 1, 0x00ff00ff);
    set(&r, 0, 2, 0x010203ff); /* the last row has no lower half */
    set(&r, 1, 2, 0x00000000);
    draw(GRAPHICS_BLOCKS, &plain, &r, &out);
    CHECK_STR(out.data, "\033[38;2;255;0;0;48;2;0;0;255m▀\033[38;2;0;255;0;49m▄\033[m\n"
                        "\033[38;2;1;2;3m▀\033[m \n");
}

TEST(equal_halves_are_a_blank)
{
    AUTO_RASTER struct raster r = make(1, 2, 3);
    AUTO_BUF struct buf out = BUF_INIT;
    set(&r, 0, 0, 0x0a0b0c00);
    set(&r, 0, 1, 0x0a0b0c00);
    draw(GRAPHICS_BLOCKS, &plain, &r, &out);
    CHECK_STR(out.data, "\033[48;2;10;11;12m \033[m\n");
}

TEST(few_colours)
{
    AUTO_RASTER struct raster r = make(1, 2, 3);
    AUTO_BUF struct buf out = BUF_INIT;
    set(&r, 0, 0, 0xff000000);
    set(&r, 0, 1, 0xffffff00);
    draw(GRAPHICS_256, &plain, &r, &out);
    CHECK_STR(out.data, "\033[38;5;196;48;5;231m▀\033[m\n");
    buf_clear(&out);
    draw(GRAPHICS_16, &plain, &r, &out);
    CHECK_STR(out.data, "\033[91;107m▀\033[m\n");
}

TEST(letters)
{
    AUTO_RASTER struct raster r = make(3, 1, 4);
    AUTO_BUF struct buf out = BUF_INIT;
    set(&r, 0, 0, 0x000000ff);
    set(&r, 1, 0, 0xffffffff);
    set(&r, 2, 0, 0xffffff00);
    draw(GRAPHICS_ASCII, &plain, &r, &out);
    CHECK_STR(out.data, " @ \n");
}

/* A grey half way between two of the palette is made of both. */
TEST(lost_colour_goes_to_the_neighbours)
{
    AUTO_RASTER struct raster r = make(32, 32, 3);
    struct graphics_cells c = GRAPHICS_CELLS_INIT;
    int white = 0;
    memset(r.pixels, (229 + 255) / 2, (size_t)32 * 32 * 3);
    graphics_cells(&r, GRAPHICS_16, &c);
    for (int i = 0; i < c.columns * c.rows; i++) {
        const struct style *s = &c.cells[i].style;
        uint32_t upper = c.cells[i].text[0] == ' ' ? s->background : s->foreground;
        CHECK(upper == COLOR_INDEX(7) || upper == COLOR_INDEX(15));
        white += (upper == COLOR_INDEX(15)) + (s->background == COLOR_INDEX(15));
    }
    CHECK(white > 32 * 32 * 45 / 100 && white < 32 * 32 * 55 / 100);
    graphics_cells_release(&c);
}

/* ---- Sixel ---- */

struct sixel {
    int width, height;
    uint8_t colors[256][3];
    int pixels[64][64]; /* a colour's number; -1: not drawn */
};

static int number(const char **s)
{
    return (int)strtol(*s, (char **)s, 10);
}

static void put_sixels(struct sixel *p, int *x, int y, int color, int bits, int count)
{
    for (; count > 0; count--, (*x)++) {
        for (int i = 0; i < 6; i++) {
            if (bits >> i & 1 && *x < 64 && y + i < 64) {
                p->pixels[y + i][*x] = color;
            }
        }
    }
}

static void read_color(struct sixel *p, const char **s, int *color)
{
    *color = number(s);
    if (**s == ';') {
        CHECK(strncmp(*s, ";2;", 3) == 0);
        *s += 3;
        for (int c = 0; c < 3; c++) {
            p->colors[*color][c] = (uint8_t)(number(s) * 255 / 100);
            *s += **s == ';';
        }
    }
}

static void read_sixel(const char *s, struct sixel *p)
{
    int x = 0, y = 0, color = -1;
    memset(p->pixels, -1, sizeof p->pixels);
    CHECK(strncmp(s, "\033P0;1;0q\"1;1;", 13) == 0);
    s += 13;
    p->width = number(&s);
    s++;
    p->height = number(&s);
    while (*s && *s != '\033') {
        char c = *s++;
        if (c == '#') {
            read_color(p, &s, &color);
        } else if (c == '!') {
            int count = number(&s);
            put_sixels(p, &x, y, color, *s++ - '?', count);
        } else if (c == '$' || c == '-') {
            x = 0;
            y += c == '-' ? 6 : 0;
        } else {
            CHECK(c >= '?' && c <= '~');
            put_sixels(p, &x, y, color, c - '?', 1);
        }
    }
    CHECK_STR(s, "\033\\\n");
}

/* 20 x 14, a colour for each quarter and a hole. */
TEST(sixel_comes_back)
{
    static const uint32_t quarters[] = { 0xff000000, 0x00ff0000, 0x0000ff00, 0xffffff00 };
    AUTO_RASTER struct raster r = make(20, 14, 4);
    AUTO_BUF struct buf out = BUF_INIT;
    static struct sixel p;
    for (uint32_t y = 0; y < 14; y++) {
        for (uint32_t x = 0; x < 20; x++) {
            set(&r, x, y,
                quarters[(y >= 7) * 2 + (x >= 10)] | (x == 5 && y == 8 ? 0 : 255));
        }
    }
    draw(GRAPHICS_SIXEL, &plain, &r, &out);
    read_sixel(out.data, &p);
    CHECK_INT(p.width, 20);
    CHECK_INT(p.height, 14);
    for (int y = 0; y < 14; y++) {
        for (int x = 0; x < 20; x++) {
            int color = p.pixels[y][x];
            const uint8_t *want = r.pixels + (y * 20 + x) * 4;
            bool hole = x == 5 && y == 8;
            CHECK(hole == (color < 0));
            CHECK(hole ||
                  (p.colors[color][0] == want[0] && p.colors[color][1] == want[1] &&
                   p.colors[color][2] == want[2]));
        }
    }
    CHECK_INT(p.pixels[14][0], -1);
}

/* As many colours as can be, and more: what is drawn is close to what was asked. */
TEST(sixel_of_many_colours)
{
    AUTO_RASTER struct raster r = make(64, 60, 3);
    AUTO_BUF struct buf out = BUF_INIT;
    static struct sixel p;
    int64_t off = 0;
    for (uint32_t y = 0; y < 60; y++) {
        for (uint32_t x = 0; x < 64; x++) {
            set(&r, x, y, x * 4 << 24 | y * 4 << 16 | ((x + y) * 2) << 8);
        }
    }
    draw(GRAPHICS_SIXEL, &plain, &r, &out);
    read_sixel(out.data, &p);
    for (int i = 0; i < 60 * 64; i++) {
        int color = p.pixels[i / 64][i % 64];
        CHECK(color >= 0);
        for (int c = 0; c < 3 && color >= 0; c++) {
            off += abs(p.colors[color][c] - r.pixels[i * 3 + c]);
        }
    }
    CHECK(off / (60 * 64 * 3) < 12);
}

TEST(sixel_of_nothing)
{
    AUTO_RASTER struct raster r = make(3, 3, 4);
    AUTO_BUF struct buf out = BUF_INIT;
    draw(GRAPHICS_SIXEL, &plain, &r, &out);
    CHECK_STR(out.data, "\033P0;1;0q\"1;1;3;3#0;2;0;0;0\033\\\n");
}

/* ---- Files in base64 ---- */

static void add_decoded(struct buf *out, const char *s, size_t len)
{
    uint32_t bits = 0;
    int have = 0;
    for (size_t i = 0; i < len && s[i] != '='; i++) {
        static const char digits[] =
            "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        const char *digit = strchr(digits, s[i]);
        CHECK(digit != NULL);
        bits = bits << 6 | (uint32_t)(digit - digits);
        have += 6;
        if (have >= 8) {
            have -= 8;
            buf_addch(out, (char)(bits >> have));
        }
    }
}

/* Noise, so that it takes several pieces. */
static struct raster noise(uint8_t channels)
{
    struct raster r = make(60, 60, channels);
    uint32_t seed = 1;
    for (size_t i = 0; i < (size_t)60 * 60 * channels; i++) {
        seed = seed * 1664525 + 1013904223;
        r.pixels[i] = (uint8_t)(seed >> 24);
    }
    return r;
}

/* The pixels of FILE are those of R. */
static void check_file(const struct buf *file, const struct raster *r)
{
    struct error err = ERROR_INIT;
    AUTO_RASTER struct raster got = RASTER_INIT;
    const struct load_options options = { .width = 0 };
    FILE *f = tmpfile();
    CHECK(fwrite(file->data, 1, file->len, f) == file->len && fflush(f) == 0);
    CHECK_INT(image_load(fileno(f), (int64_t)file->len, &options, &got, &err), 0);
    CHECK_INT(got.width, r->width);
    CHECK_INT(got.height, r->height);
    if (got.pixels && got.channels == r->channels) {
        size_t size = (size_t)r->width * r->height * r->channels;
        CHECK(memcmp(got.pixels, r->pixels, size) == 0);
    }
    fclose(f);
}

/* Undo tmux's wrapping. */
static void unwrap(const struct buf *in, struct buf *out)
{
    const char *s = in->data;
    while (strncmp(s, "\033Ptmux;", 7) == 0) {
        for (s += 7; !(s[0] == '\033' && s[1] == '\\'); s++) {
            s += s[0] == '\033';
            buf_addch(out, *s);
        }
        s += 2;
    }
    buf_addstr(out, s);
}

static void check_kitty(const char *s, const struct raster *r)
{
    AUTO_BUF struct buf file = BUF_INIT;
    int pieces = 0;
    bool more = true;
    static const char head[] = "\033_Ga=T,f=100,q=2,c=60,r=60,m=1;";
    CHECK(strncmp(s, head, sizeof head - 1) == 0);
    while (more) {
        const char *end = strstr(s, "\033\\");
        const char *text = strchr(s, ';') + 1;
        CHECK(strncmp(s, "\033_G", 3) == 0);
        more = text[-2] == '1';
        CHECK(end - text <= 4096);
        add_decoded(&file, text, (size_t)(end - text));
        s = end + 2;
        pieces++;
    }
    CHECK(pieces > 2);
    CHECK_STR(s, "\n");
    check_file(&file, r);
}

TEST(kitty_comes_back)
{
    struct terminal in_tmux = plain;
    AUTO_RASTER struct raster r = noise(3);
    AUTO_BUF struct buf out = BUF_INIT;
    AUTO_BUF struct buf wrapped = BUF_INIT;
    AUTO_BUF struct buf again = BUF_INIT;
    draw(GRAPHICS_KITTY, &plain, &r, &out);
    check_kitty(out.data, &r);
    in_tmux.in_tmux = true;
    draw(GRAPHICS_KITTY, &in_tmux, &r, &wrapped);
    unwrap(&wrapped, &again);
    CHECK_STR(again.data, out.data);
}

TEST(iterm2_comes_back)
{
    AUTO_RASTER struct raster r = noise(4);
    AUTO_BUF struct buf out = BUF_INIT;
    AUTO_BUF struct buf file = BUF_INIT;
    size_t size = 0;
    draw(GRAPHICS_ITERM2, &plain, &r, &out);
    CHECK_INT(sscanf(out.data, "\033]1337;File=inline=1;size=%zu;width=60;height=60;",
                     &size),
              1);
    const char *text = strchr(out.data, ':') + 1;
    add_decoded(&file, text, strcspn(text, "\007"));
    CHECK_INT(file.len, size);
    CHECK_STR(strchr(text, '\007'), "\007\n");
    check_file(&file, &r);
}

int main(void)
{
    struct error err = ERROR_INIT;
    CHECK_INT(image_codec_load(&err), 0);
    RUN(sizes_keep_the_shape);
    RUN(nothing_is_enlarged_and_nothing_vanishes);
    RUN(cells_of_another_shape);
    RUN(blocks_are_exact);
    RUN(equal_halves_are_a_blank);
    RUN(few_colours);
    RUN(letters);
    RUN(lost_colour_goes_to_the_neighbours);
    RUN(sixel_comes_back);
    RUN(sixel_of_many_colours);
    RUN(sixel_of_nothing);
    RUN(kitty_comes_back);
    RUN(iterm2_comes_back);
    return test_end();
}
