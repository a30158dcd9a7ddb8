#include "pager.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "imgctl/file.h"
#include "imgctl/mem.h"
#include "imgctl/output.h"
#include "imgctl/program.h"
#include "imgctl/strlist.h"
#include "imgctl/text.h"

static struct {
    struct strlist command; /* empty: no pager */
    struct buf held;
    size_t lines;           /* of the screen that HELD fills */
    pid_t pid;              /* 0: not started */
    bool is_named;          /* somebody wants this one */
    bool left;              /* the reader has read enough */
} pager = { .held = BUF_INIT };

bool pager_choose(const char *setting)
{
    const char *own = getenv("IMGCTL_PAGER");
    const char *usual = getenv("PAGER");
    const char *named = own ? own : setting ? setting : usual;
    pager.is_named = named != NULL;
    if (!program_words(named ? named : "less -FRX", &pager.command) ||
        pager.command.len == 0 ||
        strcmp(pager.command.items[0], "cat") == 0) {
        strlist_release(&pager.command);
        return false;
    }
    return true;
}

bool pager_is_less(void)
{
    return pager.command.len > 0 &&
           strcmp(file_base_name(pager.command.items[0]), "less") == 0;
}

bool pager_is_on(void)
{
    return pager.command.len > 0;
}

/* The end of the escape sequence at S: CSI ("\033[1m") or OSC ("\033]8;;...\033\\"). */
static const char *after_sequence(const char *s)
{
    if (s[1] == '[') {
        s += 2;
        s += strspn(s, "0123456789;");
        return *s ? s + 1 : s;
    }
    const char *end = strstr(s, "\033\\");
    return end && end != s ? end + 2 : s + 1;
}

/* How many lines of the screen TEXT takes: long ones are folded. */
static size_t count_lines(const char *text, size_t columns)
{
    size_t lines = 0;
    while (*text) {
        AUTO_BUF struct buf shown = BUF_INIT;
        const char *end = text + strcspn(text, "\n");
        while (text < end) {
            if (*text == '\033') {
                text = after_sequence(text);
            } else {
                buf_addch(&shown, *text++);
            }
        }
        size_t width = text_width(shown.data);
        lines += width ? (width + columns - 1) / columns : 1;
        text = *end ? end + 1 : end;
    }
    return lines;
}

/* What the usual pager needs to pass colours on, unless the user decided it. */
static void prepare_environment(void)
{
    if (setenv("LESS", "FRX", 0) != 0 || setenv("LV", "-c", 0) != 0) {
        return; /* then it shows escapes */
    }
}

/* Put the pager where standard output was. False when it cannot be run. */
static bool start(struct error *err)
{
    AUTO_FREE const char **argv = mem_array(pager.command.len + 1, sizeof *argv);
    int ends[2];
    for (size_t i = 0; i < pager.command.len; i++) {
        argv[i] = pager.command.items[i];
    }
    if (pipe2(ends, O_CLOEXEC) < 0) {
        error_errno(err, ERROR_FAILED, "cannot make a pipe");
        return false;
    }
    AUTO_FD int reader = ends[0];
    AUTO_FD int writer = ends[1];
    struct program_files files = { reader, STDOUT_FILENO, STDERR_FILENO };
    prepare_environment();
    if (program_start(argv, &files, &pager.pid, err) < 0) {
        pager.pid = 0;
        return false;
    }
    signal(SIGPIPE, SIG_IGN);
    signal(SIGINT, SIG_IGN);
    signal(SIGQUIT, SIG_IGN);
    return dup2(writer, STDOUT_FILENO) >= 0;
}

static int write_out(struct buf *b)
{
    int result = pager.left ? 0 : file_write_all(STDOUT_FILENO, b->data, b->len);
    if (result < 0 && errno == EPIPE && pager.pid) {
        pager.left = true;
        result = 0;
    }
    buf_clear(b);
    return result;
}

int pager_write(struct buf *b)
{
    struct error err = ERROR_INIT;
    if (pager.pid) {
        return write_out(b);
    }
    pager.lines += count_lines(b->data, output_columns());
    buf_add(&pager.held, b->data, b->len);
    buf_clear(b);
    if (pager.lines < output_lines()) {
        return 0;
    }
    if (!start(&err)) {
        strlist_release(&pager.command);
        if (pager.is_named) {
            output_note("imgctl: no pager: %s", err.message);
        }
    }
    return write_out(&pager.held);
}

bool pager_left(void)
{
    return pager.left;
}

int pager_end(void)
{
    struct error ignored = ERROR_INIT;
    int result = write_out(&pager.held);
    if (pager.pid) {
        AUTO_FD int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
        dup2(nowhere, STDOUT_FILENO);
        program_wait(pager.pid, &ignored);
    }
    buf_release(&pager.held);
    strlist_release(&pager.command);
    return result;
}
