/* Standard output and standard error: how they are, and writing to them. */
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "imgctl/file.h"
#include "imgctl/output.h"
#include "imgctl/text.h"
#include "pager.h"

static struct {
    bool terminal, links, quiet, pager;
    bool color[STDERR_FILENO + 1]; /* by descriptor */
    bool color_of_tty;
    int write_errno;
} out;

static bool env_set(const char *name)
{
    const char *value = getenv(name);
    return value && *value;
}

static bool env_is(const char *name, const char *value)
{
    const char *is = getenv(name);
    return is && strcmp(is, value) == 0;
}

/* A terminal that does more than print lines. */
static bool is_able_terminal(int fd)
{
    return isatty(fd) && env_set("TERM") && !env_is("TERM", "dumb");
}

/* ABLE: the terminal, if it is one, has colours. */
static bool color_wanted(enum color_choice choice, bool able)
{
    if (choice != COLOR_AUTO) {
        return choice == COLOR_ALWAYS;
    }
    if (env_set("NO_COLOR")) {
        return false;
    }
    if (env_set("CLICOLOR_FORCE") && !env_is("CLICOLOR_FORCE", "0")) {
        return true;
    }
    return able && !env_is("CLICOLOR", "0");
}

void output_setup(const struct output_choices *choices)
{
    bool able = is_able_terminal(STDOUT_FILENO);
    out.terminal = isatty(STDOUT_FILENO);
    out.color[STDOUT_FILENO] = color_wanted(choices->color, able);
    out.color[STDERR_FILENO] =
        color_wanted(choices->color, is_able_terminal(STDERR_FILENO));
    out.color_of_tty = color_wanted(choices->color, true);
    out.quiet = choices->quiet;
    out.links = able && !env_is("TERM", "linux") && !choices->no_links;
    out.pager = able && !choices->no_pager;
}

void output_page(const char *setting)
{
    out.pager = out.pager && pager_choose(setting);
    out.links = out.links && (!out.pager || pager_is_less());
}

bool output_is_terminal(void)
{
    return out.terminal;
}

bool output_color(void)
{
    return out.color[STDOUT_FILENO];
}

bool output_color_of_tty(void)
{
    return out.color_of_tty;
}

bool output_quiet(void)
{
    return out.quiet;
}

static size_t columns_of(int fd)
{
    struct winsize size;
    int64_t columns;
    const char *env = getenv("COLUMNS");
    if (env && text_parse_int(env, 20, 1000, &columns)) {
        return (size_t)columns;
    }
    if (ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col >= 20) {
        return size.ws_col;
    }
    return 80;
}

size_t output_columns(void)
{
    return columns_of(STDOUT_FILENO);
}

size_t output_note_columns(void)
{
    return columns_of(STDERR_FILENO);
}

size_t output_lines(void)
{
    struct winsize size;
    int64_t lines;
    const char *env = getenv("LINES");
    if (env && text_parse_int(env, 2, 1000, &lines)) {
        return (size_t)lines;
    }
    return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row > 1 ? size.ws_row
                                                                            : 24;
}

void output_write(struct buf *b)
{
    if (b->len == 0) {
        return;
    }
    if (pager_is_on() ? pager_write(b) < 0
                      : file_write_all(STDOUT_FILENO, b->data, b->len) < 0) {
        out.write_errno = errno;
    }
    buf_clear(b);
}

bool output_failed(void)
{
    errno = out.write_errno;
    return out.write_errno != 0 || pager_left();
}

int output_finish(struct error *err)
{
    if (pager_is_on() && pager_end() < 0) {
        out.write_errno = errno;
    }
    errno = out.write_errno;
    return errno ? error_errno(err, ERROR_FAILED, "cannot write to standard output") : 0;
}

/* Could a terminal take S for more than an address? What is not safe is no link. */
static bool is_safe_link(const char *s)
{
    static const char *const schemes[] = { "https://", "http://", "file://" };
    bool known = false;
    for (size_t i = 0; i < sizeof schemes / sizeof *schemes; i++) {
        known |= strncmp(s, schemes[i], strlen(schemes[i])) == 0;
    }
    for (; known && *s; s++) {
        known = *s > ' ' && *s < 0x7f;
    }
    return known;
}

void output_link(struct buf *b, const char *address, const char *text)
{
    if (out.links && address && is_safe_link(address)) {
        buf_addf(b, "\033]8;;%s\033\\%s\033]8;;\033\\", address, text);
    } else {
        buf_addstr(b, text);
    }
}

/* Standard error, but between what is printed if both are one screen in a pager. */
static void write_note(struct buf *line)
{
    if (pager_is_on() && isatty(STDERR_FILENO)) {
        output_write(line);
    } else if (file_write_all(STDERR_FILENO, line->data, line->len) < 0) {
        return; /* there is nowhere left to say so */
    }
}

static void add_note(struct buf *line, const char *fmt, va_list ap)
    __attribute__((format(printf, 2, 0)));

static void add_note(struct buf *line, const char *fmt, va_list ap)
{
    AUTO_BUF struct buf raw = BUF_INIT;
    buf_vaddf(&raw, fmt, ap);
    text_escape(line, raw.data, raw.len);
    buf_addch(line, '\n');
}

void output_note(const char *fmt, ...)
{
    AUTO_BUF struct buf line = BUF_INIT;
    va_list ap;
    va_start(ap, fmt);
    add_note(&line, fmt, ap);
    va_end(ap);
    write_note(&line);
}

void output_complain(const char *fmt, ...)
{
    AUTO_BUF struct buf line = BUF_INIT;
    va_list ap;
    buf_addstr(&line,
               out.color[STDERR_FILENO] ? "\033[1;31mimgctl:\033[0m " : "imgctl: ");
    va_start(ap, fmt);
    add_note(&line, fmt, ap);
    va_end(ap);
    write_note(&line);
}
