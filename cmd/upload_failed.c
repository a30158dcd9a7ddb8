/* What was not finished, and what is new: inputs that the catalog chooses. */
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "imgctl/buf.h"
#include "imgctl/digest.h"
#include "imgctl/inputs.h"
#include "imgctl/record.h"
#include "upload_run.h"

#define TIMES_MS 2000 /* the coarsest file times there are */

static const struct field fields[] = {
    { "input", FIELD_TEXT, offsetof(struct transfer, source) },
    { "store", FIELD_TEXT, offsetof(struct transfer, store) },
    { "attempts", FIELD_INT, offsetof(struct transfer, attempts) },
    { "error", FIELD_TEXT, offsetof(struct transfer, error) },
    { "started_at", FIELD_TIME, offsetof(struct transfer, started_at) },
    { "business_id", FIELD_INT, offsetof(struct transfer, business_id) },
    { "sha256", FIELD_TEXT, offsetof(struct transfer, sha256) },
    { .name = NULL },
};

static void print_field(struct buf *out, const char *name, const void *record);

static void print_input(struct buf *out, const void *t)
{
    print_field(out, "input", t);
}

static void print_store(struct buf *out, const void *t)
{
    print_field(out, "store", t);
}

static void print_attempts(struct buf *out, const void *t)
{
    print_field(out, "attempts", t);
}

static void print_error(struct buf *out, const void *t)
{
    print_field(out, "error", t);
}

static const struct column columns[] = {
    { .title = "input", .print = print_input },
    { .title = "store", .print = print_store },
    { .title = "tries", .print = print_attempts, .right = true },
    { .title = "error", .print = print_error, .flexible = true },
    { .title = NULL },
};

static const char *const tsv[] = { "input", "store", "attempts", "error", NULL };

static const struct record_type failed_type = {
    .fields = fields,
    .columns = columns,
    .tsv = tsv,
};

static void print_field(struct buf *out, const char *name, const void *record)
{
    record_text(out, record_field(&failed_type, name), record);
}

struct listing {
    struct output *out;
    int64_t count;
};

static int list_one(void *cookie, const struct transfer *t)
{
    struct listing *l = cookie;
    if (t->error) {
        output_record(l->out, t);
        l->count++;
    }
    return 0;
}

int upload_list_failed(struct app *app, const struct output_args *args, struct error *err)
{
    struct output out;
    struct listing l = { .out = &out };
    if (output_begin(&out, args, &failed_type, err) < 0) {
        return -1;
    }
    output_open(&out, "failed");
    if (app->catalog && catalog_transfers(app->catalog, list_one, &l, err) < 0) {
        output_abandon(&out);
        return -1;
    }
    output_close(&out);
    bool for_people = out.format == OUTPUT_HUMAN && l.count > 0;
    output_end(&out);
    if (for_people) {
        output_note("hint: imgctl upload --retry-failed tries them again, --forget-failed"
                    " forgets those whose file is gone");
    }
    return 0;
}

struct wanted {
    int64_t business_id;
    const char *store;
    struct strlist *inputs;
};

static int add_one(void *cookie, const struct transfer *t)
{
    const struct wanted *w = cookie;
    if (!t->error || t->business_id != w->business_id ||
        strcmp(t->store, w->store) != 0) {
        return 0;
    }
    const char *source = t->source ? t->source : "-";
    if (source[0] == '/' || input_is_url(source)) {
        strlist_add(w->inputs, source);
    } else if (strcmp(source, "-") == 0) {
        output_note("imgctl: a picture came from standard input, give it again: %s",
                    t->error);
    } else { /* "picture 7" of a push, "job 7" of a generation */
        output_note("imgctl: %s came from no file, and has a command of its own: %s",
                    source, t->error);
    }
    return 0;
}

int upload_add_failed(struct app *app, int64_t business_id, const char *store,
                      struct strlist *inputs, struct error *err)
{
    struct wanted w = { business_id, store, inputs };
    return app->catalog ? catalog_transfers(app->catalog, add_one, &w, err) : 0;
}

/* ---- --since-last ---- */

int upload_mark(const struct strlist *words, int64_t business_id, const char *store,
                char out[65], struct error *err)
{
    AUTO_BUF struct buf text = BUF_INIT;
    char folder[PATH_MAX] = "";
    if (!getcwd(folder, sizeof folder)) {
        return error_errno(err, ERROR_FILE, "cannot tell the current folder");
    }
    buf_addf(&text, "%s%c%s%c%lld", folder, 0, store, 0, (long long)business_id);
    for (size_t i = 0; i < words->len; i++) {
        buf_add(&text, words->items[i], strlen(words->items[i]) + 1);
    }
    return digest_hex(DIGEST_SHA256, text.data, text.len, out, err);
}

/* A file that was moved here counts as new: its ctime says so. */
static bool is_older(const char *input, int64_t when)
{
    struct stat st;
    if (input_is_url(input) || strcmp(input, "-") == 0 || stat(input, &st) < 0) {
        return false;
    }
    int64_t modified = (int64_t)st.st_mtim.tv_sec * 1000 + st.st_mtim.tv_nsec / 1000000;
    int64_t changed = (int64_t)st.st_ctim.tv_sec * 1000 + st.st_ctim.tv_nsec / 1000000;
    return S_ISREG(st.st_mode) && modified < when && changed < when;
}

int upload_only_since(struct app *app, const char *mark, struct strlist *inputs,
                      struct error *err)
{
    int64_t when = 0;
    size_t kept = 0;
    if (app->catalog && catalog_batch_last(app->catalog, mark, &when, err) < 0) {
        return -1;
    }
    for (size_t i = 0; i < inputs->len; i++) {
        if (when > 0 && is_older(inputs->items[i], when - TIMES_MS)) {
            free(inputs->items[i]);
        } else {
            inputs->items[kept++] = inputs->items[i];
        }
    }
    inputs->len = kept;
    return 0;
}
