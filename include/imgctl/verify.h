/*
 * verify.h - the catalog against its stores, in both directions.
 *
 * Each row's bytes: are they there, and are they the right ones? Everything in the
 * stores: does a row know it? And what was begun and never finished. Rows are never
 * changed or removed; with `repair`, what nobody needs is taken away.
 */
#ifndef IMGCTL_VERIFY_H
#define IMGCTL_VERIFY_H

#include <stdbool.h>
#include <stdint.h>

#include "imgctl/catalog.h"
#include "imgctl/error.h"
#include "imgctl/store.h"

enum verify_status {
    VERIFY_OK,
    VERIFY_UNCHECKED,  /* in a store that was not to be asked */
    VERIFY_DAMAGED,    /* other bytes than the catalog says; also the catalog itself */
    VERIFY_MISSING,
    VERIFY_ORPHAN,     /* in a store, but no row knows it */
    VERIFY_UNFINISHED, /* an upload or a removal */
    VERIFY_REPAIRED,
    VERIFY_PLANNED,    /* dry run: would be repaired */
    VERIFY_FAILED,     /* it could not be found out */
};

struct verify_finding {
    enum verify_status status;
    const char *input;             /* the operand, an id, a name in a store */
    int64_t id;                    /* 0: it is no picture */
    const struct picture *picture; /* NULL: it is no picture */
    int64_t bytes;
    struct error error;            /* what is wrong; ERROR_NONE: nothing */
};

typedef void verify_found(void *cookie, const struct verify_finding *finding);

struct verifier {
    struct catalog *catalog;
    /* A store by its name; NULL with ERR. Called for each picture: keep them open. */
    struct store *(*store)(void *cookie, const char *name, struct error *err);
    verify_found *found;
    void *cookie;       /* of both */
    const char *remote; /* the store to ask over the network; NULL: none */
    bool quick;         /* do not read files, only look at their sizes */
    bool repair;
    bool dry_run;       /* say what repair would do */
};

/* The pictures that the operands (ids.h) name, in their order. */
void verify_pictures(const struct verifier *v, const struct strlist *operands);

/* Everything: pictures by id, the catalog, what is unfinished, the stores. -1 only
 * where the catalog cannot be read. */
int verify_all(const struct verifier *v, struct error *err);

#endif
