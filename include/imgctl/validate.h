/*
 * validate.h - a picture, wherever it is, against a profile.
 *
 * An input is an id of the catalog ("42", "@1"), a URL, or a file. Of a file only the
 * headers are read, unless `deep`. A picture of the local store is read where it is. Of
 * one that is in a remote store the row of the catalog is all there is to judge, unless
 * `url`: then its delivery link is looked at as the platform would fetch it, and what
 * arrives is judged.
 */
#ifndef IMGCTL_VALIDATE_H
#define IMGCTL_VALIDATE_H

#include "imgctl/catalog.h"
#include "imgctl/rules.h"
#include "imgctl/store.h"

struct http_client;

struct validator {
    const struct profile *profile;
    const struct config *config;
    struct catalog *catalog;   /* NULL: there is none */
    struct store *(*store)(void *cookie, const char *name, struct error *err);
    void *cookie;
    bool strict;               /* what is not documented is an error */
    bool alt;                  /* also the alternative text in the catalog */
    bool deep;                 /* read whole files, to find damage in the middle */
    bool url;                  /* ask for links as the platform does */
    bool allow_private;        /* links to private addresses */
    int trace_fd;              /* -1: no trace */
    int stdin_fd;              /* the picture that the input "-" stands for; -1 */
    struct http_client *client; /* made when it is needed; validator_release() */
};

void validator_release(struct validator *v);

struct verdict {
    struct rule_facts facts;   /* facts.name is LABEL */
    struct rule_results results;
    bool has_facts;            /* false: the file is no picture that can be read */
    int64_t id;                /* 0: not of the catalog */
    char *label;               /* the name of the file; owned */
};

/*
 * Judge one input. -1 where there is nothing to judge: no such file or picture, the
 * network fails. A file that is no picture, or a damaged one, is judged: it breaks a
 * rule. RET is the caller's to release in both cases.
 */
int validate_input(struct validator *v, const char *input, struct verdict *ret,
                   struct error *err);
void verdict_release(struct verdict *v);

/* What a row of the catalog tells; points into P. */
void validate_facts_of_row(const struct picture *p, struct rule_facts *ret);

#endif
