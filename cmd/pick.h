/*
 * pick.h - the parts of `imgctl pick`.
 *
 * The model is in core (chooser.h, folder.h), the screen in terminal (screen.h,
 * keys.h, tty.h); here is what joins them: pick_ui.c runs the loop and draws the frame,
 * each tab has a file with its keys and its drawing, pick_pane.c has the picture.
 */
#ifndef PICK_H
#define PICK_H

#include "app.h"
#include "imgctl/chooser.h"
#include "imgctl/folder.h"
#include "imgctl/graphics.h"
#include "imgctl/keys.h"
#include "imgctl/profile.h"
#include "imgctl/screen.h"
#include "pictures.h"

struct pick_options {
    struct selection selection;
    bool multi, require_ig;
    int64_t max;           /* 0: any number */
    const char *business, *store; /* of uploads; NULL: as the settings say */
    int protocol;          /* enum graphics; -1: what is known to work */
};

enum pick_tab { TAB_LIBRARY, TAB_UPLOAD, TAB_GENERATE };
#define PICK_TABS 3

/* A part of the screen. */
struct area {
    int x, y, columns, rows;
};

/* ---- The picture (pick_pane.c) ---- */

struct pane;

struct pane *pane_new(struct app *app, const struct terminal *terminal,
                      enum graphics how);
/* False: a thread is still at work for it, and it goes with the process. */
bool pane_free(struct pane *p);

/* Readable when a picture has come; pane_collect() then. */
int pane_fd(const struct pane *p);
void pane_collect(struct pane *p);

/* Show the picture ID of the catalog, or the file PATH, in AREA: characters go into
 * SCREEN now, true pixels with pane_draw() after the screen is updated. */
void pane_show(struct pane *p, int64_t id, const char *path, struct area area,
               struct screen *screen);
void pane_draw(struct pane *p, struct screen *screen, struct buf *out);
void pane_forget(struct pane *p); /* what is on the screen is not there any more */

/* ---- All of it ---- */

struct pick {
    struct app *app;
    const struct pick_options *options;
    struct terminal terminal;
    int fd;                  /* of the terminal, while pick_run() goes on */
    struct screen screen;
    struct keys keys;
    struct chooser chooser;
    struct folder folder;
    struct form *form;       /* NULL: that tab was not open yet, or cannot be */
    struct error no_form;    /* why */
    struct pane *pane;
    struct profile *profile; /* NULL: no verdicts */
    enum pick_tab tab;
    bool help, in_field;     /* the help is shown; the search takes blanks, too */
    bool dirty;              /* what is looked for has changed */
    bool over, accepted;
    char asked[65];          /* the order that was asked about: a second yes buys it */
    char message[256];       /* in the last row until the next key */
};

/* 0 with p->accepted and the choice in the chooser's marks; or not accepted. */
int pick_run(struct pick *p, struct error *err);

void pick_say(struct pick *p, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void pick_draw(struct pick *p);

/* A new picture: the cursor of the library is on it, and with --multi it is marked. */
void pick_take(struct pick *p, int64_t id);

/* While something takes long: was Esc or Ctrl-C pressed? Other keys are for nobody. */
bool pick_wants_out(struct pick *p);

/* Library */
void library_key(struct pick *p, const struct key *key);
void library_draw(struct pick *p, struct area list, struct area side);

/* Upload */
void upload_tab_key(struct pick *p, const struct key *key);
void upload_tab_draw(struct pick *p, struct area list, struct area side);

/* Generate */
void generate_tab_refresh(struct pick *p);
void generate_tab_key(struct pick *p, const struct key *key);
void generate_tab_draw(struct pick *p);

extern const struct style style_normal, style_strong, style_weak, style_cursor;

/* ---- By another program (pick_fzf.c) ---- */

int pick_by_fzf(struct app *app, const struct pick_options *options, struct chooser *c,
                struct error *err);

#endif
