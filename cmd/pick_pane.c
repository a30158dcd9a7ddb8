/* The picture beside the list: loaded by a thread, so that the list never waits. */
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "imgctl/file.h"
#include "imgctl/mem.h"
#include "imgctl/pool.h"
#include "look.h"
#include "pick.h"

#define KEPT 24      /* pictures that are ready to be shown again */
#define PATIENCE 300 /* ms, for the thread at the end */

/* One picture in one size. */
struct shown {
    char *key;
    struct raster raster;
    struct graphics_size size;
    char *problem;   /* instead of it; NULL */
    uint64_t used;
};

struct load {
    struct pool_task task; /* first */
    struct app *app;
    const struct terminal *terminal;
    enum graphics how;
    struct store *store;
    struct picture picture;
    char *path;            /* instead of the picture; NULL */
    int columns, rows;
    struct shown result;
};

struct pane {
    struct app *app;
    const struct terminal *terminal;
    enum graphics how;
    struct pool *pool;
    struct open_stores stores;
    struct load *loading;     /* NULL: nothing is */
    struct shown kept[KEPT];
    uint64_t clock;
    struct shown *wanted;     /* what pane_draw() shall draw; NULL: nothing */
    struct area area;
    char *drawn;              /* the key of the true pixels on the screen; NULL */
    struct area drawn_area;
};

struct pane *pane_new(struct app *app, const struct terminal *terminal, enum graphics how)
{
    struct pane *p = mem_alloc(sizeof *p);
    struct error none = ERROR_INIT;
    p->app = app;
    p->terminal = terminal;
    p->how = how;
    if (pool_new(1, &p->pool, &none) < 0) {
        p->pool = NULL;
    }
    return p;
}

static void release_shown(struct shown *s)
{
    free(s->key);
    free(s->problem);
    raster_release(&s->raster);
    *s = (struct shown){ .key = NULL };
}

static void free_load(struct load *l)
{
    picture_release(&l->picture);
    free(l->path);
    release_shown(&l->result);
    free(l);
}

bool pane_free(struct pane *p)
{
    if (p->loading) {
        struct pollfd fd = { .fd = pool_fd(p->pool), .events = POLLIN };
        poll(&fd, 1, PATIENCE);
        pane_collect(p);
    }
    if (p->loading) {
        return false;
    }
    for (size_t i = 0; i < KEPT; i++) {
        release_shown(&p->kept[i]);
    }
    if (p->pool) {
        pool_free(p->pool);
    }
    open_stores_close(&p->stores);
    free(p->drawn);
    free(p);
    return true;
}

int pane_fd(const struct pane *p)
{
    return p->pool ? pool_fd(p->pool) : -1;
}

/* ---- In the thread ---- */

static int load_raster(struct load *l, struct error *err)
{
    struct image_info info;
    struct stat st = { .st_size = 0 };
    int64_t size = 0;
    AUTO_FD int fd = l->path ? file_open_regular(l->path, &st, err)
                             : look_open(l->app, l->store, &l->picture, &size, err);
    size = l->path ? st.st_size : size;
    if (fd < 0 || image_probe(fd, size, &look_limits, &info, err) < 0) {
        return -1;
    }
    l->result.size = graphics_fit(l->terminal, l->how, info.width, info.height,
                                  l->columns, l->rows);
    const struct load_options options = {
        .limits = look_limits,
        .width = l->result.size.width,
        .height = l->result.size.height,
    };
    return image_codec_load(err) < 0
               ? -1
               : image_load(fd, size, &options, &l->result.raster, err);
}

static void run_load(struct pool_task *task, unsigned worker)
{
    struct load *l = (struct load *)task;
    struct error err = ERROR_INIT;
    (void)worker;
    if (load_raster(l, &err) < 0) {
        l->result.problem = mem_strdup(err.message);
    }
}

/* ---- What is wanted ---- */

static struct shown *find(struct pane *p, const char *key)
{
    for (size_t i = 0; i < KEPT; i++) {
        if (p->kept[i].key && strcmp(p->kept[i].key, key) == 0) {
            p->kept[i].used = ++p->clock;
            return &p->kept[i];
        }
    }
    return NULL;
}

