/*
 * The image room against the corpus of real and hostile pictures, and against
 * damage made here: cuts at every length, random bytes, hidden positions.
 */
#include "imgctl/image.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "imgctl/buf.h"
#include "imgctl/file.h"
#include "imgctl/mem.h"
#include "imgctl/strlist.h"
#include "test.h"

static const struct image_limits no_limits;

/* ---- The corpus ---- */

enum column { FILE_NAME, FORMAT, WIDTH, HEIGHT, ORIENTATION, COLOUR, CLASS, TESTS, SOURCE,
              LICENCE, FRAMES, ICC, GPS, COLUMNS };

struct row {
    char *column[COLUMNS];
};

static char *manifest; /* the rows point into it */
static struct row *rows;
static size_t row_count;
static char corpus[4096];

static void read_manifest(void)
{
    const char *shared = getenv("IMGCTL_SHARED");
    char path[4200];
    struct buf text = BUF_INIT;
    struct error err = ERROR_INIT;
    snprintf(corpus, sizeof corpus, "%s/corpus", shared ? shared : "../shared");
    snprintf(path, sizeof path, "%s/MANIFEST.tsv", corpus);
    if (file_read(path, 1 << 24, &text, &err) <= 0) {
        buf_release(&text);
        return;
    }
    manifest = buf_detach(&text);
    char *rest = manifest, *line;
    strsep(&rest, "\n");
    while ((line = strsep(&rest, "\n")) != NULL && *line) {
        rows = mem_resize(rows, row_count + 1, sizeof *rows);
        for (int i = 0; i < COLUMNS; i++) {
            char *field = strsep(&line, "\t");
            rows[row_count].column[i] = field ? field : "";
        }
        row_count++;
    }
}

#define NEED_CORPUS()                              \
    do {                                           \
        if (row_count == 0) {                      \
            SKIP("no corpus: set IMGCTL_SHARED");  \
        }                                          \
    } while (0)

static const char *field(size_t row, enum column c)
{
    return rows[row].column[c];
}

static bool is_picture_row(size_t row)
{
    const char *f = field(row, FORMAT);
    return !strcmp(f, "jpeg") || !strcmp(f, "png") || !strcmp(f, "webp");
}

static void load(const char *name, struct buf *out)
{
    char path[8192];
    struct error err = ERROR_INIT;
    snprintf(path, sizeof path, "%s/%s", corpus, name);
    buf_clear(out);
    if (file_read(path, 1 << 26, out, &err) <= 0) {
        printf("# cannot read %s\n", path);
        test_failed_checks++;
    }
}

static int memory_file(const char *data, size_t len)
{
    int fd = memfd_create("picture", MFD_CLOEXEC);
    if (fd < 0 || file_write_all(fd, data, len) < 0) {
        perror("memfd");
        exit(1);
    }
    return fd;
}

/* ---- Running the room on memory ---- */

static int probe(const struct buf *b, struct image_info *info, struct error *err)
{
    AUTO_FD int fd = memory_file(b->data, b->len);
    return image_probe(fd, (int64_t)b->len, &no_limits, info, err);
}

static void check_same(const struct image_info *a, const struct image_info *b)
{
    CHECK_INT(a->format, b->format);
    CHECK_INT(a->width, b->width);
    CHECK_INT(a->height, b->height);
    CHECK_INT(a->orientation, b->orientation);
    CHECK_INT(a->has_orientation, b->has_orientation);
    CHECK_INT(a->has_gps, b->has_gps);
    CHECK_INT(a->has_alpha, b->has_alpha);
    CHECK_INT(a->is_animated, b->is_animated);
    CHECK_INT(a->frames, b->frames);
    CHECK_INT(a->is_progressive, b->is_progressive);
    CHECK_INT(a->has_profile, b->has_profile);
    CHECK_INT(a->bits, b->bits);
    CHECK_INT(a->channels, b->channels);
    CHECK_INT(a->space, b->space);
    CHECK_INT(a->profile, b->profile);
    CHECK_INT(a->pictures, b->pictures);
    CHECK_INT(a->has_gain_map, b->has_gain_map);
    CHECK_INT(a->is_stereo, b->is_stereo);
    CHECK_INT(a->is_arithmetic, b->is_arithmetic);
}

static void collect(void *cookie, const void *data, size_t len)
{
    buf_add(cookie, data, len);
}

static int check(const struct buf *b, struct image_info *info, struct error *err)
{
    AUTO_FD int fd = memory_file(b->data, b->len);
    AUTO_BUF struct buf seen = BUF_INIT;
    int result = image_check(fd, (int64_t)b->len, &no_limits, collect, &seen, info, err);
    CHECK(seen.len == b->len && memcmp(seen.data, b->data, b->len) == 0);
    return result;
}

static int strip(const struct buf *b, enum image_strip what, struct buf *out,
                 struct error *err)
{
    AUTO_FD int fd = memory_file(b->data, b->len);
    AUTO_FD int out_fd = memory_file("", 0);
    struct stat st;
    int result = image_strip(fd, (int64_t)b->len, what, out_fd, err);
    fstat(out_fd, &st);
    CHECK(result == 1 || result == -1 || st.st_size == 0);
    buf_clear(out);
    buf_reserve(out, (size_t)st.st_size);
    out->len = (size_t)pread(out_fd, out->data, (size_t)st.st_size, 0);
    out->data[out->len] = '\0';
    return result;
}

static bool contains(const struct buf *b, const void *what, size_t len)
{
    return memmem(b->data, b->len, what, len) != NULL;
}

/* ---- Facts ---- */

struct exception {
    const char *file;
    const char *why;
};

#define COUNT(array) (sizeof(array) / sizeof *(array))

static bool listed(const struct exception *list, size_t count, const char *file)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(list[i].file, file) == 0) {
            return true;
        }
    }
    return false;
}

static const struct exception unsupported[] = {
    { "valid/jpeg/lossless_sof3.jpg", "lossless" },
    { "valid/jpeg/precision_12bit.jpg", "12 bits" },
    { "valid/png/apple_cgbi.png", "CgBI" },
};

static int wanted_orientation(size_t row)
{
    const char *text = field(row, ORIENTATION);
    if (strstr(field(row, FILE_NAME), "orientation_as_ascii")) {
        return 1; /* a string is no orientation, though some tools read "6" */
    }
    int n = atoi(text);
    return n >= 1 && n <= 8 ? n : 1;
}

static int wanted_channels(const char *colour)
{
    static const struct { const char *begins; int channels; } kinds[] = {
        { "gray+alpha", 2 }, { "gray", 1 }, { "palette", 1 }, { "rgba", 4 },
        { "rgb", 3 }, { "ycbcr", 3 }, { "cmyk", 4 }, { "ycck", 4 },
    };
    for (size_t i = 0; i < COUNT(kinds); i++) {
        if (strncmp(colour, kinds[i].begins, strlen(kinds[i].begins)) == 0) {
            return kinds[i].channels;
        }
    }
    return strstr(colour, "alpha") ? 4 : 3; /* WebP */
}

