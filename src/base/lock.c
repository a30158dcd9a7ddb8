#include "imgctl/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include "imgctl/clock.h"
#include "imgctl/file.h"
#include "imgctl/mem.h"

#define LOOK_EVERY 50 /* ms; flock() itself knows no time limit */

static int taken(const char *name, int64_t wait, struct error *err)
{
    if (wait > 0) {
        error_set(err, ERROR_UNAVAILABLE, "the lock \"%s\" was held by another imgctl for"
                  " %" PRId64 " s", name, wait / 1000);
    } else {
        error_set(err, ERROR_UNAVAILABLE, "the lock \"%s\" is held by another imgctl",
                  name);
    }
    err->retryable = true;
    return error_hint(err, "run this again later, or wait longer with --lock-wait");
}

/* Lock FD, the file of the lock NAME at PATH, within WAIT milliseconds. */
static int wait_for(int fd, const char *name, const char *path, int64_t wait,
                    struct error *err)
{
    const struct timespec pause = { .tv_nsec = LOOK_EVERY * 1000000L };
    int64_t until = clock_steady() + wait;
    while (flock(fd, LOCK_EX | LOCK_NB) < 0) {
        if (errno != EWOULDBLOCK && errno != EINTR) {
            return error_errno(err, ERROR_FAILED, "cannot lock %s", path);
        }
        if (clock_steady() >= until) {
            return taken(name, wait, err);
        }
        nanosleep(&pause, NULL);
    }
    return 0;
}

int lock_take(const struct config *config, const char *name, int64_t wait,
              struct error *err)
{
    if (name[0] == '\0' || name[0] == '.' || strchr(name, '/') || strlen(name) > 100) {
        return error_set(err, ERROR_USAGE, "\"%s\" cannot be the name of a lock", name);
    }
    AUTO_FREE char *file = mem_printf("%s.lock", name);
    AUTO_FREE char *path = file_join(config_state_dir(config), file);
    if (file_make_dirs(config_state_dir(config), err) < 0) {
        return -1;
    }
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0) {
        return error_errno(err, ERROR_FAILED, "cannot open the lock %s", path);
    }
    if (wait_for(fd, name, path, wait, err) < 0) {
        close(fd);
        return -1;
    }
    return fd;
}
