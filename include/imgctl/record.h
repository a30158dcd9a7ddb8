/*
 * record.h - what can be printed: a struct described as named fields.
 *
 * A table of fields makes a C struct printable in every format without code of
 * its own. Field names are the names in JSON, in --fields and in --format.
 */
#ifndef IMGCTL_RECORD_H
#define IMGCTL_RECORD_H

#include <stddef.h>

#include "imgctl/buf.h"
#include "imgctl/json.h"

enum field_type {
    FIELD_INT,       /* int64_t */
    FIELD_INT_SET,   /* int64_t; 0 is null */
    FIELD_INT_KNOWN, /* int64_t; below 0 is null */
    FIELD_BOOL,      /* bool */
    FIELD_TEXT,      /* char *; NULL is null */
    FIELD_TIME,      /* int64_t (clock.h); 0 is null */
    FIELD_MONEY,     /* int64_t (money.h), a text of six places; MONEY_UNKNOWN is null */
    FIELD_LIST,      /* struct strlist */
    FIELD_LIST_SET,  /* struct strlist; empty is null */
    FIELD_LIST_IDS,  /* struct strlist of whole numbers: in JSON they are such */
    FIELD_PERCENT,   /* bool: "percent" or null (how a file name is encoded) */
};

struct field {
    const char *name; /* NULL ends a table */
    enum field_type type;
    size_t offset;
};

/* A column of the table for people, the most important first: where the terminal is too
 * narrow for all, those on the right are left out. */
struct column {
    const char *title; /* NULL ends a list */
    void (*print)(struct buf *out, const void *record);
    bool right;        /* aligned to the right */
    bool flexible;     /* gives way when the line is too wide: cut with "..." */
};

struct record_type {
    const struct field *fields;
    const struct column *columns; /* NULL: it is never shown as a table */
    const char *const *tsv; /* NULL-terminated names: the columns on a pipe, whose
                               order never changes between releases */
    const char *id, *url;   /* field names behind --ids and --urls; NULL: none. A
                               table's first column links to the url */
};

const struct field *record_field(const struct record_type *type, const char *name);

/* One field as plain text; null is nothing. */
void record_text(struct buf *out, const struct field *f, const void *record);

/* The same, for a TERMINAL escaped so that it acts on nothing in it. */
void record_text_for(bool terminal, struct buf *out, const struct field *f,
                     const void *record);
void record_json_field(struct json_writer *w, const struct field *f, const void *record);

/* The whole record as a JSON object, or as the members of an open one. */
void record_json(struct json_writer *w, const struct record_type *type,
                 const void *record);
void record_json_members(struct json_writer *w, const struct record_type *type,
                         const void *record);

#endif
