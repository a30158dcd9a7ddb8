#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "imgctl/budget.h"
#include "imgctl/clock.h"
#include "imgctl/mem.h"
#include "imgctl/text.h"
#include "pick.h"
#include "pick_form.h"

/* ---- Generating ---- */

struct purchase {
    struct pick *pick;
    struct generate_run *run;
    int64_t shown;      /* second that the screen tells */
    int64_t id;         /* of the picture */
    struct error error;
};

static void take_result(void *cookie, const struct generate_result *result)
{
    struct purchase *b = cookie;
    b->error = result->error;
    for (int i = 0; i < result->count; i++) {
        const struct generated *g = &result->pictures[i];
        if (g->stored) {
            b->id = g->picture.id;
        } else if (b->error.kind == ERROR_NONE) {
            b->error = g->error;
        }
    }
}

static void show_time(void *cookie, const struct generate_progress *progress)
{
    struct purchase *b = cookie;
    int64_t seconds = progress->elapsed / 1000;
    if (pick_wants_out(b->pick)) {
        generate_interrupt(b->run);
        pick_say(b->pick, "what is sent may be paid for: waiting for it");
        pick_draw(b->pick);
    } else if (seconds != b->shown) {
        b->shown = seconds;
        pick_say(b->pick, "generating, %" PRId64 " seconds, Esc stops", seconds);
        pick_draw(b->pick);
    }
}

/* Bought within a day: the first Enter says so, the second buys. */
static int check_alike(struct pick *p, const struct order *o, struct error *err)
{
    AUTO_JOB struct job j = JOB_INIT;
    char when[32];
    int64_t now = clock_now();
    if (o->estimate == 0 || strcmp(p->asked, o->fingerprint) == 0) {
        return 0;
    }
    int found = catalog_job_alike(p->app->catalog, o->fingerprint,
                                  now - GENERATE_ALIKE_MS, &j, err);
    if (found <= 0) {
        return found;
    }
    memcpy(p->asked, o->fingerprint, sizeof p->asked);
    clock_relative(when, j.created_at, now);
    return error_set(err, ERROR_QUESTION,
                     "the same was bought before (%s); Enter buys it again", when);
}

static int run_order(struct purchase *b, struct generate_options *options,
                     struct error *err)
{
    struct app *app = b->pick->app;
    struct form *f = b->pick->form;
    struct business business = { .id = 0 };
    struct generate_progress progress = { .total = 0 };
    if (app_make_catalog(app, err) < 0 ||
        catalog_business_find(app->catalog, b->pick->options->business, &business, err) <
            0) {
        return -1;
    }
    b->pick->chooser.catalog = app->catalog;
    options->business_id = business.id;
    business_release(&business);
    if (generate_recover(app->config, app->catalog, NULL, err) < 0 ||
        budget_load(app->config, app->catalog, options->business_id, &options->budget,
                    err) < 0 ||
        check_alike(b->pick, &f->order, err) < 0) {
        return -1;
    }
    bool is_again = strcmp(b->pick->asked, f->order.fingerprint) == 0;
    options->alike_since = is_again ? 0 : clock_now() - GENERATE_ALIKE_MS;
    b->run = generate_new(options, app->catalog, &f->order, 1);
    generate_use_generator(b->run, f->generator);
    int result = generate(b->run, take_result, show_time, b, &progress, err);
    generate_free(b->run);
    b->pick->asked[0] = '\0';
    if (result == 0 && b->id == 0) {
        *err = b->error;
        return err->kind == ERROR_NONE ? error_set(err, ERROR_FAILED, "nothing was sent")
                                       : -1;
    }
    return result;
}

static int generate_into_store(struct purchase *b, struct error *err)
{
    struct app *app = b->pick->app;
    struct generate_options options = {
        .config = app->config,
        .provider = generator_default(app->config),
        .trace_fd = app->trace_fd,
        .rate = config_int(app->config, "generate.rate"),
        .jobs = 1,
    };
    if (app_store(app, b->pick->options->store, &options.store, err) < 0) {
        return -1;
    }
    options.strip = app_strip(app, options.store->ops->is_remote);
    int result = run_order(b, &options, err);
    store_close(options.store);
    return result;
}

