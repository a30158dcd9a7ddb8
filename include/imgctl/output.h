/*
 * output.h - results on standard output, in the format that was asked for.
 *
 * Standard output carries results and nothing else. On a terminal the default is
 * a table for people, on a pipe lines of TAB-separated columns without a header.
 * Writing goes through one buffer; a closed pipe ends the program quietly by
 * SIGPIPE, any other failure to write is remembered and makes the exit status 1. (Where
 * money is under way SIGPIPE is ignored, and a closed pipe is such a failure, too.)
 */
#ifndef IMGCTL_OUTPUT_H
#define IMGCTL_OUTPUT_H

#include <stdbool.h>
#include <stdint.h>

#include "imgctl/command.h"
#include "imgctl/record.h"

enum output_format {
    OUTPUT_HUMAN, OUTPUT_TSV, OUTPUT_CSV, OUTPUT_JSON, OUTPUT_JSONL,
    OUTPUT_IDS, OUTPUT_URLS, OUTPUT_TEMPLATE,
};

/* The options; embed this in a command's arguments and add the option set. */
struct output_args {
    bool json, jsonl, csv, tsv, ids, urls, null, wide;
    const char *format;      /* template */
    struct strlist fields;
};

extern const struct option output_options[];      /* for records */
extern const struct option output_work_options[]; /* for work: no CSV, TSV, fields */

struct output {
    enum output_format format;
    const struct record_type *type;
    struct json_writer json;
    struct buf buf;             /* on its way to standard output */
    const struct field **fields; /* chosen for TSV and CSV; NULL-terminated */
    const char *template;
    char end;                   /* of a record: '\n' or NUL */
    size_t width;               /* of the terminal; SIZE_MAX: do not cut */
    struct strlist *rows;       /* of the table for people, not yet printed */
    size_t row_count, row_cap;
    size_t *widths;
    bool titled;
    bool color;
};

/* Check the options against TYPE (ERROR_USAGE: two formats, an unknown field, a
 * broken template) and choose. */
int output_begin(struct output *o, const struct output_args *args,
                 const struct record_type *type, struct error *err);

/* JSON only: open {"NAME":[ ; without it, records form a plain array. */
void output_open(struct output *o, const char *name);
void output_record(struct output *o, const void *record);

/* JSON: close the array. Between this and output_end() the caller may add
 * members to an object that output_open() began. */
void output_close(struct output *o);

/* Write out what is left; releases O. */
void output_end(struct output *o);

/* After an error: releases O; what is not written yet is dropped. */
void output_abandon(struct output *o);

/* ---- Plain writing ---- */

/* Write B to standard output now, and empty it. */
void output_write(struct buf *b);
/* Should printing stop: could something not be written, or has the reader left the
 * pager? */
bool output_failed(void);

/* At the very end: what a pager still holds. -1 if something was not written. */
int output_finish(struct error *err);

/* TEXT, made safe already; on a terminal that understands it a link to ADDRESS
 * (NULL: none). */
void output_link(struct buf *out, const char *address, const char *text);

/* S in one cell: backslashes doubled, TAB, newline and all that a terminal would
 * act on as escapes (text_escape). */
void output_tsv_cell(struct buf *out, const char *s);

/* A line to standard error, made safe for the terminal; FMT without newline. */
void output_note(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* The same behind "imgctl: ", for what went wrong. */
void output_complain(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/*
 * What people read in full, such as a list: if it is more than the screen holds it
 * goes through $IMGCTL_PAGER, SETTING (core.pager), $PAGER or "less -FRX". Nothing
 * happens where standard output is no terminal. Called before the first write.
 */
void output_page(const char *setting);

/* How standard output and standard error are: decided once by output_setup(), for
 * each by itself. */
enum color_choice { COLOR_AUTO, COLOR_ALWAYS, COLOR_NEVER };

struct output_choices {
    enum color_choice color;
    bool quiet, no_pager, no_links;
};

void output_setup(const struct output_choices *choices);
bool output_is_terminal(void);
bool output_color(void);        /* of standard output */
bool output_color_of_tty(void); /* of what talks to /dev/tty, if that can */
bool output_quiet(void);
size_t output_columns(void);      /* of the terminal; 80 if unknown */
size_t output_note_columns(void); /* of the one that standard error is */
size_t output_lines(void);        /* 24 if unknown */

#endif
