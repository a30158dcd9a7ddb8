/* Every decoder: the whole picture, a small version, a part. */
#include "../../src/image/guard.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    static int kept = -1;
    static const struct load_options ways[] = {
        { .limits = { .pixels = 1 << 20 } },
        { .limits = { .pixels = 1 << 20 }, .width = 24, .height = 24, .fit = true },
        { .limits = { .pixels = 1 << 20 }, .crop = { 1, 1, 5, 3 }, .width = 7 },
    };
    struct error err = ERROR_INIT;
    int fd = fuzz_file(&kept, data, len);
    if (fd < 0 || image_codec_load(&err) < 0) {
        return 0;
    }
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
        AUTO_RASTER struct raster r = RASTER_INIT;
        if (image_load_here(fd, (int64_t)len, &ways[i], &r, &err) == 0) {
            volatile uint8_t last = r.pixels[(size_t)r.width * r.height * r.channels - 1];
            (void)last;
        }
    }
    return 0;
}
