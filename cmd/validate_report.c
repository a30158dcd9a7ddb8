/*
 * Printing a verdict: a JSON item, or some lines for people.
 */
#include <inttypes.h>
#include <string.h>

#include "imgctl/text.h"
#include "app.h"
#include "validate.h"

#define FIELD(name, type, member) { name, type, offsetof(struct verdict_record, member) }

static const struct field fields[] = {
    FIELD("valid", FIELD_BOOL, valid),
    FIELD("format", FIELD_TEXT, format),
    FIELD("width", FIELD_INT_SET, width),
    FIELD("height", FIELD_INT_SET, height),
    FIELD("orientation", FIELD_INT_SET, orientation),
    FIELD("file_size_bytes", FIELD_INT_SET, bytes),
    FIELD("profile", FIELD_TEXT, profile),
    FIELD("input", FIELD_TEXT, input),
    FIELD("id", FIELD_INT_SET, id),
    FIELD("status", FIELD_TEXT, status),
    { .name = NULL },
};

/* The last three begin every item already. */
enum { ITEM_FIELDS = 7 };

static const char *const tsv[] = { "id", "input", "status", NULL };

/* For people verdict_report() makes the lines itself. */
static const struct column columns[] = { { .title = NULL } };

const struct record_type verdict_type = {
    .fields = fields,
    .columns = columns,
    .tsv = tsv,
    .id = "id",
};

static void put_codes(struct json_writer *w, const struct rule_result *r)
{
    const struct { const char *name; int value; } codes[] = {
        { "code", r->code }, { "subcode", r->subcode }
    };
    for (size_t i = 0; i < 2; i++) {
        json_key(w, codes[i].name);
        if (codes[i].value) {
            json_put_int(w, codes[i].value);
        } else {
            json_put_null(w);
        }
    }
}

static void put_result(struct json_writer *w, const struct rule_result *r)
{
    json_begin_object(w);
    json_member_text(w, "rule", r->rule);
    json_member_text(w, "level", rule_level_name(r->level));
    json_member_text(w, "found", r->found);
    json_member_text(w, "limit", r->limit);
    json_member_text(w, "fix", r->fix);
    json_member_bool(w, "fixable", r->repair != REPAIR_NONE);
    json_member_bool(w, "loses", r->loses);
    json_member_bool(w, "undocumented", r->undocumented);
    put_codes(w, r);
    json_end_object(w);
}

void validate_put_results(struct json_writer *w, const struct rule_results *results)
{
    json_key(w, "results");
    json_begin_array(w);
    for (size_t i = 0; i < results->count; i++) {
        put_result(w, &results->items[i]);
    }
    json_end_array(w);
}

static void put_members(struct json_writer *w, const void *about)
{
    const struct verdict_record *v = about;
    for (size_t i = 0; i < ITEM_FIELDS; i++) {
        record_json_field(w, &fields[i], v);
    }
    validate_put_results(w, v->results);
}

/* ---- For people ---- */

static void add_count(struct buf *out, size_t count, const char *what)
{
    if (count > 0) {
        buf_addf(out, "%s%zu %s%s", out->len ? ", " : "", count, what,
                 count == 1 ? "" : "s");
    }
}

/* "1 error, 2 warnings" */
static void say_counts(struct buf *out, const struct rule_results *r)
{
    add_count(out, rules_count(r, RULE_ERROR), "error");
    add_count(out, rules_count(r, RULE_WARN), "warning");
}

static void print_escaped(struct buf *out, const char *text)
{
    text_escape(out, text, strlen(text));
}

static void print_result(struct buf *out, const struct rule_result *r, bool color)
{
    static const char *const words[] = { "note", "warn", "FAIL" };
    static const char *const colors[] = { "", "\033[33m", "\033[31m" };
    const char *name = strchr(r->rule, '.') + 1;
    bool colored = color && r->level != RULE_INFO;
    buf_addf(out, "  %s%s%s %-16s ", colored ? colors[r->level] : "", words[r->level],
             colored ? "\033[0m" : "", name);
    size_t from = out->len;
    print_escaped(out, r->found);
    buf_addstr(out, " (");
    print_escaped(out, r->limit);
    buf_addch(out, ')');
    if (r->fix) {
        size_t used = text_width(out->data + from);
        buf_addf(out, "%*s  fix: %s", used < 34 ? (int)(34 - used) : 0, "", r->fix);
    }
    buf_addch(out, '\n');
}

static void print_lines(struct buf *out, const struct verdict_record *v,
                        const char *label, const struct profile *profile, bool color)
{
    AUTO_BUF struct buf counts = BUF_INIT;
    if (v->id) {
        buf_addf(out, "%4" PRId64 "  ", v->id);
    }
    print_escaped(out, label);
    if (v->width) {
        buf_addf(out, "  %" PRId64 "x%" PRId64, v->width, v->height);
    }
    if (v->format) {
        buf_addf(out, "  %s", v->format);
    }
    if (v->bytes) {
        char size[16];
        text_format_size(size, v->bytes);
        buf_addf(out, "  %s", size);
    }
    say_counts(&counts, v->results);
    buf_addf(out, "  %s%s%s  rules %s\n", v->valid ? "valid" : "not valid",
             counts.len ? ": " : "", counts.data, profile->date);
    for (size_t i = 0; i < v->results->count; i++) {
        print_result(out, &v->results->items[i], color);
    }
}

/* On a pipe: the rules that are broken, errors first. */
static void list_rules(struct buf *out, const struct rule_results *r)
{
    for (int level = RULE_ERROR; level >= RULE_WARN; level--) {
        for (size_t i = 0; i < r->count; i++) {
            if (r->items[i].level == (enum rule_level)level) {
                buf_addf(out, "%s%s", out->len ? " " : "", r->items[i].rule);
            }
        }
    }
}

static char *format_of(const struct verdict *v)
{
    static char *const names[] = { NULL, "jpeg", "png", "webp" };
    return v && v->has_facts ? names[v->facts.info.format] : NULL;
}

void verdict_report(struct report *report, const struct profile *profile,
                    const char *input, const struct verdict *verdict,
                    const struct rule_results *results)
{
    AUTO_BUF struct buf lines = BUF_INIT;
    AUTO_BUF struct buf rules = BUF_INIT;
    struct error broken = { .kind = ERROR_RULE };
    bool valid = rules_valid(results);
    struct verdict_record record = {
        .input = input,
        .id = verdict ? verdict->id : 0,
        .status = valid ? "valid" : "invalid",
        .valid = valid,
        .format = format_of(verdict),
        .profile = profile->name,
        .bytes = verdict ? verdict->facts.bytes : 0,
        .results = results,
    };
    if (verdict && verdict->has_facts) {
        record.width = verdict->facts.info.width;
        record.height = verdict->facts.info.height;
        record.orientation = verdict->facts.info.orientation;
    }
    enum output_format format = report->out.format;
    if (format == OUTPUT_HUMAN) {
        print_lines(&lines, &record, verdict && verdict->label ? verdict->label : input,
                    profile, report->out.color);
    } else if (format == OUTPUT_TSV) {
        list_rules(&rules, results);
    }
    bool wanted = valid || format == OUTPUT_TEMPLATE; /* --ids hands on what is valid */
    report_done(report, &(struct report_item){
                            .input = input,
                            .id = record.id,
                            .status = record.status,
                            .record = wanted ? &record : NULL,
                            .bytes = record.bytes,
                            .detail = rules.data,
                            .error = valid ? NULL : &broken,
                            .members = put_members,
                            .about = &record,
                            .lines = format == OUTPUT_HUMAN ? lines.data : NULL,
                        });
}
