/*
 * verdict.h - would Instagram take it? In a few letters, for lists of pictures.
 *
 * Of a picture in the catalog only what its row tells is looked at, so a list of many
 * costs nothing; `imgctl validate-ig` reads the file.
 */
#ifndef VERDICT_H
#define VERDICT_H

#include "imgctl/catalog.h"
#include "imgctl/rules.h"

#define VERDICT_PROFILE "instagram-feed"

/* "" if the profile takes it, else the first rule it breaks: "bytes". TEXT has room for
 * 40 bytes. */
void verdict_of_row(const struct profile *profile, const struct picture *p, char *text);
void verdict_of_file(const struct profile *profile, const struct rule_facts *facts,
                     char *text);

#endif
