/* An answer of the Images API, cut into pieces as the first byte says. */
#include <stdlib.h>

#include "../../src/generator/answer_stream.h"
#include "fuzz.h"

static int64_t received;

static int take_bytes(void *cookie, int item, const unsigned char *data, size_t len,
                      struct error *err)
{
    (void)cookie, (void)item, (void)data, (void)err;
    received += (int64_t)len;
    return 0;
}

static int take_end(void *cookie, int item, bool whole, struct error *err)
{
    (void)cookie, (void)item, (void)whole, (void)err;
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct answer_stream s;
    struct error err = ERROR_INIT;
    struct json *document = NULL;
    if (len == 0) {
        return 0;
    }
    size_t piece = data[0] ? data[0] : 256;
    answer_stream_init(&s);
    s.bytes = take_bytes;
    s.end = take_end;
    for (size_t at = 1; at < len; at += piece) {
        size_t more = len - at < piece ? len - at : piece;
        if (answer_stream_feed(&s, (const char *)data + at, more, &err) < 0) {
            break;
        }
    }
    if (json_parse(s.text.data, s.text.len, &document, &err) == 0) {
        json_free(document);
    }
    answer_stream_release(&s);
    return 0;
}
