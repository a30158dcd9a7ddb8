#include "cloudinary_audit.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cloudinary_answer.h"
#include "cloudinary_name.h"
#include "imgctl/clock.h"
#include "imgctl/mem.h"
#include "imgctl/text.h"

#define ADDRESS_MAX 6000 /* gateways cut off at 8 KiB */

/* GET what CALL asks; 1, 0 if Cloudinary does not have it, -1. */
static int ask(struct cloudinary *c, const char *call, struct json **ret,
               struct error *err)
{
    int result = cloudinary_get(c, call, ret, err);
    if (result < 0 && err->kind == ERROR_NOT_FOUND) {
        error_clear(err);
        return 0;
    }
    return result < 0 ? -1 : 1;
}

/* The list in an answer; NULL with ERR where there is none, for that is not the same as
 * an empty one: it would tell of every picture that it is gone. */
static const struct json *assets_in(const struct json *answer, struct error *err)
{
    const struct json *list = json_member(answer, "resources");
    if (!json_is_array(list)) {
        error_set(err, ERROR_UNAVAILABLE, "Cloudinary's answer has no list of assets");
        err->retryable = true;
        return NULL;
    }
    return list;
}

static const char *kind_of(const struct store_fact *fact)
{
    return fact->what->resource_type ? fact->what->resource_type : "image";
}

static const char *type_of(const struct store_fact *fact)
{
    return fact->what->delivery_type ? fact->what->delivery_type : "upload";
}

static void add_escaped(struct buf *out, const char *text, const char *keep)
{
    text_percent_encode(out, text, strlen(text), keep);
}

/* ---- Comparing ---- */

static void judge_etag(struct store_fact *fact, const char *etag)
{
    const char *ours = fact->what->etag;
    if (ours && etag && strcmp(ours, etag) == 0) {
        return;
    }
    fact->state = STORE_DIFFERS;
    snprintf(fact->why, sizeof fact->why, "%s",
             ours && etag ? "it was replaced there: the etag differs"
                          : "it was replaced there: the version differs");
}

/* The picture's own page says whether a new version has other bytes. */
static int compare_details(struct cloudinary *c, struct store_fact *fact,
                           struct error *err)
{
    AUTO_BUF struct buf call = BUF_INIT;
    struct json *json = NULL;
    buf_addf(&call, "resources/%s/%s/", kind_of(fact), type_of(fact));
    add_escaped(&call, fact->what->public_id, "-._~/");
    int found = ask(c, call.data, &json, err);
    if (found > 0) {
        judge_etag(fact, json_text(json, "etag"));
    } else if (found == 0) {
        fact->state = STORE_LACKS;
    }
    json_free(json);
    return found < 0 ? -1 : 0;
}

static int compare(struct cloudinary *c, struct store_fact *fact,
                   const struct json *listed, struct error *err)
{
    int64_t bytes = json_number(listed, "bytes", -1);
    int64_t version = json_number(listed, "version", 0);
    int64_t ours = fact->what->bytes ? fact->what->bytes : fact->size;
    fact->state = STORE_HAS;
    if (bytes != ours) {
        fact->state = STORE_DIFFERS;
        snprintf(fact->why, sizeof fact->why,
                 "it has %" PRId64 " bytes there, not %" PRId64, bytes, ours);
        return 0;
    }
    /* Of a row that another program made, no more than the size may be known. */
    bool is_current = fact->what->version ? fact->what->version == version
                                          : !fact->what->etag;
    return is_current ? 0 : compare_details(c, fact, err);
}

/* ---- A hundred by name ---- */

/* Put the names of the first facts, as many as fit one call, into CALL. */
static size_t add_names(struct buf *call, const struct store_fact *facts, size_t count)
{
    size_t n = 0;
    buf_addf(call, "resources/%s/%s?max_results=%d", kind_of(facts), type_of(facts),
             STORE_FACTS);
    while (n < count && n < STORE_FACTS && (n == 0 || call->len < ADDRESS_MAX) &&
           strcmp(kind_of(&facts[n]), kind_of(facts)) == 0 &&
           strcmp(type_of(&facts[n]), type_of(facts)) == 0) {
        buf_addstr(call, "&public_ids[]=");
        add_escaped(call, facts[n].what->public_id ? facts[n].what->public_id : "",
                    "-._~/");
        n++;
    }
    return n;
}

