/*
 * verify_store.h - what a store or the journal has that no row knows.
 */
#ifndef VERIFY_STORE_H
#define VERIFY_STORE_H

#include "imgctl/verify.h"

int verify_transfers(const struct verifier *v, struct error *err);

/* Walk the store NAME; that it cannot be walked is a finding, too. */
void verify_store(const struct verifier *v, const char *name);

#endif
