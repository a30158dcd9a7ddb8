/*
 * terminal.h - what the terminal is and what it can show.
 *
 * A picture goes to a terminal by a graphics protocol (kitty's, iTerm2's, sixel) or as
 * characters: half blocks "▀" whose two colours are two pixels, with 24-bit, 256 or 16
 * colours, or ASCII where there is no colour. Characters are understood everywhere,
 * what a terminal does not know of a protocol it may print. So a protocol is used only
 * where the terminal said that it has it, or where TERM is the terminal's own name.
 *
 * In a multiplexer (tmux, screen) the terminal outside is out of sight: characters.
 */
#ifndef IMGCTL_TERMINAL_H
#define IMGCTL_TERMINAL_H

#include <stdbool.h>
#include <stddef.h>


/* From what every terminal shows to what few do. */
enum graphics {
    GRAPHICS_ASCII,
    GRAPHICS_16,
    GRAPHICS_256,
    GRAPHICS_BLOCKS, /* 24-bit colours */
    GRAPHICS_SIXEL,
    GRAPHICS_ITERM2,
    GRAPHICS_KITTY,
};

struct terminal {
    int columns, rows;           /* 80 x 24 where nobody says */
    int cell_width, cell_height; /* pixels; 10 x 20 where nobody says */
    bool cell_is_known;
    enum graphics characters;    /* the best that is made of characters */
    enum graphics best;          /* of all that is known to work */
    bool in_tmux;                /* a protocol must be wrapped to pass through */
};

/* What the environment and the window FD (-1: none) say. COLOR is false where the
 * user wants none: pictures are ASCII then, unless there is a protocol. */
void terminal_look(struct terminal *t, int fd, bool color);

/*
 * Ask the terminal itself, on /dev/tty, for what is not known yet: some milliseconds,
 * at most half a second. Nothing is asked where it cannot answer or might print the
 * question: no terminal, in the background, a multiplexer, TERM dumb or linux.
 */
void terminal_ask(struct terminal *t);

/* ---- The questions and answers of terminal_ask() ---- */

struct terminal_answers {
    bool attributes;             /* it answered "who are you": nothing more comes */
    bool sixel, kitty;
    char name[32];               /* as XTVERSION says: "kitty(0.36.4)"; "" */
    int cell_width, cell_height; /* 0: not said */
};

/* Read what arrived so far; what is no answer is passed over. */
void terminal_answers_read(const char *bytes, size_t len, struct terminal_answers *ret);

/* What they mean for T. True: only kitty's own question can tell, and this terminal
 * may be asked it. */
bool terminal_conclude(struct terminal *t, const struct terminal_answers *a);

#endif
