/* What was asked for becomes a request that the model is known to accept. */
#include <string.h>

#include "imgctl/text.h"
#include "model_facts.h"

static void list_words(struct buf *out, const struct strlist *words)
{
    for (size_t i = 0; i < words->len; i++) {
        buf_addf(out, "%s%s", i ? ", " : "", words->items[i]);
    }
}

/* VALUE of --OPTION must be one of WORDS, which may be none at all. */
static int check_word(const struct model *m, const char *option, const char *value,
                      const struct strlist *words, struct error *err)
{
    if (!value || strlist_has(words, value)) {
        return 0;
    }
    if (words->len == 0) {
        error_set(err, ERROR_USAGE, "%s takes no --%s", m->id, option);
        return error_hint(err, "leave it out, or say it in the prompt");
    }
    AUTO_BUF struct buf list = BUF_INIT;
    list_words(&list, words);
    const char *nearest =
        text_nearest(value, (const char *const *)words->items, words->len);
    error_set(err, ERROR_USAGE, "%s does not take --%s %s", m->id, option, value);
    return nearest ? error_hint(err, "did you mean %s? It takes %s", nearest, list.data)
                   : error_hint(err, "it takes %s", list.data);
}

static int64_t count_characters(const char *text)
{
    int64_t n = 0;
    for (; *text; text++) {
        n += ((unsigned char)*text & 0xC0) != 0x80;
    }
    return n;
}

static int check_prompt(const struct model *m, bool official, int64_t max_prompt,
                        const char *prompt, struct error *err)
{
    if (!text_is_utf8(prompt, strlen(prompt))) {
        return error_set(err, ERROR_USAGE, "the prompt is not UTF-8");
    }
    if (strspn(prompt, " \t\r\n") == strlen(prompt)) {
        return error_set(err, ERROR_USAGE, "the prompt is empty");
    }
    int64_t length = count_characters(prompt);
    if (max_prompt > 0 && length > max_prompt) {
        return error_set(err, ERROR_USAGE, "the prompt has %lld characters, and"
                         " generate.max_prompt allows %lld", (long long)length,
                         (long long)max_prompt);
    }
    if (m && official && length > m->max_prompt) {
        return error_set(err, ERROR_USAGE, "the prompt has %lld characters, and %s takes"
                         " at most %d", (long long)length, m->id, m->max_prompt);
    }
    return 0;
}

static int check_count(const struct model *m, bool official, int count, struct error *err)
{
    int max = m && official ? m->max_count : GENERATE_COUNT;
    if (count >= 1 && count <= max) {
        return 0;
    }
    error_set(err, ERROR_USAGE, "%s makes 1 to %d picture%s with a request, not %d",
              m ? m->id : "a model", max, max == 1 ? "" : "s", count);
    return error_hint(err, max == 1 ? "run it once for each picture" : "--count %d", max);
}

/* ---- Pictures to edit ---- */

static int check_input(const struct model *m, const struct generate_input *in,
                       struct error *err)
{
    return in->fd >= 0 || !m || m->takes_edit_url
               ? 0
               : error_set(err, ERROR_USAGE, "%s takes no links, only files", m->id);
}

static int check_mask(const struct model *m, const struct generate_request *r,
                      struct error *err)
{
    const struct generate_input *mask = r->mask, *first = r->inputs;
    if (!mask) {
        return 0;
    }
    if (r->input_count == 0) {
        return error_set(err, ERROR_USAGE, "a mask needs a picture to edit (--from)");
    }
    if (mask->fd >= 0 && mask->format != IMAGE_PNG) {
        return error_set(err, ERROR_USAGE, "the mask is no PNG");
    }
    if (first->width > 0 && mask->width > 0 &&
        (first->width != mask->width || first->height != mask->height)) {
        return error_set(err, ERROR_USAGE, "the mask is %ux%u and the picture %ux%u: they"
                         " must be of one size", mask->width, mask->height, first->width,
                         first->height);
    }
    return check_input(m, mask, err);
}

static bool has_files(const struct generate_request *r)
{
    int i = 0;
    while (i < r->input_count && r->inputs[i].url) {
        i++;
    }
    return i < r->input_count;
}

static int check_edit(const struct model *m, const struct generate_request *r,
                      struct error *err)
{
    if (r->moderation && has_files(r)) {
        error_set(err, ERROR_USAGE, "--moderation is not taken along with files");
        return error_hint(err, "it goes with pictures in Cloudinary, which are links");
    }
    if (r->input_count > 0 && m && !m->takes_edit) {
        return error_set(err, ERROR_USAGE, "%s edits no pictures", m->id);
    }
    if (r->input_count > GENERATE_INPUTS) {
        return error_set(err, ERROR_USAGE, "%d pictures to edit are more than %d",
                         r->input_count, GENERATE_INPUTS);
    }
    for (int i = 0; i < r->input_count; i++) {
        if (check_input(m, &r->inputs[i], err) < 0) {
            return -1;
        }
    }
    return check_mask(m, r, err);
}

