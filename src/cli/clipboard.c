#include "imgctl/clipboard.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "imgctl/file.h"
#include "imgctl/mem.h"
#include "imgctl/program.h"
#include "imgctl/text.h"

#define TERMINAL_LIMIT 74994 /* bytes; xterm's documentation names it as its most */
#define TYPES_LIMIT 65536
#define TIMEOUT 10000        /* ms; the application that copied may be slow to answer */

static const char *const types[] = { "image/png", "image/jpeg", "image/webp", NULL };

/* How a program is told what to do; the type of a picture goes where NULL is first. */
struct way {
    const char *display; /* the variable that says there is such a desktop */
    const char *copy[5];
    const char *list[7];
    const char *paste[7];
};

static const struct way ways[] = {
    { "WAYLAND_DISPLAY",
      { "wl-copy", NULL },
      { "wl-paste", "--list-types", NULL },
      { "wl-paste", "--no-newline", "--type", NULL } },
    { "DISPLAY",
      { "xclip", "-selection", "clipboard", "-in", NULL },
      { "xclip", "-selection", "clipboard", "-out", "-target", "TARGETS", NULL },
      { "xclip", "-selection", "clipboard", "-out", "-target", NULL } },
};

/* The first way whose desktop and program PROGRAM(way) are there; NULL. */
static const struct way *find_way(bool to_copy)
{
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
        const char *display = getenv(ways[i].display);
        AUTO_FREE char *program =
            display && *display
                ? program_find(to_copy ? ways[i].copy[0] : ways[i].paste[0])
                : NULL;
        if (program) {
            return &ways[i];
        }
    }
    return NULL;
}

static int no_clipboard(struct error *err)
{
    error_set(err, ERROR_FAILED, "no clipboard can be reached");
    return error_hint(err, "it needs wl-clipboard in a Wayland session or xclip in an X "
                           "session");
}

/* The program keeps the text until something else is copied: it goes on by itself. */
static int copy_by(const struct way *way, const char *text, size_t len, struct error *err)
{
    AUTO_FD int fd = memfd_create("clipboard", MFD_CLOEXEC);
    pid_t pid;
    if (fd < 0 || file_write_all(fd, text, len) < 0 || lseek(fd, 0, SEEK_SET) < 0) {
        return error_errno(err, ERROR_FAILED, "cannot copy");
    }
    struct program_files files = { .in = fd, .out = -1, .err = -1 };
    if (program_start(way->copy, &files, &pid, err) < 0) {
        return -1;
    }
    int status = program_wait(pid, err);
    return status > 0 ? error_set(err, ERROR_FAILED, "%s failed with status %d",
                                  way->copy[0], status)
                      : status;
}

static int copy_by_terminal(const char *text, size_t len, struct error *err)
{
    const char *term = getenv("TERM");
    AUTO_BUF struct buf sequence = BUF_INIT;
    if (!term || !*term || strcmp(term, "dumb") == 0 || strcmp(term, "linux") == 0) {
        return no_clipboard(err);
    }
    AUTO_FD int tty = open("/dev/tty", O_WRONLY | O_NOCTTY | O_CLOEXEC);
    if (tty < 0) {
        return no_clipboard(err);
    }
    buf_addstr(&sequence, "\033]52;c;");
    text_base64(&sequence, text, len);
    buf_addstr(&sequence, "\033\\");
    if (sequence.len > TERMINAL_LIMIT) {
        return error_set(err, ERROR_FAILED,
                         "it is too much for the terminal's clipboard");
    }
    return file_write_all(tty, sequence.data, sequence.len) < 0
               ? error_errno(err, ERROR_FAILED, "cannot write to the terminal")
               : 1;
}

int clipboard_copy(const char *text, size_t len, struct error *err)
{
    const struct way *way = find_way(true);
    return way ? copy_by(way, text, len, err) : copy_by_terminal(text, len, err);
}

/* ---- Pasting ---- */

/* The type that is wanted most among the lines of OFFERED; NULL. */
static const char *choose_type(const struct buf *offered)
{
    AUTO_STRLIST struct strlist lines = STRLIST_INIT;
    strlist_split(&lines, offered->data, '\n');
    for (size_t i = 0; types[i]; i++) {
        if (strlist_has(&lines, types[i])) {
            return types[i];
        }
    }
    return NULL;
}

static int too_large(int64_t limit, struct error *err)
{
    char size[16];
    text_format_size(size, limit);
    error_set(err, ERROR_IMAGE_LIMIT, "the picture in the clipboard is larger than %s",
              size);
    return error_hint(err, "the limit is the setting upload.max_bytes");
}

static int paste(const struct way *way, const char *type, int64_t limit,
                 struct error *err)
{
    const char *argv[sizeof way->paste / sizeof *way->paste + 1];
    AUTO_BUF struct buf bytes = BUF_INIT;
    size_t n = 0;
    for (; way->paste[n]; n++) {
        argv[n] = way->paste[n];
    }
    argv[n] = type;
    argv[n + 1] = NULL;
    if (program_read(argv, (size_t)limit, TIMEOUT, &bytes, err) < 0) {
        return errno == EMSGSIZE ? too_large(limit, err) : -1;
    }
    int fd = file_scratch(err);
    if (fd >= 0 && (file_write_all(fd, bytes.data, bytes.len) < 0 ||
                    lseek(fd, 0, SEEK_SET) < 0)) {
        error_errno(err, ERROR_STORE, "cannot keep the clipboard's picture");
        close(fd);
        fd = -1;
    }
    return fd;
}

int clipboard_picture(int64_t limit, struct error *err)
{
    const struct way *way = find_way(false);
    AUTO_BUF struct buf offered = BUF_INIT;
    struct error none = ERROR_INIT; /* to these programs an empty one is a failure */
    if (!way) {
        return no_clipboard(err);
    }
    const char *type =
        program_read(way->list, TYPES_LIMIT, TIMEOUT, &offered, &none) == 0
            ? choose_type(&offered)
            : NULL;
    if (!type) {
        error_set(err, ERROR_NOT_FOUND, "there is no picture in the clipboard");
        return error_hint(err, "copy one as PNG, JPEG or WebP first");
    }
    return paste(way, type, limit, err);
}
