/*
 * Profiles and rules: every installed profile, every wrong member, and every rule on
 * both sides of its edge.
 */
#include "imgctl/rules.h"

#include <dirent.h>

#include "../../src/core/preflight.h"
#include "imgctl/buf.h"
#include "imgctl/mem.h"
#include "profiles.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

/* A picture that keeps all of Instagram's rules. */
static struct rule_facts good(void)
{
    return (struct rule_facts){
        .info = { .format = IMAGE_JPEG, .width = 1080, .height = 1080, .orientation = 1,
                  .frames = 1, .pictures = 1, .bits = 8, .channels = 3,
                  .space = SPACE_YCBCR },
        .bytes = 300000,
        .name = "a.jpg",
    };
}

/* "error ig.bytes, warn ig.gps" */
static char *judge(const struct profile *p, const struct rule_facts *facts, bool strict)
{
    struct rule_results r;
    struct buf out = BUF_INIT;
    RULE_RESULTS_INIT(&r);
    rules_check(p, facts, strict, &r);
    for (size_t i = 0; i < r.count; i++) {
        CHECK(r.items[i].found[0] && r.items[i].limit[0]);
        CHECK(r.items[i].fix != NULL);
        buf_addf(&out, "%s%s %s", i ? ", " : "", rule_level_name(r.items[i].level),
                 r.items[i].rule);
    }
    CHECK_INT(rules_valid(&r), strstr(out.data, "error") == NULL);
    return buf_detach(&out);
}

static void expect(const struct profile *p, const struct rule_facts *facts,
                   const char *lenient, const char *strict)
{
    AUTO_FREE char *a = judge(p, facts, false);
    AUTO_FREE char *b = judge(p, facts, true);
    CHECK_STR(a, lenient);
    CHECK_STR(b, strict);
}

TEST(every_profile_is_sound)
{
    DIR *folder = opendir(PROFILES);
    const struct dirent *entry;
    int seen = 0;
    CHECK(folder != NULL);
    while (folder && (entry = readdir(folder))) {
        if (entry->d_name[0] != '.') {
            AUTO_FREE char *name = mem_strdup(entry->d_name);
            *strrchr(name, '.') = '\0';
            struct profile *p = profile_named(name);
            CHECK_STR(p->name, name);
            profile_free(p);
            seen++;
        }
    }
    closedir(folder);
    CHECK(seen >= 20);
}

