#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "imgctl/file.h"
#include "imgctl/tty.h"
#include "pick.h"

#define ESCAPE_TIME 50  /* ms after which an escape is the key Esc */
#define SIDE_FROM 40    /* columns of a screen that has room for a picture */

const struct style style_normal = { .attributes = 0 };
const struct style style_strong = { .attributes = STYLE_BOLD };
const struct style style_weak = { .attributes = STYLE_DIM };
const struct style style_cursor = { .attributes = STYLE_REVERSE };

static const char *const tab_names[] = { "Library", "Upload", "Generate" };

static const char enter[] = "\033[?1049h\033[?2004h\033[?25l\033[H\033[2J";
static const char leave[] = "\033[0m\033[?2004l\033[?25h\033[?1049l";

void pick_say(struct pick *p, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(p->message, sizeof p->message, fmt, ap);
    va_end(ap);
}

/* ---- Drawing ---- */

static const char *const help_lines[] = {
    "Up Down PgUp PgDn Home End  move",
    "letters    search, Backspace takes back",
    "/          search with blanks, too",
    "Left Right all, uploaded, AI; folders",
    "Space      mark, or take the mark back",
    "Enter      choose; in Upload: upload",
    "Tab        the next tab",
    "Ctrl-U     nothing is looked for",
    "Ctrl-L     draw again   Ctrl-Z stop",
    "Esc Ctrl-C leave, nothing is chosen",
};

static void draw_tabs(struct pick *p)
{
    int x = 0;
    for (size_t i = 0; i < PICK_TABS; i++) {
        bool is_open = i == (size_t)p->tab;
        x = 1 + screen_text(&p->screen, x, 0, 12, false,
                            is_open ? &style_cursor : &style_normal, tab_names[i]);
    }
}

static void draw_help(struct pick *p)
{
    for (size_t i = 0; i < sizeof help_lines / sizeof *help_lines; i++) {
        screen_text(&p->screen, 0, (int)i + 1, p->screen.columns, false, &style_normal,
                    help_lines[i]);
    }
}

static void draw_foot(struct pick *p)
{
    int y = p->screen.rows - 1;
    const char *hint = p->help ? "any key goes back"
                       : p->tab == TAB_UPLOAD
                           ? "Enter upload  Right open  Left back  Tab  Esc leave"
                       : p->tab == TAB_GENERATE
                           ? "Enter generate  Up Down Left Right  Tab  Esc leave"
                       : p->options->multi
                           ? "Space mark  Enter choose  Tab  ? help  Esc leave"
                           : "Enter choose  Tab  ? help  Esc leave";
    screen_text(&p->screen, 0, y, p->screen.columns, true,
                p->message[0] ? &style_strong : &style_weak,
                p->message[0] ? p->message : hint);
}

void pick_draw(struct pick *p)
{
    AUTO_BUF struct buf out = BUF_INIT;
    struct screen *s = &p->screen;
    int columns = s->columns >= SIDE_FROM ? s->columns * 5 / 9 : s->columns;
    struct area list = { 0, 2, columns, s->rows - 3 };
    struct area side = { columns + 1, 2, s->columns - columns - 1, s->rows - 3 };
    screen_clear(s);
    s->cursor_x = -1;
    draw_tabs(p);
    if (p->help) {
        draw_help(p);
        pane_show(p->pane, 0, NULL, side, s);
    } else if (p->tab == TAB_UPLOAD) {
        upload_tab_draw(p, list, side);
    } else if (p->tab == TAB_GENERATE) {
        generate_tab_draw(p);
        pane_show(p->pane, 0, NULL, side, s);
    } else {
        library_draw(p, list, side);
    }
    draw_foot(p);
    screen_update(s, &out);
    pane_draw(p->pane, s, &out);
    if (file_write_all(p->fd, out.data, out.len) < 0) {
        p->over = true;
    }
}

static void resize(struct pick *p)
{
    struct terminal now;
    terminal_look(&now, p->fd, true);
    p->terminal.columns = now.columns;
    p->terminal.rows = now.rows;
    screen_resize(&p->screen, now.columns, now.rows);
    pane_forget(p->pane);
    if (file_write_all(p->fd, "\033[0m\033[2J", 8) < 0) {
        p->over = true;
    }
}

/* ---- Keys ---- */

static void next_tab(struct pick *p, int by)
{
    p->tab = (enum pick_tab)(((int)p->tab + by + PICK_TABS) % PICK_TABS);
    p->in_field = false;
    p->dirty = true;
}

/* What every tab has in common; false: it is for the tab. */
static bool common_key(struct pick *p, const struct key *key)
{
    char letter = key->kind == KEY_CTRL ? key->text[0] : '\0';
    if (letter == 'c' || (key->kind == KEY_ESCAPE && !p->help && !p->in_field)) {
        p->over = true;
    } else if (p->help || (key->kind == KEY_ESCAPE && p->in_field)) {
        p->help = p->in_field = false;
    } else if (letter == 'l') {
        resize(p);
    } else if (letter == 'z') {
        tty_stop();
        resize(p);
    } else if (key->kind == KEY_TAB || key->kind == KEY_BACKTAB) {
        next_tab(p, key->kind == KEY_TAB ? 1 : -1);
    } else {
        return false;
    }
    return true;
}

