/* Selecting: every filter against a plain loop in C, pages, orders, any text. */

#include "catalog_support.h"

#include <ctype.h>
#include <strings.h>

#include "../../src/catalog/query.h"

#define PICTURES 2000
#define TRIALS 600

static struct error err;
static struct catalog *catalog;
static struct picture pictures[PICTURES]; /* pictures[i].id is i + 1 */

static const char *const words[] = {
    "cat", "Dog", "coffee", "\"cup\"", "50%", "a_b", "AND", "\xc3\x89t\xc3\xa9",
    "\xe6\x9d\xb1\xe4\xba\xac", "x",
};
static const char *const business_names[] = { "default", "Bakery", "Caf\xc3\xa9" };
static const int64_t sides[] = { 0, 320, 1080, 1350, 1920, 4000 };

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define PICK(array, seed) ((array)[draw(seed) % COUNT(array)])

static char *some_words(uint64_t *seed)
{
    return mem_printf("%s %s-%u", PICK(words, seed), PICK(words, seed), draw(seed) % 50);
}

static void make_picture(struct picture *p, uint64_t *seed, uint64_t number)
{
    *p = sample(1 + (int64_t)(draw(seed) % 3), number);
    free(p->original_filename);
    p->original_filename = some_words(seed);
    if (draw(seed) % 2) {
        free(p->storage_provider);
        p->storage_provider = mem_strdup("cloudinary");
    }
    p->ai_generated = draw(seed) % 3 == 0;
    p->ai_prompt = p->ai_generated ? some_words(seed) : NULL;
    p->alt_text = draw(seed) % 4 ? NULL : some_words(seed);
    p->width = PICK(sides, seed);
    p->height = PICK(sides, seed);
    p->file_size_bytes = draw(seed) % 1000;
    p->created_at = 1700000000000 + draw(seed) % 100000;
    p->updated_at = draw(seed) % 2 ? 1700000000000 + draw(seed) % 100 : 0;
    p->deleted_at = draw(seed) % 10 ? 0 : 1750000000000;
    for (unsigned i = draw(seed) % 4; i > 1; i--) {
        const char *tag = PICK(words, seed);
        if (!strlist_has(&p->tags, tag)) {
            strlist_add(&p->tags, tag);
        }
    }
}

static void fill(void)
{
    uint64_t seed = 42;
    int64_t id;
    catalog = open_at(in_scratch("select.db"));
    default_business(catalog);
    must(catalog_business_add(catalog, business_names[1], &id, &err), &err);
    must(catalog_business_add(catalog, business_names[2], &id, &err), &err);
    CHECK_INT(sqlite3_exec(catalog->db, "PRAGMA synchronous = OFF", NULL, NULL, NULL), 0);
    for (size_t i = 0; i < PICTURES; i++) {
        make_picture(&pictures[i], &seed, i);
        must(catalog_picture_add(catalog, &pictures[i], 0, &err), &err);
        CHECK_INT(pictures[i].id, (int64_t)i + 1);
    }
}

/* Lower case, where the only letter beyond ASCII is that of `words`. */
static void fold_into(char *out, size_t size, const char *text)
{
    snprintf(out, size, "%s", text);
    for (char *p = out; *p; p++) {
        if (p[0] == '\xc3' && p[1] == '\x89') {
            p[1] = '\xa9';
        }
        *p = (char)((unsigned char)*p < 0x80 ? tolower((unsigned char)*p) : *p);
    }
}

static bool text_has(const char *text, const char *term)
{
    char a[256], b[256];
    fold_into(a, sizeof a, text ? text : "");
    fold_into(b, sizeof b, term);
    return text && strstr(a, b);
}

static bool is_found(const struct picture *p, const char *term)
{
    bool found = text_has(p->original_filename, term) || text_has(p->ai_prompt, term) ||
                 text_has(p->alt_text, term);
    for (size_t i = 0; i < p->tags.len; i++) {
        found = found || text_has(p->tags.items[i], term);
    }
    return found;
}

