#include "template.h"

#include <string.h>

#include "imgctl/mem.h"
#include "imgctl/output.h"
#include "imgctl/text.h"

/* The field that "{name}" at S names; *END is set behind the brace. */
static int take_field(const struct record_type *type, const char *s, const char **end,
                      const struct field **ret, struct error *err)
{
    const char *close = strchr(s, '}');
    if (!close) {
        error_set(err, ERROR_USAGE, "--format: a { without a }");
        return error_hint(err, "a brace of your own is written {{");
    }
    AUTO_FREE char *name = mem_strndup(s + 1, (size_t)(close - s - 1));
    *ret = record_field(type, name);
    *end = close + 1;
    if (!*ret) {
        return unknown_field(type, "--format", name, err);
    }
    return 0;
}

int unknown_field(const struct record_type *type, const char *option, const char *name,
                  struct error *err)
{
    const char *names[64];
    size_t count = 0;
    AUTO_BUF struct buf all = BUF_INIT;
    for (const struct field *f = type->fields; f->name && count < 64; f++) {
        buf_addf(&all, "%s%s", count ? ", " : "", f->name);
        names[count++] = f->name;
    }
    const char *near = text_nearest(name, names, count);
    error_set(err, ERROR_USAGE, "%s: there is no field \"%s\"", option, name);
    return near ? error_hint(err, "did you mean %s?", near)
                : error_hint(err, "the fields are %s", all.data);
}

static int unknown_escape(char c, struct error *err)
{
    if (c == '\0') {
        error_set(err, ERROR_USAGE, "--format: nothing follows the last \\");
    } else {
        error_set(err, ERROR_USAGE, "--format: \\%c is not known", c);
    }
    return error_hint(err, "the escapes are \\t \\n \\0 and \\\\");
}

int template_check(const char *template, const struct record_type *type,
                   struct error *err)
{
    const struct field *f;
    const char *s = template;
    while (*s) {
        if (s[0] == '{' && s[1] == '{') {
            s += 2;
        } else if (*s == '{') {
            if (take_field(type, s, &s, &f, err) < 0) {
                return -1;
            }
        } else if (*s == '\\' && (s[1] == '\0' || !strchr("tn0\\", s[1]))) {
            return unknown_escape(s[1], err);
        } else {
            s += *s == '\\' ? 2 : 1;
        }
    }
    return 0;
}

static char escape_of(char c)
{
    return c == 't' ? '\t' : c == 'n' ? '\n' : c == '0' ? '\0' : c;
}

void template_print(struct buf *out, const char *template, const struct record_type *type,
                    const void *record)
{
    struct error ignored = ERROR_INIT; /* the template was checked */
    const char *s = template;
    while (*s) {
        if (s[0] == '{' && s[1] == '{') {
            buf_addch(out, '{');
            s += 2;
        } else if (*s == '{') {
            const struct field *f = NULL;
            if (take_field(type, s, &s, &f, &ignored) == 0) {
                record_text_for(output_is_terminal(), out, f, record);
            }
        } else if (*s == '\\') {
            buf_addch(out, escape_of(s[1]));
            s += 2;
        } else {
            buf_addch(out, *s++);
        }
    }
}
