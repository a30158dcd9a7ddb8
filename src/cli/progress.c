#include "imgctl/progress.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "imgctl/clock.h"
#include "imgctl/file.h"
#include "imgctl/json.h"
#include "imgctl/mem.h"
#include "imgctl/output.h"
#include "imgctl/text.h"

#define FIRST_AFTER 500       /* ms; what is over before needs no bar */
#define LOG_EVERY (30 * 1000) /* ms */
#define LOG_LEAST (5 * 1000)  /* ms between lines, however fast it goes */
#define JSON_EVERY 1000

const char *const progress_names[] = { "auto", "bar", "log", "json", "none", NULL };

struct progress {
    enum progress_choice choice; /* never PROGRESS_AUTO */
    bool told_terminal;          /* OSC 9;4 is understood and was sent */
    bool understands;
    bool drawn;
    int64_t began, shown; /* clock_steady() */
    int64_t tenth;        /* of the work, when last logged */
    int64_t total, done, failed, bytes;
    int64_t elapsed;      /* ms; -1: the rate is shown, and what is left */
};

static bool env_is(const char *name, const char *value)
{
    const char *is = getenv(name);
    return is && (value ? strcmp(is, value) == 0 : *is != '\0');
}

/* Elsewhere the sequence may be taken for a notification, or shown. */
static bool terminal_understands(void)
{
    return env_is("WT_SESSION", NULL) || env_is("ConEmuANSI", "ON") ||
           env_is("TERM_PROGRAM", "ghostty") || env_is("TERM", "xterm-ghostty");
}

static enum progress_choice choose(enum progress_choice choice)
{
    if (choice != PROGRESS_AUTO) {
        return choice;
    }
    if (output_quiet()) {
        return PROGRESS_NONE;
    }
    return isatty(STDERR_FILENO) && !env_is("TERM", "dumb") ? PROGRESS_BAR : PROGRESS_LOG;
}

struct progress *progress_new(enum progress_choice choice)
{
    struct progress *p = mem_alloc(sizeof *p);
    p->choice = choose(choice);
    p->understands = p->choice == PROGRESS_BAR && isatty(STDERR_FILENO) &&
                     terminal_understands();
    p->began = p->shown = clock_steady();
    p->elapsed = -1;
    return p;
}

static void put(const struct buf *b)
{
    if (file_write_all(STDERR_FILENO, b->data, b->len) < 0) {
        return; /* there is nowhere left to say so */
    }
}

static int64_t per_second(const struct progress *p, int64_t amount)
{
    int64_t passed = clock_steady() - p->began;
    return passed > 0 ? amount * 1000 / passed : 0;
}

/* By pictures: how large those are that come, nobody knows yet. -1: no telling. */
static int64_t seconds_left(const struct progress *p)
{
    int64_t passed = clock_steady() - p->began;
    return p->done > 0 ? (p->total - p->done) * passed / p->done / 1000 : -1;
}

static void add_time(const struct progress *p, struct buf *line)
{
    int64_t seconds = p->elapsed / 1000;
    buf_addf(line, "%" PRId64 ":%02" PRId64, seconds / 60, seconds % 60);
    if (p->bytes > 0) {
        char bytes[16];
        text_format_size(bytes, p->bytes);
        buf_addf(line, "  %s", bytes);
    }
}

static void add_rate(const struct progress *p, struct buf *line)
{
    char bytes[16], rate[16];
    int64_t left = seconds_left(p);
    text_format_size(bytes, p->bytes);
    text_format_size(rate, per_second(p, p->bytes));
    buf_addf(line, "%s  %s/s", bytes, rate);
    if (left >= 0 && p->done < p->total) {
        buf_addf(line, "  %" PRId64 ":%02" PRId64 " left", left / 60, left % 60);
    }
}

static void add_facts(const struct progress *p, struct buf *line)
{
    buf_addf(line, "%" PRId64 "/%" PRId64 "  ", p->done, p->total);
    if (p->elapsed >= 0) {
        add_time(p, line);
    } else {
        add_rate(p, line);
    }
    if (p->failed > 0) {
        buf_addf(line, "  %" PRId64 " failed", p->failed);
    }
}

/* ---- The bar ---- */