static enum image_space wanted_space(const char *colour)
{
    static const struct { const char *begins; enum image_space space; } kinds[] = {
        { "gray", SPACE_GREY }, { "palette", SPACE_PALETTE }, { "rgb", SPACE_RGB },
        { "ycbcr", SPACE_YCBCR }, { "cmyk", SPACE_CMYK }, { "ycck", SPACE_YCCK },
        { "lossy", SPACE_YCBCR }, { "lossless", SPACE_RGB },
    };
    for (size_t i = 0; i < COUNT(kinds); i++) {
        if (strncmp(colour, kinds[i].begins, strlen(kinds[i].begins)) == 0) {
            return kinds[i].space;
        }
    }
    return SPACE_UNKNOWN;
}

static void compare_facts(size_t row, const struct buf *file,
                          const struct image_info *info)
{
    const char *colour = field(row, COLOUR);
    const char *bits = strstr(colour, "-bit");
    int orientation = wanted_orientation(row);
    bool swapped = orientation >= 5;
    bool alpha = strstr(colour, "alpha") || strstr(colour, "rgba");
    if (info->format == IMAGE_PNG && contains(file, "tRNS", 4)) {
        alpha = true; /* the manifest names the colour type only */
    }
    CHECK_STR(image_extension(info->format),
              strcmp(field(row, FORMAT), "jpeg") ? field(row, FORMAT) : "jpg");
    CHECK_INT(info->width, atol(field(row, swapped ? HEIGHT : WIDTH)));
    CHECK_INT(info->height, atol(field(row, swapped ? WIDTH : HEIGHT)));
    CHECK_INT(info->orientation, orientation);
    CHECK_INT(info->has_alpha, alpha);
    CHECK_INT(info->is_progressive,
              strstr(colour, "progressive") || strstr(colour, "interlaced"));
    CHECK_INT(info->has_profile, *field(row, ICC) != '\0');
    CHECK_INT(info->has_gps, *field(row, GPS) != '\0');
    CHECK_INT(info->channels, wanted_channels(colour));
    CHECK_INT(info->bits, bits ? atoi(bits[-2] == '1' ? bits - 2 : bits - 1) : 8);
    if (!strstr(colour, "animated")) {
        CHECK_INT(info->space, wanted_space(colour));
    }
    CHECK_INT(info->is_arithmetic, strstr(colour, "arithmetic") != NULL);
    if (info->format == IMAGE_JPEG) { /* a gain map is a picture, but no frame */
        CHECK_INT(info->pictures, atol(field(row, FRAMES)));
        CHECK_INT(info->frames, 1);
    } else {
        CHECK_INT(info->pictures, 1);
        CHECK_INT(info->frames, atol(field(row, FRAMES)));
        CHECK_INT(info->is_animated, atol(field(row, FRAMES)) > 1);
    }
}

TEST(profiles_by_name)
{
    NEED_CORPUS();
    static const struct { const char *file; enum image_profile profile; } cases[] = {
        { "valid/exif/gps_iptc_xmp.jpg", PROFILE_SRGB },
        { "valid/exif/gps_icc_photo.webp", PROFILE_SRGB },
        { "valid/exif/png_exif_chunk_early_6.png", PROFILE_SRGB },
        { "valid/icc/display-p3.jpg", PROFILE_DISPLAY_P3 },
        { "valid/icc/display-p3.png", PROFILE_DISPLAY_P3 },
        { "valid/icc/display-p3.webp", PROFILE_DISPLAY_P3 },
        { "valid/icc/p3.png", PROFILE_DISPLAY_P3 },
        { "valid/icc/adobe-rgb-compatible.jpg", PROFILE_ADOBE_RGB },
        { "valid/icc/adobe_rgb_broken_for_cmm.jpg", PROFILE_ADOBE_RGB },
        { "valid/webp/adobergb_icc.webp", PROFILE_ADOBE_RGB },
        { "valid/icc/gray-gamma.png", PROFILE_OTHER },
        { "valid/icc/prophoto_non_d50.png", PROFILE_OTHER },
        { "valid/icc/rgb_to_gbr_swapped.jpg", PROFILE_OTHER },
        { "valid/jpeg/ycck_wrong_icc.jpg", PROFILE_OTHER },
        { "valid/png/cicp_pq.png", PROFILE_OTHER },
        { "hostile/bomb/png_iccp_32MiB.png", PROFILE_OTHER },
        { "hostile/bomb/jpeg_icc_255_chunks.jpg", PROFILE_OTHER },
        { "corrupt/icc_missing_chunk.jpeg", PROFILE_NONE },
        { "valid/jpeg/size_17x17.jpg", PROFILE_NONE },
    };
    AUTO_BUF struct buf file = BUF_INIT;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct error err = ERROR_INIT;
        struct image_info info = { .profile = PROFILE_NONE };
        int before = test_failed_checks;
        load(cases[i].file, &file);
        CHECK_INT(probe(&file, &info, &err), 0);
        CHECK_STR(image_profile_name(info.profile), image_profile_name(cases[i].profile));
        if (test_failed_checks > before) {
            printf("# in %s: %s\n", cases[i].file, err.message);
        }
    }
}

TEST(gain_map)
{
    NEED_CORPUS();
    AUTO_BUF struct buf file = BUF_INIT;
    struct error err = ERROR_INIT;
    struct image_info info;
    load("valid/exif/ultrahdr_mpo_gps.jpg", &file);
    CHECK_INT(probe(&file, &info, &err), 0);
    CHECK(info.has_gain_map);
    CHECK_INT(info.pictures, 2);
    CHECK(info.has_gps);
}

/* A cut is found by a look at the end; an appended text makes the whole be read. */
TEST(examine_finds_cuts)
{
    NEED_CORPUS();
    AUTO_BUF struct buf file = BUF_INIT;
    for (size_t i = 0; i < row_count; i++) {
        struct error checked = ERROR_INIT, examined = ERROR_INIT;
        struct image_info info;
        if (!is_picture_row(i) ||
            strncmp(field(i, FILE_NAME), "corrupt/trunc", 13) != 0) {
            continue;
        }
        load(field(i, FILE_NAME), &file);
        AUTO_FD int fd = memory_file(file.data, file.len);
        CHECK_INT(image_examine(fd, (int64_t)file.len, &no_limits, &info, &examined), -1);
        image_check(fd, (int64_t)file.len, &no_limits, NULL, NULL, &info, &checked);
        CHECK_INT(examined.kind, checked.kind);
    }
    struct error err = ERROR_INIT;
    struct image_info info;
    load("corrupt/jpeg_trailing_garbage.jpg", &file);
    AUTO_FD int fd = memory_file(file.data, file.len);
    CHECK_INT(image_examine(fd, (int64_t)file.len, &no_limits, &info, &err), 0);
}

