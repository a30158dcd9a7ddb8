/*
 * budget.h - what may be spent: limits from the settings and of a business.
 *
 * budget.month and budget.day are settings; the limits of a business are in the catalog
 * (jobs.h), where they follow it when it is renamed. Whether a request still goes under
 * them is decided where it is reserved, in catalog_job_reserve().
 */
#ifndef IMGCTL_BUDGET_H
#define IMGCTL_BUDGET_H

#include "imgctl/buf.h"
#include "imgctl/config.h"
#include "imgctl/jobs.h"

/* All limits that hold for BUSINESS_ID. CATALOG NULL (there is none yet): only those of
 * the settings. */
int budget_load(const struct config *config, struct catalog *catalog, int64_t business_id,
                struct budget *ret, struct error *err);

/*
 * Has a reservation of ESTIMATE, which is part of NOW, taken a limit over four fifths?
 * True with a sentence about the first such limit; only for the one that does so, hence
 * once in a day or month.
 */
bool budget_warning(const struct budget *b, const struct spending *now, int64_t estimate,
                    struct buf *ret);

#endif
