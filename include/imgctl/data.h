/*
 * data.h - facts that change faster than the program: JSON files that are installed
 * beside it, dated, and that a user may replace.
 *
 * "models.json" is looked for beside the user's configuration file, then in the
 * folder share/imgctl of the build or of the installation. Nothing is merged: the
 * first file that is there is the whole truth.
 */
#ifndef IMGCTL_DATA_H
#define IMGCTL_DATA_H

#include "imgctl/buf.h"
#include "imgctl/config.h"
#include "imgctl/error.h"
#include "imgctl/strlist.h"

/* Read NAME ("models.json", "profiles/instagram-feed.json") into OUT, and the path it
 * was found at into *ret_path (the caller's; may be NULL). ERROR_CONFIG if there is
 * none or it is larger than a megabyte. */
int data_read(const struct config *config, const char *name, struct buf *out,
              char **ret_path, struct error *err);

/* The names of all files of the folder NAME ("profiles"), of all places, sorted, each
 * once. A folder that is not there is empty. */
int data_list(const struct config *config, const char *name, struct strlist *ret,
              struct error *err);

#endif
