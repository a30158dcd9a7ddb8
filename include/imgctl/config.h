/*
 * config.h - settings from files, environment and command line.
 *
 * A setting is a key such as "upload.strip" and a text. The key's part before
 * the dot is the section of a git-style INI file; a key without a dot stands
 * before the first section. The first of these that has a value wins:
 *   1. -c KEY=VALUE on the command line
 *   2. the environment variable IMGCTL_SECTION_KEY (upper case, dots to '_')
 *   3. the user's file  ($IMGCTL_CONFIG, else $XDG_CONFIG_HOME/imgctl/config)
 *   4. the system's file (/etc/imgctl/config)
 *   5. the default in the table of settings (settings.c)
 * An option on the command line, where there is one for the key, beats all.
 * Nothing is read from the current folder. Secrets are not settings: secret.h.
 */
#ifndef IMGCTL_CONFIG_H
#define IMGCTL_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "imgctl/error.h"

enum setting_type { SETTING_TEXT, SETTING_BOOL, SETTING_SIZE, SETTING_INT, SETTING_MONEY,
                    SETTING_CHOICE };

/* One key that imgctl knows: the only place where its default is written. */
struct setting {
    const char *key;
    enum setting_type type;
    const char *fallback;       /* NULL: no value */
    const char *const *choices; /* SETTING_CHOICE: NULL-terminated */
    int64_t min, max;           /* SETTING_INT and SETTING_SIZE */
    const char *help;           /* one line */
};

extern const struct setting settings[];
extern const size_t settings_count;

const struct setting *setting_find(const char *key);

/* A wrong KEY is ERROR_USAGE with the nearest known one; a VALUE that does not
 * fit its type is ERROR_CONFIG. With VALUE NULL only the key is looked at. */
int setting_check(const char *key, const char *value, struct error *err);

struct config;

/* Where a value came from: "option", "-c", "IMGCTL_STORE", a file's path, "default". */
struct config_value {
    const char *text;   /* owned by the config; NULL when there is none */
    const char *origin;
};

/*
 * Read the files. USER_FILE NULL means the usual place. A missing file is an
 * empty one, except a USER_FILE named on the command line. A file with an error
 * is ERROR_CONFIG naming its line.
 */
int config_load(const char *user_file, struct config **ret, struct error *err);
void config_free(struct config *c);

/* Add "key=value" of a -c option. */
int config_override(struct config *c, const char *assignment, struct error *err);

struct config_value config_get(const struct config *c, const char *key);

/* Typed: the text was checked when it was read. */
const char *config_text(const struct config *c, const char *key); /* NULL: none */
bool config_bool(const struct config *c, const char *key);
int64_t config_int(const struct config *c, const char *key); /* also sizes, in bytes */
int64_t config_money(const struct config *c, const char *key); /* MONEY_UNKNOWN: none */

/* The user's file, which may not exist yet. */
const char *config_path(const struct config *c);

/* Change one line of the user's file, keeping its comments and order; VALUE
 * NULL removes the key. The file appears whole, with mode 0600. ERROR_CONFIG also where
 * it cannot be written. */
int config_write(const struct config *c, const char *key, const char *value,
                 struct error *err);

/*
 * Folders after the XDG rules, made on first use by who writes there. The
 * strings are owned by the config.
 */
const char *config_data_dir(const struct config *c);  /* catalog, local store */
const char *config_cache_dir(const struct config *c);
const char *config_state_dir(const struct config *c); /* spool */

#endif
