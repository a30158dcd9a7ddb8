#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "imgctl/clock.h"
#include "imgctl/mem.h"
#include "imgctl/text.h"
#include "pick.h"
#include "verdict.h"

#define DETAIL_ROWS 7
#define FACTS_FROM 44 /* columns of a list that shows the size, too */

static const struct picture *row_at_cursor(struct pick *p)
{
    struct error err = ERROR_INIT;
    return chooser_row(&p->chooser, p->chooser.cursor, &err);
}

/* The rule that P breaks, into TEXT; false: it may be chosen. */
static bool is_barred(struct pick *p, const struct picture *row, char *text)
{
    text[0] = '\0';
    if (p->profile) {
        verdict_of_row(p->profile, row, text);
    }
    return p->options->require_ig && text[0];
}

/* ---- Keys ---- */

static void mark(struct pick *p)
{
    const struct picture *row = row_at_cursor(p);
    char rule[40];
    if (!row) {
        return;
    }
    int64_t id = row->id;
    if (is_barred(p, row, rule)) {
        pick_say(p, "Instagram would not take it: %s", rule);
    } else if (!chooser_mark(&p->chooser, id)) {
        pick_say(p, "%zu are marked, that is all that may be", p->chooser.mark_count);
    } else if (p->options->multi) {
        chooser_move(&p->chooser, 1);
    }
}

static void accept(struct pick *p)
{
    const struct picture *row = row_at_cursor(p);
    char rule[40];
    if (p->chooser.mark_count == 0 && !row) {
        pick_say(p, "there is nothing to choose");
        return;
    }
    if (p->chooser.mark_count == 0 && is_barred(p, row, rule)) {
        pick_say(p, "Instagram would not take it: %s", rule);
        return;
    }
    if (p->chooser.mark_count == 0) {
        chooser_mark(&p->chooser, row->id);
    }
    p->over = p->accepted = true;
}

static void type(struct pick *p, const struct key *key)
{
    bool is_command = key->kind == KEY_TEXT && !p->in_field;
    if (is_command && strcmp(key->text, " ") == 0) {
        mark(p);
    } else if (is_command && strcmp(key->text, "?") == 0) {
        p->help = true;
    } else if (is_command && strcmp(key->text, "/") == 0) {
        p->in_field = true;
    } else if (chooser_type(&p->chooser, key->text)) {
        p->dirty = true;
    }
}

static void next_kind(struct pick *p, int by)
{
    int kind = ((int)p->chooser.kind + by + CHOOSER_KINDS) % CHOOSER_KINDS;
    p->chooser.kind = (enum chooser_kind)kind;
    p->chooser.cursor = 0;
    p->dirty = true;
}

void library_key(struct pick *p, const struct key *key)
{
    int page = p->screen.rows > 5 ? p->screen.rows - 4 : 1;
    switch (key->kind) {
    case KEY_TEXT:
    case KEY_PASTE:
        type(p, key);
        return;
    case KEY_BACKSPACE:
        p->dirty |= chooser_erase(&p->chooser);
        return;
    case KEY_CTRL:
        while (key->text[0] == 'u' && chooser_erase(&p->chooser)) {
            p->dirty = true;
        }
        chooser_move(&p->chooser, key->text[0] == 'n' ? 1 : key->text[0] == 'p' ? -1 : 0);
        return;
    case KEY_ENTER:
        accept(p);
        return;
    case KEY_LEFT:
        next_kind(p, -1);
        return;
    case KEY_RIGHT:
        next_kind(p, 1);
        return;
    case KEY_UP:
        chooser_move(&p->chooser, -1);
        break;
    case KEY_DOWN:
        chooser_move(&p->chooser, 1);
        break;
    case KEY_PAGE_UP:
        chooser_move(&p->chooser, -page);
        break;
    case KEY_PAGE_DOWN:
        chooser_move(&p->chooser, page);
        break;
    case KEY_HOME:
        chooser_move(&p->chooser, INT64_MIN);
        break;
    case KEY_END:
        chooser_move(&p->chooser, INT64_MAX);
        break;
    default:
        break;
    }
    p->in_field = false;
}

