/*
 * policy.h - the rules of the http room that need no network: which addresses
 * are private, what may be repeated and when, what counts as a stall.
 *
 * Plain functions of their arguments, in the program rather than the module, so
 * that they can be tested without libcurl, sockets or waiting.
 */
#ifndef HTTP_POLICY_H
#define HTTP_POLICY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include "imgctl/http.h"

/* ---- address.c ---- */

/* May a download connect there? False for loopback, private, link-local,
 * multicast and reserved addresses, and for any family but IPv4 and IPv6. */
bool address_is_public(const struct sockaddr *address);

/* A host as it stands in a parsed URL: an address, in brackets or not, or a
 * name. Names other than localhost are neither private nor loopback. */
bool address_host_is_private(const char *host);
bool address_host_is_loopback(const char *host);

/* The proxy that the environment names for HOST and SCHEME, NULL for none. */
const char *address_proxy(const char *scheme, const char *host);

/* ---- retry.c ---- */

#define RETRY_MAX_DELAY ((int64_t)60 * 1000) /* ms, of the backoff */
#define RETRY_MAX_WAIT ((int64_t)120 * 1000) /* ms, that a service may ask for */

/* Is this status, with its BODY, the service's rate limit? */
bool retry_is_rate_limit(int status, const char *body);

/* May a request that was answered so be repeated? */
bool retry_status(enum http_retry mode, int status, const char *body);

/* Milliseconds before the Nth repetition (from 1): doubling from BASE, capped,
 * and of that a part that RANDOM chooses, from nothing to all. */
int64_t retry_delay(int n, int base, uint32_t random);

/* The time in "... Try again on 2024-10-04 14:00:00 UTC"; 0: none. */
int64_t retry_time_in_text(const char *body);

/* ---- pace.c ---- */

/* So much a time and not more. What was not used is saved up for a twentieth of the
 * time, so that a pause is not followed by a flood. */
struct pace {
    int64_t limit;  /* in PERIOD ms; 0: none */
    int64_t period;
    int64_t saved;  /* in units of limit * ms */
    int64_t looked_at;
};

void pace_init(struct pace *p, int64_t limit, int64_t period);

/* How much of WANT may be had NOW (ms); 0: nothing yet. */
int64_t pace_take(struct pace *p, int64_t now, int64_t want);

/* When there will be something to take. */
int64_t pace_opens(const struct pace *p, int64_t now);

/* ---- stall.c ---- */

#define STALL_SPEED 1024 /* bytes a second */
#define STALL_SECONDS 30

/* How a body moves. Zero before the first look. */
struct stall {
    int64_t looked_at; /* ms; 0: never */
    int64_t bytes;     /* moved by then */
    int64_t fast_at;   /* when it last moved fast enough */
};

/* Look at NOW, with BYTES moved in all: has it been too slow for too long? */
bool stall_look(struct stall *s, int64_t now, int64_t bytes);

#endif
