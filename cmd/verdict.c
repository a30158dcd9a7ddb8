#include "verdict.h"

#include <stdio.h>
#include <string.h>

#include "imgctl/validate.h"

#define TEXT_SIZE 40

void verdict_of_file(const struct profile *profile, const struct rule_facts *facts,
                     char *text)
{
    struct rule_results results;
    RULE_RESULTS_INIT(&results);
    rules_check(profile, facts, false, &results);
    text[0] = '\0';
    for (size_t i = 0; i < results.count && text[0] == '\0'; i++) {
        const char *dot = strchr(results.items[i].rule, '.');
        if (results.items[i].level == RULE_ERROR && dot) {
            snprintf(text, TEXT_SIZE, "%s", dot + 1);
        }
    }
}

void verdict_of_row(const struct profile *profile, const struct picture *p, char *text)
{
    struct rule_facts facts;
    validate_facts_of_row(p, &facts);
    verdict_of_file(profile, &facts, text);
}
