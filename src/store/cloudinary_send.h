/*
 * cloudinary_send.h - the store's put, waited for or beside others.
 */
#ifndef CLOUDINARY_SEND_H
#define CLOUDINARY_SEND_H

#include "imgctl/store.h"

char *cloudinary_plan(struct store *s, const struct store_item *item, struct error *err);
int cloudinary_put(struct store *s, const struct store_item *item, struct stored *ret,
                   struct error *err);
int cloudinary_start(struct store *s, const struct store_item *item, store_done *done,
                     void *cookie, struct error *err);
void cloudinary_run(struct store *s, int wake_fd, int timeout);

/* Ends all requests, and the client with them. */
void cloudinary_cancel(struct store *s);

#endif
