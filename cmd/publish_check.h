/*
 * publish_check.h - what publish looks at before anything leaves, and picking.
 */
#ifndef PUBLISH_CHECK_H
#define PUBLISH_CHECK_H

#include "app.h"
#include "imgctl/posts.h"
#include "imgctl/rules.h"
#include "pictures.h"

struct publish_check {
    struct app *app;
    struct open_stores *stores;
    struct profile *profile;
    bool carousel, strict;
    bool is_local;   /* the service is on this machine, and so may links be */
};

/* Does a picture keep the rules? ERROR_RULE names the first that it breaks. */
int publish_check_picture(const struct publish_check *c, const struct picture *p,
                          struct error *err);

/* Its link, looked at as the service will. */
int publish_check_link(const struct publish_check *c, const struct picture *p,
                       struct error *err);

int publish_check_caption(const struct publish_check *c, const char *caption,
                          struct error *err);

/* The alternative text that P is posted with; NULL: none. */
int publish_check_alt(const struct publish_check *c, const struct picture *p,
                      const char *alt, struct error *err);

/* Pictures of a carousel are cropped to the ratio of the first: say so. */
void publish_check_siblings(const struct publish_check *c, const struct picture *pictures,
                            int count);

/* With no picture named: let somebody at a terminal pick. ERROR_USAGE elsewhere. */
int publish_pick(struct app *app, enum post_kind kind, struct strlist *ids,
                 struct error *err);

#endif
