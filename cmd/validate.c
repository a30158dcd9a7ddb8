#include "validate.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "commands.h"
#include "imgctl/file.h"
#include "imgctl/ids.h"
#include "imgctl/mem.h"
#include "operands.h"
#include "pictures.h"

#define DEFAULT_PROFILE "instagram-feed"
#define CAROUSEL_PROFILE "instagram-carousel"
#define CAPTION_LIMIT ((size_t)1024 * 1024)

#define COMMON_OPTIONS                                                                   \
    { OPT_FLAG(struct validate_args, strict), .name = "strict",                          \
      .help = "what the platform does not document is an error, not a warning" },        \
    { OPT_FLAG(struct validate_args, carousel), .name = "carousel",                      \
      .help = "the pictures are posted together: check their number and ratios, too" },  \
    { OPT_TEXT(struct validate_args, caption), .name = "caption", .value = "FILE",       \
      .complete = COMPLETE_FILE,                                                         \
      .help = "check the text of the post, too; - is standard input" },                  \
    { OPT_FLAG(struct validate_args, url), .name = "url",                                \
      .help = "fetch the delivery link as the platform would, and judge what arrives" }, \
    { OPT_FLAG(struct validate_args, allow_private), .name = "allow-private",            \
      .help = "links may lead to private and loopback addresses" },                      \
    { OPT_FLAG(struct validate_args, deep), .name = "deep",                              \
      .help = "read whole files, to find damage behind their headers" }

static const struct option options_ig[] = {
    COMMON_OPTIONS,
    { .name = NULL },
};

static const struct option options[] = {
    { OPT_TEXT(struct validate_args, profile), .name = "for", .value = "PROFILE",
      .complete = COMPLETE_PROFILE, .help = "the platform's rules to check against" },
    COMMON_OPTIONS,
    { OPT_FLAG(struct validate_args, list), .name = "list",
      .help = "list the profiles there are" },
    { OPT_TEXT(struct validate_args, show), .name = "show", .value = "PROFILE",
      .complete = COMPLETE_PROFILE, .help = "print what a profile says" },
    { .name = NULL },
};

static const struct option format_options[] = {
    { OPT_FLAG(struct output_args, json), .name = "json",
      .help = "print one JSON document with an item for each input" },
    { OPT_FLAG(struct output_args, jsonl), .name = "jsonl",
      .help = "print one JSON object a line, as the work goes on" },
    { OPT_FLAG(struct output_args, ids), .name = "ids",
      .help = "print the ids of what is valid, one a line" },
    { OPT_TEXT(struct output_args, format), .name = "format", .value = "TEMPLATE",
      .help = "print each by a template such as '{input}\\t{status}\\t{width}\\n'" },
    { OPT_FLAG(struct output_args, null), .letter = '0', .name = "null",
      .help = "end records with a NUL byte instead of a newline" },
    { .name = NULL },
};

static const struct operand operands[] = {
    { OPERAND_MANY(struct validate_args, operands), .name = "ID|FILE|URL",
      .complete = COMPLETE_FILE,
      .help = "a picture; - for one, or for a list of ids and names, on standard input" },
    { .name = NULL },
};

static const char *const examples_ig[] = {
    "imgctl validate-ig cat.jpg",
    "imgctl validate-ig --carousel --caption caption.txt 42 43 44",
    "imgctl validate-ig --url @1",
    "imgctl list --ids --all | imgctl validate-ig --ids -",
    NULL,
};

static const char *const examples[] = {
    "imgctl validate --for bluesky *.png",
    "imgctl validate --for instagram-story --strict 42",
    "imgctl validate --list",
    "imgctl validate --show instagram-feed",
    NULL,
};

struct work {
    struct app *app;
    const struct validate_args *args;
    struct profile *profile;
    struct open_stores stores;
    struct validator validator;
    struct report report;
    struct image_info first; /* of a carousel */
    bool has_first;
    bool can_repair; /* a picture that is not valid */
};

static struct store *find_store(void *cookie, const char *name, struct error *err)
{
    struct work *w = cookie;
    return open_stores_get(&w->stores, w->app, name, err);
}

/* Files and links are judged without a catalog, also where it cannot be opened. */
static int open_catalog(struct work *w, const struct strlist *inputs, struct error *err)
{
    for (size_t i = 0; i < inputs->len && !w->validator.catalog; i++) {
        if (ids_is_id(inputs->items[i]) &&
            app_open_catalog_if_there(w->app, err) < 0) {
            return -1;
        }
        w->validator.catalog = w->app->catalog;
    }
    return 0;
}

static void validate_one(struct work *w, const char *input)
{
    struct verdict verdict;
    struct error err = ERROR_INIT;
    if (validate_input(&w->validator, input, &verdict, &err) < 0) {
        report_failed(&w->report, input, verdict.id, &err);
        verdict_release(&verdict);
        return;
    }
    if (w->args->carousel && verdict.has_facts) {
        if (w->has_first) {
            rules_check_sibling(w->profile, &w->first, &verdict.facts.info,
                                &verdict.results);
        } else {
            w->first = verdict.facts.info;
            w->has_first = true;
        }
    }
    w->can_repair = w->can_repair || (!rules_valid(&verdict.results) &&
                                      rules_repairs(&verdict.results) != REPAIR_NONE);
    verdict_report(&w->report, w->profile, input, &verdict, &verdict.results);
    verdict_release(&verdict);
}

static void validate_count(struct work *w, size_t count)
{
    struct rule_results results;
    RULE_RESULTS_INIT(&results);
    rules_check_count(w->profile, (int64_t)count, &results);
    verdict_report(&w->report, w->profile, "carousel", NULL, &results);
}

