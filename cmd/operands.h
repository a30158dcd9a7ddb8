/*
 * operands.h - operands that are ids, files or URLs, or say where more of them are.
 */
#ifndef OPERANDS_H
#define OPERANDS_H

#include "app.h"
#include "imgctl/buf.h"
#include "imgctl/strlist.h"

/*
 * Add GIVEN to INPUTS, "@picked" as what was chosen last. "-" is a picture on standard
 * input: it stays "-", and its bytes are in *RET_STDIN_FD, the caller's to close; or it
 * is a list of ids and names, one a line, which is added. STDIN_USED: something else
 * has read it.
 */
int operands_expand(struct app *app, const struct strlist *given, bool stdin_used,
                    struct strlist *inputs, int *ret_stdin_fd, struct error *err);

/* All of standard input or a file, at most LIMIT bytes. */
int operands_read_all(int fd, size_t limit, struct buf *out, struct error *err);

#endif
