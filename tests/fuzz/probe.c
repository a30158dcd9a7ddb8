/* Headers, the container to its end, and metadata taken out: no pixel. */
#include "fuzz.h"
#include "imgctl/image.h"

static void strip(int fd, size_t len, enum image_strip what,
                  const struct image_info *before)
{
    static int out = -1;
    struct error err = ERROR_INIT;
    struct image_info after;
    if (fuzz_file(&out, (const uint8_t *)"", 0) < 0 ||
        image_strip(fd, (int64_t)len, what, out, &err) != 1) {
        return;
    }
    if (what == STRIP_GPS && !before->has_gps && !before->may_hide_gps) {
        __builtin_trap(); /* who trusts that would publish a position */
    }
    off_t size = lseek(out, 0, SEEK_END);
    /* What was a picture still is one, of the same size. */
    if (image_check(out, size, &image_default_limits, NULL, NULL, &after, &err) < 0 ||
        after.width != before->width || after.height != before->height) {
        __builtin_trap();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    static int kept = -1;
    struct image_info probed, checked;
    struct error err = ERROR_INIT;
    int fd = fuzz_file(&kept, data, len);
    if (fd < 0) {
        return 0;
    }
    int fine = image_probe(fd, (int64_t)len, &image_default_limits, &probed, &err);
    int whole = image_check(fd, (int64_t)len, &image_default_limits, NULL, NULL, &checked,
                            &err);
    if (whole == 0) {
        if (fine < 0 || probed.width != checked.width ||
            probed.height != checked.height) {
            __builtin_trap();
        }
        strip(fd, len, STRIP_GPS, &checked);
        strip(fd, len, STRIP_ALL, &checked);
    }
    return 0;
}
