#include "prepare.h"

#include <unistd.h>

#include "imgctl/clock.h"
#include "imgctl/file.h"
#include "imgctl/http.h"

static void digest_piece(void *cookie, const void *data, size_t len)
{
    digest_update(cookie, data, len);
}

/* Check and digest FD in one reading. */
static int inspect(const struct upload_options *o, struct prepared *p, int fd,
                   int64_t size, struct error *err)
{
    struct digest *d;
    if (digest_start(DIGEST_SHA256, &d, err) < 0) {
        return -1;
    }
    if (image_check(fd, size, &o->limits, digest_piece, d, &p->info, err) < 0) {
        digest_free(d);
        return -1;
    }
    digest_finish_hex(d, p->sha256);
    p->fd = fd;
    p->size = size;
    return 0;
}

static int strip(const struct upload_options *o, struct prepared *p, struct error *err)
{
    if (o->strip == STRIP_NONE || (o->strip == STRIP_GPS && !p->info.has_gps)) {
        return 0;
    }
    p->stripped_fd = file_scratch(err);
    if (p->stripped_fd < 0) {
        return -1;
    }
    int changed = image_strip(p->source.fd, p->source.size, o->strip, p->stripped_fd, err);
    if (changed <= 0) {
        return changed;
    }
    off_t size = lseek(p->stripped_fd, 0, SEEK_END);
    return size < 0 ? error_errno(err, ERROR_STORE, "cannot keep the stripped picture")
                    : inspect(o, p, p->stripped_fd, size, err);
}

int prepare(const struct upload_options *options, const char *input,
            struct http_client **client, struct prepared *ret, struct error *err)
{
    struct source_options source = {
        .byte_limit = options->limits.bytes,
        .allow_private = options->allow_private,
        .name = options->name,
        .config = options->config,
        .trace_fd = options->trace_fd,
        .client = client,
    };
    *ret = (struct prepared)PREPARED_INIT;
    ret->checked_at = clock_now();
    if (source_open(input, &source, &ret->source, err) < 0 ||
        inspect(options, ret, ret->source.fd, ret->source.size, err) < 0 ||
        strip(options, ret, err) < 0) {
        return -1;
    }
    return source_unchanged(&ret->source, err);
}

void prepared_release(struct prepared *p)
{
    source_close(&p->source);
    if (p->stripped_fd >= 0) {
        close(p->stripped_fd);
    }
    p->stripped_fd = p->fd = -1;
}

int prepare_load(const struct upload_options *options, bool urls,
                 struct http_client **client, struct error *err)
{
    struct http_options http = HTTP_OPTIONS_INIT;
    struct digest *d;
    if (digest_start(DIGEST_SHA256, &d, err) < 0) {
        return -1;
    }
    digest_free(d);
    if (!urls) {
        return 0;
    }
    http_options_from_config(&http, options->config);
    http.trace_fd = options->trace_fd;
    return http_client_new(&http, client, err);
}
