#include "guard.h"

#include <errno.h>
#include <limits.h>
#include <malloc.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "image_parts.h"
#include "imgctl/digest.h"
#include "pixels.h"

#define CHILDREN 16 /* kept; more threads than that do not decode */

/* Seconds for a picture: far more than any honest one takes. */
#define PATIENCE 600

struct request {
    int64_t size;
    struct load_options options;
};

struct answer {
    int result;
    struct error error;
    uint32_t width, height;
    uint8_t channels;
};

struct child {
    pid_t pid;
    int socket;
};

/* Those that have nothing to do. */
static struct {
    pthread_mutex_t lock;
    struct child idle[CHILDREN];
    int count;
} children = { .lock = PTHREAD_MUTEX_INITIALIZER };

static enum image_guard mode = IMAGE_GUARD_ON;

void image_guard_set(enum image_guard m)
{
    mode = m;
}

bool image_guard_confines(void)
{
    int status = 0;
    pid_t pid = fork();
    if (pid == 0) {
        _exit(guard_confine() ? 0 : 1);
    }
    while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR) {
    }
    return pid > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/* ---- Talking ---- */

static bool send_all(int socket, const void *data, size_t len)
{
    const char *p = data;
    while (len > 0) {
        ssize_t n = write(socket, p, len);
        if (n < 0 && errno != EINTR) {
            return false;
        }
        p += n > 0 ? n : 0;
        len -= n > 0 ? (size_t)n : 0;
    }
    return true;
}

/* False with errno: EAGAIN where patience ended. */
static bool receive_all(int socket, void *data, size_t len)
{
    char *p = data;
    while (len > 0) {
        ssize_t n = read(socket, p, len);
        errno = n == 0 ? ECONNRESET : errno;
        if (n == 0 || (n < 0 && errno != EINTR)) {
            return false;
        }
        p += n > 0 ? n : 0;
        len -= n > 0 ? (size_t)n : 0;
    }
    return true;
}

union descriptor {
    struct cmsghdr header; /* for its alignment */
    char bytes[CMSG_SPACE(sizeof(int))];
};

/* REQUEST with the descriptor FD. */
static bool send_request(int socket, const struct request *request, int fd)
{
    union descriptor control = { .bytes = { 0 } };
    struct iovec data = { (void *)request, sizeof *request };
    struct msghdr message = {
        .msg_iov = &data, .msg_iovlen = 1,
        .msg_control = control.bytes, .msg_controllen = sizeof control.bytes,
    };
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof fd);
    memcpy(CMSG_DATA(header), &fd, sizeof fd);
    ssize_t n;
    do {
        n = sendmsg(socket, &message, MSG_NOSIGNAL);
    } while (n < 0 && errno == EINTR);
    return n == (ssize_t)sizeof *request;
}

/* False when the parent is gone. */
static bool receive_request(int socket, struct request *ret, int *ret_fd)
{
    union descriptor control;
    struct iovec data = { ret, sizeof *ret };
    struct msghdr message = {
        .msg_iov = &data, .msg_iovlen = 1,
        .msg_control = control.bytes, .msg_controllen = sizeof control.bytes,
    };
    ssize_t n;
    do {
        n = recvmsg(socket, &message, 0);
    } while (n < 0 && errno == EINTR);
    if (n != (ssize_t)sizeof *ret) {
        return false;
    }
    const struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    if (!header || header->cmsg_type != SCM_RIGHTS) {
        return false;
    }
    memcpy(ret_fd, CMSG_DATA(header), sizeof *ret_fd);
    return true;
}

/* ---- The child ---- */

