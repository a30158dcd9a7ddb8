/*
 * cloudinary_audit.h - what an account holds, asked through the Admin API.
 *
 * Its calls are few an hour (500 on the free plan), so it is asked in lists: a
 * hundred pictures by name, five hundred by folder.
 */
#ifndef CLOUDINARY_AUDIT_H
#define CLOUDINARY_AUDIT_H

#include "cloudinary_session.h"

/* As in struct store_ops. A list has no etag, but bytes and version: only where the
 * version is another one than ours, the picture's own page tells the etag. */
int cloudinary_examine(struct cloudinary *c, struct store_fact *facts, size_t count,
                       struct error *err);

/* Every asset below the setting cloudinary.folder whose public id is made as ours. */
int cloudinary_walk(struct cloudinary *c, store_each *each, void *cookie,
                    struct error *err);

#endif
