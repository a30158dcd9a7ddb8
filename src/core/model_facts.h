/*
 * model_facts.h - what models.json says of a family, for the files that read, check
 * and price by it.
 */
#ifndef CORE_MODEL_FACTS_H
#define CORE_MODEL_FACTS_H

#include <stddef.h>

#include "imgctl/json.h"
#include "imgctl/model.h"

#define MODEL_SIDE_MAX 65535 /* products of four sides fit 64 bits */

struct size {
    uint32_t width, height;
};

/* One cell of the table: a price or a number of image tokens. */
struct model_cell {
    struct size size;
    const char *quality;
    int64_t micros; /* MONEY_UNKNOWN: it has tokens */
    int64_t tokens;
};

/* A quality in the service's calculator. */
struct model_base {
    const char *quality;
    int64_t base, times;
};

/* How many tokens a picture to edit is. */
struct model_input {
    int64_t patch, most, enlarged_to; /* patch 0: nobody knows */
};

struct model_facts {
    int64_t multiple, longest, ratio, min_pixels, max_pixels; /* multiple 0: no rule */
    struct model_cell *cells;
    size_t cell_count;
    bool table_certain;
    struct model_base *bases;
    size_t base_count;
    bool formula_certain;
    struct model_input input;
};

struct models {
    struct json *root;
    char *path;
    const char *date;
    struct model *models;
    size_t count;
    struct model_facts *facts; /* one for each family */
    size_t fact_count;
};

/* Fill in M->date, models and facts from M->root. ERROR_CONFIG. */
int models_read(struct models *m, int64_t now, struct error *err);

/* "1024x1024", each side 1 to MODEL_SIDE_MAX. */
bool size_parse(const char *text, struct size *ret);

/* What TEXT, a name, WxH or a ratio, is for M. ERROR_USAGE. CHECK: it must fit. */
int model_size_choose(const struct model *m, const char *text, bool check,
                      struct size *ret, struct error *err);

#endif
