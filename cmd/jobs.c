#include "jobs.h"

#include <inttypes.h>
#include <stddef.h>
#include <string.h>

#include "commands.h"
#include "imgctl/clock.h"
#include "imgctl/generate.h"
#include "imgctl/mem.h"
#include "imgctl/spool.h"
#include "imgctl/text.h"

/* ---- A job as a record ---- */

#define FIELD(name, type, member) { name, type, offsetof(struct job_record, member) }

static const struct field fields[] = {
    FIELD("id", FIELD_INT, id),
    FIELD("state", FIELD_TEXT, state),
    FIELD("business_id", FIELD_INT_SET, business_id),
    FIELD("store", FIELD_TEXT, store),
    FIELD("provider", FIELD_TEXT, provider),
    FIELD("host", FIELD_TEXT, host),
    FIELD("model", FIELD_TEXT, model),
    FIELD("prompt", FIELD_TEXT, prompt),
    FIELD("count", FIELD_INT, count),
    FIELD("size", FIELD_TEXT, size),
    FIELD("quality", FIELD_TEXT, quality),
    FIELD("output_format", FIELD_TEXT, output_format),
    FIELD("background", FIELD_TEXT, background),
    FIELD("name", FIELD_TEXT, name),
    FIELD("output", FIELD_TEXT, output),
    FIELD("created_at", FIELD_TIME, created_at),
    FIELD("sent_at", FIELD_TIME, sent_at),
    FIELD("answered_at", FIELD_TIME, answered_at),
    FIELD("ended_at", FIELD_TIME, ended_at),
    FIELD("estimate_usd", FIELD_MONEY, estimate),
    FIELD("price_basis", FIELD_TEXT, price),
    FIELD("cost_usd", FIELD_MONEY, cost),
    FIELD("text_tokens_in", FIELD_INT_SET, text_in),
    FIELD("image_tokens_in", FIELD_INT_SET, image_in),
    FIELD("text_tokens_out", FIELD_INT_SET, text_out),
    FIELD("image_tokens_out", FIELD_INT_SET, image_out),
    FIELD("client_id", FIELD_TEXT, client_id),
    FIELD("request_id", FIELD_TEXT, request_id),
    FIELD("http_status", FIELD_INT_SET, http_status),
    FIELD("error_code", FIELD_TEXT, error_code),
    FIELD("error", FIELD_TEXT, error),
    FIELD("pictures", FIELD_LIST_IDS, pictures),
    FIELD("spool", FIELD_LIST, files),
    { .name = NULL },
};

static void print_id(struct buf *out, const void *record)
{
    buf_addf(out, "%" PRId64, ((const struct job_record *)record)->id);
}

static void print_state(struct buf *out, const void *record)
{
    buf_addstr(out, ((const struct job_record *)record)->state);
}

static void print_model(struct buf *out, const void *record)
{
    buf_addstr(out, ((const struct job_record *)record)->model);
}

static void print_count(struct buf *out, const void *record)
{
    buf_addf(out, "%" PRId64, ((const struct job_record *)record)->count);
}

/* What is not settled is shown as it is reserved. */
static void print_cost(struct buf *out, const void *record)
{
    const struct job_record *r = record;
    bool is_over = strcmp(r->state, job_state_name(JOB_FAILED)) == 0 ||
                   strcmp(r->state, job_state_name(JOB_VOID)) == 0;
    if (r->cost != MONEY_UNKNOWN) {
        money_print(out, r->cost);
    } else if (!is_over) {
        buf_addstr(out, "up to ");
        money_print(out, r->estimate);
    }
}

static void print_created(struct buf *out, const void *record)
{
    char text[32];
    clock_relative(text, ((const struct job_record *)record)->created_at, clock_now());
    buf_addstr(out, text);
}

static void print_prompt(struct buf *out, const void *record)
{
    buf_addstr(out, ((const struct job_record *)record)->prompt);
}

