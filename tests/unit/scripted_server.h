/*
 * scripted_server.h - an HTTP server on 127.0.0.1 that says what it is told.
 *
 *     static const struct answer script[] = { { .text = "HTTP/1.1 503 ..." },
 *                                             { .text = "HTTP/1.1 200 ..." } };
 *     struct server s;
 *     server_start(&s, script, 2);
 *     ... requests to s.url ...
 *     server_stop(&s);           then s.requests, s.last and the others hold still
 *
 * Every request takes the next answer, the last one again and again. Requests
 * are read whole (head and Content-Length) before they are answered. A thread
 * for each connection; the counters are behind a lock until server_stop().
 */
#ifndef SCRIPTED_SERVER_H
#define SCRIPTED_SERVER_H

#include <netinet/in.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "imgctl/buf.h"

enum then {
    THEN_KEEP,
    THEN_CLOSE,
    THEN_RESET,
    THEN_HANG,  /* until the client goes */
    THEN_LEAVE, /* close, and take no further connections */
};

struct answer {
    const char *text;       /* NULL: nothing is said */
    size_t len;             /* 0: all of the text */
    size_t repeat;          /* the text's tail after `repeat_from` this often more */
    size_t repeat_from;
    enum then then;
    bool at_once;           /* after the head, without reading the body */
    int wait_for;           /* answer when this many requests have come in all */
};

#define SERVER_MAX_CONNECTIONS 64

struct server {
    int listener, port;
    char url[64];           /* "http://127.0.0.1:PORT" */
    const struct answer *script;
    size_t script_len, next;
    pthread_mutex_t lock;
    pthread_cond_t arrival;
    pthread_t acceptor, threads[SERVER_MAX_CONNECTIONS];
    int fds[SERVER_MAX_CONNECTIONS];
    int connections, arrived, requests, in_flight, most_in_flight;
    struct buf last;        /* the last request, as it came */
    struct buf all;         /* every one */
};

struct server_connection {
    struct server *server;
    int fd;
};

static inline size_t server_body_length(const char *head)
{
    const char *line = strcasestr(head, "\r\nContent-Length:");
    return line ? strtoul(line + strlen("\r\nContent-Length:"), NULL, 10) : 0;
}

/* More bytes into B; false at the end of the connection. */
static inline bool server_read(int fd, struct buf *b, size_t most)
{
    char bytes[65536];
    ssize_t n = read(fd, bytes, most < sizeof bytes ? most : sizeof bytes);
    if (n > 0) {
        buf_add(b, bytes, (size_t)n);
    }
    return n > 0;
}

static inline bool server_read_head(int fd, struct buf *b)
{
    while (!strstr(b->data, "\r\n\r\n")) {
        if (!server_read(fd, b, 1)) {
            return false;
        }
    }
    return true;
}

static inline const struct answer *server_next(struct server *s)
{
    pthread_mutex_lock(&s->lock);
    const struct answer *a = &s->script[s->next];
    s->next += s->next + 1 < s->script_len;
    s->in_flight++;
    s->arrived++;
    pthread_cond_broadcast(&s->arrival);
    if (s->in_flight > s->most_in_flight) {
        s->most_in_flight = s->in_flight;
    }
    pthread_mutex_unlock(&s->lock);
    return a;
}

static inline void server_record(struct server *s, const struct buf *request,
                                 int wait_for)
{
    struct timespec limit;
    clock_gettime(CLOCK_REALTIME, &limit);
    limit.tv_sec += 10; /* a test that waits for what never comes shall fail */
    pthread_mutex_lock(&s->lock);
    while (s->arrived < wait_for &&
           pthread_cond_timedwait(&s->arrival, &s->lock, &limit) == 0) {
    }
    s->requests++;
    s->in_flight--;
    buf_clear(&s->last);
    buf_add(&s->last, request->data, request->len);
    buf_add(&s->all, request->data, request->len);
    pthread_mutex_unlock(&s->lock);
}

static inline bool server_send(int fd, const char *data, size_t len)
{
    while (len > 0) {
        ssize_t n = send(fd, data, len, MSG_NOSIGNAL);
        if (n <= 0) {
            return false;
        }
        data += n;
        len -= (size_t)n;
    }
    return true;
}

