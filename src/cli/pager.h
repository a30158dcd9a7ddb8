/*
 * pager.h - long output for people, a screen at a time (stdout.c's).
 *
 * What is printed is held back while it still fits the terminal. Once it does not, a
 * pager is started and stands where standard output was; from then on Ctrl-C is for
 * the pager, and a reader who leaves it early has read enough: no error.
 */
#ifndef PAGER_H
#define PAGER_H

#include <stdbool.h>

#include "imgctl/buf.h"

/* SETTING is core.pager; NULL: none. False when there is nothing to page with. */
bool pager_choose(const char *setting);

/* Does the chosen one pass colours and links on? */
bool pager_is_less(void);

/* Has the pager been chosen, and not ended? */
bool pager_is_on(void);

/* Has the reader left before the end? */
bool pager_left(void);

/* Take B, whatever becomes of it, and empty it. -1 with errno. */
int pager_write(struct buf *b);

/* Print what was held back, or wait until the reader leaves. -1 with errno. */
int pager_end(void);

#endif
