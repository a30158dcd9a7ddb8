/* Changing one line of the user's file. */
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/file.h>

#include "config_private.h"
#include "imgctl/file.h"
#include "imgctl/mem.h"
#include "ini.h"

/* Where things are in the file, as far as one key is concerned. */
struct survey {
    struct ini_line found; /* the last line of the key */
    bool has_found;
    size_t section_end;    /* behind the last line that counts in its section */
    bool has_section;
};

/* Length of KEY up to and with its last dot; 0 for a key without section. */
static size_t section_length(const char *key)
{
    const char *dot = strrchr(key, '.');
    return dot ? (size_t)(dot - key) + 1 : 0;
}

/* Read all of TEXT; with OUT, copy it without the lines of KEY. */
static int survey_text(const struct buf *text, const char *path, const char *key,
                       struct survey *ret, struct buf *out, struct error *err)
{
    AUTO_INI struct ini ini = INI_INIT;
    struct ini_line line;
    size_t section = section_length(key);
    int more;
    ini.text = text->data;
    ini.len = text->len;
    ini.path = path;
    *ret = (struct survey){ .has_section = section == 0 };
    while ((more = ini_next(&ini, &line, err)) > 0) {
        bool here = ini.section.len == section &&
                    strncasecmp(ini.section.data, key, section) == 0;
        bool is_key = line.kind == INI_KEY && strcasecmp(ini.key.data, key) == 0;
        if (here && line.kind != INI_NOTHING) {
            ret->has_section = true;
            ret->section_end = line.end;
        }
        if (is_key) {
            ret->found = line;
            ret->has_found = true;
        }
        if (out && !is_key) {
            buf_add(out, text->data + line.start, line.end - line.start);
        }
    }
    return more;
}

static void end_line(struct buf *out)
{
    if (out->len > 0 && out->data[out->len - 1] != '\n') {
        buf_addch(out, '\n');
    }
}

/* TEXT with VALUE in the place of the old one, everything else as it was. */
static void replace_value(struct buf *out, const struct buf *text,
                          const struct ini_line *line, const char *value)
{
    buf_add(out, text->data, line->value_start);
    if (text->data[line->value_start - 1] == '=') {
        buf_addch(out, ' ');
    }
    ini_quote(out, value);
    if (line->value_end < text->len && strchr("#;", text->data[line->value_end])) {
        buf_addch(out, ' ');
    }
    buf_add(out, text->data + line->value_end, text->len - line->value_end);
}

/* TEXT with a new line for KEY, in its section if there is one. */
static void insert_value(struct buf *out, const struct buf *text, const struct survey *s,
                         const char *key, const char *value)
{
    size_t section = section_length(key);
    size_t at = s->has_section ? s->section_end : text->len;
    buf_add(out, text->data, at);
    end_line(out);
    if (!s->has_section) {
        buf_addf(out, "[%.*s]\n", (int)section - 1, key);
    }
    buf_addf(out, "%s%s = ", section ? "\t" : "", key + section);
    ini_quote(out, value);
    buf_addch(out, '\n');
    buf_add(out, text->data + at, text->len - at);
}

static int rewrite(const char *path, const char *key, const char *value,
                   struct error *err)
{
    AUTO_BUF struct buf text = BUF_INIT;
    AUTO_BUF struct buf out = BUF_INIT;
    struct survey survey;
    if (config_read_file(path, &text, err) < 0 ||
        survey_text(&text, path, key, &survey, value ? NULL : &out, err) < 0) {
        return -1;
    }
    if (!value) {
        return survey.has_found ? file_replace(path, out.data, out.len, err) : 0;
    }
    if (survey.has_found) {
        replace_value(&out, &text, &survey.found, value);
    } else {
        insert_value(&out, &text, &survey, key, value);
    }
    if (out.len > CONFIG_FILE_MAX) {
        return error_set(err, ERROR_CONFIG, "%s would be larger than %d bytes", path,
                         CONFIG_FILE_MAX);
    }
    return file_replace(path, out.data, out.len, err);
}

/* Two that write at once take turns. Where the file system has no locks, the later one
 * wins. */
static int rewrite_in(const char *folder, const char *path, const char *key,
                      const char *value, struct error *err)
{
    if (file_make_dirs(folder, err) < 0) {
        return -1;
    }
    AUTO_FD int lock = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (lock >= 0) {
        flock(lock, LOCK_EX);
    }
    return rewrite(path, key, value, err);
}

int config_write(const struct config *c, const char *key, const char *value,
                 struct error *err)
{
    const struct setting *s = setting_find(key);
    if (value && setting_check(key, value, err) < 0) {
        return -1;
    }
    /* A file that is a link into somebody's dot files shall stay one. */
    AUTO_FREE char *target = realpath(c->path, NULL);
    const char *path = target ? target : c->path;
    AUTO_FREE char *folder = file_folder_of(path);
    if (rewrite_in(folder, path, s ? s->key : key, value, err) < 0) {
        err->kind = ERROR_CONFIG; /* also where the file system has the last word */
        return -1;
    }
    return 0;
}
