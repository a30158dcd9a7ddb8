/*
 * progress.h - how far a batch is, on standard error.
 *
 * On a terminal one line that is drawn over, at most ten times a second and not before
 * half a second has passed; elsewhere a line of text now and then. Terminals that are
 * known to understand it also get the progress for their tab or task bar (OSC 9;4).
 * Results go to standard output: call progress_hide() before printing one.
 */
#ifndef IMGCTL_PROGRESS_H
#define IMGCTL_PROGRESS_H

#include <stdint.h>

enum progress_choice {
    PROGRESS_AUTO, /* a bar on a terminal, else a log; nothing with --quiet */
    PROGRESS_BAR,
    PROGRESS_LOG,  /* a line every 30 s, or every tenth of the work */
    PROGRESS_JSON, /* an object a line: at the beginning, each second, at the end */
    PROGRESS_NONE,
};

extern const char *const progress_names[]; /* of the choices; NULL-terminated */

#define PROGRESS_TICK 100 /* ms: progress_show() is wanted this often */

struct progress;

struct progress *progress_new(enum progress_choice choice);

/* BYTES may become less: what was sent in vain does not count. */
void progress_show(struct progress *p, int64_t total, int64_t done, int64_t failed,
                   int64_t bytes);

/* The same for work whose end nobody can tell: the time it has taken is shown instead
 * of a rate. ELAPSED is in ms. */
void progress_show_time(struct progress *p, int64_t total, int64_t done, int64_t failed,
                        int64_t bytes, int64_t elapsed);
void progress_hide(struct progress *p);

/* The last word, and the line is clean. Frees P. */
void progress_end(struct progress *p);

#endif
