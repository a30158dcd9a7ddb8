/*
 * openai_request.h - what is sent for a generation: JSON, or a form where pictures go
 * along as files. It holds what the request says and nothing else.
 */
#ifndef GENERATOR_OPENAI_REQUEST_H
#define GENERATOR_OPENAI_REQUEST_H

#include "imgctl/buf.h"
#include "imgctl/error.h"
#include "imgctl/generator.h"
#include "imgctl/http.h"

#define OPENAI_PARTS (GENERATE_INPUTS + 16)

struct openai_body {
    const char *path;          /* "/images/generations" */
    bool is_form;
    struct buf json;
    struct http_part parts[OPENAI_PARTS];
    size_t part_count;
    char count[12], compression[12], size[24];
    char names[GENERATE_INPUTS][24]; /* of the files */
};

#define OPENAI_BODY_INIT { .json = BUF_INIT }
void openai_body_release(struct openai_body *b);

/* Points into R and B. WITH_FORMAT: say response_format if R does. ERROR_USAGE for a
 * mixture of links and files that no request can hold. */
int openai_body_make(const struct generate_request *r, bool with_format,
                     struct openai_body *b, struct error *err);

#endif
