#include "mock.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "imgctl/clock.h"
#include "imgctl/file.h"
#include "imgctl/mem.h"
#include "imgctl/raster.h"
#include "test_card.h"

#define SIDE 1024       /* where no size is said */
#define SIDE_MAX 16383  /* what every format can hold */

static enum image_format format_of(const char *name)
{
    if (name && strcmp(name, "jpeg") == 0) {
        return IMAGE_JPEG;
    }
    return name && strcmp(name, "webp") == 0 ? IMAGE_WEBP : IMAGE_PNG;
}

static int draw(const struct generate_request *r, uint32_t width, uint32_t height,
                int index, struct error *err)
{
    AUTO_RASTER struct raster card = RASTER_INIT;
    AUTO_BUF struct buf bytes = BUF_INIT;
    struct save_options options = { .format = format_of(r->output_format) };
    if (r->compression >= 0) {
        options.quality = r->compression > 0 ? r->compression : 1;
    }
    test_card_draw(width, height, r->prompt, index + 1, &card);
    if (image_save(&card, &options, &bytes, err) < 0) {
        return -1;
    }
    int fd = r->open(r->cookie, index, err);
    if (fd < 0) {
        return -1;
    }
    if (file_write_all(fd, bytes.data, bytes.len) < 0) {
        return error_errno(err, ERROR_STORE, "cannot write picture %d", index + 1);
    }
    return 0;
}

static int draw_all(const struct generate_request *r, uint32_t width, uint32_t height,
                    struct generate_answer *answer, struct error *err)
{
    for (int i = 0; i < r->count; i++) {
        if (r->tick && r->tick(r->cookie, 0) != 0) {
            return error_set(err, ERROR_FAILED, "given up");
        }
        if (draw(r, width, height, i, err) < 0) {
            return -1;
        }
        answer->count++;
    }
    return 0;
}

static int mock_generate(struct generator *g, const struct generate_request *r,
                         struct generate_answer *answer, struct error *err)
{
    uint32_t width = r->width > 0 ? r->width : SIDE;
    uint32_t height = r->height > 0 ? r->height : SIDE;
    (void)g;
    *answer = (struct generate_answer)GENERATE_ANSWER_INIT;
    answer->created = clock_now();
    answer->usage.known = true;
    answer->attempts = 1;
    snprintf(answer->size, sizeof answer->size, "%" PRIu32 "x%" PRIu32, width, height);
    snprintf(answer->quality, sizeof answer->quality, "%s", r->quality ? r->quality : "");
    snprintf(answer->output_format, sizeof answer->output_format, "%s",
             r->output_format ? r->output_format : "png");
    if (r->count < 1 || r->count > GENERATE_COUNT || width > SIDE_MAX ||
        height > SIDE_MAX) {
        return error_set(err, ERROR_USAGE, "%d pictures of %" PRIu32 "x%" PRIu32
                         " are more than the mock draws", r->count, width, height);
    }
    return draw_all(r, width, height, answer, err);
}

static void mock_close(struct generator *g)
{
    free(g);
}

static const struct generator_ops mock_ops = {
    .name = "mock",
    .is_free = true,
    .generate = mock_generate,
    .close = mock_close,
};

int mock_open(struct generator **ret, struct error *err)
{
    if (image_codec_load(err) < 0) {
        return -1;
    }
    *ret = mem_alloc(sizeof **ret);
    **ret = (struct generator){ .ops = &mock_ops, .host = "mock" };
    return 0;
}