static const struct json *find_listed(const struct json *list, const char *public_id)
{
    for (size_t i = 0; public_id && i < json_length(list); i++) {
        const char *id = json_text(json_at(list, i), "public_id");
        if (id && strcmp(id, public_id) == 0) {
            return json_at(list, i);
        }
    }
    return NULL;
}

int cloudinary_examine(struct cloudinary *c, struct store_fact *facts, size_t count,
                       struct error *err)
{
    for (size_t done = 0; done < count;) {
        AUTO_BUF struct buf call = BUF_INIT;
        struct json *json = NULL;
        size_t n = add_names(&call, facts + done, count - done);
        int result = ask(c, call.data, &json, err);
        const struct json *list = result > 0 ? assets_in(json, err) : NULL;
        if (result > 0 && !list) {
            result = -1;
        }
        for (size_t i = done; result >= 0 && i < done + n; i++) {
            const struct json *listed = find_listed(list, facts[i].what->public_id);
            facts[i].state = STORE_LACKS;
            result = listed ? compare(c, &facts[i], listed, err) : 0;
        }
        json_free(json);
        if (result < 0) {
            return -1;
        }
        done += n;
    }
    return 0;
}

/* ---- Everything below the folder ---- */

static int show_all(const struct json *list, store_each *each, void *cookie,
                    struct error *err)
{
    int result = 0;
    for (size_t i = 0; result == 0 && i < json_length(list); i++) {
        const struct json *asset = json_at(list, i);
        const char *id = json_text(asset, "public_id");
        struct store_entry entry = {
            .name = id,
            .public_id = id,
            .format = json_text(asset, "format"),
            .bytes = json_number(asset, "bytes", 0),
        };
        const char *made = json_text(asset, "created_at");
        if (made) {
            clock_parse(made, 0, false, &entry.modified);
        }
        if (id && cloudinary_looks_like_ours(id)) {
            result = each(cookie, &entry, err);
        }
    }
    return result;
}

static void add_page(struct buf *call, const char *folder, const char *cursor)
{
    const char *end = strstr(folder, "{id}");
    AUTO_FREE char *prefix = mem_strndup(folder, end ? (size_t)(end - folder)
                                                     : strlen(folder));
    buf_addstr(call, "resources/image/upload?max_results=500");
    if (prefix[0]) {
        buf_addstr(call, "&prefix=");
        add_escaped(call, prefix, "-._~/");
    }
    if (cursor) {
        buf_addstr(call, "&next_cursor=");
        add_escaped(call, cursor, "-._~");
    }
}

/* Show a page of the list; the name of the next one replaces *CURSOR, NULL after the
 * last. One that leads to itself would never end. */
static int walk_page(const struct json *page, char **cursor, store_each *each,
                     void *cookie, struct error *err)
{
    const struct json *list = assets_in(page, err);
    const char *next = json_text(page, "next_cursor");
    if (!list) {
        return -1;
    }
    if (next && *cursor && strcmp(next, *cursor) == 0) {
        return error_set(err, ERROR_UNAVAILABLE,
                         "Cloudinary gives the same page of its assets again and again");
    }
    free(*cursor);
    *cursor = mem_strdup(next);
    return show_all(list, each, cookie, err);
}

int cloudinary_walk(struct cloudinary *c, store_each *each, void *cookie,
                    struct error *err)
{
    const char *folder = config_text(c->config, "cloudinary.folder");
    AUTO_FREE char *cursor = NULL;
    int result;
    do {
        AUTO_BUF struct buf call = BUF_INIT;
        struct json *json = NULL;
        add_page(&call, folder ? folder : "", cursor);
        int found = ask(c, call.data, &json, err);
        result = found > 0 ? walk_page(json, &cursor, each, cookie, err) : found;
        json_free(json);
        if (found == 0) {
            break;
        }
    } while (result == 0 && cursor);
    return result < 0 ? -1 : 0;
}