TEST(manifest_facts)
{
    NEED_CORPUS();
    AUTO_BUF struct buf file = BUF_INIT;
    size_t compared = 0;
    for (size_t i = 0; i < row_count; i++) {
        struct error err = ERROR_INIT;
        struct image_info info;
        int before = test_failed_checks;
        if (!is_picture_row(i) || strcmp(field(i, CLASS), "valid") != 0) {
            continue;
        }
        load(field(i, FILE_NAME), &file);
        int result = probe(&file, &info, &err);
        if (listed(unsupported, COUNT(unsupported), field(i, FILE_NAME))) {
            CHECK_INT(err.kind, ERROR_IMAGE_TYPE);
        } else {
            CHECK_STR(err.message, "");
            CHECK_INT(result, 0);
            compare_facts(i, &file, &info);
        }
        if (test_failed_checks > before) {
            printf("# in %s\n", field(i, FILE_NAME));
        }
        compared++;
    }
    CHECK(compared > 150);
}

/* ---- Verdicts ---- */

/* Files that the corpus calls corrupt and a look at the container accepts. */
static const struct exception passed[] = {
    { "corrupt/bitflip_jpeg_scan.jpg", "a bit of coded data" },
    { "corrupt/bitflip_webp.webp", "a bit of coded data" },
    { "corrupt/broken_exif_tag.jpg", "pixels are fine" },
    { "corrupt/icc_chunk_count_mismatch.jpeg", "pixels are fine" },
    { "corrupt/icc_missing_chunk.jpeg", "pixels are fine" },
    { "corrupt/iccp_broken.png", "pixels are fine" },
    { "corrupt/invalid_palette_index.png", "inside the compressed data" },
    { "corrupt/jpeg_ascii_ftp.jpg", "line ends in coded data; libjpeg decodes it" },
    { "corrupt/jpeg_trailing_garbage.jpg", "bytes after the end are allowed" },
    { "corrupt/jpeg_two_images_concat.jpg", "bytes after the end are allowed" },
    { "corrupt/libpng_badadler.png", "inside the compressed data" },
    { "corrupt/libpng_empty_ancillary_chunks.png", "pixels are fine" },
    { "corrupt/only_magic_bytes.jpg", "pixels are fine" },
    { "corrupt/pillow_exif_typeerror.jpg", "pixels are fine" },
    { "corrupt/pillow_invalid_exif.jpg", "pixels are fine" },
    { "corrupt/pillow_truncated_exif_dpi.jpg", "pixels are fine" },
    { "corrupt/png_bad_zlib.png", "inside the compressed data" },
    { "corrupt/png_idat_short.png", "inside the compressed data" },
    { "corrupt/png_really_named.jpg", "the content decides" },
    { "corrupt/png_trailing_garbage.png", "bytes after the end are allowed" },
    { "corrupt/wrong_ext/jpeg_named.png", "the content decides" },
    { "corrupt/wrong_ext/jpeg_no_extension", "the content decides" },
    { "corrupt/wrong_ext/png_named.JPEG", "the content decides" },
    { "corrupt/wrong_ext/png_named.jpg", "the content decides" },
    { "corrupt/wrong_ext/webp_named.jpg", "the content decides" },
    { "corrupt/wuffs_bad_comment_length.jpeg", "libjpeg decodes it" },
};

static const struct exception not_ours[] = {
    { "corrupt/one_byte.jpg", "" },
    { "corrupt/pngsuite_xs1n0g01.png", "" },
    { "corrupt/zero_byte.jpg", "" },
    { "corrupt/zero_byte.png", "" },
    { "corrupt/zero_byte.webp", "" },
    { "corrupt/wrong_ext/avif_header_named.webp", "" },
    { "corrupt/wrong_ext/bmp_named.jpg", "" },
    { "corrupt/wrong_ext/gif_named.png", "" },
    { "corrupt/wrong_ext/git_lfs_pointer.png", "" },
    { "corrupt/wrong_ext/heic_header_named.jpg", "" },
    { "corrupt/wrong_ext/html_error_page_named.jpg", "" },
    { "corrupt/wrong_ext/json_error_named.png", "" },
    { "corrupt/wrong_ext/pdf_named.jpg", "" },
    { "corrupt/wrong_ext/svg_named.png", "" },
    { "hostile/poly/gif_header_jpeg_tail.jpg", "" },
};

/* Of the hostile ones, those that are not accepted when nothing is limited. */
static const struct exception hostile_corrupt[] = {
    { "valid/exif/ultrahdr_mpo_gps.jpg", "all that follows the scan header was cut off" },
    { "hostile/bomb/png_2147483647x2147483647.png", "" },
    { "hostile/bomb/png_4294967295_width.png", "" },
    { "hostile/bomb/png_46341x46341_rgb.png", "" },
    { "hostile/bomb/png_60000x60000_rgba16_tiny_idat.png", "" },
    { "hostile/bomb/png_65536x65536_rgba.png", "" },
    { "hostile/bomb/png_huge_IDAT.png", "" },
    { "hostile/bomb/png_huge_iTXt.png", "" },
    { "hostile/bomb/png_huge_tEXt.png", "" },
    { "hostile/bomb/webp_vp8x_8388865x301.webp", "" },
    { "hostile/fuzz_afl_libjpeg_sos_leak.jpg", "" },
};

static enum error_kind wanted_verdict(size_t row)
{
    const char *file = field(row, FILE_NAME);
    if (listed(unsupported, COUNT(unsupported), file) ||
        listed(not_ours, COUNT(not_ours), file)) {
        return ERROR_IMAGE_TYPE;
    }
    if (listed(hostile_corrupt, COUNT(hostile_corrupt), file)) {
        return ERROR_IMAGE_CORRUPT;
    }
    if (strcmp(file, "hostile/bomb/jpeg_progressive_4000_scans.jpg") == 0) {
        return ERROR_IMAGE_LIMIT;
    }
    return strcmp(field(row, CLASS), "corrupt") == 0 &&
           !listed(passed, COUNT(passed), file) ? ERROR_IMAGE_CORRUPT : ERROR_NONE;
}

TEST(check_verdicts)
{
    NEED_CORPUS();
    AUTO_BUF struct buf file = BUF_INIT;
    for (size_t i = 0; i < row_count; i++) {
        struct error err = ERROR_INIT, quick = ERROR_INIT;
        struct image_info info, probed;
        const char *name = field(i, FILE_NAME), *dot = strrchr(name, '.');
        int before = test_failed_checks;
        if (dot && strcmp(dot, ".tsv") == 0) {
            continue;
        }
        if (strncmp(name, "corrupt/zero_byte", 17) == 0) {
            buf_clear(&file);
        } else {
            load(name, &file);
        }
        int result = check(&file, &info, &err);
        CHECK_INT(err.kind, wanted_verdict(i));
        CHECK_INT(result, err.kind == ERROR_NONE ? 0 : -1);
        if (result == 0) {
            CHECK_INT(probe(&file, &probed, &quick), 0);
            check_same(&info, &probed);
        }
        if (test_failed_checks > before) {
            printf("# in %s: %s\n", name, err.message);
        }
    }
}

