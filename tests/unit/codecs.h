/* codecs.h - for tests that decode pictures in their own process. */
#ifndef CODECS_H
#define CODECS_H

#include "imgctl/raster.h"
#include "test.h"

/* Load the decoders; sanitizers are to see them, so there is no child. */
static inline void codecs_here(void)
{
    struct error err = ERROR_INIT;
    image_guard_set(IMAGE_GUARD_OFF);
    if (image_codec_load(&err) < 0) {
        printf("Bail out! %s\n", err.message);
        exit(1);
    }
}

#endif
