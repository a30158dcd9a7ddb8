/* What a request will cost, and what one did. */
#include <string.h>

#include "model_facts.h"

#define TOKENS_MAX INT64_C(1000000000) /* of one answer; with any rate it fits */
#define CALCULATOR_AREA INT64_C(2000000)
#define ABOUT_MORE 4 /* a part: the measurements that we have are 5 % above what we make
                        of them, and nobody promises that there are no others */

const char *price_basis_name(enum price_basis basis)
{
    static const char *const names[] = {
        [PRICE_FREE] = "free", [PRICE_TABLE] = "table", [PRICE_FORMULA] = "formula",
        [PRICE_ABOUT] = "about", [PRICE_UNKNOWN] = "unknown",
    };
    return names[basis];
}

/* ---- Tokens ---- */

static int64_t divide_up(int64_t a, int64_t b)
{
    return (a + b - 1) / b;
}

static bool is_between(char c, char first, char last)
{
    return c >= first && c <= last;
}

/* 'a' a letter, '0' a digit, ' ' a blank, which goes with the word after it, else C. */
static char kind_of(char c)
{
    return is_between(c, 'a', 'z') || is_between(c, 'A', 'Z') ? 'a'
           : is_between(c, '0', '9')                          ? '0'
           : is_between(c, '\t', '\r')                        ? ' '
                                                              : c;
}

/* Of bytes that are ASCII: every four letters or three digits begun are one token, and so
 * is any other character. */
static int64_t word_tokens(const char *prompt)
{
    int64_t tokens = 0, run = 0;
    for (const char *s = prompt; *s; s++) {
        char kind = kind_of(*s);
        run = s > prompt && kind == kind_of(s[-1]) ? run + 1 : 0;
        if (kind == 'a' || kind == '0') {
            tokens += run % (kind == 'a' ? 4 : 3) == 0;
        } else {
            tokens += kind != ' ' && (unsigned char)kind < 0x80;
        }
    }
    return tokens;
}

/* There is no tokenizer here. Latin text has about four characters a token, and more of
 * them where words are short or there is much that is no word. Of others, each character
 * may be one, and three where it is beyond the scripts in use. */
static int64_t prompt_tokens(const char *prompt)
{
    int64_t ascii = 0, others = 0, words = word_tokens(prompt);
    for (const char *s = prompt; *s; s++) {
        unsigned char byte = (unsigned char)*s;
        ascii += byte < 0x80;
        others += byte >= 0xF0 ? 3 : byte >= 0xC0;
    }
    int64_t plain = divide_up(ascii, 4);
    return (words > plain ? words : plain) + others;
}

/* In patches, after small pictures are enlarged, at most twice. */
static int64_t input_tokens(const struct model_input *f, const struct generate_input *in)
{
    int64_t w = in->width, h = in->height, longer = w > h ? w : h;
    if (longer == 0 || longer > MODEL_SIDE_MAX) {
        return f->most;
    }
    if (longer < f->enlarged_to) {
        int64_t to = 2 * longer < f->enlarged_to ? 2 * longer : f->enlarged_to;
        w = divide_up(w * to, longer);
        h = divide_up(h * to, longer);
    }
    int64_t tokens = divide_up(w, f->patch) * divide_up(h, f->patch);
    return tokens < f->most ? tokens : f->most;
}

/* The service's calculator: a grid of BASE by what the shape leaves of it. */
static int64_t calculate(const struct model_base *b, struct size s)
{
    int64_t longer = s.width > s.height ? s.width : s.height;
    int64_t shorter = s.width > s.height ? s.height : s.width;
    int64_t area = (int64_t)s.width * s.height;
    int64_t other = (2 * b->base * shorter + longer) / (2 * longer); /* rounded */
    other = other < 1 ? 1 : other;
    return divide_up(b->base * other * (CALCULATOR_AREA + area), 2 * CALCULATOR_AREA) *
           b->times;
}

static const struct model_cell *find_cell(const struct model_facts *f, struct size s,
                                          const char *quality)
{
    for (size_t i = 0; i < f->cell_count; i++) {
        const struct model_cell *c = &f->cells[i];
        if (c->size.width == s.width && c->size.height == s.height &&
            strcmp(c->quality, quality) == 0) {
            return c;
        }
    }
    return NULL;
}