TEST(names_what_it_is)
{
    NEED_CORPUS();
    static const struct { const char *file, *message; } cases[] = {
        { "corrupt/wrong_ext/gif_named.png",
          "this is a GIF picture, not a JPEG, PNG or WebP" },
        { "corrupt/wrong_ext/heic_header_named.jpg",
          "this is a HEIC picture, not a JPEG, PNG or WebP" },
        { "corrupt/wrong_ext/svg_named.png",
          "this is an SVG drawing, not a JPEG, PNG or WebP" },
        { "corrupt/wrong_ext/html_error_page_named.jpg",
          "this is an HTML page, not a JPEG, PNG or WebP" },
        { "corrupt/wrong_ext/git_lfs_pointer.png",
          "this is a Git LFS pointer, not a JPEG, PNG or WebP" },
        { "corrupt/jpeg_leading_newline.jpg",
          "this is a JPEG with a line end before it" },
        { "corrupt/trunc_jpeg_half.jpg", "truncated: no end-of-image marker" },
        { "corrupt/pngsuite_xcsn0g01.png", "the checksum of chunk IDAT is wrong" },
        { "corrupt/trunc_png_half.png",
          "truncated: chunk IDAT runs past the end of the file" },
        { "corrupt/trunc_webp_half.webp", "truncated: 1721 of 3442 bytes are there" },
    };
    AUTO_BUF struct buf file = BUF_INIT;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct error err = ERROR_INIT;
        struct image_info info;
        load(cases[i].file, &file);
        CHECK_INT(check(&file, &info, &err), -1);
        CHECK_STR(err.message, cases[i].message);
    }
    struct error err = ERROR_INIT;
    struct image_info info;
    buf_clear(&file);
    CHECK_INT(probe(&file, &info, &err), -1);
    CHECK_STR(err.message, "the file is empty");
}

TEST(limit_of_the_file)
{
    AUTO_FD int fd = memory_file("", 0);
    struct error err = ERROR_INIT;
    struct image_info info;
    int64_t tera = INT64_C(1) << 40;
    CHECK_INT(ftruncate(fd, tera), 0);
    CHECK_INT(image_check(fd, tera, &image_default_limits, NULL, NULL, &info, &err), -1);
    CHECK_INT(err.kind, ERROR_IMAGE_LIMIT);
    CHECK_STR(err.message, "1 TB, at most 10 MB");
    image_probe(fd, 10485761, &image_default_limits, &info, &err);
    CHECK_STR(err.message, "10485761 bytes, at most 10485760");
}

TEST(limits_of_the_picture)
{
    NEED_CORPUS();
    static const char *const bombs[] = {
        "jpeg_20000x14000_gray.jpg", "jpeg_65500x65500_baseline.jpg",
        "jpeg_65500x65500_progressive.jpg", "jpeg_65535x65535.jpg", "lottapixel.jpg",
        "png_16384x16384_1bit.png", "png_2147483647x2147483647.png",
        "png_46341x46341_rgb.png", "png_60000x60000_rgba16_tiny_idat.png",
        "png_65536x65536_rgba.png", "png_gray1_30000x30000.png",
        "webp_anim_16383x16383_500_frames.webp", "webp_anim_canvas_16777216x255.webp",
        "webp_lossless_16383x16383.webp",
    };
    AUTO_BUF struct buf file = BUF_INIT;
    struct error err = ERROR_INIT;
    struct image_info info;
    for (size_t i = 0; i < COUNT(bombs); i++) {
        AUTO_FREE char *name = mem_printf("hostile/bomb/%s", bombs[i]);
        load(name, &file);
        AUTO_FD int bomb = memory_file(file.data, file.len);
        error_clear(&err);
        image_probe(bomb, (int64_t)file.len, &image_default_limits, &info, &err);
        CHECK_INT(err.kind, ERROR_IMAGE_LIMIT);
        error_clear(&err);
        image_check(bomb, (int64_t)file.len, &image_default_limits, NULL, NULL, &info,
                    &err);
        CHECK_INT(err.kind, ERROR_IMAGE_LIMIT);
    }
}

TEST(file_that_shrinks)
{
    NEED_CORPUS();
    AUTO_BUF struct buf file = BUF_INIT;
    struct error err = ERROR_INIT;
    struct image_info info;
    load("valid/webp/1.webp", &file);
    AUTO_FD int fd = memory_file(file.data, file.len - 100);
    int result = image_check(fd, (int64_t)file.len, &no_limits, NULL, NULL, &info, &err);
    CHECK_INT(result, -1);
    CHECK_INT(err.kind, ERROR_FILE);
}

/* ---- Taking metadata out ---- */

static uint32_t number(const char *at, bool big)
{
    const unsigned char *p = (const unsigned char *)at;
    return big ? (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3]
               : (uint32_t)p[3] << 24 | (uint32_t)p[2] << 16 | (uint32_t)p[1] << 8 | p[0];
}

/* Scan headers and coded data of a JPEG. */
static void scans(const struct buf *b, struct buf *out)
{
    const unsigned char *p = (const unsigned char *)b->data;
    size_t at = 2;
    while (at + 4 <= b->len) {
        unsigned marker = p[at + 1];
        if (p[at] != 0xFF || marker == 0xFF || marker < 0xC0 ||
            (marker >= 0xD0 && marker <= 0xD7)) {
            at += p[at] == 0xFF && marker != 0xFF ? 2 : 1;
            continue;
        }
        size_t from = at, len = (size_t)p[at + 2] << 8 | p[at + 3];
        at += 2 + (len < 2 ? 2 : len);
        if (marker != 0xDA) {
            continue;
        }
        while (at + 1 < b->len && (p[at] != 0xFF || p[at + 1] == 0 || p[at + 1] == 0xFF ||
                                   (p[at + 1] >= 0xD0 && p[at + 1] <= 0xD7))) {
            at++;
        }
        buf_add(out, p + from, at - from);
        if (p[at + 1] == 0xD9) {
            break;
        }
    }
}

/* The coded data alone, found without the room's help. */
static void pixels(const struct buf *b, enum image_format format, struct buf *out)
{
    buf_clear(out);
    if (format == IMAGE_JPEG) {
        scans(b, out);
        return;
    }
    bool big = format == IMAGE_PNG;
    for (size_t at = big ? 8 : 12; at + 8 <= b->len;) {
        const char *type = b->data + at + (big ? 4 : 0);
        size_t len = number(b->data + at + (big ? 0 : 4), big);
        if (!memcmp(type, "IDAT", 4) || !memcmp(type, "fdAT", 4) ||
            !memcmp(type, "VP8 ", 4) || !memcmp(type, "VP8L", 4) ||
            !memcmp(type, "ALPH", 4) || !memcmp(type, "ANMF", 4)) {
            buf_add(out, b->data + at + 8, len < b->len - at - 8 ? len : b->len - at - 8);
        }
        if (!memcmp(type, "IEND", 4)) {
            break;
        }
        at += 8 + len + (big ? 4 : len & 1);
    }
}

