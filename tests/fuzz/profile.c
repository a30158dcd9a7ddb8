/* A profile of a user's own, and the rules by it. */
#include <stdlib.h>

#include "fuzz.h"
#include "imgctl/fix.h"

static void apply(const struct profile *p, uint32_t width, uint32_t height)
{
    struct fix_options options = { .profile = p, .fit = FIT_PAD, .enlarge = true,
                                   .limits = { .pixels = 100000000 } };
    struct rule_facts facts = {
        .info = { .format = IMAGE_PNG, .width = width, .height = height, .orientation = 6,
                  .frames = 3, .bits = 16, .channels = 4, .has_alpha = true },
        .bytes = 12345678,
        .name = "a.jpg",
    };
    struct rule_results results;
    struct fix_plan plan;
    struct error err = ERROR_INIT;
    RULE_RESULTS_INIT(&results);
    rules_check(p, &facts, true, &results);
    fix_plan(&options, &facts, &plan, &err);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct profile *p = NULL;
    struct error err = ERROR_INIT;
    if (profile_parse((const char *)data, len, "fuzz", &p, &err) == 0) {
        apply(p, 1, 65535);
        apply(p, 4000, 3000);
    }
    profile_free(p);
    return 0;
}
