#include "imgctl/config.h"

#include <ctype.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config_private.h"
#include "imgctl/file.h"
#include "imgctl/mem.h"
#include "imgctl/money.h"
#include "imgctl/text.h"
#include "ini.h"

#define SYSTEM_FILE "/etc/imgctl/config"
#define PREFIX "IMGCTL_" /* of environment variables */

static void set_entry(struct config *c, const struct setting *s, const char *text,
                      const char *origin)
{
    struct config_entry *entry = &c->entries[s - settings];
    free(entry->text);
    free(entry->origin);
    entry->text = mem_strdup(text);
    entry->origin = mem_strdup(origin);
}

/* ---- Folders ---- */

/* The user's folder, caller frees; NULL when the system knows none. */
static char *home_dir(void)
{
    const char *home = getenv("HOME");
    if (home && home[0] == '/') {
        return mem_strdup(home);
    }
    const struct passwd *user = getpwuid(getuid());
    return user && user->pw_dir && user->pw_dir[0] == '/' ? mem_strdup(user->pw_dir)
                                                         : NULL;
}

/* Our folder below $VARIABLE (if it is absolute, as XDG demands) or ~/FALLBACK. */
static int xdg_dir(const char *variable, const char *fallback, char **ret,
                   struct error *err)
{
    const char *folder = getenv(variable);
    if (folder && folder[0] == '/') {
        *ret = file_join(folder, "imgctl");
        return 0;
    }
    AUTO_FREE char *home = home_dir();
    if (!home) {
        error_set(err, ERROR_CONFIG, "HOME is not set and the user has no home folder");
        return error_hint(err, "set HOME, or %s to the folder to use", variable);
    }
    AUTO_FREE char *below = file_join(home, fallback);
    *ret = file_join(below, "imgctl");
    return 0;
}

static int find_places(struct config *c, const char *user_file, struct error *err)
{
    const char *from_environment = getenv("IMGCTL_CONFIG");
    if (user_file) {
        c->path = mem_strdup(user_file);
    } else if (from_environment && *from_environment) {
        c->path = mem_strdup(from_environment);
    } else {
        AUTO_FREE char *folder = NULL;
        if (xdg_dir("XDG_CONFIG_HOME", ".config", &folder, err) < 0) {
            return -1;
        }
        c->path = file_join(folder, "config");
    }
    if (xdg_dir("XDG_DATA_HOME", ".local/share", &c->data_dir, err) < 0 ||
        xdg_dir("XDG_CACHE_HOME", ".cache", &c->cache_dir, err) < 0) {
        return -1;
    }
    return xdg_dir("XDG_STATE_HOME", ".local/state", &c->state_dir, err);
}

/* ---- Files ---- */

int config_read_file(const char *path, struct buf *out, struct error *err)
{
    struct stat st;
    if (stat(path, &st) == 0 && S_ISREG(st.st_mode) && st.st_mode & (S_IWGRP | S_IWOTH)) {
        error_set(err, ERROR_CONFIG, "%s can be written to by others", path);
        return error_hint(err, "chmod go-w %s", path);
    }
    int found = file_read(path, CONFIG_FILE_MAX, out, err);
    if (found < 0) {
        err->kind = ERROR_CONFIG;
    }
    return found;
}

static int read_settings(struct config *c, const char *path, const struct buf *text,
                         struct error *err)
{
    AUTO_INI struct ini ini = INI_INIT;
    struct ini_line line;
    int more;
    ini.text = text->data;
    ini.len = text->len;
    ini.path = path;
    while ((more = ini_next(&ini, &line, err)) > 0) {
        /* Unknown keys are those of other versions. */
        const char *key = line.kind == INI_KEY ? ini.key.data : "";
        const struct setting *s = setting_find(key);
        if (!s) {
            continue;
        }
        if (setting_check(s->key, ini.value.data, err) < 0) {
            return error_wrap(err, "%s:%u", path, ini.number);
        }
        set_entry(c, s, ini.value.data, path);
    }
    return more;
}

static int load_file(struct config *c, const char *path, bool must_exist,
                     struct error *err)
{
    AUTO_BUF struct buf text = BUF_INIT;
    int found = config_read_file(path, &text, err);
    if (found < 0) {
        return -1;
    }
    if (found == 0 && must_exist) {
        return error_set(err, ERROR_CONFIG, "there is no configuration file %s", path);
    }
    return read_settings(c, path, &text, err);
}

/* ---- Environment ---- */

/* Is NAME, behind the prefix, KEY in capitals and with '_' for dots? */
static bool is_named(const char *name, const char *key)
{
    for (; *key && *name == (*key == '.' ? '_' : toupper((unsigned char)*key)); key++) {
        name++;
    }
    return *key == '\0' && *name == '\0';
}

