#include <stdio.h>
#include <string.h>

#include "exchange.h"
#include "imgctl/file.h"
#include "imgctl/text.h"

/*
 * Only what is listed here is ever written: nothing is taken out of something
 * larger, except signatures out of paths.
 */

static void begin(struct buf *line, const struct exchange *x, char mark)
{
    buf_addf(line, "[%llu] %c", (unsigned long long)x->number, mark);
}

static void add_text(struct buf *line, const char *text)
{
    text_escape(line, text, strlen(text));
}

static void end(struct buf *line, const struct exchange *x)
{
    buf_addch(line, '\n');
    /* A trace that cannot be written must not stop the work it is about. */
    (void)file_write_all(x->client->trace_fd, line->data, line->len);
    buf_release(line);
}

/* A signed delivery link carries its signature as /s--abcdefgh--/. */
static void add_path(struct buf *line, const char *path)
{
    const char *mark;
    while ((mark = strstr(path, "/s--")) != NULL) {
        text_escape(line, path, (size_t)(mark - path));
        buf_addstr(line, "/s--...--");
        path = mark + strlen("/s--");
        path += strcspn(path, "/");
    }
    add_text(line, path);
}

static const char *method(const struct http_request *r)
{
    if (r->method) {
        return r->method;
    }
    return r->part_count > 0 || r->body ? "POST" : "GET";
}

static void trace_part(const struct exchange *x, const struct http_part *part)
{
    struct buf line = BUF_INIT;
    begin(&line, x, '>');
    buf_addstr(&line, "   part ");
    add_text(&line, part->name);
    long long size = part->value ? (long long)strlen(part->value) : part->file_size;
    buf_addf(&line, ": %s%lld bytes", part->value ? "" : "file, ", size);
    end(&line, x);
}

void trace_request(const struct exchange *x)
{
    if (x->client->trace_fd < 0) {
        return;
    }
    struct buf line = BUF_INIT;
    begin(&line, x, '>');
    buf_addf(&line, " %s %s://", method(x->request), x->scheme);
    add_text(&line, x->host);
    add_path(&line, x->path ? x->path : "/");
    if (x->response.attempts > 1) {
        buf_addf(&line, ", try %d", x->response.attempts);
    }
    end(&line, x);
    for (size_t i = 0; i < x->request->part_count; i++) {
        trace_part(x, &x->request->parts[i]);
    }
    if (x->request->body) {
        begin(&line, x, '>');
        buf_addf(&line, "   body: %zu bytes", x->request->body_len);
        end(&line, x);
    }
}

static void add_time(struct buf *line, const struct exchange *x, const char *name,
                     CURLINFO info)
{
    curl_off_t us = 0;
    if (curl_easy_getinfo(x->easy, info, &us) == CURLE_OK) {
        buf_addf(line, ", %s %.3f s", name, (double)us / 1e6);
    }
}

void trace_answer(const struct exchange *x)
{
    const struct http_response *r = &x->response;
    if (x->client->trace_fd < 0) {
        return;
    }
    struct buf line = BUF_INIT;
    begin(&line, x, '<');
    buf_addf(&line, " %d ", r->status);
    add_text(&line, r->content_type[0] ? r->content_type : "no type");
    buf_addf(&line, ", %lld bytes", (long long)x->received);
    if (r->request_id[0]) {
        buf_addstr(&line, ", request ");
        add_text(&line, r->request_id);
    }
    if (x->retry_after[0]) {
        buf_addstr(&line, ", retry after ");
        add_text(&line, x->retry_after);
    }
    add_time(&line, x, "connected", CURLINFO_PRETRANSFER_TIME_T);
    add_time(&line, x, "first byte", CURLINFO_STARTTRANSFER_TIME_T);
    add_time(&line, x, "all", CURLINFO_TOTAL_TIME_T);
    end(&line, x);
}

void trace_failure(const struct exchange *x)
{
    if (x->client->trace_fd < 0) {
        return;
    }
    struct buf line = BUF_INIT;
    begin(&line, x, '!');
    buf_addch(&line, ' ');
    add_text(&line, x->error.message);
    end(&line, x);
}

void trace_wait(const struct exchange *x, int64_t wait)
{
    if (x->client->trace_fd < 0) {
        return;
    }
    struct buf line = BUF_INIT;
    begin(&line, x, '=');
    buf_addf(&line, " again in %.3f s", (double)wait / 1000);
    end(&line, x);
}
