#include "openai_request.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base64.h"
#include "imgctl/json.h"
#include "imgctl/mem.h"

void openai_body_release(struct openai_body *b)
{
    buf_release(&b->json);
}

static void print_numbers(const struct generate_request *r, struct openai_body *b)
{
    b->count[0] = b->compression[0] = b->size[0] = '\0';
    if (r->count > 0) {
        snprintf(b->count, sizeof b->count, "%d", r->count);
    }
    if (r->compression >= 0) {
        snprintf(b->compression, sizeof b->compression, "%d", r->compression);
    }
    if (r->width > 0) {
        snprintf(b->size, sizeof b->size, "%" PRIu32 "x%" PRIu32, r->width, r->height);
    }
}

/* The fields that both forms have, in one order; ADD decides how. */
static void add_fields(const struct generate_request *r, bool with_format,
                       struct openai_body *b,
                       void (*add)(struct openai_body *b, const char *name,
                                   const char *value, bool is_number))
{
    add(b, "model", r->model, false);
    add(b, "prompt", r->prompt, false);
    add(b, "n", b->count, true);
    add(b, "size", b->size, false);
    add(b, "quality", r->quality, false);
    add(b, "background", r->background, false);
    add(b, "output_format", r->output_format, false);
    add(b, "output_compression", b->compression, true);
    add(b, "style", r->style, false);
    add(b, "moderation", r->moderation, false);
    add(b, "response_format", with_format ? r->response_format : NULL, false);
}

/* ---- JSON ---- */

static void add_member(struct openai_body *b, const char *name, const char *value,
                       bool is_number)
{
    if (!value || !*value) {
        return;
    }
    struct json_writer w = { .out = &b->json, .depth = 1,
                             .after_value = b->json.len > 1 };
    json_key(&w, name);
    if (is_number) {
        json_put_int(&w, strtoll(value, NULL, 10));
    } else {
        json_put_text(&w, value);
    }
}

/* The mask as a data: link; it is small, at most 4 MB. */
static int add_mask_link(const struct generate_input *mask, struct json_writer *w,
                         struct error *err)
{
    AUTO_FREE unsigned char *bytes = mem_array(1, (size_t)mask->size + 1);
    int64_t have = 0;
    while (have < mask->size) {
        ssize_t n = pread(mask->fd, bytes + have, (size_t)(mask->size - have), have);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            return error_set(err, ERROR_FILE, "cannot read the mask");
        }
        have += n;
    }
    AUTO_BUF struct buf link = BUF_INIT;
    buf_addf(&link, "data:%s;base64,", image_mime(mask->format));
    base64_encode(&link, bytes, (size_t)mask->size);
    json_put_text(w, link.data);
    return 0;
}

static int add_mask(const struct generate_input *mask, struct json_writer *w,
                    struct error *err)
{
    json_key(w, "mask");
    json_begin_object(w);
    json_key(w, "image_url");
    if (mask->url) {
        json_put_text(w, mask->url);
    } else if (add_mask_link(mask, w, err) < 0) {
        return -1;
    }
    json_end_object(w);
    return 0;
}

static int add_links(const struct generate_request *r, struct openai_body *b,
                     struct error *err)
{
    struct json_writer w = { .out = &b->json, .depth = 1, .after_value = true };
    json_key(&w, "images");
    json_begin_array(&w);
    for (int i = 0; i < r->input_count; i++) {
        json_begin_object(&w);
        json_member_text(&w, "image_url", r->inputs[i].url);
        json_end_object(&w);
    }
    json_end_array(&w);
    return r->mask ? add_mask(r->mask, &w, err) : 0;
}

static int make_json(const struct generate_request *r, bool with_format,
                     struct openai_body *b, struct error *err)
{
    buf_addch(&b->json, '{');
    add_fields(r, with_format, b, add_member);
    if (r->input_count > 0 && add_links(r, b, err) < 0) {
        return -1;
    }
    buf_addch(&b->json, '}');
    return 0;
}

/* ---- A form ---- */

static void add_text_part(struct openai_body *b, const char *name, const char *value,
                          bool is_number)
{
    (void)is_number;
    if (value && *value) {
        b->parts[b->part_count++] =
            (struct http_part){ .name = name, .value = value, .file_fd = -1 };
    }
}

static int add_file_part(struct openai_body *b, const char *name, const char *file_name,
                         const struct generate_input *input, struct error *err)
{
    if (input->fd < 0) {
        error_set(err, ERROR_USAGE,
                  "a picture that is only a link cannot go along with files");
        return error_hint(err, "give all pictures as links, or all as files");
    }
    b->parts[b->part_count++] =
        (struct http_part){ .name = name, .file_fd = input->fd, .file_size = input->size,
                            .file_name = file_name,
                            .file_type = image_mime(input->format) };
    return 0;
}

static int make_form(const struct generate_request *r, bool with_format,
                     struct openai_body *b, struct error *err)
{
    b->is_form = true;
    if (r->moderation) {
        return error_set(err, ERROR_USAGE, "moderation is not taken along with files");
    }
    add_fields(r, with_format, b, add_text_part);
    for (int i = 0; i < r->input_count; i++) {
        const struct generate_input *input = &r->inputs[i];
        snprintf(b->names[i], sizeof b->names[i], "image-%d.%s", i + 1,
                 image_extension(input->format));
        if (add_file_part(b, "image[]", b->names[i], input, err) < 0) {
            return -1;
        }
    }
    return r->mask ? add_file_part(b, "mask", "mask.png", r->mask, err) : 0;
}

static bool are_all_links(const struct generate_request *r)
{
    for (int i = 0; i < r->input_count; i++) {
        if (!r->inputs[i].url) {
            return false;
        }
    }
    return true;
}

int openai_body_make(const struct generate_request *r, bool with_format,
                     struct openai_body *b, struct error *err)
{
    print_numbers(r, b);
    b->path = r->input_count > 0 ? "/images/edits" : "/images/generations";
    if (r->input_count > GENERATE_INPUTS) {
        return error_set(err, ERROR_USAGE, "%d pictures to edit, at most %d",
                         r->input_count, GENERATE_INPUTS);
    }
    return are_all_links(r) ? make_json(r, with_format, b, err)
                            : make_form(r, with_format, b, err);
}
