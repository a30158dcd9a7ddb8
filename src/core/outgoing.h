/*
 * outgoing.h - bytes of one store made ready for another: read, compared with
 * their digest, and without what must not leave.
 */
#ifndef OUTGOING_H
#define OUTGOING_H

#include "content.h"
#include "imgctl/error.h"
#include "imgctl/store.h"

struct outgoing {
    int stored_fd;   /* scratch: as they are stored */
    int stripped_fd; /* scratch: with metadata taken out; -1: there was none */
    struct content bytes; /* to send: of one of the two above */
};

#define OUTGOING_INIT { .stored_fd = -1, .stripped_fd = -1, .bytes = { .fd = -1 } }
#define AUTO_OUTGOING __attribute__((cleanup(outgoing_release)))

/* ERROR_STORE if what STORE has is not the content SHA256. */
int outgoing_read(struct outgoing *o, struct store *store, const struct stored *what,
                  const char *sha256, enum image_strip strip, struct error *err);
void outgoing_release(struct outgoing *o);

/* Does STORE hand out exactly the content SHA256? ERROR_STORE if not. */
int outgoing_confirm(struct store *store, const struct stored *what, const char *sha256,
                     struct error *err);

#endif
