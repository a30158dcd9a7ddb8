/*
 * openai_answer.h - a success, taken in while it arrives: its pictures into the
 * request's files, the rest into a struct generate_answer.
 */
#ifndef GENERATOR_OPENAI_ANSWER_H
#define GENERATOR_OPENAI_ANSWER_H

#include "answer_stream.h"
#include "imgctl/generator.h"

struct openai_answer {
    const struct generate_request *request;
    struct generate_answer *answer;
    struct answer_stream stream;
    int files[GENERATE_COUNT];    /* of pictures 0..; -1: not opened yet */
    int picture_of[GENERATE_COUNT]; /* of data[I], the picture; -1: none yet */
    bool is_writing;              /* files[answer->count] has bytes of stream.item */
    bool is_lost;                 /* stream.item cannot be written: the rest of the
                                     answer still tells of others, and what was paid */
    char *urls[GENERATE_COUNT];   /* of data[I] that came without bytes; NULL */
    char *prompts[GENERATE_COUNT]; /* revised ones of data[I] with a URL; NULL */
    struct error trouble;         /* of the first picture that was not good */
};

void openai_answer_init(struct openai_answer *a, const struct generate_request *request,
                        struct generate_answer *answer);
/* Also empties the file of a picture that was under way. */
void openai_answer_release(struct openai_answer *a);

/* For http.h: the body, in pieces. */
int openai_answer_take(void *openai_answer, const char *data, size_t len,
                       struct error *err);

/* All of it has come: read what stands beside the pictures. ERROR_UNAVAILABLE when it
 * is no JSON. */
int openai_answer_finish(struct openai_answer *a, struct error *err);

/* The file of the next picture, opened if it is not yet and empty; -1 with ERR. */
int openai_answer_file(struct openai_answer *a, struct error *err);

/* The file has the picture of data[ITEM]: is it one, to its end? Counts it, or notes
 * the trouble and empties the file. -1 only if that fails. */
int openai_answer_add(struct openai_answer *a, int item, struct error *err);

/* The picture of data[ITEM] is not there or not good: note why, empty the file. */
int openai_answer_drop(struct openai_answer *a, int item, struct error *why,
                       struct error *err);

#endif
