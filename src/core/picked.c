#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "imgctl/file.h"
#include "imgctl/ids.h"
#include "imgctl/mem.h"
#include "imgctl/text.h"

#define FILE_LIMIT ((size_t)1 << 20)

static char *file_of(const struct catalog *c)
{
    return mem_printf("%s-picked", catalog_path(c));
}

int ids_remember_picked(const struct catalog *c, const int64_t *ids, size_t count,
                        struct error *err)
{
    AUTO_FREE char *path = file_of(c);
    AUTO_BUF struct buf text = BUF_INIT;
    for (size_t i = 0; i < count; i++) {
        buf_addf(&text, "%" PRId64 "\n", ids[i]);
    }
    return file_replace(path, text.data, text.len, err);
}

int ids_picked(const struct catalog *c, struct strlist *ret, struct error *err)
{
    AUTO_BUF struct buf text = BUF_INIT;
    AUTO_FREE char *path = c ? file_of(c) : NULL;
    size_t before = ret->len;
    int64_t id;
    if (path && file_read(path, FILE_LIMIT, &text, err) < 0) {
        return -1;
    }
    strlist_split(ret, text.data, '\n');
    for (size_t i = before; i < ret->len; i++) {
        if (!text_parse_int(ret->items[i], 1, INT64_MAX, &id)) {
            return error_set(err, ERROR_CATALOG, "%s is damaged: \"%s\" is no id", path,
                             ret->items[i]);
        }
    }
    if (ret->len == before) {
        error_set(err, ERROR_NOT_FOUND, "@picked: nothing was picked yet");
        return error_hint(err, "imgctl pick chooses");
    }
    return 0;
}
