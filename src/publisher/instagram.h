/*
 * instagram.h - Instagram behind publisher.h.
 */
#ifndef INSTAGRAM_H
#define INSTAGRAM_H

#include "imgctl/publisher.h"

int instagram_open(const struct publisher_account *account, const struct config *config,
                   int trace_fd, struct publisher **ret, struct error *err);

#endif
