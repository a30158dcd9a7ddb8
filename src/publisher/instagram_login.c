#include "instagram_login.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "imgctl/data.h"
#include "imgctl/json.h"
#include "imgctl/mem.h"
#include "imgctl/text.h"

#define HOUR_MS 3600000
#define RENEWAL_SIZE 16384

static int wrong(const char *path, const char *member, struct error *err)
{
    return error_set(err, ERROR_CONFIG, "%s: %s is missing or not what it should be",
                     path, member);
}

static bool take_number(const struct json *object, const char *name, int64_t most,
                        int64_t *ret)
{
    *ret = json_number(object, name, -1);
    return *ret >= 0 && *ret <= most;
}

static int read_login(const struct json *document, const char *path,
                      struct instagram_login *l, struct error *err)
{
    const struct json *login = json_member(json_member(document, "logins"), l->name);
    const struct json *poll = json_member(document, "poll");
    const char *url = json_text(login, "url"), *version = json_text(login, "version");
    int64_t hours;
    if (!url || !*url || !version || !*version) {
        return wrong(path, "the url or version of this login", err);
    }
    l->url = mem_strdup(url);
    l->version = mem_strdup(version);
    if (!take_number(document, "quota", 100000, &l->quota) ||
        !take_number(document, "container_hours", 8760, &hours) ||
        !take_number(document, "fetch_retries", 100, &l->fetch_retries) ||
        !take_number(document, "fetch_wait_ms", HOUR_MS, &l->fetch_wait_ms)) {
        return wrong(path, "quota, container_hours, fetch_retries or fetch_wait_ms", err);
    }
    if (!take_number(poll, "first_ms", HOUR_MS, &l->pace.first_ms) ||
        !take_number(poll, "most_ms", HOUR_MS, &l->pace.most_ms) ||
        !take_number(poll, "deadline_ms", 24 * HOUR_MS, &l->pace.deadline_ms)) {
        return wrong(path, "poll", err);
    }
    l->container_ms = hours * HOUR_MS;
    return 0;
}

int instagram_login_load(const char *name, const struct config *config,
                         struct instagram_login *ret, struct error *err)
{
    AUTO_BUF struct buf text = BUF_INIT;
    AUTO_FREE char *path = NULL;
    struct json *document = NULL;
    ret->name = mem_strdup(name);
    if (data_read(config, "platforms/instagram.json", &text, &path, err) < 0) {
        return -1;
    }
    int result = json_parse(text.data, text.len, &document, err);
    if (result < 0) {
        err->kind = ERROR_CONFIG;
        error_wrap(err, "%s", path);
    } else {
        result = read_login(document, path, ret, err);
    }
    json_free(document);
    return result;
}

void instagram_login_release(struct instagram_login *l)
{
    free(l->name);
    free(l->url);
    free(l->version);
    *l = (struct instagram_login){ .name = NULL };
}

int instagram_login_token(const char *account, const struct config *config,
                          struct secret *ret, struct error *err)
{
    AUTO_FREE char *name = mem_printf("INSTAGRAM_TOKEN_%s", account);
    for (char *p = name; *p; p++) {
        *p = isalnum((unsigned char)*p) ? (char)toupper((unsigned char)*p) : '_';
    }
    int found = secret_get(name, config, ret, err);
    if (found == 0) {
        found = secret_get("INSTAGRAM_TOKEN", config, ret, err);
    }
    if (found == 0) {
        error_set(err, ERROR_CREDENTIALS, "there is no token of the account %s", account);
        return error_hint(err, "set %s, or %s_FILE to a file that has it", name, name);
    }
    return found < 0 ? -1 : 0;
}

static int app_secret(const char *name, const struct config *config, struct secret *ret,
                      struct error *err)
{
    int found = secret_get(name, config, ret, err);
    if (found == 0) {
        error_set(err, ERROR_CREDENTIALS, "a Facebook login's token is renewed with the"
                  " app's own secret, and %s is not set", name);
        return error_hint(err, "set FACEBOOK_APP_ID and FACEBOOK_APP_SECRET");
    }
    return found < 0 ? -1 : 0;
}

static void add_value(struct buf *out, const char *name, const char *value)
{
    buf_addf(out, "&%s=", name);
    text_percent_encode(out, value, strlen(value), "-._~");
}

int instagram_login_renewal(const struct instagram_login *l, const struct config *config,
                            const char *token, struct buf *out, struct error *err)
{
    AUTO_SECRET struct secret id = SECRET_INIT;
    AUTO_SECRET struct secret key = SECRET_INIT;
    buf_reserve(out, RENEWAL_SIZE); /* so that no copy is left where it grew */
    if (strcmp(l->name, "instagram") == 0) {
        buf_addstr(out, "refresh_access_token?grant_type=ig_refresh_token");
        add_value(out, "access_token", token);
        return 0;
    }
    if (app_secret("FACEBOOK_APP_ID", config, &id, err) < 0 ||
        app_secret("FACEBOOK_APP_SECRET", config, &key, err) < 0) {
        return -1;
    }
    buf_addf(out, "%s/oauth/access_token?grant_type=fb_exchange_token", l->version);
    add_value(out, "client_id", id.text.data);
    add_value(out, "client_secret", key.text.data);
    add_value(out, "fb_exchange_token", token);
    return 0;
}