TEST(wrong_members_are_named)
{
#define GOOD "\"name\":\"a\",\"title\":\"b\",\"date\":\"2026-01-01\",\"prefix\":\"c\""
    static const struct { const char *text, *message; } cases[] = {
        { "[]", "F: this is no JSON object" },
        { "{", NULL },
        { "{" GOOD "}", "F: formats must name at least one format" },
        { "{" GOOD ",\"formats\":[\"tga\"]}", NULL },
        { "{" GOOD ",\"formats\":\"jpeg\"}", "F: formats must be a list of texts" },
        { "{" GOOD ",\"formats\":[1]}", "F: formats must be a list of texts" },
        { "{\"title\":\"b\"}", "F: name must be small letters, digits and hyphens" },
        { "{\"name\":\"../a\"}", "F: name must be small letters, digits and hyphens" },
        { "{" GOOD ",\"prefix\":\"much-too-long\"}",
          "F: prefix must be at most 8 small letters and digits" },
        { "{" GOOD ",\"date\":\"22.11.2026\"}",
          "F: date must be a date such as \"2026-11-22\"" },
        { "{" GOOD ",\"schema\":2}", "F: schema must be 1: another is not known here" },
        { "{" GOOD ",\"widht\":{}}", "F: widht is no member that a profile has" },
        { "{" GOOD ",\"width\":320}", "F: width must be an object" },
        { "{" GOOD ",\"width\":{\"min\":\"320\"}}",
          "F: width.min must be a whole number, 0 or more" },
        { "{" GOOD ",\"width\":{\"min\":-1}}",
          "F: width.min must be a whole number, 0 or more" },
        { "{" GOOD ",\"width\":{\"min\":1.5}}",
          "F: width.min must be a whole number, 0 or more" },
        { "{" GOOD ",\"width\":{\"below\":\"fatal\"}}",
          "F: width.below must be \"info\", \"warn\" or \"error\"" },
        { "{" GOOD ",\"width\":{\"least\":1}}",
          "F: width.least is no member that a profile has" },
        { "{" GOOD ",\"formats\":[\"png\"],\"width\":{\"min\":9,\"max\":8}}",
          "F: width has a min above its max" },
        { "{" GOOD ",\"ratio\":{\"min\":0.8}}",
          "F: ratio.min must be a ratio such as \"4:5\"" },
        { "{" GOOD ",\"ratio\":{\"min\":\"4:0\"}}",
          "F: ratio.min must be a ratio such as \"4:5\"" },
        { "{" GOOD ",\"formats\":[\"png\"],\"ratio\":{\"min\":\"2:1\",\"max\":\"1:1\"}}",
          "F: ratio has a min above its max" },
        { "{" GOOD ",\"srgb\":1}", "F: srgb must be true or false" },
        { "{" GOOD ",\"caption\":{\"unit\":\"bytes\"}}",
          "F: caption.unit must be \"characters\", \"utf16\"" },
        { "{" GOOD ",\"predicts\":{\"bytes\":[1]}}",
          "F: predicts must be a few texts such as \"36000/2207004\"" },
        { "{" GOOD ",\"formats\":[\"png\"],\"items\":{\"min\":3,\"max\":2}}",
          "F: items has a min above its max" },
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct error err = ERROR_INIT;
        struct profile *p = NULL;
        CHECK_INT(profile_parse(cases[i].text, strlen(cases[i].text), "F", &p, &err), -1);
        CHECK_INT(err.kind, ERROR_CONFIG);
        CHECK(strncmp(err.message, "F: ", 3) == 0);
        if (cases[i].message) {
            CHECK_STR(err.message, cases[i].message);
        }
    }
    struct error err = ERROR_INIT;
    struct profile *p = NULL;
    static const char least[] = "{" GOOD ",\"formats\":[\"png\"],\"notes\":null}";
    CHECK_INT(profile_parse(least, sizeof least - 1, "F", &p, &err), 0);
    CHECK_INT(p->width.below, RULE_ERROR);
    profile_free(p);
}

TEST(instagram_geometry)
{
    static const struct {
        uint32_t width, height;
        const char *lenient, *strict;
    } cases[] = {
        { 1080, 1080, "", "" },
        { 1080, 1350, "", "" },
        { 1080, 1351, "warn ig.aspect.undocumented", "error ig.aspect.undocumented" },
        { 1080, 1440, "warn ig.aspect.undocumented", "error ig.aspect.undocumented" },
        { 1080, 1441, "error ig.aspect", "error ig.aspect" },
        { 799, 1000, "warn ig.aspect.undocumented", "error ig.aspect.undocumented" },
        { 800, 1000, "", "" },
        { 1200, 630, "", "" },
        { 1200, 628, "error ig.aspect", "error ig.aspect" },
        { 1080, 566, "", "" },
        { 1080, 565, "error ig.aspect", "error ig.aspect" },
        { 1440, 754, "", "" },
        { 1440, 753, "error ig.aspect", "error ig.aspect" },
        { 1440, 1800, "", "" },
        { 1441, 1800, "info ig.width", "info ig.width" },
        { 3024, 4032, "info ig.width, warn ig.aspect.undocumented",
          "info ig.width, error ig.aspect.undocumented" },
        { 320, 400, "", "" },
        { 320, 401, "warn ig.aspect.undocumented", "error ig.aspect.undocumented" },
        { 320, 320, "", "" },
        { 320, 319, "error ig.size.320", "error ig.size.320" },
        { 319, 320, "error ig.width, error ig.size.320",
          "error ig.width, error ig.size.320" },
        { 600, 315, "error ig.size.320", "error ig.size.320" },
        { 320, 168, "error ig.size.320", "error ig.size.320" },
        { 320, 167, "error ig.size.320, error ig.aspect",
          "error ig.size.320, error ig.aspect" },
        { 640, 335, "error ig.aspect", "error ig.aspect" },
        { UINT32_MAX, UINT32_MAX, "info ig.width", "info ig.width" },
    };
    struct profile *p = profile_named("instagram-feed");
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct rule_facts facts = good();
        int before = test_failed_checks;
        facts.info.width = cases[i].width;
        facts.info.height = cases[i].height;
        expect(p, &facts, cases[i].lenient, cases[i].strict);
        if (test_failed_checks > before) {
            printf("# %ux%u\n", cases[i].width, cases[i].height);
        }
    }
    profile_free(p);
}

