#include "prepare.h"

#include <unistd.h>

#include "imgctl/clock.h"
#include "imgctl/http.h"

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
        content_inspect(ret->source.fd, ret->source.size, &options->limits, &ret->bytes,
                        err) < 0 ||
        content_strip(&ret->bytes, options->strip, &options->limits, &ret->stripped_fd,
                      err) < 0) {
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
    p->stripped_fd = p->bytes.fd = -1;
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
