#include "policy.h"

/* At least so much is saved up before more is given, that a limit on bytes does not
 * end in crumbs; of a small limit, one. */
static int64_t grain(const struct pace *p)
{
    int64_t part = p->limit / 100;
    return part > 0 ? part : 1;
}

void pace_init(struct pace *p, int64_t limit, int64_t period)
{
    /* Beyond this a limit is none, and the products below could overflow. */
    *p = (struct pace){ .limit = limit < INT64_MAX / 100000000 ? limit : 0,
                        .period = period };
    p->saved = grain(p) * period;
}

int64_t pace_take(struct pace *p, int64_t now, int64_t want)
{
    if (p->limit <= 0) {
        return want;
    }
    int64_t most = p->limit * p->period / 20;
    most = most > grain(p) * p->period ? most : grain(p) * p->period;
    int64_t passed = p->looked_at ? now - p->looked_at : 0;
    p->looked_at = now;
    if (passed > p->period) {
        passed = p->period;
    }
    p->saved += passed * p->limit;
    p->saved = p->saved < most ? p->saved : most;
    if (p->saved < grain(p) * p->period) {
        return 0;
    }
    int64_t given = p->saved / p->period;
    given = given < want ? given : want;
    p->saved -= given * p->period;
    return given;
}

int64_t pace_opens(const struct pace *p, int64_t now)
{
    int64_t missing = grain(p) * p->period - p->saved;
    if (p->limit <= 0 || missing <= 0) {
        return now;
    }
    int64_t opens = p->looked_at + (missing + p->limit - 1) / p->limit;
    return opens > now ? opens : now;
}
