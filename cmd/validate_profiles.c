/*
 * `validate --list` and `validate --show`: the profiles themselves.
 */
#include <inttypes.h>
#include <string.h>

#include "app.h"
#include "imgctl/file.h"
#include "imgctl/output.h"
#include "validate.h"

#define PROFILE_LIMIT ((size_t)1 << 20)
#define FIELD(name, type, member) { name, type, offsetof(struct profile, member) }

static const struct field fields[] = {
    FIELD("name", FIELD_TEXT, name),
    FIELD("date", FIELD_TEXT, date),
    FIELD("title", FIELD_TEXT, title),
    FIELD("formats", FIELD_LIST, formats),
    FIELD("notes", FIELD_TEXT, notes),
    FIELD("sources", FIELD_LIST, sources),
    FIELD("path", FIELD_TEXT, path),
    { .name = NULL },
};

static void print_name(struct buf *out, const void *record)
{
    buf_addstr(out, ((const struct profile *)record)->name);
}

static void print_date(struct buf *out, const void *record)
{
    buf_addstr(out, ((const struct profile *)record)->date);
}

static void print_title(struct buf *out, const void *record)
{
    buf_addstr(out, ((const struct profile *)record)->title);
}

static const struct column columns[] = {
    { .title = "PROFILE", .print = print_name },
    { .title = "DATE", .print = print_date },
    { .title = "FOR", .print = print_title, .flexible = true },
    { .title = NULL },
};

static const char *const tsv[] = { "name", "date", "title", "path", NULL };

static const struct record_type profile_type = {
    .fields = fields,
    .columns = columns,
    .tsv = tsv,
    .id = "name",
};

/* A profile that is wrong is reported, and the others are still listed. */
int validate_list(struct app *app, const struct validate_args *args, struct error *err)
{
    AUTO_STRLIST struct strlist names = STRLIST_INIT;
    struct output out;
    struct tally tally = { .done = 0 };
    if (profile_names(app->config, &names, err) < 0 ||
        output_begin(&out, &args->output, &profile_type, err) < 0) {
        return -1;
    }
    output_open(&out, NULL);
    for (size_t i = 0; i < names.len; i++) {
        struct profile *p;
        struct error one = ERROR_INIT;
        if (profile_load(app->config, names.items[i], &p, &one) < 0) {
            report_error(NULL, &one, false);
            tally_failure(&tally, &one);
            continue;
        }
        output_record(&out, p);
        tally.done++;
        profile_free(p);
    }
    output_close(&out);
    output_end(&out);
    return tally_exit_code(&tally);
}

/* The file as it is: it is written to be read, and what a user copies to begin with. */
int validate_show(struct app *app, const struct validate_args *args, struct error *err)
{
    AUTO_BUF struct buf text = BUF_INIT;
    struct profile *p;
    if (profile_load(app->config, args->show, &p, err) < 0) {
        return -1;
    }
    int found = file_read(p->path, PROFILE_LIMIT, &text, err);
    profile_free(p);
    if (found <= 0) {
        return found < 0 ? -1 : error_set(err, ERROR_CONFIG, "the profile is gone");
    }
    output_write(&text);
    return 0;
}
