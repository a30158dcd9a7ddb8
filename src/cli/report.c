#include "imgctl/report.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "imgctl/clock.h"
#include "imgctl/text.h"

#define STATUS_FAILED "failed"
#define FLUSH_AT ((size_t)64 * 1024)
#define LABEL_MAX 400 /* columns of an input before its error: a prompt may be long */

void tally_failure(struct tally *t, const struct error *err)
{
    int code = error_exit_code(err->kind);
    t->common_code = t->failed == 0 || t->common_code == code ? code : -1;
    t->unknown |= err->kind == ERROR_UNKNOWN;
    t->failed++;
}

int tally_exit_code(const struct tally *t)
{
    if (t->unknown) {
        return error_exit_code(ERROR_UNKNOWN);
    }
    if (t->failed == 0) {
        return 0;
    }
    if (t->fault_code) {
        return t->fault_code;
    }
    return t->done > 0 || t->common_code < 0 ? 3 : t->common_code;
}

static void put_error_members(struct json_writer *w, const struct error *err)
{
    json_member_text(w, "code", error_code(err->kind));
    json_member_text(w, "message", err->message);
    json_member_text(w, "hint", err->hint[0] ? err->hint : NULL);
    json_member_bool(w, "retryable", err->retryable);
    json_key(w, "http_status");
    if (err->http_status) {
        json_put_int(w, err->http_status);
    } else {
        json_put_null(w);
    }
    json_member_text(w, "request_id", err->request_id[0] ? err->request_id : NULL);
}

static void put_error(struct json_writer *w, const struct error *err)
{
    json_key(w, "error");
    json_begin_object(w);
    put_error_members(w, err);
    json_end_object(w);
}

void report_error(const char *input, const struct error *err, bool json)
{
    if (json) {
        AUTO_BUF struct buf line = BUF_INIT;
        struct json_writer w = { .out = &line };
        json_begin_object(&w);
        put_error(&w, err);
        json_end_object(&w);
        output_note("%s", line.data);
        return;
    }
    if (input) {
        AUTO_BUF struct buf label = BUF_INIT;
        text_fit(&label, input, LABEL_MAX);
        output_complain("%s: %s", label.data, err->message);
    } else {
        output_complain("%s", err->message);
    }
    if (err->request_id[0]) {
        output_note("  request: %s", err->request_id);
    }
    if (err->hint[0]) {
        output_note("  hint: %s", err->hint);
    }
}

int report_begin(struct report *r, const struct output_args *args,
                 const struct record_type *type, const char *member, bool dry_run,
                 struct error *err)
{
    *r = (struct report){
        .args = *args,
        .id_name = member,
        .dry_run = dry_run,
        .started = clock_steady(),
    };
    if (output_begin(&r->out, args, type, err) < 0) {
        return -1;
    }
    if (r->out.format == OUTPUT_JSON) {
        json_begin_object(&r->out.json);
        json_member_int(&r->out.json, "schema", 1);
        json_key(&r->out.json, "items");
        json_begin_array(&r->out.json);
    }
    return 0;
}

static void count_status(struct report *r, const char *status)
{
    size_t i = 0;
    while (i < REPORT_STATUSES - 1 && r->counts[i].status &&
           strcmp(r->counts[i].status, status) != 0) {
        i++;
    }
    r->counts[i].status = status;
    r->counts[i].count++;
}

/* Begin the JSON object of an item; with JSONL it is a line of its own. */
static void begin_item(struct report *r, const char *input, int64_t id,
                       const char *status)
{
    struct json_writer *w = &r->out.json;
    if (r->out.format == OUTPUT_JSONL) {
        *w = (struct json_writer){ .out = &r->out.buf };
    }
    json_begin_object(w);
    if (r->out.format == OUTPUT_JSONL) {
        json_member_text(w, "event", "item");
    }
    AUTO_BUF struct buf utf8 = BUF_INIT;
    text_make_utf8(&utf8, input, strlen(input));
    json_member_text(w, "input", utf8.data);
    json_key(w, "id");
    if (id) {
        json_put_int(w, id);
    } else {
        json_put_null(w);
    }
    json_member_text(w, "status", status);
}

static void end_item(struct report *r)
{
    json_end_object(&r->out.json);
    if (r->out.format == OUTPUT_JSONL) {
        buf_addch(&r->out.buf, '\n');
    }
    if (r->out.format == OUTPUT_JSONL || r->out.buf.len >= FLUSH_AT) {
        output_write(&r->out.buf);
    }
}

static bool is_json(const struct report *r)
{
    return r->out.format == OUTPUT_JSON || r->out.format == OUTPUT_JSONL;
}

/* TEXT made safe, filled up with blanks to WIDTH columns. */
static void add_padded(struct buf *out, const char *text, size_t width)
{
    AUTO_BUF struct buf safe = BUF_INIT;
    text_escape(&safe, text, strlen(text));
    size_t used = text_width(safe.data);
    buf_addf(out, "%s%*s", safe.data, used < width ? (int)(width - used) : 0, "");
}

