#include "imgctl/terminal.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/ioctl.h>

#include "imgctl/clock.h"
#include "imgctl/file.h"
#include "imgctl/text.h"
#include "imgctl/tty.h"

#define ANSWER_TIME 500 /* ms; over a slow line, too */
#define ANSWER_SIZE 1024

static const char *env(const char *name)
{
    const char *value = getenv(name);
    return value ? value : "";
}

static bool begins(const char *s, const char *prefix)
{
    return strncmp(s, prefix, strlen(prefix)) == 0;
}

/* ---- The environment ---- */

/* Half blocks are UTF-8. A locale that is not set says nothing; one that is must fit. */
static bool has_blocks(void)
{
    const char *locale = *env("LC_ALL") ? env("LC_ALL")
                         : *env("LC_CTYPE") ? env("LC_CTYPE")
                                            : env("LANG");
    return *locale == '\0' || strcasestr(locale, "utf-8") || strcasestr(locale, "utf8");
}

/* GNU screen has no 24-bit colours; tmux makes of them what its terminal has. */
static enum graphics characters_of(const char *term, bool color)
{
    static const char *const monochrome[] = { "dumb", "unknown", "vt1", "vt2", "vt5" };
    static const char *const full[] = { "xterm-kitty", "xterm-ghostty", "foot",
                                        "alacritty",   "wezterm",       "contour" };
    bool in_screen = begins(term, "screen") && !*env("TMUX");
    if (!color || !*term || !has_blocks()) {
        return GRAPHICS_ASCII;
    }
    for (size_t i = 0; i < sizeof monochrome / sizeof *monochrome; i++) {
        if (begins(term, monochrome[i])) {
            return GRAPHICS_ASCII;
        }
    }
    for (size_t i = 0; i < sizeof full / sizeof *full; i++) {
        if (begins(term, full[i])) {
            return GRAPHICS_BLOCKS;
        }
    }
    const char *depth = env("COLORTERM");
    if (!in_screen && (strcmp(depth, "truecolor") == 0 || strcmp(depth, "24bit") == 0 ||
                       strstr(term, "-direct"))) {
        return GRAPHICS_BLOCKS;
    }
    return strstr(term, "256") ? GRAPHICS_256 : GRAPHICS_16;
}

static bool in_multiplexer(const char *term)
{
    return *env("TMUX") || *env("STY") || begins(term, "screen") || begins(term, "tmux");
}

/* TERM travels with the connection and is the terminal's own; other variables of a
 * terminal are inherited by the next one that is started in it. */
static enum graphics protocol_of(const char *term)
{
    static const struct {
        const char *term;
        enum graphics protocol;
    } known[] = {
        { "xterm-kitty", GRAPHICS_KITTY }, { "xterm-ghostty", GRAPHICS_KITTY },
        { "foot", GRAPHICS_SIXEL },        { "mlterm", GRAPHICS_SIXEL },
        { "yaft", GRAPHICS_SIXEL },
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (begins(term, known[i].term)) {
            return known[i].protocol;
        }
    }
    return GRAPHICS_ASCII;
}

static void measure(struct terminal *t, int fd)
{
    struct winsize size = { .ws_col = 0 };
    int64_t n;
    *t = (struct terminal){
        .columns = 80, .rows = 24, .cell_width = 10, .cell_height = 20,
    };
    if (fd >= 0 && ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 &&
        size.ws_row > 0) {
        t->columns = size.ws_col;
        t->rows = size.ws_row;
        t->cell_is_known = size.ws_xpixel >= size.ws_col && size.ws_ypixel >= size.ws_row;
    } else if (text_parse_int(env("COLUMNS"), 1, 1000, &n)) {
        t->columns = (int)n;
    }
    if (t->cell_is_known) {
        t->cell_width = size.ws_xpixel / t->columns;
        t->cell_height = size.ws_ypixel / t->rows;
    }
}

void terminal_look(struct terminal *t, int fd, bool color)
{
    const char *term = env("TERM");
    measure(t, fd);
    t->characters = characters_of(term, color);
    t->best = t->characters;
    t->in_tmux = *env("TMUX") != '\0';
    if (!in_multiplexer(term) && protocol_of(term) != GRAPHICS_ASCII) {
        t->best = protocol_of(term);
    }
}

/* ---- Asking ---- */

/* Only who is known to pass over what it does not understand is asked. */
static bool may_be_asked(void)
{
    static const char *const deaf[] = { "dumb", "linux", "vt",
                                        "ansi", "cons",  "unknown" };
    const char *term = env("TERM");
    for (size_t i = 0; i < sizeof deaf / sizeof *deaf; i++) {
        if (begins(term, deaf[i])) {
            return false;
        }
    }
    return *term && !in_multiplexer(term);
}

