/*
 * look.h - a picture of the catalog to look at, wherever its bytes are.
 */
#ifndef LOOK_H
#define LOOK_H

#include "app.h"
#include "imgctl/image.h"

/* Any number of bytes: nothing is sent anywhere. */
extern const struct image_limits look_limits;

/* P's bytes from STORE or, where it is far away, a small version that is kept in the
 * cache folder. The descriptor, which the caller closes, or -1. May run in a thread, if
 * no other uses STORE meanwhile. */
int look_open(struct app *app, struct store *store, const struct picture *p,
              int64_t *ret_size, struct error *err);

#endif
