/*
 * thumbnail.h - small versions of pictures, made once and kept in the cache folder.
 *
 * A thumbnail fits into a box, is never larger than its picture, and is a WebP file
 * without metadata: CACHE/thumbnails/9f/9f3c...e1-480x480.webp, named by the digest
 * of the picture, so it never has to be made anew. It appears whole or not at all,
 * whoever makes it at the same time. All of it may be removed at any time.
 *
 * The functions may be called by several threads at once, with an error of their own.
 */
#ifndef IMGCTL_THUMBNAIL_H
#define IMGCTL_THUMBNAIL_H

#include <stdbool.h>
#include <stdint.h>

#include "imgctl/config.h"
#include "imgctl/error.h"

#define THUMBNAIL_MAX 2048 /* pixels of a side of the box */

/* Where the thumbnail is or would be. The caller's. */
char *thumbnail_path(const struct config *config, const char *sha256, int width,
                     int height);

/* Is it there, and not empty? Marks it as used. */
bool thumbnail_is_there(const char *path);

/*
 * Make the thumbnail at PATH (of thumbnail_path()) of the picture in FD, SIZE bytes,
 * if it is not there. Errors of image_load(); ERROR_STORE if it cannot be written.
 */
int thumbnail_make(const char *path, int fd, int64_t size, int width, int height,
                   struct error *err);

/*
 * Keep the folder within the setting cache.max_bytes: what no one used for longest
 * goes first, and what was not used for 90 days in any case. Cheap when there is
 * little; for the end of a command that made many.
 */
void thumbnail_sweep(const struct config *config);

#endif
