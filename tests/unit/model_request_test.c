/*
 * From what a user says to the bytes that leave, for every model that we know and one
 * that we do not, at OpenAI and at a server like it.
 */
#include "../../src/generator/openai_request.h"
#include "catalog_support.h"
#include "imgctl/config.h"
#include "imgctl/model.h"

static struct error err;
static struct models *models;

#define GPT(id, quality)                                                        \
    "{\"model\":\"" id "\",\"prompt\":\"a lighthouse\",\"n\":1,"                \
    "\"size\":\"1024x1024\",\"quality\":\"" quality "\"}"
#define ELSEWHERE(id)                                                           \
    "{\"model\":\"" id "\",\"prompt\":\"a lighthouse\",\"n\":1,"                \
    "\"size\":\"1024x1024\"}"
#define ELSEWHERE_AS(id, format)                                                \
    "{\"model\":\"" id "\",\"prompt\":\"a lighthouse\",\"n\":1,"                \
    "\"size\":\"1024x1024\",\"response_format\":\"" format "\"}"

/* OFFICIAL NULL: it is not sent there. */
static const struct {
    const char *id, *official, *elsewhere;
} bodies[] = {
    { "gpt-image-2.6-flare", GPT("gpt-image-2.6-flare", "medium"),
      ELSEWHERE("gpt-image-2.6-flare") },
    { "gpt-image-2.6-sunburst", GPT("gpt-image-2.6-sunburst", "medium"),
      ELSEWHERE("gpt-image-2.6-sunburst") },
    { "gpt-image-2.5-flare", GPT("gpt-image-2.5-flare", "medium"),
      ELSEWHERE("gpt-image-2.5-flare") },
    { "gpt-image-2.5-sunburst", GPT("gpt-image-2.5-sunburst", "medium"),
      ELSEWHERE("gpt-image-2.5-sunburst") },
    { "gpt-image-2", GPT("gpt-image-2", "medium"), ELSEWHERE("gpt-image-2") },
    { "gpt-image-2-2026-04-21", GPT("gpt-image-2-2026-04-21", "medium"),
      ELSEWHERE("gpt-image-2-2026-04-21") },
    { "gpt-image-1.5", GPT("gpt-image-1.5", "medium"), ELSEWHERE("gpt-image-1.5") },
    { "chatgpt-image-latest", GPT("chatgpt-image-latest", "medium"),
      ELSEWHERE("chatgpt-image-latest") },
    { "gpt-image-1-mini", GPT("gpt-image-1-mini", "medium"),
      ELSEWHERE("gpt-image-1-mini") },
    { "gpt-image-1", NULL, ELSEWHERE("gpt-image-1") },
    { "dall-e-3", NULL, ELSEWHERE_AS("dall-e-3", "b64_json") },
    { "dall-e-2", NULL, ELSEWHERE_AS("dall-e-2", "b64_json") },
    { "stable-diffusion", ELSEWHERE("stable-diffusion"),
      ELSEWHERE_AS("stable-diffusion", "b64_json") },
};

static void check_body(const char *id, bool official, const struct model_wish *wish,
                       const char *expected)
{
    struct generate_request r = { .model = id, .prompt = "a lighthouse" };
    struct openai_body body = OPENAI_BODY_INIT;
    error_clear(&err);
    int result = model_resolve(models_find(models, id), wish, official, 0, &r, &err);
    CHECK_INT(result, expected ? 0 : -1);
    if (!expected) {
        CHECK_INT(err.kind, ERROR_REFUSED);
        return;
    }
    CHECK_INT(openai_body_make(&r, true, &body, &err), 0);
    CHECK_STR(body.path, "/images/generations");
    CHECK_STR(body.json.data, expected);
    openai_body_release(&body);
}

TEST(every_model_and_nothing_but_what_it_takes)
{
    const struct model_wish wish = { .compression = -1 };
    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
        check_body(bodies[i].id, true, &wish, bodies[i].official);
        check_body(bodies[i].id, false, &wish, bodies[i].elsewhere);
    }
}

/* A model that is added to the data is added here, too. */
TEST(no_model_is_left_out)
{
    const struct model *m;
    for (size_t i = 0; (m = models_at(models, i)) != NULL; i++) {
        size_t k = 0;
        while (k < sizeof bodies / sizeof *bodies && strcmp(bodies[k].id, m->id) != 0) {
            k++;
        }
        CHECK(k < sizeof bodies / sizeof *bodies);
    }
}

TEST(all_that_can_be_said)
{
    struct model_wish wish = {
        .size = "1792x1024", .quality = "hd", .style = "natural", .compression = -1,
    };
    check_body("dall-e-3", false, &wish,
               "{\"model\":\"dall-e-3\",\"prompt\":\"a lighthouse\",\"n\":1,"
               "\"size\":\"1792x1024\",\"quality\":\"hd\",\"style\":\"natural\","
               "\"response_format\":\"b64_json\"}");
    wish = (struct model_wish){
        .size = "4:5", .quality = "xhigh", .background = "transparent",
        .output_format = "webp", .compression = 85, .count = 10,
    };
    check_body("gpt-image-2.5-sunburst", true, &wish,
               "{\"model\":\"gpt-image-2.5-sunburst\",\"prompt\":\"a lighthouse\","
               "\"n\":10,\"size\":\"1088x1360\",\"quality\":\"xhigh\","
               "\"background\":\"transparent\",\"output_format\":\"webp\","
               "\"output_compression\":85}");
}

int main(void)
{
    struct config *config;
    scratch_make();
    setenv("IMGCTL_CONFIG", in_scratch("config"), 1);
    must(config_load(NULL, &config, &err), &err);
    must(models_load(config, &models, &err), &err);
    RUN(every_model_and_nothing_but_what_it_takes);
    RUN(no_model_is_left_out);
    RUN(all_that_can_be_said);
    models_free(models);
    config_free(config);
    scratch_remove();
    return test_end();
}
