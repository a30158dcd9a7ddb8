#include "operands.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "imgctl/file.h"
#include "imgctl/ids.h"
#include "imgctl/image.h"

#define STDIN_LIMIT ((size_t)64 * 1024 * 1024)

int operands_read_all(int fd, size_t limit, struct buf *out, struct error *err)
{
    char piece[65536];
    ssize_t n;
    while ((n = read(fd, piece, sizeof piece)) > 0) {
        if (!buf_add_limited(out, piece, (size_t)n, limit)) {
            return error_set(err, ERROR_USAGE, "standard input has more than %zu bytes",
                             limit);
        }
    }
    return n < 0 ? error_errno(err, ERROR_FILE, "cannot read standard input") : 0;
}

/* A picture, or lines that are added to INPUTS. */
static int take_standard_input(struct strlist *inputs, int *ret_fd, struct error *err)
{
    AUTO_BUF struct buf data = BUF_INIT;
    if (operands_read_all(STDIN_FILENO, STDIN_LIMIT, &data, err) < 0) {
        return -1;
    }
    if (image_sniff(data.data, data.len) != IMAGE_NONE) {
        strlist_add(inputs, "-");
        *ret_fd = file_scratch(err);
        return *ret_fd < 0 || file_write_all(*ret_fd, data.data, data.len) < 0
                   ? error_errno(err, ERROR_STORE, "cannot keep standard input")
                   : 0;
    }
    FILE *lines = data.len ? fmemopen(data.data, data.len, "r") : NULL;
    int result = lines ? ids_read(lines, inputs, err) : 0;
    if (lines) {
        fclose(lines);
    }
    return result;
}

static int take_picked(struct app *app, struct strlist *inputs, struct error *err)
{
    return app_open_catalog_if_there(app, err) < 0 ||
                   ids_picked(app->catalog, inputs, err) < 0
               ? -1
               : 0;
}

int operands_expand(struct app *app, const struct strlist *given, bool stdin_used,
                    struct strlist *inputs, int *ret_stdin_fd, struct error *err)
{
    for (size_t i = 0; i < given->len; i++) {
        const char *operand = given->items[i];
        if (strcmp(operand, "@picked") == 0) {
            if (take_picked(app, inputs, err) < 0) {
                return -1;
            }
        } else if (strcmp(operand, "-") != 0) {
            strlist_add(inputs, operand);
        } else if (stdin_used) {
            return error_set(err, ERROR_USAGE,
                             "standard input can be used for one thing only");
        } else if (take_standard_input(inputs, ret_stdin_fd, err) < 0) {
            return -1;
        } else {
            stdin_used = true;
        }
    }
    return 0;
}
