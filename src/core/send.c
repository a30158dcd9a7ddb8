#include <stdlib.h>

#include "imgctl/mem.h"
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

static void progress(void *cookie, int64_t sent)
{
    struct slot *s = cookie;
    slot_sent(s, sent < s->item.size ? sent : s->item.size);
}

/* It has come so far: for the journal, while it goes on. */
static void note(void *cookie, const char *resume)
{
    struct slot *s = cookie;
    free(s->transfer.resume);
    s->transfer.resume = mem_strdup(resume);
    s->item.resume = s->transfer.resume;
    s->has_news = true;
    slot_want_catalog(s, s->stage);
}

/* A file that changes while it is sent must not get the name of what it was. */
static int check(void *cookie, struct error *err)
{
    const struct slot *s = cookie;
    return source_unchanged(&s->prepared.source, err);
}

void slot_send(struct slot *s)
{
    struct batch *b = s->batch;
    struct error *err = &s->result.error;
    s->item.resume = s->transfer.resume;
    s->item.note = note;
    s->item.progress = progress;
    s->item.check = check;
    s->item.cookie = s;
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
