/*
 * Instagram's content publishing: containers, their state, media_publish.
 * https://developers.facebook.com/documentation/instagram-platform/content-publishing
 */
#include "instagram.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "imgctl/clock.h"
#include "imgctl/http.h"
#include "imgctl/mem.h"
#include "imgctl/text.h"
#include "instagram_error.h"
#include "instagram_login.h"

#define LONGEST_TOKEN ((int64_t)10 * 365 * 86400) /* seconds */
#define TOKEN_CHARACTERS                                                               \
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~|%=+/"
#define REQUEST_TIMEOUT 120 /* seconds; Meta fetches the picture before it answers */

struct instagram {
    struct publisher publisher;
    const struct config *config;
    struct instagram_login login;
    struct secret token;
    char *account, *user_id;
    struct http_client *client; /* NULL until something is sent */
    int trace_fd;
};

/* ---- Requests ---- */

static struct http_client *get_client(struct instagram *g, struct error *err)
{
    if (!g->client) {
        struct http_options options = HTTP_OPTIONS_INIT;
        http_options_from_config(&options, g->config);
        options.trace_fd = g->trace_fd;
        options.connections = 1;
        if (http_client_new(&options, &g->client, err) < 0) {
            return NULL;
        }
    }
    return g->client;
}

/* A service may repeat the token in what it says is wrong with it, and its words go into
 * messages and the catalog. */
static void hide_token(const struct instagram *g, char *text, size_t len)
{
    const struct buf *token = &g->token.text;
    char *at = text, *end = text + len;
    while (token->len > 0 &&
           (at = memmem(at, (size_t)(end - at), token->data, token->len))) {
        memset(at, '*', token->len);
        at += token->len;
    }
}

/* Too many requests a second: this one was not looked at. A 503 may come from anybody
 * on the way, who does not know what became of it. */
static bool was_not_taken(const struct http_response *answer)
{
    return answer->status == 429;
}

/* One call of the API: GET, or POST with a FORM. With HTTP_RETRY_UNSENT it acts at most
 * once. The token goes into a header, where no log of addresses finds it. */
static int call(struct instagram *g, const char *path, const struct buf *form,
                enum http_retry retry, struct http_response *answer, struct error *err)
{
    AUTO_FREE char *url = mem_printf("%s/%s", g->login.url, path);
    AUTO_BUF struct buf header = BUF_INIT;
    struct strlist headers = STRLIST_INIT;
    buf_reserve(&header, g->token.text.len + 32);
    buf_addf(&header, "Authorization: Bearer %s", g->token.text.data);
    strlist_add(&headers, header.data);
    if (form) {
        strlist_add(&headers, "Content-Type: application/x-www-form-urlencoded");
    }
    struct http_request request = {
        .method = form ? "POST" : NULL,
        .url = url,
        .headers = headers,
        .body = form ? form->data : NULL,
        .body_len = form ? form->len : 0,
        .retry = retry,
        .may_repeat = retry == HTTP_RETRY_UNSENT ? was_not_taken : NULL,
        .answer_fd = -1,
        .timeout = REQUEST_TIMEOUT,
    };
    struct http_client *client = get_client(g, err);
    int result = client ? http_perform(client, &request, answer, err) : -1;
    explicit_bzero(header.data, header.len);
    explicit_bzero(headers.items[0], strlen(headers.items[0]));
    explicit_bzero(url, strlen(url)); /* that of a renewal has secrets */
    strlist_release(&headers);
    return result;
}

/* Read ANSWER without the token. In JSON it may be spelt another way, "\/" for "/". */
static int read_answer(const struct instagram *g, struct http_response *answer,
                       struct json **ret, enum instagram_remedy *remedy,
                       struct error *err)
{
    hide_token(g, answer->body.data, answer->body.len);
    int result = instagram_answer(answer, ret, remedy, err);
    hide_token(g, err->message, strlen(err->message));
    return result;
}

static int get(struct instagram *g, const char *path, struct json **ret,
               enum instagram_remedy *remedy, struct error *err)
{
    struct http_response answer = HTTP_RESPONSE_INIT;
    int result = call(g, path, NULL, HTTP_RETRY_SAFE, &answer, err);
    if (result == 0) {
        result = read_answer(g, &answer, ret, remedy, err);
    }
    http_response_release(&answer);
    return result;
}

static void add_field(struct buf *form, const char *name, const char *value)
{
    if (value && *value) {
        buf_addf(form, "%s%s=", form->len ? "&" : "", name);
        text_percent_encode(form, value, strlen(value), "-._~");
    }
}

