#include "source.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "imgctl/buf.h"
#include "imgctl/file.h"
#include "imgctl/http.h"
#include "imgctl/inputs.h"
#include "imgctl/text.h"

static void set_name(struct source *s, const char *name, size_t len)
{
    struct buf utf8 = BUF_INIT;
    s->name_percent = text_make_utf8(&utf8, name, len);
    s->name = buf_detach(&utf8);
}

static int too_large(int64_t limit, struct error *err)
{
    char text[16];
    text_format_size(text, limit);
    error_set(err, ERROR_IMAGE_LIMIT, "it is larger than %s", text);
    return error_hint(err, "the limit is the setting upload.max_bytes");
}

static int open_standard_input(struct source *s, int64_t limit, struct error *err)
{
    char piece[65536];
    s->fd = file_scratch(err);
    s->is_scratch = true;
    if (s->fd < 0) {
        return -1;
    }
    for (;;) {
        ssize_t n = read(STDIN_FILENO, piece, sizeof piece);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n < 0) {
            return error_errno(err, ERROR_FILE, "cannot read standard input");
        }
        if (n == 0) {
            return 0;
        }
        s->size += n;
        if (s->size > limit) {
            return too_large(limit, err);
        }
        if (file_write_all(s->fd, piece, (size_t)n) < 0) {
            return error_errno(err, ERROR_STORE, "cannot keep standard input");
        }
    }
}

/* The byte that "%41" at P stands for; -1 if it is none a file name may have. */
static int escaped_byte(const char *p, const char *end)
{
    if (end - p < 3 || p[0] != '%' || !isxdigit((unsigned char)p[1]) ||
        !isxdigit((unsigned char)p[2])) {
        return -1;
    }
    const char digits[] = { p[1], p[2], '\0' };
    int c = (int)strtol(digits, NULL, 16);
    return c > 0x1f && c != '/' ? c : -1;
}

/* The last part of a URL's path, percent-decoded where that gives a file name. */
static void name_from_url(struct source *s, const char *url)
{
    AUTO_BUF struct buf name = BUF_INIT;
    const char *host = strstr(url, "://") + 3;
    const char *path = host + strcspn(host, "/?#");
    size_t len = *path == '/' ? strcspn(path, "?#") : 0;
    const char *end = path + len;
    const char *p = end;
    while (p > path && p[-1] != '/') {
        p--;
    }
    while (p < end) {
        int c = escaped_byte(p, end);
        buf_addch(&name, c >= 0 ? (char)c : *p);
        p += c >= 0 ? 3 : 1;
    }
    if (name.len == 0) {
        buf_addstr(&name, "download");
    }
    set_name(s, name.data, name.len);
}

static int make_client(const struct source_options *o, struct error *err)
{
    struct http_options http = HTTP_OPTIONS_INIT;
    if (*o->client) {
        return 0;
    }
    http_options_from_config(&http, o->config);
    http.trace_fd = o->trace_fd;
    return http_client_new(&http, o->client, err);
}

static int check_answer(const struct http_response *response, struct error *err)
{
    if (response->status >= 200 && response->status < 300) {
        return 0;
    }
    enum error_kind kind = response->status == 404 || response->status == 410
                               ? ERROR_FILE
                           : response->status == 401 || response->status == 403
                               ? ERROR_CREDENTIALS
                           : response->status >= 500 || response->status == 429
                               ? ERROR_UNAVAILABLE
                               : ERROR_REFUSED;
    error_set(err, kind, "the server answered %d", response->status);
    err->http_status = response->status;
    err->retryable = kind == ERROR_UNAVAILABLE;
    return -1;
}

static int download(struct source *s, const char *url, const struct source_options *o,
                    struct error *err)
{
    s->fd = file_scratch(err);
    s->is_scratch = true;
    if (s->fd < 0 || make_client(o, err) < 0) {
        return -1;
    }
    struct http_request request = HTTP_REQUEST_INIT;
    struct http_response response = HTTP_RESPONSE_INIT;
    request.url = url;
    request.download = true;
    request.allow_private = o->allow_private;
    request.answer_fd = s->fd;
    request.answer_limit = (size_t)o->byte_limit;
    request.retry = HTTP_RETRY_SAFE;
    int result = http_perform(*o->client, &request, &response, err);
    if (result == 0) {
        result = check_answer(&response, err);
    }
    http_response_release(&response);
    struct stat st;
    if (result == 0 && fstat(s->fd, &st) == 0) {
        s->size = st.st_size;
    }
    return result;
}

int source_open(const char *input, const struct source_options *o, struct source *ret,
                struct error *err)
{
    *ret = (struct source)SOURCE_INIT;
    if (strcmp(input, "-") == 0) {
        set_name(ret, "stdin", 5);
        if (open_standard_input(ret, o->byte_limit, err) < 0) {
            return -1;
        }
    } else if (input_is_url(input)) {
        name_from_url(ret, input);
        if (download(ret, input, o, err) < 0) {
            return -1;
        }
    } else {
        const char *base = file_base_name(input);
        set_name(ret, base, strlen(base));
        ret->fd = file_open_regular(input, &ret->at_open, err);
        if (ret->fd < 0) {
            return -1;
        }
        ret->size = ret->at_open.st_size;
    }
    if (o->name) {
        free(ret->name);
        set_name(ret, o->name, strlen(o->name));
    }
    return 0;
}

int source_unchanged(const struct source *s, struct error *err)
{
    struct stat now;
    if (s->is_scratch) {
        return 0;
    }
    if (fstat(s->fd, &now) < 0) {
        return error_errno(err, ERROR_FILE, "cannot stat");
    }
    if (now.st_size != s->at_open.st_size ||
        now.st_mtim.tv_sec != s->at_open.st_mtim.tv_sec ||
        now.st_mtim.tv_nsec != s->at_open.st_mtim.tv_nsec) {
        error_set(err, ERROR_FILE, "the file changed while it was being read");
        return error_hint(err, "upload it again when nothing writes to it");
    }
    return 0;
}

void source_close(struct source *s)
{
    if (s->fd >= 0) {
        close(s->fd);
        s->fd = -1;
    }
    free(s->name);
    s->name = NULL;
}