static void check_stripped(const struct buf *file, const struct image_info *was,
                           enum image_strip what)
{
    AUTO_BUF struct buf out = BUF_INIT;
    AUTO_BUF struct buf again = BUF_INIT;
    AUTO_BUF struct buf before = BUF_INIT;
    AUTO_BUF struct buf after = BUF_INIT;
    struct error err = ERROR_INIT;
    struct image_info now;
    int result = strip(file, what, &out, &err);
    CHECK(result >= 0);
    CHECK(result == 1 || !was->has_gps);
    CHECK(result == 0 || what != STRIP_GPS || was->has_gps || was->may_hide_gps);
    if (result != 1) {
        return;
    }
    CHECK_INT(check(&out, &now, &err), 0);
    CHECK_STR(err.message, "");
    CHECK_INT(now.width, was->width);
    CHECK_INT(now.height, was->height);
    CHECK_INT(now.orientation, was->orientation);
    CHECK_INT(now.has_profile, was->has_profile);
    CHECK_INT(now.has_alpha, was->has_alpha);
    CHECK_INT(now.frames, was->frames);
    CHECK(!now.has_gps);
    pixels(file, was->format, &before);
    pixels(&out, was->format, &after);
    CHECK(before.len > 0 && before.len == after.len &&
          memcmp(before.data, after.data, before.len) == 0);
    CHECK_INT(strip(&out, what, &again, &err), 0);
}

TEST(strip_corpus)
{
    NEED_CORPUS();
    AUTO_BUF struct buf file = BUF_INIT;
    for (size_t i = 0; i < row_count; i++) {
        struct error err = ERROR_INIT;
        struct image_info info;
        int before = test_failed_checks;
        if (!is_picture_row(i) || wanted_verdict(i) != ERROR_NONE) {
            continue;
        }
        load(field(i, FILE_NAME), &file);
        CHECK_INT(check(&file, &info, &err), 0);
        check_stripped(&file, &info, STRIP_GPS);
        check_stripped(&file, &info, STRIP_ALL);
        if (test_failed_checks > before) {
            printf("# in %s\n", field(i, FILE_NAME));
        }
    }
}

TEST(strip_all_leaves_nothing)
{
    NEED_CORPUS();
    static const char *const files[] = {
        "valid/exif/gps_iptc_xmp.jpg", "valid/exif/gps_icc_photo.webp",
        "valid/exif/iptc.jpg", "valid/jpeg/c2pa_manifest.jpg", "valid/png/c2pa.png",
        "valid/exif/png_exif_chunk_early_6.png", "valid/webp/tiny.webp",
        "hostile/poly/jpeg_plus_zip.jpg", "hostile/poly/jpeg_html_comment.jpg",
        "hostile/bomb/png_10000_text_chunks.png", "valid/exif/landscape_6.jpg",
    };
    static const char *const traces[] = {
        "Photoshop 3.0", "http://ns.adobe.com/xap", "xpacket", "jumb", "tEXt", "iTXt",
        "tIME", "<html", "PK\3\4", "XMP ", "DateTime", "Canon", "Adobe Photoshop",
    };
    AUTO_BUF struct buf file = BUF_INIT;
    AUTO_BUF struct buf out = BUF_INIT;
    for (size_t i = 0; i < COUNT(files); i++) {
        struct error err = ERROR_INIT;
        load(files[i], &file);
        CHECK_INT(strip(&file, STRIP_ALL, &out, &err), 1);
        CHECK(out.len <= file.len);
        for (size_t t = 0; t < COUNT(traces); t++) {
            if (contains(&out, traces[t], strlen(traces[t]))) {
                printf("# %s still has %s\n", files[i], traces[t]);
                test_failed_checks++;
            }
        }
    }
}

/* 52 degrees 13' 48" as EXIF keeps it. */
static bool has_coordinates(const struct buf *b)
{
    static const char big[] = "\0\0\0\x34\0\0\0\1\0\0\0\x0d\0\0\0\1";
    static const char little[] = "\x34\0\0\0\1\0\0\0\x0d\0\0\0\1\0\0\0";
    return contains(b, big, 16) || contains(b, little, 16);
}

TEST(strip_gps_wipes_coordinates)
{
    NEED_CORPUS();
    AUTO_BUF struct buf file = BUF_INIT;
    AUTO_BUF struct buf out = BUF_INIT;
    struct error err = ERROR_INIT;
    load("hostile/meta/gps_privacy.jpg", &file);
    CHECK(has_coordinates(&file));
    CHECK_INT(strip(&file, STRIP_GPS, &out, &err), 1);
    CHECK(!has_coordinates(&out));
    CHECK_INT(out.len, file.len);

    /* The same behind another picture, with rubbish between. */
    AUTO_BUF struct buf two = BUF_INIT;
    buf_add(&two, out.data, out.len);
    buf_add(&two, "\0\0\0\xff\xd8\xff\xff", 7);
    buf_add(&two, file.data, file.len);
    CHECK_INT(strip(&two, STRIP_GPS, &out, &err), 1);
    CHECK(!has_coordinates(&out));
    CHECK_INT(out.len, two.len);

    static const char *const texts[] = { "valid/exif/gps_icc_photo.webp",
                                         "valid/exif/gps_iptc_xmp.jpg" };
    for (size_t i = 0; i < COUNT(texts); i++) {
        load(texts[i], &file);
        CHECK_INT(strip(&file, STRIP_GPS, &out, &err), 1);
        CHECK_INT(out.len, file.len);
        CHECK(contains(&out, "xpacket", 7));
        CHECK(!contains(&out, "exif:GPS", 8));
    }
}

/* ---- Pictures made for a purpose ---- */

static void add_segment(struct buf *b, int marker, const void *head, size_t head_len,
                        const void *data, size_t len)
{
    size_t all = 2 + head_len + len;
    buf_addch(b, (char)0xFF);
    buf_addch(b, (char)marker);
    buf_addch(b, (char)(all >> 8));
    buf_addch(b, (char)all);
    buf_add(b, head, head_len);
    buf_add(b, data, len);
}

/* A picture of the corpus with more segments behind SOI. */
static void jpeg_with(struct buf *out, const struct buf *segments)
{
    AUTO_BUF struct buf base = BUF_INIT;
    load("valid/dedupe/same_pixels_a.jpg", &base);
    buf_clear(out);
    buf_add(out, base.data, 2);
    buf_add(out, segments->data, segments->len);
    buf_add(out, base.data + 2, base.len - 2);
}

static void add_chunk(struct buf *b, const char *type, const void *data, size_t len)
{
    for (int shift = 24; shift >= 0; shift -= 8) {
        buf_addch(b, (char)(len >> shift));
    }
    buf_add(b, type, 4);
    buf_add(b, data, len);
    uLong sum = crc32(crc32(0, (const Bytef *)type, 4), data, (uInt)len);
    for (int shift = 24; shift >= 0; shift -= 8) {
        buf_addch(b, (char)(sum >> shift));
    }
}