/* The id in a document, which it frees. */
static int take_id(struct json *document, char **ret, struct error *err)
{
    const char *id = json_text(document, "id");
    size_t len = id ? strlen(id) : 0;
    bool sound = len > 0 && len < 100 && strspn(id, "0123456789_") == len;
    *ret = sound ? mem_strdup(id) : NULL;
    json_free(document);
    if (sound) {
        return 0;
    }
    error_set(err, ERROR_UNAVAILABLE, "Instagram's answer has no id");
    err->retryable = true;
    return -1;
}

/*
 * POST FORM to make a container. Nobody sees one, so all that may pass is tried again;
 * the service's fetching is known to fail now and then for no reason.
 */
static int make_container(struct instagram *g, const struct buf *form, char **ret,
                          struct error *err)
{
    AUTO_FREE char *path = mem_printf("%s/%s/media", g->login.version, g->user_id);
    for (int64_t tries = 0;; tries++) {
        struct http_response answer = HTTP_RESPONSE_INIT;
        struct json *document = NULL;
        enum instagram_remedy remedy = REMEDY_NONE;
        int result = call(g, path, form, HTTP_RETRY_SAFE, &answer, err);
        if (result == 0) {
            result = read_answer(g, &answer, &document, &remedy, err);
        }
        http_response_release(&answer);
        if (result == 0) {
            return take_id(document, ret, err);
        }
        if (remedy != REMEDY_AGAIN || tries >= g->login.fetch_retries) {
            return -1;
        }
        error_clear(err);
        clock_pause(g->login.fetch_wait_ms);
    }
}

/* ---- The interface ---- */

static const char *profile(enum post_kind kind)
{
    static const char *const names[] = {
        [POST_FEED] = "instagram-feed",
        [POST_CAROUSEL] = "instagram-carousel",
        [POST_STORY] = "instagram-story",
    };
    return names[kind];
}

static int identify(struct publisher *p, struct publisher_identity *ret,
                    struct error *err)
{
    struct instagram *g = (struct instagram *)p;
    struct json *document = NULL;
    bool own = strcmp(g->login.name, "instagram") == 0;
    if (!own && !g->user_id) {
        error_set(err, ERROR_USAGE, "with a Facebook login the user id has to be given");
        return error_hint(err, "imgctl account add %s --login facebook --user-id ID",
                          g->account);
    }
    AUTO_FREE char *path = mem_printf(
        "%s/%s?fields=%s", g->login.version, own ? "me" : g->user_id,
        own ? "user_id,username" : "id,username");
    if (get(g, path, &document, NULL, err) < 0) {
        return -1;
    }
    /* Meta's pages show the answer of /me within "data"; the service gives it bare. */
    const struct json *list = json_member(document, "data");
    const struct json *user = list ? json_at(list, 0) : document;
    const char *id = json_text(user, own ? "user_id" : "id");
    const char *username = json_text(user, "username");
    snprintf(ret->user_id, sizeof ret->user_id, "%s", id ? id : "");
    snprintf(ret->username, sizeof ret->username, "%s", username ? username : "");
    json_free(document);
    size_t len = strlen(ret->user_id);
    if (len == 0 || strspn(ret->user_id, "0123456789") != len) {
        return error_set(err, ERROR_UNAVAILABLE, "Instagram does not say whose token it"
                         " is");
    }
    if (g->user_id && strcmp(g->user_id, ret->user_id) != 0) {
        error_set(err, ERROR_CREDENTIALS, "the token is of the user %s (%s), the account"
                  " %s of %s", ret->user_id, ret->username, g->account, g->user_id);
        return error_hint(err, "the token of this account comes from %s",
                          g->token.origin);
    }
    return 0;
}

/* The token that a renewal answers with; it may be the one that was sent. */
static int take_token(const struct json *document, char **ret_token, int64_t *ret_expires,
                      struct error *err)
{
    const char *token = json_text(document, "access_token");
    int64_t seconds = json_number(document, "expires_in", 0);
    bool is_plain = token && *token && strspn(token, TOKEN_CHARACTERS) == strlen(token);
    if (!is_plain || seconds <= 0 || seconds > LONGEST_TOKEN) {
        return error_set(err, ERROR_UNAVAILABLE, "Instagram's answer has no new token");
    }
    *ret_token = mem_strdup(token);
    *ret_expires = clock_now() + seconds * 1000;
    return 0;
}

