#include "http_trial.h"

/* Every way to write an address that must not be fetched. PORT is the test
 * server's, so that one that got through would be seen. */
static const char *const private_hosts[] = {
    "127.0.0.1", "127.1", "127.0.1", "2130706433", "0x7f000001", "0x7f.1", "0177.0.0.1",
    "017700000001", "0x7F.0x0.0x0.0x1", "127.0.0.1.", "127.255.255.254",
    "127.000.000.001",    "%31%32%37.0.0.1", "localhost",
    "LOCALHOST", "localhost.", "foo.localhost", "a.b.LocalHost", "0.0.0.0", "0", "0x0",
    "0.1.2.3", "10.0.0.1", "10.255.255.255", "012.0.0.1", "0xa000001", "167772161",
    "100.64.0.1", "100.127.255.255", "169.254.169.254", "2852039166", "0xa9fea9fe",
    "0251.0376.0251.0376", "172.16.0.1", "172.31.255.255", "192.0.0.8", "192.168.0.1",
    "192.168.257", "3232235777", "198.18.0.1", "198.19.255.255", "224.0.0.1",
    "239.255.255.255", "240.0.0.1", "255.255.255.255", "[::]", "[::1]",
    "[0:0:0:0:0:0:0:1]", "[::127.0.0.1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]",
    "[0:0:0:0:0:ffff:a9fe:a9fe]", "[::ffff:10.0.0.1]", "[64:ff9b::127.0.0.1]",
    "[64:ff9b::a9fe:a9fe]", "[64:ff9b:1::1]", "[2002:7f00:1::]", "[2002:a00:1::1]",
    "[2002:c0a8:101::1]", "[fc00::1]", "[fd12:3456:789a::1]", "[fe80::1]", "[febf::1]",
    "[fec0::1]", "[ff02::1]", "[2001::1]",
};

TEST(private_addresses)
{
    static const struct answer script[] = { { .text = OK } };
    struct trial t;
    CHECK(COUNT(private_hosts) >= 60);
    trial_start(&t, script, 1);
    t.request.download = true;
    for (size_t i = 0; i < COUNT(private_hosts); i++) {
        const char *host = private_hosts[i];
        AUTO_FREE char *url = mem_printf("http://%s:%d/", host, t.server.port);
        t.request.url = url;
        trial_perform(&t);
        CHECK_INT(t.result, -1);
        CHECK_INT(t.err.kind, ERROR_USAGE);
        bool named = strstr(t.err.message, "is a private address") != NULL;
        CHECK_STR(named ? NULL : host, NULL);
        CHECK(strstr(t.err.hint, "--allow-private"));
        CHECK(!t.response.maybe_acted);
    }
    /* Full-width digits: no name in some locales, the address in others. */
    AUTO_FREE char *wide = mem_printf("http://\xEF\xBC\x91\xEF\xBC\x92\xEF\xBC\x97"
                                      ".0.0.1:%d/", t.server.port);
    t.request.url = wide;
    trial_perform(&t);
    CHECK_INT(t.err.kind, ERROR_USAGE);
    trial_end(&t);
    CHECK_INT(t.server.connections, 0);
    trial_forget(&t);
}

/* A name that /etc/hosts gives to this machine, other than localhost: what a
 * name service could answer for any name. */
static bool loopback_name(char out[256])
{
    char line[512], address[64];
    FILE *hosts = fopen("/etc/hosts", "r");
    bool found = false;
    while (hosts && !found && fgets(line, sizeof line, hosts)) {
        found = sscanf(line, "%63s %255s", address, out) == 2 &&
                strncmp(address, "127.", 4) == 0 && !strcasestr(out, "localhost");
    }
    if (hosts) {
        fclose(hosts);
    }
    return found;
}

static void check_refused(struct trial *t)
{
    t->request.allow_private = false;
    CHECK_INT(trial_perform(t), -1);
    CHECK_INT(t->err.kind, ERROR_USAGE);
    CHECK(strstr(t->err.message, "is a private address"));
    CHECK(!t->response.maybe_acted);
}

/* What a name means is known when it is a socket's address, before anything is
 * sent there: nobody listens where the first request would go. And a connection
 * that another request made must not be a way around. */
TEST(private_name)
{
    static const struct answer script[] = { { .text = OK } };
    char name[256];
    struct trial t;
    if (!loopback_name(name)) {
        SKIP("/etc/hosts has no second name for 127.0.0.1");
    }
    trial_start(&t, script, 1);
    AUTO_FREE char *closed = mem_printf("http://%s:1/", name);
    t.request.url = closed;
    t.request.download = true;
    check_refused(&t);
    AUTO_FREE char *url = mem_printf("http://%s:%d/", name, t.server.port);
    t.request.url = url;
    check_refused(&t);
    t.request.allow_private = true;
    bool reached = trial_perform(&t) == 0; /* where 127.0.1.1 is local, too */
    check_refused(&t);
    trial_end(&t);
    CHECK_INT(t.server.requests, reached);
    trial_forget(&t);
}

