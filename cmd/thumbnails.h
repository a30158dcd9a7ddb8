/*
 * thumbnails.h - pictures of any store, small and on this machine (thumbnail.h).
 */
#ifndef THUMBNAILS_H
#define THUMBNAILS_H

#include "app.h"

/*
 * The file of P's thumbnail within WIDTH x HEIGHT (THUMBNAIL_MAX at most), made now if
 * it is not there: from STORE's bytes or, where the service makes small versions, from
 * one of those. *ret_path is the caller's.
 */
int picture_thumbnail(struct app *app, struct store *store, const struct picture *p,
                      int width, int height, char **ret_path, struct error *err);

/* Where it is or would be, the caller's; NULL with ERROR_STORE for a picture without a
 * digest. */
char *picture_thumbnail_path(const struct app *app, const struct picture *p, int width,
                             int height, struct error *err);

/* The bytes that a thumbnail of P is made from, in a nameless file. Descriptor, -1. */
int picture_small_bytes(struct store *store, const struct picture *p, int width,
                        int height, int64_t *ret_size, struct error *err);

#endif
