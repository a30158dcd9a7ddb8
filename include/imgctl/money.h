/*
 * money.h - US dollars as whole micro-dollars: 1 USD is 1,000,000. Never floating.
 *
 * A price per token is finer than that, so rates are nano-dollars (1 USD is 10^9):
 * "$30 per million tokens" is 30,000 nano-dollars a token. What a service charges
 * for several things is added up in nano-dollars and rounded up once.
 */
#ifndef IMGCTL_MONEY_H
#define IMGCTL_MONEY_H

#include <stdbool.h>
#include <stdint.h>

#include "imgctl/buf.h"

#define MONEY_UNKNOWN INT64_MIN /* a price that nobody knows; never shown as 0 */
#define MONEY_MAX INT64_C(1000000000000000) /* a billion dollars: sums of such fit */

/* "0.50", "$12", "3.000001": at most six places, not negative, at most MONEY_MAX.
 * False for all else. */
bool money_parse(const char *text, int64_t *ret);

/* "0.500000": six places, for JSON and TSV; not for MONEY_UNKNOWN. */
#define MONEY_TEXT 32
void money_format(char out[MONEY_TEXT], int64_t micros);

/* For people: "$0.50", "$0.0059" (as many places as it takes, at least two), or
 * "unknown". */
void money_print(struct buf *out, int64_t micros);

int64_t money_from_nanos(int64_t nanos); /* rounded up */

#endif
