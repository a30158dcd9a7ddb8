#include "imgctl/strlist.h"

#include <stdlib.h>
#include <string.h>

#include "imgctl/mem.h"

void strlist_take(struct strlist *list, char *s)
{
    if (list->len == list->cap) {
        list->cap = list->cap ? list->cap * 2 : 8;
        list->items = mem_resize(list->items, list->cap, sizeof *list->items);
    }
    list->items[list->len++] = s;
}

void strlist_add(struct strlist *list, const char *s)
{
    strlist_take(list, mem_strdup(s));
}

void strlist_release(struct strlist *list)
{
    for (size_t i = 0; i < list->len; i++) {
        free(list->items[i]);
    }
    free(list->items);
    *list = (struct strlist)STRLIST_INIT;
}

bool strlist_has(const struct strlist *list, const char *s)
{
    for (size_t i = 0; i < list->len; i++) {
        if (strcmp(list->items[i], s) == 0) {
            return true;
        }
    }
    return false;
}

static int compare(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

void strlist_sort(struct strlist *list)
{
    if (list->len > 1) {
        qsort(list->items, list->len, sizeof *list->items, compare);
    }
}

void strlist_unique(struct strlist *list)
{
    size_t kept = 0;
    for (size_t i = 0; i < list->len; i++) {
        if (kept > 0 && strcmp(list->items[kept - 1], list->items[i]) == 0) {
            free(list->items[i]);
        } else {
            list->items[kept++] = list->items[i];
        }
    }
    list->len = kept;
}

void strlist_split(struct strlist *list, const char *text, char separator)
{
    for (;;) {
        const char *end = strchrnul(text, separator);
        const char *from = text + strspn(text, " \t");
        const char *to = end;
        while (to > from && (to[-1] == ' ' || to[-1] == '\t')) {
            to--;
        }
        if (to > from) {
            strlist_take(list, mem_strndup(from, (size_t)(to - from)));
        }
        if (*end == '\0') {
            return;
        }
        text = end + 1;
    }
}
