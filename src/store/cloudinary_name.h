/*
 * cloudinary_name.h - names and notes of a picture as Cloudinary takes them:
 * the public id, context and tags.
 */
#ifndef CLOUDINARY_NAME_H
#define CLOUDINARY_NAME_H

#include <stdbool.h>
#include <stdint.h>

#include "imgctl/buf.h"
#include "imgctl/error.h"
#include "imgctl/strlist.h"

/* Add a short name for people, of a-z, 0-9 and '-': from FILENAME without its
 * extension; "image" where nothing remains. */
void cloudinary_slug(struct buf *out, const char *filename);

/*
 * Add the public id that content gets: FOLDER ("{id}" in it is BUSINESS_ID), the
 * slug of FILENAME, the first 12 digits of SHA256. Only A-Z a-z 0-9 . _ - and /
 * are in it, so that every SDK signs its links alike. ERROR_CONFIG for a folder
 * that cannot be one.
 */
int cloudinary_content_id(struct buf *out, const char *folder, int64_t business_id,
                          const char *filename, const char *sha256, struct error *err);

/* Does ID end as the id of that content does? */
bool cloudinary_is_content_id(const char *id, const char *sha256);

/* Does ID end as ids that are made from content do: '-' and 12 digits of hex? */
bool cloudinary_looks_like_ours(const char *id);

/* Would Cloudinary keep ID as it is? ERROR_USAGE if not. */
int cloudinary_check_public_id(const char *id, struct error *err);

/* Add "key=value" to the context in OUT; nothing for a VALUE that is NULL or "". */
void cloudinary_add_context(struct buf *out, const char *key, const char *value);

/* Add the tags, which may be NULL. A comma in a tag is ERROR_USAGE: the commas
 * stand between them, and there is no escape. */
int cloudinary_add_tags(struct buf *out, const struct strlist *tags, struct error *err);

#endif
