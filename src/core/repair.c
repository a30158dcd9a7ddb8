#include "imgctl/repair.h"

#include <inttypes.h>
#include <stdlib.h>

#include "imgctl/mem.h"

struct repair {
    struct upload_conversion conversion;
    struct upload_options upload;
    struct upload_origin *origins;
    struct strlist inputs, sources;
};

static void describe(struct upload_origin *origin, const struct repair_options *o,
                     const struct repair_input *input)
{
    const struct picture *p = input->picture;
    *origin = (struct upload_origin){ .name = o->name };
    if (!p) {
        return;
    }
    origin->is_generated = p->ai_generated;
    origin->prompt = p->ai_prompt;
    origin->model = p->ai_model;
    origin->derived_from = p->id;
    origin->business_id = p->business_id;
    origin->alt_text = p->alt_text;
    origin->tags = &p->tags;
    origin->picture = p;
    origin->from = input->from;
}

/* For the journal: running the command again is the way on, not uploading the source. */
static char *source_of(const struct repair_input *input)
{
    return input->picture ? mem_printf("fix of picture %" PRId64, input->picture->id)
                          : mem_printf("fix of %s", input->input);
}

struct repair *repair_new(const struct repair_options *o,
                          const struct repair_input *inputs, size_t count)
{
    struct repair *r = mem_alloc(sizeof *r);
    r->conversion = o->conversion;
    r->conversion.suffix = o->name ? "" : "-fixed";
    r->conversion.skip_fine = true;
    r->conversion.plan_only = o->dry_run;
    r->upload = (struct upload_options){
        .limits = o->conversion.fix.limits,
        .business_id = o->business_id,
        .tags = o->tags,
        .dry_run = o->dry_run,
        .allow_private = o->allow_private,
        .no_cache = true,
        .conversion = &r->conversion,
        .config = o->config,
        .trace_fd = o->trace_fd,
    };
    r->origins = mem_array(count + 1, sizeof *r->origins);
    for (size_t i = 0; i < count; i++) {
        strlist_add(&r->inputs, inputs[i].input);
        strlist_take(&r->sources, source_of(&inputs[i]));
        describe(&r->origins[i], o, &inputs[i]);
        r->origins[i].source = r->sources.items[i];
    }
    r->upload.origins = r->origins;
    return r;
}

void repair_free(struct repair *r)
{
    if (r) {
        strlist_release(&r->inputs);
        strlist_release(&r->sources);
        free(r->origins);
        free(r);
    }
}

struct batch *repair_batch(struct repair *r, const struct batch_options *how,
                           struct catalog *catalog, struct store *to)
{
    return batch_new(&r->upload, how, catalog, to, &r->inputs);
}

/* ---- One picture ---- */

struct outcome {
    int64_t id;
    struct error error;
};

static void repaired(void *cookie, const struct batch_result *result)
{
    struct outcome *o = cookie;
    if (result->failed) {
        o->error = result->error;
    } else if (result->status == UPLOAD_PLANNED) {
        o->id = 0;
    } else if (result->status != UPLOAD_FINE) {
        o->id = result->picture.id;
    }
}

int repair_picture(const struct repair_options *options, const struct picture *picture,
                   struct catalog *catalog, struct store *from, struct store *to,
                   int64_t *ret_id, struct error *err)
{
    AUTO_FREE char *label = mem_printf("%" PRId64, picture->id);
    const struct repair_input input = { label, picture, from };
    const struct batch_options how = { .jobs = 1 };
    struct outcome outcome = { .id = picture->id };
    struct batch_counts counts;
    struct repair *r = repair_new(options, &input, 1);
    struct batch *b = repair_batch(r, &how, catalog, to);
    int result = batch_run(b, repaired, NULL, &outcome, &counts, err);
    batch_free(b);
    repair_free(r);
    if (result == 0 && outcome.error.kind != ERROR_NONE) {
        *err = outcome.error;
        return -1;
    }
    *ret_id = outcome.id;
    return result;
}
