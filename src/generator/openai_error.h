/*
 * openai_error.h - what a refusal means, in the four shapes in which OpenAI and the
 * servers like it say so: {"error": {..}}, {"error": ".."}, {"detail": ..}, no JSON.
 */
#ifndef GENERATOR_OPENAI_ERROR_H
#define GENERATOR_OPENAI_ERROR_H

#include "imgctl/error.h"
#include "imgctl/http.h"

/* Turn ANSWER, which is no success, into ERR. KEY is never quoted. CODE (64 bytes) gets
 * the service's word for it. Always returns -1. */
int openai_error_read(const struct http_response *answer, const char *key, char *code,
                      struct error *err);

/* For http.h: limits of speed and overload pass, limits of money do not. */
bool openai_error_may_repeat(const struct http_response *answer);

/* Was response_format refused by name? */
bool openai_error_is_format(const struct http_response *answer);

/* Say that the outcome is not known: ERR's message stays, its kind and hint change. */
int openai_error_unknown(struct error *err);

#endif
