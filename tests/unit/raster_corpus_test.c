/*
 * The decoders against the corpus of real and hostile pictures: what is valid decodes
 * to the size that the manifest says, all else is refused.
 */
#include "imgctl/raster.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "codecs.h"
#include "imgctl/file.h"
#include "imgctl/mem.h"

enum column { FILE_NAME, FORMAT, WIDTH, HEIGHT, ORIENTATION, COLOUR, CLASS, COLUMNS };

static char corpus[4096];
static struct buf manifest = BUF_INIT;

static const struct image_limits limits = { .pixels = 100000000 };

/* Decode FILE to at most SIDE pixels a side: 0 or -1. */
static int load(const char *name, uint32_t side, struct raster *r, struct error *err)
{
    char path[8192];
    struct stat st;
    struct load_options options = { .limits = limits, .width = side, .height = side,
                                    .fit = true };
    snprintf(path, sizeof path, "%s/%s", corpus, name);
    AUTO_FD int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &st) < 0) {
        return error_errno(err, ERROR_FILE, "cannot open %s", path);
    }
    return image_load(fd, st.st_size, &options, r, err);
}

struct exception {
    const char *file, *why;
};

/* Files called valid that no decoder here takes. */
static const struct exception refused[] = {
    { "valid/exif/ultrahdr_mpo_gps.jpg", "all that follows the scan header was cut off" },
    { "valid/jpeg/lossless_sof3.jpg", "lossless JPEG" },
    { "valid/jpeg/precision_12bit.jpg", "12 bits" },
    { "valid/png/apple_cgbi.png", "Apple's own form of PNG" },
};

static bool is_in(const struct exception *list, size_t count, const char *file)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(list[i].file, file) == 0) {
            return true;
        }
    }
    return false;
}
#define IN(list, file) is_in(list, sizeof(list) / sizeof *(list), file)

static void check_size(char **row, const struct raster *r)
{
    uint32_t width = (uint32_t)strtoul(row[WIDTH], NULL, 10);
    uint32_t height = (uint32_t)strtoul(row[HEIGHT], NULL, 10);
    bool text = strstr(row[FILE_NAME], "orientation_as_ascii") != NULL; /* says nothing */
    bool turned = !text && row[ORIENTATION][0] >= '5' && row[ORIENTATION][0] <= '8';
    if (r->width != (turned ? height : width) || r->height != (turned ? width : height)) {
        printf("# %s: %ux%u, not %ux%u\n", row[FILE_NAME], r->width, r->height, width,
               height);
        FAIL("its size is not the manifest's");
    }
}

static void check_row(char **row)
{
    const char *file = row[FILE_NAME];
    for (int scaled = 0; scaled < 2; scaled++) {
        AUTO_RASTER struct raster r = RASTER_INIT;
        struct error err = ERROR_INIT;
        int result = load(file, scaled ? 64 : 0, &r, &err);
        if (strncmp(file, "valid/", 6) == 0) {
            if ((result < 0) != IN(refused, file)) {
                printf("# %s: %s\n", file, result < 0 ? err.message : "accepted");
                FAIL(result < 0 ? "it is refused" : "it should be refused");
            }
        }
        if (result == 0 && !scaled) {
            check_size(row, &r);
        }
        CHECK(result == 0 || err.kind == ERROR_IMAGE_CORRUPT ||
              err.kind == ERROR_IMAGE_TYPE || err.kind == ERROR_IMAGE_LIMIT);
        CHECK(result == 0 || r.pixels == NULL);
    }
}

TEST(corpus)
{
    char *rest = manifest.data, *line;
    if (manifest.len == 0) {
        SKIP("no corpus: set IMGCTL_SHARED");
    }
    strsep(&rest, "\n");
    while ((line = strsep(&rest, "\n")) != NULL && *line) {
        char *row[COLUMNS];
        for (int i = 0; i < COLUMNS; i++) {
            char *field = strsep(&line, "\t");
            row[i] = field ? field : "";
        }
        if (!strstr(row[FILE_NAME], ".tsv") && strncmp(row[FILE_NAME], "json/", 5) != 0) {
            check_row(row);
        }
    }
}

int main(void)
{
    const char *shared = getenv("IMGCTL_SHARED");
    char path[4200];
    struct error err = ERROR_INIT;
    snprintf(corpus, sizeof corpus, "%s/corpus", shared ? shared : "../shared");
    snprintf(path, sizeof path, "%s/MANIFEST.tsv", corpus);
    file_read(path, 1 << 24, &manifest, &err);
    codecs_here();
    RUN(corpus);
    buf_release(&manifest);
    return test_end();
}
