/*
 * prepare.h - the part of an upload that only reads and computes: open the input,
 * check it, convert it or take metadata out. Runs in any thread. The digest is made
 * afterwards, because two pictures are digested together in less time (digest_files()).
 */
#ifndef PREPARE_H
#define PREPARE_H

#include "content.h"
#include "imgctl/upload.h"
#include "source.h"

/* What was read, and what is to be stored; its digest is "" where it has not been made
 * on the way. */
struct prepared {
    struct source source;
    int converted_fd;     /* scratch file with what it was converted to; -1 */
    int stripped_fd;      /* scratch file with the metadata taken out of that; -1 */
    struct content bytes; /* to store: of the last of the three above that is there */
    int64_t checked_at;   /* clock_now() before the first byte was read */
};

#define PREPARED_INIT                                                      \
    {                                                                      \
        .source = SOURCE_INIT, .converted_fd = -1, .stripped_fd = -1,      \
        .bytes = { .fd = -1 }                                              \
    }

/*
 * CLIENT is for URLs, made at the first one; not to be used by two threads at once.
 * ORIGIN may be NULL; CHANGE, too, without a conversion. RET is the caller's to release,
 * whatever the result.
 */
int prepare(const struct upload_options *options, const char *input,
            const struct upload_origin *origin, struct http_client **client,
            struct prepared *ret, struct upload_change *change, struct error *err);
void prepared_release(struct prepared *p); /* safe to repeat */

/* ---- convert.c ---- */

/*
 * Carry CONVERSION out on what P has open. P's content then is the new picture, if there
 * is one, and its name ends as it should; otherwise CHANGE says that none is needed.
 */
int convert(const struct upload_conversion *conversion, struct prepared *p,
            struct upload_change *change, struct error *err);

/* Load what prepare() needs and what must not be loaded by two threads at once; with
 * NETWORK that, too. */
int prepare_load(const struct upload_options *options, bool network,
                 struct http_client **client, struct error *err);

#endif
