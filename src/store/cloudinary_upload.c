#include "cloudinary_upload.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/random.h>
#include <unistd.h>

#include "cloudinary_answer.h"
#include "cloudinary_name.h"
#include "imgctl/mem.h"
#include "imgctl/text.h"

int64_t cloudinary_chunk_length(int64_t total, int64_t chunk_bytes, int64_t offset)
{
    return total - offset < chunk_bytes ? total - offset : chunk_bytes;
}

void cloudinary_content_range(struct buf *out, int64_t offset, int64_t length,
                              int64_t total)
{
    buf_addf(out, "bytes %" PRId64 "-%" PRId64 "/%" PRId64, offset, offset + length - 1,
             total);
}

/* ---- Is it what was sent? ---- */

/* A preset of the account may convert what is uploaded. */
static bool is_converted(const struct stored *stored, const struct store_item *item)
{
    return stored->format && item->format != IMAGE_NONE &&
           strcmp(stored->format, image_extension(item->format)) != 0;
}

/* Something was there under our id: 1 if it is this picture, 0 if another, -1. */
static int is_same(const struct stored *stored, const struct store_item *item,
                   struct error *err)
{
    bool has_content_id = cloudinary_is_content_id(stored->public_id, item->sha256);
    char md5[DIGEST_HEX_SIZE];
    if (has_content_id && is_converted(stored, item)) {
        return 1;
    }
    if (stored->bytes != item->size) {
        return 0;
    }
    if (!stored->etag) {
        return has_content_id;
    }
    if (digest_file(DIGEST_MD5, item->fd, item->size, md5, err) < 0) {
        return -1;
    }
    return strcasecmp(stored->etag, md5) == 0;
}

static int check_existing(const struct stored *stored, const struct store_item *item,
                          struct error *err)
{
    int same = is_same(stored, item, err);
    if (same != 0) {
        return same < 0 ? -1 : 0;
    }
    error_set(err, ERROR_REFUSED, "Cloudinary has another picture as \"%s\": %" PRId64
              " bytes, this one has %" PRId64, stored->public_id, stored->bytes,
              item->size);
    return error_hint(err, "choose another --public-id, or replace it with --force");
}

static int check_stored(const struct stored *stored, const struct store_item *item,
                        struct error *err)
{
    if (stored->existing) {
        return check_existing(stored, item, err);
    }
    if (stored->bytes == item->size || stored->bytes == 0 || is_converted(stored, item)) {
        return 0;
    }
    error_set(err, ERROR_STORE, "Cloudinary stored %" PRId64 " of %" PRId64
              " bytes as \"%s\"", stored->bytes, item->size, stored->public_id);
    return error_hint(err, "an upload preset of the account may change pictures; send it "
                      "again with --force");
}

/* ---- The requests ---- */

static bool is_chunked(const struct cloudinary_upload *u)
{
    return u->item->size > u->session->chunk_bytes;
}

static int64_t chunk_length(const struct cloudinary_upload *u)
{
    return cloudinary_chunk_length(u->item->size, u->session->chunk_bytes, u->at.offset);
}

static bool is_last(const struct cloudinary_upload *u)
{
    return u->at.offset + chunk_length(u) >= u->item->size;
}

/* An upload from its start. */
static int make_upload_id(struct cloudinary_upload *u, struct error *err)
{
    unsigned char bytes[sizeof u->at.upload_id / 2];
    if (getrandom(bytes, sizeof bytes, 0) != (ssize_t)sizeof bytes) {
        return error_errno(err, ERROR_FAILED, "cannot get random bytes");
    }
    text_hex(u->at.upload_id, bytes, sizeof bytes);
    u->at.chunk_bytes = u->session->chunk_bytes;
    u->at.offset = 0;
    u->resumed = false;
    return 0;
}

/* All that every chunk says again, and what it is part of. */
static int digest_fields(struct cloudinary_upload *u, struct error *err)
{
    char hex[DIGEST_HEX_SIZE];
    AUTO_BUF struct buf all = BUF_INIT;
    buf_addf(&all, "%s %" PRId64 " %d\n%s\n%s\n%s", u->item->sha256, u->item->size,
             u->item->overwrite, u->public_id, u->context.data, u->tags.data);
    if (digest_hex(DIGEST_SHA256, all.data, all.len, hex, err) < 0) {
        return -1;
    }
    memcpy(u->at.fields, hex, sizeof u->at.fields - 1);
    u->at.fields[sizeof u->at.fields - 1] = '\0';
    return 0;
}

/* From where an earlier process stood, if it is the same upload. */
static int find_start(struct cloudinary_upload *u, struct error *err)
{
    struct cloudinary_resume r;
    if (!is_chunked(u)) {
        return 0;
    }
    if (digest_fields(u, err) < 0 || make_upload_id(u, err) < 0) {
        return -1;
    }
    if (u->item->resume && cloudinary_resume_read(u->item->resume, &r) &&
        strcmp(r.fields, u->at.fields) == 0 && r.chunk_bytes == u->at.chunk_bytes &&
        r.offset < u->item->size && r.offset % r.chunk_bytes == 0) {
        u->at = r;
        u->resumed = true;
    }
    return 0;
}

