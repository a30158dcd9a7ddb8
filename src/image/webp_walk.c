#include "webp.h"

#include <inttypes.h>
#include <string.h>

int webp_walk_init(struct webp_walk *w, struct source *s, struct error *err)
{
    const unsigned char *p;
    ssize_t n = source_peek(s, WEBP_HEAD, &p, err);
    if (n < 0) {
        return -1;
    }
    int64_t end = n < WEBP_HEAD ? INT64_MAX : 8 + (int64_t)get_le32(p + 4);
    if (end > s->size) {
        return error_set(err, ERROR_IMAGE_CORRUPT,
                         "truncated: %" PRId64 " of %" PRId64 " bytes are there",
                         s->size, end);
    }
    webp_walk_inside(w, s, WEBP_HEAD, end);
    return 0;
}

void webp_walk_inside(struct webp_walk *w, struct source *s, int64_t from, int64_t end)
{
    *w = (struct webp_walk){ .source = s, .next = from, .end = end };
}

int webp_next(struct webp_walk *w, struct webp_chunk *chunk, struct error *err)
{
    const unsigned char *p;
    if (w->end - w->next < 8) {
        return 0;
    }
    if (source_go(w->source, w->next, err) < 0 ||
        source_peek(w->source, 8, &p, err) < 0) {
        return -1;
    }
    memcpy(chunk->type, p, 4);
    chunk->type[4] = '\0';
    chunk->offset = w->next;
    chunk->payload = w->next + 8;
    chunk->len = get_le32(p + 4);
    if (chunk->len > w->end - chunk->payload) {
        return error_set(err, ERROR_IMAGE_CORRUPT,
                         "chunk \"%s\" runs past the end of the picture", chunk->type);
    }
    chunk->end = chunk->payload + chunk->len + (chunk->len & 1);
    if (chunk->end > w->end) {
        chunk->end = w->end; /* the padding byte is sometimes left out */
    }
    w->next = chunk->end;
    return source_go(w->source, chunk->payload, err) < 0 ? -1 : 1;
}
