#include "imgctl/output.h"

#include <stdlib.h>
#include <string.h>

#include "imgctl/mem.h"
#include "imgctl/text.h"
#include "table.h"
#include "template.h"

#define FLUSH_AT ((size_t)64 * 1024)

const struct option output_options[] = {
    { OPT_FLAG(struct output_args, json), .letter = 0, .name = "json",
      .help = "print one JSON document" },
    { OPT_FLAG(struct output_args, jsonl), .name = "jsonl",
      .help = "print one JSON object a line" },
    { OPT_FLAG(struct output_args, csv), .name = "csv",
      .help = "print comma-separated values with a header" },
    { OPT_FLAG(struct output_args, tsv), .name = "tsv",
      .help = "print TAB-separated values (the default on a pipe)" },
    { OPT_FLAG(struct output_args, ids), .name = "ids", .help = "print ids, one a line" },
    { OPT_FLAG(struct output_args, urls), .name = "urls",
      .help = "print where the originals are, one a line" },
    { OPT_LIST(struct output_args, fields), .name = "fields", .value = "NAME,...",
      .help = "the columns of --csv and --tsv" },
    { OPT_TEXT(struct output_args, format), .name = "format", .value = "TEMPLATE",
      .help = "print each by a template such as '{id}\\t{original_filename}\\n'" },
    { OPT_FLAG(struct output_args, null), .letter = '0', .name = "null",
      .help = "end records with a NUL byte instead of a newline" },
    { OPT_FLAG(struct output_args, wide), .name = "wide",
      .help = "do not cut columns to the width of the terminal" },
    { .name = NULL },
};

const struct option output_work_options[] = {
    { OPT_FLAG(struct output_args, json), .name = "json",
      .help = "print one JSON document with an item for each input" },
    { OPT_FLAG(struct output_args, jsonl), .name = "jsonl",
      .help = "print one JSON object a line, as the work goes on" },
    { OPT_FLAG(struct output_args, ids), .name = "ids", .help = "print ids, one a line" },
    { OPT_FLAG(struct output_args, urls), .name = "urls",
      .help = "print where the originals are, one a line" },
    { OPT_TEXT(struct output_args, format), .name = "format", .value = "TEMPLATE",
      .help = "print each picture by a template such as '{id}\\t{storage_url}\\n'" },
    { OPT_FLAG(struct output_args, null), .letter = '0', .name = "null",
      .help = "lists that are read, or the records printed, end with NUL bytes instead"
              " of newlines" },
    { .name = NULL },
};

/* The one format that was asked for. */
static int choose_format(struct output *o, const struct output_args *args,
                         struct error *err)
{
    const struct {
        bool given;
        enum output_format format;
    } asked[] = {
        { args->json, OUTPUT_JSON },   { args->jsonl, OUTPUT_JSONL },
        { args->csv, OUTPUT_CSV },     { args->tsv, OUTPUT_TSV },
        { args->ids, OUTPUT_IDS },     { args->urls, OUTPUT_URLS },
        { args->format != NULL, OUTPUT_TEMPLATE },
    };
    int count = 0;
    o->format = output_is_terminal() ? OUTPUT_HUMAN : OUTPUT_TSV;
    if (args->fields.len && o->format == OUTPUT_HUMAN) {
        o->format = OUTPUT_TSV;
    }
    for (size_t i = 0; i < sizeof asked / sizeof *asked; i++) {
        if (asked[i].given) {
            o->format = asked[i].format;
            count++;
        }
    }
    if (count > 1) {
        return error_set(err, ERROR_USAGE,
                         "--json --jsonl --csv --tsv --ids --urls and --format exclude "
                         "each other");
    }
    if (o->format == OUTPUT_URLS && !o->type->url) {
        return error_set(err, ERROR_USAGE, "there are no links to print here");
    }
    if (args->fields.len && o->format != OUTPUT_TSV && o->format != OUTPUT_CSV) {
        return error_set(err, ERROR_USAGE, "--fields goes with --csv or --tsv");
    }
    return 0;
}

static int choose_fields(struct output *o, const struct output_args *args,
                         struct error *err)
{
    AUTO_STRLIST struct strlist names = STRLIST_INIT;
    for (size_t i = 0; i < args->fields.len; i++) {
        strlist_split(&names, args->fields.items[i], ',');
    }
    if (names.len == 0) {
        for (size_t i = 0; o->type->tsv[i]; i++) {
            strlist_add(&names, o->type->tsv[i]);
        }
    }
    o->fields = mem_array(names.len + 1, sizeof(struct field *));
    for (size_t i = 0; i < names.len; i++) {
        o->fields[i] = record_field(o->type, names.items[i]);
        if (!o->fields[i]) {
            return unknown_field(o->type, "--fields", names.items[i], err);
        }
    }
    return 0;
}

