/*
 * model.h - image models as data: what each takes, what it costs, how long it lives.
 *
 * The facts come from models.json (data.h), which carries its date and sources. A
 * model is found by its id or by one of its dated snapshots. The official host gets
 * only what the model is known to accept; another server may serve a model that
 * OpenAI has retired, or one that nobody here has heard of.
 */
#ifndef IMGCTL_MODEL_H
#define IMGCTL_MODEL_H

#include <stdbool.h>
#include <stdint.h>

#include "imgctl/config.h"
#include "imgctl/error.h"
#include "imgctl/generator.h"
#include "imgctl/money.h"
#include "imgctl/strlist.h"

enum model_status { MODEL_ACTIVE, MODEL_ENDING, MODEL_RETIRED };

/* Strings belong to the struct models. */
struct model {
    const char *id;
    const char *family;         /* "gpt-image-2.5" */
    struct strlist snapshots;   /* its dated names */
    const char *released;       /* "2026-09-08"; NULL: not known */
    enum model_status status;   /* as of today: an end that has come is RETIRED */
    const char *ends;           /* "2026-12-01"; NULL: none known */
    const char *replacement;    /* NULL: none named */
    int max_prompt;             /* characters */
    int max_count;              /* pictures of one request */
    struct strlist qualities;   /* what --quality takes, cheapest first */
    const char *quality;        /* the default */
    struct strlist sizes;       /* fixed ones, "1024x1024"; empty: any by the rule */
    struct strlist backgrounds, formats, styles; /* empty: the parameter is refused */
    bool takes_edit, takes_edit_url;
    bool takes_response_format; /* the DALL-E era */
    const char *certainty;      /* how sure its prices are, a sentence */
    struct model_rates {        /* nano-dollars a token; MONEY_UNKNOWN: none */
        int64_t text_in, image_in, text_out, image_out;
    } rates;
    const struct model_facts *facts; /* tables and rules, core/model_facts.h */
};

struct models;

/* Reads models.json. ERROR_CONFIG names the file, the family and the member that is
 * wrong: it may be the user's own. */
int models_load(const struct config *config, struct models **ret, struct error *err);
void models_free(struct models *m);
const char *models_date(const struct models *m);   /* "2026-11-22" */
int64_t models_age(const struct models *m);        /* days since then */
int64_t model_days_left(const struct model *m);    /* until it ends; 0: it has;
                                                      INT64_MAX: no end is known */
const char *models_source(const struct models *m); /* the file it came from */
const struct model *models_find(const struct models *m, const char *id); /* or NULL */
const struct model *models_at(const struct models *m, size_t index); /* NULL: the end */
const char *models_nearest(const struct models *m, const char *id);  /* or NULL */

/* The usual values, for completion. */
extern const char *const model_size_names[], *const model_quality_names[];

/* The model that is used when nobody names one: the setting generate.model. */
const char *model_default(const struct config *config);

/* What the user asked for; NULL, 0 and -1 are "not said". */
struct model_wish {
    const char *size;   /* a name (square, portrait, landscape, instagram, story), WxH
                           or a ratio such as 4:5 */
    const char *quality, *background, *output_format, *style;
    int compression, count;
};

/* What the settings say for what was not said: generate.size, and generate.quality if M
 * has such a one. */
void model_wish_settings(struct model_wish *w, const struct model *m,
                         const struct config *config);

/*
 * Check WISH and R->prompt, R->inputs, R->mask against M and fill in the other fields
 * of R: every one explicit that decides the price. M NULL: an unknown model, passed
 * through. OFFICIAL: it goes to OpenAI, where M's rules are law and a retired model is
 * ERROR_REFUSED with its replacement; elsewhere they are not, only what was said is
 * sent. ERROR_USAGE names the nearest thing that is allowed, or all of it. MAX_PROMPT:
 * the user's own limit, 0: none. R->model and the rest of R are the caller's.
 */
int model_resolve(const struct model *m, const struct model_wish *wish, bool official,
                  int64_t max_prompt, struct generate_request *r, struct error *err);

enum price_basis {
    PRICE_FREE,    /* the mock */
    PRICE_TABLE,   /* a price or token count that the service prints */
    PRICE_FORMULA, /* the service's own calculator, for these exact sizes */
    PRICE_ABOUT,   /* measured by others: may be off */
    PRICE_UNKNOWN, /* of this model, or on this server */
};

struct price {
    int64_t micros;         /* of the whole request, as it is expected; MONEY_UNKNOWN */
    int64_t most;           /* what it may come to: this is to be reserved */
    int64_t each;           /* of one picture's output */
    int64_t input;          /* of prompt and pictures to edit, in all */
    enum price_basis basis;
    int64_t tokens;         /* image tokens of one picture; 0: not by tokens */
};
const char *price_basis_name(enum price_basis basis); /* "table", "formula", "about" */

/*
 * What a resolved request will cost at OpenAI, and at most, as far as anybody knows: a
 * picture to edit may be as much as the service counts for any, and what others
 * measured may be a quarter more. M NULL: unknown. What another server takes is not in
 * any table: its caller's to say.
 */
void model_price(const struct model *m, const struct generate_request *r,
                 struct price *ret);

/* What USAGE cost at OpenAI; MONEY_UNKNOWN if it says nothing, M is NULL, or M has no
 * price for such tokens. */
int64_t model_charge(const struct model *m, const struct generate_usage *usage);

#endif
