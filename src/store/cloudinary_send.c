#include "cloudinary_send.h"

#include <stdlib.h>

#include "cloudinary_name.h"
#include "cloudinary_session.h"
#include "cloudinary_upload.h"
#include "imgctl/mem.h"

/* A put under way, in the session's list. */
struct sending {
    struct cloudinary_upload upload;
    struct sending *previous, *next;
    store_done *done;
    void *cookie;
};

char *cloudinary_plan(struct store *s, const struct store_item *item, struct error *err)
{
    struct cloudinary *c = (struct cloudinary *)s;
    AUTO_BUF struct buf id = BUF_INIT;
    if (item->public_id) {
        return cloudinary_check_public_id(item->public_id, err) < 0
                   ? NULL
                   : mem_strdup(item->public_id);
    }
    const char *folder = config_text(c->config, "cloudinary.folder");
    if (cloudinary_content_id(&id, folder ? folder : "", item->business_id,
                              item->filename ? item->filename : "", item->sha256,
                              err) < 0) {
        return NULL;
    }
    return buf_detach(&id);
}

static void release(struct cloudinary *c, struct sending *s)
{
    *(s->previous ? &s->previous->next : &c->sendings) = s->next;
    if (s->next) {
        s->next->previous = s->previous;
    }
    cloudinary_upload_release(&s->upload);
    free(s);
}

static void finish(void *cookie, int result, const struct error *why)
{
    struct sending *s = cookie;
    struct error err = ERROR_INIT;
    if (result < 0) {
        err = *why;
    }
    s->done(s->cookie, result, &s->upload.stored, &err);
    release(s->upload.session, s);
}

int cloudinary_start(struct store *store, const struct store_item *item, store_done *done,
                     void *cookie, struct error *err)
{
    struct cloudinary *c = (struct cloudinary *)store;
    AUTO_FREE char *public_id = cloudinary_plan(store, item, err);
    if (!public_id) {
        return -1;
    }
    struct sending *s = mem_alloc(sizeof *s);
    s->done = done;
    s->cookie = cookie;
    s->next = c->sendings;
    if (s->next) {
        s->next->previous = s;
    }
    c->sendings = s;
    int result = cloudinary_upload_start(&s->upload, c, item, public_id, finish, s, err);
    if (result < 0) {
        release(c, s);
    }
    return result;
}

void cloudinary_run(struct store *store, int wake_fd, int timeout)
{
    struct cloudinary *c = (struct cloudinary *)store;
    if (c->client) {
        http_wait(c->client, wake_fd, timeout);
    }
}

void cloudinary_cancel(struct store *store)
{
    struct cloudinary *c = (struct cloudinary *)store;
    http_client_free(c->client);
    c->client = NULL;
    while (c->sendings) {
        /* The analyzer does not see that releasing moves c->sendings. */
        release(c, c->sendings); /* NOLINT(clang-analyzer-unix.Malloc) */
    }
}

/* Where put() waits for the answer. */
struct wait {
    bool over;
    int result;
    struct stored *stored;
    struct error *err;
};

static void stop_waiting(void *cookie, int result, struct stored *stored,
                         struct error *err)
{
    struct wait *w = cookie;
    w->over = true;
    w->result = result;
    if (result < 0) {
        *w->err = *err;
    } else {
        *w->stored = *stored;
        *stored = (struct stored){ .url = NULL };
    }
}

int cloudinary_put(struct store *s, const struct store_item *item, struct stored *ret,
                   struct error *err)
{
    struct wait wait = { .stored = ret, .err = err };
    if (cloudinary_start(s, item, stop_waiting, &wait, err) < 0) {
        return -1;
    }
    while (!wait.over) {
        cloudinary_run(s, -1, 1000);
    }
    return wait.result;
}
