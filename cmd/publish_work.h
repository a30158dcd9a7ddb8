/*
 * publish_work.h - a run of `publish`: what was asked for and what it works with.
 *
 * publish.c makes one post of pictures, publish_promote.c brings them where the service
 * can fetch them, publish_resume.c finishes what was begun, publish_work.c has what they
 * share.
 */
#ifndef PUBLISH_WORK_H
#define PUBLISH_WORK_H

#include "app.h"
#include "imgctl/posts.h"
#include "imgctl/publisher.h"
#include "imgctl/report.h"
#include "pictures.h"
#include "publish_check.h"
#include "publish_fix.h"

struct publish_args {
    struct strlist operands;
    const char *to, *caption, *caption_file;
    struct strlist alts;
    bool carousel, story, again, resume, dry_run, strict;
    struct publish_fix fix;
    int ai_label, as;
    int64_t settle;
    struct output_args output;
};

struct publishing {
    struct app *app;
    const struct publish_args *args;
    struct account account;
    struct publisher *publisher;
    struct open_stores stores;
    struct report report;
    struct strlist ids;
    struct publish_check check;
    struct post post;
    struct picture pictures[POST_PICTURES];
    int count;
    bool would_fix[POST_PICTURES]; /* in a dry run */
};

void publishing_release(struct publishing *w);

/* The account NAME, or with NULL the only one there is. */
int publishing_find_account(struct publishing *w, const char *name, struct error *err);
/* The publisher of that account, with its token; a dry run does without, and says so. */
int publishing_open(struct publishing *w, struct error *err);

/* Where the service fetches from. NULL with ERR. */
struct store *publishing_store(struct publishing *w, struct error *err);

/* A service fetches by link, and a local picture has none: send those that are only here
 * to that store, after saying so. */
int publishing_promote(struct publishing *w, struct error *err);

/* Bring w->post, which is claimed, to its end; under the account's lock. */
int publishing_carry_out(struct publishing *w, struct error *err);

/* An item about the picture ID of the post. */
void publishing_report(struct publishing *w, const char *input, int64_t id,
                       const char *label, const char *status);

/* --resume, and --settle. The exit code, or -1. */
int publishing_resume(struct publishing *w, struct error *err);
int publishing_settle(struct publishing *w, struct error *err);

#endif