static int load_value(struct config *c, const struct setting *s, const char *name,
                      const char *value, struct error *err)
{
    if (!value || *value == '\0') {
        return 0;
    }
    if (setting_check(s->key, value, err) < 0) {
        return error_wrap(err, "%s", name);
    }
    set_entry(c, s, value, name);
    return 0;
}

/* VARIABLE is "IMGCTL_NAME=value". */
static int load_variable(struct config *c, const char *variable, struct error *err)
{
    size_t len = strcspn(variable, "=");
    AUTO_FREE char *name = mem_strndup(variable, len);
    for (size_t i = 0; variable[len] && i < settings_count; i++) {
        if (is_named(name + strlen(PREFIX), settings[i].key)) {
            return load_value(c, &settings[i], name, variable + len + 1, err);
        }
    }
    return 0;
}

/* Going through the variables is a tenth of the work of asking for each setting. */
static int load_environment(struct config *c, struct error *err)
{
    /* This is the name under which imgctl tells its own external commands. */
    if (load_value(c, setting_find("catalog.path"), "IMGCTL_CATALOG",
                   getenv("IMGCTL_CATALOG"), err) < 0) {
        return -1;
    }
    for (char **variable = environ; variable && *variable; variable++) {
        if (strncmp(*variable, PREFIX, strlen(PREFIX)) == 0 &&
            load_variable(c, *variable, err) < 0) {
            return -1;
        }
    }
    return 0;
}

/* ---- The whole ---- */

int config_load(const char *user_file, struct config **ret, struct error *err)
{
    struct config *c = mem_alloc(sizeof *c);
    c->entries = mem_array(settings_count, sizeof *c->entries);
    if (find_places(c, user_file, err) < 0 ||
        load_file(c, SYSTEM_FILE, false, err) < 0 ||
        load_file(c, c->path, user_file != NULL, err) < 0 ||
        load_environment(c, err) < 0) {
        config_free(c);
        return -1;
    }
    *ret = c;
    return 0;
}

void config_free(struct config *c)
{
    if (!c) {
        return;
    }
    for (size_t i = 0; i < settings_count; i++) {
        free(c->entries[i].text);
        free(c->entries[i].origin);
    }
    free(c->entries);
    free(c->path);
    free(c->data_dir);
    free(c->cache_dir);
    free(c->state_dir);
    free(c);
}

int config_override(struct config *c, const char *assignment, struct error *err)
{
    const char *equals = strchr(assignment, '=');
    if (!equals) {
        error_set(err, ERROR_USAGE, "-c \"%s\" has no \"=\"", assignment);
        return error_hint(err, "-c KEY=VALUE, such as -c upload.strip=all");
    }
    AUTO_FREE char *key = mem_strndup(assignment, (size_t)(equals - assignment));
    if (setting_check(key, equals + 1, err) < 0) {
        return error_wrap(err, "-c");
    }
    set_entry(c, setting_find(key), equals + 1, "-c");
    return 0;
}

struct config_value config_get(const struct config *c, const char *key)
{
    const struct setting *s = setting_find(key);
    if (!s) {
        return (struct config_value){ .origin = "default" };
    }
    const struct config_entry *entry = &c->entries[s - settings];
    if (!entry->text) {
        return (struct config_value){ .text = s->fallback, .origin = "default" };
    }
    return (struct config_value){ .text = entry->text, .origin = entry->origin };
}

const char *config_text(const struct config *c, const char *key)
{
    return config_get(c, key).text;
}

bool config_bool(const struct config *c, const char *key)
{
    static const char *const yes[] = { "true", "yes", "on", "1" };
    const char *text = config_text(c, key);
    for (size_t i = 0; text && i < sizeof yes / sizeof *yes; i++) {
        if (strcasecmp(text, yes[i]) == 0) {
            return true;
        }
    }
    return false;
}

int64_t config_int(const struct config *c, const char *key)
{
    const char *text = config_text(c, key);
    int64_t n = 0;
    return text && text_parse_size(text, &n) ? n : 0;
}

int64_t config_money(const struct config *c, const char *key)
{
    const char *text = config_text(c, key);
    int64_t micros;
    return text && money_parse(text, &micros) ? micros : MONEY_UNKNOWN;
}

const char *config_path(const struct config *c)
{
    return c->path;
}

const char *config_data_dir(const struct config *c)
{
    return c->data_dir;
}

const char *config_cache_dir(const struct config *c)
{
    return c->cache_dir;
}

const char *config_state_dir(const struct config *c)
{
    return c->state_dir;
}
