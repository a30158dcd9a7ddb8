/*
 * A batch over a store that does as a test says: what is counted, in which order things
 * happen, what stops it, and what becomes of a group that the catalog does not take.
 */
#include "imgctl/batch.h"

#include <fcntl.h>

#include "catalog_support.h"

#define MOST 32

/* What the store does with the Nth picture it is given, a step each time it runs. */
enum deed { STORES, REPEATS, FAILS, REFUSES };

struct sending {
    const struct store_item *item;
    store_done *done;
    void *cookie;
    int number, step;
};

struct fake {
    struct store store; /* first */
    enum deed deeds[MOST];
    bool backwards;     /* finishes the last first */
    struct sending sendings[MOST];
    int count, started, most;
};

static char *plan(struct store *s, const struct store_item *item, struct error *err)
{
    (void)s, (void)err;
    return mem_printf("fake/%s", item->sha256);
}

static int start(struct store *s, const struct store_item *item, store_done *done,
                 void *cookie, struct error *err)
{
    struct fake *f = (struct fake *)s;
    (void)err;
    f->sendings[f->count++] = (struct sending){ item, done, cookie, f->started++, 0 };
    f->most = f->count > f->most ? f->count : f->most;
    return 0;
}

static void finish(struct fake *f, int at)
{
    struct sending s = f->sendings[at];
    struct stored stored = { .url = mem_printf("https://fake/%s", s.item->sha256) };
    struct error err = ERROR_INIT;
    enum deed deed = f->deeds[s.number % MOST];
    memmove(&f->sendings[at], &f->sendings[at + 1],
            (size_t)(--f->count - at) * sizeof f->sendings[0]);
    if (deed == FAILS || deed == REFUSES) {
        error_set(&err, deed == FAILS ? ERROR_NETWORK : ERROR_CREDENTIALS, "as told");
        s.done(s.cookie, -1, &stored, &err);
    } else {
        s.done(s.cookie, 0, &stored, &err);
    }
    stored_release(&stored);
}

static void run(struct store *store, int wake_fd, int timeout)
{
    struct fake *f = (struct fake *)store;
    int at = f->backwards ? f->count - 1 : 0;
    struct sending *s = &f->sendings[at];
    (void)wake_fd, (void)timeout;
    int64_t size = s->item->size;
    bool repeats = f->deeds[s->number % MOST] == REPEATS;
    switch (s->step++) {
    case 0:
        s->item->progress(s->item->cookie, size / 2);
        break;
    case 1:
        s->item->progress(s->item->cookie, repeats ? 0 : size);
        break;
    case 2:
        s->item->progress(s->item->cookie, 2 * size); /* more than there is */
        break;
    default:
        finish(f, at);
    }
}

static const struct store_ops ops = {
    .name = "fake", .plan = plan, .start = start, .run = run,
};

/* ---- A store of threads, whose pictures change while they are read ---- */

struct disturbed {
    struct store store; /* first */
    struct store *real;
    const char *path;   /* of the input; NULL: it stays as it is */
};

/* Its first byte becomes BYTE. */
static void disturb(const char *path, char byte)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    if (pwrite(fd, &byte, 1, 0) != 1) {
        printf("Bail out! cannot write %s\n", path);
        exit(1);
    }
    close(fd);
}

static int put_disturbed(struct store *s, const struct store_item *item,
                         struct stored *ret, struct error *err)
{
    struct disturbed *d = (struct disturbed *)s;
    if (d->path) {
        disturb(d->path, 'x');
    }
    return d->real->ops->put(d->real, item, ret, err);
}

static char *plan_nothing(struct store *s, const struct store_item *item,
                          struct error *err)
{
    (void)s, (void)item, (void)err;
    return NULL;
}

static const struct store_ops disturbed_ops = {
    .name = "local", .plan = plan_nothing, .put = put_disturbed,
};

/* ---- A run ---- */

struct trial {
    struct fake fake;
    struct store *store;    /* that is used: the fake one, if no other is named */
    struct batch_options how;
    struct catalog *catalog;
    char path[512];
    struct strlist inputs;
    struct batch_counts counts;

    int64_t size;           /* of all inputs */
    bool is_odd;            /* a count below zero, or above what there is */
    int64_t most_under_way;
    char order[256];        /* of what was reported: "0+ 1= 2! 3-" */
    struct error error;     /* the last */
};

static void note_result(void *cookie, const struct batch_result *result)
{
    struct trial *t = cookie;
    char mark = result->failed ? '!' : result->skipped ? '-' :
                result->status == UPLOAD_DUPLICATE ? '=' : '+';
    size_t len = strlen(t->order);
    const char *name = strrchr(result->input, '-') + 1;
    snprintf(t->order + len, sizeof t->order - len, "%s%s%c", len ? " " : "", name, mark);
    if (result->failed) {
        t->error = result->error;
    }
}

