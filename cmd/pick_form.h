/*
 * pick_form.h - what `imgctl pick` is told of a picture to generate: a prompt, and
 * choices that are the models' own; made into an order, so its price is known before.
 */
#ifndef PICK_FORM_H
#define PICK_FORM_H

#include "app.h"
#include "imgctl/generate.h"

enum form_field { FORM_PROMPT, FORM_MODEL, FORM_SIZE, FORM_QUALITY };
#define FORM_FIELDS 4

struct form {
    const struct config *config;
    struct models *models;
    struct generator *generator;
    struct destination to;
    struct buf prompt;
    enum form_field field;               /* where the cursor is */
    struct strlist choices[FORM_FIELDS]; /* none for the prompt */
    size_t chosen[FORM_FIELDS];
    struct order order;                  /* as of the last refresh; also without a prompt,
                                            for its price */
    struct error problem;                /* why there is none: ERROR_NONE if there is */
};

/* ERROR_CREDENTIALS where the provider needs a key and there is none. */
int form_open(struct app *app, struct form **ret, struct error *err);
void form_close(struct form *f); /* NULL is fine */

/* Make the order anew, after a change. */
void form_refresh(struct form *f);

bool form_type(struct form *f, const char *text);
bool form_erase(struct form *f);
void form_move(struct form *f, int by);   /* to another field */
void form_choose(struct form *f, int by); /* another value of the field */

/* The value of a field, as text. */
const char *form_value(const struct form *f, enum form_field field);

#endif
