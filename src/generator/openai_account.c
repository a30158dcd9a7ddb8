#include "openai_account.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "imgctl/http.h"
#include "imgctl/mem.h"

#define OFFICIAL_URL "https://api.openai.com/v1"
#define OFFICIAL_HOST "api.openai.com"

void openai_account_release(struct openai_account *a)
{
    free(a->base_url);
    free(a->origin);
    secret_release(&a->key);
    *a = (struct openai_account)OPENAI_ACCOUNT_INIT;
}

static int malformed(struct error *err, const char *why)
{
    error_set(err, ERROR_CONFIG, "OPENAI_BASE_URL %s", why);
    return error_hint(err, "it looks like %s or http://127.0.0.1:8080/v1; unset it for "
                      "OpenAI itself", OFFICIAL_URL);
}

/* OpenAI has hosts for regions, such as eu.api.openai.com. */
static bool is_official(const char *host)
{
    size_t len = strcspn(host, ":");
    size_t tail = strlen(OFFICIAL_HOST);
    return len >= tail && strncasecmp(host + len - tail, OFFICIAL_HOST, tail) == 0 &&
           (len == tail || host[len - tail - 1] == '.');
}

/* The length of the host in "host", "host:port" or "[v6]:port"; 0: there is none. */
static size_t host_length(const char *authority)
{
    if (*authority != '[') {
        return strcspn(authority, ":");
    }
    const char *end = strchr(authority, ']');
    return end ? (size_t)(end + 1 - authority) : 0;
}

static bool is_port(const char *s)
{
    return *s == '\0' || (*s == ':' && s[1] != '\0' && strlen(s) <= 6 &&
                          s[1 + strspn(s + 1, "0123456789")] == '\0');
}

/* One spelling of AUTHORITY: the same service is the same in the records of jobs. */
static char *plain_authority(const char *authority, size_t host_len, bool is_https)
{
    const char *port = authority + host_len;
    struct buf plain = BUF_INIT;
    bool has_dot = host_len > 1 && authority[host_len - 1] == '.';
    for (size_t i = 0; i < host_len - has_dot; i++) {
        buf_addch(&plain, (char)tolower((unsigned char)authority[i]));
    }
    if (!is_https || strcmp(port, ":443") != 0) {
        buf_addstr(&plain, port);
    }
    return buf_detach(&plain);
}

/* The scheme, the host and the port; SCHEME is the length of "https://". */
static void set_origin(struct openai_account *a, const char *authority, size_t host_len,
                       size_t scheme)
{
    AUTO_FREE char *plain = plain_authority(authority, host_len, scheme == 8);
    free(a->origin);
    a->origin = mem_printf("%s%s", scheme == 8 ? "https://" : "http://", plain);
    a->host = a->origin + scheme;
    a->is_official = is_official(a->host);
}

int openai_account_set_url(struct openai_account *a, const char *url, struct error *err)
{
    size_t scheme = strncasecmp(url, "https://", 8) == 0  ? 8
                    : strncasecmp(url, "http://", 7) == 0 ? 7
                                                          : 0;
    if (scheme == 0) {
        return malformed(err, "begins neither with https:// nor with http://");
    }
    for (const char *p = url; *p; p++) {
        if (!isgraph((unsigned char)*p) || strchr("?#@\\\"<>", *p)) {
            return malformed(err, "has characters that do not belong there: a user, a "
                                  "query, a blank");
        }
    }
    size_t len = strlen(url);
    while (len > scheme && url[len - 1] == '/') {
        len--;
    }
    size_t origin = scheme + strcspn(url + scheme, "/");
    AUTO_FREE char *authority = mem_strndup(url + scheme, origin - scheme);
    size_t host_len = host_length(authority);
    AUTO_FREE char *host = mem_strndup(authority, host_len);
    if (host_len == 0 || !is_port(authority + host_len)) {
        return malformed(err, "names no host that can be used");
    }
    if (scheme == 7 && !http_host_is_loopback(host)) {
        return malformed(err, "would send key and prompt without encryption: http is for "
                              "this machine only");
    }
    set_origin(a, authority, host_len, scheme);
    free(a->base_url);
    a->base_url = mem_printf("%s%.*s", a->origin, (int)(len - origin), url + origin);
    return 0;
}

/* The key becomes a part of a header. */
static int check_key(const struct secret *key, struct error *err)
{
    for (size_t i = 0; i < key->text.len; i++) {
        unsigned char c = (unsigned char)key->text.data[i];
        if (!isgraph(c) || c == '<' || c == '>') {
            error_set(err, ERROR_CREDENTIALS,
                      "OPENAI_API_KEY (%s) is a placeholder or has blanks", key->origin);
            return error_hint(err, "copy it again from the console of the service");
        }
    }
    return 0;
}

int openai_account_load(const struct config *config, struct openai_account *a,
                        struct error *err)
{
    const char *url = getenv("OPENAI_BASE_URL");
    if (openai_account_set_url(a, url && *url ? url : OFFICIAL_URL, err) < 0) {
        return -1;
    }
    int found = secret_get("OPENAI_API_KEY", config, &a->key, err);
    if (found < 0) {
        return -1;
    }
    if (a->is_official && (found == 0 || a->key.text.len == 0)) {
        error_set(err, ERROR_CREDENTIALS, "OPENAI_API_KEY is not set");
        return error_hint(err, "get a key at https://platform.openai.com/api-keys, or "
                          "rehearse without one: --provider mock");
    }
    return check_key(&a->key, err);
}

static void add_variable(struct strlist *out, const char *header, const char *variable)
{
    const char *value = getenv(variable);
    if (value && *value) {
        AUTO_FREE char *line = mem_printf("%s: %s", header, value);
        strlist_add(out, line);
    }
}

void openai_account_headers(const struct openai_account *a, struct strlist *out)
{
    if (a->key.text.len > 0) {
        char *line = mem_printf("Authorization: Bearer %s", a->key.text.data);
        strlist_add(out, line);
        explicit_bzero(line, strlen(line));
        free(line);
    }
    add_variable(out, "OpenAI-Organization", "OPENAI_ORG_ID");
    add_variable(out, "OpenAI-Project", "OPENAI_PROJECT_ID");
}
