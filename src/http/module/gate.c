#include <stdlib.h>
#include <string.h>

#include "exchange.h"
#include "imgctl/mem.h"

struct gate {
    struct gate *next;
    char *host;
    int64_t until;                /* nobody before */
    const struct exchange *asking; /* then one, and nobody else while it is out */
};

/* The link to the gate of X's host; to NULL when there is none. */
static struct gate **find(const struct exchange *x)
{
    struct gate **link = &x->client->gates;
    while (*link && strcmp((*link)->host, x->host) != 0) {
        link = &(*link)->next;
    }
    return link;
}

static void remove_gate(struct gate **link)
{
    struct gate *gate = *link;
    *link = gate->next;
    free(gate->host);
    free(gate);
}

int64_t gate_opens(const struct exchange *x, int64_t now)
{
    const struct gate *gate = *find(x);
    if (!gate) {
        return 0;
    }
    if (gate->asking) {
        return INT64_MAX;
    }
    return gate->until > now ? gate->until : 0;
}

bool gate_is_closed(const struct exchange *x)
{
    const struct gate *gate = *find(x);
    return gate && gate->asking != x;
}

void gate_enter(struct exchange *x)
{
    struct gate *gate = *find(x);
    if (gate) {
        gate->asking = x;
    }
}

bool gate_close(struct exchange *x, int64_t until)
{
    struct gate **link = find(x);
    if (!*link) {
        *link = mem_alloc(sizeof **link);
        (*link)->host = mem_strdup(x->host);
    }
    if (until > (*link)->until) {
        (*link)->until = until;
    }
    bool asked = (*link)->asking == x;
    if (asked) {
        (*link)->asking = NULL;
    }
    return asked;
}

void gate_leave(struct exchange *x, bool welcome)
{
    struct gate **link = find(x);
    if (*link && (*link)->asking == x) {
        if (welcome) {
            remove_gate(link);
        } else {
            (*link)->asking = NULL;
        }
    }
}

void gate_free_all(struct http_client *c)
{
    while (c->gates) {
        remove_gate(&c->gates);
    }
}
