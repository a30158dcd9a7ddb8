/* Files and pictures that were known and are no more. */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "imgctl/text.h"
#include "imgctl/upload.h"

#define FILES_MOST 200000 /* some 40 MB of the catalog */

/* On a disk that is not mounted it is gone, too: what is lost is a digest, or an entry
 * that somebody asked to be forgotten. */
static bool file_is_gone(const char *path)
{
    struct stat st;
    return stat(path, &st) < 0 && (errno == ENOENT || errno == ENOTDIR);
}

static bool picture_is_gone(struct catalog *c, const char *id_text)
{
    AUTO_PICTURE struct picture p = PICTURE_INIT;
    struct error ignored = ERROR_INIT; /* then nobody can tell */
    int64_t id;
    return text_parse_int(id_text, 1, INT64_MAX, &id) &&
           catalog_picture(c, id, &p, &ignored) == 0;
}

bool upload_source_gone(struct catalog *c, const struct transfer *t)
{
    static const char of_push[] = "picture ";
    const char *source = t->source ? t->source : "-";
    if (source[0] == '/') {
        return file_is_gone(source);
    }
    if (strncmp(source, of_push, strlen(of_push)) == 0) {
        return picture_is_gone(c, source + strlen(of_push));
    }
    return strcmp(source, "-") == 0;
}

int upload_forget_files(struct catalog *c, struct error *err)
{
    return catalog_files_forget(c, file_is_gone, err);
}

int upload_trim_files(struct catalog *c, struct error *err)
{
    int64_t count;
    if (catalog_files_count(c, &count, err) < 0) {
        return -1;
    }
    if (count <= FILES_MOST) {
        return 0;
    }
    if (upload_forget_files(c, err) < 0 || catalog_files_count(c, &count, err) < 0) {
        return -1;
    }
    return count > FILES_MOST
               ? catalog_files_drop(c, count - FILES_MOST + FILES_MOST / 10, err)
               : 0;
}
