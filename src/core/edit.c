/* The pictures that an edit begins with, and its mask. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "content.h"
#include "imgctl/file.h"
#include "imgctl/generate.h"
#include "imgctl/mem.h"

/* What the service takes, by the API's reference. */
static const struct image_limits input_limits = { .bytes = 50 * 1024 * 1024 };
static const struct image_limits mask_limits = { .bytes = 4 * 1024 * 1024 };

void edit_release(struct edit *e)
{
    for (int i = 0; i < e->count; i++) {
        mem_cleanup_fd(&e->inputs[i].fd);
        free(e->sha256[i]);
        free(e->urls[i]);
    }
    mem_cleanup_fd(&e->mask.fd);
    free(e->mask_sha256);
    *e = (struct edit)EDIT_INIT;
}

static int check_room(const struct edit *e, struct error *err)
{
    return e->count < GENERATE_INPUTS
               ? 0
               : error_set(err, ERROR_USAGE, "an edit begins with at most %d pictures",
                           GENERATE_INPUTS);
}

/* Check and strip what FD has, which becomes INPUT's or is closed. */
static int take(int fd, int64_t size, const struct image_limits *limits,
                enum image_strip strip, struct generate_input *input, char **sha256,
                bool *has_alpha, struct error *err)
{
    struct content c = { .fd = fd };
    AUTO_FD int original = fd;
    AUTO_FD int stripped = -1;
    if (content_inspect(fd, size, limits, &c, err) < 0 ||
        content_strip(&c, strip, limits, &stripped, err) < 0) {
        return -1;
    }
    *input = (struct generate_input){
        .fd = c.fd,
        .size = c.size,
        .format = c.info.format,
        .width = c.info.width,
        .height = c.info.height,
    };
    *(c.fd == stripped ? &stripped : &original) = -1;
    *sha256 = mem_strdup(c.sha256);
    *has_alpha = c.info.has_alpha;
    return 0;
}

static int take_file(const char *path, const struct image_limits *limits,
                     enum image_strip strip, struct generate_input *input, char **sha256,
                     bool *has_alpha, struct error *err)
{
    struct stat st;
    int fd = file_open_regular(path, &st, err);
    *has_alpha = false;
    if (fd < 0 ||
        take(fd, st.st_size, limits, strip, input, sha256, has_alpha, err) < 0) {
        return error_wrap(err, "%s", path);
    }
    return 0;
}

int edit_add_file(struct edit *e, const char *path, enum image_strip strip,
                  struct error *err)
{
    bool has_alpha;
    if (check_room(e, err) < 0 ||
        take_file(path, &input_limits, strip, &e->inputs[e->count], &e->sha256[e->count],
                  &has_alpha, err) < 0) {
        return -1;
    }
    e->count++;
    return 0;
}

/* ---- Pictures of the catalog ---- */

/* An https link to the original, for the service to fetch; NULL if there is none. */
static char *link_of(const struct picture *p, struct store *store)
{
    AUTO_BUF struct buf link = BUF_INIT;
    struct error ignored = ERROR_INIT; /* then it goes by its bytes */
    struct stored what = picture_stored(p);
    const struct link_options how = { .kind = LINK_ORIGINAL };
    if (!store->ops->is_remote ||
        store->ops->link(store, &what, &how, &link, &ignored) < 0 ||
        strncmp(link.data, "https://", 8) != 0) {
        return NULL;
    }
    return buf_detach(&link);
}

static int fetch(struct edit *e, const struct picture *p, struct store *store,
                 enum image_strip strip, struct error *err)
{
    struct stored what = picture_stored(p);
    bool has_alpha;
    int fd = file_scratch(err);
    if (fd < 0 || store->ops->get(store, &what, p->sha256, fd, err) < 0) {
        mem_cleanup_fd(&fd);
        return -1;
    }
    off_t size = lseek(fd, 0, SEEK_END);
    return take(fd, size, &input_limits, strip, &e->inputs[e->count],
                &e->sha256[e->count], &has_alpha, err);
}

int edit_add_picture(struct edit *e, const struct picture *p, struct store *store,
                     bool bytes, enum image_strip strip, struct error *err)
{
    if (check_room(e, err) < 0) {
        return -1;
    }
    int i = e->count;
    e->inputs[i] = (struct generate_input){
        .fd = -1,
        .size = p->file_size_bytes,
        .width = (uint32_t)p->width,
        .height = (uint32_t)p->height,
    };
    e->urls[i] = link_of(p, store);
    if ((bytes || !e->urls[i]) && fetch(e, p, store, strip, err) < 0) {
        free(e->urls[i]);
        e->urls[i] = NULL;
        return error_wrap(err, "picture %lld", (long long)p->id);
    }
    e->inputs[i].url = e->urls[i];
    if (!e->sha256[i]) {
        e->sha256[i] = mem_strdup(p->sha256 ? p->sha256 : e->urls[i]);
    }
    if (i == 0) {
        e->derived_from = p->id;
    }
    e->count++;
    return 0;
}

/* ---- The mask ---- */

int edit_set_mask(struct edit *e, const char *path, struct error *err)
{
    bool has_alpha;
    const struct generate_input *first = &e->inputs[0];
    if (e->count == 0) {
        error_set(err, ERROR_USAGE, "a mask goes with a picture to edit");
        return error_hint(err, "name the picture with --from ID or --from FILE");
    }
    if (take_file(path, &mask_limits, STRIP_NONE, &e->mask, &e->mask_sha256, &has_alpha,
                  err) < 0) {
        return -1;
    }
    if (e->mask.format != IMAGE_PNG || !has_alpha) {
        error_set(err, ERROR_IMAGE_TYPE, "the mask %s is no PNG with transparency", path);
        return error_hint(err, "what is transparent in a mask is drawn anew");
    }
    if (e->mask.width != first->width || e->mask.height != first->height) {
        return error_set(err, ERROR_IMAGE_LIMIT,
                         "the mask %s is %ux%u, the picture to edit %ux%u", path,
                         e->mask.width, e->mask.height, first->width, first->height);
    }
    return 0;
}
