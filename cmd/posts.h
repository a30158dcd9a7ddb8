/*
 * posts.h - how commands print posts.
 */
#ifndef POSTS_H
#define POSTS_H

#include "imgctl/posts.h"
#include "imgctl/record.h"

/* A post as a record: its own members and what has to be spelt out. */
struct post_row {
    struct post post; /* borrowed strings */
    const char *state, *kind;
    struct strlist images;
};

#define AUTO_POST_ROW __attribute__((cleanup(post_row_release)))
struct post_row post_row(const struct post *p);
void post_row_release(struct post_row *row);

extern const struct record_type post_type;

#endif
