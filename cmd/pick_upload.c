#include <stdio.h>
#include <string.h>

#include "imgctl/batch.h"
#include "imgctl/mem.h"
#include "pick.h"

#define TICK 100 /* ms */

/* ---- Uploading ---- */

struct upload {
    struct pick *pick;
    struct batch *batch;
    int64_t id;
    bool known;
    struct error error;
};

static void take_result(void *cookie, const struct batch_result *result)
{
    struct upload *u = cookie;
    u->id = result->failed ? 0 : result->picture.id;
    u->known = result->status == UPLOAD_DUPLICATE;
    u->error = result->error;
}

static void look_at_keys(void *cookie, const struct batch_counts *counts)
{
    struct upload *u = cookie;
    (void)counts;
    if (pick_wants_out(u->pick)) {
        batch_interrupt(u->batch);
    }
}

static int run_batch(struct upload *u, const char *path, struct store *store,
                     int64_t business_id, struct error *err)
{
    const struct config *config = u->pick->app->config;
    AUTO_STRLIST struct strlist inputs = STRLIST_INIT;
    const struct strlist no_tags = STRLIST_INIT;
    const struct upload_options options = {
        .limits = { config_int(config, "upload.max_bytes"),
                    config_int(config, "upload.max_pixels"), image_default_limits.side },
        .strip = app_strip(u->pick->app, store->ops->is_remote),
        .business_id = business_id,
        .tags = &no_tags,
        .config = config,
        .trace_fd = u->pick->app->trace_fd,
    };
    const struct batch_options batch = { .jobs = 1, .tick = TICK };
    struct batch_counts counts;
    strlist_add(&inputs, path);
    u->batch = batch_new(&options, &batch, u->pick->app->catalog, store, &inputs);
    int result = batch_run(u->batch, take_result, look_at_keys, u, &counts, err);
    batch_free(u->batch);
    return result;
}

static int upload_to(struct upload *u, const char *path, struct store *store,
                     struct error *err)
{
    struct app *app = u->pick->app;
    struct business b = { .id = 0 };
    if (app_make_catalog(app, err) < 0 ||
        catalog_business_find(app->catalog, u->pick->options->business, &b, err) < 0) {
        return -1;
    }
    u->pick->chooser.catalog = app->catalog;
    int result = run_batch(u, path, store, b.id, err);
    business_release(&b);
    if (result == 0 && u->id == 0) {
        if (u->error.kind == ERROR_NONE) {
            return error_set(err, ERROR_FAILED, "interrupted");
        }
        *err = u->error;
        return -1;
    }
    return result;
}

static void upload(struct pick *p, const char *path)
{
    struct upload u = { .pick = p };
    struct error err = ERROR_INIT;
    struct store *store = NULL;
    pick_say(p, "uploading %s, Esc stops", path);
    pick_draw(p);
    int result = app_store(p->app, p->options->store, &store, &err);
    if (result == 0) {
        result = upload_to(&u, path, store, &err);
        store_close(store);
    }
    if (result < 0) {
        pick_say(p, "%s", err.message);
        return;
    }
    pick_take(p, u.id);
    pick_say(p, "%s as %lld: Enter chooses", u.known ? "known" : "uploaded",
             (long long)u.id);
}

/* ---- Keys ---- */

static void open_or_upload(struct pick *p)
{
    if (folder_enter(&p->folder)) {
        p->dirty = true;
        return;
    }
    AUTO_FREE char *path = folder_path(&p->folder);
    size_t len = strlen(path);
    if (len > 0 && path[len - 1] == '/') {
        pick_say(p, "type or choose a file");
    } else {
        upload(p, path);
    }
}

void upload_tab_key(struct pick *p, const struct key *key)
{
    int page = p->screen.rows > 5 ? p->screen.rows - 4 : 1;
    struct folder *f = &p->folder;
    switch (key->kind) {
    case KEY_TEXT:
    case KEY_PASTE:
        p->dirty |= folder_type(f, key->text);
        break;
    case KEY_BACKSPACE:
        p->dirty |= folder_erase(f);
        break;
    case KEY_CTRL:
        while (key->text[0] == 'u' && folder_erase(f)) {
            p->dirty = true;
        }
        break;
    case KEY_LEFT:
        folder_leave(f);
        p->dirty = true;
        break;
    case KEY_RIGHT:
        p->dirty |= folder_enter(f);
        break;
    case KEY_ENTER:
        open_or_upload(p);
        break;
    case KEY_UP:
    case KEY_DOWN:
        folder_move(f, key->kind == KEY_UP ? -1 : 1);
        break;
    case KEY_PAGE_UP:
    case KEY_PAGE_DOWN:
        folder_move(f, key->kind == KEY_PAGE_UP ? -page : page);
        break;
    case KEY_HOME:
    case KEY_END:
        folder_move(f, key->kind == KEY_HOME ? INT32_MIN : INT32_MAX);
        break;
    default:
        break;
    }
}

/* ---- Drawing ---- */

void upload_tab_draw(struct pick *p, struct area list, struct area side)
{
    const struct folder *f = &p->folder;
    struct screen *s = &p->screen;
    size_t rows = list.rows > 0 ? (size_t)list.rows : 1;
    size_t top = f->cursor - f->cursor % rows;
    int x = screen_text(s, 0, 1, s->columns, false, &style_weak, "File ");
    s->cursor_x = screen_text(s, x, 1, s->columns - x - 1, false, &style_normal,
                              f->typed.data);
    s->cursor_y = 1;
    for (size_t i = top; i < f->entries.len && i < top + rows; i++) {
        bool is_cursor = i == f->cursor;
        const struct style *style = is_cursor ? &style_cursor : &style_normal;
        int y = list.y + (int)(i - top);
        screen_text(s, list.x, y, 2, true, style, is_cursor ? "> " : "  ");
        screen_text(s, list.x + 2, y, list.columns - 2, true, style, f->entries.items[i]);
    }
    if (f->entries.len == 0) {
        screen_text(s, list.x + 2, list.y, list.columns - 2, false, &style_weak,
                    "no folder and no picture begins so");
    }
    AUTO_FREE char *path = folder_path(f);
    size_t len = strlen(path);
    bool is_file = f->cursor < f->entries.len && len > 0 && path[len - 1] != '/';
    pane_show(p->pane, 0, is_file ? path : NULL, side, s);
}