/* For a width the heights ceil(100w/191) .. floor(5w/4) are legal, and no other. */
TEST(ratio_edges_of_every_width)
{
    struct profile *p = profile_named("instagram-feed");
    struct rule_facts facts = good();
    for (uint32_t w = 320; w <= 1440; w++) {
        uint32_t least = (100 * w + 190) / 191, most = 5 * w / 4;
        for (uint32_t h = least - 1; h <= most + 1; h += h == least ? most - least : 1) {
            struct rule_results r;
            RULE_RESULTS_INIT(&r);
            facts.info.width = w;
            facts.info.height = h;
            rules_check(p, &facts, true, &r);
            bool broken = false;
            for (size_t i = 0; i < r.count; i++) {
                broken |= strncmp(r.items[i].rule, "ig.aspect", 9) == 0;
            }
            CHECK_INT(broken, h < least || h > most);
        }
    }
    profile_free(p);
}

TEST(instagram_bytes)
{
    static const struct { int64_t bytes; const char *lenient, *strict; } cases[] = {
        { 8000000, "", "" },
        { 8000001, "warn ig.bytes", "error ig.bytes" },
        { 8388608, "warn ig.bytes", "error ig.bytes" },
        { 8388609, "error ig.bytes", "error ig.bytes" },
        { INT64_MAX, "error ig.bytes", "error ig.bytes" },
    };
    struct profile *p = profile_named("instagram-feed");
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct rule_facts facts = good();
        facts.bytes = cases[i].bytes;
        expect(p, &facts, cases[i].lenient, cases[i].strict);
    }
    profile_free(p);
}

TEST(instagram_contents)
{
    struct profile *p = profile_named("instagram-feed");
    struct rule_facts facts = good();
    facts.info.format = IMAGE_PNG;
    facts.info.has_alpha = true;
    facts.name = "a.PNG";
    expect(p, &facts, "warn ig.format.undocumented, warn ig.alpha",
           "error ig.format.undocumented, warn ig.alpha");
    facts.info.frames = 3;
    facts.info.is_animated = true;
    facts.info.has_alpha = false;
    facts.info.bits = 16;
    expect(p, &facts,
           "warn ig.format.undocumented, warn ig.color.depth, warn ig.animation",
           "error ig.format.undocumented, warn ig.color.depth, warn ig.animation");
    facts = good();
    facts.info.format = IMAGE_WEBP;
    expect(p, &facts, "error ig.format, info ig.extension",
           "error ig.format, info ig.extension");
    facts = good();
    facts.info.space = SPACE_YCCK;
    facts.info.profile = PROFILE_OTHER;
    expect(p, &facts, "warn ig.color.space, warn ig.color.profile",
           "warn ig.color.space, warn ig.color.profile");
    facts = good();
    facts.info.profile = PROFILE_SRGB;
    facts.info.is_progressive = true;
    facts.info.space = SPACE_GREY;
    expect(p, &facts, "", "");
    facts.info.profile = PROFILE_DISPLAY_P3;
    facts.info.has_gps = true;
    facts.info.pictures = 2;
    facts.info.is_arithmetic = true;
    expect(p, &facts, "warn ig.color.profile, warn ig.mpo, warn ig.coding, warn ig.gps",
           "warn ig.color.profile, warn ig.mpo, warn ig.coding, warn ig.gps");
    facts = good();
    facts.info.is_stereo = true;
    expect(p, &facts, "warn ig.mpo", "warn ig.mpo");
    profile_free(p);
}

TEST(orientation)
{
    static const struct {
        uint8_t tag; uint32_t width, height;
        const char *lenient;
    } cases[] = {
        { 1, 1080, 1350, "" },
        { 3, 1080, 1350, "warn ig.orientation" },
        { 6, 1080, 1080, "warn ig.orientation" },
        { 6, 1080, 1350, "warn ig.orientation" },
        { 8, 1080, 1440, "warn ig.aspect.undocumented, warn ig.orientation" },
        { 5, 1000, 530, "error ig.orientation" }, /* as stored it is far too tall */
        { 6, 1080, 1920, "error ig.aspect, error ig.orientation" },
    };
    struct profile *p = profile_named("instagram-feed");
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct rule_facts facts = good();
        facts.info.orientation = cases[i].tag;
        facts.info.has_orientation = true;
        facts.info.width = cases[i].width;
        facts.info.height = cases[i].height;
        AUTO_FREE char *got = judge(p, &facts, false);
        CHECK_STR(got, cases[i].lenient);
    }
    profile_free(p);
}

