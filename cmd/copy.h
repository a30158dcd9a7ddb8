/*
 * copy.h - --copy: what a command found, for the clipboard.
 */
#ifndef COPY_H
#define COPY_H

#include "imgctl/buf.h"

/* A line more for the clipboard; the last one gets no newline. TEXT NULL: nothing. */
void copy_add(struct buf *lines, const char *text);

/* Copy LINES, if there are any, and say so. The exit code: STATUS, or 1 if that was 0
 * and they could not be copied, which is reported. */
int copy_finish(const struct buf *lines, int status);

#endif