/* ---- Drawing ---- */

static int id_width(const struct pick *p, const struct picture *row)
{
    char text[24];
    (void)p;
    return snprintf(text, sizeof text, "%" PRId64, row->id);
}

/* "> * 1234 IG AI name     1200x800" */
static void draw_row(struct pick *p, const struct picture *row, struct area at, int ids,
                     bool is_cursor)
{
    char rule[40], text[64], facts[32] = "";
    bool barred = is_barred(p, row, rule);
    const struct style *style = is_cursor ? &style_cursor : barred ? &style_weak
                                                                   : &style_normal;
    snprintf(text, sizeof text, "%c%c%*" PRId64 " %s %s ", is_cursor ? '>' : ' ',
             chooser_is_marked(&p->chooser, row->id) ? '*' : ' ', ids, row->id,
             p->profile && !rule[0] ? "IG" : "  ", row->ai_generated ? "AI" : "  ");
    if (at.columns >= FACTS_FROM) {
        snprintf(facts, sizeof facts, " %" PRId64 "x%" PRId64, row->width, row->height);
    }
    int right = (int)strlen(facts);
    int x = screen_text(&p->screen, at.x, at.y, at.columns, true, style, text);
    screen_text(&p->screen, x, at.y, at.x + at.columns - right - x, true, style,
                row->original_filename ? row->original_filename : "");
    screen_text(&p->screen, at.x + at.columns - right, at.y, right, true, style, facts);
}

static void draw_list(struct pick *p, struct area list)
{
    struct error err = ERROR_INIT;
    struct chooser *c = &p->chooser;
    int64_t top = c->cursor - c->cursor % (list.rows > 0 ? list.rows : 1);
    int ids = 1;
    for (int i = 0; i < list.rows; i++) {
        const struct picture *row = chooser_row(c, top + i, &err);
        int width = row ? id_width(p, row) : 0;
        ids = width > ids ? width : ids;
    }
    for (int i = 0; i < list.rows; i++) {
        const struct picture *row = chooser_row(c, top + i, &err);
        struct area at = { list.x, list.y + i, list.columns, 1 };
        if (row) {
            draw_row(p, row, at, ids, top + i == c->cursor);
        }
    }
    if (err.kind != ERROR_NONE) {
        pick_say(p, "%s", err.message);
    }
    if (c->total <= 0) {
        screen_text(&p->screen, list.x + 2, list.y, list.columns - 2, false, &style_weak,
                    chooser_search_is_short(c) ? "type a third character"
                    : c->search.len            ? "nothing matches"
                                               : "no pictures yet: Tab uploads one");
    }
}

/* TEXT over up to ROWS rows; returns the row behind it. */
static int draw_text(struct pick *p, struct area a, int rows, const char *text)
{
    AUTO_BUF struct buf safe = BUF_INIT;
    text_escape(&safe, text, strlen(text));
    const char *at = safe.data;
    while (*at && rows > 0 && a.rows > 0) {
        /* As many characters as fit: a wide one may take two columns. */
        size_t n = 0, width = 0;
        while (at[n] && rows > 1) {
            size_t len = 1;
            char one[5] = "";
            while (((unsigned char)at[n + len] & 0xc0) == 0x80 && len < 4) {
                len++;
            }
            memcpy(one, at + n, len);
            width += text_width(one);
            if (width > (size_t)a.columns) {
                break;
            }
            n += len;
        }
        AUTO_FREE char *line = rows > 1 ? mem_strndup(at, n) : mem_strdup(at);
        screen_text(&p->screen, a.x, a.y, a.columns, false, &style_normal, line);
        at += strlen(line);
        a.y++;
        a.rows--;
        rows--;
    }
    return a.y;
}

