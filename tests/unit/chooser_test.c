/* Choosing: the window of rows, search, kinds, marks; and going through folders. */
#include "imgctl/chooser.h"

#include "catalog_support.h"
#include "imgctl/folder.h"

#define PICTURES 1000 /* more than three windows */

static struct catalog *catalog;

/* Ids 1 to PICTURES; every tenth is generated; names by their number. */
static void fill(void)
{
    struct error err = ERROR_INIT;
    int64_t business;
    catalog = open_at(in_scratch("catalog.db"));
    business = default_business(catalog);
    must(catalog_group_begin(catalog, &err), &err);
    for (int i = 1; i <= PICTURES; i++) {
        char sha256[65], name[32];
        snprintf(sha256, sizeof sha256, "%064d", i);
        snprintf(name, sizeof name, "picture-%04d.jpg", i);
        struct picture p = {
            .business_id = business,
            .original_filename = name,
            .storage_provider = "local",
            .storage_url = "file:///x",
            .mime_type = "image/jpeg",
            .sha256 = sha256,
            .file_size_bytes = i,
            .width = 10,
            .height = 10,
            .ai_generated = i % 10 == 0,
        };
        must(catalog_picture_add(catalog, &p, 0, &err), &err);
    }
    must(catalog_group_commit(catalog, &err), &err);
}

static void begin(struct chooser *c)
{
    const struct selection all = { .search = NULL };
    struct error err = ERROR_INIT;
    chooser_init(c, catalog, &all);
    CHECK_INT(chooser_refresh(c, &err), 0);
}

static int64_t id_at(struct chooser *c, int64_t position)
{
    struct error err = ERROR_INIT;
    const struct picture *p = chooser_row(c, position, &err);
    CHECK_INT(err.kind, ERROR_NONE);
    return p ? p->id : 0;
}

/* From either end, and backwards: the newest first, each once. */
TEST(every_row_is_where_it_belongs)
{
    struct chooser c;
    begin(&c);
    CHECK_INT(c.total, PICTURES);
    for (int64_t i = 0; i < PICTURES; i++) {
        CHECK_INT(id_at(&c, i), PICTURES - i);
    }
    for (int64_t i = PICTURES - 1; i >= 0; i -= 7) {
        CHECK_INT(id_at(&c, i), PICTURES - i);
        CHECK(c.count <= CHOOSER_WINDOW);
    }
    CHECK_INT(id_at(&c, 499), 501);
    CHECK_INT(id_at(&c, PICTURES), 0);
    CHECK_INT(id_at(&c, -1), 0);
    chooser_release(&c);
}

TEST(the_cursor_stays_inside)
{
    struct chooser c;
    begin(&c);
    chooser_move(&c, -1);
    CHECK_INT(c.cursor, 0);
    chooser_move(&c, INT64_MAX);
    CHECK_INT(c.cursor, PICTURES - 1);
    chooser_move(&c, 1);
    CHECK_INT(c.cursor, PICTURES - 1);
    chooser_move(&c, INT64_MIN);
    CHECK_INT(c.cursor, 0);
    chooser_release(&c);
}

TEST(kinds_and_search)
{
    struct error err = ERROR_INIT;
    struct chooser c;
    begin(&c);
    c.kind = CHOOSE_AI;
    CHECK_INT(chooser_refresh(&c, &err), 0);
    CHECK_INT(c.total, PICTURES / 10);
    CHECK_INT(id_at(&c, 1), PICTURES - 10);
    c.kind = CHOOSE_UPLOADED;
    chooser_type(&c, "-099");
    CHECK_INT(chooser_refresh(&c, &err), 0);
    CHECK_INT(c.total, 9);
    CHECK_INT(id_at(&c, 0), 999);
    CHECK(chooser_erase(&c));
    CHECK_STR(c.search.data, "-09");
    while (chooser_erase(&c)) {
        continue;
    }
    chooser_type(&c, "zz");
    CHECK_INT(chooser_refresh(&c, &err), 0);
    CHECK_INT(c.total, 0);
    CHECK_INT(id_at(&c, 0), 0);
    CHECK(!chooser_search_is_short(&c));
    chooser_release(&c);
}

