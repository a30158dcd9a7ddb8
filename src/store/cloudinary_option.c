#include "cloudinary_option.h"

#include <ctype.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "imgctl/http.h"
#include "imgctl/mem.h"
#include "imgctl/text.h"

struct option {
    const char *name;
    /* Put VALUE into FIELD; false if it does not fit. */
    bool (*set)(const struct option *o, void *field, const char *value);
    size_t offset;
    const char *wanted; /* what a value must be */
    int64_t min, max;   /* of a number */
};

static bool set_flag(const struct option *o, void *field, const char *value)
{
    static const char *const words[][2] = { { "false", "true" }, { "0", "1" },
                                            { "no", "yes" }, { "off", "on" } };
    (void)o;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        for (int on = 0; on < 2; on++) {
            if (strcasecmp(value, words[i][on]) == 0) {
                *(bool *)field = on;
                return true;
            }
        }
    }
    return false;
}

/* An int of 1, 0, or, while it is not set, -1. */
static bool set_tristate(const struct option *o, void *field, const char *value)
{
    bool on = false;
    bool fits = set_flag(o, &on, value);
    *(int *)field = on;
    return fits;
}

static bool set_text(char **field, char *value)
{
    free(*field);
    *field = value;
    return value != NULL;
}

static bool set_host(const struct option *o, void *field, const char *value)
{
    size_t len = strspn(value, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                               "0123456789.-_:[]");
    (void)o;
    return len > 0 && value[len] == '\0' && set_text(field, mem_strdup(value));
}

bool cloudinary_is_loopback(const char *authority)
{
    static const char v6[] = "[::1]";
    size_t len = strncmp(authority, v6, sizeof v6 - 1) == 0 ? sizeof v6 - 1
                                                            : strcspn(authority, "/:");
    AUTO_FREE char *host = mem_strndup(authority, len);
    return strchr("/:", authority[len]) && http_host_is_loopback(host);
}

static bool set_prefix(const struct option *o, void *field, const char *value)
{
    size_t scheme = strncasecmp(value, "https://", 8) == 0  ? 8
                    : strncasecmp(value, "http://", 7) == 0 ? 7
                                                            : 0;
    (void)o;
    if (scheme == 0 || (scheme == 7 && !cloudinary_is_loopback(value + 7))) {
        return false;
    }
    for (const char *p = value; *p; p++) {
        if (!isgraph((unsigned char)*p) || strchr("?#@\\\"<>", *p)) {
            return false;
        }
    }
    size_t len = strlen(value);
    while (len > scheme && value[len - 1] == '/') {
        len--;
    }
    return len > scheme && value[scheme] != '/' &&
           set_text(field, mem_strndup(value, len));
}

static bool set_algorithm(const struct option *o, void *field, const char *value)
{
    bool is_sha256 = strcasecmp(value, "sha256") == 0;
    (void)o;
    *(enum digest_algorithm *)field = is_sha256 ? DIGEST_SHA256 : DIGEST_SHA1;
    return is_sha256 || strcasecmp(value, "sha1") == 0;
}

static bool set_number(const struct option *o, void *field, const char *value)
{
    return text_parse_int(value, o->min, o->max, field);
}

#define AT(field) offsetof(struct cloudinary_account, field)
#define FLAG(name) { #name, set_flag, AT(delivery.name), "true or false", 0, 0 }
#define HOST(name) { #name, set_host, AT(delivery.name), "the name of a host", 0, 0 }

static const struct option options[] = {
    { "upload_prefix", set_prefix, AT(upload_prefix),
      "an address with https (http only for this machine)", 0, 0 },
    FLAG(secure),
    FLAG(private_cdn),
    HOST(secure_distribution),
    HOST(cname),
    FLAG(cdn_subdomain),
    { "secure_cdn_subdomain", set_tristate, AT(delivery.secure_cdn_subdomain),
      "true or false", 0, 0 },
    FLAG(long_url_signature),
    FLAG(sign_url),
    FLAG(force_version),
    FLAG(shorten),
    FLAG(use_root_path),
    { "signature_algorithm", set_algorithm, AT(key.algorithm), "sha1 or sha256", 0, 0 },
    { "signature_version", set_number, AT(key.version), "a number", 1, 2 },
    { "timeout", set_number, AT(timeout), "a number", 1, 86400 },
    { "chunk_size", set_number, AT(chunk_size), "a number", CLOUDINARY_CHUNK_MIN,
      CLOUDINARY_CHUNK_MAX },
};

static const size_t options_count = sizeof options / sizeof *options;

static int set_option(struct cloudinary_account *a, const struct option *o,
                      const char *value, const char *shown, struct error *err)
{
    if (o->set(o, (char *)a + o->offset, value)) {
        return 0;
    }
    if (o->max > 0) {
        return error_set(err, ERROR_CONFIG,
                         "%s must be %s from %" PRId64 " to %" PRId64, shown, o->wanted,
                         o->min, o->max);
    }
    return error_set(err, ERROR_CONFIG, "%s must be %s", shown, o->wanted);
}

int cloudinary_option_set(struct cloudinary_account *a, const char *name,
                          const char *value, const char *shown, struct error *err)
{
    for (size_t i = 0; i < options_count; i++) {
        if (strcmp(options[i].name, name) == 0) {
            return set_option(a, &options[i], value, shown, err);
        }
    }
    return 0;
}

int cloudinary_options_from_environment(struct cloudinary_account *a, struct error *err)
{
    for (size_t i = 0; i < options_count; i++) {
        AUTO_FREE char *variable = mem_printf("CLOUDINARY_%s", options[i].name);
        for (char *p = variable; *p; p++) {
            *p = (char)toupper((unsigned char)*p);
        }
        const char *value = getenv(variable);
        if (value && value[0] && set_option(a, &options[i], value, variable, err) < 0) {
            return -1;
        }
    }
    return 0;
}