/* ---- The parameters ---- */

static int check_format(const struct model_wish *w, struct error *err)
{
    bool is_png = !w->output_format || strcmp(w->output_format, "png") == 0;
    if (w->compression > 100) {
        return error_set(err, ERROR_USAGE, "--compression is a percentage, 0 to 100");
    }
    if (w->compression >= 0 && is_png) {
        error_set(err, ERROR_USAGE, "--compression is for jpeg and webp, not for png");
        return error_hint(err, "--output-format webp");
    }
    if (w->background && w->output_format && strcmp(w->background, "transparent") == 0 &&
        strcmp(w->output_format, "jpeg") == 0) {
        error_set(err, ERROR_USAGE, "a JPEG cannot be transparent");
        return error_hint(err, "--output-format png or webp");
    }
    return 0;
}

static int check_words(const struct model *m, const struct model_wish *w,
                       struct error *err)
{
    if (w->quality && strcmp(w->quality, "auto") == 0) {
        AUTO_BUF struct buf list = BUF_INIT;
        list_words(&list, &m->qualities);
        error_set(err, ERROR_USAGE, "the quality \"auto\" could cost anything: name one");
        return error_hint(err, "%s takes %s", m->id, list.data);
    }
    if (check_word(m, "quality", w->quality, &m->qualities, err) < 0 ||
        check_word(m, "background", w->background, &m->backgrounds, err) < 0 ||
        check_word(m, "output-format", w->output_format, &m->formats, err) < 0 ||
        check_word(m, "style", w->style, &m->styles, err) < 0) {
        return -1;
    }
    if (w->compression >= 0 && m->formats.len == 0) {
        return error_set(err, ERROR_USAGE, "%s takes no --compression", m->id);
    }
    return check_format(w, err);
}

static int refuse_retired(const struct model *m, struct error *err)
{
    error_set(err, ERROR_REFUSED, "OpenAI has shut down %s on %s", m->id, m->ends);
    if (!m->replacement) {
        return error_hint(err, "imgctl cost --models lists the others");
    }
    return error_hint(err, "nothing was sent; use --model %s, or set OPENAI_BASE_URL to a"
                           " server that still has it", m->replacement);
}

static int resolve_size(const struct model *m, const struct model_wish *w, bool official,
                        struct generate_request *r, struct error *err)
{
    struct size s;
    if (model_size_choose(m, w->size ? w->size : "square", official, &s, err) < 0) {
        return -1;
    }
    r->width = s.width;
    r->height = s.height;
    return 0;
}

void model_wish_settings(struct model_wish *w, const struct model *m,
                         const struct config *config)
{
    const char *quality = config_text(config, "generate.quality");
    if (!w->size) {
        w->size = config_text(config, "generate.size");
    }
    if (!w->quality && quality && m && strlist_has(&m->qualities, quality)) {
        w->quality = quality;
    }
}

/* GPT Image models refuse it, at OpenAI and at the gateways to it, and every refusal is a
 * request more. A server of another kind that bears such a name answers with a link,
 * which serves as well. What we do not know may be either: there it is said, and once
 * more without it where it is refused by name. */
static const char *response_format(const struct model *m, bool official)
{
    bool is_told = m ? m->takes_response_format : !official;
    return is_told ? "b64_json" : NULL;
}

int model_resolve(const struct model *m, const struct model_wish *w, bool official,
                  int64_t max_prompt, struct generate_request *r, struct error *err)
{
    bool known = m && official;
    int count = w->count == 0 || w->count == -1 ? 1 : w->count;
    if (known && m->status == MODEL_RETIRED) {
        return refuse_retired(m, err);
    }
    if (check_prompt(m, official, max_prompt, r->prompt, err) < 0 ||
        check_count(m, official, count, err) < 0 ||
        check_edit(known ? m : NULL, r, err) < 0 ||
        (known ? check_words(m, w, err) : check_format(w, err)) < 0 ||
        resolve_size(m, w, official, r, err) < 0) {
        return -1;
    }
    r->count = count;
    r->quality = w->quality || !known ? w->quality : m->quality;
    r->background = w->background;
    r->output_format = w->output_format;
    r->compression = w->compression;
    r->style = w->style;
    r->response_format = response_format(m, official);
    return 0;
}
