#include "imgctl/keys.h"

#include <string.h>

#define ESC '\033'

char *keys_room(struct keys *k, size_t *size)
{
    *size = sizeof k->bytes - k->len;
    return k->bytes + k->len;
}

void keys_added(struct keys *k, size_t len)
{
    k->len += len;
}

bool keys_incomplete(const struct keys *k)
{
    return k->len > 0;
}

static void drop(struct keys *k, size_t n)
{
    k->len -= n;
    memmove(k->bytes, k->bytes + n, k->len);
}

/* ESC [ ... letter, or ESC O letter: its length, 0 where its end is not there yet. */
static size_t sequence_length(const char *s, size_t len)
{
    if (len < 3) {
        return 0;
    }
    if (s[1] == 'O') {
        return 3;
    }
    for (size_t i = 2; i < len; i++) {
        if (s[i] >= 0x40 && s[i] <= 0x7e && !(i == 2 && s[i] == '[')) {
            return i + 1;
        }
    }
    return 0;
}

static bool by_letter(char letter, struct key *ret)
{
    static const struct {
        char letter;
        enum key_kind kind;
    } letters[] = {
        { 'A', KEY_UP },  { 'B', KEY_DOWN }, { 'C', KEY_RIGHT }, { 'D', KEY_LEFT },
        { 'H', KEY_HOME }, { 'F', KEY_END },  { 'Z', KEY_BACKTAB },
    };
    for (size_t i = 0; i < sizeof letters / sizeof *letters; i++) {
        if (letters[i].letter == letter) {
            ret->kind = letters[i].kind;
            return true;
        }
    }
    return false;
}

/* ESC [ number ~ */
static bool by_number(int number, struct key *ret)
{
    static const enum key_kind numbers[] = {
        [1] = KEY_HOME, [3] = KEY_DELETE, [4] = KEY_END, [5] = KEY_PAGE_UP,
        [6] = KEY_PAGE_DOWN, [7] = KEY_HOME, [8] = KEY_END,
    };
    if (number < 1 || number > 8 || number == 2) {
        return false;
    }
    ret->kind = numbers[number];
    return true;
}

static bool decode_sequence(struct keys *k, const char *s, size_t len, struct key *ret)
{
    int number = 0;
    for (size_t i = 2; i < len && s[i] >= '0' && s[i] <= '9' && number < 1000; i++) {
        number = number * 10 + (s[i] - '0');
    }
    if (s[1] == 'O' && s[2] == 'M') {
        ret->kind = KEY_ENTER; /* of the number pad */
        return true;
    }
    if (strchr("<=>?[", s[2])) {
        return false; /* reports, and function keys of the Linux console */
    }
    if (s[len - 1] != '~') {
        return by_letter(s[len - 1], ret);
    }
    if (number == 200 || number == 201) {
        k->pasting = number == 200;
        return false;
    }
    return by_number(number, ret);
}

static bool decode_control(char c, struct key *ret)
{
    switch (c) {
    case '\r':
    case '\n':
        ret->kind = KEY_ENTER;
        return true;
    case '\t':
        ret->kind = KEY_TAB;
        return true;
    case 0x7f:
    case 0x08:
        ret->kind = KEY_BACKSPACE;
        return true;
    default:
        ret->kind = KEY_CTRL;
        ret->text[0] = (char)(c + 0x60);
        return c >= 1 && c <= 26;
    }
}

/* The length a character of UTF-8 claims; 0: this is no beginning of one. */
static size_t claimed(char c)
{
    unsigned char first = (unsigned char)c;
    return first < 0x80 ? 1 : first < 0xc2 ? 0 : first < 0xe0 ? 2
         : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0;
}

static bool is_rest(const char *s, size_t n)
{
    for (size_t i = 1; i < n; i++) {
        if (((unsigned char)s[i] & 0xc0) != 0x80) {
            return false;
        }
    }
    return true;
}

/* One step: 1 a key, 0 something was dropped, -1 more bytes are needed. Within a paste
 * the rest of a sequence comes, however slow the line is: nobody pressed Esc there, and
 * without its end every key to come would be taken for pasted text. */
static int step(struct keys *k, bool waited, struct key *ret)
{
    const char *s = k->bytes;
    waited = waited && !k->pasting;
    *ret = (struct key){ .text = "" };
    if (s[0] == ESC && k->len > 1 && (s[1] == '[' || s[1] == 'O')) {
        size_t n = sequence_length(s, k->len);
        if (n == 0 && !waited && k->len < sizeof k->bytes) {
            return -1;
        }
        bool is_key = n > 0 && decode_sequence(k, s, n, ret);
        drop(k, n > 0 ? n : k->len);
        return is_key && !k->pasting;
    }
    if (s[0] == ESC) {
        if (k->len == 1 && !waited) {
            return -1;
        }
        drop(k, 1); /* Alt and a key is Esc and the key */
        ret->kind = KEY_ESCAPE;
        return !k->pasting;
    }
    if ((unsigned char)s[0] < 0x20 || s[0] == 0x7f) {
        bool is_key = decode_control(s[0], ret);
        drop(k, 1);
        return is_key && !k->pasting;
    }
    size_t n = claimed(s[0]);
    if (n > k->len && !waited) {
        return -1;
    }
    if (n == 0 || n > k->len || !is_rest(s, n)) {
        drop(k, 1);
        return 0;
    }
    memcpy(ret->text, s, n);
    ret->kind = k->pasting ? KEY_PASTE : KEY_TEXT;
    drop(k, n);
    return 1;
}

bool keys_next(struct keys *k, bool waited, struct key *ret)
{
    while (k->len > 0) {
        int result = step(k, waited, ret);
        if (result != 0) {
            return result > 0;
        }
    }
    return false;
}
