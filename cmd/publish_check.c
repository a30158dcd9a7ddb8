#include "publish_check.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "imgctl/ids.h"
#include "imgctl/mem.h"
#include "imgctl/program.h"
#include "imgctl/validate.h"

/* The first error of R; with LOCAL not those that a service here does not mind. */
static const struct rule_result *first_error(const struct rule_results *r, bool is_local)
{
    for (size_t i = 0; i < r->count; i++) {
        const char *name = strchr(r->items[i].rule, '.');
        bool forgiven = is_local && name && (strcmp(name, ".url.https") == 0 ||
                                             strcmp(name, ".url.public") == 0);
        if (r->items[i].level == RULE_ERROR && !forgiven) {
            return &r->items[i];
        }
    }
    return NULL;
}

/* Warnings are told, for they are what a post may look bad of. */
static void tell_warnings(const struct rule_results *r, const char *what)
{
    for (size_t i = 0; i < r->count; i++) {
        if (r->items[i].level == RULE_WARN) {
            output_note("%s: %s: %s (%s)", what, r->items[i].rule, r->items[i].found,
                        r->items[i].limit);
        }
    }
}

static int refuse(const struct rule_result *r, const char *what, int64_t id,
                  struct error *err)
{
    error_set(err, ERROR_RULE, "%s: %s: %s, %s", what, r->rule, r->found, r->limit);
    if (id > 0 && r->repair != REPAIR_NONE) {
        return error_hint(err, "%s; imgctl fix -n %" PRId64 " says how",
                          r->fix ? r->fix : "it can be repaired", id);
    }
    return r->fix ? error_hint(err, "%s", r->fix) : -1;
}

static struct store *find_store(void *cookie, const char *name, struct error *err)
{
    const struct publish_check *c = cookie;
    return open_stores_get(c->stores, c->app, name, err);
}

static int judge(const struct publish_check *c, const struct picture *p, bool url,
                 struct error *err)
{
    char input[24];
    struct verdict verdict;
    struct validator v = {
        .profile = c->profile,
        .config = c->app->config,
        .catalog = c->app->catalog,
        .store = find_store,
        .cookie = (void *)c,
        .strict = c->strict,
        .url = url,
        .allow_private = c->is_local,
        .trace_fd = c->app->trace_fd,
        .stdin_fd = -1,
    };
    snprintf(input, sizeof input, "%" PRId64, p->id);
    AUTO_FREE char *what = mem_printf("picture %" PRId64, p->id);
    int result = validate_input(&v, input, &verdict, err);
    if (result == 0) {
        const struct rule_result *wrong = first_error(&verdict.results, c->is_local);
        if (wrong) {
            result = refuse(wrong, what, p->id, err);
        } else if (!url) {
            tell_warnings(&verdict.results, what);
        }
    }
    verdict_release(&verdict);
    validator_release(&v);
    return result;
}

int publish_check_picture(const struct publish_check *c, const struct picture *p,
                          struct error *err)
{
    return judge(c, p, false, err);
}

int publish_check_link(const struct publish_check *c, const struct picture *p,
                       struct error *err)
{
    return judge(c, p, true, err);
}

int publish_check_caption(const struct publish_check *c, const char *text,
                          struct error *err)
{
    struct rule_results results;
    struct caption caption;
    RULE_RESULTS_INIT(&results);
    if (!text) {
        return 0;
    }
    caption_measure(text, strlen(text), &caption);
    rules_check_caption(c->profile, &caption, c->strict, &results);
    const struct rule_result *wrong = first_error(&results, false);
    if (wrong) {
        return refuse(wrong, "the caption", 0, err);
    }
    tell_warnings(&results, "the caption");
    return 0;
}

int publish_check_alt(const struct publish_check *c, const struct picture *p,
                      const char *alt, struct error *err)
{
    struct rule_results results;
    RULE_RESULTS_INIT(&results);
    rules_check_alt(c->profile, alt, &results);
    const struct rule_result *wrong = first_error(&results, false);
    AUTO_FREE char *what = mem_printf("the alternative text of picture %" PRId64, p->id);
    return wrong ? refuse(wrong, what, 0, err) : 0;
}

void publish_check_siblings(const struct publish_check *c, const struct picture *pictures,
                            int count)
{
    for (int i = 1; c->carousel && i < count; i++) {
        struct rule_results results;
        struct image_info first = { .width = (uint32_t)pictures[0].width,
                                    .height = (uint32_t)pictures[0].height };
        struct image_info other = { .width = (uint32_t)pictures[i].width,
                                    .height = (uint32_t)pictures[i].height };
        AUTO_FREE char *what = mem_printf("picture %" PRId64, pictures[i].id);
        RULE_RESULTS_INIT(&results);
        if (first.width && first.height && other.width && other.height) {
            rules_check_sibling(c->profile, &first, &other, &results);
            tell_warnings(&results, what);
        }
    }
}

/* What PROGRAM, which writes to the pipe END, prints are ids. */
static int read_picked(int end, pid_t program, struct strlist *ids, struct error *err)
{
    struct error ignored = ERROR_INIT;
    FILE *lines = fdopen(end, "r");
    int result = lines ? ids_read(lines, ids, err)
                       : error_errno(err, ERROR_FAILED, "cannot read what was picked");
    if (lines) {
        fclose(lines);
    } else {
        close(end);
    }
    int status = program_wait(program, result == 0 ? err : &ignored);
    if (result == 0 && (status != 0 || ids->len == 0)) {
        result = error_set(err, ERROR_USAGE, "no picture was picked");
    }
    return result;
}

/* pick in a process of its own, on the terminal, with this one's configuration. */
static int run_pick(const struct app *app, enum post_kind kind, struct strlist *ids,
                    struct error *err)
{
    AUTO_STRLIST struct strlist argv = STRLIST_INIT;
    strlist_add(&argv, "/proc/self/exe");
    if (app->globals.config_file) {
        strlist_add(&argv, "--config");
        strlist_add(&argv, app->globals.config_file);
    }
    for (size_t i = 0; i < app->globals.settings.len; i++) {
        strlist_add(&argv, "-c");
        strlist_add(&argv, app->globals.settings.items[i]);
    }
    strlist_add(&argv, "--catalog");
    strlist_add(&argv, app->catalog_path);
    strlist_add(&argv, "pick");
    strlist_add(&argv, "--ids");
    if (kind != POST_STORY) { /* whose shape is another one */
        strlist_add(&argv, "--require-ig");
    }
    if (kind == POST_CAROUSEL) {
        strlist_take(&argv, mem_printf("--max=%d", POST_PICTURES));
    }
    strlist_take(&argv, NULL);
    int ends[2];
    pid_t pid;
    if (pipe2(ends, O_CLOEXEC) < 0) {
        return error_errno(err, ERROR_FAILED, "cannot start imgctl pick");
    }
    struct program_files files = { .in = -1, .out = ends[1], .err = STDERR_FILENO };
    int started = program_start((const char *const *)argv.items, &files, &pid, err);
    close(ends[1]);
    if (started < 0) {
        close(ends[0]);
        return -1;
    }
    return read_picked(ends[0], pid, ids, err);
}

int publish_pick(struct app *app, enum post_kind kind, struct strlist *ids,
                 struct error *err)
{
    if (!app_can_ask(app)) {
        error_set(err, ERROR_USAGE, "there is nothing to publish");
        return error_hint(err, "name pictures; on a terminal imgctl publish lets you"
                               " pick");
    }
    return run_pick(app, kind, ids, err);
}
