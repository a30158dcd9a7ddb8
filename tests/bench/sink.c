/*
 * sink - a stand-in for Cloudinary that is faster than its clients: it reads each
 * body, keeps connections, and answers with the JSON that imgctl needs, after a
 * delay counted from the last byte; to all chunks of an upload but the last, that it is
 * not done. It checks nothing.
 *
 *     sink [DELAY_MS]      prints its port, runs until its standard input ends
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define HEAD 8192
#define PEERS 1024

struct peer {
    int fd;
    char head[HEAD + 1]; /* headers, and the first of the body */
    size_t head_len;     /* bytes in it */
    size_t headers;      /* of them the request's head; 0: not whole yet */
    int64_t body, got;   /* Content-Length; of it arrived */
    int64_t before;      /* of the file, in the chunks before this one */
    bool more;           /* chunks follow */
    int64_t answer_at;   /* ms; 0: not whole yet */
};

static struct peer *peers[PEERS];
static int delay;
static int64_t answered;

static int64_t now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void drop(int fd)
{
    free(peers[fd]);
    peers[fd] = NULL;
    close(fd);
}

/* The value of the form field NAME, which stands in the first bytes of the body. */
static void field(const struct peer *p, const char *name, char *out, size_t size)
{
    char want[64];
    snprintf(want, sizeof want, "name=\"%s\"\r\n\r\n", name);
    const char *at = strstr(p->head + p->headers, want);
    size_t len = 0;
    if (at) {
        at += strlen(want);
        len = strcspn(at, "\r");
        len = len < size - 1 ? len : size - 1;
        memcpy(out, at, len);
    }
    out[len] = '\0';
}

/* The size of the file part: the body without what stands around the file. */
static int64_t file_bytes(const struct peer *p)
{
    const char *part = strstr(p->head + p->headers, "filename=");
    const char *data = part ? strstr(part, "\r\n\r\n") : NULL;
    size_t boundary = strcspn(p->head + p->headers, "\r");
    if (!data) {
        return 0;
    }
    int64_t before = data + 4 - (p->head + p->headers);
    return p->body - before - (int64_t)boundary - 6; /* CRLF, "--", CRLF */
}

static void answer(struct peer *p)
{
    char id[512], json[2048], all[4096];
    field(p, "public_id", id, sizeof id);
    int len = 0;
    if (p->more) {
        len = snprintf(json, sizeof json, "{\"done\":false}");
    } else {
        len = snprintf(json, sizeof json,
                       "{\"public_id\":\"%s\",\"bytes\":%lld,\"version\":1,"
                       "\"format\":\"jpg\",\"resource_type\":\"image\","
                       "\"type\":\"upload\",\"asset_id\":\"a%lld\","
                       "\"secure_url\":\"https://127.0.0.1/%s.jpg\"}",
                       id, (long long)(p->before + file_bytes(p)), (long long)++answered,
                       id);
    }
    int size = snprintf(all, sizeof all,
                        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
                        "Content-Length: %d\r\n\r\n%s", len, json);
    if (write(p->fd, all, (size_t)size) != size) {
        drop(p->fd);
        return;
    }
    p->head_len = p->headers = 0;
    p->body = p->got = p->answer_at = 0;
}

static void take_range(struct peer *p, const char *range)
{
    long long first = 0, last = -1, total = 0;
    if (range && range < p->head + p->headers) {
        sscanf(range + 23, "%lld-%lld/%lld", &first, &last, &total);
    }
    p->before = first;
    p->more = last + 1 < total;
}

static void take_head(struct peer *p)
{
    const char *end = strstr(p->head, "\r\n\r\n");
    const char *length = strcasestr(p->head, "\r\ncontent-length:");
    if (end && length) {
        p->headers = (size_t)(end + 4 - p->head);
        p->body = atoll(length + 17);
        p->got = (int64_t)(p->head_len - p->headers);
        take_range(p, strcasestr(p->head, "\r\ncontent-range: bytes "));
    }
}

static void take(int fd)
{
    static char rest[1 << 18];
    struct peer *p = peers[fd];
    bool into_head = p->head_len < HEAD;
    ssize_t n = into_head ? read(fd, p->head + p->head_len, HEAD - p->head_len)
                          : read(fd, rest, sizeof rest);
    if (n <= 0) {
        if (n == 0 || errno != EAGAIN) {
            drop(fd);
        }
        return;
    }
    if (into_head) {
        p->head_len += (size_t)n;
        p->head[p->head_len] = '\0';
    }
    if (p->headers > 0) {
        p->got += n;
    } else {
        take_head(p);
    }
    if (p->headers > 0 && p->got >= p->body) {
        p->answer_at = now() + delay;
        if (delay == 0) {
            answer(p);
        }
    }
}

static void answer_due(void)
{
    int64_t t = now();
    for (int fd = 0; fd < PEERS; fd++) {
        if (peers[fd] && peers[fd]->answer_at && peers[fd]->answer_at <= t) {
            answer(peers[fd]);
        }
    }
}

static void greet(int listener, int poll)
{
    int one = 1;
    int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0 || fd >= PEERS) {
        close(fd);
        return;
    }
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    peers[fd] = calloc(1, sizeof **peers);
    peers[fd]->fd = fd;
    epoll_ctl(poll, EPOLL_CTL_ADD, fd, &(struct epoll_event){ EPOLLIN, { .fd = fd } });
}

int main(int argc, char **argv)
{
    struct sockaddr_in at = { .sin_family = AF_INET,
                              .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t size = sizeof at;
    int poll = epoll_create1(EPOLL_CLOEXEC);
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    delay = argc > 1 ? atoi(argv[1]) : 0;
    if (bind(listener, (struct sockaddr *)&at, size) < 0 || listen(listener, 512) < 0 ||
        getsockname(listener, (struct sockaddr *)&at, &size) < 0) {
        perror("sink");
        return 1;
    }
    printf("%d\n", ntohs(at.sin_port));
    fflush(stdout);
    epoll_ctl(poll, EPOLL_CTL_ADD, listener,
              &(struct epoll_event){ EPOLLIN, { .fd = listener } });
    epoll_ctl(poll, EPOLL_CTL_ADD, 0, &(struct epoll_event){ EPOLLIN, { .fd = 0 } });
    for (;;) {
        struct epoll_event events[256];
        int count = epoll_wait(poll, events, 256, delay > 0 ? 1 : -1);
        for (int i = 0; i < count; i++) {
            int fd = events[i].data.fd;
            if (fd == 0) {
                return 0;
            }
            if (fd == listener) {
                greet(listener, poll);
            } else {
                take(fd);
            }
        }
        answer_due();
    }
}
