#include "imgctl/tty.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "imgctl/file.h"
#include "imgctl/mem.h"

/* All that a signal handler needs. */
static struct {
    volatile sig_atomic_t active;
    int fd;
    struct termios before, raw;
    const char *enter, *leave;
    volatile sig_atomic_t resized, stopped;
} tty;

static const int deadly[] = { SIGINT,  SIGTERM, SIGHUP, SIGQUIT, SIGSEGV,
                              SIGBUS,  SIGFPE,  SIGILL, SIGABRT };
static const int remarks[] = { SIGWINCH, SIGTSTP };
#define DEADLY (sizeof deadly / sizeof *deadly)
#define REMARKS (sizeof remarks / sizeof *remarks)
static struct sigaction before[DEADLY + REMARKS];
static sigset_t mask_before;

/* Safe in a signal handler. */
static void restore(void)
{
    if (tty.active) {
        tty.active = 0;
        (void)!write(tty.fd, tty.leave, strlen(tty.leave));
        tcsetattr(tty.fd, TCSANOW, &tty.before);
    }
}

static int apply(void)
{
    if (tcsetattr(tty.fd, TCSANOW, &tty.raw) < 0 ||
        file_write_all(tty.fd, tty.enter, strlen(tty.enter)) < 0) {
        return -1;
    }
    tty.active = 1;
    return 0;
}

static void die(int number)
{
    restore();
    signal(number, SIG_DFL);
    raise(number);
}

static void remark(int number)
{
    if (number == SIGWINCH) {
        tty.resized = 1;
    } else {
        tty.stopped = 1;
    }
}

/* The remarks come only while tty_wait() waits, so none is missed before it does.
 * What is ignored, as SIGHUP under nohup, stays so. */
static void catch_signals(void)
{
    struct sigaction action = { .sa_handler = die };
    sigset_t set;
    sigemptyset(&action.sa_mask);
    sigemptyset(&set);
    for (size_t i = 0; i < DEADLY + REMARKS; i++) {
        int number = i < DEADLY ? deadly[i] : remarks[i - DEADLY];
        action.sa_handler = i < DEADLY ? die : remark;
        sigaction(number, NULL, &before[i]);
        if (before[i].sa_handler != SIG_IGN) {
            sigaction(number, &action, NULL);
        }
        if (i >= DEADLY) {
            sigaddset(&set, number);
        }
    }
    pthread_sigmask(SIG_BLOCK, &set, &mask_before);
}

static void release_signals(void)
{
    for (size_t i = 0; i < DEADLY + REMARKS; i++) {
        sigaction(i < DEADLY ? deadly[i] : remarks[i - DEADLY], &before[i], NULL);
    }
    pthread_sigmask(SIG_SETMASK, &mask_before, NULL);
}

static int no_terminal(struct error *err)
{
    error_set(err, ERROR_QUESTION, "there is no terminal to talk to");
    return error_hint(err, "imgctl list selects without one");
}

int tty_begin(const char *enter, const char *leave, struct error *err)
{
    int fd = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
    /* In the background, touching the terminal would stop us. */
    if (fd < 0 || tcgetpgrp(fd) != getpgrp() || tcgetattr(fd, &tty.before) < 0) {
        mem_cleanup_fd(&fd);
        return no_terminal(err);
    }
    tty.fd = fd;
    tty.raw = tty.before;
    cfmakeraw(&tty.raw);
    tty.raw.c_cc[VMIN] = 1;
    tty.raw.c_cc[VTIME] = 0;
    tty.enter = enter;
    tty.leave = leave;
    tty.resized = tty.stopped = 0;
    catch_signals();
    if (apply() < 0) {
        error_errno(err, ERROR_FAILED, "cannot use the terminal");
        tty_end();
        return -1;
    }
    return tty.fd;
}

void tty_end(void)
{
    if (tty.fd > 0) {
        restore();
        release_signals();
        close(tty.fd);
        tty.fd = 0;
    }
}

void tty_stop(void)
{
    restore();
    raise(SIGSTOP);
    if (apply() < 0) {
        tty.active = 0; /* the next tty_wait() finds that it is gone */
    }
}

static enum tty_event take(char *bytes, size_t size, size_t *len)
{
    ssize_t n = read(tty.fd, bytes, size);
    if (n <= 0) {
        return n < 0 && errno == EINTR ? TTY_NOTHING : TTY_CLOSED;
    }
    *len = (size_t)n;
    return TTY_INPUT;
}

enum tty_event tty_wait(int timeout, int other_fd, char *bytes, size_t size, size_t *len)
{
    struct pollfd fds[] = { { .fd = tty.fd, .events = POLLIN },
                            { .fd = other_fd, .events = POLLIN } };
    struct timespec limit = { timeout / 1000, timeout % 1000 * 1000000L };
    if (!tty.active) {
        return TTY_CLOSED;
    }
    int ready = ppoll(fds, 2, timeout < 0 ? NULL : &limit, &mask_before);
    if (tty.stopped) {
        tty.stopped = 0;
        tty_stop();
        return TTY_RESIZED;
    }
    if (tty.resized) {
        tty.resized = 0;
        return TTY_RESIZED;
    }
    if (ready <= 0) {
        return TTY_NOTHING;
    }
    if (fds[0].revents) {
        return take(bytes, size, len);
    }
    return TTY_OTHER;
}