TEST(marks_keep_their_order_and_their_number)
{
    struct chooser c;
    begin(&c);
    c.max = 2;
    CHECK(chooser_mark(&c, 7) && chooser_mark(&c, 3));
    CHECK(!chooser_mark(&c, 5));
    CHECK(chooser_mark(&c, 7)); /* takes it back */
    CHECK(chooser_mark(&c, 5));
    CHECK_INT(c.mark_count, 2);
    CHECK_INT(c.marks[0], 3);
    CHECK_INT(c.marks[1], 5);
    CHECK(chooser_is_marked(&c, 5) && !chooser_is_marked(&c, 7));
    chooser_release(&c);
    begin(&c);
    c.max = 1;
    CHECK(chooser_mark(&c, 7) && chooser_mark(&c, 3)); /* the mark moves */
    CHECK_INT(c.mark_count, 1);
    CHECK_INT(c.marks[0], 3);
    chooser_release(&c);
}

TEST(no_catalog_has_no_rows)
{
    const struct selection all = { .search = NULL };
    struct error err = ERROR_INIT;
    struct chooser c;
    chooser_init(&c, NULL, &all);
    CHECK_INT(chooser_refresh(&c, &err), 0);
    CHECK_INT(c.total, 0);
    CHECK_INT(id_at(&c, 0), 0);
    chooser_release(&c);
}

/* ---- Folders ---- */

static void touch(const char *name)
{
    FILE *f = fopen(in_scratch(name), "w");
    CHECK(f && fclose(f) == 0);
}

static const char *entries(struct folder *f)
{
    static char line[512];
    struct error err = ERROR_INIT;
    CHECK_INT(folder_refresh(f, &err), 0);
    line[0] = '\0';
    for (size_t i = 0; i < f->entries.len; i++) {
        snprintf(line + strlen(line), sizeof line - strlen(line), "%s%s", i ? " " : "",
                 f->entries.items[i]);
    }
    return line;
}

TEST(folders)
{
    struct folder f = FOLDER_INIT;
    CHECK(mkdir(in_scratch("d"), 0700) == 0 && mkdir(in_scratch("d/sub"), 0700) == 0 &&
          mkdir(in_scratch("d/.git"), 0700) == 0);
    touch("d/b.PNG");
    touch("d/A.jpg");
    touch("d/notes.txt");
    touch("d/.hidden.jpg");
    folder_type(&f, in_scratch("d/"));
    CHECK_STR(entries(&f), "sub/ A.jpg b.PNG");
    folder_type(&f, "B");
    CHECK_STR(entries(&f), "b.PNG");
    char *path = folder_path(&f);
    CHECK_STR(path, in_scratch("d/b.PNG"));
    free(path);
    CHECK(!folder_enter(&f));
    CHECK(folder_erase(&f));
    folder_type(&f, ".");
    CHECK_STR(entries(&f), ".git/ .hidden.jpg");
    folder_erase(&f);
    entries(&f);
    CHECK(folder_enter(&f));
    CHECK_STR(entries(&f), "");
    folder_leave(&f);
    CHECK_STR(entries(&f), "sub/ A.jpg b.PNG");
    folder_move(&f, 99);
    path = folder_path(&f);
    CHECK_STR(path, in_scratch("d/b.PNG"));
    free(path);
    folder_release(&f);
}

TEST(folders_above)
{
    struct folder f = FOLDER_INIT;
    folder_leave(&f);
    CHECK_STR(f.typed.data, "../");
    folder_leave(&f);
    CHECK_STR(f.typed.data, "../../");
    while (folder_erase(&f)) {
        continue;
    }
    folder_type(&f, "/etc/x");
    folder_leave(&f);
    CHECK_STR(f.typed.data, "/etc/");
    folder_leave(&f);
    folder_leave(&f);
    CHECK_STR(f.typed.data, "/");
    folder_release(&f);
}

TEST(a_folder_that_is_not_there)
{
    struct folder f = FOLDER_INIT;
    struct error err = ERROR_INIT;
    folder_type(&f, in_scratch("none/"));
    CHECK_INT(folder_refresh(&f, &err), -1);
    CHECK_INT(err.kind, ERROR_FILE);
    CHECK_INT(f.entries.len, 0);
    folder_release(&f);
}

int main(void)
{
    scratch_make();
    fill();
    RUN(every_row_is_where_it_belongs);
    RUN(the_cursor_stays_inside);
    RUN(kinds_and_search);
    RUN(marks_keep_their_order_and_their_number);
    RUN(no_catalog_has_no_rows);
    RUN(folders);
    RUN(folders_above);
    RUN(a_folder_that_is_not_there);
    catalog_close(catalog);
    scratch_remove();
    return test_end();
}
