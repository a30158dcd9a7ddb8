/*
 * push.h - pictures move from one store to another and keep their ids.
 *
 * Of each the bytes are read and compared with their digest, private metadata is
 * taken out if that is asked for, the intent goes into the journal, the bytes to the
 * other store, and the row is changed in the transaction that settles the journal. The
 * name there is made from the content: run again after any interruption, it sends
 * nothing twice. The bytes stay in the first store unless their removal is asked for
 * (remove_source); that is done when the row is changed and what the other store
 * hands out was read back and compared.
 *
 * They move side by side, as uploads do: batch.h runs them.
 */
#ifndef IMGCTL_PUSH_H
#define IMGCTL_PUSH_H

#include "imgctl/image.h"

struct batch;
struct batch_options;
struct catalog;
struct store;
struct strlist;

struct push_options {
    enum image_strip strip;
    bool dry_run; /* look, but change nothing */
};

enum push_status {
    PUSH_DONE,
    PUSH_SKIPPED,   /* it was there already */
    PUSH_REMOVED,   /* it was there; now its bytes are out of the first store */
    PUSH_DUPLICATE, /* another picture has this content there: nothing was changed */
    PUSH_PLANNED,
};

/* The pictures that the operands IDS (ids.h) name. CATALOG may be NULL: none is there
 * then. The arguments are the caller's and must outlive the batch. */
struct batch *push_new(const struct push_options *push,
                       const struct batch_options *options, struct catalog *catalog,
                       struct store *from, struct store *to, const struct strlist *ids);

#endif
