#ifndef CLOUDINARY_H
#define CLOUDINARY_H

#include "imgctl/store.h"

/* A Cloudinary account through the Upload API. ERROR_CREDENTIALS if none is
 * configured. Nothing is sent until it is used. */
int cloudinary_open(const struct store_context *context, struct store **ret,
                    struct error *err);

/* Is there an account? One that cannot be read counts: opening it says why. */
bool cloudinary_is_configured(const struct config *config);

#endif
