/*
 * SHA-256 (FIPS 180-4) of one or two messages at once with the SHA instructions of x86.
 *
 * Each of them waits some cycles for the one before it, so one message leaves the unit
 * idle half of the time; a second one, which depends on nothing of the first, fills that.
 */
#include "../digest_module.h"

#if defined(__x86_64__)

#include <immintrin.h>
#include <sys/platform/x86.h>

#define WITH_SHA __attribute__((target("sha,sse4.1")))
#define INLINE static inline __attribute__((always_inline)) WITH_SHA

/* The round constants: FIPS 180-4, 4.2.2. */
static const uint32_t constants[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4,
    0xab1c5ed5, 0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe,
    0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f,
    0x4a7484aa, 0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7,
    0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc,
    0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b,
    0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116,
    0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7,
    0xc67178f2,
};

/* The eight words of a state, as the instructions want them: A B E F and C D G H, from
 * the highest word down. */
struct halves {
    __m128i abef, cdgh;
};

INLINE struct halves from_state(const uint32_t state[8])
{
    __m128i badc = _mm_shuffle_epi32(_mm_loadu_si128((const __m128i *)state), 0xB1);
    __m128i hgfe = _mm_shuffle_epi32(_mm_loadu_si128((const __m128i *)(state + 4)), 0x1B);
    return (struct halves){ _mm_alignr_epi8(badc, hgfe, 8),
                            _mm_blend_epi16(hgfe, badc, 0xF0) };
}

INLINE void to_state(struct halves h, uint32_t state[8])
{
    __m128i feba = _mm_shuffle_epi32(h.abef, 0x1B);
    __m128i dchg = _mm_shuffle_epi32(h.cdgh, 0xB1);
    _mm_storeu_si128((__m128i *)state, _mm_blend_epi16(feba, dchg, 0xF0));
    _mm_storeu_si128((__m128i *)(state + 4), _mm_alignr_epi8(dchg, feba, 8));
}

/* Words 4 * QUAD to 4 * QUAD + 3 of the message schedule; W holds the sixteen before
 * them, as a ring, and takes them. */
INLINE __m128i schedule(__m128i w[4], int quad, const unsigned char *block)
{
    const __m128i big_endian = _mm_set_epi32(0x0C0D0E0F, 0x08090A0B, 0x04050607,
                                             0x00010203);
    __m128i *to = &w[quad & 3];
    if (quad < 4) {
        *to = _mm_loadu_si128((const __m128i *)(block + (size_t)16 * (size_t)quad));
        return *to = _mm_shuffle_epi8(*to, big_endian);
    }
    __m128i last = w[(quad + 3) & 3];
    __m128i seven_back = _mm_alignr_epi8(last, w[(quad + 2) & 3], 4);
    __m128i sum = _mm_add_epi32(_mm_sha256msg1_epu32(*to, w[(quad + 1) & 3]), seven_back);
    return *to = _mm_sha256msg2_epu32(sum, last);
}

/* LANES is a constant in each caller, so that this becomes straight code. */
INLINE void add_blocks(struct sha256_lane *const lane[], int lanes, size_t blocks)
{
    struct halves now[2], before[2];
    __m128i w[2][4];
    for (int l = 0; l < lanes; l++) {
        now[l] = from_state(lane[l]->state);
    }
    for (size_t at = 0; at < 64 * blocks; at += 64) {
        for (int l = 0; l < lanes; l++) {
            before[l] = now[l];
        }
#pragma GCC unroll 16
        for (int quad = 0; quad < 16; quad++) {
            __m128i k = _mm_loadu_si128((const __m128i *)(constants + 4 * quad));
#pragma GCC unroll 2
            for (int l = 0; l < lanes; l++) {
                struct halves *h = &now[l];
                __m128i wk = _mm_add_epi32(schedule(w[l], quad, lane[l]->next + at), k);
                h->cdgh = _mm_sha256rnds2_epu32(h->cdgh, h->abef, wk);
                wk = _mm_shuffle_epi32(wk, 0x0E);
                h->abef = _mm_sha256rnds2_epu32(h->abef, h->cdgh, wk);
            }
        }
        for (int l = 0; l < lanes; l++) {
            now[l].abef = _mm_add_epi32(now[l].abef, before[l].abef);
            now[l].cdgh = _mm_add_epi32(now[l].cdgh, before[l].cdgh);
        }
    }
    for (int l = 0; l < lanes; l++) {
        to_state(now[l], lane[l]->state);
        lane[l]->next += 64 * blocks;
    }
}

static WITH_SHA void add_one(struct sha256_lane *const lane[], size_t blocks)
{
    add_blocks(lane, 1, blocks);
}

static WITH_SHA void add_two(struct sha256_lane *const lane[], size_t blocks)
{
    add_blocks(lane, 2, blocks);
}

/* The C library has asked at its start: on a virtual machine asking takes as long as
 * digesting a few kilobytes. */
bool sha256_lanes_can(void)
{
    return CPU_FEATURE_ACTIVE(SHA) && CPU_FEATURE_ACTIVE(SSSE3) &&
           CPU_FEATURE_ACTIVE(SSE4_1);
}

void sha256_lanes_add(struct sha256_lane *const lane[], int lanes, size_t blocks)
{
    (lanes == 2 ? add_two : add_one)(lane, blocks);
}

#else

bool sha256_lanes_can(void)
{
    return false;
}

void sha256_lanes_add(struct sha256_lane *const lane[], int lanes, size_t blocks)
{
    (void)lane;
    (void)lanes;
    (void)blocks;
}

#endif
