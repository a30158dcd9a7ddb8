/*
 * Plans and repairs: geometry at its edges, and every picture of the corpus made to keep
 * the rules in every way there is.
 */
#include "imgctl/fix.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "imgctl/file.h"
#include "imgctl/mem.h"
#include "profiles.h"

static struct rule_facts facts_of(uint32_t width, uint32_t height)
{
    return (struct rule_facts){
        .info = { .format = IMAGE_JPEG, .width = width, .height = height,
                  .orientation = 1, .frames = 1, .pictures = 1, .bits = 8, .channels = 3,
                  .space = SPACE_YCBCR },
        .bytes = 300000,
    };
}

/* "crop 1080x1350+0+35 to 1080x1350 on 1080x1350" */
static const char *plan_text(const struct fix_options *o, uint32_t width, uint32_t height)
{
    static char text[1100];
    struct rule_facts facts = facts_of(width, height);
    struct error err = ERROR_INIT;
    struct fix_plan plan;
    if (fix_plan(o, &facts, &plan, &err) < 0) {
        snprintf(text, sizeof text, "%s", err.message);
    } else if (!plan.is_needed) {
        snprintf(text, sizeof text, "fine");
    } else {
        snprintf(text, sizeof text, "crop %ux%u+%u+%u to %ux%u on %ux%u", plan.crop.width,
                 plan.crop.height, plan.crop.x, plan.crop.y, plan.width, plan.height,
                 plan.canvas_width, plan.canvas_height);
    }
    return text;
}

TEST(geometry)
{
    struct profile *feed = profile_named("instagram-feed");
    struct fix_options o = { .profile = feed, .fit = FIT_CROP };
    CHECK_STR(plan_text(&o, 1080, 1080), "fine");
    CHECK_STR(plan_text(&o, 1080, 1350), "fine");
    CHECK_STR(plan_text(&o, 1080, 1351), "crop 1080x1350+0+0 to 1080x1350 on 1080x1350");
    CHECK_STR(plan_text(&o, 1200, 628), "crop 1199x628+0+0 to 1199x628 on 1199x628");
    CHECK_STR(plan_text(&o, 3024, 4032),
              "crop 3024x3780+0+126 to 1440x1800 on 1440x1800");
    o.gravity = GRAVITY_SOUTH;
    CHECK_STR(plan_text(&o, 1080, 1920),
              "crop 1080x1350+0+570 to 1080x1350 on 1080x1350");
    o.gravity = GRAVITY_EAST;
    CHECK_STR(plan_text(&o, 2000, 1000), "crop 1910x1000+90+0 to 1440x754 on 1440x754");
    o.fit = FIT_PAD;
    CHECK_STR(plan_text(&o, 1080, 1920), "crop 0x0+0+0 to 1013x1800 on 1440x1800");
    CHECK_STR(plan_text(&o, 4000, 1000), "crop 0x0+0+0 to 1440x360 on 1440x754");
    o.fit = FIT_SCALE;
    CHECK_STR(plan_text(&o, 1000, 2000), "crop 0x0+0+0 to 1000x1250 on 1000x1250");
    o.fit = FIT_NONE;
    CHECK(strstr(plan_text(&o, 1000, 2000), "ig.aspect") != NULL);
    CHECK(strstr(plan_text(&o, 300, 300), "320") != NULL);
    o.enlarge = true;
    CHECK_STR(plan_text(&o, 300, 300), "crop 0x0+0+0 to 320x320 on 320x320");
    o.width = 640;
    CHECK_STR(plan_text(&o, 1080, 1080), "crop 0x0+0+0 to 640x640 on 640x640");
    profile_free(feed);
}

/* A profile of one's own and an option may ask for anything. */
TEST(numbers_that_cannot_be_kept)
{
    struct profile *own = profile_named("instagram-feed");
    struct fix_options o = { .profile = own, .fit = FIT_PAD, .enlarge = true };
    own->width.min = own->long_side.min = INT64_C(1000000000000);
    own->width.max = own->height.max = own->pixels.max = 0;
    o.ratio = (struct ratio){ 1000000000, 1 };
    CHECK_STR(plan_text(&o, 2000, 65535), "crop 0x0+0+0 to 1x1 on 16383x1");
    o.ratio = (struct ratio){ 1, 1000000000 };
    CHECK_STR(plan_text(&o, 65535, 2000), "in that ratio it would be 1x1000000000,"
              " and no side can be longer than 16383");
    profile_free(own);
}