/* ---- Redirects ---- */

#define TO(where) \
    "HTTP/1.1 302 Found\r\nLocation: " where "\r\nContent-Length: 4\r\n\r\nhere"

TEST(redirects_are_for_downloads)
{
    static const struct answer script[] = { { .text = TO("/there") }, { .text = OK } };
    struct trial t;
    trial_start(&t, script, 1);
    CHECK_INT(trial_perform(&t), 0);
    CHECK_INT(t.response.status, 302);
    CHECK_STR(t.response.body.data, "here");
    trial_end(&t);
    CHECK_INT(t.server.requests, 1);
    trial_forget(&t);
}

TEST(redirect_followed)
{
    static const struct answer script[] = {
        { .text = TO("/there?x=1") }, { .text = TO("../again#part") }, { .text = OK },
    };
    struct trial t;
    trial_start(&t, script, COUNT(script));
    t.request.download = t.request.allow_private = true;
    t.request.user = "u";
    t.request.password = "p";
    strlist_add(&t.request.headers, "X-Token: secret");
    trial_run(&t);
    CHECK_INT(t.result, 0);
    CHECK_INT(t.response.status, 200);
    CHECK_STR(t.response.body.data, "{}");
    CHECK(strstr(t.server.all.data, "GET /there?x=1 HTTP/1.1\r\n"));
    CHECK(strncmp(t.server.last.data, "GET /again HTTP/1.1\r\n", 21) == 0);
    const char *second = strstr(t.server.all.data, "GET /there");
    CHECK(second && !strcasestr(second, "\r\nAuthorization:"));
    CHECK(second && !strcasestr(second, "\r\nX-Token:"));
    trial_forget(&t);
}

TEST(redirect_limit)
{
    static const struct answer script[] = { { .text = TO("/on") } };
    struct trial t;
    trial_start(&t, script, 1);
    t.request.download = t.request.allow_private = true;
    trial_run(&t);
    CHECK_INT(t.result, -1);
    CHECK(strstr(t.err.message, "redirects more than 5 times"));
    CHECK_INT(t.server.requests, 6);
    trial_forget(&t);
}

TEST(redirects_astray)
{
    static const char *const places[] = {
        "file:///etc/passwd", "ftp://127.0.0.1/", "gopher://127.0.0.1/", "data:,x",
        "http://u:p@127.0.0.1/", "https://u@127.0.0.1/", "http://[::1/", "javascript:0",
    };
    for (size_t i = 0; i < COUNT(places); i++) {
        AUTO_FREE char *text = mem_printf(TO("%s"), places[i]);
        const struct answer script[] = { { .text = text } };
        struct trial t;
        trial_start(&t, script, 1);
        t.request.download = t.request.allow_private = true;
        trial_run(&t);
        CHECK_INT(t.server.requests, 1);
        CHECK(!strstr(t.err.message, "u:p"));
        if (t.result == 0) {
            CHECK_INT(t.response.status, 302); /* nowhere at all */
        }
        trial_forget(&t);
    }
}

/* Behind a proxy the host as written is all that can be looked at. */
TEST(behind_a_proxy)
{
    static const struct answer script[] = {
        { .text = TO("http://192.168.1.1/") }, { .text = OK },
    };
    struct trial t;
    trial_start(&t, script, COUNT(script));
    setenv("http_proxy", t.server.url, 1);
    t.request.url = "http://pictures.example/a.jpg";
    t.request.download = true;
    CHECK_INT(trial_perform(&t), -1);
    CHECK_INT(t.err.kind, ERROR_USAGE);
    CHECK_STR(t.err.message, "pictures.example redirects to where it may not: "
                             "192.168.1.1 is a private address");
    CHECK_INT(trial_perform(&t), 0);
    CHECK_INT(t.response.status, 200);
    t.request.url = "http://10.0.0.1/";
    CHECK_INT(trial_perform(&t), -1);
    setenv("no_proxy", "127.0.0.1", 1);
    t.request.url = t.server.url;
    CHECK_INT(trial_perform(&t), -1);
    t.request.download = false; /* libcurl's own choice of a proxy */
    t.request.url = "https://pictures.example/";
    setenv("no_proxy", "", 1);
    setenv("https_proxy", "bogus://user:hush@127.0.0.1:1/", 1);
    CHECK_INT(trial_perform(&t), -1);
    CHECK(!strstr(t.err.message, "hush"));
    setenv("https_proxy", "http://user:hush@127.0.0.1:99999/", 1);
    CHECK_INT(trial_perform(&t), -1);
    CHECK(!strstr(t.err.message, "hush"));
    trial_end(&t);
    clear_proxies();
    CHECK_INT(t.server.requests, 2);
    CHECK(strncmp(t.server.last.data, "GET http://pictures.example/a.jpg ", 34) == 0);
    trial_forget(&t);
}