static int renew(struct publisher *p, char **ret_token, int64_t *ret_expires,
                 struct error *err)
{
    struct instagram *g = (struct instagram *)p;
    AUTO_BUF struct buf path = BUF_INIT;
    struct http_response answer = HTTP_RESPONSE_INIT;
    struct json *document = NULL;
    if (instagram_login_renewal(&g->login, g->config, g->token.text.data, &path,
                                err) < 0) {
        return -1;
    }
    int result = call(g, path.data, NULL, HTTP_RETRY_SAFE, &answer, err);
    explicit_bzero(path.data, path.len);
    if (result == 0 && instagram_answer(&answer, &document, NULL, err) < 0) {
        /* Once more without the token, which a good answer may repeat. */
        result = read_answer(g, &answer, &document, NULL, err);
    }
    if (result == 0) {
        result = take_token(document, ret_token, ret_expires, err);
    }
    json_free(document);
    explicit_bzero(answer.body.data, answer.body.len);
    http_response_release(&answer);
    return result;
}

static int quota(struct publisher *p, struct publisher_quota *ret, struct error *err)
{
    struct instagram *g = (struct instagram *)p;
    struct json *document = NULL;
    AUTO_FREE char *path = mem_printf(
        "%s/%s/content_publishing_limit?fields=config,quota_usage", g->login.version,
        g->user_id);
    if (get(g, path, &document, NULL, err) < 0) {
        return -1;
    }
    const struct json *first = json_at(json_member(document, "data"), 0);
    const struct json *limits = json_member(first, "config");
    int64_t total = json_number(limits, "quota_total", 0);
    int64_t seconds = json_number(limits, "quota_duration", 0);
    *ret = (struct publisher_quota){
        .used = json_number(first, "quota_usage", 0),
        .total = total > 0 ? total : g->login.quota,
        .seconds = seconds >= 3600 ? seconds : 86400,
        .asked = total > 0,
    };
    json_free(document);
    return 0;
}

static int contain(struct publisher *p, const struct post_draft *draft, int index,
                   char **ret, struct error *err)
{
    AUTO_BUF struct buf form = BUF_INIT;
    add_field(&form, "image_url", draft->pictures[index].url);
    if (draft->kind == POST_STORY) {
        add_field(&form, "media_type", "STORIES");
    } else {
        add_field(&form, "alt_text", draft->pictures[index].alt);
    }
    if (draft->kind == POST_CAROUSEL) {
        add_field(&form, "is_carousel_item", "true");
    } else {
        add_field(&form, "caption", draft->kind == POST_FEED ? draft->caption : NULL);
        add_field(&form, "is_ai_generated", draft->ai_label ? "true" : NULL);
    }
    return make_container((struct instagram *)p, &form, ret, err);
}

static int assemble(struct publisher *p, const struct post_draft *draft,
                    char *const *children, char **ret, struct error *err)
{
    AUTO_BUF struct buf form = BUF_INIT;
    AUTO_BUF struct buf list = BUF_INIT;
    for (int i = 0; i < draft->count; i++) {
        buf_addf(&list, "%s%s", i ? "," : "", children[i]);
    }
    add_field(&form, "media_type", "CAROUSEL");
    add_field(&form, "children", list.data);
    add_field(&form, "caption", draft->caption);
    add_field(&form, "is_ai_generated", draft->ai_label ? "true" : NULL);
    return make_container((struct instagram *)p, &form, ret, err);
}

static int read_state(const char *code, const char *status, enum container_state *ret,
                      struct error *err)
{
    static const struct {
        const char *code;
        enum container_state state;
    } states[] = {
        { "IN_PROGRESS", CONTAINER_BUSY },      { "FINISHED", CONTAINER_READY },
        { "PUBLISHED", CONTAINER_PUBLISHED },   { "EXPIRED", CONTAINER_EXPIRED },
        { "ERROR", CONTAINER_FAILED },
    };
    for (size_t i = 0; code && i < sizeof states / sizeof *states; i++) {
        if (strcmp(code, states[i].code) == 0) {
            *ret = states[i].state;
            if (*ret == CONTAINER_FAILED) {
                instagram_container_error(status, err);
            }
            return 0;
        }
    }
    error_set(err, ERROR_UNAVAILABLE, "Instagram does not say how the container is");
    err->retryable = true;
    return -1;
}

/* That it does not know a container is believed when it says so again: new ones are
 * known to be missing for a moment. */
