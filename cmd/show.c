#include <inttypes.h>
#include <stddef.h>
#include <string.h>

#include "commands.h"
#include "copy.h"
#include "imgctl/ids.h"
#include "imgctl/mem.h"
#include "imgctl/posts.h"
#include "imgctl/report.h"
#include "imgctl/text.h"
#include "pictures.h"

struct show_args {
    struct strlist operands;
    struct output_args output;
    bool copy;
};

static const struct option options[] = {
    { OPT_FLAG(struct show_args, copy), .name = "copy",
      .help = "copy to the clipboard where the originals are, too" },
    { .name = NULL },
};

static const struct operand operands[] = {
    { OPERAND_MANY(struct show_args, operands), .name = "ID", .required = true,
      .complete = COMPLETE_PICTURE,
      .help = "a picture: its number, @1 for the newest, or - for ids on standard"
              " input" },
    { .name = NULL },
};

static const char *const examples[] = {
    "imgctl show 42",
    "imgctl show @1 --json",
    "imgctl list --ids --tag summer | imgctl show - --jsonl",
    NULL,
};

/* One line "  name: value" for each field that has a value. */
static void print_details(struct buf *out, const struct picture *p)
{
    AUTO_BUF struct buf head = BUF_INIT;
    char size[16];
    text_format_size(size, p->file_size_bytes);
    buf_addf(&head, "%" PRId64 "  %s  %" PRId64 "x%" PRId64 "  %s%s", p->id,
             p->original_filename, p->width, p->height, size,
             p->deleted_at ? "  (deleted)" : "");
    text_escape(out, head.data, head.len);
    buf_addch(out, '\n');
    for (const struct field *f = picture_with_posts_type.fields; f->name; f++) {
        AUTO_BUF struct buf value = BUF_INIT;
        record_text(&value, f, p);
        if (value.len > 0 && strcmp(f->name, "id") != 0) {
            AUTO_BUF struct buf safe = BUF_INIT;
            text_escape(&safe, value.data, value.len);
            buf_addf(out, "  %-21s ", f->name);
            output_link(out, strcmp(f->name, "storage_url") == 0 ? value.data : NULL,
                        safe.data);
            buf_addch(out, '\n');
        }
    }
}

/* Where it was posted; what has no link is told by the service's own name for it. */
static int take_post(void *cookie, const struct post *p)
{
    if (p->state == POST_PUBLISHED) {
        strlist_take(cookie, p->permalink ? mem_strdup(p->permalink)
                                          : mem_printf("%s %s", p->account,
                                                       p->post_id ? p->post_id : "?"));
    }
    return 0;
}

static void show_one(struct output *out, const struct picture *p)
{
    if (out->format == OUTPUT_HUMAN) {
        AUTO_BUF struct buf text = BUF_INIT;
        print_details(&text, p);
        output_write(&text);
    } else {
        output_record(out, p);
    }
}

static int run(struct app *app, void *arguments, struct error *err)
{
    const struct show_args *args = arguments;
    AUTO_STRLIST struct strlist ids = STRLIST_INIT;
    struct output out;
    struct tally tally = { .done = 0 };
    AUTO_BUF struct buf copied = BUF_INIT;
    if (ids_expand(app->catalog, &args->operands, &ids, err) < 0 ||
        output_begin(&out, &args->output, &picture_with_posts_type, err) < 0) {
        return -1;
    }
    if (out.format == OUTPUT_HUMAN) {
        output_page(config_text(app->config, "core.pager"));
    }
    output_open(&out, NULL);
    for (size_t i = 0; i < ids.len; i++) {
        AUTO_PICTURE struct picture p = PICTURE_INIT;
        struct error one = ERROR_INIT;
        if (ids_find(app->catalog, ids.items[i], &p, &one) < 0 ||
            catalog_posts_of(app->catalog, p.id, take_post, &p.published, &one) < 0) {
            report_error(NULL, &one, args->output.json || args->output.jsonl);
            tally_failure(&tally, &one);
            continue;
        }
        show_one(&out, &p);
        copy_add(&copied, args->copy ? p.storage_url : NULL);
        tally.done++;
    }
    output_close(&out);
    output_end(&out);
    return copy_finish(&copied, tally_exit_code(&tally));
}

const struct command cmd_show = {
    .name = "show",
    .summary = "everything known about pictures",
    .group = "Library",
    .args_size = sizeof(struct show_args),
    .sets = { { options, 0, NULL },
              { output_options, offsetof(struct show_args, output), "Output" } },
    .operands = operands,
    .examples = examples,
    .needs = NEEDS_CATALOG_IF_THERE,
    .run = run,
};
