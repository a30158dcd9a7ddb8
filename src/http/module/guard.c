#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include "exchange.h"
#include "imgctl/clock.h"

static int refuse_address(struct exchange *x)
{
    error_set(&x->error, ERROR_USAGE, "%s is a private address", x->host);
    return error_hint(&x->error, "use --allow-private if you mean it");
}

/* The place where every spelling of an address, every answer of the name service
 * and every redirect has become the address that a packet would go to. */
curl_socket_t guard_open_socket(void *exchange, curlsocktype purpose,
                                struct curl_sockaddr *address)
{
    struct exchange *x = exchange;
    if (x->guarded && !x->proxy && !address_is_public(&address->addr)) {
        refuse_address(x);
        return CURL_SOCKET_BAD;
    }
    (void)purpose;
    return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

static bool peer_is_public(const char *peer)
{
    struct sockaddr_in in = { .sin_family = AF_INET };
    struct sockaddr_in6 in6 = { .sin6_family = AF_INET6 };
    if (inet_pton(AF_INET, peer, &in.sin_addr) == 1) {
        return address_is_public((const struct sockaddr *)&in);
    }
    return inet_pton(AF_INET6, peer, &in6.sin6_addr) == 1 &&
           address_is_public((const struct sockaddr *)&in6);
}

/*
 * A connection that an unguarded request made may be at hand for a guarded one.
 * And on a used connection that turns out dead libcurl sends again by itself,
 * which shows nowhere but here.
 */
int guard_before_request(void *exchange, char *peer, char *local, int peer_port,
                         int local_port)
{
    struct exchange *x = exchange;
    (void)local;
    (void)peer_port;
    (void)local_port;
    if (x->guarded && !x->proxy && !peer_is_public(peer)) {
        refuse_address(x);
        return CURL_PREREQFUNC_ABORT;
    }
    if (x->begun++ > 0) {
        x->response.maybe_acted = true;
        x->response.attempts++;
    }
    error_clear(&x->error); /* another address of the host was public */
    return CURL_PREREQFUNC_OK;
}

/* A body under way must move: what the service did too slowly, or NULL. One that
 * thinks about its answer, or has sent headers and thinks about the rest, is
 * waited for, unless it only has a file to send. */
static const char *stalled(struct exchange *x, int64_t sent, int64_t send_total)
{
    int64_t now = clock_steady();
    if (x->paused) { /* we hold it back ourselves */
        x->sending = (struct stall){ .looked_at = 0 };
        return NULL;
    }
    if (sent > 0 && sent < send_total) {
        return stall_look(&x->sending, now, sent) ? "took" : NULL;
    }
    bool file_due = x->request->download && x->response.status >= 200;
    bool moving = x->in_headers || x->received > 0 || file_due;
    if (!moving) {
        x->receiving = (struct stall){ .looked_at = 0 };
        return NULL;
    }
    int64_t bytes = (int64_t)x->header_bytes + x->received;
    return stall_look(&x->receiving, now, bytes) ? "sent" : NULL;
}

int guard_progress(void *exchange, curl_off_t receive_total, curl_off_t received,
                   curl_off_t send_total, curl_off_t sent)
{
    struct exchange *x = exchange;
    (void)receive_total;
    const char *slow = stalled(x, sent, send_total);
    if (slow) {
        error_set(&x->error, ERROR_NETWORK, "%s %s less than 1 KiB/s for %d s", x->host,
                  slow, STALL_SECONDS);
        x->error.retryable = true;
        return 1;
    }
    if (x->request->progress) {
        x->request->progress(x->request->progress_cookie, sent, received);
    }
    return 0;
}
