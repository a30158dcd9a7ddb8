/*
 * file.h - files that appear complete or not at all.
 */
#ifndef IMGCTL_FILE_H
#define IMGCTL_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/types.h>

#include "imgctl/buf.h"
#include "imgctl/error.h"

/* Make PATH and its parents, with mode 0700 for those that are new, and names that a
 * crash does not lose. */
int file_make_dirs(const char *path, struct error *err);

/*
 * Open a regular file for reading: never blocks on a FIFO, refuses folders,
 * devices and sockets by name. The caller closes the descriptor; ST is what
 * fstat said of it. Errors are ERROR_FILE.
 */
int file_open_regular(const char *path, struct stat *st, struct error *err);

/* The whole file, at most LIMIT bytes. Returns 1, 0 if it does not exist, -1. */
int file_read(const char *path, size_t limit, struct buf *out, struct error *err);

/* All of it, however often write() stops early. -1 with errno. */
int file_write_all(int fd, const void *data, size_t len);

/* The first SIZE bytes of FROM to where TO stands. -1 with errno; a FROM that has become
 * shorter is EIO. */
int file_copy(int from, int64_t size, int to);

/*
 * A file in the making, with mode 0600. It has no name where the file system allows it
 * (O_TMPFILE): whoever is killed leaves nothing behind. Elsewhere, and for an instant
 * when another file is replaced or nothing can be linked, it is called ".imgctl-PID-..."
 * and lies in the folder, so that what a killed process left behind can be told and
 * removed (file_sweep). Synced, it gets the name of its destination, and the folder is
 * synced; until then no reader sees it.
 */
struct temp_file {
    int fd;     /* write here; -1 when none */
    char *path; /* of the temporary file; NULL: it has no name */
};

#define TEMP_FILE_INIT { .fd = -1 }
#define AUTO_TEMP __attribute__((cleanup(temp_file_discard)))

/* In FOLDER, which is on the file system of the destination. ERROR_STORE, and errno. */
int temp_file_create(struct temp_file *t, const char *folder, struct error *err);

/* The same with a path, for who has to open it by one. */
int temp_file_create_named(struct temp_file *t, const char *folder, struct error *err);

/* The same for PATH, which a user named: a folder that is not there or may not be
 * written is ERROR_USAGE, and so is a device or pipe at PATH, which would be replaced. */
int temp_file_beside(struct temp_file *t, const char *path, struct error *err);

/* Let others at FD, as the user's umask says of MODE (0666; 0777 for folders): it is
 * there to be handed on. Not in two threads at once. */
int file_share(int fd, mode_t mode, struct error *err);

/* Sync and name PATH; with REPLACE false an existing PATH is an error (EEXIST in
 * errno). On failure the temporary file is gone. */
int temp_file_commit(struct temp_file *t, const char *path, bool replace,
                     struct error *err);
void temp_file_discard(struct temp_file *t); /* unlink; safe on an empty one */

/* A nameless file in $TMPDIR or /tmp, open for reading and writing; it is gone
 * when it is closed, however the process ends. Returns the descriptor or -1. */
int file_scratch(struct error *err);

/* Sync the folder PATH is in, so that a crash does not lose the name. -1 with errno. A
 * folder that we may write but not read, and one on a file system that syncs none (SMB),
 * are left to the kernel: that is no failure. */
int file_sync_folder_of(const char *path);

/* Write DATA to PATH through a temporary file. */
int file_replace(const char *path, const void *data, size_t len, struct error *err);

/* Is NAME in that folder a temporary file of a process that is no more? */
bool file_is_leftover(int folder_fd, const char *name);

/* Remove from FOLDER the temporary files of processes that are no more. */
void file_sweep(const char *folder);

/* Does PATH, where something is to be written, name a folder: one that is there, or
 * with a slash at its end one that shall be? */
bool file_means_folder(const char *path);

/* The last part of a path, without its slashes. Points into PATH. */
const char *file_base_name(const char *path);

/* The folder that PATH is in: what stands before its last slash, "/" or ".". The caller
 * frees it. */
char *file_folder_of(const char *path);

/* A joined path, caller frees. */
char *file_join(const char *folder, const char *name);

/* PATH from the root on, not cleaned of links and dots; the caller frees. NULL: the
 * current folder has no name any more. */
char *file_absolute(const char *path);

#endif
