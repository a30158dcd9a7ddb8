/*
 * generator.h - who makes pictures from a prompt: OpenAI's Images API (or a server
 * that speaks it), or the mock, which draws a test card offline and for nothing.
 *
 * A generator is a table of functions and its state. It only sends and receives: what
 * a model allows and costs is model.h, what is recorded before and after is
 * generate.h. A new one is a file that fills in struct generator_ops and a line in
 * generator_open().
 *
 * A request costs money and is not idempotent: it is sent once. It is sent again only
 * when the service certainly did not act on it: no connection, no TLS, 429 for speed
 * (Retry-After obeyed), 503 in which the service itself says that it is overloaded; and
 * without response_format where the server refused that by name. When it has left and
 * what came back is not the service's own word (a cut, a gateway's page, a success
 * without usable pictures), the error is ERROR_UNKNOWN: it may have been paid for.
 *
 * The answer's pictures are decoded from base64 while they arrive, into files; memory
 * does not depend on their size.
 */
#ifndef IMGCTL_GENERATOR_H
#define IMGCTL_GENERATOR_H

#include <stdbool.h>
#include <stdint.h>

#include "imgctl/config.h"
#include "imgctl/error.h"
#include "imgctl/image.h"

#define GENERATE_INPUTS 16 /* pictures to edit, at most */
#define GENERATE_COUNT 10  /* pictures of one request, at most */

/* A picture to edit: bytes, a link, or both. Links go where all pictures have one
 * (the mask may be bytes then); else all must have bytes. */
struct generate_input {
    int fd;                  /* -1: none */
    int64_t size;
    enum image_format format;
    uint32_t width, height;
    const char *url;         /* https, for the service to fetch; NULL */
};

/* A request, resolved and allowed by model.h. A NULL or negative field is not sent. */
struct generate_request {
    const char *model;
    const char *prompt;
    int count;
    uint32_t width, height;    /* 0: not said */
    const char *quality;       /* "low" ...; as the model calls it */
    const char *background;    /* "opaque", "transparent", "auto" */
    const char *output_format; /* "png", "jpeg", "webp" */
    int compression;           /* 0..100; -1 */
    const char *style;         /* DALL-E 3 only */
    const char *moderation;
    const char *response_format; /* "b64_json" where the model or server wants it told */
    const struct generate_input *inputs;
    int input_count;           /* above 0: it is an edit */
    const struct generate_input *mask; /* PNG bytes; NULL */
    const char *client_id;     /* our own name for the request, for the service's log */
    int timeout;               /* seconds for all of it; 0: 600 */

    /* Where picture I (from 0) goes: a file open for reading and writing, empty; the
     * generator closes nothing. -1 with ERR to give up. One that is not needed in the
     * end is left empty. */
    int (*open)(void *cookie, int index, struct error *err);
    /* Now and then while waiting, with the bytes RECEIVED so far; may be NULL. Non-zero
     * gives up: ERROR_UNKNOWN if the request had left, else ERROR_FAILED. */
    int (*tick)(void *cookie, int64_t received);
    void *cookie;
};

/* Tokens that were charged; all 0 where the server says nothing of them. */
struct generate_usage {
    int64_t text_in, image_in, text_out, image_out;
    bool known;
};

struct generate_answer {
    int count;                 /* pictures that arrived, opened as 0..count-1 */
    char *revised_prompt[GENERATE_COUNT]; /* NULL: the service did not change it */
    struct generate_usage usage;
    char size[24], quality[16], output_format[16], background[16]; /* as answered; "" */
    char request_id[80];
    char error_code[64];       /* the service's word for a failure, such as
                                  "moderation_blocked"; "" */
    int64_t created;           /* ms; 0 */
    bool sent;                 /* also after a failure: may the service have seen it? */
    int attempts;
};

#define GENERATE_ANSWER_INIT { .count = 0 }
void generate_answer_release(struct generate_answer *a);

struct generator;

struct generator_ops {
    const char *name;          /* "openai" */
    bool is_free;              /* costs nothing, needs no ledger */
    /*
     * 0 with at least one picture, and at most as many as were asked for: each is a
     * whole JPEG, PNG or WebP. Errors: ERROR_CREDENTIALS, ERROR_REFUSED (content
     * policy, plan, retired model), ERROR_LIMIT (quota: money, not speed),
     * ERROR_RATE_LIMIT, ERROR_UNAVAILABLE, ERROR_NETWORK (certainly not sent),
     * ERROR_USAGE (a parameter), ERROR_CONFIG (nothing of the kind at the base URL),
     * ERROR_IMAGE_* (a picture to edit that the service does not take), ERROR_FAILED
     * (given up before it left), ERROR_UNKNOWN. After all but the last nothing was
     * paid. The answer is filled in even then, as far as it is known, and pictures that
     * had arrived whole are counted: with ERROR_UNKNOWN, keep them and their usage.
     */
    int (*generate)(struct generator *g, const struct generate_request *request,
                    struct generate_answer *answer, struct error *err);
    void (*close)(struct generator *g);
};

struct generator {
    const struct generator_ops *ops;
    const char *host;          /* "api.openai.com"; owned by it */
    bool is_official;          /* OpenAI's own host */
};

struct generator_context {
    const struct config *config;
    int trace_fd;              /* -1: no trace */
};

/* By name ("openai", "mock"), in the main thread, for it loads modules. The generator
 * may then work in any thread, but in one at a time: who wants two requests at once
 * opens two. ERROR_USAGE for another name, ERROR_CREDENTIALS where a key is needed and
 * missing, ERROR_CONFIG for a base URL that breaks a rule. */
int generator_open(const char *name, const struct generator_context *context,
                   struct generator **ret, struct error *err);
void generator_close(struct generator *g);

/* "openai" or "mock", as the setting generate.provider says. */
const char *generator_default(const struct config *config);

#endif