/* Aligned as far as a stream can be. */
static void print_for_people(struct report *r, const struct report_item *item,
                             const char *id)
{
    AUTO_BUF struct buf safe = BUF_INIT;
    struct buf *out = &r->out.buf;
    const char *end = item->remark ? item->remark : item->detail ? item->detail : "";
    buf_addf(out, "%4s  ", id);
    add_padded(out, item->label ? item->label : item->input, 24);
    buf_addstr(out, "  ");
    if (item->facts) {
        add_padded(out, item->facts, 0);
        buf_addstr(out, "  ");
    }
    add_padded(out, item->status, *end ? 10 : 0);
    buf_addstr(out, *end ? "  " : "");
    text_escape(&safe, end, strlen(end));
    output_link(out, end, safe.data);
    buf_addch(out, '\n');
}

/* For people, or on a pipe: id, input, status and
 * detail behind TABs. */
static void print_item(struct report *r, const struct report_item *item)
{
    const char *detail = item->detail ? item->detail : "";
    char id[24] = "";
    if (item->id) {
        snprintf(id, sizeof id, "%" PRId64, item->id);
    }
    if (r->out.format == OUTPUT_TSV) {
        buf_addf(&r->out.buf, "%s\t", id);
        output_tsv_cell(&r->out.buf, item->input);
        buf_addf(&r->out.buf, "\t%s\t", item->status);
        output_tsv_cell(&r->out.buf, detail);
        buf_addch(&r->out.buf, r->out.end);
    } else if (item->lines) {
        buf_addstr(&r->out.buf, item->lines);
    } else {
        print_for_people(r, item, id);
    }
    output_write(&r->out.buf);
}

void report_done(struct report *r, const struct report_item *item)
{
    count_status(r, item->status);
    r->bytes += item->bytes;
    if (item->error) {
        tally_failure(&r->tally, item->error);
    } else {
        r->tally.done += !item->untouched;
    }
    if (item->silent) {
        return;
    }
    if (is_json(r)) {
        begin_item(r, item->input, item->id, item->status);
        if (item->members) {
            item->members(&r->out.json, item->about);
        } else if (item->record) {
            json_key(&r->out.json, r->id_name);
            record_json(&r->out.json, r->out.type, item->record);
        }
        if (item->error && !item->members) {
            put_error(&r->out.json, item->error);
        }
        if (item->more) {
            record_json_members(&r->out.json, item->more_type, item->more);
        }
        end_item(r);
    } else if (r->out.format == OUTPUT_HUMAN || r->out.format == OUTPUT_TSV) {
        print_item(r, item);
    } else if (item->record) {
        output_record(&r->out, item->record);
        output_write(&r->out.buf);
    }
}

void report_failed(struct report *r, const char *input, int64_t id,
                   const struct error *err)
{
    const char *status = err->kind == ERROR_UNKNOWN ? "unknown" : STATUS_FAILED;
    count_status(r, status);
    tally_failure(&r->tally, err);
    if (is_json(r)) {
        begin_item(r, input, id, status);
        put_error(&r->out.json, err);
        end_item(r);
    } else {
        output_write(&r->out.buf);
        report_error(input, err, false);
    }
}

static void put_summary(struct report *r)
{
    struct json_writer *w = &r->out.json;
    int64_t total = 0;
    for (size_t i = 0; i < REPORT_STATUSES && r->counts[i].status; i++) {
        json_key(w, r->counts[i].status);
        json_put_int(w, r->counts[i].count);
        total += r->counts[i].count;
    }
    json_member_int(w, "total", total);
    json_member_int(w, "bytes", r->bytes);
    json_member_int(w, "milliseconds", clock_steady() - r->started);
    json_member_bool(w, "dry_run", r->dry_run);
    json_member_int(w, "exit_code", tally_exit_code(&r->tally));
    if (r->more) {
        record_json_members(w, r->more_type, r->more);
    }
}

static void print_summary_json(struct report *r)
{
    struct json_writer *w = &r->out.json;
    if (r->out.format == OUTPUT_JSON) {
        json_end_array(w);
        json_key(w, "summary");
        json_begin_object(w);
        put_summary(r);
        json_end_object(w);
        return;
    }
    *w = (struct json_writer){ .out = &r->out.buf };
    json_begin_object(w);
    json_member_text(w, "event", "summary");
    put_summary(r);
    json_end_object(w);
    buf_addch(&r->out.buf, '\n');
}

/* "2 uploaded, 1 duplicate, 0 failed   next: ..." on standard error. */
static void print_summary_human(const struct report *r, const char *next)
{
    AUTO_BUF struct buf line = BUF_INIT;
    int64_t failed = 0;
    for (size_t i = 0; i < REPORT_STATUSES && r->counts[i].status; i++) {
        if (strcmp(r->counts[i].status, STATUS_FAILED) == 0) {
            failed = r->counts[i].count;
        } else {
            buf_addf(&line, "%" PRId64 " %s, ", r->counts[i].count, r->counts[i].status);
        }
    }
    if (r->counts[0].status) {
        buf_addf(&line, "%" PRId64 " failed", failed);
    } else {
        buf_addstr(&line, "nothing to do");
    }
    if (r->dry_run) {
        buf_addstr(&line, " (dry run: nothing was changed)");
    } else if (next) {
        buf_addf(&line, "   next: %s", next);
    }
    output_note("%s", line.data);
}

int report_end(struct report *r, const char *next)
{
    if (is_json(r)) {
        print_summary_json(r);
    } else if (!output_quiet()) {
        print_summary_human(r, next);
    }
    output_end(&r->out);
    return tally_exit_code(&r->tally);
}