static int read_caption(const char *file, struct buf *text, struct error *err)
{
    if (strcmp(file, "-") == 0) {
        return operands_read_all(STDIN_FILENO, CAPTION_LIMIT, text, err);
    }
    int found = file_read(file, CAPTION_LIMIT, text, err);
    if (found == 0) {
        error_set(err, ERROR_FILE, "there is no such file");
    }
    return found > 0 ? 0 : -1;
}

static void validate_caption(struct work *w, const char *file)
{
    AUTO_BUF struct buf text = BUF_INIT;
    struct rule_results results;
    struct caption caption;
    struct error err = ERROR_INIT;
    if (read_caption(file, &text, &err) < 0) {
        report_failed(&w->report, file, 0, &err);
        return;
    }
    RULE_RESULTS_INIT(&results);
    caption_measure(text.data, text.len, &caption);
    rules_check_caption(w->profile, &caption, w->args->strict, &results);
    verdict_report(&w->report, w->profile, file, NULL, &results);
}

/* What is asked for must be in the profile. */
static int check_request(const struct work *w, struct error *err)
{
    const struct profile *p = w->profile;
    if (w->args->carousel && p->max_items < 2) {
        error_set(err, ERROR_USAGE, "%s is for one picture", p->name);
        return error_hint(err, "for several: --for %s, for example", CAROUSEL_PROFILE);
    }
    const struct profile_caption *c = &p->caption;
    int64_t limits = c->max + c->hashtags + c->hashtags_advised + c->mentions;
    if (w->args->caption && limits == 0) {
        return error_set(err, ERROR_USAGE, "%s says nothing about captions", p->name);
    }
    if (w->args->operands.len == 0 && !w->args->caption) {
        error_set(err, ERROR_USAGE, "nothing to check");
        return error_hint(err, "name a picture, or a caption with --caption");
    }
    return 0;
}

/* The profile that fix takes when none is named. */
static bool is_default(const struct profile *p)
{
    return strcmp(p->name, DEFAULT_PROFILE) == 0;
}

static int work(struct work *w, struct error *err)
{
    AUTO_STRLIST struct strlist inputs = STRLIST_INIT;
    bool used = w->args->caption && strcmp(w->args->caption, "-") == 0;
    if (check_request(w, err) < 0 ||
        operands_expand(w->app, &w->args->operands, used, &inputs,
                        &w->validator.stdin_fd, err) < 0 ||
        open_catalog(w, &inputs, err) < 0 ||
        report_begin(&w->report, &w->args->output, &verdict_type, "image", false,
                     err) < 0) {
        return -1;
    }
    for (size_t i = 0; i < inputs.len; i++) {
        validate_one(w, inputs.items[i]);
    }
    if (w->args->carousel) {
        validate_count(w, inputs.len);
    }
    if (w->args->caption) {
        validate_caption(w, w->args->caption);
    }
    /* One broken rule makes a batch "not postable"; other reasons make it mixed. */
    int broken = error_exit_code(ERROR_RULE);
    if (w->report.tally.common_code == broken) {
        w->report.tally.fault_code = broken;
    }
    AUTO_FREE char *next = mem_printf("imgctl fix -n%s%s ID|FILE",
                                      is_default(w->profile) ? "" : " --for ",
                                      is_default(w->profile) ? "" : w->profile->name);
    return report_end(&w->report, w->can_repair ? next : NULL);
}

static int run_for(struct app *app, const struct validate_args *args, const char *profile,
                   struct error *err)
{
    struct work w = {
        .app = app,
        .args = args,
        .validator = {
            .config = app->config,
            .store = find_store,
            .cookie = &w,
            .strict = args->strict,
            .alt = true,
            .deep = args->deep,
            .url = args->url,
            .allow_private = args->allow_private,
            .trace_fd = app->trace_fd,
            .stdin_fd = -1,
        },
    };
    if (profile_load(app->config, profile, &w.profile, err) < 0) {
        return -1;
    }
    w.validator.profile = w.profile;
    int result = work(&w, err);
    validator_release(&w.validator);
    if (w.validator.stdin_fd >= 0) {
        close(w.validator.stdin_fd);
    }
    open_stores_close(&w.stores);
    profile_free(w.profile);
    return result;
}

static int run_ig(struct app *app, void *arguments, struct error *err)
{
    const struct validate_args *args = arguments;
    return run_for(app, args, args->carousel ? CAROUSEL_PROFILE : DEFAULT_PROFILE, err);
}

static int run(struct app *app, void *arguments, struct error *err)
{
    const struct validate_args *args = arguments;
    if (args->list) {
        return validate_list(app, args, err);
    }
    if (args->show) {
        return validate_show(app, args, err);
    }
    if (!args->profile) {
        error_set(err, ERROR_USAGE, "--for names the profile to check against");
        return error_hint(err, "imgctl validate --list shows all; "
                               "imgctl validate-ig is the one of Instagram");
    }
    return run_for(app, args, args->profile, err);
}

const struct command cmd_validate_ig = {
    .name = "validate-ig",
    .summary = "tell whether Instagram would take pictures",
    .group = "Publishing",
    .args_size = sizeof(struct validate_args),
    .sets = {
        { options_ig, 0, NULL },
        { format_options, offsetof(struct validate_args, output), "Output" },
    },
    .operands = operands,
    .examples = examples_ig,
    .run = run_ig,
};

const struct command cmd_validate = {
    .name = "validate",
    .summary = "check pictures against the rules of a platform",
    .group = "Publishing",
    .args_size = sizeof(struct validate_args),
    .sets = {
        { options, 0, NULL },
        { format_options, offsetof(struct validate_args, output), "Output" },
    },
    .operands = operands,
    .examples = examples,
    .run = run,
};
