#include "imgctl/record.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "imgctl/clock.h"
#include "imgctl/money.h"
#include "imgctl/strlist.h"
#include "imgctl/text.h"

const struct field *record_field(const struct record_type *type, const char *name)
{
    for (const struct field *f = type->fields; f->name; f++) {
        if (strcmp(f->name, name) == 0) {
            return f;
        }
    }
    return NULL;
}

static const void *place_of(const struct field *f, const void *record)
{
    return (const char *)record + f->offset;
}

void record_text(struct buf *out, const struct field *f, const void *record)
{
    const void *place = place_of(f, record);
    char when[CLOCK_TEXT_SIZE], money[MONEY_TEXT];
    switch (f->type) {
    case FIELD_INT:
        buf_addint(out, *(const int64_t *)place);
        return;
    case FIELD_INT_SET:
        if (*(const int64_t *)place) {
            buf_addint(out, *(const int64_t *)place);
        }
        return;
    case FIELD_INT_KNOWN:
        if (*(const int64_t *)place >= 0) {
            buf_addint(out, *(const int64_t *)place);
        }
        return;
    case FIELD_BOOL:
        buf_addstr(out, *(const bool *)place ? "true" : "false");
        return;
    case FIELD_TEXT:
        if (*(char *const *)place) {
            buf_addstr(out, *(char *const *)place);
        }
        return;
    case FIELD_TIME:
        if (*(const int64_t *)place) {
            clock_format(when, *(const int64_t *)place);
            buf_addstr(out, when);
        }
        return;
    case FIELD_MONEY:
        if (*(const int64_t *)place != MONEY_UNKNOWN) {
            money_format(money, *(const int64_t *)place);
            buf_addstr(out, money);
        }
        return;
    case FIELD_LIST:
    case FIELD_LIST_SET:
    case FIELD_LIST_IDS: {
        const struct strlist *list = place;
        for (size_t i = 0; i < list->len; i++) {
            buf_addf(out, "%s%s", i ? "," : "", list->items[i]);
        }
        return;
    }
    case FIELD_PERCENT:
        buf_addstr(out, *(const bool *)place ? "percent" : "");
        return;
    }
}

void record_text_for(bool terminal, struct buf *out, const struct field *f,
                     const void *record)
{
    AUTO_BUF struct buf text = BUF_INIT;
    if (!terminal) {
        record_text(out, f, record);
        return;
    }
    record_text(&text, f, record);
    text_escape(out, text.data, text.len);
}

static void json_put_list(struct json_writer *w, const struct strlist *list, bool ids)
{
    json_begin_array(w);
    for (size_t i = 0; i < list->len; i++) {
        if (ids) {
            json_put_int(w, strtoll(list->items[i], NULL, 10));
        } else {
            json_put_text(w, list->items[i]);
        }
    }
    json_end_array(w);
}

void record_json_field(struct json_writer *w, const struct field *f, const void *record)
{
    const void *place = place_of(f, record);
    char when[CLOCK_TEXT_SIZE], money[MONEY_TEXT];
    json_key(w, f->name);
    switch (f->type) {
    case FIELD_INT:
        json_put_int(w, *(const int64_t *)place);
        return;
    case FIELD_INT_SET:
        if (*(const int64_t *)place) {
            json_put_int(w, *(const int64_t *)place);
        } else {
            json_put_null(w);
        }
        return;
    case FIELD_INT_KNOWN:
        if (*(const int64_t *)place >= 0) {
            json_put_int(w, *(const int64_t *)place);
        } else {
            json_put_null(w);
        }
        return;
    case FIELD_BOOL:
        json_put_bool(w, *(const bool *)place);
        return;
    case FIELD_TEXT:
        json_put_text(w, *(char *const *)place);
        return;
    case FIELD_TIME:
        clock_format(when, *(const int64_t *)place);
        json_put_text(w, *(const int64_t *)place ? when : NULL);
        return;
    case FIELD_MONEY:
        money_format(money, *(const int64_t *)place);
        json_put_text(w, *(const int64_t *)place == MONEY_UNKNOWN ? NULL : money);
        return;
    case FIELD_LIST_SET:
        if (((const struct strlist *)place)->len == 0) {
            json_put_null(w);
            return;
        }
        json_put_list(w, place, false);
        return;
    case FIELD_LIST:
    case FIELD_LIST_IDS:
        json_put_list(w, place, f->type == FIELD_LIST_IDS);
        return;
    case FIELD_PERCENT:
        json_put_text(w, *(const bool *)place ? "percent" : NULL);
        return;
    }
}

void record_json_members(struct json_writer *w, const struct record_type *type,
                         const void *record)
{
    for (const struct field *f = type->fields; f->name; f++) {
        record_json_field(w, f, record);
    }
}

void record_json(struct json_writer *w, const struct record_type *type,
                 const void *record)
{
    json_begin_object(w);
    record_json_members(w, type, record);
    json_end_object(w);
}