TEST(what_is_said)
{
    struct profile *p = profile_named("instagram-feed");
    struct rule_facts facts = good();
    struct rule_results r;
    RULE_RESULTS_INIT(&r);
    facts.bytes = 9000000;
    facts.info.height = 1440;
    rules_check(p, &facts, false, &r);
    CHECK_INT(r.count, 2);
    CHECK_STR(r.items[0].found, "9000000 bytes");
    CHECK_STR(r.items[0].limit, "at most 8000000");
    CHECK_INT(r.items[0].code, 36000);
    CHECK_INT(r.items[0].subcode, 2207004);
    CHECK_STR(r.items[1].found, "1080x1440, 0.7500");
    CHECK_STR(r.items[1].limit, "4:5..1.91:1");
    CHECK_INT(r.items[1].code, 36003);
    CHECK(r.items[1].undocumented && r.items[1].loses);
    CHECK_INT(rules_repairs(&r), REPAIR_FEWER_BYTES | REPAIR_RATIO);
    profile_free(p);
}

TEST(of_a_catalog_row)
{
    struct profile *p = profile_named("instagram-feed");
    struct rule_facts facts = good();
    facts.from_catalog = true;
    facts.info.orientation = 0;
    expect(p, &facts, "info ig.unchecked", "info ig.unchecked");
    facts.info.width = facts.info.height = 0;
    expect(p, &facts, "info ig.unchecked", "info ig.unchecked");
    profile_free(p);
}

TEST(unreadable)
{
    static const struct {
        enum error_kind kind;
        const char *message, *rule, *found;
    } cases[] = {
        { ERROR_IMAGE_TYPE, "this is a GIF picture, not a JPEG, PNG or WebP", "ig.format",
          "a GIF picture" },
        { ERROR_IMAGE_TYPE, "this is no JPEG, PNG or WebP", "ig.format", "no JPEG" },
        { ERROR_IMAGE_TYPE, "the file is empty", "ig.format", "the file is empty" },
        { ERROR_IMAGE_CORRUPT, "truncated: x", "ig.corrupt", "truncated: x" },
        { ERROR_IMAGE_LIMIT, "too many", "ig.limit", "too many" },
    };
    struct profile *p = profile_named("instagram-feed");
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct error err = ERROR_INIT;
        struct rule_results r;
        RULE_RESULTS_INIT(&r);
        error_set(&err, cases[i].kind, "%s", cases[i].message);
        rules_check_unreadable(p, &err, &r);
        CHECK_INT(r.count, 1);
        CHECK_STR(r.items[0].rule, cases[i].rule);
        CHECK_STR(r.items[0].found, cases[i].found);
        CHECK(!rules_valid(&r));
    }
    profile_free(p);
}

TEST(other_profiles)
{
    static const struct {
        const char *name; uint32_t width, height;
        const char *wanted;
    } cases[] = {
        { "instagram-square", 1080, 1080, "" },
        { "instagram-square", 1080, 1079, "error ig.aspect" },
        { "instagram-portrait", 1080, 1350, "" },
        { "instagram-portrait", 1080, 1440, "warn ig.aspect.undocumented" },
        { "instagram-portrait", 1080, 1080, "error ig.aspect" },
        { "instagram-story", 1080, 1920, "" },
        { "instagram-story", 1080, 1910, "" },
        { "instagram-story", 1080, 1350, "warn ig.aspect.advised" },
        { "threads", 300, 300, "info threads.width" },
        { "threads", 1000, 100, "" },
        { "threads", 1001, 100, "error threads.aspect" },
        { "tiktok", 1080, 1920, "" },
        { "tiktok", 1081, 1920, "error tiktok.short_side" },
        { "tiktok", 1080, 1921, "error tiktok.long_side" },
        { "linkedin", 36152319, 1, "" },
        { "linkedin", 6016, 6010, "error li.pixels" },
        { "web-hero", 1599, 800, "error web.width" },
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct profile *p = profile_named(cases[i].name);
        struct rule_facts facts = good();
        facts.info.width = cases[i].width;
        facts.info.height = cases[i].height;
        AUTO_FREE char *got = judge(p, &facts, false);
        CHECK_STR(got, cases[i].wanted);
        profile_free(p);
    }
}