static bool in_range(const struct range *r, int64_t value)
{
    return (!r->has_min || value >= r->min) && (!r->has_max || value <= r->max);
}

/* 1 if WIDTH : HEIGHT is more than R, -1 if less. */
static int compare_ratio(int64_t width, int64_t height, const struct ratio *r)
{
    __int128 difference = (__int128)width * r->den - (__int128)height * r->num;
    return difference > 0 ? 1 : difference < 0 ? -1 : 0;
}

static bool in_ratio(const struct ratio_range *r, int64_t width, int64_t height)
{
    if (!r->has_min && !r->has_max) {
        return true;
    }
    return height > 0 && (!r->has_min || compare_ratio(width, height, &r->min) >= 0) &&
           (!r->has_max || compare_ratio(width, height, &r->max) <= 0);
}

static bool is_selected(const struct selection *s, const struct picture *p)
{
    for (size_t i = 0; i < s->tags.len; i++) {
        if (!strlist_has(&p->tags, s->tags.items[i])) {
            return false;
        }
    }
    return s->deleted == (p->deleted_at != 0) && (!s->only_ai || p->ai_generated) &&
           (!s->only_uploaded || !p->ai_generated) &&
           (!s->business ||
            strcmp(s->business, business_names[p->business_id - 1]) == 0) &&
           (!s->store || strcmp(s->store, p->storage_provider) == 0) &&
           in_range(&s->created, p->created_at) && in_range(&s->width, p->width) &&
           in_range(&s->height, p->height) && in_range(&s->bytes, p->file_size_bytes) &&
           in_ratio(&s->ratio, p->width, p->height) &&
           (!s->search || is_found(p, s->search));
}

static struct range some_range(uint64_t *seed, int64_t from, uint32_t span)
{
    struct range r = { .has_min = draw(seed) % 2, .has_max = draw(seed) % 2 };
    r.min = from + draw(seed) % span;
    r.max = r.min + draw(seed) % span;
    return r;
}

static struct ratio_range some_ratio(uint64_t *seed)
{
    static const struct ratio ratios[] = { { 4, 5 }, { 1, 1 }, { 191, 100 }, { 16, 9 },
                                           { 1, INT64_MAX / 3 }, { 8, 10 } };
    return (struct ratio_range){
        .min = PICK(ratios, seed),
        .max = PICK(ratios, seed),
        .has_min = draw(seed) % 2,
        .has_max = draw(seed) % 2,
    };
}

/* One to four conditions at random. */
static void make_selection(struct selection *s, uint64_t *seed)
{
    static const char *const terms[] = {
        "cat", "DOG", "c", "g ", "\"", "\"cup", "0%", "_", "AND", "\xc3\xa9t\xc3\xa9",
        "\xc3\x89", "\xe6\x9d\xb1", "\xe6\x9d\xb1\xe4\xba\xac ", "coffee cat", "absent",
        "-1", "*", "x x-4", "",
    };
    *s = (struct selection){ .deleted = draw(seed) % 4 == 0 };
    for (unsigned i = draw(seed) % 4; i < 4; i++) {
        switch (draw(seed) % 11) {
        case 0: s->search = PICK(terms, seed); break;
        case 1: s->only_ai = true; break;
        case 2: s->only_uploaded = true; break;
        case 3: s->business = PICK(business_names, seed); break;
        case 4: s->store = draw(seed) % 2 ? "local" : "cloudinary"; break;
        case 5: strlist_add(&s->tags, PICK(words, seed)); break;
        case 6: s->created = some_range(seed, 1700000000000, 100000); break;
        case 7: s->width = some_range(seed, 0, 2000); break;
        case 8: s->height = some_range(seed, 0, 2000); break;
        case 9: s->bytes = some_range(seed, 0, 500); break;
        default: s->ratio = some_ratio(seed); break;
        }
    }
}

