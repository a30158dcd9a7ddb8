#include "source.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "imgctl/mem.h"

/* Small enough to stay in the cache between reading, hashing and parsing. */
enum { WHOLE_WINDOW = 64 * 1024 };

static void source_init(struct source *s, int fd, int64_t size)
{
    s->fd = fd;
    s->size = size;
    s->pos = 0;
    s->whole = false;
    s->each = NULL;
    s->cookie = NULL;
    s->window = s->small;
    s->capacity = sizeof s->small;
    s->begin = s->end = 0;
    s->owned = NULL;
}

void source_seeking(struct source *s, int fd, int64_t size)
{
    source_init(s, fd, size);
}

void source_whole(struct source *s, int fd, int64_t size,
                  void (*each)(void *cookie, const void *data, size_t len),
                  void *cookie)
{
    source_init(s, fd, size);
    s->whole = true;
    s->each = each;
    s->cookie = cookie;
    if (size > SOURCE_PEEK_MAX) {
        s->capacity = WHOLE_WINDOW;
        s->owned = s->window = mem_alloc(WHOLE_WINDOW);
    }
}

void source_release(struct source *s)
{
    free(s->owned);
    s->owned = NULL;
}

static int read_exactly(int fd, void *out, size_t len, int64_t offset,
                        struct error *err)
{
    unsigned char *to = out;
    while (len > 0) {
        ssize_t n = pread(fd, to, len, (off_t)offset);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n < 0) {
            return error_errno(err, ERROR_FILE, "the file cannot be read");
        }
        if (n == 0) {
            return error_set(err, ERROR_FILE,
                             "the file became shorter while it was read");
        }
        to += n;
        len -= (size_t)n;
        offset += n;
    }
    return 0;
}

/* Make the window as full as it gets. */
static int fill(struct source *s, struct error *err)
{
    size_t have = s->end - s->begin;
    memmove(s->window, s->window + s->begin, have);
    s->begin = 0;
    s->end = have;

    int64_t from = s->pos + (int64_t)have;
    size_t room = s->capacity - have;
    if ((int64_t)room > s->size - from) {
        room = (size_t)(s->size - from);
    }
    if (read_exactly(s->fd, s->window + have, room, from, err) < 0) {
        return -1;
    }
    s->end += room;
    if (s->each && room > 0) {
        s->each(s->cookie, s->window + have, room);
    }
    return 0;
}

ssize_t source_peek(struct source *s, size_t want, const unsigned char **ret,
                    struct error *err)
{
    size_t have = s->end - s->begin;
    if (have < want && (int64_t)have < s->size - s->pos && fill(s, err) < 0) {
        return -1;
    }
    *ret = s->window + s->begin;
    return (ssize_t)(s->end - s->begin);
}

int source_go(struct source *s, int64_t offset, struct error *err)
{
    if (offset > s->size) {
        offset = s->size;
    }
    while (offset - s->pos > (int64_t)(s->end - s->begin)) {
        s->pos += (int64_t)(s->end - s->begin);
        s->begin = s->end = 0;
        if (!s->whole) {
            s->pos = offset;
            return 0;
        }
        if (fill(s, err) < 0) {
            return -1;
        }
    }
    s->begin += (size_t)(offset - s->pos);
    s->pos = offset;
    return 0;
}

int source_at(const struct source *s, int64_t offset, void *out, size_t len,
              struct error *err)
{
    if (offset < 0 || offset > s->size || (int64_t)len > s->size - offset) {
        return 0;
    }
    int64_t into = offset - s->pos;
    size_t have = s->end - s->begin;
    if (into >= 0 && into <= (int64_t)have && len <= have - (size_t)into) {
        memcpy(out, s->window + s->begin + into, len);
        return 1;
    }
    return read_exactly(s->fd, out, len, offset, err) < 0 ? -1 : 1;
}
