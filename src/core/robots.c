/*
 * robots.txt (RFC 9309): groups of user agents, each with its rules.
 */
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "preflight.h"

struct group {
    bool open;        /* its user agents are still being named */
    bool ours, others; /* it is for the agent asked for; for everybody ("*") */
};

struct decision {
    size_t length;    /* of the longest rule that fits */
    bool disallow;
};

/* PATTERN with '*' for anything and '$' for the end, against the start of PATH. */
static bool fits(const char *pattern, size_t len, const char *path)
{
    const char *from = NULL; /* where the last '*' is tried */
    size_t i = 0, after_star = 0;
    for (;;) {
        if (i < len && pattern[i] == '*') {
            after_star = ++i;
            from = path;
        } else if (i == len || (pattern[i] == '$' && i + 1 == len && *path == '\0')) {
            return true;
        } else if (*path != '\0' && pattern[i] == *path) {
            i++;
            path++;
        } else if (from && *from != '\0') {
            path = ++from;
            i = after_star;
        } else {
            return false;
        }
    }
}

/* The word before ':' and what stands behind it, without blanks and comment. */
static bool split(const char *line, size_t len, const char *word, const char **value,
                  size_t *value_len)
{
    size_t n = strlen(word);
    const char *hash = memchr(line, '#', len);
    len = hash ? (size_t)(hash - line) : len;
    while (len > 0 && isspace((unsigned char)*line)) {
        line++;
        len--;
    }
    if (len <= n || strncasecmp(line, word, n) != 0) {
        return false;
    }
    const char *p = line + n, *end = line + len;
    while (p < end && isspace((unsigned char)*p)) {
        p++;
    }
    if (p == end || *p++ != ':') {
        return false;
    }
    while (p < end && isspace((unsigned char)*p)) {
        p++;
    }
    while (end > p && isspace((unsigned char)end[-1])) {
        end--;
    }
    *value = p;
    *value_len = (size_t)(end - p);
    return true;
}

static void note_agent(struct group *g, const char *value, size_t len, const char *agent)
{
    if (!g->open) {
        *g = (struct group){ .open = true };
    }
    g->others |= len == 1 && *value == '*';
    g->ours |= len == strlen(agent) && strncasecmp(value, agent, len) == 0;
}

static void note_rule(struct decision *d, bool disallow, const char *value, size_t len,
                      const char *path)
{
    if (len > 0 && fits(value, len, path) &&
        (len > d->length || (len == d->length && !disallow))) {
        *d = (struct decision){ len, disallow };
    }
}

bool robots_disallow(const char *text, const char *agent, const char *path)
{
    struct group g = { .open = false };
    struct decision ours = { 0, false }, others = { 0, false };
    bool named = false;
    while (*text) {
        size_t len = strcspn(text, "\r\n"), value_len;
        const char *value;
        if (split(text, len, "user-agent", &value, &value_len)) {
            note_agent(&g, value, value_len, agent);
            named |= g.ours;
        } else {
            bool disallow = split(text, len, "disallow", &value, &value_len);
            if (disallow || split(text, len, "allow", &value, &value_len)) {
                g.open = false;
                if (g.ours) {
                    note_rule(&ours, disallow, value, value_len, path);
                }
                if (g.others) {
                    note_rule(&others, disallow, value, value_len, path);
                }
            }
        }
        text += len;
        text += strspn(text, "\r\n");
    }
    return named ? ours.disallow : others.disallow;
}
