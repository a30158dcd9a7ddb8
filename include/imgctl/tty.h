/*
 * tty.h - the keyboard and the screen behind /dev/tty, in raw mode.
 *
 * Standard input and output may be pipes meanwhile. However the program ends, also by a
 * signal or a crash, the terminal is as it was before: tty_end() does it, or a handler,
 * which then gives the signal its usual effect. There is one terminal, so there is one
 * of this.
 */
#ifndef IMGCTL_TTY_H
#define IMGCTL_TTY_H

#include <stdbool.h>
#include <stddef.h>

#include "imgctl/error.h"

/* Open /dev/tty and put it into raw mode. ENTER is written now, LEAVE at the end; both
 * stay the caller's. Returns the descriptor, which tty_end() closes; ERROR_QUESTION
 * when there is no terminal, or it is another program's just now. */
int tty_begin(const char *enter, const char *leave, struct error *err);
void tty_end(void); /* fine without a beginning */

enum tty_event {
    TTY_NOTHING, /* the time is over */
    TTY_INPUT,   /* bytes were read */
    TTY_OTHER,   /* OTHER_FD can be read */
    TTY_RESIZED, /* the window has another size, or the program was stopped and goes
                    on: draw everything again */
    TTY_CLOSED,  /* there is no terminal any more */
};

/* Wait up to TIMEOUT ms (negative: no limit) for one of these. OTHER_FD -1: none. */
enum tty_event tty_wait(int timeout, int other_fd, char *bytes, size_t size, size_t *len);

/* Stop as Ctrl-Z does, with the terminal as it was, until the shell says go on. */
void tty_stop(void);

#endif
