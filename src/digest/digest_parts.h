/*
 * digest_parts.h - what the files of this room share.
 */
#ifndef DIGEST_PARTS_H
#define DIGEST_PARTS_H

#include <sys/types.h>

#include "digest_module.h"

/* NULL with ERR where it cannot be loaded. */
const struct digest_module *digest_loaded(struct error *err);

/* Up to ROOM bytes at AT of a file of SIZE bytes (-1: to its end, wherever that is). 0
 * only at the end. */
ssize_t digest_read(int fd, int64_t size, int64_t at, void *out, size_t room,
                    struct error *err);

#endif
