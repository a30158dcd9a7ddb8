/*
 * source.h - an input opened: its bytes as a file, and the name it had.
 */
#ifndef SOURCE_H
#define SOURCE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

#include "imgctl/config.h"
#include "imgctl/error.h"

struct http_client;

struct source {
    int fd;              /* a regular file; scratch for standard input and URLs */
    int64_t size;
    char *name;          /* UTF-8, without folders */
    bool name_percent;   /* it had bytes that are no UTF-8 */
    bool is_scratch;     /* nobody else can change it */
    struct stat at_open;
};

#define SOURCE_INIT { .fd = -1 }
#define AUTO_SOURCE __attribute__((cleanup(source_close)))

struct source_options {
    int64_t byte_limit;
    bool allow_private;
    const char *name;             /* NULL: the input's own */
    const struct config *config;  /* for the network's settings */
    int trace_fd;
    struct http_client **client;  /* made at the first URL, kept for the next */
};

int source_open(const char *input, const struct source_options *options,
                struct source *ret, struct error *err);

/* ERROR_FILE if the file is not what it was when it was opened. */
int source_unchanged(const struct source *s, struct error *err);
void source_close(struct source *s);

#endif
