#include "preflight.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "imgctl/clock.h"
#include "imgctl/file.h"
#include "imgctl/http.h"
#include "imgctl/mem.h"
#include "rules_parts.h"

#define AGENT "facebookexternalhit" /* of Meta, the only platform that says its name */
#define BODY_LIMIT ((size_t)32 * 1024 * 1024)
#define ROBOTS_LIMIT ((size_t)512 * 1024)
#define SLOW_MS 5000

struct flight {
    struct validator *v;
    const char *url;
    struct rule_results *results;
    int fd;           /* what was delivered */
    char type[128];   /* as what */
};

static struct rule_result *add(struct flight *f, enum rule_level level, const char *name,
                               const char *limit, const char *fix)
{
    struct rule_result *r = rules_add(f->results, f->v->profile, level, name);
    snprintf(r->limit, sizeof r->limit, "%s", limit);
    r->fix = fix;
    return r;
}

/* Nobody documents it, so only STRICT makes it an error. */
static struct rule_result *warn(struct flight *f, const char *name, const char *limit,
                                const char *fix)
{
    enum rule_level level = f->v->strict ? RULE_ERROR : RULE_WARN;
    struct rule_result *r = add(f, level, name, limit, fix);
    r->undocumented = true;
    return r;
}

#define FOUND(result, ...) rule_say((result)->found, __VA_ARGS__)

static void check_text(struct flight *f)
{
    if (strncasecmp(f->url, "https://", 8) != 0) {
        FOUND(add(f, RULE_ERROR, "url.https", "https", "serve it over https"), "http");
    }
    for (const unsigned char *p = (const unsigned char *)f->url; *p; p++) {
        if (*p <= ' ' || *p > '~') {
            FOUND(add(f, RULE_ERROR, "url.ascii", "plain ASCII",
                      "percent-encode the other characters"),
                  "a character that is not plain ASCII");
            return;
        }
    }
}

static int make_client(struct validator *v, struct error *err)
{
    struct http_options options = HTTP_OPTIONS_INIT;
    if (v->client) {
        return 0;
    }
    http_options_from_config(&options, v->config);
    options.trace_fd = v->trace_fd;
    return http_client_new(&options, &v->client, err);
}

static int ask(struct flight *f, const char *url, const char *accept, int fd,
               struct http_response *response, struct error *err)
{
    struct http_request request = HTTP_REQUEST_INIT;
    AUTO_STRLIST struct strlist headers = STRLIST_INIT;
    if (accept) {
        strlist_take(&headers, mem_printf("Accept: %s", accept));
    }
    request.url = url;
    request.headers = headers;
    request.download = true;
    request.no_redirect = true;
    request.allow_private = f->v->allow_private;
    request.answer_fd = fd;
    request.answer_limit = fd < 0 ? ROBOTS_LIMIT : BODY_LIMIT;
    request.retry = HTTP_RETRY_SAFE;
    return http_perform(f->v->client, &request, response, err);
}

/* Where the path begins in URL; at its end if there is none. */
static const char *path_of(const char *url)
{
    const char *host = strstr(url, "://") + 3;
    return host + strcspn(host, "/?#");
}

/* A file that cannot be had forbids nothing. */
static void check_robots(struct flight *f)
{
    struct http_response response = HTTP_RESPONSE_INIT;
    struct error ignored = ERROR_INIT;
    const char *path = path_of(f->url);
    AUTO_FREE char *robots =
        mem_printf("%.*s/robots.txt", (int)(path - f->url), f->url);
    if (ask(f, robots, NULL, -1, &response, &ignored) == 0 && response.status == 200 &&
        robots_disallow(response.body.data, AGENT, *path == '/' ? path : "/")) {
        FOUND(add(f, RULE_ERROR, "url.robots", AGENT " may fetch it",
                  "allow it in robots.txt"),
              "robots.txt keeps " AGENT " out");
    }
    http_response_release(&response);
}