/* Whatever the size, the result keeps the documented ratio and the limits of size. */
TEST(every_shape_is_legal)
{
    struct profile *feed = profile_named("instagram-feed");
    struct error err;
    for (int fit = FIT_CROP; fit <= FIT_SCALE; fit++) {
        for (uint32_t w = 1; w < 2600; w += 1 + w / 7) {
            for (uint32_t h = 1; h < 2600; h += 1 + h / 7) {
                struct fix_options o = { .profile = feed, .fit = (enum fix_fit)fit,
                                         .enlarge = true, .strict = true };
                struct rule_facts facts = facts_of(w, h);
                struct rule_results left;
                struct fix_plan plan;
                error_clear(&err);
                CHECK_INT(fix_plan(&o, &facts, &plan, &err), 0);
                facts = facts_of(plan.canvas_width, plan.canvas_height);
                RULE_RESULTS_INIT(&left);
                rules_check(feed, &facts, true, &left);
                if (!rules_valid(&left)) {
                    printf("# %s %ux%u becomes %ux%u\n", fix_fits[fit], w, h,
                           plan.canvas_width, plan.canvas_height);
                    FAIL("the profile does not take it");
                }
                CHECK(plan.width <= plan.canvas_width &&
                      plan.height <= plan.canvas_height);
                CHECK(plan.crop.x + plan.crop.width <= w &&
                      plan.crop.y + plan.crop.height <= h);
            }
        }
    }
    profile_free(feed);
}

/* ---- The corpus ---- */

static struct tally {
    int fixed, fine, refused;
} tally;

static void fix_file(const char *path, const struct fix_options *o)
{
    struct error err = ERROR_INIT;
    struct rule_facts facts = { .name = NULL };
    struct fix_plan plan;
    struct fix_result result;
    struct stat st;
    AUTO_FD int fd = file_open_regular(path, &st, &err);
    AUTO_FD int out = file_scratch(&err);
    facts.bytes = st.st_size;
    if (image_check(fd, st.st_size, &o->limits, NULL, NULL, &facts.info, &err) < 0) {
        tally.refused++;
        return;
    }
    if (fix_plan(o, &facts, &plan, &err) < 0) {
        printf("# %s: %s\n", path, err.message);
        FAIL("there is no plan for it");
        return;
    }
    if (!plan.is_needed) {
        tally.fine++;
        return;
    }
    int done = fix_apply(o, &plan, fd, st.st_size, out, &result, &err);
    if (done < 0) {
        printf("# %s (%s): %s\n", path, fix_fits[o->fit], err.message);
    }
    CHECK_INT(done, 0);
    CHECK(done < 0 || (result.facts.info.width == plan.canvas_width &&
                       result.facts.info.height == plan.canvas_height) ||
          plan.is_lossless || plan.bytes > 0);
    for (size_t i = 0; done == 0 && i < result.left.count; i++) {
        const char *rule = result.left.items[i].rule;
        /* So few pixels have no ratio near enough to 9:16. */
        bool coarse =
            strcmp(rule, "ig.aspect.advised") == 0 && result.facts.info.width < 64;
        if (result.left.items[i].level != RULE_INFO && !coarse) {
            printf("# %s (%s): %s %s\n", path, fix_fits[o->fit], rule,
                   result.left.items[i].found);
            FAIL("something is left to repair");
        }
    }
    tally.fixed += done == 0;
}

static void walk(const char *folder, const struct fix_options *o)
{
    DIR *d = opendir(folder);
    const struct dirent *e;
    while (d && (e = readdir(d))) {
        AUTO_FREE char *path = file_join(folder, e->d_name);
        struct stat st;
        if (e->d_name[0] == '.' || stat(path, &st) < 0) {
            continue;
        }
        if (S_ISDIR(st.st_mode)) {
            walk(path, o);
        } else {
            fix_file(path, o);
        }
    }
    if (d) {
        closedir(d);
    }
}

TEST(corpus_is_valid_afterwards)
{
    const char *shared = getenv("IMGCTL_SHARED");
    AUTO_FREE char *folder = mem_printf("%s/corpus/valid", shared ? shared : "../shared");
    static const char *const profiles[] = { "instagram-feed", "instagram-story" };
    struct error err = ERROR_INIT;
    if (access(folder, R_OK) < 0) {
        SKIP("no corpus: set IMGCTL_SHARED");
    }
    CHECK_INT(image_codec_load(&err), 0);
    for (size_t i = 0; i < 2; i++) {
        struct profile *profile = profile_named(profiles[i]);
        for (int fit = FIT_CROP; fit <= FIT_SCALE; fit++) {
            struct fix_options o = {
                .profile = profile, .strict = true, .fit = (enum fix_fit)fit,
                .gravity = GRAVITY_AUTO, .background = 0xffffff, .enlarge = true,
                .limits = { .pixels = 100000000 },
            };
            walk(folder, &o);
        }
        profile_free(profile);
    }
    printf("# %d fixed, %d fine as they were, %d refused\n", tally.fixed, tally.fine,
           tally.refused);
    CHECK(tally.fixed > 500);
}

int main(void)
{
    RUN(geometry);
    RUN(numbers_that_cannot_be_kept);
    RUN(every_shape_is_legal);
    RUN(corpus_is_valid_afterwards);
    return test_end();
}
