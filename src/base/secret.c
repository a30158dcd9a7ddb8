#include "imgctl/secret.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "imgctl/file.h"
#include "imgctl/mem.h"
#include "secret_helper.h"

/* "CLOUDINARY_URL" as systemd and helpers know it, caller frees. */
static char *lower_case(const char *name)
{
    char *lower = mem_strdup(name);
    for (char *p = lower; *p; p++) {
        *p = (char)tolower((unsigned char)*p);
    }
    return lower;
}

static void set_origin(struct secret *s, const char *kind, const char *what)
{
    int len = snprintf(s->origin, sizeof s->origin, "%s%s", kind, what);
    if (len >= (int)sizeof s->origin) {
        memcpy(s->origin + sizeof s->origin - 4, "...", 4);
    }
}

/* All of FD. The buffer never grows, which would leave a copy in free memory. */
static int read_all(int fd, const char *path, struct buf *out, struct error *err)
{
    buf_reserve(out, SECRET_MAX + 1);
    for (;;) {
        ssize_t n = read(fd, out->data + out->len, SECRET_MAX + 1 - out->len);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n < 0) {
            return error_errno(err, ERROR_CREDENTIALS, "cannot read %s", path);
        }
        out->len += (size_t)n;
        out->data[out->len] = '\0';
        if (out->len > SECRET_MAX) {
            return error_set(err, ERROR_CREDENTIALS, "%s is too large for a secret",
                             path);
        }
        if (n == 0) {
            return 0;
        }
    }
}

/* Files made with an editor or echo end in a newline that is not meant. */
static int trim_newline(struct buf *text, const char *path, struct error *err)
{
    while (text->len > 0 && strchr("\r\n", text->data[text->len - 1])) {
        text->data[--text->len] = '\0';
    }
    if (text->len == 0) {
        return error_set(err, ERROR_CREDENTIALS, "%s is empty", path);
    }
    if (memchr(text->data, '\0', text->len)) {
        return error_set(err, ERROR_CREDENTIALS, "%s is no text", path);
    }
    return 1;
}

static int check_private(int fd, const char *path, struct error *err)
{
    struct stat st;
    if (fstat(fd, &st) < 0) {
        return error_errno(err, ERROR_CREDENTIALS, "cannot read %s", path);
    }
    if (S_ISREG(st.st_mode) && st.st_mode & (S_IRWXG | S_IRWXO)) {
        error_set(err, ERROR_CREDENTIALS, "%s is open to others", path);
        return error_hint(err, "chmod 600 %s", path);
    }
    return 0;
}

static int from_file(const char *path, struct secret *ret, struct error *err)
{
    AUTO_FD int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (fd < 0) {
        return error_errno(err, ERROR_CREDENTIALS, "cannot read %s", path);
    }
    if (check_private(fd, path, err) < 0 || read_all(fd, path, &ret->text, err) < 0) {
        return -1;
    }
    set_origin(ret, "file ", path);
    return trim_newline(&ret->text, path, err);
}

/* systemd guards the folder; the modes of the files in it say nothing, for they
 * may carry access lists. */
static int from_systemd(const char *lower, struct secret *ret, struct error *err)
{
    const char *folder = getenv("CREDENTIALS_DIRECTORY");
    if (!folder || *folder == '\0') {
        return 0;
    }
    AUTO_FREE char *path = file_join(folder, lower);
    AUTO_FD int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (fd < 0) {
        return errno == ENOENT
                   ? 0
                   : error_errno(err, ERROR_CREDENTIALS, "cannot read %s", path);
    }
    if (read_all(fd, path, &ret->text, err) < 0) {
        return -1;
    }
    set_origin(ret, "credential ", path);
    return trim_newline(&ret->text, path, err);
}

static const char *variable(const char *name)
{
    const char *value = getenv(name);
    return value && *value ? value : NULL;
}

static int find(const char *name, const struct config *config, struct secret *ret,
                struct error *err)
{
    AUTO_FREE char *file_name = mem_printf("%s_FILE", name);
    const char *value = variable(name);
    const char *path = variable(file_name);
    if (value && path) {
        error_set(err, ERROR_CONFIG, "%s and %s are both set", name, file_name);
        return error_hint(err, "unset one of them");
    }
    if (value) {
        buf_reserve(&ret->text, strlen(value));
        buf_addstr(&ret->text, value);
        set_origin(ret, name, "");
        return 1;
    }
    if (path) {
        ret->file = mem_strdup(path);
        return from_file(path, ret, err) < 0 ? error_wrap(err, "%s", file_name) : 1;
    }
    AUTO_FREE char *lower = lower_case(name);
    int found = from_systemd(lower, ret, err);
    if (found != 0) {
        return found;
    }
    const char *helper = config_text(config, "credential.helper");
    if (!helper || *helper == '\0') {
        return 0;
    }
    set_origin(ret, "credential helper", "");
    ret->host = mem_strdup(lower);
    return secret_helper_get(helper, lower, &ret->text, err);
}

int secret_get(const char *name, const struct config *config, struct secret *ret,
               struct error *err)
{
    int found = find(name, config, ret, err);
    if (found <= 0) {
        secret_release(ret);
    }
    return found;
}

void secret_release(struct secret *s)
{
    if (s->text.cap > 0) {
        explicit_bzero(s->text.data, s->text.cap);
    }
    buf_release(&s->text);
    free(s->file);
    free(s->host);
    s->file = s->host = NULL;
    s->origin[0] = '\0';
}

int secret_can_replace(const struct secret *present, struct error *err)
{
    if (present->file || present->host) {
        return 0;
    }
    error_set(err, ERROR_CREDENTIALS, "the secret from %s cannot be replaced from here",
              present->origin);
    return error_hint(err, "keep it in a file (..._FILE) or with a credential helper");
}

/* A link to a file that is kept elsewhere shall stay one. */
static int replace_file(const char *path, const char *text, struct error *err)
{
    AUTO_FREE char *target = realpath(path, NULL);
    if (file_replace(target ? target : path, text, strlen(text), err) < 0) {
        err->kind = ERROR_CREDENTIALS;
        return -1;
    }
    return 0;
}

int secret_replace(const struct secret *present, const struct config *config,
                   const char *text, struct error *err)
{
    if (secret_can_replace(present, err) < 0) {
        return -1;
    }
    return present->file ? replace_file(present->file, text, err)
                         : secret_helper_put(config_text(config, "credential.helper"),
                                             present->host, text, err);
}

void secret_tail(char *out, const char *secret)
{
    size_t len = strlen(secret);
    /* Of a short one, four characters would be too much. */
    size_t shown = len < 12 ? 0 : 4;
    memcpy(out, "...", 4);
    for (size_t i = 0; i < shown; i++) {
        char c = secret[len - shown + i];
        out[3 + i] = c > ' ' && c < 0x7F ? c : '?';
    }
    out[3 + shown] = '\0';
}
