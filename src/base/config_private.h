/*
 * config_private.h - what config.c (reading) and config_write.c (writing) share.
 */
#ifndef CONFIG_PRIVATE_H
#define CONFIG_PRIVATE_H

#include "imgctl/buf.h"
#include "imgctl/config.h"

#define CONFIG_FILE_MAX (1 << 20)

struct config {
    struct config_entry {
        char *text;   /* NULL: nobody set it */
        char *origin;
    } *entries;       /* one for each of settings[] */
    char *path;       /* of the user's file */
    char *data_dir, *cache_dir, *state_dir;
};

/* The file's bytes. 1, 0 if it does not exist, -1 with ERROR_CONFIG. A file
 * that others may write to is refused: it names programs that we run. */
int config_read_file(const char *path, struct buf *out, struct error *err);

#endif
