/*
 * local_audit.h - the local store seen as a folder: what is in it, and is it whole?
 */
#ifndef LOCAL_AUDIT_H
#define LOCAL_AUDIT_H

#include "imgctl/store.h"

/* Is this a SHA-256 in hex, of LEN characters? */
bool local_is_digest(const char *text, size_t len);

#define LOCAL_AT_ONCE 2 /* as many as are digested in less time together */

struct local_examined {
    const char *path;
    struct store_fact *fact;
};

/* Compare each of up to LOCAL_AT_ONCE files with its fact: its size and, with DEEP, its
 * digest. -1 only where nothing can be digested. */
int local_examine_files(const struct local_examined *files, size_t count, bool deep,
                        struct error *err);

/* Walk the files below ROOT; MAKING is its folder of temporary files. */
int local_walk_files(const char *root, const char *making, store_each *each,
                     void *cookie, struct error *err);

#endif
