#include "cloudinary_resume.h"

#include <inttypes.h>
#include <string.h>

#include "imgctl/mem.h"
#include "imgctl/strlist.h"
#include "imgctl/text.h"

char *cloudinary_resume_write(const struct cloudinary_resume *r)
{
    return mem_printf("%s %s %" PRId64 " %" PRId64, r->upload_id, r->fields,
                      r->chunk_bytes, r->offset);
}

static bool take_hex(char *out, size_t size, const char *word)
{
    if (strlen(word) != size - 1 || strspn(word, "0123456789abcdef") != size - 1) {
        return false;
    }
    memcpy(out, word, size);
    return true;
}

bool cloudinary_resume_read(const char *text, struct cloudinary_resume *ret)
{
    AUTO_STRLIST struct strlist words = STRLIST_INIT;
    strlist_split(&words, text, ' ');
    return words.len == 4 &&
           take_hex(ret->upload_id, sizeof ret->upload_id, words.items[0]) &&
           take_hex(ret->fields, sizeof ret->fields, words.items[1]) &&
           text_parse_int(words.items[2], 1, INT64_MAX, &ret->chunk_bytes) &&
           text_parse_int(words.items[3], 1, INT64_MAX, &ret->offset);
}
