/*
 * preflight.h - a link, asked for as a platform's fetcher would ask.
 */
#ifndef PREFLIGHT_H
#define PREFLIGHT_H

#include "imgctl/validate.h"

/*
 * Add to RET what speaks against URL: PREFIX.url.https, .ascii, .public, .robots,
 * .redirect, .status, .type, .negotiated, .time. What was delivered is in *RET_FD (a
 * scratch file, the caller's), -1 where nothing was. -1 if the network fails.
 */
int preflight(struct validator *v, const char *url, struct rule_results *ret, int *ret_fd,
              struct error *err);

/* Does this robots.txt keep AGENT away from PATH? The longest rule counts. */
bool robots_disallow(const char *text, const char *agent, const char *path);

#endif
