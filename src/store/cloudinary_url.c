#include "cloudinary_url.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "imgctl/digest.h"
#include "imgctl/text.h"

/* What stays bare in a public id. The SDKs disagree on ! ' ( ) * ~ (Python and
 * Ruby escape them); this is the rule of Node, and both reach the same asset. */
#define KEEP_ID "_.-/:!'()*~"
#define KEEP_URL "_.-/:"

void cloudinary_delivery_release(struct cloudinary_delivery *d)
{
    free(d->cloud_name);
    free(d->secure_distribution);
    free(d->cname);
    *d = (struct cloudinary_delivery)CLOUDINARY_DELIVERY_INIT;
}

/* Runs of slashes become one, but not behind a colon. */
static void collapse_slashes(struct buf *out, const char *s)
{
    for (; *s; s++) {
        bool again = *s == '/' && out->len > 0 && out->data[out->len - 1] == '/';
        if (!again || (out->len > 1 && out->data[out->len - 2] == ':')) {
            buf_addch(out, *s);
        }
    }
}

static bool is_http(const char *s)
{
    return strncasecmp(s, "http:/", 6) == 0 || strncasecmp(s, "https:/", 7) == 0;
}

/*
 * The public id as it stands in the link (SOURCE) and as it is signed (SIGNED:
 * without the suffix). Node and Python sign the escaped form, others the bare
 * one; ids that imgctl makes need no escapes, so there all agree.
 */
static int finish_source(const struct cloudinary_link *link, struct buf *source,
                         struct buf *signed_source, struct error *err)
{
    AUTO_BUF struct buf id = BUF_INIT;
    collapse_slashes(&id, link->public_id);
    if (is_http(id.data)) {
        text_percent_encode(source, id.data, id.len, KEEP_URL);
        buf_add(signed_source, source->data, source->len);
        return 0;
    }
    AUTO_BUF struct buf plain = BUF_INIT;
    text_percent_decode(&plain, id.data);
    text_percent_encode(source, plain.data, plain.len, KEEP_ID);
    buf_add(signed_source, source->data, source->len);
    if (link->url_suffix) {
        if (strpbrk(link->url_suffix, "./")) {
            return error_set(err, ERROR_USAGE, "a link's suffix cannot have '.' or '/'");
        }
        buf_addf(source, "/%s", link->url_suffix);
    }
    if (link->format) {
        buf_addf(source, ".%s", link->format);
        buf_addf(signed_source, ".%s", link->format);
    }
    return 0;
}

/* The two path segments before the transformation; "" is left out. */
struct kind {
    const char *resource_type, *type;
};

static int suffix_kind(struct kind *k, struct error *err)
{
    static const struct { const char *resource_type, *type, *seo; } names[] = {
        { "image", "upload", "images" },
        { "image", "private", "private_images" },
        { "image", "authenticated", "authenticated_images" },
        { "video", "upload", "videos" },
        { "raw", "upload", "files" },
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (strcmp(k->resource_type, names[i].resource_type) == 0 &&
            strcmp(k->type, names[i].type) == 0) {
            *k = (struct kind){ names[i].seo, "" };
            return 0;
        }
    }
    return error_set(err, ERROR_USAGE, "a link to %s/%s cannot have a suffix",
                     k->resource_type, k->type);
}

static int finish_kind(const struct cloudinary_delivery *d,
                       const struct cloudinary_link *link, struct kind *k,
                       struct error *err)
{
    bool plain = strcmp(k->resource_type, "image") == 0 && strcmp(k->type, "upload") == 0;
    if (d->use_root_path && !plain) {
        return error_set(err, ERROR_USAGE, "use_root_path cannot link to %s/%s",
                         k->resource_type, k->type);
    }
    if (link->url_suffix && suffix_kind(k, err) < 0) {
        return -1;
    }
    if (d->use_root_path) {
        *k = (struct kind){ "", "" };
    } else if (d->shorten && plain && !link->url_suffix) {
        *k = (struct kind){ "iu", "" };
    }
    return 0;
}

/* Cloudinary's shared hosts res-1 to res-5, chosen by the path. */
static int subdomain(const struct buf *source, unsigned *ret, struct error *err)
{
    uint32_t crc = 0;
    if (digest_crc32(source->data, source->len, &crc, err) < 0) {
        return -1;
    }
    *ret = crc % 5 + 1;
    return 0;
}