struct seen {
    bool ids[PICTURES + 1];
    int64_t last, count, twice;
    bool ordered, reverse;
    enum catalog_sort sort;
};

static int64_t key_of(const struct picture *p, enum catalog_sort sort)
{
    switch (sort) {
    case SORT_BYTES: return p->file_size_bytes;
    case SORT_WIDTH: return p->width;
    case SORT_HEIGHT: return p->height;
    case SORT_CREATED: return p->created_at;
    case SORT_UPDATED: return p->updated_at;
    default: return p->id;
    }
}

/* Does A come before B, both of them known pictures? */
static bool comes_before(const struct picture *a, const struct picture *b,
                         enum catalog_sort sort, bool reverse)
{
    int64_t difference = sort == SORT_NAME
        ? strcasecmp(a->original_filename, b->original_filename)
        : key_of(b, sort) - key_of(a, sort);
    if (difference == 0) {
        difference = b->id - a->id;
    }
    return reverse ? difference > 0 : difference < 0;
}

static int see(void *cookie, const struct picture *p)
{
    struct seen *seen = cookie;
    if (seen->last) {
        seen->ordered = seen->ordered &&
            comes_before(&pictures[seen->last - 1], &pictures[p->id - 1], seen->sort,
                         seen->reverse);
    }
    seen->twice += seen->ids[p->id];
    seen->ids[p->id] = true;
    seen->last = p->id;
    seen->count++;
    return 0;
}

/* Fetch everything of S, in pages of random lengths, in a random order. */
static void fetch(const struct selection *s, struct seen *seen, uint64_t *seed)
{
    struct page page = { .sort = (enum catalog_sort)(draw(seed) % (SORT_UPDATED + 1)),
                         .reverse = draw(seed) % 2 };
    *seen = (struct seen){ .ordered = true, .reverse = page.reverse, .sort = page.sort };
    int64_t before;
    do {
        before = seen->count;
        page.limit = draw(seed) % 4 ? 1 + draw(seed) % 700 : 0;
        CHECK_INT(catalog_select(catalog, s, &page, see, seen, &err), 0);
        page.offset = seen->count;
    } while (seen->count > before);
}

TEST(agrees_with_a_plain_loop)
{
    uint64_t seed = 1;
    static struct seen seen;
    int64_t selected = 0;
    for (int trial = 0; trial < TRIALS && test_failed_checks < 5; trial++) {
        struct selection s;
        make_selection(&s, &seed);
        fetch(&s, &seen, &seed);
        int64_t expected = 0, total = -1;
        bool same = true;
        for (size_t i = 0; i < PICTURES; i++) {
            bool is = is_selected(&s, &pictures[i]);
            same = same && is == seen.ids[i + 1];
            expected += is;
        }
        selected += expected;
        CHECK_INT(catalog_count(catalog, &s, &total, &err), 0);
        if (!same || total != expected || seen.twice || !seen.ordered) {
            printf("# trial %d: search %s: %jd rows, total %jd, not %jd; ordered %d\n",
                   trial, s.search ? s.search : "-", (intmax_t)seen.count,
                   (intmax_t)total, (intmax_t)expected, seen.ordered);
        }
        CHECK(same && seen.twice == 0 && seen.ordered);
        CHECK_INT(total, expected);
        strlist_release(&s.tags);
    }
    CHECK(selected > 10 * TRIALS); /* the trials are not all about nothing */
}

static int stop_at_three(void *cookie, const struct picture *p)
{
    (void)p;
    return ++*(int *)cookie == 3;
}

TEST(stops_and_nests)
{
    int calls = 0;
    struct page page = { .limit = 0 };
    struct selection all = { .search = NULL };
    CHECK_INT(catalog_select(catalog, &all, &page, stop_at_three, &calls, &err), 0);
    CHECK_INT(calls, 3);
    page.offset = INT64_MAX;
    CHECK_INT(catalog_select(catalog, &all, &page, stop_at_three, &calls, &err), 0);
    page.offset = -5;
    page.limit = 1;
    CHECK_INT(catalog_select(catalog, &all, &page, stop_at_three, &calls, &err), 0);
    CHECK_INT(calls, 4);
}

