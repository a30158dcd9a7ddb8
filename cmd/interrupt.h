/*
 * interrupt.h - SIGINT, SIGTERM and SIGHUP, told to the work under way.
 */
#ifndef INTERRUPT_H
#define INTERRUPT_H

#include <signal.h>

#define INTERRUPT_SIGNALS 3

struct interrupt {
    struct sigaction before[INTERRUPT_SIGNALS];
};

/* From now on TELL is called with WHAT at each of the signals, in the handler. What is
 * ignored, as SIGHUP under nohup, stays so. One at a time. */
void interrupt_begin(struct interrupt *i, void (*tell)(void *what), void *what);
void interrupt_end(const struct interrupt *i);

/* The first signal that came since interrupt_begin(); 0: none. And how many. */
int interrupt_signal(void);
int interrupt_count(void);

/* End the process as the signal would have done. */
void interrupt_die(void);

#endif