/* A key that may go to 127.0.0.1 without encryption must not go to a proxy instead. */
TEST(no_proxy_on_the_way_to_this_machine)
{
    static const struct answer script[] = { { .text = OK } };
    struct trial t;
    trial_start(&t, script, COUNT(script));
    setenv("http_proxy", "http://127.0.0.1:9", 1);
    setenv("all_proxy", "socks5h://127.0.0.1:9", 1);
    CHECK_INT(trial_perform(&t), 0);
    t.request.download = t.request.allow_private = true;
    CHECK_INT(trial_perform(&t), 0);
    trial_end(&t);
    clear_proxies();
    CHECK_INT(t.server.requests, 2);
    trial_forget(&t);
}

/* ---- To a file ---- */

#define HALF "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n01234"

static void check_file(const struct answer *script, size_t len, int result,
                       const char *want)
{
    struct trial t;
    AUTO_BUF struct buf got = BUF_INIT;
    trial_start(&t, script, len);
    t.request.download = t.request.allow_private = true;
    t.request.answer_fd = make_file("head:", 5);
    trial_run(&t);
    CHECK_INT(t.result, result);
    read_back(t.request.answer_fd, &got);
    close(t.request.answer_fd);
    CHECK_STR(got.data, want);
    trial_forget(&t);
}

TEST(download_to_file)
{
    static const struct answer whole[] = { { .text = HALF "56789" } };
    static const struct answer after_cut[] = {
        { .text = HALF, .then = THEN_CLOSE },
        { .text = "HTTP/1.1 503 No\r\nContent-Length: 4\r\n\r\nbusy" },
        { .text = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nab" },
    };
    static const struct answer after_redirect[] = { { .text = TO("/x") },
                                                    { .text = HALF "56789" } };
    static const struct answer missing[] = {
        { .text = "HTTP/1.1 404 No\r\nContent-Length: 4\r\n\r\ngone" } };
    check_file(whole, COUNT(whole), 0, "head:0123456789");
    check_file(after_cut, COUNT(after_cut), 0, "head:ab");
    check_file(after_redirect, COUNT(after_redirect), 0, "head:0123456789");
    check_file(missing, COUNT(missing), 0, "head:");
}

TEST(error_body_beside_a_file)
{
    static const struct answer script[] = {
        { .text = "HTTP/1.1 404 No\r\nContent-Length: 4\r\n\r\ngone" } };
    struct trial t;
    trial_start(&t, script, 1);
    t.request.answer_fd = make_file("", 0);
    trial_run(&t);
    close(t.request.answer_fd);
    CHECK_INT(t.response.status, 404);
    CHECK_STR(t.response.body.data, "gone");
    trial_forget(&t);
}

/* Half an answer in a pipe cannot be taken back. */
TEST(download_to_pipe)
{
    static const struct answer script[] = { { .text = HALF, .then = THEN_CLOSE } };
    struct trial t;
    int fds[2];
    char got[16];
    CHECK_INT(pipe(fds), 0);
    trial_start(&t, script, 1);
    t.request.answer_fd = fds[1];
    trial_run(&t);
    CHECK_INT(t.result, -1);
    CHECK_INT(t.err.kind, ERROR_NETWORK);
    CHECK_INT(t.response.attempts, 1);
    CHECK_INT(read(fds[0], got, sizeof got), 5);
    close(fds[0]);
    close(fds[1]);
    trial_forget(&t);
}

TEST(full_disk)
{
    static const struct answer script[] = { { .text = HALF "56789" } };
    struct trial t;
    trial_start(&t, script, 1);
    t.request.answer_fd = open("/dev/full", O_WRONLY | O_CLOEXEC);
    trial_run(&t);
    close(t.request.answer_fd);
    CHECK_INT(t.result, -1);
    CHECK_INT(t.err.kind, ERROR_STORE);
    CHECK(strstr(t.err.message, "No space left on device"));
    CHECK_INT(t.response.attempts, 1);
    trial_forget(&t);
}

TEST(download_limit)
{
    static const struct answer script[] = { { .text = HALF "56789" } };
    struct trial t;
    trial_start(&t, script, 1);
    t.request.download = t.request.allow_private = true;
    t.request.answer_fd = make_file("", 0);
    t.request.answer_limit = 9;
    trial_run(&t);
    close(t.request.answer_fd);
    CHECK_INT(t.result, -1);
    CHECK_INT(t.err.kind, ERROR_IMAGE_LIMIT);
    CHECK_INT(t.response.attempts, 1);
    trial_forget(&t);
}

int main(void)
{
    clear_proxies();
    RUN(private_addresses);
    RUN(private_name);
    RUN(redirects_are_for_downloads);
    RUN(redirect_followed);
    RUN(redirect_limit);
    RUN(redirects_astray);
    RUN(behind_a_proxy);
    RUN(no_proxy_on_the_way_to_this_machine);
    RUN(download_to_file);
    RUN(error_body_beside_a_file);
    RUN(download_to_pipe);
    RUN(full_disk);
    RUN(download_limit);
    return test_end();
}
