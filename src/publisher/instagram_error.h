/*
 * instagram_error.h - what the Graph API's errors mean, by number: their texts are in
 * the language of the account, and change.
 *
 * An error is {"error": {"message", "type", "code", "error_subcode", "is_transient",
 * "error_user_title", "error_user_msg", "fbtrace_id"}}, with HTTP status 400 nearly
 * always. The numbers are Meta's "Error codes" page of the Instagram platform.
 */
#ifndef INSTAGRAM_ERROR_H
#define INSTAGRAM_ERROR_H

#include <stdbool.h>
#include <stdint.h>

#include "imgctl/error.h"
#include "imgctl/http.h"
#include "imgctl/json.h"

enum instagram_remedy {
    REMEDY_NONE,      /* the same again would fail the same way */
    REMEDY_AGAIN,     /* a moment later it may work: the service could not fetch */
    REMEDY_CONTAINER, /* with a new container it may work */
    REMEDY_WAIT,      /* the container is not ready yet */
    REMEDY_ASK,       /* nobody knows, or it may have been published nevertheless: ask
                         the container; also for answers that are not Instagram's */
};

/*
 * Read an answer. 0 with its JSON object in *ret (the caller's to free); -1 with ERR by
 * the number in it, and what may help in *remedy (may be NULL).
 */
int instagram_answer(const struct http_response *answer, struct json **ret,
                     enum instagram_remedy *remedy, struct error *err);

/* ERR for the number that a container's status text ends with ("... 2207052"). */
int instagram_container_error(const char *status, struct error *err);

#endif
