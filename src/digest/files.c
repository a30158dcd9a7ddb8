#include <string.h>

#include "digest_parts.h"
#include "imgctl/text.h"

#define PIECE (64 * 1024) /* of each file; both stay in the processor's cache */
#define BLOCK 64

/* A file on its way through a lane. */
struct reader {
    struct sha256_lane lane;
    const struct digest_job *job;
    int64_t at;    /* read so far */
    size_t blocks; /* there and not taken yet */
    bool ended;    /* its padding is among them */
    unsigned char piece[PIECE + 2 * BLOCK]; /* room for the padding */
};

/* FIPS 180-4, 5.3.3. */
static const uint32_t first_state[8] = {
    0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
    0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
};

static void start(struct reader *r, const struct digest_job *job)
{
    memcpy(r->lane.state, first_state, sizeof first_state);
    r->job = job;
    r->at = 0;
    r->blocks = 0;
    r->ended = false;
}

/* A one, zeros and the length in bits, up to a whole block: FIPS 180-4, 5.1.1. */
static size_t pad(unsigned char *piece, size_t len, int64_t total)
{
    size_t whole = (len + 1 + 8 + BLOCK - 1) / BLOCK * BLOCK;
    uint64_t bits = (uint64_t)total * 8;
    memset(piece + len, 0, whole - len);
    piece[len] = 0x80;
    for (int i = 1; i <= 8; i++, bits >>= 8) {
        piece[whole - (size_t)i] = (unsigned char)bits;
    }
    return whole;
}

/* The next piece: whole, or to the end of the file. */
static int fill(struct reader *r)
{
    const struct digest_job *job = r->job;
    size_t len = 0;
    while (len < PIECE && !r->ended) {
        ssize_t n = digest_read(job->fd, job->size, r->at, r->piece + len, PIECE - len,
                                job->err);
        if (n < 0) {
            return -1;
        }
        len += (size_t)n;
        r->at += n;
        r->ended = n == 0;
    }
    r->blocks = (r->ended ? pad(r->piece, len, r->at) : len) / BLOCK;
    r->lane.next = r->piece;
    return 0;
}

static void finish(const struct reader *r, struct digest_job *job)
{
    unsigned char bytes[DIGEST_MAX];
    for (int i = 0; i < DIGEST_MAX; i++) {
        bytes[i] = (unsigned char)(r->lane.state[i / 4] >> (24 - 8 * (i % 4)));
    }
    text_hex(job->hex, bytes, sizeof bytes);
    job->result = 0;
}

/* Are there blocks? Else the job is over, well or not. */
static bool has_more(struct reader *r, struct digest_job *job)
{
    if (r->blocks > 0) {
        return true;
    }
    if (r->ended) {
        finish(r, job);
        return false;
    }
    return fill(r) == 0;
}

/* As many blocks as all READERS have. */
static void advance(const struct digest_module *module, struct reader *const readers[],
                    int count)
{
    struct sha256_lane *lanes[2];
    size_t blocks = readers[0]->blocks;
    for (int i = 0; i < count; i++) {
        lanes[i] = &readers[i]->lane;
        blocks = readers[i]->blocks < blocks ? readers[i]->blocks : blocks;
    }
    module->lanes_add(lanes, count, blocks);
    for (int i = 0; i < count; i++) {
        readers[i]->blocks -= blocks;
    }
}

static void side_by_side(const struct digest_module *module, struct digest_job jobs[2])
{
    struct reader readers[2];
    bool open[2] = { true, true };
    start(&readers[0], &jobs[0]);
    start(&readers[1], &jobs[1]);
    for (;;) {
        struct reader *left[2];
        int count = 0;
        for (int i = 0; i < 2; i++) {
            open[i] = open[i] && has_more(&readers[i], &jobs[i]);
            if (open[i]) {
                left[count++] = &readers[i];
            }
        }
        if (count == 0) {
            return;
        }
        advance(module, left, count);
    }
}

static void alone(struct digest_job *job)
{
    job->result = digest_file(DIGEST_SHA256, job->fd, job->size, job->hex, job->err);
}

void digest_files(struct digest_job *jobs, size_t count)
{
    struct error ignored = ERROR_INIT; /* digest_file() says it */
    const struct digest_module *module = count > 1 ? digest_loaded(&ignored) : NULL;
    bool can_pair = module && module->lanes_can();
    size_t i = 0;
    for (size_t j = 0; j < count; j++) {
        jobs[j].hex[0] = '\0';
        jobs[j].result = -1;
    }
    for (; can_pair && count - i >= 2; i += 2) {
        side_by_side(module, &jobs[i]);
    }
    for (; i < count; i++) {
        alone(&jobs[i]);
    }
}
