#include "../../src/http/policy.h"

#include "http_trial.h"

TEST(retry_table)
{
    static const struct {
        int status;
        const char *body;
        bool safe, unsent;
    } table[] = {
        { 200, "", false, false }, { 201, "", false, false }, { 301, "", false, false },
        { 400, "", false, false }, { 401, "", false, false }, { 403, "", false, false },
        { 404, "", false, false }, { 408, "", true, false },  { 409, "", false, false },
        { 413, "", false, false }, { 422, "", false, false }, { 423, "", true, false },
        { 425, "", true, false },  { 429, "", true, true },   { 499, "", false, false },
        { 500, "", true, false },  { 501, "", false, false }, { 502, "", true, false },
        { 503, "", true, true },   { 504, "", true, false },  { 505, "", false, false },
        { 420, "", false, false }, { 420, "Rate Limit Exceeded.", true, true },
        { 420, "You don't have an active subscription", false, false },
        { 400, "Rate Limit", false, false },
    };
    for (size_t i = 0; i < COUNT(table); i++) {
        int status = table[i].status;
        const char *body = table[i].body;
        CHECK_INT(retry_status(HTTP_RETRY_SAFE, status, body), table[i].safe);
        CHECK_INT(retry_status(HTTP_RETRY_UNSENT, status, body), table[i].unsent);
        CHECK(!retry_status(HTTP_RETRY_NEVER, status, body));
    }
}

TEST(retry_schedule)
{
    static const int64_t seconds[] = { 1, 2, 4, 8, 16, 32, 60, 60, 60 };
    for (int i = 0; i < (int)COUNT(seconds); i++) {
        CHECK_INT(retry_delay(i + 1, 1000, UINT32_MAX), seconds[i] * 1000);
        CHECK_INT(retry_delay(i + 1, 1000, 0), 0);
        int64_t half = retry_delay(i + 1, 1000, UINT32_MAX / 2);
        CHECK(half >= seconds[i] * 500 - 1 && half <= seconds[i] * 500);
    }
    CHECK_INT(retry_delay(1000000, 1000, UINT32_MAX), RETRY_MAX_DELAY);
    CHECK_INT(retry_delay(1, 1 << 30, UINT32_MAX), RETRY_MAX_DELAY);
    CHECK_INT(retry_delay(4, 1, UINT32_MAX), 8);
}

TEST(retry_time)
{
    CHECK_INT(retry_time_in_text("Limit of 500 api operations reached. Try again on "
                                 "2024-10-04 14:00:00 UTC"), 1728050400000);
    CHECK_INT(retry_time_in_text("Try again on 2024-13-44 14:00:00 UTC"), 0);
    CHECK_INT(retry_time_in_text("Try again on Friday"), 0);
    CHECK_INT(retry_time_in_text("Try again on 99999999999999999999 1"), 0);
    CHECK_INT(retry_time_in_text("Try again"), 0);
    CHECK_INT(retry_time_in_text(""), 0);
}

/* When a body that moves SPEED bytes a second for MOVING seconds and then not
 * at all is given up; 0: not within 100 s. */
static int stalls_after(int64_t speed, int moving)
{
    struct stall s = { .looked_at = 0 };
    int64_t start = 5000000;
    for (int ms = 0; ms <= 100000; ms += 250) {
        int64_t time = ms < moving * 1000 ? ms : moving * 1000;
        if (stall_look(&s, start + ms, speed * time / 1000)) {
            return ms / 1000;
        }
    }
    return 0;
}

TEST(stalls)
{
    CHECK_INT(stalls_after(0, 100), 30);
    CHECK_INT(stalls_after(1000, 100), 30);
    CHECK_INT(stalls_after(1024, 101), 0);
    CHECK_INT(stalls_after(1 << 20, 20), 50);
    CHECK_INT(stalls_after(1 << 20, 60), 90);
    /* Nobody looked for a minute: that proves nothing. */
    struct stall s = { .looked_at = 0 };
    CHECK(!stall_look(&s, 1000, 0));
    CHECK(!stall_look(&s, 61000, 0));
    CHECK(!stall_look(&s, 62000, 0));
}

TEST(hosts)
{
    CHECK(address_host_is_loopback("127.0.0.1"));
    CHECK(address_host_is_loopback("127.255.0.9"));
    CHECK(address_host_is_loopback("[::1]"));
    CHECK(address_host_is_loopback("LocalHost"));
    CHECK(!address_host_is_loopback("128.0.0.1"));
    CHECK(!address_host_is_loopback("127.0.0.1.example.com"));
    CHECK(!address_host_is_loopback("localhost.example.com"));
    CHECK(!address_host_is_loopback("[::2]"));
    CHECK(!address_host_is_loopback("10.0.0.1"));
    CHECK(address_host_is_private("localhost."));
    CHECK(address_host_is_private("a.localhost"));
    CHECK(!address_host_is_private("notlocalhost"));
    CHECK(address_host_is_private("[fe80::1%25eth0]"));
    CHECK(!address_host_is_private("res.cloudinary.com"));
}

TEST(public_addresses)
{
    static const char *const public_hosts[] = {
        "1.1.1.1", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0",
        "126.255.255.255", "128.0.0.0", "169.253.255.255", "169.255.0.0",
        "172.15.255.255", "172.32.0.0", "191.255.255.255", "192.0.1.0", "192.167.255.255",
        "192.169.0.0", "198.17.255.255", "198.20.0.0", "223.255.255.255",
        "2606:4700::1111", "2001:4860:4860::8888", "::ffff:1.1.1.1", "64:ff9b::101:101",
        "2002:101:101::1", "fbff::1", "fe7f::1",
    };
    for (size_t i = 0; i < COUNT(public_hosts); i++) {
        bool is_private = address_host_is_private(public_hosts[i]);
        CHECK_STR(is_private ? public_hosts[i] : NULL, NULL);
    }
}

TEST(proxies)
{
    CHECK_STR(address_proxy("http", "a.example"), NULL);
    setenv("http_proxy", "http://p:1", 1);
    setenv("HTTPS_PROXY", "http://p:2", 1);
    setenv("no_proxy", ".inner.example, 10.1.2.3,b.example", 1);
    CHECK_STR(address_proxy("http", "a.example"), "http://p:1");
    CHECK_STR(address_proxy("https", "a.example"), "http://p:2");
    CHECK_STR(address_proxy("http", "x.Inner.Example"), NULL);
    CHECK_STR(address_proxy("http", "inner.example"), NULL);
    CHECK_STR(address_proxy("http", "dinner.example"), "http://p:1");
    CHECK_STR(address_proxy("https", "b.example"), NULL);
    CHECK_STR(address_proxy("http", "10.1.2.3"), NULL);
    setenv("no_proxy", "*", 1);
    CHECK_STR(address_proxy("http", "a.example"), NULL);
    clear_proxies();
    setenv("HTTP_PROXY", "http://p:3", 1);
    CHECK_STR(address_proxy("http", "a.example"), NULL);
    setenv("all_proxy", "socks5h://p:4", 1);
    CHECK_STR(address_proxy("http", "a.example"), "socks5h://p:4");
    clear_proxies();
}

int main(void)
{
    clear_proxies();
    RUN(retry_table);
    RUN(retry_schedule);
    RUN(retry_time);
    RUN(stalls);
    RUN(hosts);
    RUN(public_addresses);
    RUN(proxies);
    return test_end();
}
