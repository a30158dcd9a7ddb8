/*
 * ini.h - git-style INI text, line by line.
 *
 *     # comment            ; comment
 *     key = value          before the first section: the key "key"
 *     [section]
 *         key = "a value"  the key "section.key"
 *
 * Names fold to lower case. A value ends at a '#' or ';' outside quotes; within
 * quotes or not, \" \\ \n \t are what they are in C and other escapes are errors.
 */
#ifndef INI_H
#define INI_H

#include "imgctl/buf.h"
#include "imgctl/error.h"

enum ini_kind { INI_NOTHING, INI_SECTION, INI_KEY };

struct ini_line {
    enum ini_kind kind;
    size_t start, end;             /* offsets of the line, its newline included */
    size_t value_start, value_end; /* INI_KEY: of the value as it is written */
};

struct ini {
    const char *text;
    size_t len;
    const char *path;   /* for errors */
    size_t next;        /* offset of the next line */
    unsigned number;    /* of the line that was read last, from 1 */
    struct buf section; /* "upload.", or "" before the first */
    struct buf key;     /* whole: "upload.strip" */
    struct buf value;   /* without quotes and escapes */
};

#define INI_INIT { .section = BUF_INIT, .key = BUF_INIT, .value = BUF_INIT }
#define AUTO_INI __attribute__((cleanup(ini_release)))

/* 1 a line was read, 0 at the end, -1 with ERROR_CONFIG naming the place. */
int ini_next(struct ini *ini, struct ini_line *line, struct error *err);
void ini_release(struct ini *ini);

/* VALUE as it must be written, in quotes where it needs them. */
void ini_quote(struct buf *out, const char *value);

#endif
