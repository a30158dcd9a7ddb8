/*
 * push.h - a picture moves from one store to another and keeps its id.
 *
 * Its bytes are read and compared with their digest, private metadata is taken out
 * if that is asked for, the intent goes into the journal, the bytes to the other
 * store, and the row is changed in the transaction that settles the journal. The
 * name there is made from the content: run again after any interruption, it sends
 * nothing twice. The bytes stay in the first store unless their removal is asked
 * for; that is done when the row is changed and what the other store hands out was
 * read back and compared.
 */
#ifndef IMGCTL_PUSH_H
#define IMGCTL_PUSH_H

#include "imgctl/catalog.h"
#include "imgctl/error.h"
#include "imgctl/image.h"
#include "imgctl/store.h"

struct pusher {
    struct catalog *catalog;
    struct store *from, *to;
    enum image_strip strip;
    bool remove_source; /* take the bytes out of FROM when they are safe in TO */
    bool dry_run;       /* look, but change nothing */
};

enum push_status {
    PUSH_DONE,
    PUSH_SKIPPED,   /* it was there already */
    PUSH_REMOVED,   /* it was there; now its bytes are out of FROM */
    PUSH_DUPLICATE, /* another picture has this content there: nothing was changed */
    PUSH_PLANNED,
};

/*
 * Move P, which becomes what the catalog has then. OTHER is the id of the picture
 * that has its content, for PUSH_DUPLICATE.
 */
int push_picture(const struct pusher *push, struct picture *p, enum push_status *status,
                 int64_t *other, struct error *err);

#endif
