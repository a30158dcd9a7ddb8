/*
 * lock.h - one at a time: a named lock among all imgctl processes of a user.
 *
 * The kernel holds it (flock on a file in the state folder) and lets go when the
 * process ends, however it ends; so nobody dead is ever waited for.
 */
#ifndef IMGCTL_LOCK_H
#define IMGCTL_LOCK_H

#include <stdint.h>

#include "imgctl/config.h"
#include "imgctl/error.h"

/*
 * Take the lock NAME, waiting up to WAIT ms for who has it. Returns a descriptor that
 * holds it until it is closed. Taken by another to the end: ERROR_UNAVAILABLE,
 * retryable. A NAME that is no file name: ERROR_USAGE.
 */
int lock_take(const struct config *config, const char *name, int64_t wait,
              struct error *err);

#endif
