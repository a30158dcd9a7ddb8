#include "openai_answer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "imgctl/file.h"
#include "imgctl/mem.h"

/* Is there use for the picture of data[ITEM]? More than was asked for is not. */
static bool is_wanted(const struct openai_answer *a, int item)
{
    return item >= 0 && item < GENERATE_COUNT && a->picture_of[item] < 0 &&
           a->answer->count < a->request->count && a->answer->count < GENERATE_COUNT;
}

int openai_answer_file(struct openai_answer *a, struct error *err)
{
    int index = a->answer->count;
    if (a->files[index] < 0) {
        a->files[index] = a->request->open(a->request->cookie, index, err);
    }
    return a->files[index];
}

static int write_bytes(void *cookie, int item, const unsigned char *data, size_t len,
                       struct error *err)
{
    struct openai_answer *a = cookie;
    struct error why = ERROR_INIT;
    if (!is_wanted(a, item) || a->is_lost) {
        return 0;
    }
    int fd = openai_answer_file(a, &why);
    if (fd >= 0) {
        a->is_writing = true;
        if (file_write_all(fd, data, len) == 0) {
            return 0;
        }
        error_errno(&why, ERROR_STORE, "cannot write it");
    }
    a->is_lost = true;
    return openai_answer_drop(a, item, &why, err);
}

int openai_answer_drop(struct openai_answer *a, int item, struct error *why,
                       struct error *err)
{
    int fd = a->files[a->answer->count];
    if (a->trouble.kind == ERROR_NONE) {
        a->trouble = *why;
        error_wrap(&a->trouble, "picture %d of the answer", item + 1);
    }
    if (fd >= 0 && (lseek(fd, 0, SEEK_SET) < 0 || ftruncate(fd, 0) < 0)) {
        return error_errno(err, ERROR_STORE, "cannot empty the file of picture %d",
                           item + 1);
    }
    return 0;
}

int openai_answer_add(struct openai_answer *a, int item, struct error *err)
{
    static const struct image_limits no_limits = { .bytes = 0 };
    int fd = a->files[a->answer->count];
    struct image_info info;
    struct error why = ERROR_INIT;
    struct stat st;
    if (fstat(fd, &st) < 0) {
        return error_errno(err, ERROR_STORE, "cannot look at picture %d", item + 1);
    }
    if (image_check(fd, st.st_size, &no_limits, NULL, NULL, &info, &why) < 0) {
        return openai_answer_drop(a, item, &why, err);
    }
    int picture = a->answer->count++;
    a->picture_of[item] = picture;
    a->answer->revised_prompt[picture] = a->prompts[item];
    a->prompts[item] = NULL;
    return 0;
}

static int end_picture(void *cookie, int item, bool whole, struct error *err)
{
    struct openai_answer *a = cookie;
    bool is_writing = a->is_writing, is_lost = a->is_lost;
    a->is_writing = a->is_lost = false;
    if (!is_wanted(a, item) || is_lost) {
        return 0;
    }
    if (whole && is_writing) {
        return openai_answer_add(a, item, err);
    }
    struct error why = ERROR_INIT;
    error_set(&why, ERROR_IMAGE_CORRUPT, "cut or wrong base64");
    return openai_answer_drop(a, item, &why, err);
}

void openai_answer_init(struct openai_answer *a, const struct generate_request *request,
                        struct generate_answer *answer)
{
    *a = (struct openai_answer){ .request = request, .answer = answer };
    answer_stream_init(&a->stream);
    a->stream.bytes = write_bytes;
    a->stream.end = end_picture;
    a->stream.cookie = a;
    for (int i = 0; i < GENERATE_COUNT; i++) {
        a->files[i] = a->picture_of[i] = -1;
    }
}

void openai_answer_release(struct openai_answer *a)
{
    if (a->is_writing && a->answer->count < GENERATE_COUNT) {
        /* The outcome is unknown already; half a picture makes it no worse. */
        (void)!ftruncate(a->files[a->answer->count], 0);
    }
    answer_stream_release(&a->stream);
    for (int i = 0; i < GENERATE_COUNT; i++) {
        free(a->urls[i]);
        free(a->prompts[i]);
        a->urls[i] = a->prompts[i] = NULL;
    }
}

int openai_answer_take(void *openai_answer, const char *data, size_t len,
                       struct error *err)
{
    struct openai_answer *a = openai_answer;
    return answer_stream_feed(&a->stream, data, len, err) < 0
               ? error_wrap(err, "the answer cannot be used")
               : 0;
}

/* ---- What stands beside the pictures ---- */

static void copy_word(char *out, size_t size, const char *text)
{
    size_t len = text ? strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789_-") : 0;
    bool fits = len > 0 && len < size && text[len] == '\0';
    snprintf(out, size, "%s", fits ? text : "");
}

static int64_t count_of(const struct json *object, const char *name)
{
    int64_t n = json_number(object, name, 0);
    return n > 0 && n < INT64_C(1) << 40 ? n : 0;
}

static int64_t rest_of(int64_t all, int64_t some)
{
    return all > some ? all - some : 0;
}

/* Zero is what servers say that do not count. What the details leave out of the whole is
 * text on the way in and pictures on the way out. */
static void read_usage(const struct json *usage, struct generate_usage *u)
{
    const struct json *in = json_member(usage, "input_tokens_details");
    const struct json *out = json_member(usage, "output_tokens_details");
    u->image_in = count_of(in, "image_tokens");
    u->text_in = count_of(in, "text_tokens");
    u->text_in += rest_of(count_of(usage, "input_tokens"), u->image_in + u->text_in);
    u->text_out = count_of(out, "text_tokens");
    u->image_out = count_of(out, "image_tokens");
    u->image_out += rest_of(count_of(usage, "output_tokens"), u->image_out + u->text_out);
    u->known = u->image_out + u->text_out > 0;
}

static void read_items(struct openai_answer *a, const struct json *data)
{
    for (int i = 0; i < GENERATE_COUNT && (size_t)i < json_length(data); i++) {
        const struct json *item = json_at(data, (size_t)i);
        const char *url = json_text(item, "url");
        const char *prompt = json_text(item, "revised_prompt");
        int picture = a->picture_of[i];
        if (picture >= 0 && !a->answer->revised_prompt[picture]) {
            a->answer->revised_prompt[picture] = mem_strdup(prompt);
        } else if (picture < 0 && url && *url) {
            a->urls[i] = mem_strdup(url);
            a->prompts[i] = mem_strdup(prompt);
        }
    }
}

int openai_answer_finish(struct openai_answer *a, struct error *err)
{
    struct generate_answer *answer = a->answer;
    struct json *root = NULL;
    if (json_parse(a->stream.text.data, a->stream.text.len, &root, err) < 0) {
        err->kind = ERROR_UNAVAILABLE;
        return -1;
    }
    int64_t created = count_of(root, "created");
    answer->created = created * 1000;
    copy_word(answer->size, sizeof answer->size, json_text(root, "size"));
    copy_word(answer->quality, sizeof answer->quality, json_text(root, "quality"));
    copy_word(answer->output_format, sizeof answer->output_format,
              json_text(root, "output_format"));
    copy_word(answer->background, sizeof answer->background,
              json_text(root, "background"));
    read_usage(json_member(root, "usage"), &answer->usage);
    read_items(a, json_member(root, "data"));
    json_free(root);
    return 0;
}
