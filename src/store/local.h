#ifndef LOCAL_H
#define LOCAL_H

#include "imgctl/store.h"

/* Files below the data folder, named by the SHA-256 of their content. */
int local_open(const struct store_context *context, struct store **ret,
               struct error *err);

#endif
