/*
 * digest.h - SHA-256, SHA-1 and MD5 through libcrypto (but for pairs of files, see
 * digest_files()), CRC-32 and inflating through zlib.
 *
 * libcrypto doubles the start time of a small program, so it is in a module
 * that is loaded at the first digest (see module.h). digest_start() is where
 * that can fail; after it nothing does. One `struct digest` belongs to one
 * thread at a time; different ones may be used in different threads.
 */
#ifndef IMGCTL_DIGEST_H
#define IMGCTL_DIGEST_H

#include <stddef.h>
#include <stdint.h>

#include "imgctl/error.h"

enum digest_algorithm { DIGEST_SHA256, DIGEST_SHA1, DIGEST_MD5 };

#define DIGEST_MAX 32                      /* bytes of the longest */
#define DIGEST_HEX_SIZE (2 * DIGEST_MAX + 1)

struct digest;

/* Begin; returns 0 and a digest to be finished or freed, or -1. */
int digest_start(enum digest_algorithm algorithm, struct digest **ret, struct error *err);
void digest_update(struct digest *d, const void *data, size_t len);

/* The bytes into OUT; returns how many. Frees D. */
size_t digest_finish(struct digest *d, unsigned char out[DIGEST_MAX]);

/* As lower-case hex. Frees D. */
void digest_finish_hex(struct digest *d, char out[DIGEST_HEX_SIZE]);

void digest_free(struct digest *d); /* abandon; NULL is fine */

/* The hex digest of one piece of memory. */
int digest_hex(enum digest_algorithm algorithm, const void *data, size_t len,
               char out[DIGEST_HEX_SIZE], struct error *err);

/* The hex digest of the first SIZE bytes of the file FD, or of all of it if SIZE is
 * -1; its position stays. ERROR_FILE if it cannot be read or ends before. */
int digest_file(enum digest_algorithm algorithm, int fd, int64_t size,
                char out[DIGEST_HEX_SIZE], struct error *err);

/* What digest_files() is asked, and its answer. */
struct digest_job {
    int fd;
    int64_t size;
    char *hex;         /* DIGEST_HEX_SIZE bytes; "" where it failed */
    struct error *err;
    int result;        /* as of digest_file() */
};

/*
 * The SHA-256 of each file, as digest_file() makes it of as many bytes as are given (-1
 * is none), two at a time: with the SHA instructions of x86 two side by side take two
 * thirds of the time that they take one after the other. Without them that is how they
 * are made.
 */
void digest_files(struct digest_job *jobs, size_t count);

/* Go on with the CRC-32 (as of PNG and gzip) in *CRC, which begins as 0. -1 only
 * where the module cannot be loaded. */
int digest_crc32(const void *data, size_t len, uint32_t *crc, struct error *err);

/* The first ROOM bytes of what the zlib stream DATA becomes; *ret is how many there
 * are, fewer where it ends or breaks. -1 only where the module cannot be loaded. */
int digest_inflate(const void *data, size_t len, void *out, size_t room, size_t *ret,
                   struct error *err);

#endif
