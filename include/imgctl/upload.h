/*
 * upload.h - from inputs to pictures that are checked, stored and cataloged, as
 * batch.h does it.
 *
 * For each input: read it, check it, take private metadata out if that is asked
 * for, digest it, look whether its content is known, and only then store it. The
 * intent is in the catalog's journal before the first byte leaves, and is settled
 * in the transaction that adds the picture; so an upload that was interrupted
 * anywhere is finished by running it again, without storing anything twice.
 */
#ifndef IMGCTL_UPLOAD_H
#define IMGCTL_UPLOAD_H

#include "imgctl/catalog.h"
#include "imgctl/error.h"
#include "imgctl/image.h"
#include "imgctl/store.h"
#include "imgctl/strlist.h"

/* For pictures that were made, not found: how, and who wants to know. */
struct upload_origin {
    const char *prompt, *model;
    int64_t derived_from;         /* id; 0: none */
    const char *source;           /* what the journal calls it; no path */
    /* Called in the transaction in which the picture gets its row, or is found to have
     * one; -1 fails the upload. */
    int (*recorded)(void *cookie, const struct picture *p, struct error *err);
    void *cookie;
};

struct upload_options {
    struct image_limits limits;
    enum image_strip strip;
    int64_t business_id;
    const char *name;             /* instead of the input's own; NULL */
    const char *public_id;        /* NULL: made from the content */
    const char *alt_text;         /* NULL */
    const struct strlist *tags;
    bool force;                   /* store again what is known */
    bool dry_run;                 /* look, but write nothing anywhere */
    bool allow_private;           /* URLs may name private addresses */
    bool no_cache;                /* read also files whose content is known */
    const struct upload_origin *origin; /* NULL: it was not generated */
    const struct config *config;
    int trace_fd;                 /* -1 */
};

enum upload_status {
    UPLOAD_STORED,
    UPLOAD_DUPLICATE, /* known: the picture is the one that is there */
    UPLOAD_RESTORED,  /* known but deleted: it is back */
    UPLOAD_PLANNED,   /* dry run: would be stored */
};

#endif
