#include "copy.h"

#include "imgctl/clipboard.h"
#include "imgctl/output.h"
#include "imgctl/report.h"

void copy_add(struct buf *lines, const char *text)
{
    if (text) {
        buf_addstr(lines, lines->len > 0 ? "\n" : "");
        buf_addstr(lines, text);
    }
}

int copy_finish(const struct buf *lines, int status)
{
    struct error err = ERROR_INIT;
    if (lines->len == 0) {
        return status;
    }
    int copied = clipboard_copy(lines->data, lines->len, &err);
    if (copied < 0) {
        report_error("--copy", &err, false);
        return status ? status : error_exit_code(err.kind);
    }
    if (!output_quiet()) {
        output_note(copied == 0 ? "copied to the clipboard"
                                : "handed to the terminal for its clipboard");
    }
    return status;
}