/* A PNG of the corpus with a chunk before IEND. */
static void png_with(struct buf *out, const char *type, const void *data, size_t len)
{
    load("valid/dedupe/identical_copy_1.png", out);
    out->len -= 12;
    add_chunk(out, type, data, len);
    add_chunk(out, "IEND", "", 0);
}

/* A WebP with this chunk of less than 256 bytes, an even number, as its last one. */
static void webp_with(struct buf *out, const char *type, const void *data, size_t len)
{
    load("valid/exif/edge_orientation_6.webp", out);
    out->len -= 8 + 26; /* its own EXIF, at the end */
    buf_add(out, type, 4);
    buf_addch(out, (char)len);
    buf_add(out, "\0\0", 3);
    buf_add(out, data, len);
    size_t riff = out->len - 8;
    out->data[4] = (char)riff;
    out->data[5] = (char)(riff >> 8);
}

/* IFD0 with an orientation, a GPS pointer and a GPS directory with a latitude. */
static const char exif_gps[] =
    "MM\0*\0\0\0\x08"
    "\0\x02" "\x01\x12\0\x03\0\0\0\x01\0\x06\0\0" "\x88\x25\0\x04\0\0\0\x01\0\0\0\x26"
    "\0\0\0\0"
    "\0\x02" "\0\x01\0\x02\0\0\0\x02N\0\0\0" "\0\x02\0\x05\0\0\0\x03\0\0\0\x44"
    "\0\0\0\0"
    "\0\0\0\x34\0\0\0\x01\0\0\0\x0d\0\0\0\x01\0\0\0\x30\0\0\0\x01";
#define EXIF_GPS_SIZE (sizeof exif_gps - 1)

static void expect_wiped(const struct buf *file)
{
    AUTO_BUF struct buf out = BUF_INIT;
    struct error err = ERROR_INIT;
    struct image_info info, probed;
    CHECK_INT(check(file, &info, &err), 0);
    CHECK(info.has_gps);
    CHECK_INT(info.orientation, 6);
    CHECK_INT(probe(file, &probed, &err), 0);
    check_same(&info, &probed);
    CHECK(has_coordinates(file));
    CHECK_INT(strip(file, STRIP_GPS, &out, &err), 1);
    CHECK_INT(out.len, file->len);
    CHECK(!has_coordinates(&out));
    check_stripped(file, &info, STRIP_GPS);
    check_stripped(file, &info, STRIP_ALL);
}

TEST(exif_everywhere)
{
    NEED_CORPUS();
    AUTO_BUF struct buf segments = BUF_INIT;
    AUTO_BUF struct buf file = BUF_INIT;
    add_segment(&segments, 0xE1, "Exif\0", 6, exif_gps, EXIF_GPS_SIZE);
    jpeg_with(&file, &segments);
    expect_wiped(&file);

    png_with(&file, "eXIf", exif_gps, EXIF_GPS_SIZE);
    expect_wiped(&file);

    webp_with(&file, "EXIF", exif_gps, EXIF_GPS_SIZE);
    expect_wiped(&file);
}

TEST(exif_in_two_segments)
{
    NEED_CORPUS();
    AUTO_BUF struct buf segments = BUF_INIT;
    AUTO_BUF struct buf file = BUF_INIT;
    AUTO_BUF struct buf out = BUF_INIT;
    struct error err = ERROR_INIT;
    size_t half = EXIF_GPS_SIZE - 12; /* in the middle of the latitude */
    add_segment(&segments, 0xE1, "Exif\0", 6, exif_gps, half);
    add_segment(&segments, 0xE1, "Exif\0", 6, exif_gps + half, 12);
    jpeg_with(&file, &segments);
    CHECK(contains(&file, "\0\0\0\x30\0\0\0\x01", 8));
    CHECK_INT(strip(&file, STRIP_GPS, &out, &err), 1);
    CHECK(!contains(&out, "\0\0\0\x34\0\0\0\x01", 8));
    CHECK(!contains(&out, "\0\0\0\x30\0\0\0\x01", 8));
}

/* One of Photoshop's resources, under a name of one letter. */
static void add_resource(struct buf *out, unsigned number, const void *data, size_t len)
{
    buf_add(out, "8BIM", 4);
    buf_addch(out, (char)(number >> 8));
    buf_addch(out, (char)number);
    buf_add(out, "\1n\0\0", 4);
    buf_addch(out, (char)(len >> 8));
    buf_addch(out, (char)len);
    buf_add(out, data, len);
    if (len % 2 != 0) {
        buf_addch(out, '\0');
    }
}

TEST(photoshops_copies)
{
    NEED_CORPUS();
    static const char xmp[] = "<a><b exif:GPSLatitude='52,13N' c='d'/></a>";
    AUTO_BUF struct buf all = BUF_INIT;
    struct error err = ERROR_INIT;
    struct image_info info, probed;
    add_resource(&all, 1028, "a caption", 9);
    add_resource(&all, 1058, exif_gps, EXIF_GPS_SIZE);
    add_resource(&all, 1060, xmp, sizeof xmp - 1);
    add_resource(&all, 1061, "a digest", 8);
    /* In one segment, and in two that are cut at every place. */
    for (size_t cut = 0; cut < all.len; cut++) {
        AUTO_BUF struct buf segments = BUF_INIT;
        AUTO_BUF struct buf file = BUF_INIT;
        AUTO_BUF struct buf out = BUF_INIT;
        if (cut > 0) {
            add_segment(&segments, 0xED, "Photoshop 3.0", 14, all.data, cut);
        }
        add_segment(&segments, 0xED, "Photoshop 3.0", 14, all.data + cut, all.len - cut);
        jpeg_with(&file, &segments);
        CHECK_INT(check(&file, &info, &err), 0);
        CHECK(info.has_gps || (cut > 0 && info.may_hide_gps));
        CHECK_INT(info.has_orientation, false);
        CHECK_INT(probe(&file, &probed, &err), 0);
        CHECK_INT(probed.has_gps, info.has_gps);
        CHECK_INT(strip(&file, STRIP_GPS, &out, &err), 1);
        CHECK_INT(out.len, file.len);
        CHECK(!has_coordinates(&out) && !contains(&out, "52,13", 5));
        CHECK(cut > 0 || contains(&out, "a caption", 9));
        CHECK(cut > 0 || contains(&out, "c='d'", 5));
        check_stripped(&file, &info, STRIP_GPS);
    }
}

