/*
 * program.h - other programs that help: a pager, the clipboard, fzf.
 *
 * They are started without a shell, from words of our own, found in PATH (its
 * absolute folders only: never the current one). They begin with no signal blocked
 * and SIGPIPE, SIGINT and SIGQUIT at their defaults; descriptors other than the
 * three standard ones do not reach them.
 */
#ifndef IMGCTL_PROGRAM_H
#define IMGCTL_PROGRAM_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "imgctl/buf.h"
#include "imgctl/error.h"
#include "imgctl/strlist.h"

/* What stands for the program's standard input, output and error; -1: /dev/null. */
struct program_files {
    int in, out, err;
};

/* The path of NAME in PATH; NULL: it is not there. A name with a slash is its own
 * path. Caller frees. */
char *program_find(const char *name);

/* Start ARGV (NULL-terminated). ERROR_FAILED naming the program and why; ENOENT in
 * errno if it is not there. */
int program_start(const char *const *argv, const struct program_files *files,
                  pid_t *ret, struct error *err);

/* Wait for its end: the exit status, 128 + n for a signal, -1. */
int program_wait(pid_t pid, struct error *err);

/* Does FD have something to read, or its end, before DEADLINE (clock_steady())? */
bool program_says_by(int fd, int64_t deadline);

/* Does PID end before DEADLINE? Whether it does or not it is still to be waited for, or
 * stopped. Where the kernel cannot tell, the answer is yes. */
bool program_ends_by(pid_t pid, int64_t deadline);

/* Kill it and wait for its end. */
void program_stop(pid_t pid);

/* Run ARGV to its end with nothing on its standard input, its messages dropped, and
 * what it prints in OUT. ERROR_FAILED when it fails, takes longer than TIMEOUT ms
 * or prints more than LIMIT bytes (EMSGSIZE in errno). */
int program_read(const char *const *argv, size_t limit, int timeout, struct buf *out,
                 struct error *err);

/* The words of a command line such as PAGER: blanks part them, quotes and
 * backslashes keep blanks, nothing else means anything. False: a quote is open. */
bool program_words(const char *line, struct strlist *ret);

#endif
