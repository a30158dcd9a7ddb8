#include "cloudinary.h"

#include <stdlib.h>
#include <string.h>

#include "cloudinary_answer.h"
#include "cloudinary_audit.h"
#include "cloudinary_send.h"
#include "cloudinary_session.h"
#include "cloudinary_transformation.h"
#include "imgctl/mem.h"
#include "imgctl/secret.h"

#define DOWNLOAD_LIMIT (100 * 1024 * 1024)

/* ---- link, get ---- */

static int require_public_id(const struct stored *what, struct error *err)
{
    if (what->public_id && what->public_id[0] != '\0') {
        return 0;
    }
    return error_set(err, ERROR_STORE, "the catalog has no Cloudinary public id for it");
}

static int make_link(struct store *s, const struct stored *what,
                     const struct link_options *options, struct buf *out,
                     struct error *err)
{
    const struct cloudinary_account *a = &((struct cloudinary *)s)->account;
    AUTO_BUF struct buf transformation = BUF_INIT;
    if (require_public_id(what, err) < 0 ||
        cloudinary_transformation(&transformation, options, err) < 0) {
        return -1;
    }
    bool is_pinned = options->format && strcmp(options->format, "auto") != 0;
    bool is_public = !what->delivery_type || strcmp(what->delivery_type, "upload") == 0;
    struct cloudinary_link link = {
        .resource_type = what->resource_type,
        .type = what->delivery_type,
        .transformation = transformation.data,
        .public_id = what->public_id,
        .format = is_pinned ? options->format : what->format,
        .version = what->version,
        .sign = options->sign || !is_public,
    };
    return cloudinary_url(&a->delivery, &a->key, &link, out, err);
}

/* What the delivery link of OPTIONS leads to, into FD. */
static int download(struct store *s, const struct stored *what,
                    const struct link_options *options, int fd, struct error *err)
{
    struct cloudinary *c = (struct cloudinary *)s;
    struct http_response answer = HTTP_RESPONSE_INIT;
    AUTO_BUF struct buf url = BUF_INIT;
    struct http_client *client = cloudinary_client(c, err);
    if (!client || make_link(s, what, options, &url, err) < 0) {
        return -1;
    }
    struct http_request request = {
        .url = url.data,
        .retry = HTTP_RETRY_SAFE,
        .answer_fd = fd,
        .answer_limit = what->bytes > DOWNLOAD_LIMIT ? (size_t)what->bytes
                                                     : DOWNLOAD_LIMIT,
        .download = true,
        .allow_private = cloudinary_account_is_local(&c->account),
        .timeout = c->timeout,
    };
    int result = http_perform(client, &request, &answer, err);
    if (result == 0) {
        result = cloudinary_answer_check(&answer, &c->account.key, err);
    }
    http_response_release(&answer);
    return result;
}

static int get(struct store *s, const struct stored *what, const char *sha256, int fd,
               struct error *err)
{
    struct link_options original = { .kind = LINK_ORIGINAL };
    (void)sha256; /* Cloudinary finds by public id */
    return download(s, what, &original, fd, err);
}

static int get_small(struct store *s, const struct stored *what, int width, int height,
                     int fd, struct error *err)
{
    AUTO_FREE char *limit =
        mem_printf("c_limit,f_webp,h_%d,q_auto:good,w_%d", height, width);
    struct link_options small = { .transformation = limit };
    return download(s, what, &small, fd, err);
}

/* ---- remove ---- */

/* Send F, and once more if the clock was wrong; the answer's JSON into RET. */
static int send_form(struct cloudinary *c, const char *call,
                     const struct cloudinary_form *fields, struct json **ret,
                     struct error *err)
{
    struct http_client *client = cloudinary_client(c, err);
    AUTO_FREE char *url = cloudinary_call(c, call);
    int result = client ? 1 : -1;
    for (bool may_repeat = true; result > 0; may_repeat = false) {
        struct http_response answer = HTTP_RESPONSE_INIT;
        struct cloudinary_form f = *fields;
        result = cloudinary_form_sign(&f, c, err);
        struct http_request request = {
            .url = url,
            .parts = f.parts,
            .part_count = f.part_count,
            .retry = HTTP_RETRY_SAFE,
            .answer_fd = -1,
            .timeout = c->timeout,
        };
        if (result == 0) {
            result = http_perform(client, &request, &answer, err);
        }
        if (result == 0) {
            result = may_repeat && cloudinary_set_clock(c, &answer)
                         ? 1
                         : cloudinary_answer_read(&answer, &c->account.key, ret, err);
        }
        http_response_release(&answer);
    }
    return result;
}

