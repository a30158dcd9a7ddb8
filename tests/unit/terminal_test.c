/* What the terminal is; its keys; its screen. */
#include "imgctl/terminal.h"

#include "imgctl/keys.h"
#include "imgctl/screen.h"
#include "test.h"

/* ---- The environment ---- */

/* ENV is "NAME=value NAME=value": nothing else of this is set. */
static struct terminal look(const char *env, bool color)
{
    static const char *const names[] = { "TERM", "COLORTERM", "TMUX", "STY", "LC_ALL",
                                         "LC_CTYPE", "LANG", "COLUMNS" };
    struct terminal t;
    char copy[256], *rest = copy;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        unsetenv(names[i]);
    }
    snprintf(copy, sizeof copy, "%s", env);
    for (char *one; (one = strsep(&rest, " "));) {
        char *value = strchr(one, '=');
        *value++ = '\0';
        setenv(one, value, 1);
    }
    terminal_look(&t, -1, color);
    return t;
}

TEST(colours_by_environment)
{
    CHECK_INT(look("TERM=xterm", true).best, GRAPHICS_16);
    CHECK_INT(look("TERM=xterm-256color", true).best, GRAPHICS_256);
    CHECK_INT(look("TERM=xterm-256color COLORTERM=truecolor", true).best,
              GRAPHICS_BLOCKS);
    CHECK_INT(look("TERM=xterm-direct", true).best, GRAPHICS_BLOCKS);
    CHECK_INT(look("TERM=linux", true).best, GRAPHICS_16);
    CHECK_INT(look("TERM=dumb COLORTERM=truecolor", true).best, GRAPHICS_ASCII);
    CHECK_INT(look("TERM=vt220", true).best, GRAPHICS_ASCII);
    CHECK_INT(look("COLUMNS=100", true).best, GRAPHICS_ASCII);
    CHECK_INT(look("TERM=xterm-256color", false).best, GRAPHICS_ASCII);
    CHECK_INT(look("TERM=xterm-256color LANG=de_DE.ISO-8859-1", true).best,
              GRAPHICS_ASCII);
    CHECK_INT(look("TERM=xterm-256color LANG=C LC_ALL=C.UTF-8", true).best, GRAPHICS_256);
}

TEST(protocols_by_environment)
{
    CHECK_INT(look("TERM=xterm-kitty", true).best, GRAPHICS_KITTY);
    CHECK_INT(look("TERM=xterm-kitty", true).characters, GRAPHICS_BLOCKS);
    CHECK_INT(look("TERM=xterm-kitty", false).best, GRAPHICS_KITTY);
    CHECK_INT(look("TERM=xterm-kitty", false).characters, GRAPHICS_ASCII);
    CHECK_INT(look("TERM=foot", true).best, GRAPHICS_SIXEL);
}

TEST(characters_in_a_multiplexer)
{
    CHECK_INT(look("TERM=xterm-kitty TMUX=/tmp/x,1,0", true).best, GRAPHICS_BLOCKS);
    CHECK_INT(look("TERM=tmux-256color TMUX=x COLORTERM=truecolor", true).best,
              GRAPHICS_BLOCKS);
    CHECK(look("TERM=tmux-256color TMUX=x", true).in_tmux);
    CHECK_INT(look("TERM=screen-256color STY=x COLORTERM=truecolor", true).best,
              GRAPHICS_256);
    CHECK_INT(look("TERM=screen", true).best, GRAPHICS_16);
}

TEST(size_without_a_window)
{
    struct terminal t = look("TERM=xterm COLUMNS=100", true);
    CHECK_INT(t.columns, 100);
    CHECK_INT(t.rows, 24);
    CHECK_INT(t.cell_height, 2 * t.cell_width);
    CHECK_INT(look("TERM=xterm COLUMNS=x", true).columns, 80);
}

/* ---- Answers ---- */

static struct terminal_answers answers(const char *text)
{
    struct terminal_answers a = { .attributes = false };
    terminal_answers_read(text, strlen(text), &a);
    return a;
}

/* What is concluded from TEXT, and whether kitty's question follows. */
static enum graphics conclude(const char *text, bool *ask)
{
    struct terminal t = { .characters = GRAPHICS_256, .best = GRAPHICS_256 };
    struct terminal_answers a = answers(text);
    *ask = terminal_conclude(&t, &a);
    return t.best;
}

TEST(attributes)
{
    CHECK(answers("\033[?62;22c").attributes);
    CHECK(!answers("\033[?62;22c").sixel);
    CHECK(answers("\033[?62;4;22c").sixel);
    CHECK(answers("\033[?1;2;4c").sixel);
    CHECK(!answers("\033[?4;6c").sixel); /* a VT132 */
    CHECK(!answers("\033[?62;4;22").attributes);
    CHECK(!answers("\033[?62;4x;22c").sixel);
    CHECK(!answers("\033[62;4c").attributes);
    CHECK(answers("typed ahead\033[A\033[?6c").attributes);
    CHECK(answers("\033[?62;;;;;;;;;;;;;;;;;;;;;;;4c").attributes);
}

