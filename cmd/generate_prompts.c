#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "generate.h"
#include "imgctl/inputs.h"
#include "imgctl/mem.h"
#include "imgctl/text.h"

#define PROMPT_LIMIT ((size_t)1 << 20)

void prompts_release(struct prompts *p)
{
    for (size_t i = 0; i < p->count; i++) {
        free(p->items[i].text);
        json_free(p->items[i].line);
        strlist_release(&p->items[i].tags);
    }
    free(p->items);
    *p = (struct prompts){ .items = NULL };
}

static struct prompt *add(struct prompts *p, const char *text)
{
    p->items = mem_resize(p->items, p->count + 1, sizeof *p->items);
    struct prompt *added = &p->items[p->count++];
    *added = (struct prompt){ .text = mem_strdup(text), .compression = -1 };
    return added;
}

/* ---- Lines ---- */

static int take_tags(const struct json *tags, struct prompt *p)
{
    p->has_tags = tags != NULL;
    if (tags && !json_is_array(tags)) {
        return -1;
    }
    for (size_t i = 0; i < json_length(tags); i++) {
        const char *tag = json_as_text(json_at(tags, i));
        if (!tag || !*tag) {
            return -1;
        }
        strlist_add(&p->tags, tag);
    }
    return 0;
}

/* A slip in a name must not read as "not said", and be paid for. */
static int check_names(const struct json *line, struct error *err)
{
    static const char *const names[] = {
        "prompt", "model", "size", "quality", "count", "background", "output_format",
        "compression", "style", "name", "alt", "tags",
    };
    size_t count = sizeof names / sizeof *names;
    const char *name;
    for (size_t i = 0; (name = json_name_at(line, i)) != NULL; i++) {
        size_t k = 0;
        while (k < count && strcmp(name, names[k]) != 0) {
            k++;
        }
        if (k == count) {
            const char *near = text_nearest(name, names, count);
            error_set(err, ERROR_USAGE, "\"%s\" is nothing that a prompt's line can say",
                      name);
            return near ? error_hint(err, "did you mean \"%s\"?", near)
                        : error_hint(err, "man imgctl-generate tells what it can");
        }
    }
    return 0;
}

/* A member that is there and is no text must not read as "not said". */
static int take_texts(const struct json *line, struct prompt *p, struct error *err)
{
    const struct {
        const char *name, **to;
    } members[] = {
        { "model", &p->model },           { "size", &p->size },
        { "quality", &p->quality },       { "background", &p->background },
        { "output_format", &p->output_format }, { "style", &p->style },
        { "name", &p->name },             { "alt", &p->alt },
    };
    for (size_t i = 0; i < sizeof members / sizeof *members; i++) {
        *members[i].to = json_text(line, members[i].name);
        if (!*members[i].to && json_member(line, members[i].name)) {
            return error_set(err, ERROR_USAGE, "\"%s\" is no text", members[i].name);
        }
    }
    return 0;
}

static int take_line(struct prompts *all, const char *text, struct error *err)
{
    struct json *line;
    if (text[strspn(text, " \t")] != '{') {
        add(all, text);
        return 0;
    }
    if (json_parse(text, strlen(text), &line, err) < 0) {
        err->kind = ERROR_USAGE;
        return error_hint(err, "a line that begins with { is a JSON object with a"
                               " \"prompt\" in it");
    }
    const char *prompt = json_text(line, "prompt");
    struct prompt *p = add(all, prompt ? prompt : "");
    p->line = line;
    if (!prompt) {
        return error_set(err, ERROR_USAGE, "there is no \"prompt\" in it");
    }
    if (check_names(line, err) < 0 || take_texts(line, p, err) < 0) {
        return -1;
    }
    if (take_tags(json_member(line, "tags"), p) < 0) {
        return error_set(err, ERROR_USAGE, "\"tags\" is no list of texts");
    }
    bool has_count = json_member(line, "count") != NULL;
    p->count = json_number(line, "count", has_count ? -1 : 0);
    p->compression = json_number(line, "compression",
                                 json_member(line, "compression") ? -2 : -1);
    if (p->count < has_count || p->count > GENERATE_COUNT || p->compression < -1 ||
        p->compression > 100) {
        return error_set(err, ERROR_USAGE, "its count is not from 1 to %d, or its"
                         " compression not from 0 to 100", GENERATE_COUNT);
    }
    return 0;
}

static int read_lines(const char *path, struct prompts *ret, struct error *err)
{
    AUTO_STRLIST struct strlist lines = STRLIST_INIT;
    bool is_stdin = strcmp(path, "-") == 0;
    FILE *file = is_stdin ? stdin : fopen(path, "re");
    if (!file) {
        return error_errno(err, ERROR_FILE, "cannot open %s", path);
    }
    int result = inputs_read_lines(file, &lines, err);
    if (!is_stdin) {
        fclose(file);
    }
    for (size_t i = 0; result == 0 && i < lines.len; i++) {
        bool is_blank = lines.items[i][strspn(lines.items[i], " \t")] == '\0';
        if (is_blank) {
            continue;
        }
        if (take_line(ret, lines.items[i], err) < 0) {
            result = error_wrap(err, "line %zu", i + 1);
        } else {
            ret->items[ret->count - 1].number = i + 1;
        }
    }
    if (result == 0 && ret->count == 0) {
        result = error_set(err, ERROR_USAGE, "there is no prompt in it");
    }
    return result == 0 ? 0 : error_wrap(err, "%s", path);
}

/* ---- One ---- */

static int read_standard_input(struct prompts *ret, struct error *err)
{
    AUTO_BUF struct buf text = BUF_INIT;
    char piece[4096];
    size_t n;
    while ((n = fread(piece, 1, sizeof piece, stdin)) > 0) {
        if (!buf_add_limited(&text, piece, n, PROMPT_LIMIT)) {
            return error_set(err, ERROR_USAGE, "the prompt is longer than %zu bytes",
                             PROMPT_LIMIT);
        }
    }
    if (ferror(stdin)) {
        return error_errno(err, ERROR_FILE, "cannot read standard input");
    }
    while (text.len > 0 && strchr("\n\r \t", text.data[text.len - 1])) {
        text.data[--text.len] = '\0';
    }
    if (strlen(text.data) != text.len) {
        return error_set(err, ERROR_USAGE, "the prompt has a NUL in it");
    }
    add(ret, text.data);
    return 0;
}

int prompts_read(const struct generate_args *args, struct prompts *ret,
                 struct error *err)
{
    if (args->prompts && args->prompt) {
        return error_set(err, ERROR_USAGE, "a prompt and --prompts exclude each other");
    }
    if (args->prompts) {
        return read_lines(args->prompts, ret, err);
    }
    if (!args->prompt) {
        error_set(err, ERROR_USAGE, "there is no prompt");
        return error_hint(err, "imgctl generate \"a lighthouse at dusk\", or - for"
                               " standard input, or --prompts FILE");
    }
    if (strcmp(args->prompt, "-") == 0) {
        return read_standard_input(ret, err);
    }
    add(ret, args->prompt);
    return 0;
}