static const struct column columns[] = {
    { .title = "JOB", .print = print_id, .right = true },
    { .title = "STATE", .print = print_state },
    { .title = "MODEL", .print = print_model },
    { .title = "N", .print = print_count, .right = true },
    { .title = "COST", .print = print_cost, .right = true },
    { .title = "BEGUN", .print = print_created },
    { .title = "PROMPT", .print = print_prompt, .flexible = true },
    { .title = NULL },
};

static const char *const tsv[] = { "id", "state", "model", "count", "estimate_usd",
                                   "cost_usd", "created_at", "prompt", NULL };

const struct record_type job_type = {
    .fields = fields, .columns = columns, .tsv = tsv, .id = "id", .url = NULL,
};

/* As the service answered, else as it was asked. */
static const char *parameter(const struct json *parameters, const char *name)
{
    const char *answered = json_text(json_member(parameters, "answer"), name);
    return answered ? answered : json_text(parameters, name);
}

static int add_pictures(struct app *app, int64_t id, struct strlist *ret,
                        struct error *err)
{
    struct job_picture *pictures;
    size_t count;
    if (catalog_job_pictures(app->catalog, id, &pictures, &count, err) < 0) {
        return -1;
    }
    for (size_t i = 0; i < count; i++) {
        if (pictures[i].image_id > 0) {
            strlist_take(ret, mem_printf("%" PRId64, pictures[i].image_id));
        }
    }
    job_pictures_free(pictures, count);
    return 0;
}

void job_record_release(struct job_record *r)
{
    strlist_release(&r->pictures);
    strlist_release(&r->files);
    json_free(r->parameters);
    *r = (struct job_record){ .id = 0 };
}

int job_record_make(struct app *app, const struct job *j, bool spool,
                    struct job_record *r, struct error *err)
{
    const char *text = j->parameters ? j->parameters : "null";
    *r = (struct job_record){
        .id = j->id, .business_id = j->business_id, .count = j->count,
        .state = job_state_name(j->state),
        .store = j->store, .provider = j->provider, .host = j->host, .model = j->model,
        .prompt = j->prompt,
        .created_at = j->created_at, .sent_at = j->sent_at,
        .answered_at = j->answered_at, .ended_at = j->ended_at,
        .estimate = j->estimate, .cost = j->cost,
        .text_in = j->usage.text_in, .image_in = j->usage.image_in,
        .text_out = j->usage.text_out, .image_out = j->usage.image_out,
        .client_id = j->client_id, .request_id = j->request_id,
        .error_code = j->error_code, .error = j->error, .http_status = j->http_status,
    };
    if (json_parse(text, strlen(text), &r->parameters, err) < 0) {
        return error_wrap(err, "the parameters of job %" PRId64, j->id);
    }
    r->size = parameter(r->parameters, "size");
    r->quality = parameter(r->parameters, "quality");
    r->output_format = parameter(r->parameters, "output_format");
    r->background = parameter(r->parameters, "background");
    r->name = json_text(r->parameters, "name");
    r->output = json_text(r->parameters, "output");
    r->price = json_text(r->parameters, "price");
    if (spool) {
        spool_files(app->config, j->client_id, &r->files);
    }
    return add_pictures(app, j->id, &r->pictures, err);
}

int jobs_print_one(struct app *app, const struct job *j, const struct output_args *args,
                   struct error *err)
{
    AUTO_JOB_RECORD struct job_record r = { .id = 0 };
    struct output_args how = *args;
    struct output out;
    how.ids = !how.json && !how.jsonl && !how.format;
    how.urls = false;
    if (job_record_make(app, j, false, &r, err) < 0 ||
        output_begin(&out, &how, &job_type, err) < 0) {
        return -1;
    }
    output_open(&out, "jobs");
    output_record(&out, &r);
    output_close(&out);
    output_end(&out);
    return 0;
}

int jobs_find(struct app *app, const char *operand, struct job *ret, struct error *err)
{
    int64_t id;
    if (!text_parse_int(operand, 1, INT64_MAX, &id)) {
        error_set(err, ERROR_USAGE, "\"%s\" is no job", operand);
        return error_hint(err, "jobs are numbers, as `imgctl jobs` shows them");
    }
    int found = app->catalog ? catalog_job(app->catalog, id, ret, err) : 0;
    if (found == 0) {
        error_set(err, ERROR_NOT_FOUND, "there is no job %s", operand);
        return error_hint(err, "imgctl jobs shows what there is");
    }
    return found < 0 ? -1 : 0;
}

