#include "prepare.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "imgctl/clock.h"
#include "imgctl/file.h"
#include "imgctl/http.h"
#include "imgctl/mem.h"

static int open_input(const struct upload_options *options, const char *input,
                      const struct upload_origin *origin, struct http_client **client,
                      struct source *ret, struct error *err)
{
    struct source_options source = {
        .byte_limit = options->limits.bytes,
        .allow_private = options->allow_private,
        .name = origin && origin->name ? origin->name : options->name,
        .config = options->config,
        .trace_fd = options->trace_fd,
        .client = client,
    };
    return source_open(input, &source, ret, err);
}

/* A session of a store is not for two threads at once. */
static int fetch(struct store *from, const struct stored *what, const char *sha256,
                 int fd, struct error *err)
{
    static pthread_mutex_t one_at_a_time = PTHREAD_MUTEX_INITIALIZER;
    pthread_mutex_lock(&one_at_a_time);
    int result = from->ops->get(from, what, sha256, fd, err);
    pthread_mutex_unlock(&one_at_a_time);
    return result;
}

/* The bytes of a picture, where they are or fetched, and as the catalog knows them. */
static int open_picture(const struct upload_origin *origin, struct source *ret,
                        struct error *err)
{
    const struct picture *p = origin->picture;
    struct stored what = picture_stored(p);
    char got[DIGEST_HEX_SIZE];
    *ret = (struct source){
        .name = mem_strdup(origin->name ? origin->name : p->original_filename),
        .name_percent = !origin->name && p->filename_percent,
        .is_scratch = true,
    };
    ret->fd = origin->from->ops->open
                  ? origin->from->ops->open(origin->from, &what, p->sha256, err)
                  : file_scratch(err);
    if (ret->fd < 0 || (!origin->from->ops->open &&
                        fetch(origin->from, &what, p->sha256, ret->fd, err) < 0)) {
        return -1;
    }
    if (fstat(ret->fd, &ret->at_open) < 0) {
        return error_errno(err, ERROR_STORE, "cannot stat the stored picture");
    }
    ret->size = ret->at_open.st_size;
    if (!p->sha256) {
        return 0;
    }
    if (digest_file(DIGEST_SHA256, ret->fd, ret->size, got, err) < 0) {
        return -1;
    }
    return strcmp(got, p->sha256) == 0
               ? 0
               : error_set(err, ERROR_STORE, "the stored copy is damaged: its digest is "
                                             "another");
}

int prepare(const struct upload_options *options, const char *input,
            const struct upload_origin *origin, struct http_client **client,
            struct prepared *ret, struct upload_change *change, struct error *err)
{
    *ret = (struct prepared)PREPARED_INIT;
    ret->checked_at = clock_now();
    int opened = origin && origin->picture
                     ? open_picture(origin, &ret->source, err)
                     : open_input(options, input, origin, client, &ret->source, err);
    if (opened < 0) {
        return -1;
    }
    ret->bytes.fd = ret->source.fd;
    ret->bytes.size = ret->source.size;
    if (options->conversion && convert(options->conversion, ret, change, err) < 0) {
        return -1;
    }
    if (options->conversion && options->conversion->plan_only) {
        return 0;
    }
    return content_check(ret->bytes.fd, ret->bytes.size, &options->limits, &ret->bytes,
                         err) < 0
               ? -1
               : content_strip(&ret->bytes, options->strip, &options->limits,
                               &ret->stripped_fd, err);
}

void prepared_release(struct prepared *p)
{
    source_close(&p->source);
    mem_cleanup_fd(&p->converted_fd);
    mem_cleanup_fd(&p->stripped_fd);
    p->bytes.fd = -1;
}

int prepare_load(const struct upload_options *options, bool network,
                 struct http_client **client, struct error *err)
{
    struct http_options http = HTTP_OPTIONS_INIT;
    struct digest *d;
    if (options->conversion && !options->conversion->plan_only &&
        image_codec_load(err) < 0) {
        return -1;
    }
    if (digest_start(DIGEST_SHA256, &d, err) < 0) {
        return -1;
    }
    digest_free(d);
    if (!network) {
        return 0;
    }
    http_options_from_config(&http, options->config);
    http.trace_fd = options->trace_fd;
    return http_client_new(&http, client, err);
}
