/*
 * edits.h - a file written again with some of its ranges replaced.
 */
#ifndef EDITS_H
#define EDITS_H

#include <stdint.h>

#include "imgctl/buf.h"
#include "imgctl/error.h"
#include "source.h"

struct edit {
    int64_t offset;
    int64_t cut; /* bytes of the file that go */
    size_t put;  /* where in `bytes` those are that come instead */
    size_t len;
};

struct edits {
    struct edit *items;
    size_t count, capacity;
    int64_t growth;   /* what the file's length changes by */
    struct buf bytes;
};

#define EDITS_INIT { .bytes = BUF_INIT }

void edits_release(struct edits *e);

/* At OFFSET, replace CUT bytes by the LEN of DATA. ERROR_IMAGE_LIMIT when there
 * are absurdly many edits. */
int edits_replace(struct edits *e, int64_t offset, int64_t cut, const void *data,
                  size_t len, struct error *err);
int edits_cut(struct edits *e, int64_t offset, int64_t end, struct error *err);

/* The file of S with all edits, to OUT_FD. They must not overlap. */
int edits_write(struct edits *e, const struct source *s, int out_fd, struct error *err);

#endif