/* What there is to say of P, a line each. */
static void describe(struct pick *p, const struct picture *full, struct strlist *lines)
{
    AUTO_BUF struct buf tags = BUF_INIT;
    char size[16], age[32], rule[40];
    text_format_size(size, full->file_size_bytes);
    clock_relative(age, full->created_at, clock_now());
    is_barred(p, full, rule);
    strlist_add(lines, full->original_filename ? full->original_filename : "");
    strlist_take(lines, mem_printf("%" PRId64 "x%" PRId64 "  %s", full->width,
                                   full->height, size));
    if (p->profile) {
        strlist_take(lines, mem_printf("Instagram: %s%s", rule[0] ? "no, " : "ok", rule));
    }
    strlist_take(lines, mem_printf("%s  %s", full->storage_provider, age));
    if (full->ai_generated) {
        strlist_take(lines, mem_printf("%s: %s", full->ai_model ? full->ai_model : "AI",
                                       full->ai_prompt ? full->ai_prompt : ""));
    }
    for (size_t i = 0; i < full->tags.len; i++) {
        buf_addf(&tags, "%s%s", i ? ", " : "", full->tags.items[i]);
    }
    if (tags.len > 0) {
        strlist_add(lines, tags.data);
    }
    if (full->alt_text) {
        strlist_add(lines, full->alt_text);
    }
}

static void draw_details(struct pick *p, int64_t id, struct area a)
{
    AUTO_PICTURE struct picture full = PICTURE_INIT;
    AUTO_STRLIST struct strlist lines = STRLIST_INIT;
    struct error err = ERROR_INIT;
    int end = a.y + a.rows;
    if (catalog_picture(p->app->catalog, id, &full, &err) <= 0) {
        return;
    }
    describe(p, &full, &lines);
    for (size_t i = 0; i < lines.len && a.y < end; i++) {
        a.rows = end - a.y;
        a.y = draw_text(p, a, i == 0 ? 1 : 2, lines.items[i]);
    }
}

void library_draw(struct pick *p, struct area list, struct area side)
{
    static const char *const kinds[] = { "all", "uploaded", "AI" };
    struct screen *s = &p->screen;
    struct chooser *c = &p->chooser;
    char count[64];
    int x = screen_text(s, 0, 1, s->columns, false, &style_weak, "Search ");
    x = screen_text(s, x, 1, s->columns - x - 20, false, &style_normal, c->search.data);
    s->cursor_x = p->in_field ? x : -1;
    s->cursor_y = 1;
    int right = s->columns - 16;
    for (size_t i = 0; i < CHOOSER_KINDS && right > 7; i++) {
        bool is_chosen = i == (size_t)c->kind;
        right = 1 + screen_text(s, right, 1, 8, false,
                                is_chosen ? &style_cursor : &style_weak, kinds[i]);
    }
    snprintf(count, sizeof count, "%" PRId64 "/%" PRId64,
             c->total > 0 ? c->cursor + 1 : 0, c->total > 0 ? c->total : 0);
    if (c->mark_count > 0) {
        snprintf(count + strlen(count), sizeof count - strlen(count), "  %zu marked",
                 c->mark_count);
    }
    int width = (int)strlen(count);
    screen_text(s, s->columns - width, 0, width, false, &style_normal, count);
    draw_list(p, list);
    const struct picture *row = row_at_cursor(p);
    if (row && side.columns > 0) {
        int details = side.rows > 2 * DETAIL_ROWS ? DETAIL_ROWS : side.rows / 2;
        struct area top = { side.x, side.y, side.columns, side.rows - details };
        struct area below = { side.x, side.y + side.rows - details, side.columns,
                              details };
        int64_t id = row->id;
        draw_details(p, id, below);
        pane_show(p->pane, id, NULL, top, s);
    } else {
        pane_show(p->pane, 0, NULL, side, s);
    }
}
