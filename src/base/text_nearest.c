/* "Did you mean ...?" */
#include "imgctl/text.h"

#include <string.h>
#include <strings.h>

#define WORD_MAX 63 /* no name of ours is longer, and the work stays small */

static char fold(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

static bool same(char a, char b)
{
    return fold(a) == fold(b);
}

static size_t min3(size_t a, size_t b, size_t c)
{
    size_t ab = a < b ? a : b;
    return ab < c ? ab : c;
}

/* Insertions, deletions, substitutions and swaps of neighbours from A to B. */
static size_t edit_distance(const char *a, size_t a_len, const char *b, size_t b_len)
{
    size_t rows[3][WORD_MAX + 1];
    size_t *before = rows[0], *above = rows[1], *row = rows[2];
    memset(rows, 0, sizeof rows);
    for (size_t j = 0; j <= b_len; j++) {
        above[j] = j;
    }
    for (size_t i = 1; i <= a_len; i++) {
        size_t *oldest = before;
        row[0] = i;
        for (size_t j = 1; j <= b_len; j++) {
            size_t change = same(a[i - 1], b[j - 1]) ? 0 : 1;
            row[j] = min3(above[j] + 1, row[j - 1] + 1, above[j - 1] + change);
            if (i > 1 && j > 1 && same(a[i - 1], b[j - 2]) && same(a[i - 2], b[j - 1]) &&
                before[j - 2] + 1 < row[j]) {
                row[j] = before[j - 2] + 1;
            }
        }
        before = above;
        above = row;
        row = oldest;
    }
    return above[b_len];
}

/* Is WORD the beginning of NAME or of one of its parts ("bytes" in "max-bytes")? */
static bool is_part(const char *word, size_t len, const char *name)
{
    for (;;) {
        if (strncasecmp(name, word, len) == 0) {
            return true;
        }
        name = strpbrk(name, "-_.");
        if (!name) {
            return false;
        }
        name++;
    }
}

const char *text_nearest(const char *word, const char *const *candidates, size_t count)
{
    size_t len = strlen(word);
    size_t best = WORD_MAX + 1;
    const char *nearest = NULL;
    if (len == 0 || len > WORD_MAX) {
        return NULL;
    }
    for (size_t i = 0; i < count; i++) {
        size_t other = strlen(candidates[i]);
        size_t distance;
        if (other > WORD_MAX) {
            continue;
        }
        distance = edit_distance(word, len, candidates[i], other);
        if (distance * 3 > (len > other ? len : other)) {
            if (len < 3 || !is_part(word, len, candidates[i])) {
                continue;
            }
            /* A missing part: behind every slip of the finger. */
            distance = WORD_MAX;
        }
        if (distance < best) {
            best = distance;
            nearest = candidates[i];
        }
    }
    return nearest;
}