TEST(far_ends_of_ranges)
{
    struct selection s = { .created = { INT64_MIN, INT64_MAX, true, true },
                           .width = { INT64_MIN, INT64_MAX, true, true },
                           .bytes = { INT64_MIN, INT64_MAX, true, true } };
    int64_t live = count_of(catalog, (struct selection){ .search = NULL });
    CHECK_INT(count_of(catalog, s), live);
    s = (struct selection){ .ratio = { { 1, INT64_MAX }, { INT64_MAX, 1 }, true, true } };
    CHECK(count_of(catalog, s) > 0);
}

TEST(unknown_business_is_not_found)
{
    struct selection s = { .business = "Bakrey" };
    int64_t n;
    error_clear(&err);
    CHECK_INT(catalog_count(catalog, &s, &n, &err), -1);
    CHECK_INT(err.kind, ERROR_NOT_FOUND);
    CHECK(strstr(err.hint, "Bakery"));
}

static bool search_works(const char *term)
{
    struct selection s = { .search = term };
    struct page page = { .limit = 5 };
    int64_t n;
    int calls = 0;
    bool ok = catalog_count(catalog, &s, &n, &err) == 0 &&
              catalog_select(catalog, &s, &page, stop_at_three, &calls, &err) == 0;
    s.deleted = true;
    ok = ok && catalog_count(catalog, &s, &n, &err) == 0;
    s.store = term;
    strlist_add(&s.tags, term);
    ok = ok && catalog_count(catalog, &s, &n, &err) == 0 && n == 0;
    strlist_release(&s.tags);
    if (!ok) {
        printf("# \"%s\": %s\n", term, err.message);
    }
    return ok;
}

TEST(any_text_is_a_search)
{
    static const char *const hostile[] = {
        "\"", "\"\"", "\"\"\"", "'", "''", "';--", "'; DROP TABLE images; --", "a AND b",
        "AND OR NOT", "NEAR(a b)", "NEAR/3", "original_filename:cat", "{a b}: c", "- cat",
        "^cat", "cat*", "\"cat\" *", "(cat", "cat)", "((", "a + b", "%", "_", "%%%",
        "___", "\\", "\\\\\"", "?1", ":x", "@x", "$x", "\x01\x02\x03", "\x7f\x7f\x7f",
        "\xff\xfe\xfd", "\xc3", "abc\xc3", "\xed\xa0\x80", "\xf0\x9f\x90\x95",
        "\xf4\x90\x80\x80 abc", "\342\200\256cat", "   ", "\n\n\n", "\t", "0x00", "NULL",
        "1e999", "--", "/*", "*/", "match", "rank", "search", "rowid:1",
    };
    for (size_t i = 0; i < COUNT(hostile); i++) {
        CHECK(search_works(hostile[i]));
    }
    uint64_t seed = 5;
    for (int i = 0; i < 2000 && test_failed_checks < 5; i++) {
        char term[64];
        size_t len = 1 + draw(&seed) % (sizeof term - 1);
        for (size_t k = 0; k < len; k++) {
            term[k] = draw(&seed) % 3 ? "\"'*()-+^:{} %_\\aAcC"[draw(&seed) % 20]
                                      : (char)(1 + draw(&seed) % 255);
        }
        term[len - 1] = '\0';
        CHECK(search_works(term));
    }
    char longest[2000];
    memset(longest, 'a', sizeof longest);
    longest[1024] = '\0';
    CHECK(search_works(longest));
    longest[1024] = 'a';
    longest[1025] = '\0';
    struct selection s = { .search = longest };
    int64_t n;
    CHECK_INT(catalog_count(catalog, &s, &n, &err), -1);
    CHECK_INT(err.kind, ERROR_USAGE);
    CHECK_INT(raw_number(in_scratch("select.db"), "SELECT count(*) FROM images"),
              PICTURES);
}