/* What went wrong below HTTP: a rule where the link itself is to blame. 0, -1. */
static int judge_failure(struct flight *f, const struct error *err)
{
    if (err->kind == ERROR_USAGE) {
        FOUND(add(f, RULE_ERROR, "url.public", "a public address",
                  "serve it from a public server"),
              "%s", err->message);
        return 0;
    }
    if (err->kind == ERROR_IMAGE_LIMIT) {
        int64_t most = f->v->profile->max_bytes;
        struct rule_result *r =
            add(f, RULE_ERROR, "bytes", "", "encode it again, smaller");
        FOUND(r, "more than %zu bytes", BODY_LIMIT);
        rule_say(r->limit, "at most %" PRId64, most ? most : (int64_t)BODY_LIMIT);
        return 0;
    }
    return -1;
}

static void judge_type(struct flight *f)
{
    enum image_format format = IMAGE_NONE;
    for (int i = IMAGE_JPEG; i <= IMAGE_WEBP; i++) {
        if (strcmp(f->type, image_mime((enum image_format)i)) == 0) {
            format = (enum image_format)i;
        }
    }
    unsigned char head[16] = { 0 };
    ssize_t n = pread(f->fd, head, sizeof head, 0);
    enum image_format content = image_sniff(head, n > 0 ? (size_t)n : 0);
    bool is_right = format != IMAGE_NONE && format == content;
    if (!is_right || !(profile_takes(f->v->profile, format) ||
                       profile_takes_undocumented(f->v->profile, format))) {
        struct rule_result *r = add(f, RULE_ERROR, "url.type",
                                    profile_takes(f->v->profile, IMAGE_JPEG)
                                        ? "image/jpeg, and a JPEG"
                                        : "the type of the picture",
                                    "serve it as what it is; pin the format");
        FOUND(r, "%.60s%s", f->type[0] ? f->type : "no content type",
              content == IMAGE_NONE  ? ", and no picture"
              : format != content ? ", but another format"
                                     : "");
    }
}

/* The picture as anybody gets it. 1 it is there, 0 not, -1. */
static int fetch(struct flight *f, struct error *err)
{
    struct http_response response = HTTP_RESPONSE_INIT;
    int64_t begun = clock_steady();
    int result = ask(f, f->url, NULL, f->fd, &response, err);
    int64_t took = clock_steady() - begun;
    int status = response.status;
    snprintf(f->type, sizeof f->type, "%s", response.content_type);
    http_response_release(&response);
    if (result < 0) {
        return judge_failure(f, err);
    }
    if (status >= 300 && status < 400) {
        FOUND(add(f, RULE_ERROR, "url.redirect", "200 at once",
                  "give the address that it leads to"),
              "redirected (%d)", status);
        return 0;
    }
    if (status != 200) {
        FOUND(add(f, RULE_ERROR, "url.status", "200", "make it public"), "%d", status);
        return 0;
    }
    if (took > SLOW_MS) {
        FOUND(warn(f, "url.time", "a few seconds",
                   "use a faster server or a smaller file"),
              "%" PRId64 " ms", took);
    }
    judge_type(f);
    return 1;
}

/* Does a fetcher that takes newer formats get another one? */
static int check_negotiation(struct flight *f, struct error *err)
{
    struct http_response response = HTTP_RESPONSE_INIT;
    AUTO_FD int fd = file_scratch(err);
    if (fd < 0) {
        return -1;
    }
    int result = ask(f, f->url, "image/avif,image/webp", fd, &response, err);
    if (result == 0 && strcmp(response.content_type, f->type) != 0) {
        FOUND(warn(f, "url.negotiated", "the same type for everybody",
                   "pin the format: imgctl url --as jpg"),
              "%.80s for who takes AVIF and WebP", response.content_type);
    }
    http_response_release(&response);
    return result;
}

int preflight(struct validator *v, const char *url, struct rule_results *ret, int *ret_fd,
              struct error *err)
{
    struct flight f = { .v = v, .url = url, .results = ret };
    *ret_fd = -1;
    check_text(&f);
    if (make_client(v, err) < 0) {
        return -1;
    }
    f.fd = file_scratch(err);
    if (f.fd < 0) {
        return -1;
    }
    int result = fetch(&f, err);
    if (result > 0) {
        check_robots(&f);
        result = check_negotiation(&f, err) < 0 ? -1 : 1;
    }
    if (result > 0) {
        *ret_fd = f.fd;
    } else {
        close(f.fd);
    }
    return result < 0 ? -1 : 0;
}
