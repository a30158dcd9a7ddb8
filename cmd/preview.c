#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "commands.h"
#include "imgctl/file.h"
#include "imgctl/ids.h"
#include "imgctl/mem.h"
#include "imgctl/text.h"
#include "look.h"
#include "pictures.h"
#include "preview_strip.h"
#include "verdict.h"

#define TILE_COLUMNS 24
#define TILE_ROWS 8
#define BELOW 3 /* rows that are left for the line below a picture and the prompt */

struct preview_args {
    struct strlist operands;
    const char *size;
    int protocol;
    bool grid;
};

/* "auto", then those of graphics_names from the best down. */
static const char *const protocols[] = { "auto", "kitty", "iterm2", "sixel", "blocks",
                                         "256",  "16",    "ascii",  NULL };

static const struct option options[] = {
    { OPT_CHOICE(struct preview_args, protocol), .name = "protocol", .value = "HOW",
      .choices = protocols, .fallback = "auto",
      .help = "draw by this graphics protocol (kitty, iterm2, sixel) or with half blocks "
              "in 24-bit (blocks), 256 or 16 colours, or in ascii; auto: the best that "
              "the terminal is known to show" },
    { OPT_TEXT(struct preview_args, size), .name = "size", .value = "COLUMNSxROWS",
      .help = "the largest size of a picture, in characters (default: the window; 24x8 "
              "in a grid)" },
    { OPT_FLAG(struct preview_args, grid), .name = "grid",
      .help = "small pictures side by side, with labels" },
    { .name = NULL },
};

static const struct operand operands[] = {
    { OPERAND_MANY(struct preview_args, operands), .name = "ID|FILE", .required = true,
      .complete = COMPLETE_PICTURE,
      .help = "a picture's number, @1 for the newest, a file (./42 if it is called like "
              "a number), or - for ids on standard input" },
    { .name = NULL },
};

static const char *const examples[] = {
    "imgctl preview @1",
    "imgctl preview --grid *.jpg",
    "imgctl list --ids --tag autumn | imgctl preview --grid -",
    "imgctl preview --protocol blocks --size 60x20 42 | less -R",
    NULL,
};

struct work {
    struct app *app;
    struct terminal terminal;
    struct strip strip;
    struct open_stores stores;
    struct profile *profile; /* NULL: no verdicts */
    struct tally tally;
    int columns, rows;       /* the box of one picture */
    bool grid;
};

/* A picture to show. */
struct subject {
    struct picture picture;  /* of a file: its name and size, no id */
    int fd;
    int64_t size;
    struct image_info info;
    char verdict[40];
};

static int open_file(const char *path, struct subject *s, struct error *err)
{
    struct stat st;
    s->fd = file_open_regular(path, &st, err);
    if (s->fd < 0) {
        return -1;
    }
    const char *name = file_base_name(path);
    s->picture.original_filename = mem_strdup(name);
    s->picture.file_size_bytes = s->size = st.st_size;
    return 0;
}

static int open_picture(struct work *w, const char *id, struct subject *s,
                        struct error *err)
{
    if (ids_find(w->app->catalog, id, &s->picture, err) < 0) {
        return -1;
    }
    struct store *store = open_stores_get(&w->stores, w->app, s->picture.storage_provider,
                                          err);
    s->fd = store ? look_open(w->app, store, &s->picture, &s->size, err) : -1;
    return s->fd < 0 ? -1 : 0;
}

static void judge(const struct work *w, struct subject *s)
{
    const struct rule_facts facts = {
        .info = s->info,
        .bytes = s->picture.file_size_bytes,
        .name = s->picture.original_filename,
    };
    if (w->profile && s->picture.id) {
        verdict_of_row(w->profile, &s->picture, s->verdict);
    } else if (w->profile) {
        verdict_of_file(w->profile, &facts, s->verdict);
    }
}

static int open_subject(struct work *w, const char *operand, struct subject *s,
                        struct error *err)
{
    int found = ids_is_id(operand) ? open_picture(w, operand, s, err)
                               : open_file(operand, s, err);
    if (found < 0 || image_probe(s->fd, s->size, &look_limits, &s->info, err) < 0) {
        return -1;
    }
    if (!s->picture.id) {
        s->picture.width = s->info.width;
        s->picture.height = s->info.height;
    }
    judge(w, s);
    return 0;
}

/* ---- Text about it ---- */

static char *name_line(const struct subject *s)
{
    return s->picture.id ? mem_printf("%" PRId64 "  %s", s->picture.id,
                                      s->picture.original_filename)
                         : mem_strdup(s->picture.original_filename);
}

static char *fact_line(const struct work *w, const struct subject *s, bool wide)
{
    AUTO_BUF struct buf line = BUF_INIT;
    char size[16];
    text_format_size(size, s->picture.file_size_bytes);
    buf_addf(&line, "%" PRId64 "x%" PRId64, s->picture.width, s->picture.height);
    if (wide) {
        buf_addf(&line, "  %s", size);
    }
    buf_addstr(&line, s->picture.ai_generated ? "  AI" : "");
    if (w->profile) {
        buf_addf(&line, "  IG %s%s", s->verdict[0] ? "no: " : "ok", s->verdict);
    }
    return buf_detach(&line);
}