/* ---- The list ---- */

struct jobs_args {
    struct strlist states;
    int64_t limit;
    struct output_args output;
};

static const struct option options[] = {
    { OPT_LIST(struct jobs_args, states), .name = "state", .value = "STATE,...",
      .help = "jobs in this state: reserved, sending, generated, stored, failed, unknown "
              "or void" },
    { OPT_INT(struct jobs_args, limit), .letter = 'l', .name = "limit", .value = "N",
      .min = 0, .max = INT32_MAX, .fallback = "20",
      .help = "the newest N (0: all)" },
    { .name = NULL },
};

static const char *const examples[] = {
    "imgctl jobs",
    "imgctl jobs --state unknown,generated",
    "imgctl jobs show 7",
    "imgctl jobs resume --all",
    NULL,
};

static int add_state(const char *name, unsigned *states, struct error *err)
{
    const char *names[JOB_VOID + 1];
    for (int s = JOB_RESERVED; s <= JOB_VOID; s++) {
        names[s] = job_state_name((enum job_state)s);
        if (strcmp(name, names[s]) == 0) {
            *states |= 1U << s;
            return 0;
        }
    }
    const char *near = text_nearest(name, names, JOB_VOID + 1);
    error_set(err, ERROR_USAGE, "\"%s\" is no state of a job", name);
    return near ? error_hint(err, "did you mean %s?", near)
                : error_hint(err, "reserved, sending, generated, stored, failed, unknown"
                                  " or void");
}

static int parse_states(const struct strlist *words, unsigned *states, struct error *err)
{
    AUTO_STRLIST struct strlist names = STRLIST_INIT;
    *states = 0;
    for (size_t i = 0; i < words->len; i++) {
        strlist_split(&names, words->items[i], ',');
    }
    for (size_t i = 0; i < names.len; i++) {
        if (add_state(names.items[i], states, err) < 0) {
            return -1;
        }
    }
    return 0;
}

struct listing {
    struct app *app;
    struct output out;
    struct error *err;
    bool failed;
};

static int list_one(void *cookie, const struct job *j)
{
    struct listing *l = cookie;
    AUTO_JOB_RECORD struct job_record r = { .id = 0 };
    if (job_record_make(l->app, j, false, &r, l->err) < 0) {
        l->failed = true;
        return 1;
    }
    output_record(&l->out, &r);
    return output_failed();
}

/* What a dead process left is settled first, so that no state is a lie. A catalog that
 * cannot be written is shown as it is. */
static void settle_the_dead(struct app *app)
{
    struct error ignored = ERROR_INIT;
    generate_recover(app->config, app->catalog, NULL, &ignored);
}

static int run(struct app *app, void *arguments, struct error *err)
{
    const struct jobs_args *args = arguments;
    struct listing l = { .app = app, .err = err };
    unsigned states;
    if (parse_states(&args->states, &states, err) < 0 ||
        output_begin(&l.out, &args->output, &job_type, err) < 0) {
        return -1;
    }
    output_open(&l.out, "jobs");
    if (app->catalog) {
        settle_the_dead(app);
        if (catalog_jobs(app->catalog, states, args->limit, list_one, &l, err) < 0 ||
            l.failed) {
            output_abandon(&l.out);
            return -1;
        }
    }
    output_close(&l.out);
    output_end(&l.out);
    return 0;
}

static const struct command *const children[] = { &jobs_show, &jobs_wait, &jobs_resume,
                                                  &jobs_settle, &jobs_prune, NULL };

const struct command cmd_jobs = {
    .name = "jobs",
    .summary = "generations under way, done, failed and unknown",
    .group = "Generation",
    .args_size = sizeof(struct jobs_args),
    .sets = {
        { options, 0, NULL },
        { output_options, offsetof(struct jobs_args, output), "Output" },
    },
    .examples = examples,
    .children = children,
    .needs = NEEDS_CATALOG_IF_THERE,
    .run = run,
};
