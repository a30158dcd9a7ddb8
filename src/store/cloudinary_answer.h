/*
 * cloudinary_answer.h - what Cloudinary's answers mean.
 *
 * Its errors have no machine code, only a status and a sentence: the table in
 * cloudinary_answer.c is the one place that knows which means what. All
 * functions are pure; nothing here touches the network.
 */
#ifndef CLOUDINARY_ANSWER_H
#define CLOUDINARY_ANSWER_H

#include <stdbool.h>
#include <stdint.h>

#include "cloudinary_sign.h"
#include "imgctl/error.h"
#include "imgctl/http.h"
#include "imgctl/json.h"
#include "imgctl/store.h"

/*
 * The answer's JSON object, if it says that all went well; otherwise the error
 * it stands for, without anything secret. An answer that is no JSON object is
 * ERROR_UNAVAILABLE: it does not come from where we wanted to go.
 */
int cloudinary_answer_read(const struct http_response *answer,
                           const struct cloudinary_key *key, struct json **ret,
                           struct error *err);

/* The same for an answer that is no JSON when it is good: a download. */
int cloudinary_answer_check(const struct http_response *answer,
                            const struct cloudinary_key *key, struct error *err);

/* Was the request refused because its timestamp is too old or too new? */
bool cloudinary_answer_is_stale(const struct http_response *answer);

/* Is this the answer to a whole upload, not to a chunk before the last? */
bool cloudinary_answer_is_complete(const struct json *answer);

/*
 * The picture that an upload's answer describes, checked: that the account
 * signed it, that it names a picture. ERROR_UNAVAILABLE otherwise.
 */
int cloudinary_answer_stored(const struct json *answer, const struct cloudinary_key *key,
                             struct stored *ret, struct error *err);

#endif