static void add_caption(const struct work *w, const struct subject *s, struct buf *out)
{
    AUTO_FREE char *name = name_line(s);
    AUTO_FREE char *facts = fact_line(w, s, true);
    if (!output_quiet()) {
        text_escape(out, name, strlen(name));
        buf_addstr(out, "  ");
        text_escape(out, facts, strlen(facts));
        buf_addch(out, '\n');
    }
}

/* ---- Drawing ---- */

static int draw(struct work *w, const struct subject *s, struct error *err)
{
    AUTO_BUF struct buf out = BUF_INIT;
    AUTO_RASTER struct raster r = RASTER_INIT;
    struct graphics_size size = graphics_fit(&w->terminal, w->strip.how, s->info.width,
                                             s->info.height, w->columns, w->rows);
    const struct load_options load = {
        .limits = look_limits, .width = size.width, .height = size.height,
    };
    if (image_load(s->fd, s->size, &load, &r, err) < 0) {
        return -1;
    }
    if (w->grid) {
        strip_add(&w->strip, &r, size, name_line(s), fact_line(w, s, false));
        if (w->strip.count == w->strip.most && strip_draw(&w->strip, &out, err) < 0) {
            return -1;
        }
    } else if (graphics_draw(&w->terminal, w->strip.how, &r, size, false, &out, err) <
               0) {
        return -1;
    } else {
        add_caption(w, s, &out);
    }
    output_write(&out);
    return 0;
}

static void show_one(struct work *w, const char *operand)
{
    struct subject s = { .fd = -1 };
    struct error err = ERROR_INIT;
    if (open_subject(w, operand, &s, &err) < 0 || draw(w, &s, &err) < 0) {
        report_error(operand, &err, false);
        tally_failure(&w->tally, &err);
    } else {
        w->tally.done++;
    }
    if (s.fd >= 0) {
        close(s.fd);
    }
    picture_release(&s.picture);
}

/* ---- How and how large ---- */

static int choose_protocol(struct work *w, const struct preview_args *args,
                           struct error *err)
{
    struct terminal *t = &w->terminal;
    terminal_look(t, output_is_terminal() ? STDOUT_FILENO : -1, output_color());
    if (args->protocol > 0) {
        w->strip.how = (enum graphics)(GRAPHICS_KITTY - (args->protocol - 1));
        return 0;
    }
    if (output_is_terminal()) {
        terminal_ask(t);
        w->strip.how = t->best;
        return 0;
    }
    if (output_color()) {
        w->strip.how = t->characters;
        return 0;
    }
    error_set(err, ERROR_USAGE, "standard output is no terminal");
    return error_hint(err, "--protocol blocks draws all the same");
}

static int choose_size(struct work *w, const struct preview_args *args, struct error *err)
{
    const struct terminal *t = &w->terminal;
    char end;
    w->columns = args->grid ? TILE_COLUMNS : t->columns;
    w->rows = args->grid ? TILE_ROWS : t->rows > BELOW ? t->rows - BELOW : 1;
    w->columns = w->columns < t->columns ? w->columns : t->columns;
    if (args->size &&
        (sscanf(args->size, "%4dx%4d%c", &w->columns, &w->rows, &end) != 2 ||
         w->columns < 1 || w->rows < 1 || w->columns > 1000 || w->rows > 1000)) {
        error_set(err, ERROR_USAGE, "--size: \"%s\" is no size in characters",
                  args->size);
        return error_hint(err, "such as 60x20, both from 1 to 1000");
    }
    w->strip.terminal = t;
    w->strip.columns = w->columns;
    int most = (t->columns + STRIP_GAP) / (w->columns + STRIP_GAP);
    w->strip.most = most < 1 ? 1 : most > STRIP_MOST ? STRIP_MOST : (size_t)most;
    return 0;
}

/* A profile that cannot be read is no reason to show nothing. */
static void load_profile(struct work *w)
{
    struct error err = ERROR_INIT;
    if (!output_quiet() &&
        profile_load(w->app->config, VERDICT_PROFILE, &w->profile, &err) < 0) {
        output_note("imgctl: no verdict: %s", err.message);
    }
}

static int finish(struct work *w, struct error *err)
{
    AUTO_BUF struct buf out = BUF_INIT;
    int result = strip_draw(&w->strip, &out, err);
    output_write(&out);
    strip_release(&w->strip);
    open_stores_close(&w->stores);
    profile_free(w->profile);
    return result < 0 ? -1 : tally_exit_code(&w->tally);
}

static int run(struct app *app, void *arguments, struct error *err)
{
    const struct preview_args *args = arguments;
    AUTO_STRLIST struct strlist list = STRLIST_INIT;
    struct work w = { .app = app, .grid = args->grid };
    if (choose_protocol(&w, args, err) < 0 || choose_size(&w, args, err) < 0 ||
        ids_expand(app->catalog, &args->operands, &list, err) < 0 ||
        image_codec_load(err) < 0) {
        return -1;
    }
    load_profile(&w);
    for (size_t i = 0; i < list.len; i++) {
        show_one(&w, list.items[i]);
    }
    return finish(&w, err);
}

const struct command cmd_preview = {
    .name = "preview",
    .summary = "show pictures in the terminal",
    .group = "Library",
    .args_size = sizeof(struct preview_args),
    .sets = { { options, 0, NULL } },
    .operands = operands,
    .examples = examples,
    .needs = NEEDS_CATALOG_IF_THERE,
    .run = run,
};