TEST(photoshops_resources_without_a_position)
{
    NEED_CORPUS();
    AUTO_BUF struct buf all = BUF_INIT;
    AUTO_BUF struct buf segments = BUF_INIT;
    AUTO_BUF struct buf file = BUF_INIT;
    AUTO_BUF struct buf out = BUF_INIT;
    struct error err = ERROR_INIT;
    struct image_info info;
    add_resource(&all, 1028, "a caption that says GPSLatitude", 31);
    add_resource(&all, 1058, "MM", 2);
    buf_add(&all, "8BIM\4\42\0\0\xff\xff\xff\xff<a GPSLatitude='1'/>", 32);
    add_segment(&segments, 0xED, "Photoshop 3.0", 14, all.data, all.len);
    jpeg_with(&file, &segments);
    CHECK_INT(check(&file, &info, &err), 0);
    CHECK(!info.has_gps && !info.may_hide_gps);
    CHECK_INT(strip(&file, STRIP_GPS, &out, &err), 0);
}

TEST(exif_that_overlaps_itself)
{
    NEED_CORPUS();
    AUTO_BUF struct buf segments = BUF_INIT;
    AUTO_BUF struct buf file = BUF_INIT;
    struct error err = ERROR_INIT;
    struct image_info info;
    char data[EXIF_GPS_SIZE];
    /* GPS directories at every place, the header and IFD0 itself included. */
    for (unsigned at = 0; at < EXIF_GPS_SIZE; at++) {
        memcpy(data, exif_gps, sizeof data);
        data[33] = (char)at;
        buf_clear(&segments);
        add_segment(&segments, 0xE1, "Exif\0", 6, data, sizeof data);
        jpeg_with(&file, &segments);
        CHECK_INT(check(&file, &info, &err), 0);
        CHECK_INT(info.orientation, 6);
        check_stripped(&file, &info, STRIP_GPS);
    }
}

static const char xmp_start[] = "<x:xmpmeta xmlns:x='adobe:ns:meta/'><rdf:RDF><rdf:D ";

TEST(xmp_forms)
{
    NEED_CORPUS();
    static const struct { const char *xmp, *gone, *stays; } cases[] = {
        { "exif:GPSLatitude=\"52,13N\" dc:a='b'/></rdf:RDF>", "52,13N", "dc:a='b'" },
        { "a='GPSLatitude>' exif:GPSLatitude = '52,13N'/>", "52,13N", "='GPSLatitude>'" },
        { "><exif:GPSLatitude>52,13N</exif:GPSLatitude><dc:x>y</dc:x>", "52,13N", ">y<" },
        { "><exif:GPSLatitude a='>'>52,13N</exif:GPSLatitude ><b/>", "52,13N", "<b/>" },
        { "drone-dji:GpsLatitude='52.23' q='r'/>", "52.23", "q='r'" },
        { "drone-dji:Latitude='52.23' d:FlightAltitude='9'/>", "52.23", "Altitude='9'" },
        { "><d:Longitude>21.01</d:Longitude><d:Latitudes/>", "21.01", "><" },
        { "drone-dji:LRFTargetLat='52.23' q='r'/>", "52.23", "q='r'" },
        { "><GPSLongitude xmlns='e'>21,0E</GPSLongitude><!-- GPS -->", "21,0E", "GPS " },
        { "><exif:GPSLatitude>52,13N", "52,13N", "" },
        { "exif:GPSLatitude='52,13N", "52,13N", "" },
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        AUTO_BUF struct buf segments = BUF_INIT;
        AUTO_BUF struct buf file = BUF_INIT;
        AUTO_BUF struct buf out = BUF_INIT;
        AUTO_FREE char *xmp = mem_printf("%s%s", xmp_start, cases[i].xmp);
        AUTO_FREE char *text = mem_printf("XML:com.adobe.xmp%c%c%c%c%c%s", 1, 1, 1, 1, 1,
                                          xmp);
        struct error err = ERROR_INIT;
        struct image_info info;
        memset(text + 17, 0, 5);
        for (int png = 0; png < 2; png++) {
            if (png) {
                png_with(&file, "iTXt", text, 22 + strlen(xmp));
            } else {
                add_segment(&segments, 0xE1, "http://ns.adobe.com/xap/1.0/", 29, xmp,
                            strlen(xmp));
                jpeg_with(&file, &segments);
            }
            CHECK_INT(check(&file, &info, &err), 0);
            CHECK_INT(strip(&file, STRIP_GPS, &out, &err), 1);
            CHECK_INT(out.len, file.len);
            CHECK(contains(&file, cases[i].gone, strlen(cases[i].gone)));
            CHECK(!contains(&out, cases[i].gone, strlen(cases[i].gone)));
            CHECK(contains(&out, cases[i].stays, strlen(cases[i].stays)));
            CHECK(info.has_gps);
            check_stripped(&file, &info, STRIP_GPS);
        }
    }
}

TEST(xmp_in_webp)
{
    NEED_CORPUS();
    static const char xmp[] = "<a><b exif:GPSLatitude='52,13N' c='d'/></a>";
    static const char *const types[] = { "XMP ", "XMP\0" };
    for (size_t i = 0; i < COUNT(types); i++) {
        AUTO_BUF struct buf file = BUF_INIT;
        AUTO_BUF struct buf out = BUF_INIT;
        struct error err = ERROR_INIT;
        struct image_info info;
        webp_with(&file, types[i], xmp, sizeof xmp - sizeof xmp % 2);
        CHECK_INT(check(&file, &info, &err), 0);
        CHECK(info.has_gps);
        CHECK_INT(strip(&file, STRIP_GPS, &out, &err), 1);
        CHECK_INT(out.len, file.len);
        CHECK(!contains(&out, "52,13", 5) && contains(&out, "c='d'", 5));
        check_stripped(&file, &info, STRIP_ALL);
    }
}

TEST(extended_xmp_in_pieces)
{
    NEED_CORPUS();
    static const char xmp[] = "<a><b exif:GPSLatitude='52,13N' c='d'/></a>";
    AUTO_BUF struct buf segments = BUF_INIT;
    AUTO_BUF struct buf file = BUF_INIT;
    AUTO_BUF struct buf out = BUF_INIT;
    struct error err = ERROR_INIT;
    char head[75] = "http://ns.adobe.com/xmp/extension/";
    size_t half = 27; /* inside the value */
    memset(head + 35, 'A', 32);
    head[70] = sizeof xmp - 1;
    head[74] = (char)half; /* the second piece comes first */
    add_segment(&segments, 0xE1, head, 75, xmp + half, sizeof xmp - 1 - half);
    head[74] = 0;
    add_segment(&segments, 0xE1, head, 75, xmp, half);
    jpeg_with(&file, &segments);
    CHECK_INT(strip(&file, STRIP_GPS, &out, &err), 1);
    CHECK(!contains(&out, "GPS", 3));
    CHECK(!contains(&out, "13N", 3));
    CHECK(contains(&out, " c='d'/></a>", 12));
}

