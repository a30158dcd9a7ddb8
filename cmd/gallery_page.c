#include "gallery_page.h"

#include <string.h>
#include <unistd.h>

#include "imgctl/clock.h"
#include "imgctl/data.h"
#include "imgctl/digest.h"
#include "imgctl/file.h"
#include "imgctl/mem.h"
#include "imgctl/text.h"

#define MARK "content=\"imgctl gallery\""
#define MARK_WITHIN 4096 /* bytes from the beginning of a page */

struct place {
    const char *name;        /* "@TITLE@" */
    const struct buf *value;
};

/* As text and as an attribute's value. */
static void escape_html(struct buf *out, const char *s)
{
    AUTO_BUF struct buf safe = BUF_INIT;
    text_escape(&safe, s, strlen(s));
    for (s = safe.data; *s; s++) {
        if (strchr("<>&\"'", *s)) {
            buf_addf(out, "&#%d;", *s);
        } else {
            buf_addch(out, *s);
        }
    }
}

/* In JSON these stand in strings only, and there an escape means the same. So no text
 * can end the script element or begin a comment in it. */
static void escape_json(struct buf *out, const struct buf *json)
{
    for (size_t i = 0; i < json->len; i++) {
        if (strchr("<>&", json->data[i]) && json->data[i]) {
            buf_addf(out, "\\u%04x", (unsigned)json->data[i]);
        } else {
            buf_addch(out, json->data[i]);
        }
    }
}

/* What a Content-Security-Policy names a script or style by. */
static int add_hash(struct buf *out, const struct buf *text, struct error *err)
{
    unsigned char digest[DIGEST_MAX];
    struct digest *d;
    if (digest_start(DIGEST_SHA256, &d, err) < 0) {
        return -1;
    }
    digest_update(d, text->data, text->len);
    size_t len = digest_finish(d, digest);
    text_base64(out, digest, len);
    return 0;
}

/* TEXT with its places filled in. */
static void fill(struct buf *out, const char *text, const char *end,
                 const struct place *places)
{
    while (text < end) {
        const struct place *p = places;
        while (p->name && strncmp(text, p->name, strlen(p->name)) != 0) {
            p++;
        }
        if (p->name) {
            buf_add(out, p->value->data, p->value->len);
            text += strlen(p->name);
        } else {
            buf_addch(out, *text++);
        }
    }
}

static void add_date(struct buf *out)
{
    char now[CLOCK_TEXT_SIZE];
    clock_format(now, clock_now());
    buf_add(out, now, 10);
}

int gallery_page_make(const struct config *config, const char *title,
                      const struct buf *library, struct gallery_page *ret,
                      struct error *err)
{
    AUTO_BUF struct buf page = BUF_INIT, style = BUF_INIT, script = BUF_INIT;
    AUTO_BUF struct buf style_hash = BUF_INIT, script_hash = BUF_INIT;
    AUTO_BUF struct buf name = BUF_INIT, json = BUF_INIT, date = BUF_INIT;
    const struct place places[] = {
        { "@TITLE@", &name },      { "@DATE@", &date },
        { "@STYLE@", &style },     { "@STYLE_HASH@", &style_hash },
        { "@SCRIPT@", &script },   { "@SCRIPT_HASH@", &script_hash },
        { "@LIBRARY@", &json },    { NULL, NULL },
    };
    static const char gap[] = "@THUMBNAILS@";
    if (data_read(config, "gallery/page.html", &page, NULL, err) < 0 ||
        data_read(config, "gallery/page.css", &style, NULL, err) < 0 ||
        data_read(config, "gallery/page.js", &script, NULL, err) < 0 ||
        add_hash(&style_hash, &style, err) < 0 ||
        add_hash(&script_hash, &script, err) < 0) {
        return -1;
    }
    const char *middle = strstr(page.data, gap);
    if (!middle) {
        return error_set(err, ERROR_CONFIG, "gallery/page.html has no %s", gap);
    }
    escape_html(&name, title);
    escape_json(&json, library);
    add_date(&date);
    fill(&ret->head, page.data, middle, places);
    fill(&ret->tail, middle + strlen(gap), page.data + page.len, places);
    return 0;
}

void gallery_page_release(struct gallery_page *page)
{
    buf_release(&page->head);
    buf_release(&page->tail);
}

int gallery_page_is_ours(const char *path, struct error *err)
{
    char start[MARK_WITHIN + 1];
    struct stat st;
    if (lstat(path, &st) < 0) {
        return 1;
    }
    AUTO_FD int fd = file_open_regular(path, &st, err);
    if (fd < 0) {
        return error_wrap(err, "%s", path);
    }
    ssize_t n = read(fd, start, MARK_WITHIN);
    if (n < 0) {
        return error_errno(err, ERROR_FILE, "cannot read %s", path);
    }
    start[n] = '\0';
    return strstr(start, MARK) != NULL;
}
