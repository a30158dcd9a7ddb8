#include "cloudinary_account.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "cloudinary_option.h"
#include "imgctl/mem.h"
#include "imgctl/text.h"
#include "imgctl/secret.h"

#define SHAPE "cloudinary://API_KEY:API_SECRET@CLOUD_NAME"

void cloudinary_account_release(struct cloudinary_account *a)
{
    cloudinary_key_release(&a->key);
    cloudinary_delivery_release(&a->delivery);
    free(a->upload_prefix);
    *a = (struct cloudinary_account)CLOUDINARY_ACCOUNT_INIT;
}

/* ---- CLOUDINARY_URL ---- */

static int malformed(struct error *err, const char *why)
{
    error_set(err, ERROR_CONFIG, "CLOUDINARY_URL is malformed: %s", why);
    return error_hint(err, "it looks like %s; the Cloudinary console shows yours under "
                      "Settings > API Keys", SHAPE);
}

/* A cloud name becomes a part of paths and host names. */
static bool is_cloud_name(const char *s, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)s[i];
        if (c >= 0x80 || (!isalnum(c) && c != '-' && c != '_')) {
            return false;
        }
    }
    return len > 0;
}

/* Key and secret are taken literally: no SDK decodes %. But blanks, line ends and
 * placeholders such as <your_api_key> are slips of who pasted them. */
static bool is_printable(const char *s, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (s[i] <= ' ' || s[i] >= 0x7f || s[i] == '<' || s[i] == '>') {
            return false;
        }
    }
    return true;
}

static int parse_user(struct cloudinary_account *a, const char *s, size_t len,
                      struct error *err)
{
    const char *colon = memchr(s, ':', len);
    size_t key_len = colon ? (size_t)(colon - s) : len;
    size_t secret_len = colon ? len - key_len - 1 : 0;
    if (!is_printable(s, len)) {
        return malformed(err, "the key or the secret is a placeholder or has blanks");
    }
    if (key_len == 0 || secret_len == 0) {
        error_set(err, ERROR_CREDENTIALS, "CLOUDINARY_URL has no API %s",
                  key_len == 0 ? "key" : "secret");
        return error_hint(err, "it looks like %s", SHAPE);
    }
    a->key.id = mem_strndup(s, key_len);
    a->key.secret = mem_strndup(colon + 1, secret_len);
    return 0;
}

/* One "name=value" of the query. Names we have no use for are ignored; the last
 * of several counts. */
static int parse_pair(struct cloudinary_account *a, const char *s, size_t len,
                      struct error *err)
{
    const char *equals = memchr(s, '=', len);
    size_t name_len = equals ? (size_t)(equals - s) : len;
    AUTO_FREE char *name = mem_strndup(s, name_len);
    AUTO_FREE char *shown = mem_printf("\"%s\" in CLOUDINARY_URL", name);
    AUTO_BUF struct buf value = BUF_INIT;
    if (equals) {
        AUTO_FREE char *raw = mem_strndup(equals + 1, len - name_len - 1);
        text_percent_decode(&value, raw);
    }
    return cloudinary_option_set(a, name, value.data, shown, err);
}

static int parse_query(struct cloudinary_account *a, const char *s, size_t len,
                       struct error *err)
{
    const char *end = s + len;
    while (s < end) {
        const char *next = memchr(s, '&', (size_t)(end - s));
        size_t pair = (size_t)((next ? next : end) - s);
        if (parse_pair(a, s, pair, err) < 0) {
            return -1;
        }
        s += pair + 1;
    }
    return 0;
}

/* What stands behind the cloud name: a host, and names with values. */
static int parse_rest(struct cloudinary_account *a, const char *s, const char *end,
                      struct error *err)
{
    if (s < end && *s == '/') {
        const char *query = memchr(s, '?', (size_t)(end - s));
        size_t len = (size_t)((query ? query : end) - s) - 1;
        if (len > 0) {
            AUTO_FREE char *host = mem_strndup(s + 1, len);
            if (cloudinary_option_set(a, "secure_distribution", host,
                                      "the host in CLOUDINARY_URL", err) < 0) {
                return -1;
            }
            a->delivery.private_cdn = true;
        }
        s += len + 1;
    }
    return s < end && *s == '?' ? parse_query(a, s + 1, (size_t)(end - s) - 1, err) : 0;
}

/* Narrow S..END to the URL in what people paste: blanks and quotes around it, the
 * whole line of the console before it. */
