#include "slot.h"

static void arrived(void *cookie, int result, struct stored *stored, struct error *err)
{
    struct slot *s = cookie;
    s->batch->in_store--;
    s->result.failed = result < 0;
    if (result < 0) {
        s->result.error = *err;
    } else {
        s->stored = *stored;
        *stored = (struct stored){ .url = NULL };
    }
    slot_want_catalog(s, SLOT_SENT);
}

void slot_send(struct slot *s)
{
    struct batch *b = s->batch;
    struct error *err = &s->result.error;
    s->stage = SLOT_SENDING;
    b->in_store++;
    if (!b->store->ops->start) {
        slot_put_in_pool(s);
    } else if (b->store->ops->start(b->store, &s->item, arrived, s, err) < 0) {
        b->in_store--;
        s->result.failed = true;
        slot_want_catalog(s, SLOT_SENT);
    }
}