static void tell_terminal(struct progress *p, struct buf *out)
{
    if (p->understands) {
        int64_t percent = p->total > 0 ? p->done * 100 / p->total : 0;
        bool is_endless = p->elapsed >= 0 && p->done == 0;
        int state = is_endless ? 3 : p->failed > 0 ? 2 : 1;
        buf_addf(out, "\033]9;4;%d;%" PRId64 "\033\\", state, percent);
        p->told_terminal = true;
    }
}

static void draw(struct progress *p)
{
    AUTO_BUF struct buf facts = BUF_INIT;
    AUTO_BUF struct buf out = BUF_INIT;
    const int64_t cells = 20;
    int64_t full = p->total > 0 ? p->done * cells / p->total : 0;
    buf_addch(&facts, '[');
    for (int64_t i = 0; i < cells; i++) {
        buf_addch(&facts, i < full ? '#' : '.');
    }
    buf_addstr(&facts, "] ");
    add_facts(p, &facts);
    buf_addstr(&out, "\r");
    text_fit(&out, facts.data, output_note_columns() - 1);
    buf_addstr(&out, "\033[K");
    tell_terminal(p, &out);
    put(&out);
    p->drawn = true;
}

void progress_hide(struct progress *p)
{
    if (p->drawn) {
        AUTO_BUF struct buf out = BUF_INIT;
        buf_addstr(&out, "\r\033[K");
        put(&out);
        p->drawn = false;
    }
}

/* ---- Lines ---- */

static void write_log(struct progress *p)
{
    AUTO_BUF struct buf line = BUF_INIT;
    buf_addstr(&line, "imgctl: ");
    add_facts(p, &line);
    buf_addch(&line, '\n');
    put(&line);
    p->tenth = p->total > 0 ? p->done * 10 / p->total : 0;
}

static void put_number(struct json_writer *w, const char *name, int64_t n)
{
    json_member_int(w, name, n);
}

static void write_json(const struct progress *p)
{
    AUTO_BUF struct buf line = BUF_INIT;
    struct json_writer w = { .out = &line };
    int64_t left = seconds_left(p);
    json_begin_object(&w);
    json_member_text(&w, "event", "progress");
    put_number(&w, "done", p->done);
    put_number(&w, "total", p->total);
    put_number(&w, "failed", p->failed);
    put_number(&w, "bytes", p->bytes);
    put_number(&w, "bytes_per_second", per_second(p, p->bytes));
    json_key(&w, "seconds_left");
    if (left >= 0) {
        json_put_int(&w, left);
    } else {
        json_put_null(&w);
    }
    json_end_object(&w);
    buf_addch(&line, '\n');
    put(&line);
}

/* ---- When ---- */

static bool is_due(const struct progress *p, int64_t now)
{
    int64_t since = now - p->shown;
    switch (p->choice) {
    case PROGRESS_BAR:
        return now - p->began >= FIRST_AFTER && since >= PROGRESS_TICK;
    case PROGRESS_JSON:
        return since >= JSON_EVERY;
    case PROGRESS_LOG:
        return since >= LOG_EVERY || (since >= LOG_LEAST && p->total > 0 &&
                                      p->done * 10 / p->total > p->tenth);
    default:
        return false;
    }
}

static void show(struct progress *p)
{
    if (p->choice == PROGRESS_BAR) {
        draw(p);
    } else if (p->choice == PROGRESS_JSON) {
        write_json(p);
    } else if (p->choice == PROGRESS_LOG) {
        write_log(p);
    }
}

void progress_show(struct progress *p, int64_t total, int64_t done, int64_t failed,
                   int64_t bytes)
{
    int64_t now = clock_steady();
    bool first = p->total == 0 && total > 0;
    p->total = total;
    p->done = done;
    p->failed = failed;
    p->bytes = bytes;
    if (is_due(p, now) || (first && p->choice == PROGRESS_JSON)) {
        p->shown = now;
        show(p);
    }
}

void progress_show_time(struct progress *p, int64_t total, int64_t done, int64_t failed,
                        int64_t bytes, int64_t elapsed)
{
    p->elapsed = elapsed;
    progress_show(p, total, done, failed, bytes);
}

void progress_end(struct progress *p)
{
    AUTO_BUF struct buf out = BUF_INIT;
    progress_hide(p);
    if (p->told_terminal) {
        buf_addstr(&out, "\033]9;4;0\033\\");
        put(&out);
    }
    if (p->choice == PROGRESS_JSON && p->total > 0) {
        write_json(p);
    }
    free(p);
}