/* ---- Pictures that are posted together ---- */

TEST(carousel)
{
    static const struct { uint32_t width, height; size_t results; } siblings[] = {
        { 1080, 1350, 0 }, { 1440, 1800, 0 }, { 1000, 1250, 0 }, { 333, 416, 0 },
        { 1080, 1349, 1 }, { 1080, 1080, 1 },  { 1350, 1080, 1 },
    };
    struct profile *p = profile_named("instagram-carousel");
    struct rule_results r;
    for (int64_t n = 0; n < 13; n++) {
        RULE_RESULTS_INIT(&r);
        rules_check_count(p, n, &r);
        CHECK_INT(rules_valid(&r), n >= 2 && n <= 10);
    }
    CHECK_STR(r.items[0].rule, "ig.carousel.count");
    CHECK_INT(r.items[0].subcode, 2207028);
    struct image_info first = { .width = 1080, .height = 1350 };
    for (size_t i = 0; i < COUNT(siblings); i++) {
        struct image_info other = { .width = siblings[i].width,
                                    .height = siblings[i].height };
        RULE_RESULTS_INIT(&r);
        rules_check_sibling(p, &first, &other, &r);
        CHECK_INT(r.count, siblings[i].results);
    }
    profile_free(p);
}

/* ---- Captions ---- */

TEST(caption_counts)
{
    static const struct {
        const char *text;
        int characters, utf16, hashtags, mentions;
    } cases[] = {
        { "", 0, 0, 0, 0 },
        { "a\n", 1, 1, 0, 0 },
        { "a\r\n", 1, 1, 0, 0 },
        { "a\n\n", 2, 2, 0, 0 },
        { "\n", 0, 0, 0, 0 },
        { "Zażółć", 6, 6, 0, 0 },
        { "🌊🌊", 2, 4, 0, 0 },
        { "👩‍🚀", 3, 5, 0, 0 }, /* a woman, a joiner, a rocket */
        { "#sea #sea", 9, 9, 2, 0 },
        { "#a#b ##c", 8, 8, 3, 0 },
        { "# #! #", 6, 6, 0, 0 },
        { "#море #海 #été #🌊 ＃海", 19, 20, 5, 0 },
        { "#️⃣ &#39; https://e.x/#frag", 27, 27, 0, 0 },
        { "#–dash #“quote", 14, 14, 0, 0 },
        { "@anna @b.c, (@d_e)", 18, 18, 0, 3 },
        { "mail a@b.c @ @@x", 16, 16, 0, 1 },
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct caption c;
        int before = test_failed_checks;
        caption_measure(cases[i].text, strlen(cases[i].text), &c);
        CHECK(c.is_utf8);
        CHECK_INT(c.characters, cases[i].characters);
        CHECK_INT(c.utf16, cases[i].utf16);
        CHECK_INT(c.hashtags, cases[i].hashtags);
        CHECK_INT(c.mentions, cases[i].mentions);
        if (test_failed_checks > before) {
            printf("# %s\n", cases[i].text);
        }
    }
}

static char *judge_caption(const char *profile, const struct caption *c, bool strict)
{
    struct profile *p = profile_named(profile);
    struct rule_results r;
    struct buf out = BUF_INIT;
    RULE_RESULTS_INIT(&r);
    rules_check_caption(p, c, strict, &r);
    for (size_t i = 0; i < r.count; i++) {
        buf_addf(&out, "%s%s %s", i ? ", " : "", rule_level_name(r.items[i].level),
                 r.items[i].rule);
    }
    profile_free(p);
    return buf_detach(&out);
}

