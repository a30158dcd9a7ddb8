/*
 * repair.h - pictures made to keep the rules of a profile (fix.h), as new pictures
 * beside their sources, or as files.
 *
 * A picture of the catalog gets a new one in the same business, derived from it, with
 * its tags, its alternative text and what is known of how it was generated; its store is
 * the one that the batch sends to. A file or what a URL leads to becomes a picture of
 * the options' business. The batch (batch.h) does it, side by side, in the way of every
 * upload: run again after any interruption it stores nothing twice, for what is made of
 * the same picture in the same way is the same bytes. Results are UPLOAD_...
 */
#ifndef IMGCTL_REPAIR_H
#define IMGCTL_REPAIR_H

#include "imgctl/batch.h"

struct repair_options {
    struct upload_conversion conversion; /* with fix; suffix and the like are set here */
    int64_t business_id;          /* of files and URLs */
    const char *name;             /* of the new picture; NULL: from its source's */
    const struct strlist *tags;   /* besides those of the source */
    bool dry_run;                 /* plan, from headers only */
    bool allow_private;
    const struct config *config;
    int trace_fd;
};

/* INPUT is a name to report; the bytes are those of PICTURE in FROM, a session that is
 * used for nothing else, or without PICTURE what INPUT leads to: a file, a URL, "-". */
struct repair_input {
    const char *input;
    const struct picture *picture;
    struct store *from;
};

struct repair;

/* All that is handed over must outlive the repair, and the repair its batch. */
struct repair *repair_new(const struct repair_options *options,
                          const struct repair_input *inputs, size_t count);
void repair_free(struct repair *r);

/* CATALOG and TO may be NULL in a dry run and where files are written. */
struct batch *repair_batch(struct repair *r, const struct batch_options *how,
                           struct catalog *catalog, struct store *to);

/*
 * Repair one picture and wait for it. *ret_id is the picture that keeps the rules: a new
 * one, one that was made before, or PICTURE itself if it needs nothing. In a dry run it
 * is 0 where a new one would be made.
 */
int repair_picture(const struct repair_options *options, const struct picture *picture,
                   struct catalog *catalog, struct store *from, struct store *to,
                   int64_t *ret_id, struct error *err);

#endif
