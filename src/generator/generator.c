#include "imgctl/generator.h"

#include <stdlib.h>
#include <string.h>

#include "mock.h"
#include "openai.h"

void generate_answer_release(struct generate_answer *a)
{
    for (int i = 0; i < GENERATE_COUNT; i++) {
        free(a->revised_prompt[i]);
    }
    *a = (struct generate_answer)GENERATE_ANSWER_INIT;
}

int generator_open(const char *name, const struct generator_context *context,
                   struct generator **ret, struct error *err)
{
    if (strcmp(name, "openai") == 0) {
        return openai_open(context, ret, err);
    }
    if (strcmp(name, "mock") == 0) {
        return mock_open(ret, err);
    }
    error_set(err, ERROR_USAGE, "there is no provider \"%s\"", name);
    return error_hint(err, "the providers are openai and mock");
}

void generator_close(struct generator *g)
{
    if (g) {
        g->ops->close(g);
    }
}

const char *generator_default(const struct config *config)
{
    /* Never the mock by itself: test cards must not pass for pictures. */
    return config_text(config, "generate.provider");
}
