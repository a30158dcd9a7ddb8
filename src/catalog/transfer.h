/*
 * transfer.h - the journal of uploads, for the files that settle it.
 */
#ifndef CATALOG_TRANSFER_H
#define CATALOG_TRANSFER_H

#include "sql.h"

/* Remove transfer ID (0: nothing to do) in the transaction that is open. 1, 0 it was gone
 * already, -1. */
int transfer_settle(struct catalog *c, int64_t id, struct error *err);

/* The same for bytes that no row stood on before: where the entry is gone, nothing has
 * kept a removal from them since they were sent. ERROR_STORE then, retryable. */
int transfer_settle_new(struct catalog *c, int64_t id, struct error *err);

#endif