static void trim_paste(const char **s, const char **end)
{
    static const char *const before[] = { "export ", "CLOUDINARY_URL=" };
    while (*end > *s && strchr(" \t\r\n\"'", (*end)[-1])) {
        (*end)--;
    }
    for (size_t i = 0; i <= sizeof before / sizeof *before; i++) {
        *s += strspn(*s, " \t\r\n\"'");
        if (i < sizeof before / sizeof *before &&
            strncmp(*s, before[i], strlen(before[i])) == 0) {
            *s += strlen(before[i]);
        }
    }
}

int cloudinary_account_parse(struct cloudinary_account *a, const char *url,
                             struct error *err)
{
    const char *s = url;
    const char *end = url + strlen(url);
    trim_paste(&s, &end);
    if (s >= end || strncasecmp(s, "cloudinary://", 13) != 0) {
        return malformed(err, "it does not begin with cloudinary://");
    }
    s += 13;
    const char *fragment = memchr(s, '#', (size_t)(end - s));
    end = fragment ? fragment : end;

    const char *authority_end = s;
    while (authority_end < end && *authority_end != '/' && *authority_end != '?') {
        authority_end++;
    }
    const char *at = memrchr(s, '@', (size_t)(authority_end - s));
    if (!at) {
        return malformed(err, "there is no @ before the cloud name");
    }
    if (!is_cloud_name(at + 1, (size_t)(authority_end - at) - 1)) {
        return malformed(err, "the cloud name is missing or has other characters than "
                              "letters, digits, '-' and '_'");
    }
    /* With its case, which counts: a cloud name is no host name. */
    a->delivery.cloud_name = mem_strndup(at + 1, (size_t)(authority_end - at) - 1);
    if (parse_user(a, s, (size_t)(at - s), err) < 0) {
        return -1;
    }
    return parse_rest(a, authority_end, end, err);
}

/* ---- The discrete variables ---- */

static int required_secret(const char *name, const struct config *config,
                           struct secret *ret, struct error *err)
{
    int found = secret_get(name, config, ret, err);
    if (found < 0) {
        return -1;
    }
    if (!found || ret->text.len == 0) {
        error_set(err, ERROR_CREDENTIALS, "CLOUDINARY_CLOUD_NAME is set, but not %s",
                  name);
        return error_hint(err, "set it too, or unset CLOUDINARY_CLOUD_NAME and use "
                          "CLOUDINARY_URL=%s", SHAPE);
    }
    if (!is_printable(ret->text.data, ret->text.len)) {
        return error_set(err, ERROR_CONFIG, "%s is a placeholder or has blanks", name);
    }
    return 0;
}

static int load_discrete(const char *cloud_name, const struct config *config,
                         struct cloudinary_account *a, struct error *err)
{
    AUTO_SECRET struct secret id = SECRET_INIT;
    AUTO_SECRET struct secret secret = SECRET_INIT;
    if (!is_cloud_name(cloud_name, strlen(cloud_name))) {
        return error_set(err, ERROR_CONFIG, "CLOUDINARY_CLOUD_NAME has other characters "
                         "than letters, digits, '-' and '_'");
    }
    if (required_secret("CLOUDINARY_API_KEY", config, &id, err) < 0 ||
        required_secret("CLOUDINARY_API_SECRET", config, &secret, err) < 0 ||
        cloudinary_options_from_environment(a, err) < 0) {
        return -1;
    }
    a->delivery.cloud_name = mem_strdup(cloud_name);
    a->key.id = mem_strdup(id.text.data);
    a->key.secret = mem_strdup(secret.text.data);
    const char *other = getenv("CLOUDINARY_URL");
    snprintf(a->origin, sizeof a->origin, "CLOUDINARY_CLOUD_NAME and %.200s%s",
             secret.origin, other && other[0] ? ", before CLOUDINARY_URL" : "");
    return 1;
}

int cloudinary_account_load(const struct config *config, struct cloudinary_account *a,
                            struct error *err)
{
    const char *cloud_name = getenv("CLOUDINARY_CLOUD_NAME");
    int found;
    if (cloud_name && cloud_name[0] != '\0') {
        found = load_discrete(cloud_name, config, a, err);
    } else {
        AUTO_SECRET struct secret url = SECRET_INIT;
        found = secret_get("CLOUDINARY_URL", config, &url, err);
        if (found > 0 && url.text.len == 0) {
            return 0;
        }
        if (found > 0) {
            memcpy(a->origin, url.origin, sizeof a->origin);
            found = cloudinary_account_parse(a, url.text.data, err) < 0 ? -1 : 1;
        }
    }
    if (found > 0 && !a->upload_prefix) {
        a->upload_prefix = mem_strdup("https://api.cloudinary.com");
    }
    return found;
}

bool cloudinary_account_is_local(const struct cloudinary_account *a)
{
    return cloudinary_is_loopback(strstr(a->upload_prefix, "://") + 3);
}
