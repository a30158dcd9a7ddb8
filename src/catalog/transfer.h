/*
 * transfer.h - the journal of uploads, for the files that settle it.
 */
#ifndef CATALOG_TRANSFER_H
#define CATALOG_TRANSFER_H

#include "sql.h"

/* Remove transfer ID (0: nothing to do) in the transaction that is open. */
int transfer_settle(struct catalog *c, int64_t id, struct error *err);

#endif
