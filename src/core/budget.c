#include "imgctl/budget.h"

static int64_t limit_of(const struct config *config, const char *key)
{
    int64_t limit = config_money(config, key);
    return limit == MONEY_UNKNOWN ? BUDGET_NONE : limit;
}

int budget_load(const struct config *config, struct catalog *catalog, int64_t business_id,
                struct budget *ret, struct error *err)
{
    *ret = (struct budget)BUDGET_INIT;
    ret->month = limit_of(config, "budget.month");
    ret->day = limit_of(config, "budget.day");
    return catalog ? catalog_business_budget(catalog, business_id, ret, err) : 0;
}

/* 80 %, without fractions. */
static bool is_high(int64_t spent, int64_t limit)
{
    return spent >= limit - limit / 5;
}

bool budget_warning(const struct budget *b, const struct spending *now, int64_t estimate,
                    struct buf *ret)
{
    const struct {
        int64_t limit, spent;
        const char *name;
    } limits[] = {
        { b->business_day, now->business_day, "the day's budget of this business" },
        { b->business_month, now->business_month, "the month's budget of this business" },
        { b->day, now->day, "the day's budget" },
        { b->month, now->month, "the month's budget" },
    };
    for (size_t i = 0; i < sizeof limits / sizeof *limits; i++) {
        int64_t limit = limits[i].limit, spent = limits[i].spent;
        if (limit > 0 && is_high(spent, limit) && !is_high(spent - estimate, limit)) {
            money_print(ret, spent);
            buf_addstr(ret, " of ");
            money_print(ret, limit);
            buf_addf(ret, " are spent or reserved: 80 %% of %s", limits[i].name);
            return true;
        }
    }
    return false;
}