/* Send QUESTION, which ends with "who are you": every terminal answers that. */
static void converse(int fd, const char *question, struct terminal_answers *a)
{
    char bytes[ANSWER_SIZE];
    size_t have = 0;
    int64_t end = clock_steady() + ANSWER_TIME;
    if (file_write_all(fd, question, strlen(question)) < 0) {
        return;
    }
    a->attributes = false;
    while (!a->attributes && have < sizeof bytes) {
        int64_t left = end - clock_steady();
        size_t len = 0;
        if (left <= 0 || tty_wait((int)left, -1, bytes + have, sizeof bytes - have,
                                  &len) == TTY_CLOSED) {
            return;
        }
        have += len;
        terminal_answers_read(bytes, have, a);
    }
}

void terminal_ask(struct terminal *t)
{
    struct terminal_answers a = { .attributes = false };
    struct error none = ERROR_INIT;
    if (t->best > GRAPHICS_BLOCKS || !may_be_asked()) {
        return;
    }
    int fd = tty_begin("", "", &none);
    if (fd < 0) {
        return;
    }
    converse(fd, "\033[>q\033[16t\033[c", &a);
    if (terminal_conclude(t, &a)) {
        converse(fd, "\033_Gi=31,s=1,v=1,a=q,t=d,f=24;AAAA\033\\\033[c", &a);
        terminal_conclude(t, &a);
    }
    tty_end();
}

/* ---- Answers ---- */

/* "?62;4;22c", "6;20;10t": what follows ESC [, up to and with the letter. */
static void read_report(const char *s, size_t len, struct terminal_answers *a)
{
    int numbers[16] = { 0 };
    size_t count = 0;
    bool is_private = len > 0 && *s == '?';
    for (size_t i = is_private; i + 1 < len; i++) {
        if (s[i] == ';') {
            count++;
        } else if (s[i] < '0' || s[i] > '9') {
            return;
        } else if (count < 16 && numbers[count] < 100000) {
            numbers[count] = numbers[count] * 10 + (s[i] - '0');
        }
    }
    count = count < 16 ? count + 1 : 16;
    if (s[len - 1] == 'c' && is_private) {
        a->attributes = true;
        for (size_t i = 1; i < count; i++) { /* the first is its class */
            a->sixel = a->sixel || numbers[i] == 4;
        }
    } else if (s[len - 1] == 't' && !is_private && count == 3 && numbers[0] == 6) {
        a->cell_height = numbers[1];
        a->cell_width = numbers[2];
    }
}

/* What stands between ESC P, ESC _ and ESC \. */
static void read_text(const char *s, size_t len, struct terminal_answers *a)
{
    if (len > 3 && memcmp(s, "P>|", 3) == 0) {
        size_t n = len - 3 < sizeof a->name - 1 ? len - 3 : sizeof a->name - 1;
        memcpy(a->name, s + 3, n);
        a->name[n] = '\0';
    } else if (len >= 9 && memcmp(s, "_Gi=31;OK", 9) == 0) {
        a->kitty = true;
    }
}

void terminal_answers_read(const char *bytes, size_t len, struct terminal_answers *ret)
{
    for (size_t i = 0; i + 2 < len; i++) {
        const char *s = bytes + i + 1;
        size_t left = len - i - 1;
        if (bytes[i] != '\033') {
            continue;
        }
        if (*s == '[') {
            size_t n = 1;
            while (n < left && !(s[n] >= 0x40 && s[n] <= 0x7e)) {
                n++;
            }
            if (n < left) {
                read_report(s + 1, n, ret);
            }
        } else if (*s == 'P' || *s == '_') {
            const char *end = memmem(s, left, "\033\\", 2);
            if (end) {
                read_text(s, (size_t)(end - s), ret);
            }
        }
    }
}

bool terminal_conclude(struct terminal *t, const struct terminal_answers *a)
{
    /* Those who have no graphics of kitty's kind, or another that they do better. */
    static const char *const others[] = { "XTerm", "VTE", "foot", "mintty", "xterm.js" };
    if (!t->cell_is_known && a->cell_width > 0 && a->cell_width < 1000 &&
        a->cell_height > 0 && a->cell_height < 1000) {
        t->cell_width = a->cell_width;
        t->cell_height = a->cell_height;
        t->cell_is_known = true;
    }
    if (a->kitty || begins(a->name, "kitty") || begins(a->name, "ghostty")) {
        t->best = GRAPHICS_KITTY;
        return false;
    }
    if (begins(a->name, "iTerm2") || begins(a->name, "WezTerm")) {
        t->best = GRAPHICS_ITERM2;
        return false;
    }
    if (a->sixel) {
        t->best = GRAPHICS_SIXEL;
    }
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        if (begins(a->name, others[i])) {
            return false;
        }
    }
    return a->name[0] != '\0';
}
