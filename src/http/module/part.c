/* The body of a form, multipart/form-data: text of our own and ranges of files. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "exchange.h"
#include "imgctl/clock.h"
#include "imgctl/mem.h"

/* ---- Making it ---- */

/* A name between quotes, as browsers write it. */
static void add_quoted(struct buf *out, const char *name)
{
    for (; *name; name++) {
        switch (*name) {
        case '"':
            buf_addstr(out, "%22");
            break;
        case '\r':
            buf_addstr(out, "%0D");
            break;
        case '\n':
            buf_addstr(out, "%0A");
            break;
        default:
            buf_addch(out, *name);
        }
    }
}

static void add_head(struct buf *text, const struct http_part *part, const char *boundary)
{
    buf_addf(text, "--%s\r\nContent-Disposition: form-data; name=\"", boundary);
    add_quoted(text, part->name);
    buf_addch(text, '"');
    if (!part->value) {
        /* Without a name it would be a text field to the service. */
        buf_addstr(text, "; filename=\"");
        add_quoted(text, part->file_name ? part->file_name : "file");
        buf_addf(text, "\"\r\nContent-Type: %s",
                 part->file_type ? part->file_type : "application/octet-stream");
    }
    buf_addstr(text, "\r\n\r\n");
}

/* What was added to the text since the last span, and behind it the bytes of FILE. */
static void add_span(struct form *f, const struct http_part *file)
{
    size_t from = f->count > 0 ? f->spans[f->count - 1].text_end : 0;
    f->spans[f->count++] = (struct form_span){
        .text_from = from,
        .text_end = f->text.len,
        .file = file,
    };
    f->size += (int64_t)(f->text.len - from) + (file ? file->file_size : 0);
}

void form_make(struct exchange *x)
{
    const struct http_request *request = x->request;
    const char *boundary = x->client->boundary;
    struct form *f = &x->form;
    f->spans = mem_array(request->part_count + 1, sizeof *f->spans);
    for (size_t i = 0; i < request->part_count; i++) {
        const struct http_part *part = &request->parts[i];
        add_head(&f->text, part, boundary);
        if (part->value) {
            buf_addstr(&f->text, part->value);
        } else {
            add_span(f, part);
        }
        buf_addstr(&f->text, "\r\n");
    }
    buf_addf(&f->text, "--%s--\r\n", boundary);
    add_span(f, NULL);
}

void form_release(struct form *f)
{
    buf_release(&f->text);
    free(f->spans);
    *f = (struct form)FORM_INIT;
}

/* ---- Sending it ---- */

static ssize_t read_file(struct exchange *x, const struct http_part *part, int64_t at,
                         char *out, size_t want)
{
    ssize_t got;
    do {
        got = pread(part->file_fd, out, want, part->file_offset + at);
    } while (got < 0 && errno == EINTR);
    if (got < 0) {
        error_errno(&x->error, ERROR_FILE, "cannot read the file that is being sent");
    } else if (got == 0) {
        error_set(&x->error, ERROR_FILE,
                  "the file became shorter while it was being sent");
    }
    return got > 0 ? got : -1;
}

/* Up to ROOM bytes of the span that the form stands in; 0 when the pace forbids it
 * for now; -1. */
static ssize_t read_span(struct exchange *x, const struct form_span *span, char *out,
                         size_t room)
{
    struct form *f = &x->form;
    size_t text_len = span->text_end - span->text_from;
    if (f->into < (int64_t)text_len) {
        size_t left = text_len - (size_t)f->into;
        size_t len = left < room ? left : room;
        memcpy(out, f->text.data + span->text_from + f->into, len);
        return (ssize_t)len;
    }
    int64_t at = f->into - (int64_t)text_len;
    int64_t left = span->file->file_size - at;
    int64_t want = left < (int64_t)room ? left : (int64_t)room;
    want = pace_take(&x->client->bytes, clock_steady(), want);
    return want == 0 ? 0 : read_file(x, span->file, at, out, (size_t)want);
}

static int64_t span_size(const struct form_span *span)
{
    return (int64_t)(span->text_end - span->text_from) +
           (span->file ? span->file->file_size : 0);
}

/* Step over spans that are done; NULL behind the last. */
static const struct form_span *current_span(struct form *f)
{
    while (f->span < f->count && f->into == span_size(&f->spans[f->span])) {
        f->span++;
        f->into = 0;
    }
    return f->span < f->count ? &f->spans[f->span] : NULL;
}

size_t form_read(char *out, size_t size, size_t count, void *exchange)
{
    struct exchange *x = exchange;
    size_t room = size * count, done = 0;
    const struct form_span *span;
    while (done < room && (span = current_span(&x->form)) != NULL) {
        ssize_t got = read_span(x, span, out + done, room - done);
        if (got < 0) {
            return CURL_READFUNC_ABORT;
        }
        if (got == 0) {
            break;
        }
        done += (size_t)got;
        x->form.into += got;
    }
    if (done == 0 && current_span(&x->form)) {
        x->paused = ++x->client->turns;
        x->client->paused++;
        return CURL_READFUNC_PAUSE;
    }
    return done;
}

int form_seek(void *exchange, curl_off_t offset, int origin)
{
    struct exchange *x = exchange;
    struct form *f = &x->form;
    if (origin != SEEK_SET || offset < 0 || offset > f->size) {
        return CURL_SEEKFUNC_FAIL;
    }
    f->span = 0;
    f->into = offset;
    while (f->span < f->count && f->into > span_size(&f->spans[f->span])) {
        f->into -= span_size(&f->spans[f->span++]);
    }
    return CURL_SEEKFUNC_OK;
}