int output_begin(struct output *o, const struct output_args *args,
                 const struct record_type *type, struct error *err)
{
    *o = (struct output){
        .type = type,
        .buf = BUF_INIT,
        .template = args->format,
        .end = args->null ? '\0' : '\n',
        .width = args->wide ? SIZE_MAX : output_columns(),
        .color = output_color(),
    };
    if (choose_format(o, args, err) < 0 || choose_fields(o, args, err) < 0 ||
        (args->format && template_check(args->format, type, err) < 0)) {
        free(o->fields);
        return -1;
    }
    o->json.out = &o->buf;
    if (o->format == OUTPUT_HUMAN) {
        table_begin(o);
    }
    return 0;
}

void output_tsv_cell(struct buf *out, const char *s)
{
    size_t len = strlen(s), plain = 0;
    while (plain < len && s[plain] >= ' ' && s[plain] < 0x7f && s[plain] != '\\') {
        plain++;
    }
    buf_add(out, s, plain);
    if (plain == len) {
        return;
    }
    AUTO_BUF struct buf doubled = BUF_INIT;
    for (s += plain; *s; s++) {
        buf_addstr(&doubled, *s == '\\' ? "\\" : "");
        buf_addch(&doubled, *s);
    }
    text_escape(out, doubled.data, doubled.len);
}

/* RFC 4180; a cell that a spreadsheet would run as a formula is made text. */
static void csv_cell(struct buf *out, const struct field *f, const char *s)
{
    bool formula = f->type != FIELD_INT && *s && strchr("=+-@\t\r", *s);
    if (!formula && s[strcspn(s, "\",\r\n")] == '\0') {
        buf_addstr(out, s);
        return;
    }
    buf_addstr(out, formula ? "\"'" : "\"");
    for (; *s; s++) {
        buf_addstr(out, *s == '"' ? "\"" : "");
        buf_addch(out, *s);
    }
    buf_addch(out, '"');
}

static void print_cells(struct output *o, const void *record)
{
    AUTO_BUF struct buf cell = BUF_INIT;
    for (size_t i = 0; o->fields[i]; i++) {
        buf_clear(&cell);
        record_text_for(o->format == OUTPUT_CSV && output_is_terminal(), &cell,
                        o->fields[i], record);
        if (o->format == OUTPUT_CSV) {
            buf_addstr(&o->buf, i ? "," : "");
            csv_cell(&o->buf, o->fields[i], cell.data);
        } else {
            buf_addstr(&o->buf, i ? "\t" : "");
            output_tsv_cell(&o->buf, cell.data);
        }
    }
}

static void print_header(struct output *o)
{
    for (size_t i = 0; o->fields[i]; i++) {
        buf_addf(&o->buf, "%s%s", i ? "," : "", o->fields[i]->name);
    }
    buf_addstr(&o->buf, "\r\n");
}

void output_open(struct output *o, const char *name)
{
    if (o->format == OUTPUT_CSV) {
        print_header(o);
    }
    if (o->format != OUTPUT_JSON) {
        return;
    }
    if (name) {
        json_begin_object(&o->json);
        json_key(&o->json, name);
    }
    json_begin_array(&o->json);
}

static void print_named(struct output *o, const char *name, const void *record)
{
    const struct field *f = name ? record_field(o->type, name) : NULL;
    if (f) {
        record_text_for(output_is_terminal(), &o->buf, f, record);
        buf_addch(&o->buf, o->end);
    }
}

void output_record(struct output *o, const void *record)
{
    switch (o->format) {
    case OUTPUT_HUMAN:
        table_add(o, record);
        break;
    case OUTPUT_TSV:
        print_cells(o, record);
        buf_addch(&o->buf, o->end);
        break;
    case OUTPUT_CSV:
        print_cells(o, record);
        buf_addstr(&o->buf, "\r\n");
        break;
    case OUTPUT_JSON:
        record_json(&o->json, o->type, record);
        break;
    case OUTPUT_JSONL:
        o->json = (struct json_writer){ .out = &o->buf };
        record_json(&o->json, o->type, record);
        buf_addch(&o->buf, '\n');
        break;
    case OUTPUT_IDS:
        print_named(o, o->type->id, record);
        break;
    case OUTPUT_URLS:
        print_named(o, o->type->url, record);
        break;
    case OUTPUT_TEMPLATE:
        template_print(&o->buf, o->template, o->type, record);
        if (o->end == '\0') {
            buf_addch(&o->buf, '\0');
        }
        break;
    }
    if (o->buf.len >= FLUSH_AT) {
        output_write(&o->buf);
    }
}

void output_close(struct output *o)
{
    if (o->format == OUTPUT_JSON) {
        json_end_array(&o->json);
    }
}

void output_end(struct output *o)
{
    if (o->format == OUTPUT_HUMAN) {
        table_end(o);
    }
    if (o->format == OUTPUT_JSON) {
        if (o->json.depth > 0) {
            json_end_object(&o->json);
        }
        buf_addch(&o->buf, '\n');
    }
    output_write(&o->buf);
    buf_release(&o->buf);
    free(o->fields);
}

void output_abandon(struct output *o)
{
    if (o->format == OUTPUT_HUMAN) {
        table_drop(o);
    }
    buf_release(&o->buf);
    free(o->fields);
}
