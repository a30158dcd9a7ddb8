/*
 * strlist.h - a list of strings that owns its strings.
 */
#ifndef IMGCTL_STRLIST_H
#define IMGCTL_STRLIST_H

#include <stdbool.h>
#include <stddef.h>

struct strlist {
    char **items;
    size_t len;
    size_t cap;
};

#define STRLIST_INIT { .items = NULL }
#define AUTO_STRLIST __attribute__((cleanup(strlist_release)))

void strlist_add(struct strlist *list, const char *s); /* copies */
void strlist_take(struct strlist *list, char *s);      /* takes ownership */
void strlist_release(struct strlist *list);
bool strlist_has(const struct strlist *list, const char *s);
void strlist_sort(struct strlist *list);               /* by bytes */

/* Keep one of equal neighbours. */
void strlist_unique(struct strlist *list);

/* Split TEXT at SEPARATOR; empty parts are dropped, blanks around parts too. */
void strlist_split(struct strlist *list, const char *text, char separator);

#endif
