/*
 * picture.h - rows of `images`, as the other files of this room need them.
 */
#ifndef CATALOG_PICTURE_H
#define CATALOG_PICTURE_H

#include "sql.h"

/* Read picture ID into P, which is overwritten. 1, 0, -1. */
int picture_load(struct catalog *c, int64_t id, struct picture *p, struct error *err);
/* The same without what is in other tables. */
int picture_load_row(struct catalog *c, int64_t id, struct picture *p, struct error *err);

/* Say that there is no picture ID. -1. */
int picture_missing(int64_t id, struct error *err);

/* Write what P's store needs to find it again; nothing if it needs nothing. */
int picture_write_remote(struct catalog *c, const struct picture *p, struct error *err);

#endif
