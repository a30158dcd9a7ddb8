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

static struct {
    bool terminal, color, quiet;
    int write_errno;
} out;

static bool env_set(const char *name)
{
    const char *value = getenv(name);
    return value && *value;
}

static bool color_wanted(enum color_choice choice)
{
    const char *force = getenv("CLICOLOR_FORCE");
    const char *term = getenv("TERM");
    const char *cli = getenv("CLICOLOR");
    if (choice != COLOR_AUTO) {
        return choice == COLOR_ALWAYS;
    }
    if (env_set("NO_COLOR")) {
        return false;
    }
    if (force && *force && strcmp(force, "0") != 0) {
        return true;
    }
    return out.terminal && term && strcmp(term, "dumb") != 0 &&
           !(cli && strcmp(cli, "0") == 0);
}

void output_setup(enum color_choice choice, bool quiet)
{
    out.terminal = isatty(STDOUT_FILENO);
    out.color = color_wanted(choice);
    out.quiet = quiet;
}

bool output_is_terminal(void)
{
    return out.terminal;
}

bool output_color(void)
{
    return out.color;
}

bool output_quiet(void)
{
    return out.quiet;
}

size_t output_columns(void)
{
    struct winsize size;
    int64_t columns;
    const char *env = getenv("COLUMNS");
    if (env && text_parse_int(env, 20, 1000, &columns)) {
        return (size_t)columns;
    }
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col >= 20) {
        return size.ws_col;
    }
    return 80;
}

void output_write(struct buf *b)
{
    if (b->len > 0 && file_write_all(STDOUT_FILENO, b->data, b->len) < 0) {
        out.write_errno = errno;
    }
    buf_clear(b);
}

bool output_failed(void)
{
    errno = out.write_errno;
    return out.write_errno != 0;
}

void output_note(const char *fmt, ...)
{
    AUTO_BUF struct buf raw = BUF_INIT;
    AUTO_BUF struct buf line = BUF_INIT;
    va_list ap;
    va_start(ap, fmt);
    buf_vaddf(&raw, fmt, ap);
    va_end(ap);
    text_escape(&line, raw.data, raw.len);
    buf_addch(&line, '\n');
    if (file_write_all(STDERR_FILENO, line.data, line.len) < 0) {
        return; /* there is nowhere left to say so */
    }
}
