/*
 * cloudinary_url.h - delivery links: built without the network and without
 * asking anyone, exactly as the official SDKs build them.
 */
#ifndef CLOUDINARY_URL_H
#define CLOUDINARY_URL_H

#include <stdbool.h>
#include <stdint.h>

#include "cloudinary_sign.h"
#include "imgctl/buf.h"
#include "imgctl/error.h"

/* Where and how an account delivers: the keys of CLOUDINARY_URL's query. Host
 * names may carry a port. */
struct cloudinary_delivery {
    char *cloud_name;
    char *secure_distribution; /* host for https; NULL: Cloudinary's own */
    char *cname;               /* host for http; NULL: Cloudinary's own */
    bool secure;               /* https */
    bool private_cdn;
    bool cdn_subdomain;
    int secure_cdn_subdomain;  /* 1, 0; -1: as cdn_subdomain, if the host is shared */
    bool long_url_signature;
    bool sign_url;
    bool force_version;
    bool shorten;
    bool use_root_path;
};

/* secure and force_version on, as the newer SDKs have it. */
#define CLOUDINARY_DELIVERY_INIT \
    { .secure = true, .secure_cdn_subdomain = -1, .force_version = true }

void cloudinary_delivery_release(struct cloudinary_delivery *d);

struct cloudinary_link {
    const char *resource_type;  /* NULL: image */
    const char *type;           /* NULL: upload */
    const char *transformation; /* components joined by '/'; NULL or "": none */
    const char *public_id;      /* for type "fetch" a URL */
    const char *format;         /* the extension; NULL: none */
    const char *url_suffix;     /* a name for search engines; NULL: none */
    int64_t version;            /* 0: not known */
    bool sign;
};

/* Add the link to OUT. KEY is only used to sign. ERROR_USAGE for combinations
 * that Cloudinary does not have. */
int cloudinary_url(const struct cloudinary_delivery *d, const struct cloudinary_key *key,
                   const struct cloudinary_link *link, struct buf *out,
                   struct error *err);

#endif
