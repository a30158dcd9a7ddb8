/*
 * cloudinary_upload.h - one picture on its way to Cloudinary, in one request or,
 * if it is large, in chunks that follow each other.
 *
 * It runs on the session's event loop, so that several can be under way at once.
 */
#ifndef CLOUDINARY_UPLOAD_H
#define CLOUDINARY_UPLOAD_H

#include <stdbool.h>
#include <stdint.h>

#include "cloudinary_resume.h"
#include "cloudinary_session.h"
#include "imgctl/buf.h"
#include "imgctl/http.h"
#include "imgctl/store.h"

/* Called once, from http_run(): RESULT is 0, or -1 with ERR. */
typedef void cloudinary_uploaded(void *cookie, int result, const struct error *err);

struct cloudinary_upload {
    struct stored stored;         /* the result; the caller's to release or take */
    struct cloudinary *session;
    const struct store_item *item;
    char *public_id;
    struct buf context, tags;
    struct cloudinary_resume at;  /* its offset is that of the chunk under way */
    bool resumed;                 /* an earlier process began it; not confirmed yet */
    bool signed_again;
    char *url;
    struct cloudinary_form form;
    struct http_request request;
    cloudinary_uploaded *done;
    void *cookie;
};

/*
 * Start sending ITEM, which must stay until DONE is called, under PUBLIC_ID. The
 * upload is the caller's memory, must not be moved, and is released in the end
 * whatever happened: after DONE, after a failure to start, or after the client
 * was freed.
 */
int cloudinary_upload_start(struct cloudinary_upload *u, struct cloudinary *session,
                            const struct store_item *item, const char *public_id,
                            cloudinary_uploaded *done, void *cookie, struct error *err);
void cloudinary_upload_release(struct cloudinary_upload *u);

/* How many bytes the chunk at OFFSET has. */
int64_t cloudinary_chunk_length(int64_t total, int64_t chunk_bytes, int64_t offset);

/* Add "bytes FIRST-LAST/TOTAL". */
void cloudinary_content_range(struct buf *out, int64_t offset, int64_t length,
                              int64_t total);

#endif
