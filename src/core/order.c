/* A wish made complete: resolved, priced, named, and told from all others. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "imgctl/digest.h"
#include "imgctl/generate.h"
#include "imgctl/json.h"
#include "imgctl/mem.h"
#include "imgctl/text.h"

#define NAME_MAX_BYTES 40

void order_release(struct order *o)
{
    free(o->prompt);
    free(o->model_id);
    free(o->name);
    free(o->alt_text);
    free(o->output);
    free(o->moderation);
    free(o->parameters);
    strlist_release(&o->tags);
    *o = (struct order){ .prompt = NULL };
}

/* ---- The name ---- */

/* The bytes of the character at P, or 0 if it has no place in a file name. */
static size_t name_character(const char *p)
{
    AUTO_BUF struct buf shown = BUF_INIT;
    unsigned char c = (unsigned char)*p;
    size_t len = 1;
    if (c < 0x80) {
        bool is_word = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
                       (c >= 'A' && c <= 'Z');
        return is_word ? 1 : 0;
    }
    while (((unsigned char)p[len] & 0xc0) == 0x80) {
        len++;
    }
    text_escape(&shown, p, len);
    return shown.len == len && memcmp(shown.data, p, len) == 0 ? len : 0;
}

/* The prompt's first words, as a file's name without its extension. */
static char *name_from_prompt(const char *prompt)
{
    struct buf name = BUF_INIT;
    bool dash = false;
    for (const char *p = prompt; *p;) {
        size_t len = name_character(p);
        if (len == 0) {
            dash = name.len > 0;
            do {
                p++;
            } while (((unsigned char)*p & 0xc0) == 0x80);
            continue;
        }
        if (name.len + dash + len > NAME_MAX_BYTES) {
            break;
        }
        if (dash) {
            buf_addch(&name, '-');
        }
        for (size_t i = 0; i < len; i++) {
            bool is_upper = p[i] >= 'A' && p[i] <= 'Z';
            buf_addch(&name, is_upper ? (char)(p[i] - 'A' + 'a') : p[i]);
        }
        dash = false;
        p += len;
    }
    if (name.len == 0) {
        buf_addstr(&name, "generated");
    }
    return buf_detach(&name);
}

/* ---- What tells it from others ---- */

static void add(struct buf *text, const char *value)
{
    buf_addf(text, "%zu:%s;", value ? strlen(value) : 0, value ? value : "");
}

/* Every parameter with its length before it, so that no two requests are one text. */
static int fingerprint(struct order *o, const char *host, struct error *err)
{
    const struct generate_request *r = &o->request;
    AUTO_BUF struct buf text = BUF_INIT;
    add(&text, host);
    add(&text, r->model);
    add(&text, r->prompt);
    add(&text, r->quality);
    add(&text, r->background);
    add(&text, r->output_format);
    add(&text, r->style);
    add(&text, r->moderation);
    buf_addf(&text, "%d %ux%u %d", r->count, r->width, r->height, r->compression);
    for (int i = 0; o->edit && i < o->edit->count; i++) {
        add(&text, o->edit->sha256[i]);
    }
    add(&text, o->edit ? o->edit->mask_sha256 : NULL);
    return digest_hex(DIGEST_SHA256, text.data, text.len, o->fingerprint, err);
}

/* ---- What the job remembers ---- */

static void put_text(struct json_writer *w, const char *name, const char *text)
{
    if (text) {
        json_member_text(w, name, text);
    }
}

static void put_list(struct json_writer *w, const char *name, char *const *items,
                     size_t count)
{
    json_key(w, name);
    json_begin_array(w);
    for (size_t i = 0; i < count; i++) {
        json_put_text(w, items[i]);
    }
    json_end_array(w);
}

