/*
 * chooser.h - choosing among any number of pictures: what is looked for, where the
 * cursor is, what is marked. It knows no terminal.
 *
 * Of the matches only a window around the cursor is in memory, so a million pictures
 * take no more of it than a hundred. The catalog may change meanwhile: rows then move
 * by themselves, and what is marked stays marked.
 */
#ifndef IMGCTL_CHOOSER_H
#define IMGCTL_CHOOSER_H

#include "imgctl/catalog.h"

enum chooser_kind { CHOOSE_ALL, CHOOSE_UPLOADED, CHOOSE_AI };
#define CHOOSER_KINDS 3

#define CHOOSER_WINDOW 256

struct chooser {
    struct catalog *catalog;     /* NULL: there is none yet */
    struct selection selection;  /* as given; search and kind are the chooser's own */
    struct buf search;
    enum chooser_kind kind;
    size_t max;                  /* marks at most; 0: any number */

    int64_t total, cursor;       /* matches; a position from 0 */
    int64_t *marks;              /* ids, in the order of marking */
    size_t mark_count;

    struct picture rows[CHOOSER_WINDOW]; /* only what a list shows of each */
    int64_t first;               /* position of rows[0] */
    size_t count;
};

/* SELECTION's strings stay the caller's. */
void chooser_init(struct chooser *c, struct catalog *catalog,
                  const struct selection *selection);
void chooser_release(struct chooser *c);

/* Count again; the cursor stays where it is or goes to the last row. After any change
 * of search or kind. */
int chooser_refresh(struct chooser *c, struct error *err);

/* Is the search too short to be answered at once among so many? Nothing matches then. */
bool chooser_search_is_short(const struct chooser *c);

/* A character more, a character less. False: there is no room, or none is left. */
bool chooser_type(struct chooser *c, const char *text);
bool chooser_erase(struct chooser *c);

/* The row at a position, loaded now if need be; NULL if there is none, or with an
 * error. Its id, original_filename, mime_type, width, height, file_size_bytes,
 * ai_generated and storage_provider are there. Valid until the next call. */
const struct picture *chooser_row(struct chooser *c, int64_t position, struct error *err);

void chooser_move(struct chooser *c, int64_t by);

/* Mark, or take the mark back. With MAX 1 the mark moves; else false when there are MAX
 * already. */
bool chooser_mark(struct chooser *c, int64_t id);
bool chooser_is_marked(const struct chooser *c, int64_t id);

#endif
