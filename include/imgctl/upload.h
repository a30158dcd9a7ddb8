/*
 * upload.h - from inputs to pictures that are checked, stored and cataloged, as
 * batch.h does it.
 *
 * For each input: read it, check it, convert it or take private metadata out if that
 * is asked for, digest it, look whether its content is known, and only then store it. The
 * intent is in the catalog's journal before the first byte leaves, and is settled
 * in the transaction that adds the picture; so an upload that was interrupted
 * anywhere is finished by running it again, without storing anything twice.
 */
#ifndef IMGCTL_UPLOAD_H
#define IMGCTL_UPLOAD_H

#include "imgctl/catalog.h"
#include "imgctl/error.h"
#include "imgctl/fix.h"
#include "imgctl/image.h"
#include "imgctl/store.h"
#include "imgctl/strlist.h"

/* For pictures that were made, not found: of what, and who wants to know. NULL and 0
 * where there is nothing to say. */
struct upload_origin {
    bool is_generated;
    const char *prompt, *model;
    int64_t derived_from;         /* id */
    const char *source;           /* what the journal calls it; no path */
    int64_t business_id;          /* 0: that of the batch */
    const char *name, *alt_text;
    const struct strlist *tags;   /* of a new picture, with those of the batch */
    /* The bytes are those of PICTURE in the store FROM, and the input is only its name.
     * FROM is not the store of the batch, but a session of its own. */
    const struct picture *picture;
    struct store *from;
    /* Called in the transaction in which the picture gets its row, or is found to have
     * one; -1 fails the upload. */
    int (*recorded)(void *cookie, const struct picture *p, struct error *err);
    void *cookie;
};

/* Pictures are changed on their way, in the threads that read. */
struct upload_conversion {
    struct fix_options fix;
    const char *suffix;           /* of the names of those that were changed: "-fixed" */
    const char *key;              /* all of this in words, for what is known of files */
    bool skip_fine;               /* store only what had to be changed */
    bool is_gentle;               /* keep animations, and what would not get smaller */
    bool plan_only;               /* decode nothing; for dry runs */
    /* Into a file instead of a store: its name, a folder's, or "-": standard output. */
    const char *to;
    bool to_folder, replace;
};

/* What was done to one of them. */
struct upload_change {
    struct fix_plan plan;
    struct rule_facts before;
    struct fix_result after;      /* zero where nothing was done, or only planned */
    char *file;                   /* that was written; NULL */
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
    const struct upload_origin *origins; /* one for each input; NULL: they were found */
    const struct upload_conversion *conversion; /* NULL: stored as they are */
    const struct config *config;
    int trace_fd;                 /* -1 */
};

/*
 * Is what T was to send gone for good, so that it can never be finished? Its file or its
 * picture is not there any more, or it came from standard input. Of a URL nobody can
 * tell, and generations are the business of their jobs: false.
 */
bool upload_source_gone(struct catalog *c, const struct transfer *t);

/* Of what is known of files, forget those that are gone. */
int upload_forget_files(struct catalog *c, struct error *err);

/* The same at the end of a batch that added some, once there are very many. */
int upload_trim_files(struct catalog *c, struct error *err);

enum upload_status {
    UPLOAD_STORED,
    UPLOAD_DUPLICATE, /* known: the picture is the one that is there */
    UPLOAD_RESTORED,  /* known but deleted: it is back */
    UPLOAD_PLANNED,   /* dry run: would be stored */
    UPLOAD_FINE,      /* it had to be changed in nothing, and was not stored */
    UPLOAD_WRITTEN,   /* to a file, changed */
    UPLOAD_COPIED,    /* to a file, as it was */
};

#endif