TEST(cell_size)
{
    struct terminal_answers a = answers("\033[6;18;9t\033[?6c");
    CHECK_INT(a.cell_height, 18);
    CHECK_INT(a.cell_width, 9);
    CHECK(a.attributes);
    CHECK_INT(answers("\033[8;24;80t").cell_height, 0);
}

TEST(names)
{
    bool ask;
    CHECK_INT(conclude("\033P>|kitty(0.36.4)\033\\\033[?62c", &ask), GRAPHICS_KITTY);
    CHECK(!ask);
    CHECK_INT(conclude("\033P>|iTerm2 3.5.0\033\\\033[?62;4c", &ask), GRAPHICS_ITERM2);
    CHECK_INT(conclude("\033P>|WezTerm 20240203\033\\\033[?65;4c", &ask),
              GRAPHICS_ITERM2);
    CHECK_INT(conclude("\033P>|XTerm(390)\033\\\033[?64;4;22c", &ask), GRAPHICS_SIXEL);
    CHECK(!ask);
    CHECK_INT(conclude("\033P>|VTE(7402)\033\\\033[?61;1;21c", &ask), GRAPHICS_256);
    CHECK(!ask);
    CHECK_INT(conclude("\033P>|Konsole 24.02\033\\\033[?62;1;4c", &ask), GRAPHICS_SIXEL);
    CHECK(ask);
    CHECK_INT(conclude("\033P>|Konsole 24.02\033\\\033_Gi=31;OK\033\\\033[?62c", &ask),
              GRAPHICS_KITTY);
    CHECK_INT(conclude("\033_Gi=31;ENOTSUP\033\\\033[?62c", &ask), GRAPHICS_256);
    CHECK_INT(conclude("\033[?6c", &ask), GRAPHICS_256);
    CHECK(!ask); /* who has no name may print the question */
    CHECK_INT(conclude("", &ask), GRAPHICS_256);
    CHECK_STR(answers("\033P>|0123456789012345678901234567890123456789\033\\").name,
              "0123456789012345678901234567890");
}

/* ---- Keys ---- */

/* The keys of BYTES, as a line of words; one byte arrives at a time. */
static const char *read_keys(const char *bytes, bool waited)
{
    static const char *const names[] = {
        "", "paste:", "ctrl-", "enter", "tab", "backtab", "backspace", "delete", "esc",
        "up", "down", "left", "right", "home", "end", "pgup", "pgdn",
    };
    static char line[512];
    struct keys k = KEYS_INIT;
    struct key key;
    size_t size, len = strlen(bytes);
    line[0] = '\0';
    for (size_t i = 0; i < len; i++) {
        *keys_room(&k, &size) = bytes[i];
        keys_added(&k, 1);
        while (keys_next(&k, waited && i + 1 == len, &key)) {
            snprintf(line + strlen(line), sizeof line - strlen(line), "%s%s%s",
                     *line ? " " : "", names[key.kind], key.text);
        }
    }
    CHECK_INT(waited && keys_incomplete(&k), 0);
    return line;
}

TEST(keys_that_are_text)
{
    CHECK_STR(read_keys("aé日🏖", false), "a é 日 🏖");
    CHECK_STR(read_keys("a\xff\xc3(b", false), "a ( b");
    CHECK_STR(read_keys("\x03\x15\r\t\x7f\x08", false),
              "ctrl-c ctrl-u enter tab backspace backspace");
}

TEST(keys_that_are_sequences)
{
    CHECK_STR(read_keys("\033[A\033OB\033[5~\033[6~\033[H\033[4~\033[Z", false),
              "up down pgup pgdn home end backtab");
    CHECK_STR(read_keys("\033[1;5C\033[3~x", false), "right delete x");
    CHECK_STR(read_keys("\033[24~\033[?62;4c\033[<0;3;4My\033[[A", false), "y");
    CHECK_STR(read_keys("\033OM\033[200", true), "enter");
    CHECK_STR(read_keys("a\033", true), "a esc");
    CHECK_STR(read_keys("a\033", false), "a");
    CHECK_STR(read_keys("\033q", false), "esc q");
    CHECK_STR(read_keys("\033[12", true), "");
}

TEST(pasted_text_is_no_command)
{
    CHECK_STR(read_keys("\033[200~a b\r\x03?\033[201~?", false),
              "paste:a paste:  paste:b paste:? ?");
}

/* A slow line may stop anywhere: what was waited for in vain ends no paste. */
TEST(paste_over_a_slow_line)
{
    struct keys k = KEYS_INIT;
    struct key key;
    size_t size;
    for (const char *at = "\033[200~a\033[201~q"; *at; at++) {
        *keys_room(&k, &size) = *at;
        keys_added(&k, 1);
        while (keys_next(&k, k.pasting, &key)) {
            CHECK_INT(key.kind, key.text[0] == 'a' ? KEY_PASTE : KEY_TEXT);
            CHECK(key.text[0] == 'a' || key.text[0] == 'q');
        }
    }
    CHECK(!keys_incomplete(&k));
    CHECK(!k.pasting);
}

