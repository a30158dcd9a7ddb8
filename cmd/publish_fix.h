/*
 * publish_fix.h - publish --fix: pictures that break the rules are repaired first.
 */
#ifndef PUBLISH_FIX_H
#define PUBLISH_FIX_H

#include "publish_check.h"

struct publish_fix {
    bool is_wanted;
    int fit, gravity;       /* of fix_fits, fix_gravities */
    const char *background; /* NULL: as the setting says */
    bool dry_run;
};

/*
 * Each of PICTURES becomes the one that keeps the rules: itself, or a new one of the
 * catalog. In a dry run WOULD_FIX tells of each whether a new one would be made.
 */
int publish_fix_pictures(const struct publish_check *c, const struct publish_fix *how,
                         struct picture *pictures, int count, bool *would_fix,
                         struct error *err);

#endif
