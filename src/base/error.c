#include "imgctl/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Format into OUT; what does not fit is cut where a reader can see it. */
__attribute__((format(printf, 3, 0)))
static void format_cut(char *out, size_t size, const char *fmt, va_list ap)
{
    int len = vsnprintf(out, size, fmt, ap);
    if (len >= 0 && (size_t)len >= size) {
        memcpy(out + size - 4, "...", 4);
    }
}

int error_set(struct error *err, enum error_kind kind, const char *fmt, ...)
{
    va_list ap;
    error_clear(err);
    err->kind = kind;
    va_start(ap, fmt);
    format_cut(err->message, sizeof err->message, fmt, ap);
    va_end(ap);
    return -1;
}

int error_errno(struct error *err, enum error_kind kind, const char *fmt, ...)
{
    char what[sizeof err->message];
    int saved = errno;
    va_list ap;
    va_start(ap, fmt);
    format_cut(what, sizeof what, fmt, ap);
    va_end(ap);
    error_set(err, kind, "%s: %s", what, strerror(saved));
    errno = saved;
    return -1;
}

int error_wrap(struct error *err, const char *fmt, ...)
{
    char prefix[sizeof err->message];
    char inner[sizeof err->message];
    va_list ap;
    va_start(ap, fmt);
    format_cut(prefix, sizeof prefix, fmt, ap);
    va_end(ap);
    memcpy(inner, err->message, sizeof inner);
    int len = snprintf(err->message, sizeof err->message, "%s: %s", prefix, inner);
    if (len >= (int)sizeof err->message) {
        memcpy(err->message + sizeof err->message - 4, "...", 4);
    }
    return -1;
}

int error_hint(struct error *err, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    format_cut(err->hint, sizeof err->hint, fmt, ap);
    va_end(ap);
    return -1;
}

void error_clear(struct error *err)
{
    memset(err, 0, sizeof *err);
}

int error_exit_code(enum error_kind kind)
{
    static const int codes[] = {
        0,
#define X(name, code, exit_code) exit_code,
        ERROR_KINDS(X)
#undef X
    };
    return codes[kind];
}

static const char *const codes[] = {
    "none",
#define X(name, code, exit_code) code,
    ERROR_KINDS(X)
#undef X
};

const char *error_code(enum error_kind kind)
{
    return codes[kind];
}

enum error_kind error_kind_of(const char *code)
{
    for (size_t i = 1; i < sizeof codes / sizeof *codes; i++) {
        if (strcmp(codes[i], code) == 0) {
            return (enum error_kind)i;
        }
    }
    return ERROR_NONE;
}