static char *parameters(const struct order *o)
{
    const struct generate_request *r = &o->request;
    struct buf text = BUF_INIT;
    struct json_writer w = { .out = &text };
    json_begin_object(&w);
    if (r->width > 0) {
        AUTO_FREE char *size = mem_printf("%ux%u", r->width, r->height);
        put_text(&w, "size", size);
    }
    put_text(&w, "quality", r->quality);
    put_text(&w, "background", r->background);
    put_text(&w, "output_format", r->output_format);
    put_text(&w, "style", r->style);
    put_text(&w, "moderation", r->moderation);
    if (r->compression >= 0) {
        json_member_int(&w, "compression", r->compression);
    }
    if (o->edit && o->edit->count > 0) {
        put_list(&w, "inputs", o->edit->sha256, (size_t)o->edit->count);
        put_text(&w, "mask", o->edit->mask_sha256);
    }
    if (o->edit && o->edit->derived_from) {
        json_member_int(&w, "derived_from", o->edit->derived_from);
    }
    put_text(&w, "name", o->name);
    put_text(&w, "alt_text", o->alt_text);
    put_list(&w, "tags", o->tags.items, o->tags.len);
    put_text(&w, "output", o->output);
    if (o->preview) {
        json_member_bool(&w, "preview", true);
    }
    put_text(&w, "price", price_basis_name(o->price.basis));
    json_end_object(&w);
    return buf_detach(&text);
}

/* ---- Resolving ---- */

static int check_text(const char *what, const char *text, struct error *err)
{
    return !text || text_is_utf8(text, strlen(text))
               ? 0
               : error_set(err, ERROR_USAGE, "%s is not UTF-8", what);
}

static int unknown_model(const struct models *models, const char *id, struct error *err)
{
    const char *near = models_nearest(models, id);
    error_set(err, ERROR_USAGE, "nothing is known of a model \"%s\"", id);
    return near ? error_hint(err, "did you mean %s? What is known: imgctl cost --models",
                             near)
                : error_hint(err, "what is known: imgctl cost --models");
}

/* What cannot be a model's name is a slip; what could be one may be newer than our
 * list, and goes through where somebody says what it may cost. */
static int find_model(const struct wish *wish, const struct models *models,
                      const struct config *config, struct order *o, struct error *err)
{
    const char *id = wish->model ? wish->model : model_default(config);
    o->model = models_find(models, id);
    if (!o->model && (id[0] == '\0' || strpbrk(id, " \t\n"))) {
        return unknown_model(models, id, err);
    }
    o->model_id = mem_strdup(id);
    return 0;
}

/* What the name of a file asks for, where nothing else is said and the model has a
 * choice; NULL: nothing. */
static const char *format_of_output(const char *output, const struct model *m)
{
    static const char *const endings[][2] = {
        { ".jpg", "jpeg" }, { ".jpeg", "jpeg" }, { ".webp", "webp" }, { ".png", "png" },
    };
    const char *dot = output ? strrchr(output, '.') : NULL;
    for (size_t i = 0; dot && i < sizeof endings / sizeof *endings; i++) {
        if (strcasecmp(dot, endings[i][0]) == 0 && m &&
            strlist_has(&m->formats, endings[i][1])) {
            return endings[i][1];
        }
    }
    return NULL;
}

static void copy_wish(const struct wish *wish, struct order *o)
{
    o->prompt = mem_strdup(wish->prompt);
    o->name = wish->name ? mem_strdup(wish->name) : name_from_prompt(wish->prompt);
    o->alt_text = mem_strdup(wish->alt_text);
    o->output = mem_strdup(wish->output);
    o->moderation = mem_strdup(wish->moderation);
    o->edit = wish->edit;
    o->preview = wish->preview;
    for (size_t i = 0; wish->tags && i < wish->tags->len; i++) {
        strlist_add(&o->tags, wish->tags->items[i]);
    }
}

static void fill_request(struct order *o)
{
    o->request = (struct generate_request){
        .model = o->model_id,
        .prompt = o->prompt,
        .moderation = o->moderation,
        .compression = -1,
        .count = 1,
    };
    if (o->edit) {
        o->request.inputs = o->edit->inputs;
        o->request.input_count = o->edit->count;
        o->request.mask = o->edit->mask.fd >= 0 ? &o->edit->mask : NULL;
    }
}

