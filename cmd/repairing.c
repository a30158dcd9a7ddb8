#include "repairing.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "imgctl/mem.h"

#define BYTES_MOST ((int64_t)1024 * 1024 * 1024)

const char *const format_names[] = { "same", "jpeg", "png", "webp", "jpg", NULL };

enum image_format format_chosen(int choice)
{
    static const enum image_format formats[] = { IMAGE_NONE, IMAGE_JPEG, IMAGE_PNG,
                                                 IMAGE_WEBP, IMAGE_JPEG };
    return formats[choice];
}

void format_take(struct output_args *output, int *choice)
{
    for (int i = 0; output->format && format_names[i]; i++) {
        if (strcasecmp(output->format, format_names[i]) == 0) {
            output->format = NULL;
            *choice = i;
        }
    }
}

bool convert_is_wanted(const struct convert_args *args)
{
    return args->width > 0 || args->height > 0 || args->quality > 0 || args->format > 0;
}

char *convert_key(const struct convert_args *args)
{
    return mem_printf("%" PRId64 "x%" PRId64 " %s q%" PRId64, args->width, args->height,
                      format_names[args->format], args->quality);
}

struct fix_options convert_fix(const struct convert_args *args)
{
    return (struct fix_options){
        .width = args->width,
        .height = args->height,
        .format = format_chosen(args->format),
        .quality = (int)args->quality,
        .reencode = args->quality > 0,
        .background = 0xffffff,
    };
}

struct upload_conversion convert_for_upload(const struct convert_args *args,
                                            const struct image_limits *limits,
                                            const char *key)
{
    struct upload_conversion c = {
        .fix = convert_fix(args), .key = key, .is_gentle = true,
    };
    c.fix.limits = *limits;
    return c;
}

static const struct {
    const char *name;
    uint32_t color;
} colors[] = {
    { "white", 0xffffff }, { "black", 0x000000 }, { "gray", 0x808080 },
    { "grey", 0x808080 },  { "silver", 0xc0c0c0 }, { "red", 0xff0000 },
    { "green", 0x008000 }, { "blue", 0x0000ff },  { "yellow", 0xffff00 },
    { "orange", 0xffa500 }, { "navy", 0x000080 }, { "beige", 0xf5f5dc },
};

/* "#ff8800", "f80", "white" as 0xRRGGBB. ERROR_USAGE. */
static int parse_color(const char *text, uint32_t *ret, struct error *err)
{
    const char *digits = text + (*text == '#');
    size_t len = strlen(digits);
    for (size_t i = 0; i < sizeof colors / sizeof *colors; i++) {
        if (strcasecmp(text, colors[i].name) == 0) {
            *ret = colors[i].color;
            return 0;
        }
    }
    if ((len != 3 && len != 6) || strspn(digits, "0123456789abcdefABCDEF") != len) {
        error_set(err, ERROR_USAGE, "\"%s\" is no colour", text);
        return error_hint(err, "a name such as white, black or grey, or #rrggbb");
    }
    uint32_t value = (uint32_t)strtoul(digits, NULL, 16);
    *ret = len == 6 ? value
                    : (value >> 8 & 0xf) * 0x110000 + (value >> 4 & 0xf) * 0x1100 +
                          (value & 0xf) * 0x11;
    return 0;
}

struct image_limits repairing_limits(const struct app *app)
{
    struct image_limits limits = image_default_limits;
    limits.bytes = BYTES_MOST;
    limits.pixels = config_int(app->config, "upload.max_pixels");
    return limits;
}

int repairing_defaults(const struct app *app, const char *background,
                       struct fix_options *fix, struct error *err)
{
    fix->limits = repairing_limits(app);
    fix->quality = fix->quality > 0 ? fix->quality
                                    : (int)config_int(app->config, "fix.quality");
    const char *color = background ? background
                                   : config_text(app->config, "fix.background");
    return parse_color(color, &fix->background, err);
}
