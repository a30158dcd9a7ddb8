/*
 * inputs.h - what to upload: operands become a list of pictures to read.
 *
 * Files and URLs stand for themselves, "-" is a picture on standard input, and a
 * folder (with `recursive`) is every file below it whose name looks like a
 * picture, sorted by bytes, so that two runs see the same order. Hidden files
 * and folders are passed over, links to folders are not followed.
 */
#ifndef IMGCTL_INPUTS_H
#define IMGCTL_INPUTS_H

#include <stdbool.h>
#include <stdio.h>

#include "imgctl/error.h"
#include "imgctl/strlist.h"

struct input_options {
    bool recursive;
    const struct strlist *include; /* globs on the name or, with '/', on the path
                                      below the folder; instead of the usual
                                      .jpg .jpeg .png .webp */
    const struct strlist *exclude;
    const char *files_from;        /* a list of inputs; "-": standard input */
    bool null;                     /* the list is ended by NULs, not newlines */
};

/*
 * Add to RET the operands, then the lines of files_from. A folder without
 * `recursive` stays in the list: its upload says what to do. An unreadable
 * folder or list is an error of the whole. "-" may be used for one thing only.
 */
int inputs_expand(const struct strlist *operands, const struct input_options *options,
                  struct strlist *ret, struct error *err);

/* The records of FILE, ended by END ('\n' or NUL), empty ones left out; without a byte
 * order mark at the beginning, and without the CR of CR LF. A record of more than 1 MiB
 * is an error. */
int inputs_read_list(FILE *file, char end, struct strlist *ret, struct error *err);
/* The same of lines, with the empty ones: item I is line I + 1. */
int inputs_read_lines(FILE *file, struct strlist *ret, struct error *err);

/* The same of a list that tells by itself how its records end: no record has a NUL byte,
 * so where there is one, it is that. So all of it is read first, up to 64 MiB. */
int inputs_read_any_list(FILE *file, struct strlist *ret, struct error *err);

/* By the end of its name, as folders are gone through. */
bool input_looks_like_picture(const char *name);

bool input_is_url(const char *input); /* http:// or https:// */

/* Does it come as slowly as others send it: a URL, standard input? */
bool input_may_wait(const char *input);

#endif