TEST(hidden_png_text)
{
    NEED_CORPUS();
    static const char raw[] = "Raw profile type exif\0\nexif\n 4\n4d4d002a";
    static const char packed[] = "XML:com.adobe.xmp\0\1\0\0\0\x78\x9c";
    AUTO_BUF struct buf file = BUF_INIT;
    AUTO_BUF struct buf out = BUF_INIT;
    struct error err = ERROR_INIT;
    struct image_info info;
    png_with(&file, "tEXt", raw, sizeof raw - 1);
    CHECK_INT(strip(&file, STRIP_GPS, &out, &err), 1);
    CHECK_INT(out.len, file.len - 12 - (sizeof raw - 1));
    CHECK_INT(check(&out, &info, &err), 0);
    png_with(&file, "iTXt", packed, sizeof packed - 1);
    CHECK_INT(strip(&file, STRIP_GPS, &out, &err), 1);
    CHECK_INT(check(&out, &info, &err), 0);
    png_with(&file, "tEXt", "exif:GPSLatitude\00048/1, 51/1, 30/1", 34);
    CHECK_INT(check(&file, &info, &err), 0);
    CHECK(info.has_gps);
    CHECK_INT(strip(&file, STRIP_GPS, &out, &err), 1);
    CHECK_INT(check(&out, &info, &err), 0);
    CHECK(!info.has_gps && !contains(&out, "48/1", 4));
    png_with(&file, "tEXt", "xmp:GPSLatitude\00054,25.926N", 26);
    CHECK_INT(check(&file, &info, &err), 0);
    CHECK(info.has_gps);
    CHECK_INT(strip(&file, STRIP_GPS, &out, &err), 1);
    CHECK_INT(check(&out, &info, &err), 0);
    CHECK(!info.has_gps && !contains(&out, "25.926", 6));
    png_with(&file, "tEXt", "Raw profile type 8bim\0\n8bim\n 12\n3842494d0422", 42);
    CHECK_INT(check(&file, &info, &err), 0);
    CHECK(info.may_hide_gps);
    CHECK_INT(strip(&file, STRIP_GPS, &out, &err), 1);
    CHECK(!contains(&out, "3842494d", 8));
    png_with(&file, "tEXt", "Comment\0exif:GPS", 16);
    CHECK_INT(check(&file, &info, &err), 0);
    CHECK(!info.has_gps);
    CHECK_INT(strip(&file, STRIP_GPS, &out, &err), 0);
}

/* ---- Damage ---- */

static const char *const small_files[] = {
    "valid/dedupe/same_pixels_c.jpg", "valid/exif/edge_orientation_6.png",
    "valid/exif/edge_orientation_6.webp", "valid/webp/anim_4frames_loop2.webp",
    "valid/jpeg/non_interleaved.jpg", "valid/png/apng_4frames.png",
    "valid/exif/gps.jpg", "valid/webp/lossy_rgba.webp",
};

TEST(cut_at_every_length)
{
    NEED_CORPUS();
    for (size_t f = 0; f < COUNT(small_files); f++) {
        AUTO_BUF struct buf file = BUF_INIT;
        AUTO_BUF struct buf out = BUF_INIT;
        load(small_files[f], &file);
        int accepted = 0;
        for (size_t len = file.len; len-- > 0;) {
            struct error err = ERROR_INIT;
            struct image_info info;
            file.len = len;
            accepted += check(&file, &info, &err) == 0;
            CHECK(err.kind == ERROR_IMAGE_CORRUPT || len < 12);
            probe(&file, &info, &err);
            strip(&file, STRIP_GPS, &out, &err);
            strip(&file, STRIP_ALL, &out, &err);
        }
        CHECK_INT(accepted, 0);
    }
}

static uint32_t random_next(uint32_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 17;
    *state ^= *state << 5;
    return *state;
}

TEST(random_bytes)
{
    NEED_CORPUS();
    static const char *const more[] = {
        "hostile/meta/gps_privacy.jpg", "valid/exif/empty_gps_ifd_6.jpg",
        "valid/exif/exif_xmp.jpg", "hostile/meta/exif_subifd_loop.jpg",
    };
    uint32_t state = 20261122;
    AUTO_BUF struct buf file = BUF_INIT;
    int before = test_failed_checks;
    for (size_t f = 0; f < COUNT(small_files) + COUNT(more); f++) {
        bool small = f < COUNT(small_files);
        load(small ? small_files[f] : more[f - COUNT(small_files)], &file);
        for (int round = 0; round < 300; round++) {
            AUTO_BUF struct buf bad = BUF_INIT;
            AUTO_BUF struct buf out = BUF_INIT;
            struct error err = ERROR_INIT;
            struct image_info info;
            buf_add(&bad, file.data, file.len);
            /* Most damage near the front, where the headers are. */
            for (uint32_t n = random_next(&state) % 4 + 1; n > 0; n--) {
                size_t range = random_next(&state) % 2 && bad.len > 200 ? 200 : bad.len;
                bad.data[random_next(&state) % range] = (char)random_next(&state);
            }
            probe(&bad, &info, &err);
            if (check(&bad, &info, &err) == 0) {
                check_stripped(&bad, &info, STRIP_GPS);
                check_stripped(&bad, &info, STRIP_ALL);
            } else {
                strip(&bad, STRIP_GPS, &out, &err);
                strip(&bad, STRIP_ALL, &out, &err);
            }
            if (test_failed_checks > before) {
                printf("# file %zu, round %d\n", f, round);
                before = test_failed_checks;
            }
        }
    }
}

TEST(formats)
{
    CHECK_INT(image_sniff("\xff\xd8\xff\xe0", 4), IMAGE_JPEG);
    CHECK_INT(image_sniff("\x89PNG\r\n\x1a\n", 8), IMAGE_PNG);
    CHECK_INT(image_sniff("RIFF\0\0\0\0WEBP", 12), IMAGE_WEBP);
    CHECK_INT(image_sniff("RIFF\0\0\0\0WEBP", 11), IMAGE_NONE);
    CHECK_INT(image_sniff("", 0), IMAGE_NONE);
    CHECK_STR(image_mime(IMAGE_WEBP), "image/webp");
    CHECK_STR(image_extension(IMAGE_JPEG), "jpg");
}

int main(void)
{
    read_manifest();
    RUN(formats);
    RUN(manifest_facts);
    RUN(profiles_by_name);
    RUN(gain_map);
    RUN(examine_finds_cuts);
    RUN(check_verdicts);
    RUN(names_what_it_is);
    RUN(limit_of_the_file);
    RUN(limits_of_the_picture);
    RUN(file_that_shrinks);
    RUN(strip_corpus);
    RUN(strip_all_leaves_nothing);
    RUN(strip_gps_wipes_coordinates);
    RUN(exif_everywhere);
    RUN(exif_in_two_segments);
    RUN(photoshops_copies);
    RUN(photoshops_resources_without_a_position);
    RUN(exif_that_overlaps_itself);
    RUN(xmp_forms);
    RUN(xmp_in_webp);
    RUN(extended_xmp_in_pieces);
    RUN(hidden_png_text);
    RUN(cut_at_every_length);
    RUN(random_bytes);
    int status = test_end();
    free(rows);
    free(manifest);
    return status;
}