TEST(endless_sequence)
{
    struct keys k = KEYS_INIT;
    struct key key;
    size_t size;
    memcpy(keys_room(&k, &size), "\033[", 2);
    keys_added(&k, 2);
    char *room = keys_room(&k, &size);
    memset(room, ';', size);
    keys_added(&k, size);
    CHECK(!keys_next(&k, false, &key));
    CHECK(!keys_incomplete(&k));
}

/* ---- The screen ---- */

static const struct style normal = { .attributes = 0 };

static const char *update(struct screen *s)
{
    static struct buf out = BUF_INIT;
    buf_clear(&out);
    screen_update(s, &out);
    return out.data + strlen("\033[?25l");
}

TEST(only_what_changed_is_sent)
{
    struct screen s = SCREEN_INIT;
    screen_resize(&s, 8, 2);
    screen_text(&s, 0, 0, 8, false, &normal, "hello");
    CHECK_STR(update(&s), "\033[1;1Hhello   \033[2;1H        ");
    CHECK_STR(update(&s), "");
    screen_text(&s, 0, 0, 8, false, &normal, "hallo");
    CHECK_STR(update(&s), "\033[1;2Ha");
    screen_clear(&s);
    screen_text(&s, 0, 0, 8, false, &normal, "hallo");
    CHECK_STR(update(&s), "");
    screen_forget(&s, 3, 0, 2, 1);
    s.cursor_x = 1;
    CHECK_STR(update(&s), "\033[1;4Hlo\033[1;2H\033[?25h");
    screen_release(&s);
}

TEST(styles)
{
    const struct style bold = { .attributes = STYLE_BOLD };
    const struct style both = { COLOR_INDEX(9), COLOR_INDEX(200),
                                STYLE_BOLD | STYLE_REVERSE };
    struct screen s = SCREEN_INIT;
    screen_resize(&s, 4, 1);
    screen_text(&s, 0, 0, 1, false, &bold, "a");
    screen_text(&s, 1, 0, 1, false, &both, "b");
    screen_text(&s, 2, 0, 1, false, &bold, "c");
    CHECK_STR(update(&s), "\033[1;1H\033[1ma\033[7;91;48;5;200mb\033[;1mc\033[m ");
    screen_release(&s);
}

TEST(wide_and_combining)
{
    struct screen s = SCREEN_INIT;
    screen_resize(&s, 6, 1);
    CHECK_INT(screen_text(&s, 0, 0, 6, false, &normal, "日e\u0301x"), 4);
    CHECK_STR(update(&s), "\033[1;1H日e\u0301x  ");
    screen_clear(&s);
    screen_text(&s, 0, 0, 5, false, &normal, "日日日");
    CHECK_STR(update(&s), "\033[1;3H日…");
    screen_text(&s, 1, 0, 1, false, &normal, "!"); /* over a right half */
    CHECK_STR(update(&s), "\033[1;1H !");
    screen_release(&s);
}

/* What combines with a character is cut where a cell is full, but not in a character. */
TEST(many_combining)
{
    struct screen s = SCREEN_INIT;
    screen_resize(&s, 2, 1);
    screen_text(&s, 0, 0, 2, false, &normal,
                "e\u0301\u0302\u0303\u0304\u0306\u0307\u0308\u0309");
    CHECK_STR(update(&s), "\033[1;1He\u0301\u0302\u0303\u0304\u0306\u0307 ");
    screen_release(&s);
}

TEST(control_characters_are_shown)
{
    struct screen s = SCREEN_INIT;
    screen_resize(&s, 12, 1);
    screen_text(&s, 0, 0, 12, false, &normal, "a\033[2Jb");
    CHECK_STR(update(&s), "\033[1;1Ha\\x1B[2Jb   ");
    screen_release(&s);
}

TEST(nothing_outside_the_screen)
{
    const struct cell wide = { .text = "日", .width = 2 };
    struct screen s = SCREEN_INIT;
    screen_resize(&s, 3, 1);
    CHECK_INT(screen_text(&s, 5, 0, 4, true, &normal, "x"), 5);
    screen_text(&s, 0, 1, 3, true, &normal, "x");
    screen_text(&s, 0, -1, 3, true, &normal, "x");
    screen_cell(&s, 2, 0, &wide);
    CHECK_STR(update(&s), "\033[1;1H   ");
    screen_release(&s);
}

int main(void)
{
    RUN(colours_by_environment);
    RUN(protocols_by_environment);
    RUN(characters_in_a_multiplexer);
    RUN(size_without_a_window);
    RUN(attributes);
    RUN(cell_size);
    RUN(names);
    RUN(keys_that_are_text);
    RUN(keys_that_are_sequences);
    RUN(pasted_text_is_no_command);
    RUN(paste_over_a_slow_line);
    RUN(endless_sequence);
    RUN(only_what_changed_is_sent);
    RUN(styles);
    RUN(wide_and_combining);
    RUN(many_combining);
    RUN(control_characters_are_shown);
    RUN(nothing_outside_the_screen);
    return test_end();
}
