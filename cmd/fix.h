/*
 * fix.h - what the files of `fix` share.
 */
#ifndef CMD_FIX_H
#define CMD_FIX_H

#include "imgctl/repair.h"
#include "pictures.h"
#include "run_batch.h"

/* A picture that is to be repaired. */
struct fix_input {
    const char *input;
    struct picture picture; /* its id is 0 where it is a file or a URL */
    struct error error;     /* it was not found */
};

struct fix_front {
    struct batch_front batch;
    const struct fix_options *fix;
    const struct fix_input *inputs; /* all of them, in order */
    size_t first;                   /* the one that the batch under way began with */
    bool plain;                     /* standard output gets the picture: no report */
};

/* For batch_front.show: one line, or one JSON item with the plan, and what is left. */
void fix_show(struct batch_front *front, const struct batch_result *result);

#endif
