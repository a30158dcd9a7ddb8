#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "exchange.h"
#include "imgctl/clock.h"
#include "imgctl/mem.h"

static size_t read_part(char *out, size_t size, size_t count, void *cookie)
{
    struct part_reader *r = cookie;
    const struct http_part *part = r->part;
    struct exchange *x = r->exchange;
    struct error *err = &x->error;
    int64_t left = part->file_size - r->at;
    size_t want = size * count;
    if (left < (int64_t)want) {
        want = (size_t)left;
    }
    if (want == 0) {
        return 0;
    }
    want = (size_t)pace_take(&x->client->bytes, clock_steady(), (int64_t)want);
    if (want == 0) {
        x->paused = true;
        x->client->paused++;
        return CURL_READFUNC_PAUSE;
    }
    ssize_t got;
    do {
        got = pread(part->file_fd, out, want, part->file_offset + r->at);
    } while (got < 0 && errno == EINTR);
    if (got < 0) {
        error_errno(err, ERROR_FILE, "cannot read the file that is being sent");
        return CURL_READFUNC_ABORT;
    }
    if (got == 0) {
        error_set(err, ERROR_FILE, "the file became shorter while it was being sent");
        return CURL_READFUNC_ABORT;
    }
    r->at += got;
    return (size_t)got;
}

static int seek_part(void *cookie, curl_off_t offset, int origin)
{
    struct part_reader *r = cookie;
    if (origin != SEEK_SET || offset < 0 || offset > r->part->file_size) {
        return CURL_SEEKFUNC_FAIL;
    }
    r->at = offset;
    return CURL_SEEKFUNC_OK;
}

static void add_file(struct exchange *x, curl_mimepart *mime, struct part_reader *r)
{
    r->exchange = x;
    r->at = 0;
    curl_mime_data_cb(mime, r->part->file_size, read_part, seek_part, NULL, r);
    /* Without a name it would be a text field to the service. */
    curl_mime_filename(mime, r->part->file_name ? r->part->file_name : "file");
    curl_mime_type(mime, r->part->file_type ? r->part->file_type
                                            : "application/octet-stream");
}

void part_add_all(struct exchange *x)
{
    const struct http_request *request = x->request;
    x->mime = curl_mime_init(x->easy);
    x->readers = mem_array(request->part_count, sizeof *x->readers);
    for (size_t i = 0; i < request->part_count; i++) {
        const struct http_part *part = &request->parts[i];
        curl_mimepart *mime = curl_mime_addpart(x->mime);
        curl_mime_name(mime, part->name);
        if (part->value) {
            curl_mime_data(mime, part->value, strlen(part->value));
        } else {
            x->readers[i].part = part;
            add_file(x, mime, &x->readers[i]);
        }
    }
}