static const struct model_base *find_base(const struct model_facts *f,
                                          const char *quality)
{
    for (size_t i = 0; i < f->base_count; i++) {
        if (strcmp(f->bases[i].quality, quality) == 0) {
            return &f->bases[i];
        }
    }
    return NULL;
}

/* ---- Prices ---- */

/* One picture: its price in nano-dollars, its tokens, and on what basis. */
static int64_t output_nanos(const struct model *m, const struct generate_request *r,
                            struct price *ret)
{
    const struct model_facts *f = m->facts;
    struct size s = { r->width, r->height };
    const struct model_cell *cell = find_cell(f, s, r->quality);
    const struct model_base *base = find_base(f, r->quality);
    if (cell) {
        ret->basis = f->table_certain ? PRICE_TABLE : PRICE_ABOUT;
        ret->tokens = cell->tokens > 0 ? cell->tokens : 0;
    } else if (base) {
        ret->basis = f->formula_certain ? PRICE_FORMULA : PRICE_ABOUT;
        ret->tokens = calculate(base, s);
    }
    if (cell && cell->micros != MONEY_UNKNOWN) {
        ret->tokens = 0;
        return cell->micros * 1000;
    }
    return (cell || base) && m->rates.image_out != MONEY_UNKNOWN
               ? ret->tokens * m->rates.image_out
               : MONEY_UNKNOWN;
}

static int64_t pictures_nanos(const struct model *m, const struct generate_request *r,
                              bool most)
{
    const struct model_input *f = &m->facts->input;
    int64_t tokens = 0;
    if (f->patch == 0 || m->rates.image_in == MONEY_UNKNOWN) {
        return 0;
    }
    for (int i = 0; i < r->input_count; i++) {
        tokens += most ? f->most : input_tokens(f, &r->inputs[i]);
    }
    if (r->mask) {
        tokens += most ? f->most : input_tokens(f, r->mask);
    }
    return tokens * m->rates.image_in;
}

/* Prompt and pictures; nothing where the model is not paid by token. */
static int64_t input_nanos(const struct model *m, const struct generate_request *r,
                           bool most)
{
    bool is_paid = m->rates.text_in != MONEY_UNKNOWN;
    int64_t prompt = is_paid ? prompt_tokens(r->prompt) * m->rates.text_in : 0;
    return prompt + pictures_nanos(m, r, most);
}

void model_price(const struct model *m, const struct generate_request *r,
                 struct price *ret)
{
    *ret = (struct price){ .micros = MONEY_UNKNOWN, .most = MONEY_UNKNOWN,
                           .each = MONEY_UNKNOWN, .input = MONEY_UNKNOWN,
                           .basis = PRICE_UNKNOWN };
    if (!m || !r->quality || r->width == 0) {
        return;
    }
    int64_t each = output_nanos(m, r, ret);
    if (each == MONEY_UNKNOWN) {
        ret->basis = PRICE_UNKNOWN;
        return;
    }
    int64_t input = input_nanos(m, r, false);
    int64_t more = ret->basis == PRICE_ABOUT ? divide_up(each, ABOUT_MORE) : 0;
    ret->each = money_from_nanos(each);
    ret->input = money_from_nanos(input);
    ret->micros = money_from_nanos(each * r->count + input);
    ret->most = money_from_nanos((each + more) * r->count + input_nanos(m, r, true));
}

int64_t model_charge(const struct model *m, const struct generate_usage *usage)
{
    const struct {
        int64_t tokens, rate;
    } parts[] = {
        { usage->text_in, m ? m->rates.text_in : MONEY_UNKNOWN },
        { usage->image_in, m ? m->rates.image_in : MONEY_UNKNOWN },
        { usage->text_out, m ? m->rates.text_out : MONEY_UNKNOWN },
        { usage->image_out, m ? m->rates.image_out : MONEY_UNKNOWN },
    };
    int64_t nanos = 0, all = 0;
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        int64_t tokens = parts[i].tokens;
        if (tokens < 0 || tokens > TOKENS_MAX ||
            (tokens > 0 && parts[i].rate == MONEY_UNKNOWN)) {
            return MONEY_UNKNOWN;
        }
        nanos += tokens > 0 ? tokens * parts[i].rate : 0;
        all += tokens;
    }
    return usage->known && all > 0 ? money_from_nanos(nanos) : MONEY_UNKNOWN;
}
