/*
 * folder.h - finding a file by going through folders: a path that is typed, and what
 * there is that begins so.
 *
 * What is typed is "FOLDER/beginning"; entries are the folders and pictures (by their
 * names) in FOLDER that begin so, without regard to case, folders first. Hidden ones
 * only if the beginning is hidden, too.
 */
#ifndef IMGCTL_FOLDER_H
#define IMGCTL_FOLDER_H

#include <stdbool.h>
#include <stdint.h>

#include "imgctl/buf.h"
#include "imgctl/error.h"
#include "imgctl/strlist.h"

struct folder {
    struct buf typed;
    struct strlist all;      /* names in the folder; those of folders end with '/' */
    struct strlist entries;  /* those that begin as typed */
    char *listed;            /* the folder that ALL is of; NULL: none */
    size_t cursor;
};

#define FOLDER_INIT { .typed = BUF_INIT }
void folder_release(struct folder *f);

/* List what is typed. ERROR_FILE for a folder that cannot be read; there are no
 * entries then. */
int folder_refresh(struct folder *f, struct error *err);

bool folder_type(struct folder *f, const char *text);
bool folder_erase(struct folder *f);   /* a character */
void folder_leave(struct folder *f);   /* to the folder above */
void folder_move(struct folder *f, int64_t by);

/* The path of the entry at the cursor, or of what is typed where none is; the
 * caller's. Ends with '/' for a folder. */
char *folder_path(const struct folder *f);

/* Go into the folder at the cursor. False: it is none. */
bool folder_enter(struct folder *f);

#endif
