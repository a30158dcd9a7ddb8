#include "cloudinary_session.h"

#include <inttypes.h>
#include <stdio.h>

#include "cloudinary_answer.h"
#include "imgctl/clock.h"
#include "imgctl/mem.h"

#define ANSWER_MAX ((size_t)8 << 20) /* a page of 500 assets is about 1 MB */

struct http_client *cloudinary_client(struct cloudinary *c, struct error *err)
{
    if (!c->client) {
        struct http_options options = HTTP_OPTIONS_INIT;
        http_options_from_config(&options, c->config);
        options.trace_fd = c->trace_fd;
        options.connections = c->jobs;
        options.requests_per_minute = c->requests_per_minute;
        options.bytes_per_second = c->bytes_per_second;
        if (http_client_new(&options, &c->client, err) < 0) {
            return NULL;
        }
    }
    return c->client;
}

char *cloudinary_call(const struct cloudinary *c, const char *what)
{
    return mem_printf("%s/v1_1/%s/%s", c->account.upload_prefix,
                      c->account.delivery.cloud_name, what);
}

bool cloudinary_set_clock(struct cloudinary *c, const struct http_response *answer)
{
    if (!cloudinary_answer_is_stale(answer) || answer->date <= 0) {
        return false;
    }
    c->skew = (answer->date - clock_now()) / 1000;
    return true;
}

static void add_part(struct cloudinary_form *f, const char *name, const char *value)
{
    f->parts[f->part_count++] =
        (struct http_part){ .name = name, .value = value, .file_fd = -1 };
}

void cloudinary_form_add(struct cloudinary_form *f, const char *name, const char *value)
{
    if (value && value[0] != '\0') {
        f->params[f->count++] = (struct cloudinary_param){ name, value };
        add_part(f, name, value);
    }
}

int cloudinary_form_sign(struct cloudinary_form *f, const struct cloudinary *c,
                         struct error *err)
{
    snprintf(f->timestamp, sizeof f->timestamp, "%" PRId64, clock_now() / 1000 + c->skew);
    cloudinary_form_add(f, "timestamp", f->timestamp);
    if (cloudinary_sign(f->params, f->count, &c->account.key, f->signature, err) < 0) {
        return -1;
    }
    add_part(f, "api_key", c->account.key.id);
    add_part(f, "signature", f->signature);
    return 0;
}

void cloudinary_form_add_file(struct cloudinary_form *f, int fd, int64_t offset,
                              int64_t size, const char *name)
{
    f->parts[f->part_count++] = (struct http_part){
        .name = "file",
        .file_fd = fd,
        .file_offset = offset,
        .file_size = size,
        .file_name = name,
    };
}

int cloudinary_get(struct cloudinary *c, const char *call, struct json **ret,
                   struct error *err)
{
    struct http_response answer = HTTP_RESPONSE_INIT;
    AUTO_FREE char *url = cloudinary_call(c, call);
    struct http_request request = {
        .url = url,
        .user = c->account.key.id,
        .password = c->account.key.secret,
        .retry = HTTP_RETRY_SAFE,
        .answer_fd = -1,
        .answer_limit = ANSWER_MAX,
        .timeout = c->timeout,
    };
    struct http_client *client = cloudinary_client(c, err);
    int result = client ? http_perform(client, &request, &answer, err) : -1;
    if (result == 0) {
        result = cloudinary_answer_read(&answer, &c->account.key, ret, err);
    }
    http_response_release(&answer);
    return result;
}