/* What is asked for, if it has changed. */
static void refresh(struct pick *p)
{
    struct error err = ERROR_INIT;
    int result = 0;
    if (p->dirty && p->tab == TAB_UPLOAD) {
        result = folder_refresh(&p->folder, &err);
    } else if (p->dirty && p->tab == TAB_GENERATE) {
        generate_tab_refresh(p);
    } else if (p->dirty) {
        result = chooser_refresh(&p->chooser, &err);
    }
    p->dirty = false;
    if (result < 0) {
        pick_say(p, "%s", err.message);
    }
}

/* Does the key only change what is looked for? Then no answer is needed before it. */
static bool only_edits(const struct key *key)
{
    return (key->kind == KEY_TEXT && key->text[0] != ' ') || key->kind == KEY_PASTE ||
           key->kind == KEY_BACKSPACE;
}

static void take_keys(struct pick *p, bool waited)
{
    struct key key;
    while (!p->over && keys_next(&p->keys, waited, &key)) {
        p->message[0] = '\0';
        if (!only_edits(&key)) {
            refresh(p);
        }
        if (common_key(p, &key)) {
            continue;
        }
        if (p->tab == TAB_UPLOAD) {
            upload_tab_key(p, &key);
        } else if (p->tab == TAB_GENERATE) {
            generate_tab_key(p, &key);
        } else {
            library_key(p, &key);
        }
    }
}

bool pick_wants_out(struct pick *p)
{
    struct key key;
    size_t size, len = 0;
    bool wanted = false;
    char *room = keys_room(&p->keys, &size);
    if (tty_wait(0, -1, room, size, &len) == TTY_INPUT) {
        keys_added(&p->keys, len);
    }
    while (keys_next(&p->keys, true, &key)) {
        wanted |= key.kind == KEY_ESCAPE || (key.kind == KEY_CTRL && key.text[0] == 'c');
    }
    return wanted;
}

void pick_take(struct pick *p, int64_t id)
{
    while (chooser_erase(&p->chooser)) {
        continue;
    }
    p->chooser.kind = CHOOSE_ALL;
    p->chooser.cursor = 0;
    if (p->options->multi && !chooser_is_marked(&p->chooser, id)) {
        chooser_mark(&p->chooser, id);
    }
    p->tab = TAB_LIBRARY;
    p->dirty = true;
}

/* ---- The loop ---- */

static int loop(struct pick *p, struct error *err)
{
    bool drawn = false;
    while (!p->over) {
        size_t size, len = 0;
        char *room = keys_room(&p->keys, &size);
        int timeout = !drawn ? 0 : keys_incomplete(&p->keys) ? ESCAPE_TIME : -1;
        switch (tty_wait(timeout, pane_fd(p->pane), room, size, &len)) {
        case TTY_INPUT:
            keys_added(&p->keys, len);
            take_keys(p, false);
            drawn = false;
            break;
        case TTY_OTHER:
            pane_collect(p->pane);
            drawn = false;
            break;
        case TTY_RESIZED:
            resize(p);
            drawn = false;
            break;
        case TTY_CLOSED:
            return error_set(err, ERROR_FAILED, "the terminal is gone");
        case TTY_NOTHING:
            if (drawn) {
                take_keys(p, true);
            }
            if (!p->over) { /* now that no more keys wait */
                refresh(p);
                pick_draw(p);
            }
            drawn = true;
            break;
        }
    }
    return 0;
}

/* Where true pixels are known to work and nothing else was asked for. */
static enum graphics choose_graphics(struct pick *p)
{
    if (p->options->protocol >= 0) {
        return (enum graphics)p->options->protocol;
    }
    terminal_ask(&p->terminal);
    return p->terminal.best;
}

int pick_run(struct pick *p, struct error *err)
{
    const char *term = getenv("TERM");
    if (!term || strcmp(term, "dumb") == 0) {
        error_set(err, ERROR_USAGE, "this terminal (TERM is %s) cannot move its cursor",
                  term ? term : "not set");
        return error_hint(err, "imgctl list selects without one");
    }
    enum graphics how = choose_graphics(p);
    p->fd = tty_begin(enter, leave, err);
    if (p->fd < 0) {
        return -1;
    }
    p->pane = pane_new(p->app, &p->terminal, how);
    p->dirty = true;
    resize(p);
    int result = loop(p, err);
    AUTO_BUF struct buf last = BUF_INIT;
    buf_addstr(&last, graphics_erase(how));
    file_write_all(p->fd, last.data, last.len); /* nothing depends on it any more */
    tty_end();
    p->app->left_running = !pane_free(p->pane);
    screen_release(&p->screen);
    return result;
}
