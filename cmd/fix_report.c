/* Printing what became of a picture that was to be repaired. */
#include <inttypes.h>
#include <stdio.h>

#include "fix.h"
#include "imgctl/text.h"
#include "validate.h"

static const char *status_name(int status)
{
    switch (status) {
    case UPLOAD_DUPLICATE:
        return "duplicate";
    case UPLOAD_RESTORED:
        return "restored";
    case UPLOAD_PLANNED:
        return "planned";
    case UPLOAD_FINE:
    case UPLOAD_COPIED:
        return "skipped";
    default:
        return "fixed";
    }
}

/* ---- JSON ---- */

struct item {
    const struct batch_result *result;
    const struct picture *picture; /* NULL: there is none */
    const char *plan;
};

static void put_number(struct json_writer *w, const char *key, int64_t value)
{
    json_key(w, key);
    if (value > 0) {
        json_put_int(w, value);
    } else {
        json_put_null(w);
    }
}

static void put_facts(struct json_writer *w, const char *key, const struct rule_facts *f)
{
    json_key(w, key);
    if (f->info.width == 0) {
        json_put_null(w);
        return;
    }
    json_begin_object(w);
    json_member_text(w, "mime_type", image_mime(f->info.format));
    put_number(w, "width", f->info.width);
    put_number(w, "height", f->info.height);
    put_number(w, "file_size_bytes", f->bytes);
    json_end_object(w);
}

static void put_members(struct json_writer *w, const void *about)
{
    const struct item *item = about;
    const struct upload_change *c = item->result->change;
    json_key(w, "image");
    if (item->picture) {
        record_json(w, &picture_type, item->picture);
    } else {
        json_put_null(w);
    }
    json_member_text(w, "output", c->file);
    json_member_text(w, "plan", item->plan);
    json_member_bool(w, "lossless", !c->plan.is_needed || c->plan.is_lossless);
    put_number(w, "quality", c->after.quality);
    put_facts(w, "before", &c->before);
    put_facts(w, "after", &c->after.facts);
    validate_put_results(w, &c->after.left);
}

/* ---- For people ---- */

static void describe_facts(char *out, size_t size, const struct rule_facts *f)
{
    char bytes[16];
    text_format_size(bytes, f->bytes);
    snprintf(out, size, "%5" PRIu32 "x%-5" PRIu32 "  %8s", f->info.width, f->info.height,
             bytes);
}

/* The picture of the catalog that the result is: the new one, or one that is fine. */
static const struct picture *picture_of(const struct fix_input *source,
                                        const struct batch_result *result)
{
    if (result->picture.id) {
        return &result->picture;
    }
    return result->status == UPLOAD_FINE && source->picture.id ? &source->picture : NULL;
}

static const char *detail_of(const struct item *item)
{
    return item->result->change->file             ? item->result->change->file
           : item->result->status == UPLOAD_PLANNED ? item->plan
           : item->picture                          ? item->picture->storage_url
                                                    : NULL;
}

void fix_show(struct batch_front *front, const struct batch_result *result)
{
    const struct fix_front *f = (const struct fix_front *)front;
    const struct upload_change *c = result->change;
    const struct rule_facts *facts =
        c->after.facts.info.width ? &c->after.facts : &c->before;
    AUTO_BUF struct buf plan = BUF_INIT;
    char text[64];
    if (f->plain) {
        front->report->tally.done++;
        return;
    }
    fix_describe(f->fix, &c->before, &c->plan, &plan);
    struct item item = { .result = result, .plan = plan.data };
    const struct fix_input *source = &f->inputs[f->first + result->index];
    item.picture = picture_of(source, result);
    describe_facts(text, sizeof text, facts);
    report_done(front->report,
                &(struct report_item){
                    .input = result->input,
                    .id = item.picture ? item.picture->id : 0,
                    .status = status_name(result->status),
                    .record = item.picture,
                    .bytes = c->plan.is_needed ? facts->bytes : 0,
                    .label = item.picture ? item.picture->original_filename
                             : c->file    ? c->file
                                          : source->picture.original_filename,
                    .facts = text,
                    .detail = detail_of(&item),
                    .remark = plan.data,
                    .members = put_members,
                    .about = &item,
                });
}