static bool serve_one(int socket)
{
    struct request request = { .size = 0 };
    struct raster r = RASTER_INIT;
    struct answer answer = { .result = 0 };
    int fd;
    if (!receive_request(socket, &request, &fd)) {
        return false;
    }
    answer.result =
        image_load_here(fd, request.size, &request.options, &r, &answer.error);
    close(fd);
    answer.width = r.width;
    answer.height = r.height;
    answer.channels = r.channels;
    bool sent = send_all(socket, &answer, sizeof answer) &&
                (answer.result < 0 ||
                 send_all(socket, r.pixels, (size_t)r.width * r.height * r.channels));
    raster_release(&r);
    return sent;
}

/* The parent's handlers work on the parent's terminal and files. What ends it is for it
 * to decide: it closes the socket. */
static void reset_signals(void)
{
    static const int ignored[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE };
    sigset_t none;
    for (int number = 1; number < NSIG; number++) {
        signal(number, SIG_DFL);
    }
    for (size_t i = 0; i < sizeof ignored / sizeof *ignored; i++) {
        signal(ignored[i], SIG_IGN);
    }
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL); /* a pool's threads take none */
}

__attribute__((noreturn)) static void serve(int socket)
{
    reset_signals();
    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    tzset(); /* a library asks for the time, which reads a file the first time */
    mallopt(M_TRIM_THRESHOLD, INT_MAX); /* a thread's heap reads one before it shrinks */
    if (dup2(socket, GUARD_SOCKET) < 0) {
        _exit(0);
    }
    /* The terminal and the output are not for a picture to write to. */
    closefrom(GUARD_SOCKET + 1);
    guard_confine();
    while (serve_one(GUARD_SOCKET)) {
    }
    _exit(0);
}

/* ---- The parent ---- */

static int start_child(struct child *ret, struct error *err)
{
    const struct timeval patience = { .tv_sec = PATIENCE };
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0) {
        return error_errno(err, ERROR_FAILED, "cannot start a process to decode in");
    }
    setsockopt(ends[0], SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    pid_t pid = fork();
    if (pid == 0) {
        serve(ends[1]);
    }
    int why = errno;
    close(ends[1]);
    if (pid < 0) {
        close(ends[0]);
        errno = why;
        return error_errno(err, ERROR_FAILED, "cannot start a process to decode in");
    }
    *ret = (struct child){ .pid = pid, .socket = ends[0] };
    return 0;
}

static bool take_idle(struct child *ret)
{
    bool found = false;
    pthread_mutex_lock(&children.lock);
    if (children.count > 0) {
        *ret = children.idle[--children.count];
        found = true;
    }
    pthread_mutex_unlock(&children.lock);
    return found;
}

/* How it ended. One that is ending already ends as it would have; one that only closed
 * its socket does not keep us waiting. */
static int end_child(const struct child *c)
{
    int status = 0;
    close(c->socket);
    if (waitpid(c->pid, &status, WNOHANG) == 0) {
        kill(c->pid, SIGKILL);
        while (waitpid(c->pid, &status, 0) < 0 && errno == EINTR) {
        }
    }
    return status;
}

static void keep_child(const struct child *c)
{
    bool kept = false;
    pthread_mutex_lock(&children.lock);
    if (children.count < CHILDREN) {
        children.idle[children.count++] = *c;
        kept = true;
    }
    pthread_mutex_unlock(&children.lock);
    if (!kept) {
        end_child(c);
    }
}

/* The child did not answer, as errno says. Of want of memory it ends itself (mem.h) or
 * is killed. */
static int died(const struct child *c, struct error *err)
{
    bool late = errno == EAGAIN;
    int status = end_child(c);
    if (late) {
        error_set(err, ERROR_IMAGE_LIMIT, "it takes longer than %d minutes to decode",
                  PATIENCE / 60);
        return error_hint(err, "scale the picture down");
    }
    int number = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
    if (number == SIGKILL || (WIFEXITED(status) && WEXITSTATUS(status) == 1)) {
        error_set(err, ERROR_IMAGE_LIMIT,
                  "its decoder was ended, it seems for want of memory");
        return error_hint(err, "free some memory, or scale the picture down");
    }
    if (number == SIGSYS) {
        error_set(err, ERROR_IMAGE_CORRUPT,
                  "its decoder was stopped: it asked for what no decoder needs");
    } else if (number > 0) {
        error_set(err, ERROR_IMAGE_CORRUPT, "its decoder crashed (signal %d)", number);
    } else {
        error_set(err, ERROR_IMAGE_CORRUPT, "its decoder ended without an answer");
    }
    return error_hint(err, "this picture may have been made to do harm; a report of it is"
                           " welcome");
}