static void note_counts(void *cookie, const struct batch_counts *c)
{
    struct trial *t = cookie;
    t->is_odd = t->is_odd || c->under_way < 0 || c->bytes < 0 ||
                c->bytes + c->under_way > t->size || c->done > c->total;
    t->most_under_way = c->under_way > t->most_under_way ? c->under_way
                                                         : t->most_under_way;
}

/* A picture with TAIL behind its end, which makes it another one. */
static void add_input(struct trial *t, const char *name, const char *tail)
{
    static char picture[1 << 20];
    char *path = mem_printf("%s-%s", t->path, name);
    FILE *in = fopen("tests/pictures/lighthouse.jpg", "rbe");
    size_t len = in ? fread(picture, 1, sizeof picture, in) : 0;
    FILE *out = fopen(path, "wbe");
    if (!in || !out || len == 0 || fwrite(picture, 1, len, out) != len ||
        fputs(tail, out) < 0 || fclose(out) != 0) {
        printf("Bail out! cannot write %s\n", path);
        exit(1);
    }
    fclose(in);
    t->size += (int64_t)(len + strlen(tail));
    strlist_take(&t->inputs, path);
}

/* COUNT inputs, 0 to 9, in a catalog of their own. */
static void begin(struct trial *t, int count)
{
    static int number;
    *t = (struct trial){ .fake = { .store = { .ops = &ops } },
                         .how = { .jobs = 3, .tick = 1 }, .inputs = STRLIST_INIT };
    snprintf(t->path, sizeof t->path, "%s/%d", scratch, number++);
    t->catalog = open_at(t->path);
    for (int i = 0; i < count; i++) {
        char name[2] = { (char)('0' + i), '\0' };
        add_input(t, name, name);
    }
}

static void go(struct trial *t)
{
    struct error err = ERROR_INIT;
    struct upload_options upload = {
        .limits = image_default_limits,
        .business_id = default_business(t->catalog),
        .tags = &(struct strlist)STRLIST_INIT,
        .trace_fd = -1,
    };
    struct store *store = t->store ? t->store : &t->fake.store;
    struct batch *b = batch_new(&upload, &t->how, t->catalog, store, &t->inputs);
    must(batch_run(b, note_result, note_counts, t, &t->counts, &err), &err);
    batch_free(b);
}

static int64_t number_of(const struct trial *t, const char *sql)
{
    return raw_number(t->path, sql);
}

static void end(struct trial *t)
{
    catalog_close(t->catalog);
    strlist_release(&t->inputs);
}

/* ---- Tests ---- */

TEST(bytes_move_while_they_are_under_way)
{
    struct trial t;
    begin(&t, 6);
    t.fake.deeds[1] = t.fake.deeds[4] = REPEATS;
    go(&t);
    CHECK(!t.is_odd);
    CHECK(t.most_under_way > 0);
    CHECK_INT(t.counts.under_way, 0);
    CHECK_INT(t.counts.bytes, t.size);
    CHECK_INT(t.counts.done, 6);
    end(&t);
}

TEST(what_failed_does_not_count)
{
    struct trial t;
    begin(&t, 4);
    t.fake.deeds[2] = FAILS;
    go(&t);
    CHECK(!t.is_odd);
    CHECK_STR(t.order, "0+ 1+ 2! 3+");
    CHECK_INT(t.counts.under_way, 0);
    CHECK_INT(t.counts.bytes, t.size / 4 * 3);
    CHECK_INT(t.counts.failed, 1);
    CHECK_INT(number_of(&t, "SELECT count(*) FROM transfers WHERE error = 'as told'"), 1);
    CHECK_INT(number_of(&t, "SELECT count(*) FROM images"), 3);
    end(&t);
}

TEST(results_come_in_order)
{
    struct trial t;
    begin(&t, 10);
    t.fake.backwards = true;
    go(&t);
    CHECK_STR(t.order, "0+ 1+ 2+ 3+ 4+ 5+ 6+ 7+ 8+ 9+");
    CHECK(t.fake.most <= 3);
    end(&t);
}

TEST(twins_are_sent_once)
{
    struct trial t;
    begin(&t, 1);
    add_input(&t, "1", "0");
    add_input(&t, "2", "other");
    add_input(&t, "3", "0");
    go(&t);
    CHECK_STR(t.order, "0+ 1= 2+ 3=");
    CHECK_INT(t.fake.started, 2);
    end(&t);
}

TEST(a_twin_is_sent_when_the_first_failed)
{
    struct trial t;
    begin(&t, 1);
    add_input(&t, "1", "0");
    t.fake.deeds[0] = FAILS;
    go(&t);
    CHECK_STR(t.order, "0! 1+");
    CHECK_INT(number_of(&t, "SELECT count(*) FROM transfers"), 0);
    end(&t);
}

TEST(the_first_failure_can_stop_it)
{
    struct trial t;
    begin(&t, 8);
    t.how.stop_on_error = true;
    t.how.jobs = 1;
    t.fake.deeds[1] = FAILS;
    go(&t);
    CHECK_STR(t.order, "0+ 1! 2- 3- 4- 5- 6- 7-");
    CHECK_INT(t.counts.done, 2);
    CHECK_INT(number_of(&t, "SELECT count(*) FROM transfers"), 1);
    end(&t);
}