static inline void server_answer(int fd, const struct answer *a)
{
    if (!a->text) {
        return;
    }
    size_t len = a->len ? a->len : strlen(a->text);
    bool ok = server_send(fd, a->text, len);
    for (size_t i = 0; ok && i < a->repeat; i++) {
        ok = server_send(fd, a->text + a->repeat_from, len - a->repeat_from);
    }
}

/* One request and its answer; false when the connection is over. */
static inline bool server_exchange(struct server *s, int fd)
{
    struct buf request = BUF_INIT;
    if (!server_read_head(fd, &request)) {
        buf_release(&request);
        return false;
    }
    const struct answer *a = server_next(s);
    size_t left = a->at_once ? 0 : server_body_length(request.data);
    size_t head = request.len;
    while (request.len < head + left &&
           server_read(fd, &request, head + left - request.len)) {
    }
    if (a->then == THEN_LEAVE) {
        shutdown(s->listener, SHUT_RDWR);
    }
    server_record(s, &request, a->wait_for);
    buf_release(&request);
    server_answer(fd, a);
    if (a->then == THEN_RESET) {
        struct linger linger = { .l_onoff = 1 };
        setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof linger);
    } else if (a->then == THEN_HANG) {
        char byte;
        while (read(fd, &byte, 1) > 0) {
        }
    }
    return a->then == THEN_KEEP;
}

static inline void *server_serve(void *connection)
{
    struct server_connection c = *(struct server_connection *)connection;
    free(connection);
    while (server_exchange(c.server, c.fd)) {
    }
    pthread_mutex_lock(&c.server->lock);
    for (int i = 0; i < c.server->connections; i++) {
        if (c.server->fds[i] == c.fd) {
            c.server->fds[i] = -1;
        }
    }
    close(c.fd);
    pthread_mutex_unlock(&c.server->lock);
    return NULL;
}

static inline void *server_accept(void *server)
{
    struct server *s = server;
    int fd;
    while ((fd = accept(s->listener, NULL, NULL)) >= 0) {
        struct server_connection *c = malloc(sizeof *c);
        pthread_mutex_lock(&s->lock);
        if (!c || s->connections == SERVER_MAX_CONNECTIONS) {
            abort();
        }
        *c = (struct server_connection){ .server = s, .fd = fd };
        s->fds[s->connections] = fd;
        pthread_create(&s->threads[s->connections], NULL, server_serve, c);
        s->connections++;
        pthread_mutex_unlock(&s->lock);
    }
    return NULL;
}

static inline void server_start(struct server *s, const struct answer *script, size_t len)
{
    struct sockaddr_in address = { .sin_family = AF_INET };
    socklen_t size = sizeof address;
    *s = (struct server){ .script = script, .script_len = len, .last = BUF_INIT,
                          .all = BUF_INIT };
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    s->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (bind(s->listener, (struct sockaddr *)&address, size) < 0 ||
        listen(s->listener, 64) < 0 ||
        getsockname(s->listener, (struct sockaddr *)&address, &size) < 0) {
        perror("scripted server");
        exit(1);
    }
    s->port = ntohs(address.sin_port);
    snprintf(s->url, sizeof s->url, "http://127.0.0.1:%d", s->port);
    pthread_mutex_init(&s->lock, NULL);
    pthread_cond_init(&s->arrival, NULL);
    pthread_create(&s->acceptor, NULL, server_accept, s);
}

static inline void server_stop(struct server *s)
{
    shutdown(s->listener, SHUT_RDWR);
    pthread_join(s->acceptor, NULL);
    close(s->listener);
    pthread_mutex_lock(&s->lock);
    for (int i = 0; i < s->connections; i++) {
        if (s->fds[i] >= 0) {
            shutdown(s->fds[i], SHUT_RDWR);
        }
    }
    pthread_mutex_unlock(&s->lock);
    for (int i = 0; i < s->connections; i++) {
        pthread_join(s->threads[i], NULL);
    }
    pthread_cond_destroy(&s->arrival);
    pthread_mutex_destroy(&s->lock);
}

static inline void server_forget(struct server *s)
{
    buf_release(&s->last);
    buf_release(&s->all);
}

#endif
