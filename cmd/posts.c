#include "posts.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>

#include "imgctl/strlist.h"

#define FIELD(name, type, member) { name, type, offsetof(struct post_row, member) }

static const struct field fields[] = {
    FIELD("id", FIELD_INT, post.id),
    FIELD("state", FIELD_TEXT, state),
    FIELD("account", FIELD_TEXT, post.account),
    FIELD("user_id", FIELD_TEXT, post.user_id),
    FIELD("kind", FIELD_TEXT, kind),
    FIELD("images", FIELD_LIST_IDS, images),
    FIELD("caption", FIELD_TEXT, post.caption),
    FIELD("ai_label", FIELD_BOOL, post.ai_label),
    FIELD("container", FIELD_TEXT, post.container),
    FIELD("post_id", FIELD_TEXT, post.post_id),
    FIELD("permalink", FIELD_TEXT, post.permalink),
    FIELD("created_at", FIELD_TIME, post.created_at),
    FIELD("published_at", FIELD_TIME, post.published_at),
    FIELD("error", FIELD_TEXT, post.error),
    { .name = NULL },
};

static const char *const tsv[] = { "id", "state", "account", "kind", "permalink", NULL };

const struct record_type post_type = {
    .fields = fields, .tsv = tsv, .id = "id", .url = "permalink",
};

struct post_row post_row(const struct post *p)
{
    struct post_row row = {
        .post = *p,
        .state = post_state_name(p->state),
        .kind = post_kind_name(p->kind),
    };
    for (int i = 0; i < p->count; i++) {
        char text[24];
        snprintf(text, sizeof text, "%" PRId64, p->pictures[i].image_id);
        strlist_add(&row.images, text);
    }
    return row;
}

void post_row_release(struct post_row *row)
{
    strlist_release(&row->images);
}
