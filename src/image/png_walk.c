#include "png.h"

#include <string.h>
#include <strings.h>

/* The keyword, two flags, a language and its own keyword come before the text of
 * an iTXt; longer heads are not taken for XMP. */
enum { TEXT_HEAD_MAX = 256 };

enum { KEYWORD_MAX = 79 };

void png_walk_init(struct png_walk *w, struct source *s)
{
    *w = (struct png_walk){ .source = s, .next = PNG_SIGNATURE_SIZE };
}

static bool is_type(const unsigned char *p)
{
    for (int i = 0; i < 4; i++) {
        unsigned char lower = p[i] | 0x20;
        if (lower < 'a' || lower > 'z') {
            return false;
        }
    }
    return true;
}

int png_next(struct png_walk *w, struct png_chunk *chunk, struct error *err)
{
    const unsigned char *p;
    if (source_go(w->source, w->next, err) < 0) {
        return -1;
    }
    ssize_t n = source_peek(w->source, 8, &p, err);
    if (n < 0) {
        return -1;
    }
    if (n < 8) {
        return error_set(err, ERROR_IMAGE_CORRUPT, "truncated: no IEND chunk");
    }
    if (!is_type(p + 4)) {
        return error_set(err, ERROR_IMAGE_CORRUPT, "no chunk where one should begin");
    }
    memcpy(chunk->type, p + 4, 4);
    chunk->type[4] = '\0';
    chunk->offset = w->next;
    chunk->payload = w->next + 8;
    chunk->len = get_be32(p);
    w->next = chunk->end = chunk->payload + chunk->len + 4;
    if (chunk->len > INT32_MAX) {
        return error_set(err, ERROR_IMAGE_CORRUPT, "the length of chunk %s is wrong",
                         chunk->type);
    }
    if (chunk->end > w->source->size) {
        return error_set(err, ERROR_IMAGE_CORRUPT,
                         "truncated: chunk %s runs past the end of the file",
                         chunk->type);
    }
    if (source_go(w->source, chunk->payload, err) < 0) {
        return -1;
    }
    return 1;
}

bool png_is_text(const struct png_chunk *c)
{
    return memcmp(c->type, "tEXt", 4) == 0 || memcmp(c->type, "zTXt", 4) == 0 ||
           memcmp(c->type, "iTXt", 4) == 0;
}

int png_gps_text(const struct source *s, const struct png_chunk *chunk, struct error *err)
{
    char keyword[KEYWORD_MAX + 1] = { 0 };
    size_t len = chunk->len < KEYWORD_MAX ? chunk->len : KEYWORD_MAX;
    if (!png_is_text(chunk)) {
        return 0;
    }
    int got = source_at(s, chunk->payload, keyword, len, err);
    const char *colon = strrchr(keyword, ':');
    return got > 0 ? strncasecmp(colon ? colon + 1 : keyword, "GPS", 3) == 0 : got;
}

int png_text(const struct source *s, const struct png_chunk *chunk, const char *keyword,
             size_t *text, bool *compressed, struct error *err)
{
    unsigned char head[TEXT_HEAD_MAX];
    size_t len = chunk->len < sizeof head ? chunk->len : sizeof head;
    size_t at = strlen(keyword) + 1;
    bool international = memcmp(chunk->type, "iTXt", 4) == 0;
    if (!png_is_text(chunk)) {
        return 0;
    }
    int got = source_at(s, chunk->payload, head, len, err);
    if (got <= 0 || len < at || memcmp(head, keyword, at) != 0) {
        return got < 0 ? -1 : 0;
    }
    *text = at;
    *compressed = chunk->type[0] == 'z';
    if (!international) {
        return 1;
    }
    if (len < at + 2) {
        return 0;
    }
    *compressed = head[at] != 0;
    at += 2;
    for (int field = 0; field < 2; field++) {
        const unsigned char *nul = memchr(head + at, 0, len - at);
        if (!nul) {
            return 0;
        }
        at = (size_t)(nul - head) + 1;
    }
    *text = at;
    return 1;
}
