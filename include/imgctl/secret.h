/*
 * secret.h - keys and passwords: found in one order, never shown.
 *
 * A secret NAME such as "CLOUDINARY_URL" is looked up in
 *   1. the environment variable NAME
 *   2. the file that NAME_FILE names (not readable by group or others)
 *   3. $CREDENTIALS_DIRECTORY/name (lower case), as systemd gives it
 *   4. the credential helper of the setting credential.helper, which speaks
 *      git's credential protocol (protocol=imgctl, host=name; password=...)
 * Both NAME and NAME_FILE set is an error. There is no option that takes one.
 */
#ifndef IMGCTL_SECRET_H
#define IMGCTL_SECRET_H

#include "imgctl/buf.h"
#include "imgctl/config.h"
#include "imgctl/error.h"

struct secret {
    struct buf text;
    char origin[256]; /* "CLOUDINARY_URL", "file /run/key", ...: may be shown */
    char *file;       /* that it came from; NULL */
    char *host;       /* that a credential helper knows it by; NULL */
};

#define SECRET_INIT { .text = BUF_INIT }
#define AUTO_SECRET __attribute__((cleanup(secret_release)))

/* 1 found, 0 there is none, -1 error (ERROR_CREDENTIALS or ERROR_CONFIG). */
int secret_get(const char *name, const struct config *config, struct secret *ret,
               struct error *err);
void secret_release(struct secret *s); /* wipes the memory */

/* 0 if secret_replace() may be tried; else ERROR_CREDENTIALS with what to do. */
int secret_can_replace(const struct secret *present, struct error *err);

/* Keep TEXT where PRESENT came from: in its file, or with the credential helper.
 * ERROR_CREDENTIALS for what cannot be written from here. */
int secret_replace(const struct secret *present, const struct config *config,
                   const char *text, struct error *err);

/* Put SECRET's last four characters behind dots: "...f3k9"; OUT has 16 bytes. */
void secret_tail(char *out, const char *secret);

#endif