/* A configured host: its part "res.cloudinary.com", if it has one, is split. */
static void add_split_host(struct buf *out, const char *host, unsigned number)
{
    const char *shared = strstr(host, "res.cloudinary.com");
    if (!shared) {
        buf_addstr(out, host);
        return;
    }
    buf_add(out, host, (size_t)(shared - host));
    buf_addf(out, "res-%u%s", number, shared + 3);
}

static void add_secure_host(const struct cloudinary_delivery *d, unsigned number,
                            struct buf *out)
{
    AUTO_BUF struct buf host = BUF_INIT;
    if (d->secure_distribution) {
        buf_addstr(&host, d->secure_distribution);
    } else if (d->private_cdn) {
        buf_addf(&host, "%s-res.cloudinary.com", d->cloud_name);
    } else {
        buf_addstr(&host, "res.cloudinary.com");
    }
    bool split = d->secure_cdn_subdomain < 0 ? d->cdn_subdomain && !d->private_cdn
                                             : d->secure_cdn_subdomain > 0;
    buf_addstr(out, "https://");
    if (split) {
        add_split_host(out, host.data, number);
    } else {
        buf_add(out, host.data, host.len);
    }
}

static void add_plain_host(const struct cloudinary_delivery *d, unsigned number,
                           struct buf *out)
{
    buf_addstr(out, "http://");
    if (d->cname) {
        if (d->cdn_subdomain) {
            buf_addf(out, "a%u.", number);
        }
        buf_addstr(out, d->cname);
        return;
    }
    if (d->private_cdn) {
        buf_addf(out, "%s-", d->cloud_name);
    }
    buf_addstr(out, "res");
    if (d->cdn_subdomain) {
        buf_addf(out, "-%u", number);
    }
    buf_addstr(out, ".cloudinary.com");
}

static void add_segment(struct buf *out, const char *s)
{
    if (s[0] != '\0') {
        buf_addf(out, "/%s", s);
    }
}

/* Cloudinary takes the first segment of an id with slashes for a transformation
 * unless a version stands before it; any version will do. */
static void add_version(const struct cloudinary_delivery *d, int64_t version,
                        const char *source, struct buf *out)
{
    bool looks_like_one = source[0] == 'v' && source[1] >= '0' && source[1] <= '9';
    if (version > 0) {
        buf_addf(out, "/v%" PRId64, version);
    } else if (d->force_version && strchr(source, '/') && !looks_like_one &&
               !is_http(source)) {
        buf_addstr(out, "/v1");
    }
}

static int add_signature(const struct cloudinary_delivery *d,
                         const struct cloudinary_key *key, const char *transformation,
                         const char *source, struct buf *out, struct error *err)
{
    AUTO_BUF struct buf text = BUF_INIT;
    buf_addf(&text, "%s%s%s", transformation, transformation[0] ? "/" : "", source);
    buf_addch(out, '/');
    return cloudinary_sign_link(text.data, d->long_url_signature, key, out, err);
}

int cloudinary_url(const struct cloudinary_delivery *d, const struct cloudinary_key *key,
                   const struct cloudinary_link *link, struct buf *out, struct error *err)
{
    AUTO_BUF struct buf source = BUF_INIT;
    AUTO_BUF struct buf signed_source = BUF_INIT;
    AUTO_BUF struct buf transformation = BUF_INIT;
    struct kind kind = { link->resource_type ? link->resource_type : "image",
                         link->type ? link->type : "upload" };
    if (finish_kind(d, link, &kind, err) < 0 ||
        finish_source(link, &source, &signed_source, err) < 0) {
        return -1;
    }
    collapse_slashes(&transformation, link->transformation ? link->transformation : "");

    unsigned number = 0;
    bool numbered = d->cdn_subdomain || d->secure_cdn_subdomain > 0;
    if (numbered && subdomain(&source, &number, err) < 0) {
        return -1;
    }
    if (d->secure) {
        add_secure_host(d, number, out);
    } else {
        add_plain_host(d, number, out);
    }
    add_segment(out, d->private_cdn ? "" : d->cloud_name);
    add_segment(out, kind.resource_type);
    add_segment(out, kind.type);
    if ((link->sign || d->sign_url) &&
        add_signature(d, key, transformation.data, signed_source.data, out, err) < 0) {
        return -1;
    }
    add_segment(out, transformation.data);
    add_version(d, link->version, signed_source.data, out);
    add_segment(out, source.data);
    return 0;
}