TEST(caption_limits)
{
    static const struct {
        const char *profile; struct caption c;
        const char *lenient, *strict;
    } cases[] = {
        { "instagram-feed", { 2200, 2200, 5, 3, true }, "", "" },
        { "instagram-feed", { 2201, 2201, 0, 0, true }, "error ig.caption",
          "error ig.caption" },
        { "instagram-feed", { 2199, 2201, 0, 0, true }, "warn ig.caption.utf16",
          "error ig.caption.utf16" },
        { "instagram-feed", { 9, 9, 6, 0, true }, "warn ig.hashtags",
          "error ig.hashtags" },
        { "instagram-feed", { 9, 9, 30, 0, true }, "warn ig.hashtags",
          "error ig.hashtags" },
        { "instagram-feed", { 9, 9, 31, 0, true }, "error ig.hashtags",
          "error ig.hashtags" },
        { "instagram-feed", { 9, 9, 0, 4, true }, "info ig.mentions",
          "info ig.mentions" },
        { "instagram-feed", { 9, 9, 0, 20, true }, "info ig.mentions",
          "info ig.mentions" },
        { "instagram-feed", { 9, 9, 0, 21, true }, "error ig.mentions",
          "error ig.mentions" },
        { "instagram-feed", { 0, 0, 0, 0, false }, "error ig.caption.encoding",
          "error ig.caption.encoding" },
        { "tiktok", { 3000, 4000, 0, 0, true }, "", "" },
        { "tiktok", { 3000, 4001, 0, 0, true }, "error tiktok.caption",
          "error tiktok.caption" },
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        AUTO_FREE char *a = judge_caption(cases[i].profile, &cases[i].c, false);
        AUTO_FREE char *b = judge_caption(cases[i].profile, &cases[i].c, true);
        CHECK_STR(a, cases[i].lenient);
        CHECK_STR(b, cases[i].strict);
    }
    struct caption c;
    caption_measure("a\xff", 2, &c);
    CHECK(!c.is_utf8);
}

/* ---- robots.txt ---- */

TEST(robots)
{
    static const struct {
        const char *text, *path;
        bool disallow;
    } cases[] = {
        { "", "/a.jpg", false },
        { "User-agent: *\nDisallow: /\n", "/a.jpg", true },
        { "User-agent: *\nDisallow:\n", "/a.jpg", false },
        { "user-agent : *\r\ndisallow : /a # all\r\n", "/a.jpg", true },
        { "User-agent: other\nDisallow: /\n", "/a.jpg", false },
        { "User-agent: FacebookExternalHit\nDisallow: /\n", "/a.jpg", true },
        { "User-agent: *\nDisallow: /\n\nUser-agent: facebookexternalhit\nAllow: /\n",
          "/a.jpg", false },
        { "User-agent: other\nUser-agent: facebookexternalhit\nDisallow: /\n", "/a.jpg",
          true },
        { "User-agent: facebookexternalhit\nDisallow: /\nUser-agent: other\nAllow: /\n",
          "/a.jpg", true },
        { "User-agent: *\nDisallow: /i\nAllow: /img/\n", "/img/a.jpg", false },
        { "User-agent: *\nAllow: /i\nDisallow: /img/\n", "/img/a.jpg", true },
        { "User-agent: *\nDisallow: /a\nAllow: /a\n", "/a", false },
        { "User-agent: *\nDisallow: /*.jpg$\n", "/b/a.jpg", true },
        { "User-agent: *\nDisallow: /*.jpg$\n", "/b/a.jpg.png", false },
        { "User-agent: *\nDisallow: /*a*b*c\n", "/xaxbxbxc", true },
        { "User-agent: *\nDisallow: /*a*b*c\n", "/xaxcxb", false },
        { "Disallow: /\n", "/a.jpg", false },
        { "User-agent: *\nDisallow", "/a.jpg", false },
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        int before = test_failed_checks;
        CHECK_INT(robots_disallow(cases[i].text, "facebookexternalhit", cases[i].path),
                  cases[i].disallow);
        if (test_failed_checks > before) {
            printf("# %s\n", cases[i].text);
        }
    }
}

int main(void)
{
    RUN(robots);
    RUN(every_profile_is_sound);
    RUN(wrong_members_are_named);
    RUN(instagram_geometry);
    RUN(ratio_edges_of_every_width);
    RUN(instagram_bytes);
    RUN(instagram_contents);
    RUN(orientation);
    RUN(what_is_said);
    RUN(of_a_catalog_row);
    RUN(unreadable);
    RUN(other_profiles);
    RUN(carousel);
    RUN(caption_counts);
    RUN(caption_limits);
    return test_end();
}
