/*
 * answer_stream.h - the pictures out of an answer of the Images API while it arrives.
 *
 * Takes JSON in pieces cut anywhere. Strings at data[].b64_json, and data: links at
 * data[].url, are decoded from base64 and handed on in pieces; all else is kept as a
 * small JSON text in which such a string is empty, for json.h to judge: this scanner
 * only follows brackets, strings and names. So on text that is no JSON it finds fewer
 * or odd pictures, and the small text says that it was none.
 */
#ifndef GENERATOR_ANSWER_STREAM_H
#define GENERATOR_ANSWER_STREAM_H

#include "base64.h"
#include "imgctl/buf.h"
#include "imgctl/error.h"
#include "imgctl/json.h"

/* Ten prompts of 32,000 characters revised, each of which JSON may write as \uXXXX, and
 * the links: what is paid for must not be lost of words beside it. */
#define ANSWER_TEXT_LIMIT ((size_t)4 << 20)
#define ANSWER_NAME_MAX 16 /* longer names are none that is looked for */

struct answer_stream {
    /* Bytes of the picture in data[ITEM]; -1 with ERR stops the stream. */
    int (*bytes)(void *cookie, int item, const unsigned char *data, size_t len,
                 struct error *err);
    /* It is over; WHOLE: the base64 was right to its end. Not called for an empty
     * string. */
    int (*end)(void *cookie, int item, bool whole, struct error *err);
    void *cookie;

    struct buf text;        /* the small JSON text */

    char brackets[JSON_DEPTH];
    int depth;
    int item;               /* in data[]; -1 before the first */
    bool in_string, is_name;
    bool expects_name;      /* the next string in this object is a name */
    bool in_data;           /* the value of "data" at the top has begun */
    char name[ANSWER_NAME_MAX]; /* of the value to come, in the innermost object */
    size_t name_len;

    int escape;             /* characters of an escape sequence so far; 0: none */
    unsigned code;          /* of \uXXXX */
    enum {
        PICTURE_NO,     /* text */
        PICTURE_START,  /* may begin with "data:" */
        PICTURE_HEADER, /* of a data: link, up to its comma */
        PICTURE_BASE64,
    } picture;
    bool is_link;           /* it is data[].url, which may be text after all */
    char start[128];        /* of the string, until it is clear what it is */
    size_t start_len;
    struct base64 base64;
    unsigned char out[8192];
    size_t out_len;
};

void answer_stream_init(struct answer_stream *s);
void answer_stream_release(struct answer_stream *s);

/* -1 with what the callbacks set, or ERROR_UNAVAILABLE: no JSON object, nested too
 * deeply, more text beside the pictures than the limit. */
int answer_stream_feed(struct answer_stream *s, const char *data, size_t len,
                       struct error *err);

#endif
