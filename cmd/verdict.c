#include "verdict.h"

#include <stdio.h>
#include <string.h>

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

static enum image_format format_of(const struct picture *p)
{
    static const enum image_format formats[] = { IMAGE_JPEG, IMAGE_PNG, IMAGE_WEBP };
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
        if (p->mime_type && strcmp(p->mime_type, image_mime(formats[i])) == 0) {
            return formats[i];
        }
    }
    return IMAGE_NONE;
}

static uint32_t side(int64_t n)
{
    return n < 0 ? 0 : n > UINT32_MAX ? UINT32_MAX : (uint32_t)n;
}

void verdict_of_row(const struct profile *profile, const struct picture *p, char *text)
{
    const struct rule_facts facts = {
        .info = {
            .format = format_of(p),
            .width = side(p->width),
            .height = side(p->height),
            .frames = 1,
        },
        .bytes = p->file_size_bytes,
        .name = p->original_filename,
        .from_catalog = true,
    };
    verdict_of_file(profile, &facts, text);
}
