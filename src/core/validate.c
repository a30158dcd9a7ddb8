#include "imgctl/validate.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "imgctl/file.h"
#include "imgctl/http.h"
#include "imgctl/ids.h"
#include "imgctl/inputs.h"
#include "imgctl/mem.h"
#include "preflight.h"
#include "rules_parts.h"
#include "source.h"

/* A download larger than any platform takes is not read to its end. */
#define DOWNLOAD_LIMIT (INT64_C(64) * 1024 * 1024)

void validator_release(struct validator *v)
{
    http_client_free(v->client);
    v->client = NULL;
}

void verdict_release(struct verdict *v)
{
    free(v->label);
    v->label = NULL;
}

/* Pictures of any number of bytes are judged; pixels are limited to what the rest of
 * the program takes. */
static struct image_limits limits_of_judging(void)
{
    struct image_limits limits = image_default_limits;
    limits.bytes = 0;
    return limits;
}

/* What the file says, or the rule that it breaks by not being a picture. */
static int judge_file(struct validator *v, int fd, int64_t size, struct verdict *ret,
                      struct error *err)
{
    struct image_limits limits = limits_of_judging();
    ret->facts.bytes = size;
    ret->facts.name = ret->label;
    struct image_info *info = &ret->facts.info;
    int result = v->deep ? image_check(fd, size, &limits, NULL, NULL, info, err)
                         : image_examine(fd, size, &limits, info, err);
    if (result == 0) {
        ret->has_facts = true;
        rules_check(v->profile, &ret->facts, v->strict, &ret->results);
        return 0;
    }
    if (err->kind != ERROR_IMAGE_TYPE && err->kind != ERROR_IMAGE_CORRUPT &&
        err->kind != ERROR_IMAGE_LIMIT) {
        return -1;
    }
    rules_check_unreadable(v->profile, err, &ret->results);
    error_clear(err);
    return 0;
}

static int judge_descriptor(struct validator *v, int fd, struct verdict *ret,
                            struct error *err)
{
    struct stat st;
    if (fstat(fd, &st) < 0) {
        return error_errno(err, ERROR_FILE, "cannot stat the file");
    }
    return judge_file(v, fd, st.st_size, ret, err);
}

static enum image_format format_of_mime(const char *mime)
{
    for (int i = IMAGE_JPEG; mime && i <= IMAGE_WEBP; i++) {
        if (strcmp(mime, image_mime((enum image_format)i)) == 0) {
            return (enum image_format)i;
        }
    }
    return IMAGE_NONE;
}

static uint32_t side_of(int64_t n)
{
    return n > 0 && n <= UINT32_MAX ? (uint32_t)n : 0;
}

void validate_facts_of_row(const struct picture *p, struct rule_facts *ret)
{
    *ret = (struct rule_facts){
        .info = {
            .format = format_of_mime(p->mime_type),
            .width = side_of(p->width),
            .height = side_of(p->height),
        },
        .bytes = p->file_size_bytes,
        .name = p->original_filename,
        .from_catalog = true,
    };
}

static void judge_row(struct validator *v, const struct picture *p, struct verdict *ret)
{
    validate_facts_of_row(p, &ret->facts);
    ret->facts.name = ret->label;
    ret->has_facts = true;
    rules_check(v->profile, &ret->facts, v->strict, &ret->results);
}

static int judge_link(struct validator *v, const char *url, struct verdict *ret,
                      struct error *err)
{
    AUTO_FD int fd = -1;
    if (preflight(v, url, &ret->results, &fd, err) < 0) {
        return -1;
    }
    return fd < 0 ? 0 : judge_descriptor(v, fd, ret, err);
}

/* The link that is posted. */
static int judge_delivery(struct validator *v, struct store *store,
                          const struct stored *what, struct verdict *ret,
                          struct error *err)
{
    AUTO_BUF struct buf link = BUF_INIT;
    if (!store->ops->is_remote) {
        struct rule_result *r =
            rules_add(&ret->results, v->profile, RULE_ERROR, "url.public");
        rule_say(r->found, "in the local store");
        rule_say(r->limit, "a public address");
        r->fix = "imgctl push";
        return 0;
    }
    return store->ops->link(store, what, &link_for_posting, &link, err) < 0
               ? -1
               : judge_link(v, link.data, ret, err);
}

static int judge_picture(struct validator *v, const char *operand, struct verdict *ret,
                         struct error *err)
{
    AUTO_PICTURE struct picture p = PICTURE_INIT;
    if (ids_find(v->catalog, operand, &p, err) < 0) {
        return -1;
    }
    ret->id = p.id;
    ret->label = mem_strdup(p.original_filename ? p.original_filename : "");
    if (v->alt) {
        rules_check_alt(v->profile, p.alt_text, &ret->results);
    }
    struct stored what = picture_stored(&p);
    struct store *store = v->store(v->cookie, p.storage_provider, err);
    if (!store && !v->url) {
        error_clear(err); /* without an account the row still says what it says */
        judge_row(v, &p, ret);
        return 0;
    }
    if (!store) {
        return -1;
    }
    if (v->url && judge_delivery(v, store, &what, ret, err) < 0) {
        return -1;
    }
    if (!store->ops->open) {
        if (!ret->has_facts && !v->url) {
            judge_row(v, &p, ret);
        }
        return 0;
    }
    AUTO_FD int fd = store->ops->open(store, &what, p.sha256, err);
    return fd < 0 ? -1 : judge_descriptor(v, fd, ret, err);
}

static int judge_download(struct validator *v, const char *url, struct verdict *ret,
                          struct error *err)
{
    AUTO_SOURCE struct source s = SOURCE_INIT;
    const struct source_options options = {
        .byte_limit = DOWNLOAD_LIMIT,
        .allow_private = v->allow_private,
        .config = v->config,
        .trace_fd = v->trace_fd,
        .client = &v->client,
    };
    if (source_open(url, &options, &s, err) < 0) {
        return -1;
    }
    return judge_file(v, s.fd, s.size, ret, err);
}

static int judge_path(struct validator *v, const char *path, struct verdict *ret,
                      struct error *err)
{
    struct stat st;
    AUTO_FD int fd = file_open_regular(path, &st, err);
    if (fd < 0) {
        return -1;
    }
    ret->label = mem_strdup(file_base_name(path));
    return judge_file(v, fd, st.st_size, ret, err);
}

int validate_input(struct validator *v, const char *input, struct verdict *ret,
                   struct error *err)
{
    ret->facts = (struct rule_facts){ .bytes = 0 };
    ret->has_facts = false;
    ret->id = 0;
    ret->label = NULL;
    RULE_RESULTS_INIT(&ret->results);
    if (ids_is_id(input)) {
        return judge_picture(v, input, ret, err);
    }
    if (input_is_url(input)) {
        return v->url ? judge_link(v, input, ret, err)
                      : judge_download(v, input, ret, err);
    }
    if (v->url) {
        error_set(err, ERROR_USAGE, "a file has no link that could be looked at");
        return error_hint(err, "--url goes with ids and URLs");
    }
    if (strcmp(input, "-") == 0 && v->stdin_fd >= 0) {
        return judge_descriptor(v, v->stdin_fd, ret, err);
    }
    return judge_path(v, input, ret, err);
}
