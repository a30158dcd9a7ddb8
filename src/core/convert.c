/* A picture changed on its way: planned from its headers, made anew if need be, named. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "imgctl/file.h"
#include "imgctl/mem.h"
#include "prepare.h"

static bool is_extension_of(const char *dot, enum image_format format)
{
    return strcasecmp(dot + 1, image_extension(format)) == 0 ||
           (format == IMAGE_JPEG &&
            (strcasecmp(dot, ".jpeg") == 0 || strcasecmp(dot, ".jpe") == 0));
}

static bool ends_with(const char *text, size_t len, const char *end)
{
    size_t end_len = strlen(end);
    return len >= end_len && strncmp(text + len - end_len, end, end_len) == 0;
}

/* "cat.png" made a JPEG is "cat-fixed.jpg". */
static char *new_name(const char *name, const char *suffix, enum image_format format)
{
    const char *dot = strrchr(name, '.');
    bool has_extension = dot && dot > name && strlen(dot) <= 6;
    size_t stem = has_extension ? (size_t)(dot - name) : strlen(name);
    if (ends_with(name, stem, suffix)) {
        suffix = "";
    }
    if (has_extension && is_extension_of(dot, format)) {
        return mem_printf("%.*s%s%s", (int)stem, name, suffix, dot);
    }
    return mem_printf("%.*s%s.%s", (int)stem, name, suffix, image_extension(format));
}

static void leave(struct upload_change *change)
{
    change->plan.is_needed = false;
    change->after = (struct fix_result){ .bytes = 0 };
}

/* Was there nothing to take out, or would a new encoding alone, asked for to save room,
 * save none? */
static bool is_futile(const struct upload_conversion *c,
                      const struct upload_change *change)
{
    return change->after.is_same ||
           (c->is_gentle && change->plan.repairs == 0 &&
            change->after.bytes >= change->before.bytes);
}

static int make_new(const struct upload_conversion *c, struct prepared *p,
                    struct upload_change *change, struct error *err)
{
    p->converted_fd = file_scratch(err);
    if (p->converted_fd < 0 ||
        fix_apply(&c->fix, &change->plan, p->source.fd, p->source.size, p->converted_fd,
                  &change->after, err) < 0) {
        return -1;
    }
    if (is_futile(c, change)) {
        leave(change);
        return 0;
    }
    p->bytes.fd = p->converted_fd;
    p->bytes.size = change->after.bytes;
    return 0;
}

int convert(const struct upload_conversion *c, struct prepared *p,
            struct upload_change *change, struct error *err)
{
    struct rule_facts *facts = &change->before;
    facts->bytes = p->source.size;
    if (image_examine(p->source.fd, p->source.size, &c->fix.limits, &facts->info,
                      err) < 0 ||
        fix_plan(&c->fix, facts, &change->plan, err) < 0) {
        return -1;
    }
    if (c->is_gentle && facts->info.is_animated) {
        leave(change);
    }
    if (!change->plan.is_needed) {
        return 0;
    }
    /* Whether there is metadata to take out, only trying tells; no pixel is decoded. */
    if ((!c->plan_only || change->plan.is_lossless) && make_new(c, p, change, err) < 0) {
        return -1;
    }
    if (c->plan_only) {
        change->after = (struct fix_result){ .bytes = 0 };
    }
    if (change->plan.is_needed) {
        char *name = new_name(p->source.name, c->suffix ? c->suffix : "",
                              change->plan.format);
        free(p->source.name);
        p->source.name = name;
    }
    return 0;
}
