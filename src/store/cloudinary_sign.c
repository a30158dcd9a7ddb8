#include "cloudinary_sign.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "imgctl/mem.h"

#define LINK_SIGNATURE 8
#define LONG_LINK_SIGNATURE 32

void cloudinary_key_release(struct cloudinary_key *key)
{
    if (key->secret) {
        explicit_bzero(key->secret, strlen(key->secret));
    }
    free(key->secret);
    free(key->id);
    *key = (struct cloudinary_key){ .id = NULL };
}

static bool is_signed(const struct cloudinary_param *p)
{
    static const char *const never[] = { "file", "api_key", "cloud_name",
                                         "resource_type", "signature" };
    if (!p->value || p->value[0] == '\0') {
        return false;
    }
    for (size_t i = 0; i < sizeof never / sizeof *never; i++) {
        if (strcmp(p->name, never[i]) == 0) {
            return false;
        }
    }
    return true;
}

static int by_name(const void *a, const void *b)
{
    const struct cloudinary_param *const *x = a;
    const struct cloudinary_param *const *y = b;
    return strcmp((*x)->name, (*y)->name);
}

/* Without the escape, a value could carry "&name=value" and so pass for another
 * set of parameters with the same signature. */
static void add_escaped(struct buf *out, const char *s)
{
    for (; *s; s++) {
        if (*s == '&') {
            buf_addstr(out, "%26");
        } else {
            buf_addch(out, *s);
        }
    }
}

void cloudinary_string_to_sign(const struct cloudinary_param *params, size_t count,
                               int64_t version, struct buf *out)
{
    AUTO_FREE const struct cloudinary_param **sorted = mem_array(count, sizeof *sorted);
    size_t n = 0;
    for (size_t i = 0; i < count; i++) {
        if (is_signed(&params[i])) {
            sorted[n++] = &params[i];
        }
    }
    if (n > 1) {
        qsort(sorted, n, sizeof *sorted, by_name);
    }
    for (size_t i = 0; i < n; i++) {
        buf_addstr(out, i ? "&" : "");
        buf_addf(out, "%s=", sorted[i]->name);
        if (version == 1) {
            buf_addstr(out, sorted[i]->value);
        } else {
            add_escaped(out, sorted[i]->value);
        }
    }
}

/* The digest of TEXT and the secret; the two are never in one buffer. */
static int start_signature(enum digest_algorithm algorithm, const char *text,
                           const char *secret, struct digest **ret, struct error *err)
{
    if (digest_start(algorithm, ret, err) < 0) {
        return -1;
    }
    digest_update(*ret, text, strlen(text));
    digest_update(*ret, secret, strlen(secret));
    return 0;
}

int cloudinary_sign(const struct cloudinary_param *params, size_t count,
                    const struct cloudinary_key *key, char out[DIGEST_HEX_SIZE],
                    struct error *err)
{
    AUTO_BUF struct buf text = BUF_INIT;
    struct digest *d;
    cloudinary_string_to_sign(params, count, key->version, &text);
    if (start_signature(key->algorithm, text.data, key->secret, &d, err) < 0) {
        return -1;
    }
    digest_finish_hex(d, out);
    return 0;
}

int cloudinary_answer_is_signed(const char *public_id, int64_t version,
                                const char *signature, const struct cloudinary_key *key,
                                struct error *err)
{
    /* An account may answer in the one algorithm and accept the other: the length
     * tells. '&' is never escaped here. */
    enum digest_algorithm algorithm =
        strlen(signature) == 64 ? DIGEST_SHA256 : DIGEST_SHA1;
    AUTO_BUF struct buf text = BUF_INIT;
    char expected[DIGEST_HEX_SIZE];
    struct digest *d;
    buf_addf(&text, "public_id=%s&version=%" PRId64, public_id, version);
    if (start_signature(algorithm, text.data, key->secret, &d, err) < 0) {
        return -1;
    }
    digest_finish_hex(d, expected);
    return strcmp(expected, signature) == 0;
}

static void base64url(struct buf *out, const unsigned char *data, size_t len, size_t max)
{
    static const char digits[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    uint32_t bits = 0;
    unsigned have = 0;
    for (size_t i = 0; max > 0; max--) {
        if (have < 6) {
            bits = bits << 8 | (i < len ? data[i] : 0);
            i++;
            have += 8;
        }
        have -= 6;
        buf_addch(out, digits[bits >> have & 63]);
    }
}

int cloudinary_sign_link(const char *text, bool is_long, const struct cloudinary_key *key,
                         struct buf *out, struct error *err)
{
    unsigned char bytes[DIGEST_MAX];
    struct digest *d;
    if (start_signature(is_long ? DIGEST_SHA256 : key->algorithm, text, key->secret, &d,
                        err) < 0) {
        return -1;
    }
    size_t len = digest_finish(d, bytes);
    buf_addstr(out, "s--");
    base64url(out, bytes, len, is_long ? LONG_LINK_SIGNATURE : LINK_SIGNATURE);
    buf_addstr(out, "--");
    return 0;
}