TEST(refused_credentials_stop_it)
{
    struct trial t;
    begin(&t, 6);
    t.how.jobs = 1;
    t.fake.deeds[0] = REFUSES;
    go(&t);
    CHECK_STR(t.order, "0! 1- 2- 3- 4- 5-");
    CHECK_INT(t.fake.started, 1);
    end(&t);
}

/* The rows of a group that the catalog undoes are not told as done, and what was sent is
 * still in the journal. */
TEST(a_group_that_is_lost)
{
    struct trial t;
    begin(&t, 3);
    CHECK_INT(raw_exec(t.path, "CREATE TRIGGER no BEFORE INSERT ON images BEGIN"
                       " SELECT RAISE(ROLLBACK, 'no room'); END"), 0);
    go(&t);
    CHECK(!t.is_odd);
    CHECK_INT(t.counts.bytes, 0);
    CHECK_INT(t.counts.under_way, 0);
    CHECK(t.counts.failed > 0);
    CHECK(strchr(t.order, '+') == NULL);
    CHECK_INT(t.error.kind, ERROR_CATALOG);
    CHECK_INT(number_of(&t, "SELECT count(*) FROM images"), 0);
    CHECK(number_of(&t, "SELECT count(*) FROM transfers") > 0);
    CHECK_INT(raw_exec(t.path, "DROP TRIGGER no"), 0);
    t.order[0] = '\0';
    go(&t);
    CHECK_STR(t.order, "0+ 1+ 2+");
    CHECK_INT(number_of(&t, "SELECT count(*) FROM transfers"), 0);
    end(&t);
}

/* Its name in the store is that of other bytes: they must never be found there. */
TEST(a_file_that_changes_while_it_is_stored)
{
    const struct timespec before[2] = { { .tv_sec = 1000 }, { .tv_sec = 1000 } };
    struct error err = ERROR_INIT;
    struct config *config;
    struct disturbed d = { .store = { .ops = &disturbed_ops } };
    struct trial t;
    setenv("XDG_DATA_HOME", scratch, 1);
    must(config_load(NULL, &config, &err), &err);
    const struct store_context context = { .config = config, .trace_fd = -1 };
    must(store_open("local", &context, &d.real, &err), &err);
    begin(&t, 1);
    t.store = &d.store;
    d.path = t.inputs.items[0];
    CHECK_INT(utimensat(AT_FDCWD, d.path, before, 0), 0);
    go(&t);
    CHECK_STR(t.order, "0!");
    CHECK_INT(t.error.kind, ERROR_FILE);

    disturb(d.path, '\xff');
    d.path = NULL;
    t.order[0] = '\0';
    go(&t);
    CHECK_STR(t.order, "0+");
    struct picture p;
    CHECK_INT(catalog_picture(t.catalog, 1, &p, &err), 1);
    struct stored what = picture_stored(&p);
    struct store_fact fact = { .what = &what, .sha256 = p.sha256,
                               .size = p.file_size_bytes };
    must(d.real->ops->examine(d.real, &fact, 1, true, &err), &err);
    CHECK_INT(fact.state, STORE_HAS);
    picture_release(&p);
    end(&t);
    store_close(d.real);
    config_free(config);
}

/* Two at once send the same: one that gives up leaves the other's journal alone. */
TEST(a_transfer_that_was_taken_over)
{
    struct error err = ERROR_INIT;
    struct trial t;
    begin(&t, 0);
    struct transfer one = { .business_id = default_business(t.catalog),
                            .store = mem_strdup("fake"), .sha256 = mem_strdup("ab"),
                            .size = 1 };
    struct transfer other = { .business_id = one.business_id,
                              .store = mem_strdup("fake"), .sha256 = mem_strdup("ab"),
                              .size = 1 };
    must(catalog_transfer_begin(t.catalog, &one, &err), &err);
    must(catalog_transfer_begin(t.catalog, &other, &err), &err);
    must(catalog_transfer_end(t.catalog, &one, &err), &err);
    CHECK_INT(number_of(&t, "SELECT count(*) FROM transfers"), 1);
    must(catalog_transfer_end(t.catalog, &other, &err), &err);
    CHECK_INT(number_of(&t, "SELECT count(*) FROM transfers"), 0);
    transfer_release(&one);
    transfer_release(&other);
    end(&t);
}

int main(void)
{
    scratch_make();
    RUN(bytes_move_while_they_are_under_way);
    RUN(what_failed_does_not_count);
    RUN(results_come_in_order);
    RUN(twins_are_sent_once);
    RUN(a_twin_is_sent_when_the_first_failed);
    RUN(the_first_failure_can_stop_it);
    RUN(refused_credentials_stop_it);
    RUN(a_group_that_is_lost);
    RUN(a_file_that_changes_while_it_is_stored);
    RUN(a_transfer_that_was_taken_over);
    scratch_remove();
    return test_end();
}
