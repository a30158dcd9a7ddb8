/* What a service answered, on the disk. */
#include "imgctl/spool.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "imgctl/clock.h"
#include "imgctl/digest.h"
#include "imgctl/file.h"
#include "imgctl/json.h"
#include "imgctl/mem.h"

#define ANSWER_LIMIT ((size_t)16 << 20) /* more than a service's words can come to */

static char *answer_path(const struct spool *s)
{
    return file_join(s->folder, "answer");
}

/* ---- Writing ---- */

static void put_text(struct json_writer *w, const char *name, const char *text)
{
    json_member_text(w, name, text && text[0] ? text : NULL);
}

static void put_usage(struct json_writer *w, const struct generate_usage *u)
{
    json_key(w, "usage");
    if (!u->known) {
        json_put_null(w);
        return;
    }
    json_begin_object(w);
    json_member_int(w, "text_in", u->text_in);
    json_member_int(w, "image_in", u->image_in);
    json_member_int(w, "text_out", u->text_out);
    json_member_int(w, "image_out", u->image_out);
    json_end_object(w);
}

static int put_picture(const struct spool *s, int index, const char *revised_prompt,
                       struct json_writer *w, struct error *err)
{
    AUTO_FREE char *path = spool_picture_path(s, index);
    char sha256[DIGEST_HEX_SIZE];
    struct stat st;
    AUTO_FD int fd = file_open_regular(path, &st, err);
    if (fd < 0) {
        return error_wrap(err, "%s", path);
    }
    if (fsync(fd) < 0) {
        return error_errno(err, ERROR_STORE, "cannot write %s", path);
    }
    if (digest_file(DIGEST_SHA256, fd, st.st_size, sha256, err) < 0) {
        return -1;
    }
    json_begin_object(w);
    put_text(w, "sha256", sha256);
    json_member_int(w, "bytes", st.st_size);
    put_text(w, "revised_prompt", revised_prompt);
    json_end_object(w);
    return 0;
}

int spool_write_answer(const struct spool *s, const struct generate_answer *a,
                       int64_t cost, struct error *err)
{
    AUTO_FREE char *path = answer_path(s);
    AUTO_BUF struct buf text = BUF_INIT;
    struct json_writer w = { .out = &text, .pretty = true };
    json_begin_object(&w);
    put_text(&w, "request_id", a->request_id);
    put_text(&w, "size", a->size);
    put_text(&w, "quality", a->quality);
    put_text(&w, "output_format", a->output_format);
    put_text(&w, "background", a->background);
    json_member_int(&w, "created", a->created);
    json_member_int(&w, "arrived", clock_now());
    put_usage(&w, &a->usage);
    json_key(&w, "cost_micros");
    if (cost == MONEY_UNKNOWN) {
        json_put_null(&w);
    } else {
        json_put_int(&w, cost);
    }
    json_key(&w, "pictures");
    json_begin_array(&w);
    for (int i = 0; i < a->count; i++) {
        if (put_picture(s, i, a->revised_prompt[i], &w, err) < 0) {
            return -1;
        }
    }
    json_end_array(&w);
    json_end_object(&w);
    buf_addch(&text, '\n');
    return file_replace(path, text.data, text.len, err);
}

/* ---- Reading ---- */

static void take_text(char *out, size_t size, const struct json *json, const char *name)
{
    const char *text = json_text(json, name);
    snprintf(out, size, "%s", text ? text : "");
}

static int take_picture(const struct json *json, int index, struct job_picture *p,
                        struct error *err)
{
    const char *sha256 = json_text(json, "sha256");
    if (!sha256 || strlen(sha256) != DIGEST_HEX_SIZE - 1) {
        return error_set(err, ERROR_STORE, "the answer in the spool is damaged");
    }
    p->position = index;
    p->sha256 = mem_strdup(sha256);
    p->bytes = json_number(json, "bytes", 0);
    p->revised_prompt = mem_strdup(json_text(json, "revised_prompt"));
    return 0;
}

static int take(const struct json *json, struct spool_answer *ret, struct error *err)
{
    struct generate_answer *a = &ret->answer;
    const struct json *usage = json_member(json, "usage");
    const struct json *pictures = json_member(json, "pictures");
    size_t count = json_length(pictures);
    take_text(a->request_id, sizeof a->request_id, json, "request_id");
    take_text(a->size, sizeof a->size, json, "size");
    take_text(a->quality, sizeof a->quality, json, "quality");
    take_text(a->output_format, sizeof a->output_format, json, "output_format");
    take_text(a->background, sizeof a->background, json, "background");
    a->created = json_number(json, "created", 0);
    a->usage.known = json_is_object(usage);
    a->usage.text_in = json_number(usage, "text_in", 0);
    a->usage.image_in = json_number(usage, "image_in", 0);
    a->usage.text_out = json_number(usage, "text_out", 0);
    a->usage.image_out = json_number(usage, "image_out", 0);
    a->sent = true;
    ret->arrived_at = json_number(json, "arrived", 0);
    ret->cost = json_number(json, "cost_micros", MONEY_UNKNOWN);
    if (count == 0 || count > GENERATE_COUNT) {
        return error_set(err, ERROR_STORE, "the answer in the spool is damaged");
    }
    for (size_t i = 0; i < count; i++) {
        if (take_picture(json_at(pictures, i), (int)i, &ret->pictures[i], err) < 0) {
            return -1;
        }
        a->count++;
    }
    return 0;
}

int spool_read_answer(const struct spool *s, struct spool_answer *ret, struct error *err)
{
    AUTO_BUF struct buf text = BUF_INIT;
    struct json *json;
    *ret = (struct spool_answer){ .answer = GENERATE_ANSWER_INIT, .cost = MONEY_UNKNOWN };
    if (!spool_is_there(s)) {
        return 0;
    }
    AUTO_FREE char *path = answer_path(s);
    int there = file_read(path, ANSWER_LIMIT, &text, err);
    if (there <= 0) {
        return there;
    }
    if (json_parse(text.data, text.len, &json, err) < 0) {
        return error_wrap(err, "%s", path);
    }
    int result = take(json, ret, err);
    json_free(json);
    return result < 0 ? error_wrap(err, "%s", path) : 1;
}

void spool_answer_release(struct spool_answer *a)
{
    for (int i = 0; i < GENERATE_COUNT; i++) {
        free(a->pictures[i].sha256);
        free(a->pictures[i].revised_prompt);
    }
    generate_answer_release(&a->answer);
    *a = (struct spool_answer){ .cost = MONEY_UNKNOWN };
}
