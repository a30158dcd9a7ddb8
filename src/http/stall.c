#include "policy.h"

bool stall_look(struct stall *s, int64_t now, int64_t bytes)
{
    if (s->looked_at == 0) {
        *s = (struct stall){ .looked_at = now, .bytes = bytes, .fast_at = now };
        return false;
    }
    int64_t passed = now - s->looked_at;
    if (passed < 1000) {
        return false;
    }
    /* Time in which nobody looked is not held against anyone. */
    if (passed > 2000) {
        s->fast_at += passed - 1000;
    }
    if ((bytes - s->bytes) * 1000 >= STALL_SPEED * passed) {
        s->fast_at = now;
    }
    s->looked_at = now;
    s->bytes = bytes;
    return now - s->fast_at >= STALL_SECONDS * 1000;
}
