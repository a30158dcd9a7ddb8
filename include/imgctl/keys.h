/*
 * keys.h - from the bytes of a terminal to keys.
 *
 * Understands what xterm, its relatives, the Linux console and tmux send; what it does
 * not know of escape sequences is dropped whole. Pasted text (bracketed paste) comes as
 * text and never as commands.
 */
#ifndef IMGCTL_KEYS_H
#define IMGCTL_KEYS_H

#include <stdbool.h>
#include <stddef.h>

enum key_kind {
    KEY_TEXT,  /* one character, UTF-8 */
    KEY_PASTE, /* the same, out of a paste */
    KEY_CTRL,  /* with a letter, in text: "c" */
    KEY_ENTER,
    KEY_TAB,
    KEY_BACKTAB,
    KEY_BACKSPACE,
    KEY_DELETE,
    KEY_ESCAPE,
    KEY_UP,
    KEY_DOWN,
    KEY_LEFT,
    KEY_RIGHT,
    KEY_HOME,
    KEY_END,
    KEY_PAGE_UP,
    KEY_PAGE_DOWN,
};

struct key {
    enum key_kind kind;
    char text[5];
};

struct keys {
    char bytes[256]; /* not decoded yet */
    size_t len;
    bool pasting;
};

#define KEYS_INIT { .len = 0 }

/* Where to put what is read, and how much has room; keys_added() says how much came. */
char *keys_room(struct keys *k, size_t *size);
void keys_added(struct keys *k, size_t len);

/* The next key. False: there is no whole one. An escape that nothing follows is the
 * key Esc only when WAITED says that enough time has passed for more to come, and never
 * in a paste. */
bool keys_next(struct keys *k, bool waited, struct key *ret);

/* Is there a beginning that waits for its rest? */
bool keys_incomplete(const struct keys *k);

#endif
