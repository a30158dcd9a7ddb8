/*
 * guard.h - decoding in a child that can do nothing but decode.
 *
 * A picture from outside is read by large libraries; a fault in one of them must not
 * reach the catalog, the keys or the network. So image_load() hands the open file to a
 * child process, which may only read it, compute and answer: the kernel (seccomp)
 * refuses it everything else, as opening files and sockets. A child that dies, or does
 * not come to an end, is one picture that failed. Children are kept for the next
 * pictures, one for each thread that decodes, and end with their parent.
 */
#ifndef GUARD_H
#define GUARD_H

#include "imgctl/raster.h"

/* As image_load(), in this process. */
int image_load_here(int fd, int64_t size, const struct load_options *options,
                    struct raster *ret, struct error *err);

/* As image_load(), in a child, whatever image_guard_set() said. The modules must be
 * loaded. */
int guard_load(int fd, int64_t size, const struct load_options *options,
               struct raster *ret, struct error *err);

#define GUARD_SOCKET 0 /* the child's descriptor to answer on, and to write to at all */

/* In a child: give up all rights but those of a decoder, for good. Where the kernel
 * cannot do that: false. */
bool guard_confine(void);

/* Is this build watched by a sanitizer? Then image_load() decodes in this process: a
 * process that is forked off one with threads may hang in a sanitizer's locks. */
bool guard_is_watched(void);

#endif