static int remove_asset(struct store *s, const struct stored *what, const char *sha256,
                        struct error *err)
{
    struct cloudinary *c = (struct cloudinary *)s;
    struct cloudinary_form f = { .count = 0 };
    struct json *json;
    (void)sha256;
    if (require_public_id(what, err) < 0) {
        return -1;
    }
    /* With the wrong kind Cloudinary says "not found" of a picture it has. */
    cloudinary_form_add(&f, "public_id", what->public_id);
    cloudinary_form_add(&f, "type", what->delivery_type ? what->delivery_type : "upload");
    cloudinary_form_add(&f, "invalidate", "true");
    AUTO_FREE char *call =
        mem_printf("%s/destroy", what->resource_type ? what->resource_type : "image");
    if (send_form(c, call, &f, &json, err) < 0) {
        return -1;
    }
    const char *said = json_text(json, "result");
    int result = 0;
    if (said && strcmp(said, "ok") == 0) {
        result = 1;
    } else if (!said || strcmp(said, "not found") != 0) {
        result = error_set(err, ERROR_UNAVAILABLE, "Cloudinary did not say whether it "
                           "removed \"%s\"", what->public_id);
        err->retryable = true;
    }
    json_free(json);
    return result;
}

/* ---- check ---- */

static int ping(struct cloudinary *c, struct error *err)
{
    struct json *json = NULL;
    int result = cloudinary_get(c, "ping", &json, err);
    json_free(json);
    return result;
}

static int check(struct store *s, bool network, struct buf *out, struct error *err)
{
    struct cloudinary *c = (struct cloudinary *)s;
    char tail[16];
    secret_tail(tail, c->account.key.id);
    buf_addf(out, "cloud %s, key %s from %s", c->account.delivery.cloud_name, tail,
             c->account.origin);
    if (!network) {
        return 0;
    }
    if (ping(c, err) < 0) {
        return -1;
    }
    buf_addstr(out, "; it answers");
    return 0;
}

/* ---- examine, walk ---- */

static int examine(struct store *s, struct store_fact *facts, size_t count, bool deep,
                   struct error *err)
{
    (void)deep; /* its etag is a digest already */
    return cloudinary_examine((struct cloudinary *)s, facts, count, err);
}

static int walk(struct store *s, store_each *each, void *cookie, struct error *err)
{
    return cloudinary_walk((struct cloudinary *)s, each, cookie, err);
}

/* ---- open, close ---- */

static void close_session(struct store *s)
{
    struct cloudinary *c = (struct cloudinary *)s;
    cloudinary_cancel(s);
    cloudinary_account_release(&c->account);
    free(c);
}

static const struct store_ops cloudinary_ops = {
    .name = "cloudinary",
    .is_remote = true,
    .plan = cloudinary_plan,
    .put = cloudinary_put,
    .start = cloudinary_start,
    .run = cloudinary_run,
    .cancel = cloudinary_cancel,
    .get = get,
    .get_small = get_small,
    .remove = remove_asset,
    .link = make_link,
    .check = check,
    .close = close_session,
    .examine = examine,
    .walk = walk,
};

/* The setting, if somebody set it, beats chunk_size in CLOUDINARY_URL. */
static int choose_chunk_bytes(struct cloudinary *c, struct error *err)
{
    struct config_value setting = config_get(c->config, "cloudinary.chunk_bytes");
    c->chunk_bytes = config_int(c->config, "cloudinary.chunk_bytes");
    if (c->account.chunk_size > 0 && strcmp(setting.origin, "default") == 0) {
        c->chunk_bytes = c->account.chunk_size;
    }
    if (c->chunk_bytes >= CLOUDINARY_CHUNK_MIN &&
        c->chunk_bytes <= CLOUDINARY_CHUNK_MAX) {
        return 0;
    }
    return error_set(err, ERROR_CONFIG, "cloudinary.chunk_bytes must be from %d to %d",
                     CLOUDINARY_CHUNK_MIN, CLOUDINARY_CHUNK_MAX);
}

static int configure(struct cloudinary *c, struct error *err)
{
    int found = cloudinary_account_load(c->config, &c->account, err);
    if (found < 0) {
        return -1;
    }
    if (!found) {
        error_set(err, ERROR_CREDENTIALS, "no Cloudinary account is configured");
        return error_hint(err, "set CLOUDINARY_URL to what the Cloudinary console shows "
                          "under Settings > API Keys, or use --store local");
    }
    c->timeout = c->account.timeout > 0 ? (int)c->account.timeout
                                        : (int)config_int(c->config, "http.timeout");
    return choose_chunk_bytes(c, err);
}

int cloudinary_open(const struct store_context *context, struct store **ret,
                    struct error *err)
{
    struct cloudinary *c = mem_alloc(sizeof *c);
    *c = (struct cloudinary){
        .store = { .ops = &cloudinary_ops },
        .config = context->config,
        .account = CLOUDINARY_ACCOUNT_INIT,
        .trace_fd = context->trace_fd,
        .jobs = context->jobs,
        .requests_per_minute = context->requests_per_minute,
        .bytes_per_second = context->bytes_per_second,
    };
    if (configure(c, err) < 0) {
        close_session(&c->store);
        return -1;
    }
    *ret = &c->store;
    return 0;
}

bool cloudinary_is_configured(const struct config *config)
{
    const char *cloud_name = getenv("CLOUDINARY_CLOUD_NAME");
    AUTO_SECRET struct secret url = SECRET_INIT;
    struct error ignored = ERROR_INIT; /* cloudinary_open() will tell it */
    if (cloud_name && cloud_name[0] != '\0') {
        return true;
    }
    int found = secret_get("CLOUDINARY_URL", config, &url, &ignored);
    return found < 0 || (found > 0 && url.text.len > 0);
}
