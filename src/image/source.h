/*
 * source.h - the bytes of a picture file, read forwards through a small window.
 *
 * The same parsers run in two ways. Seeking, they read a window of 4 KiB
 * wherever they look and jump over the rest: that is a probe. Whole, they read
 * every byte once and in order, and show it to EACH on the way: that is a check.
 *
 * Only the first SIZE bytes of the file exist. If it has become shorter since
 * it was measured, reading fails with ERROR_FILE.
 */
#ifndef SOURCE_H
#define SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "imgctl/error.h"

#define SOURCE_PEEK_MAX 4096 /* the most that source_peek() can be asked for */

struct source {
    int fd;
    int64_t size;
    int64_t pos;           /* of the next byte that was not skipped */
    bool whole;
    void (*each)(void *cookie, const void *data, size_t len);
    void *cookie;
    unsigned char *window; /* [begin, end) are the bytes from pos on */
    size_t begin, end, capacity;
    unsigned char *owned;  /* the window, if it is on the heap */
    unsigned char small[SOURCE_PEEK_MAX];
};

#define AUTO_SOURCE __attribute__((cleanup(source_release)))

void source_seeking(struct source *s, int fd, int64_t size);
void source_whole(struct source *s, int fd, int64_t size,
                  void (*each)(void *cookie, const void *data, size_t len),
                  void *cookie);
void source_release(struct source *s);

/* At least WANT bytes at pos, fewer only where the file ends: returns how many
 * are at *ret, -1 on failure. Nothing is skipped. */
ssize_t source_peek(struct source *s, size_t want, const unsigned char **ret,
                    struct error *err);

/* Go on to OFFSET, which is not before pos; beyond the end means the end. */
int source_go(struct source *s, int64_t offset, struct error *err);

/* LEN bytes from anywhere, without moving: 1, 0 if they are not all in the
 * file, -1. */
int source_at(const struct source *s, int64_t offset, void *out, size_t len,
              struct error *err);

static inline uint16_t get_be16(const unsigned char *p)
{
    return (uint16_t)((uint32_t)p[0] << 8 | p[1]);
}

static inline uint32_t get_be32(const unsigned char *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static inline uint16_t get_le16(const unsigned char *p)
{
    return (uint16_t)((uint32_t)p[1] << 8 | p[0]);
}

static inline uint32_t get_le24(const unsigned char *p)
{
    return (uint32_t)p[2] << 16 | (uint32_t)p[1] << 8 | p[0];
}

static inline uint32_t get_le32(const unsigned char *p)
{
    return (uint32_t)p[3] << 24 | get_le24(p);
}

static inline void put_be32(unsigned char *p, uint32_t n)
{
    p[0] = (unsigned char)(n >> 24);
    p[1] = (unsigned char)(n >> 16);
    p[2] = (unsigned char)(n >> 8);
    p[3] = (unsigned char)n;
}

static inline void put_le32(unsigned char *p, uint32_t n)
{
    p[0] = (unsigned char)n;
    p[1] = (unsigned char)(n >> 8);
    p[2] = (unsigned char)(n >> 16);
    p[3] = (unsigned char)(n >> 24);
}

#endif