static int state(struct publisher *p, const char *container, enum container_state *ret,
                 struct error *err)
{
    struct instagram *g = (struct instagram *)p;
    AUTO_FREE char *path =
        mem_printf("%s/%s?fields=status_code,status", g->login.version, container);
    for (int64_t tries = 0;; tries++) {
        struct json *document = NULL;
        enum instagram_remedy remedy = REMEDY_NONE;
        if (get(g, path, &document, &remedy, err) == 0) {
            int result = read_state(json_text(document, "status_code"),
                                    json_text(document, "status"), ret, err);
            hide_token(g, err->message, strlen(err->message));
            json_free(document);
            return result;
        }
        if (remedy != REMEDY_CONTAINER) {
            return -1;
        }
        error_clear(err);
        if (tries >= g->login.fetch_retries) {
            *ret = CONTAINER_GONE;
            return 0;
        }
        clock_pause(g->login.fetch_wait_ms);
    }
}

/* An error after which the post may be out. */
static int doubt(struct error *err)
{
    err->kind = ERROR_UNKNOWN;
    err->retryable = false;
    return -1;
}

static int publish(struct publisher *p, const char *container, char **ret,
                   struct error *err)
{
    struct instagram *g = (struct instagram *)p;
    struct http_response answer = HTTP_RESPONSE_INIT;
    struct json *document = NULL;
    enum instagram_remedy remedy = REMEDY_NONE;
    AUTO_BUF struct buf form = BUF_INIT;
    AUTO_FREE char *path =
        mem_printf("%s/%s/media_publish", g->login.version, g->user_id);
    add_field(&form, "creation_id", container);
    int result = call(g, path, &form, HTTP_RETRY_UNSENT, &answer, err);
    bool whole = result == 0;
    if (whole) {
        result = read_answer(g, &answer, &document, &remedy, err);
    }
    if (result == 0) {
        result = take_id(document, ret, err);
    }
    /* Only a refusal whose number is known, and is none of an error of the service's
     * own, says that nothing was posted. */
    bool refused = whole && answer.status >= 400 && answer.status < 500 &&
                   (remedy == REMEDY_NONE || remedy == REMEDY_WAIT);
    bool unsent = !whole && !answer.maybe_acted;
    http_response_release(&answer);
    return result == 0 || refused || unsent ? result : doubt(err);
}

static int permalink(struct publisher *p, const char *post, char **ret, struct error *err)
{
    struct instagram *g = (struct instagram *)p;
    struct json *document = NULL;
    AUTO_FREE char *path = mem_printf("%s/%s?fields=permalink", g->login.version, post);
    if (get(g, path, &document, NULL, err) < 0) {
        return -1;
    }
    const char *link = json_text(document, "permalink");
    *ret = link && strncmp(link, "https://", 8) == 0 ? mem_strdup(link) : NULL;
    json_free(document);
    return *ret ? 0 : error_set(err, ERROR_UNAVAILABLE, "Instagram tells no link");
}

static void close_instagram(struct publisher *p)
{
    struct instagram *g = (struct instagram *)p;
    http_client_free(g->client);
    secret_release(&g->token);
    instagram_login_release(&g->login);
    free(g->account);
    free(g->user_id);
    free(g);
}

static const struct publisher_ops ops = {
    .name = "instagram",
    .profile = profile,
    .identify = identify,
    .renew = renew,
    .quota = quota,
    .contain = contain,
    .assemble = assemble,
    .state = state,
    .publish = publish,
    .permalink = permalink,
    .close = close_instagram,
};

int instagram_open(const struct publisher_account *account, const struct config *config,
                   int trace_fd, struct publisher **ret, struct error *err)
{
    struct instagram *g = mem_alloc(sizeof *g);
    *g = (struct instagram){
        .publisher.ops = &ops,
        .config = config,
        .token = SECRET_INIT,
        .account = mem_strdup(account->name),
        .user_id = mem_strdup(account->user_id),
        .trace_fd = trace_fd,
    };
    if (instagram_login_load(account->login, config, &g->login, err) < 0 ||
        (!account->is_rehearsal &&
         instagram_login_token(account->name, config, &g->token, err) < 0)) {
        close_instagram(&g->publisher);
        return -1;
    }
    g->publisher.pace = g->login.pace;
    g->publisher.container_ms = g->login.container_ms;
    g->publisher.is_local = strncmp(g->login.url, "http://", 7) == 0;
    *ret = &g->publisher;
    return 0;
}
