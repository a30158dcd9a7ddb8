/*
 * cloudinary_option.h - the options of an account that may stand in the query of
 * CLOUDINARY_URL, or in variables such as CLOUDINARY_SECURE.
 */
#ifndef CLOUDINARY_OPTION_H
#define CLOUDINARY_OPTION_H

#include "cloudinary_account.h"

/* Set the option NAME; one that we have no use for is ignored. SHOWN is what an
 * ERROR_CONFIG calls it; the value, which could be a slipped secret, is not shown. */
int cloudinary_option_set(struct cloudinary_account *a, const char *name,
                          const char *value, const char *shown, struct error *err);

/* Set those for which there is a variable that is not empty. */
int cloudinary_options_from_environment(struct cloudinary_account *a, struct error *err);

/* Is the host that AUTHORITY ("127.0.0.1:80/x") begins with this machine? */
bool cloudinary_is_loopback(const char *authority);

#endif