static void keep(struct pane *p, struct shown *s)
{
    struct shown *oldest = &p->kept[0];
    for (size_t i = 1; i < KEPT; i++) {
        oldest = p->kept[i].used < oldest->used ? &p->kept[i] : oldest;
    }
    release_shown(oldest);
    *oldest = *s;
    oldest->used = ++p->clock;
    *s = (struct shown){ .key = NULL };
}

void pane_collect(struct pane *p)
{
    if (p->pool && pool_collect(p->pool)) {
        keep(p, &p->loading->result);
        free_load(p->loading);
        p->loading = NULL;
    }
}

static void begin_load(struct pane *p, int64_t id, const char *path, const char *key,
                       struct area area)
{
    struct error err = ERROR_INIT;
    struct load *l = mem_alloc(sizeof *l);
    l->task.run = run_load;
    l->app = p->app;
    l->terminal = p->terminal;
    l->how = p->how;
    l->path = mem_strdup(path);
    l->columns = area.columns;
    l->rows = area.rows;
    l->result.key = mem_strdup(key);
    int found = path ? 1 : catalog_picture(p->app->catalog, id, &l->picture, &err);
    if (found == 0) {
        error_set(&err, ERROR_NOT_FOUND, "it is gone");
    }
    if (found > 0 && !path) {
        l->store = open_stores_get(&p->stores, p->app, l->picture.storage_provider, &err);
    }
    if (found > 0 && (path || l->store) && p->pool) {
        p->loading = l;
        pool_add(p->pool, &l->task);
        return;
    }
    l->result.problem = mem_strdup(err.message);
    keep(p, &l->result);
    free_load(l);
}

static void show_cells(const struct pane *p, const struct shown *s, struct screen *screen)
{
    struct graphics_cells c = GRAPHICS_CELLS_INIT;
    graphics_cells(&s->raster, p->how, &c);
    int left = p->area.x + (p->area.columns - c.columns) / 2;
    for (int i = 0; i < c.columns * c.rows; i++) {
        screen_cell(screen, left + i % c.columns, p->area.y + i / c.columns, &c.cells[i]);
    }
    graphics_cells_release(&c);
}

void pane_show(struct pane *p, int64_t id, const char *path, struct area area,
               struct screen *screen)
{
    p->wanted = NULL;
    p->area = area;
    if (area.columns < 2 || area.rows < 2 || (!id && !path)) {
        return;
    }
    AUTO_FREE char *key = mem_printf("%dx%d %lld %s", area.columns, area.rows,
                                     (long long)id, path ? path : "");
    struct shown *s = find(p, key);
    if (!s && !p->loading) {
        begin_load(p, id, path, key, area);
        s = find(p, key);
    }
    if (!s) {
        return;
    }
    if (s->problem) {
        screen_text(screen, area.x, area.y, area.columns, false, &style_weak, s->problem);
    } else if (graphics_is_text(p->how)) {
        show_cells(p, s, screen);
    } else {
        p->wanted = s;
    }
}

/* ---- True pixels ---- */

static void erase(struct pane *p, struct screen *screen, struct buf *out)
{
    struct area a = p->drawn_area;
    buf_addstr(out, graphics_erase(p->how));
    screen_forget(screen, a.x, a.y, a.columns, a.rows);
    screen_update(screen, out);
    free(p->drawn);
    p->drawn = NULL;
}

void pane_draw(struct pane *p, struct screen *screen, struct buf *out)
{
    struct error none = ERROR_INIT;
    bool same = p->wanted && p->drawn && strcmp(p->wanted->key, p->drawn) == 0 &&
                memcmp(&p->area, &p->drawn_area, sizeof p->area) == 0;
    if (same) {
        return;
    }
    if (p->drawn) {
        erase(p, screen, out);
    }
    if (p->wanted) {
        const struct graphics_size *size = &p->wanted->size;
        int left = p->area.x + (p->area.columns - size->columns) / 2;
        buf_addf(out, "\0337\033[%d;%dH", p->area.y + 1, left + 1);
        if (graphics_draw(p->terminal, p->how, &p->wanted->raster, *size, true, out,
                          &none) == 0) {
            p->drawn = mem_strdup(p->wanted->key);
            p->drawn_area = p->area;
        }
        buf_addstr(out, "\0338");
    }
}

void pane_forget(struct pane *p)
{
    free(p->drawn);
    p->drawn = NULL;
}
