/*
 * secret_helper.h - asking a credential helper, as git does.
 */
#ifndef SECRET_HELPER_H
#define SECRET_HELPER_H

#include "imgctl/buf.h"
#include "imgctl/error.h"

#define SECRET_MAX 16384 /* bytes; nobody has a longer key */

/*
 * Run HELPER with "get" and ask for the password of HOST. HELPER is a shell
 * command behind "!", the path of a program, or a NAME that stands for the
 * program imgctl-credential-NAME; arguments may follow. It has 30 seconds.
 * 1 with the password in OUT, 0 if it knows none, -1.
 */
int secret_helper_get(const char *helper, const char *host, struct buf *out,
                      struct error *err);

/* Give it a new PASSWORD of HOST to keep, with "store". */
int secret_helper_put(const char *helper, const char *host, const char *password,
                      struct error *err);

#endif
