#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "policy.h"

/* The IANA registries of special-purpose addresses, as far as a packet sent
 * there would stay near us or go nowhere. */
static const struct {
    uint32_t prefix;
    int bits;
} private4[] = {
    { 0x00000000, 8 },  /* this network */
    { 0x0A000000, 8 },  /* private */
    { 0x64400000, 10 }, /* carrier-grade NAT */
    { 0x7F000000, 8 },  /* loopback */
    { 0xA9FE0000, 16 }, /* link-local; clouds keep their metadata here */
    { 0xAC100000, 12 }, /* private */
    { 0xC0000000, 24 }, /* protocol assignments */
    { 0xC0A80000, 16 }, /* private */
    { 0xC6120000, 15 }, /* benchmarks */
    { 0xE0000000, 4 },  /* multicast */
    { 0xF0000000, 4 },  /* reserved, broadcast */
};

static const struct {
    unsigned char prefix[6];
    int bits;
} private6[] = {
    { { 0x00, 0x64, 0xFF, 0x9B, 0x00, 0x01 }, 48 }, /* local NAT64 */
    { { 0x20, 0x01, 0x00, 0x00 }, 32 },             /* Teredo */
    { { 0xFC }, 7 },                                /* unique local */
    { { 0xFE, 0x80 }, 10 },                         /* link-local */
    { { 0xFE, 0xC0 }, 10 },                         /* site-local, deprecated */
    { { 0xFF }, 8 },                                /* multicast */
};

static bool public4(const unsigned char *a)
{
    uint32_t address = (uint32_t)a[0] << 24 | (uint32_t)a[1] << 16 | (uint32_t)a[2] << 8 |
                       a[3];
    for (size_t i = 0; i < sizeof private4 / sizeof *private4; i++) {
        if ((address ^ private4[i].prefix) >> (32 - private4[i].bits) == 0) {
            return false;
        }
    }
    return true;
}

static bool same_bits(const unsigned char *a, const unsigned char *b, int bits)
{
    int whole = bits / 8;
    return memcmp(a, b, (size_t)whole) == 0 &&
           (bits % 8 == 0 || (a[whole] ^ b[whole]) >> (8 - bits % 8) == 0);
}

static bool public6(const unsigned char *a)
{
    static const unsigned char zeros[12];
    static const unsigned char mapped[12] = { [10] = 0xFF, [11] = 0xFF };
    static const unsigned char nat64[12] = { 0x00, 0x64, 0xFF, 0x9B };
    static const unsigned char six_to_four[2] = { 0x20, 0x02 };

    for (size_t i = 0; i < sizeof private6 / sizeof *private6; i++) {
        if (same_bits(a, private6[i].prefix, private6[i].bits)) {
            return false;
        }
    }
    /* Addresses that stand for an IPv4 address are as public as that is. Of
     * ::/96 nothing is: it holds ::, ::1 and a form long out of use. */
    if (same_bits(a, zeros, 96)) {
        return false;
    }
    if (same_bits(a, mapped, 96) || same_bits(a, nat64, 96)) {
        return public4(a + 12);
    }
    return !same_bits(a, six_to_four, 16) || public4(a + 2);
}

bool address_is_public(const struct sockaddr *address)
{
    if (address->sa_family == AF_INET) {
        struct sockaddr_in in;
        memcpy(&in, address, sizeof in);
        return public4((const unsigned char *)&in.sin_addr);
    }
    if (address->sa_family == AF_INET6) {
        struct sockaddr_in6 in;
        memcpy(&in, address, sizeof in);
        return public6((const unsigned char *)&in.sin6_addr);
    }
    return false;
}

/* HOST as an IP address; AF_INET, AF_INET6 or AF_UNSPEC for a name. */
static int parse_host(const char *host, unsigned char out[16])
{
    char text[INET6_ADDRSTRLEN];
    size_t len = strlen(host);
    if (len >= 2 && host[0] == '[' && host[len - 1] == ']') {
        host++;
    }
    len = strcspn(host, "%]"); /* a zone says nothing of the address */
    len -= len > 0 && host[len - 1] == '.';
    if (len >= sizeof text) {
        return AF_UNSPEC;
    }
    memcpy(text, host, len);
    text[len] = '\0';
    if (inet_pton(AF_INET, text, out) == 1) {
        return AF_INET;
    }
    return inet_pton(AF_INET6, text, out) == 1 ? AF_INET6 : AF_UNSPEC;
}

/* Is NAME the domain DOMAIN or a name in it? A final dot makes no difference. */
static bool in_domain(const char *name, const char *domain, size_t domain_len)
{
    size_t len = strlen(name);
    len -= len > 0 && name[len - 1] == '.';
    if (len < domain_len) {
        return false;
    }
    const char *tail = name + len - domain_len;
    return (tail == name || tail[-1] == '.') &&
           strncasecmp(tail, domain, domain_len) == 0;
}

bool address_host_is_private(const char *host)
{
    unsigned char a[16];
    switch (parse_host(host, a)) {
    case AF_INET:
        return !public4(a);
    case AF_INET6:
        return !public6(a);
    default:
        return in_domain(host, "localhost", strlen("localhost"));
    }
}

bool address_host_is_loopback(const char *host)
{
    unsigned char a[16];
    switch (parse_host(host, a)) {
    case AF_INET:
        return a[0] == 127;
    case AF_INET6:
        return memcmp(a, &in6addr_loopback, sizeof in6addr_loopback) == 0;
    default:
        return strcasecmp(host, "localhost") == 0;
    }
}

static const char *environment(const char *name)
{
    const char *value = getenv(name);
    return value && *value ? value : NULL;
}

/* Is HOST named by the list of no_proxy: "*", or names separated by commas? */
static bool is_excepted(const char *host, const char *list)
{
    if (strcmp(list, "*") == 0) {
        return true;
    }
    while (*list) {
        list += strspn(list, ", ");
        size_t len = strcspn(list, ", ");
        const char *domain = list;
        list += len;
        if (len > 0 && *domain == '.') {
            domain++;
            len--;
        }
        if (len > 0 && in_domain(host, domain, len)) {
            return true;
        }
    }
    return false;
}

const char *address_proxy(const char *scheme, const char *host)
{
    const char *except = environment("no_proxy");
    except = except ? except : environment("NO_PROXY");
    if (except && is_excepted(host, except)) {
        return NULL;
    }
    /* HTTP_PROXY in capitals could be a header of a CGI request. */
    const char *proxy = environment(strcmp(scheme, "http") == 0 ? "http_proxy"
                                                                : "https_proxy");
    if (!proxy && strcmp(scheme, "https") == 0) {
        proxy = environment("HTTPS_PROXY");
    }
    proxy = proxy ? proxy : environment("all_proxy");
    return proxy ? proxy : environment("ALL_PROXY");
}