/* Ask a child that has nothing to do, or a new one. If one died since its last picture,
 * that is not the fault of this one. */
static int ask_child(struct child *ret, const struct request *request, int fd,
                     struct error *err)
{
    while (take_idle(ret)) {
        if (send_request(ret->socket, request, fd)) {
            return 0;
        }
        end_child(ret);
    }
    if (start_child(ret, err) < 0) {
        return -1;
    }
    return send_request(ret->socket, request, fd) ? 0 : died(ret, err);
}

/*
 * Nothing that a child says is trusted further than it must be: it may be what the
 * picture made of it.
 */
static bool was_asked_for(const struct answer *answer, const struct load_options *o)
{
    struct error ignored = ERROR_INIT;
    return (answer->channels == 3 || answer->channels == 4) &&
           (o->width == 0 || answer->width <= o->width) &&
           (o->height == 0 || answer->height <= o->height) &&
           image_within(&o->limits, answer->width, answer->height, &ignored) == 0;
}

static int receive_raster(int socket, const struct answer *answer,
                          const struct load_options *options, struct raster *ret,
                          struct error *err)
{
    if (!was_asked_for(answer, options)) {
        return error_set(err, ERROR_IMAGE_CORRUPT, "its decoder answers nonsense");
    }
    if (raster_new(ret, answer->width, answer->height, answer->channels, err) < 0) {
        return -1;
    }
    if (!receive_all(socket, ret->pixels,
                     (size_t)ret->width * ret->height * ret->channels)) {
        raster_release(ret);
        return error_set(err, ERROR_IMAGE_CORRUPT, "its decoder did not finish");
    }
    return 0;
}

static enum error_kind believed(enum error_kind said)
{
    switch (said) {
    case ERROR_IMAGE_TYPE:
    case ERROR_IMAGE_LIMIT:
    case ERROR_USAGE:
    case ERROR_FILE:
    case ERROR_FAILED:
        return said;
    default:
        return ERROR_IMAGE_CORRUPT;
    }
}

static void take_error(const struct error *said, struct error *err)
{
    error_set(err, believed(said->kind), "%.*s", (int)sizeof said->message - 1,
              said->message);
    error_hint(err, "%.*s", (int)sizeof said->hint - 1, said->hint);
}

int guard_load(int fd, int64_t size, const struct load_options *options,
               struct raster *ret, struct error *err)
{
    struct request request = { .size = size, .options = *options };
    struct child c = { .socket = -1 };
    struct answer answer;
    if (ask_child(&c, &request, fd, err) < 0) {
        return -1;
    }
    if (!receive_all(c.socket, &answer, sizeof answer)) {
        return died(&c, err);
    }
    if (answer.result < 0) {
        take_error(&answer.error, err);
        keep_child(&c);
        return -1;
    }
    if (receive_raster(c.socket, &answer, options, ret, err) < 0) {
        end_child(&c);
        return -1;
    }
    keep_child(&c);
    return 0;
}

int image_load(int fd, int64_t size, const struct load_options *options,
               struct raster *ret, struct error *err)
{
    uint32_t crc = 0;
    /* Both modules that a child needs, which cannot load them. */
    if (image_codec_load(err) < 0 || digest_crc32("", 0, &crc, err) < 0) {
        return -1;
    }
    bool here = mode == IMAGE_GUARD_OFF || guard_is_watched();
    return here ? image_load_here(fd, size, options, ret, err)
                : guard_load(fd, size, options, ret, err);
}
