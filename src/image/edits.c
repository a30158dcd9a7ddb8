#include "edits.h"

#include <stdlib.h>

#include "imgctl/file.h"
#include "imgctl/mem.h"

enum { MAX_EDITS = 256 * 1024, COPY_SIZE = 64 * 1024 };

void edits_release(struct edits *e)
{
    free(e->items);
    buf_release(&e->bytes);
    *e = (struct edits)EDITS_INIT;
}

int edits_replace(struct edits *e, int64_t offset, int64_t cut, const void *data,
                  size_t len, struct error *err)
{
    e->growth += (int64_t)len - cut;
    struct edit *last = e->items ? &e->items[e->count - 1] : NULL;
    if (last && len == 0 && last->offset + last->cut == offset) {
        last->cut += cut;
        return 0;
    }
    if (e->count == MAX_EDITS) {
        return error_set(err, ERROR_IMAGE_LIMIT,
                         "more than %d pieces of metadata to take out", MAX_EDITS);
    }
    if (!e->items || e->count == e->capacity) {
        e->capacity = e->capacity ? 2 * e->capacity : 8;
        e->items = mem_resize(e->items, e->capacity, sizeof *e->items);
    }
    e->items[e->count++] = (struct edit){ offset, cut, e->bytes.len, len };
    buf_add(&e->bytes, data, len);
    return 0;
}

int edits_cut(struct edits *e, int64_t offset, int64_t end, struct error *err)
{
    return end > offset ? edits_replace(e, offset, end - offset, "", 0, err) : 0;
}

static int by_offset(const void *a, const void *b)
{
    const struct edit *x = a, *y = b;
    return (x->offset > y->offset) - (x->offset < y->offset);
}

static int write_out(int fd, const void *data, size_t len, struct error *err)
{
    if (file_write_all(fd, data, len) < 0) {
        return error_errno(err, ERROR_FAILED, "the stripped picture cannot be written");
    }
    return 0;
}

static int copy(const struct source *s, int64_t from, int64_t to, int out_fd,
                unsigned char *piece, struct error *err)
{
    while (from < to) {
        size_t n = to - from < COPY_SIZE ? (size_t)(to - from) : COPY_SIZE;
        if (source_at(s, from, piece, n, err) < 0 ||
            write_out(out_fd, piece, n, err) < 0) {
            return -1;
        }
        from += (int64_t)n;
    }
    return 0;
}

int edits_write(struct edits *e, const struct source *s, int out_fd, struct error *err)
{
    AUTO_FREE unsigned char *piece = mem_alloc(COPY_SIZE);
    int64_t at = 0;
    qsort(e->items, e->count, sizeof *e->items, by_offset);
    for (size_t i = 0; i < e->count; i++) {
        const struct edit *edit = &e->items[i];
        if (copy(s, at, edit->offset, out_fd, piece, err) < 0 ||
            write_out(out_fd, e->bytes.data + edit->put, edit->len, err) < 0) {
            return -1;
        }
        at = edit->offset + edit->cut;
    }
    return copy(s, at, s->size, out_fd, piece, err);
}
