#include "secret_helper.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "imgctl/clock.h"
#include "imgctl/file.h"
#include "imgctl/mem.h"
#include "imgctl/program.h"

#define TIME_LIMIT 30000 /* milliseconds */

static char *command_line(const char *helper, const char *verb)
{
    if (helper[0] == '!') {
        return mem_printf("%s %s", helper + 1, verb);
    }
    if (helper[0] == '/') {
        return mem_printf("%s %s", helper, verb);
    }
    return mem_printf("imgctl-credential-%s %s", helper, verb);
}

/* What the helper is told, as a file: it may read it or not, we never block on it and
 * get no SIGPIPE. PASSWORD is NULL in a question. */
static int open_question(const char *host, const char *password, struct error *err)
{
    AUTO_FREE char *text = mem_printf("protocol=imgctl\nhost=%s\n%s%s%s\n", host,
                                      password ? "password=" : "",
                                      password ? password : "", password ? "\n" : "");
    int fd = memfd_create("question", MFD_CLOEXEC);
    int result = fd < 0 ? -1 : file_write_all(fd, text, strlen(text));
    explicit_bzero(text, strlen(text));
    if (result < 0 || lseek(fd, 0, SEEK_SET) < 0) {
        error_errno(err, ERROR_CREDENTIALS, "cannot ask the credential helper");
        if (fd >= 0) {
            close(fd);
        }
        return -1;
    }
    return fd;
}

/* Everything from FD until it and PID end; OUT has room for SECRET_MAX bytes. */
static int read_answer(pid_t pid, int fd, struct buf *out, struct error *err)
{
    int64_t deadline = clock_steady() + TIME_LIMIT;
    ssize_t n = -1;
    while (n != 0 && program_says_by(fd, deadline)) {
        n = read(fd, out->data + out->len, SECRET_MAX - out->len);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n < 0) {
            return error_errno(err, ERROR_CREDENTIALS,
                               "cannot read from the credential helper");
        }
        out->len += (size_t)n;
        out->data[out->len] = '\0';
        if (out->len == SECRET_MAX) {
            return error_set(err, ERROR_CREDENTIALS,
                             "the credential helper says too much");
        }
    }
    return n == 0 && program_ends_by(pid, deadline)
               ? 0
               : error_set(err, ERROR_CREDENTIALS,
                           "the credential helper did not end in %d seconds",
                           TIME_LIMIT / 1000);
}

/* The value of "password=" among the lines of ANSWER. */
static int take_password(const struct buf *answer, struct buf *out)
{
    static const char key[] = "password=";
    for (const char *line = answer->data; *line;) {
        size_t len = strcspn(line, "\n");
        if (strncmp(line, key, strlen(key)) == 0 && len > strlen(key)) {
            size_t skip = strlen(key);
            buf_reserve(out, len - skip);
            buf_add(out, line + skip, len - skip);
            return 1;
        }
        line += len + (line[len] == '\n');
    }
    return 0;
}

static int wait_for(pid_t pid, struct error *err)
{
    int status = program_wait(pid, err);
    if (status < 0) {
        err->kind = ERROR_CREDENTIALS;
    } else if (status > 0) {
        error_set(err, ERROR_CREDENTIALS, "the credential helper failed with status %d",
                  status);
        error_hint(err, "the setting credential.helper names it: "
                        "imgctl config credential.helper");
    }
    return status == 0 ? 0 : -1;
}

static int converse(const char *command, int question, struct buf *answer,
                    struct error *err)
{
    const char *const argv[] = { "/bin/sh", "-c", command, NULL };
    int ends[2];
    pid_t pid;
    if (pipe2(ends, O_CLOEXEC) < 0) {
        return error_errno(err, ERROR_CREDENTIALS, "cannot ask the credential helper");
    }
    AUTO_FD int from_helper = ends[0];
    const struct program_files files = { question, ends[1], STDERR_FILENO };
    int started = program_start(argv, &files, &pid, err);
    close(ends[1]);
    if (started < 0) {
        err->kind = ERROR_CREDENTIALS;
        return -1;
    }
    if (read_answer(pid, from_helper, answer, err) < 0) {
        program_stop(pid);
        return -1;
    }
    return wait_for(pid, err);
}

int secret_helper_get(const char *helper, const char *host, struct buf *out,
                      struct error *err)
{
    AUTO_FREE char *command = command_line(helper, "get");
    AUTO_FD int question = open_question(host, NULL, err);
    AUTO_BUF struct buf answer = BUF_INIT;
    if (question < 0) {
        return -1;
    }
    buf_reserve(&answer, SECRET_MAX);
    int found = converse(command, question, &answer, err);
    if (found == 0) {
        found = take_password(&answer, out);
    }
    explicit_bzero(answer.data, answer.cap);
    return found;
}

int secret_helper_put(const char *helper, const char *host, const char *password,
                      struct error *err)
{
    AUTO_FREE char *command = command_line(helper, "store");
    AUTO_FD int question = open_question(host, password, err);
    AUTO_BUF struct buf answer = BUF_INIT;
    if (question < 0) {
        return -1;
    }
    buf_reserve(&answer, SECRET_MAX);
    return converse(command, question, &answer, err);
}
