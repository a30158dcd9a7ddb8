/*
 * content.h - the bytes of a picture: checked, digested, and without what must not
 * leave. Used for inputs on their way in and for stored pictures on their way out.
 */
#ifndef CONTENT_H
#define CONTENT_H

#include <stdint.h>

#include "imgctl/digest.h"
#include "imgctl/error.h"
#include "imgctl/image.h"

struct content {
    int fd; /* somebody else's to close */
    int64_t size;
    struct image_info info;
    char sha256[DIGEST_HEX_SIZE];
};

/* Check FD; its digest is not asked for, and "". */
int content_check(int fd, int64_t size, const struct image_limits *limits,
                  struct content *ret, struct error *err);

/* Check and digest FD in one reading. The digest is there even when the picture is
 * refused, unless it was too large to be read at all; "" then. */
int content_inspect(int fd, int64_t size, const struct image_limits *limits,
                    struct content *ret, struct error *err);

/* Take WHAT out of C if there is any: C then is a new scratch file, also in
 * *STRIPPED_FD for the caller to close, inspected. */
int content_strip(struct content *c, enum image_strip what,
                  const struct image_limits *limits, int *stripped_fd, struct error *err);

#endif