static void buy(struct pick *p)
{
    struct purchase b = { .pick = p, .shown = -1 };
    struct error err = ERROR_INIT;
    if (p->form->prompt.len == 0) {
        pick_say(p, "say what to draw");
    } else if (p->form->problem.kind != ERROR_NONE) {
        pick_say(p, "%s", p->form->problem.message);
    } else if (generate_into_store(&b, &err) < 0) {
        pick_say(p, "%s", err.message);
    } else {
        pick_take(p, b.id);
        pick_say(p, "generated as %" PRId64 ": Enter chooses", b.id);
    }
}

/* ---- Keys ---- */

/* The form is made when the tab is first opened; without it there is only a message. */
static bool has_form(struct pick *p)
{
    if (!p->form) {
        error_clear(&p->no_form);
        form_open(p->app, &p->form, &p->no_form);
    }
    return p->form != NULL;
}

void generate_tab_refresh(struct pick *p)
{
    if (has_form(p)) {
        form_refresh(p->form);
    }
}

void generate_tab_key(struct pick *p, const struct key *key)
{
    if (!has_form(p)) {
        return;
    }
    struct form *f = p->form;
    p->dirty = true;
    switch (key->kind) {
    case KEY_TEXT:
    case KEY_PASTE:
        form_type(f, key->text);
        break;
    case KEY_BACKSPACE:
        form_erase(f);
        break;
    case KEY_CTRL:
        while (key->text[0] == 'u' && form_erase(f)) {
            continue;
        }
        break;
    case KEY_UP:
    case KEY_DOWN:
        form_move(f, key->kind == KEY_UP ? -1 : 1);
        break;
    case KEY_LEFT:
    case KEY_RIGHT:
        form_choose(f, key->kind == KEY_LEFT ? -1 : 1);
        break;
    case KEY_ENTER:
        buy(p);
        break;
    default:
        break;
    }
}

/* ---- Drawing ---- */

/* The end of the prompt, where it is typed, over what rows there are. */
static void draw_prompt(struct pick *p, const char *prompt, int x, int y)
{
    struct screen *s = &p->screen;
    int room = s->columns - x - 2;
    while (room > 0 && text_width(prompt) > (size_t)room) {
        do {
            prompt++;
        } while (((unsigned char)*prompt & 0xc0) == 0x80);
    }
    s->cursor_x = screen_text(s, x, y, room + 1, false, &style_normal, prompt);
    s->cursor_y = y;
}

static void draw_price(struct pick *p, int y)
{
    const struct form *f = p->form;
    AUTO_BUF struct buf line = BUF_INIT;
    if (f->problem.kind != ERROR_NONE) {
        buf_addstr(&line, f->problem.message);
    } else {
        money_print(&line, orders_expected(&f->order, 1));
        if (f->order.price.basis != PRICE_FREE) {
            buf_addf(&line, " (%s)", price_basis_name(f->order.price.basis));
        }
    }
    screen_text(&p->screen, 0, y, 8, false, &style_weak, "Price");
    screen_text(&p->screen, 9, y, p->screen.columns - 9, false, &style_strong, line.data);
}

void generate_tab_draw(struct pick *p)
{
    static const char *const names[] = { "Prompt", "Model", "Size", "Quality" };
    struct screen *s = &p->screen;
    const struct form *f = p->form;
    int y = 1;
    if (!f) {
        screen_text(s, 0, y + 1, s->columns, false, &style_strong, p->no_form.message);
        screen_text(s, 0, y + 2, s->columns, false, &style_weak, p->no_form.hint);
        return;
    }
    for (int i = 0; i < FORM_FIELDS; i++, y++) {
        const char *value = form_value(f, (enum form_field)i);
        bool is_here = i == (int)f->field;
        screen_text(s, 0, y, 8, false, is_here ? &style_strong : &style_weak, names[i]);
        if (i == FORM_PROMPT) {
            continue;
        }
        AUTO_FREE char *text = mem_printf("%s%s%s", is_here ? "< " : "  ",
                                          value ? value : "", is_here ? " >" : "");
        screen_text(s, 7, y, s->columns - 7, false,
                    is_here ? &style_strong : &style_normal, text);
    }
    draw_price(p, y);
    draw_prompt(p, f->prompt.data, 9, 1);
    s->cursor_x = f->field == FORM_PROMPT ? s->cursor_x : -1;
}