TEST(too_many_tags_are_refused)
{
    struct selection s = { .search = NULL };
    for (int i = 0; i < 45; i++) {
        strlist_add(&s.tags, "cat");
    }
    int64_t n;
    s.business = "Bakery";
    s.store = "local";
    s.ratio = (struct ratio_range){ { 1, 9 }, { 9, 1 }, true, true };
    CHECK_INT(catalog_count(catalog, &s, &n, &err), 0);
    strlist_add(&s.tags, "cat");
    CHECK_INT(catalog_count(catalog, &s, &n, &err), -1);
    CHECK_INT(err.kind, ERROR_USAGE);
    strlist_release(&s.tags);
}

/* Everything that SQLite says it will do for S. */
static void plan_of(struct selection *s, enum catalog_sort sort, struct buf *plan)
{
    AUTO_QUERY struct query q = QUERY_INIT;
    struct page page = { .sort = sort, .limit = 20 };
    must(query_build(&q, catalog, s, &page, &err), &err);
    AUTO_FREE char *sql = mem_printf("EXPLAIN QUERY PLAN SELECT %s FROM %s%s%s", q.id,
                                     q.from.data, q.where.data, q.order.data);
    AUTO_SQL struct sql rows = SQL_INIT;
    must(sql_open_once(&rows, catalog, sql, &err), &err);
    buf_clear(plan);
    while (sql_step(&rows, &err) > 0) {
        buf_addf(plan, "%s;", sql_text(&rows, 3));
    }
}

/* What makes a million pictures fast: nothing is sorted that has an order, and
 * rows are left alone until the page is known. */
TEST(plans_stay_on_the_indexes)
{
    struct range r = { 1, 2, true, true };
    struct selection cases[] = {
        { .search = NULL },
        { .only_ai = true, .width = r },
        { .business = "Bakery" },
        { .business = "Bakery", .store = "local", .created = r, .bytes = r, .height = r },
        { .ratio = { { 4, 5 }, { 191, 100 }, true, true } },
        { .deleted = true, .width = r },
        { .search = "coffee" },
        { .search = "coffee", .only_ai = true, .business = "Bakery", .created = r },
        { .store = "local" },
    };
    AUTO_BUF struct buf plan = BUF_INIT;
    for (size_t i = 0; i <= COUNT(cases); i++) {
        struct selection s = { .width = r };
        if (i < COUNT(cases)) {
            s = cases[i];
        } else {
            strlist_add(&s.tags, "cat");
        }
        plan_of(&s, SORT_ID, &plan);
        bool good = !strstr(plan.data, "TEMP B-TREE") &&
                    (strstr(plan.data, "COVERING INDEX images_") ||
                     strcmp(plan.data, "SCAN search VIRTUAL TABLE INDEX 192:M4;") == 0);
        if (!good) {
            printf("# case %zu: %s\n", i, plan.data);
        }
        CHECK(good);
        strlist_release(&s.tags);
    }
    struct selection all = { .search = NULL };
    plan_of(&all, SORT_BYTES, &plan);
    CHECK(strstr(plan.data, "COVERING INDEX images_live"));
}

int main(void)
{
    scratch_make();
    fill();
    RUN(agrees_with_a_plain_loop);
    RUN(stops_and_nests);
    RUN(far_ends_of_ranges);
    RUN(unknown_business_is_not_found);
    RUN(any_text_is_a_search);
    RUN(too_many_tags_are_refused);
    RUN(plans_stay_on_the_indexes);
    for (size_t i = 0; i < PICTURES; i++) {
        picture_release(&pictures[i]);
    }
    catalog_close(catalog);
    scratch_remove();
    return test_end();
}
