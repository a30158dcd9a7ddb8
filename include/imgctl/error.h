/*
 * error.h - what went wrong, as a value.
 *
 * A function that can fail takes a `struct error *` from its caller (usually on
 * the caller's stack, zero-initialised with ERROR_INIT) and returns -1 after
 * filling it; `return error_set(err, ...)` does both. The pointer is never
 * NULL. On the way up, error_wrap() adds what was being done. Only main.c
 * prints an error and only main.c exits; a batch prints the error of one item
 * and goes on.
 *
 * Wording: the message says what failed and why, starts with a small letter or
 * a name, and has no full stop. The hint says what to do, as a command where
 * there is one. Text from outside may be put in as it is: it is made safe for
 * the terminal when it is printed (text_escape), not before.
 */
#ifndef IMGCTL_ERROR_H
#define IMGCTL_ERROR_H

#include <stdbool.h>

/*
 * Every kind of failure: the name in C, the stable code in JSON output, and the
 * exit code of the program. The exit codes are part of the interface.
 */
#define ERROR_KINDS(X)                                                       \
    X(ERROR_FAILED, "internal.failed", 1)                                    \
    X(ERROR_USAGE, "usage.invalid", 2)                                       \
    X(ERROR_CONFIG, "config.invalid", 2)                                     \
    X(ERROR_QUESTION, "usage.unanswered", 2)                                 \
    X(ERROR_CREDENTIALS, "auth.refused", 4)                                  \
    X(ERROR_NETWORK, "network.failed", 5)                                    \
    X(ERROR_UNAVAILABLE, "provider.unavailable", 5)                          \
    X(ERROR_RATE_LIMIT, "provider.rate_limited", 5)                          \
    X(ERROR_NOT_FOUND, "catalog.not_found", 6)                               \
    X(ERROR_FILE, "image.unreadable", 6)                                     \
    X(ERROR_IMAGE_TYPE, "image.unsupported", 7)                              \
    X(ERROR_IMAGE_CORRUPT, "image.corrupt", 7)                               \
    X(ERROR_IMAGE_LIMIT, "image.limit", 7)                                   \
    X(ERROR_RULE, "rule.broken", 7)                                          \
    X(ERROR_LIMIT, "budget.limit", 8)                                        \
    X(ERROR_CATALOG, "catalog.unusable", 10)                                 \
    X(ERROR_STORE, "catalog.store", 10)                                      \
    X(ERROR_REFUSED, "provider.refused", 11)                                 \
    X(ERROR_UNKNOWN, "outcome.unknown", 12)

enum error_kind {
    ERROR_NONE,
#define X(name, code, exit_code) name,
    ERROR_KINDS(X)
#undef X
};

struct error {
    enum error_kind kind;
    bool retryable;      /* running the same again may help */
    int retry_after;     /* seconds to wait before that; 0: not said */
    int http_status;     /* 0: no HTTP answer was involved */
    char request_id[80]; /* the service's name for the request, or "" */
    char message[1024];  /* longer text is cut with "..." */
    char hint[512];      /* "" where there is nothing to advise */
};

#define ERROR_INIT { .kind = ERROR_NONE }

/* Replace whatever ERR held. Always returns -1. */
int error_set(struct error *err, enum error_kind kind, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* As error_set, with ": " and the text of the current errno at the end. */
int error_errno(struct error *err, enum error_kind kind, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* Put "fmt: " before the message. Always returns -1. */
int error_wrap(struct error *err, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* Set the hint. Always returns -1. */
int error_hint(struct error *err, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* Forget: back to ERROR_INIT. */
void error_clear(struct error *err);

int error_exit_code(enum error_kind kind);
const char *error_code(enum error_kind kind);
enum error_kind error_kind_of(const char *code); /* ERROR_NONE: it is no code */

#endif