int order_make(const struct wish *wish, const struct models *models,
               const struct destination *to, const struct config *config,
               struct order *ret, struct error *err)
{
    struct model_wish how = wish->how;
    *ret = (struct order){ .estimate = MONEY_UNKNOWN };
    if (check_text("the prompt", wish->prompt, err) < 0 ||
        check_text("the name", wish->name, err) < 0 ||
        check_text("the alt text", wish->alt_text, err) < 0 ||
        check_text("the name of the file to write", wish->output, err) < 0 ||
        find_model(wish, models, config, ret, err) < 0) {
        return -1;
    }
    copy_wish(wish, ret);
    fill_request(ret);
    if (!how.output_format) {
        how.output_format = format_of_output(wish->output, ret->model);
    }
    if (wish->preview && !how.quality && ret->model && ret->model->qualities.len > 0) {
        how.quality = ret->model->qualities.items[0];
    }
    int64_t max_prompt = config_int(config, "generate.max_prompt");
    if (model_resolve(ret->model, &how, to->is_official, max_prompt, &ret->request,
                      err) < 0) {
        return -1;
    }
    if (to->is_free) {
        ret->price = (struct price){ .basis = PRICE_FREE };
    } else {
        model_price(ret->model, &ret->request, &ret->price);
    }
    ret->parameters = parameters(ret);
    return fingerprint(ret, to->host, err);
}

/* ---- What they may cost ---- */

/* Sum of what is known; *UNKNOWN counts the others. */
static int64_t known_sum(const struct order *orders, size_t count, size_t *unknown)
{
    int64_t sum = 0;
    *unknown = 0;
    for (size_t i = 0; i < count; i++) {
        if (orders[i].price.most == MONEY_UNKNOWN) {
            ++*unknown;
        } else {
            sum += orders[i].price.most;
        }
    }
    return sum;
}

static const struct order *first_unknown(const struct order *orders, size_t count)
{
    size_t i = 0;
    while (i + 1 < count && orders[i].price.most != MONEY_UNKNOWN) {
        i++;
    }
    return &orders[i];
}

static int over(int64_t sum, int64_t most, struct error *err)
{
    AUTO_BUF struct buf is = BUF_INIT, may = BUF_INIT;
    money_print(&is, sum);
    money_print(&may, most);
    error_set(err, ERROR_LIMIT, "this would cost up to %s, and --max-cost is %s", is.data,
              may.data);
    return error_hint(err, "nothing was sent; allow more with --max-cost, or take a"
                           " smaller size, a lower quality or fewer pictures");
}

/* What is not free must not be reserved for nothing. */
static int nothing_left(const struct order *o, int64_t most, struct error *err)
{
    AUTO_BUF struct buf may = BUF_INIT;
    money_print(&may, most);
    error_set(err, ERROR_LIMIT, "nobody here knows what %s costs there, and of"
              " --max-cost %s nothing is left for it", o->model_id, may.data);
    return error_hint(err, "nothing was sent; allow more with --max-cost, or set"
                           " generate.free where it is free");
}

int64_t orders_expected(const struct order *orders, size_t count)
{
    int64_t sum = 0;
    for (size_t i = 0; i < count; i++) {
        bool is_known = orders[i].price.micros != MONEY_UNKNOWN;
        int64_t one = is_known ? orders[i].price.micros : orders[i].estimate;
        if (one == MONEY_UNKNOWN) {
            return MONEY_UNKNOWN;
        }
        sum += one;
    }
    return sum;
}

int orders_price(struct order *orders, size_t count, int64_t most, int64_t *ret,
                 struct error *err)
{
    size_t unknown;
    int64_t sum = known_sum(orders, count, &unknown);
    *ret = sum;
    if (most != MONEY_UNKNOWN && sum > most) {
        return over(sum, most, err);
    }
    if (unknown > 0 && most == MONEY_UNKNOWN) {
        *ret = MONEY_UNKNOWN;
        error_set(err, ERROR_LIMIT, "nobody here knows what %s costs there",
                  first_unknown(orders, count)->model_id);
        return error_hint(err, "nothing was sent; say what all of it may cost with"
                               " --max-cost USD; or name a known model with its size"
                               " and quality, or set generate.free where it is free");
    }
    int64_t share = unknown > 0 ? (most - sum) / (int64_t)unknown : 0;
    if (unknown > 0 && share == 0) {
        return nothing_left(first_unknown(orders, count), most, err);
    }
    for (size_t i = 0; i < count; i++) {
        bool is_known = orders[i].price.most != MONEY_UNKNOWN;
        orders[i].estimate = is_known ? orders[i].price.most : share;
        *ret += is_known ? 0 : share;
    }
    return 0;
}