static int fill_form(struct cloudinary_upload *u, struct error *err)
{
    struct cloudinary_form *f = &u->form;
    *f = (struct cloudinary_form){ .count = 0 };
    cloudinary_form_add(f, "public_id", u->public_id);
    /* Presets of the account may change the defaults of these, so say them all. */
    cloudinary_form_add(f, "overwrite", u->item->overwrite ? "true" : "false");
    cloudinary_form_add(f, "invalidate", u->item->overwrite ? "true" : NULL);
    cloudinary_form_add(f, "unique_filename", "false");
    cloudinary_form_add(f, "use_filename", "false");
    cloudinary_form_add(f, "context", u->context.data);
    cloudinary_form_add(f, "tags", u->tags.data);
    if (cloudinary_form_sign(f, u->session, err) < 0) {
        return -1;
    }
    cloudinary_form_add_file(f, u->item->fd, u->at.offset, chunk_length(u),
                             u->item->filename ? u->item->filename : "image");
    return 0;
}

static void fill_headers(struct cloudinary_upload *u)
{
    strlist_release(&u->request.headers);
    if (is_chunked(u)) {
        AUTO_BUF struct buf range = BUF_INIT;
        cloudinary_content_range(&range, u->at.offset, chunk_length(u), u->item->size);
        strlist_take(&u->request.headers, mem_printf("Content-Range: %s", range.data));
        strlist_take(&u->request.headers,
                     mem_printf("X-Unique-Upload-Id: %s", u->at.upload_id));
    }
}

/* SENT counts the form around the chunk, too. */
static void moved(void *cookie, int64_t sent, int64_t received)
{
    const struct cloudinary_upload *u = cookie;
    int64_t length = chunk_length(u);
    (void)received;
    int64_t of_chunk = sent < length ? sent : length;
    if (u->item->progress) {
        u->item->progress(u->item->cookie, u->at.offset + of_chunk);
    }
}

static void answered(void *cookie, int result, struct http_response *answer,
                     struct error *err);

/* Send the chunk at u->at.offset, which may be all, with a signature of its own. */
static int send_chunk(struct cloudinary_upload *u, struct error *err)
{
    struct http_client *client = cloudinary_client(u->session, err);
    if (!client || fill_form(u, err) < 0) {
        return -1;
    }
    fill_headers(u);
    u->request.parts = u->form.parts;
    u->request.part_count = u->form.part_count;
    return http_start(client, &u->request, answered, u, err);
}

/* Does the service refuse to go on where an earlier process stood? */
static bool has_forgotten(const struct cloudinary_upload *u,
                          const struct http_response *answer)
{
    return u->resumed && (answer->status == 400 || answer->status == 404 ||
                          answer->status == 409 || answer->status == 410);
}

static void next_chunk(struct cloudinary_upload *u)
{
    u->resumed = false;
    u->at.offset += chunk_length(u);
    if (u->item->note) {
        AUTO_FREE char *text = cloudinary_resume_write(&u->at);
        u->item->note(u->item->cookie, text);
    }
}

/* What follows from an answer: 1 there is more to send, 0 all is done, -1. */
static int judge(struct cloudinary_upload *u, const struct http_response *answer,
                 struct error *err)
{
    const struct cloudinary_key *key = &u->session->account.key;
    struct json *json;
    int next = 1;
    if (!u->signed_again && cloudinary_set_clock(u->session, answer)) {
        u->signed_again = true;
        return 1;
    }
    if (has_forgotten(u, answer)) {
        return make_upload_id(u, err) < 0 ? -1 : 1;
    }
    if (cloudinary_answer_read(answer, key, &json, err) < 0) {
        return -1;
    }
    if (is_last(u) || cloudinary_answer_is_complete(json)) {
        next = cloudinary_answer_stored(json, key, &u->stored, err);
        if (next == 0) {
            next = check_stored(&u->stored, u->item, err);
        }
    } else {
        next_chunk(u);
    }
    json_free(json);
    return next;
}

static void answered(void *cookie, int result, struct http_response *answer,
                     struct error *err)
{
    struct cloudinary_upload *u = cookie;
    int next = result < 0 ? -1 : judge(u, answer, err);
    if (next > 0) {
        next = send_chunk(u, err) < 0 ? -1 : 1;
    }
    if (next <= 0) {
        u->done(u->cookie, next, err);
    }
}

/* ---- From start to end ---- */

int cloudinary_upload_start(struct cloudinary_upload *u, struct cloudinary *session,
                            const struct store_item *item, const char *public_id,
                            cloudinary_uploaded *done, void *cookie, struct error *err)
{
    *u = (struct cloudinary_upload){
        .session = session,
        .item = item,
        .public_id = mem_strdup(public_id),
        .context = BUF_INIT,
        .tags = BUF_INIT,
        .url = cloudinary_call(session, "image/upload"),
        .request = HTTP_REQUEST_INIT,
        .done = done,
        .cookie = cookie,
    };
    u->request.url = u->url;
    u->request.timeout = session->timeout;
    u->request.progress = moved;
    u->request.progress_cookie = u;
    /* The id is ours and nothing is overwritten: a repeat finds the first. */
    u->request.retry = HTTP_RETRY_SAFE;
    cloudinary_add_context(&u->context, "alt", item->alt_text);
    if (cloudinary_add_tags(&u->tags, item->tags, err) < 0 ||
        find_start(u, err) < 0) {
        return -1;
    }
    return send_chunk(u, err);
}

void cloudinary_upload_release(struct cloudinary_upload *u)
{
    stored_release(&u->stored);
    buf_release(&u->context);
    buf_release(&u->tags);
    strlist_release(&u->request.headers);
    free(u->public_id);
    free(u->url);
    u->public_id = u->url = NULL;
}
