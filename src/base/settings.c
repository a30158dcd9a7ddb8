/* Every setting there is: config.h says what the fields mean. */
#include "imgctl/config.h"

#include <inttypes.h>
#include <string.h>
#include <strings.h>

#include "imgctl/buf.h"
#include "imgctl/money.h"
#include "imgctl/text.h"

#define MANY 1000000000000 /* a bound only against overflow further on */

static const char *const stores[] = { "local", "cloudinary", NULL };
static const char *const strips[] = { "gps", "all", "none", NULL };
static const char *const formats[] = { "same", "jpeg", "png", "webp", NULL };
static const char *const fits[] = { "none", "crop", "pad", "blur", "scale", NULL };
static const char *const providers[] = { "openai", "mock", NULL };
static const char *const colors[] = { "auto", "always", "never", NULL };

const struct setting settings[] = {
    { .key = "store", .type = SETTING_CHOICE, .choices = stores,
      .help = "where pictures go: cloudinary if an account is configured, else local" },
    { .key = "business", .type = SETTING_TEXT,
      .help = "the business that is meant when none is named" },
    { .key = "catalog.path", .type = SETTING_TEXT,
      .help = "the catalog's file, where it is not the one in the data folder" },
    { .key = "upload.max_bytes", .type = SETTING_SIZE, .fallback = "10M",
      .min = 1, .max = MANY, .help = "the largest file that is taken" },
    { .key = "upload.max_pixels", .type = SETTING_INT, .fallback = "100000000",
      .min = 1, .max = MANY, .help = "the largest width times height that is taken" },
    { .key = "upload.strip", .type = SETTING_CHOICE, .choices = strips,
      .help = "private metadata that is taken out before sending: gps for a remote "
              "store and none for the local one unless set" },
    { .key = "upload.max_width", .type = SETTING_INT, .fallback = "0", .max = 65535,
      .help = "wider pictures are scaled down before they are stored; 0 is no limit" },
    { .key = "upload.max_height", .type = SETTING_INT, .fallback = "0", .max = 65535,
      .help = "higher pictures are scaled down before they are stored; 0 is no limit" },
    { .key = "upload.format", .type = SETTING_CHOICE, .choices = formats,
      .fallback = "same",
      .help = "what pictures are converted to before they are stored" },
    { .key = "upload.quality", .type = SETTING_INT, .fallback = "0", .max = 100,
      .help = "JPEG and WebP are encoded anew in this quality before they are stored, if "
              "that makes them smaller; 0 leaves them" },
    { .key = "upload.jobs", .type = SETTING_INT, .fallback = "30", .min = 1, .max = 100,
      .help = "how many pictures are sent over the network at once" },
    { .key = "fix.fit", .type = SETTING_CHOICE, .choices = fits, .fallback = "none",
      .help = "how a ratio that breaks a rule is repaired; none leaves that to the "
              "command line" },
    { .key = "fix.background", .type = SETTING_TEXT, .fallback = "white",
      .help = "the colour under transparency and around pictures: a name or #rrggbb" },
    { .key = "fix.quality", .type = SETTING_INT, .fallback = "90", .min = 1, .max = 100,
      .help = "the best quality that repaired pictures are encoded in" },
    { .key = "cloudinary.folder", .type = SETTING_TEXT,
      .fallback = "ai-growth-manager/business_{id}",
      .help = "the folder of public ids; {id} is the number of the business" },
    { .key = "cloudinary.chunk_bytes", .type = SETTING_SIZE, .fallback = "20000000",
      .min = 1, .max = MANY,
      .help = "larger files are sent in pieces of this size; the service wants more "
              "than 5 MB" },
    { .key = "generate.provider", .type = SETTING_CHOICE, .choices = providers,
      .fallback = "openai",
      .help = "who makes pictures; mock draws test cards, offline and for nothing" },
    { .key = "generate.timeout", .type = SETTING_INT, .fallback = "600", .min = 1,
      .max = 86400, .help = "seconds that making pictures may take" },
    { .key = "generate.model", .type = SETTING_TEXT, .fallback = "gpt-image-2.5-flare",
      .help = "the model that is used when none is named; imgctl cost --models lists "
              "them" },
    { .key = "generate.quality", .type = SETTING_TEXT,
      .help = "the quality when none is named: that of the model unless set" },
    { .key = "generate.size", .type = SETTING_TEXT, .fallback = "square",
      .help = "the size when none is named: a name, a ratio or WIDTHxHEIGHT" },
    { .key = "generate.max_prompt", .type = SETTING_INT, .min = 1, .max = MANY,
      .help = "the longest prompt in characters, where that is less than the model's" },
    { .key = "generate.free", .type = SETTING_BOOL, .fallback = "false",
      .help = "the server that OPENAI_BASE_URL names costs nothing; OpenAI itself does" },
    { .key = "generate.rate", .type = SETTING_INT, .fallback = "0", .max = 100000,
      .help = "pictures that all processes together begin within a minute; 0 is no "
              "limit" },
    { .key = "budget.month", .type = SETTING_MONEY,
      .help = "US dollars that may be spent in a month (UTC); unset is no limit" },
    { .key = "budget.day", .type = SETTING_MONEY,
      .help = "US dollars that may be spent in a day (UTC); unset is no limit" },
    { .key = "delete.max", .type = SETTING_INT, .fallback = "50", .max = 2147483647,
      .help = "how many pictures may be deleted at once without a question" },
    { .key = "list.page_size", .type = SETTING_INT, .fallback = "20", .min = 1,
      .max = 100, .help = "pictures on a page of a list" },
    { .key = "http.retries", .type = SETTING_INT, .fallback = "4", .max = 100,
      .help = "how often a request that failed for a passing reason is sent again" },
    { .key = "http.retry_base", .type = SETTING_INT, .fallback = "1000", .min = 1,
      .max = 600000,
      .help = "milliseconds before the first retry; each later one waits twice as "
              "long" },
    { .key = "http.connect_timeout", .type = SETTING_INT, .fallback = "10", .min = 1,
      .max = 3600, .help = "seconds to wait for a connection" },
    { .key = "http.timeout", .type = SETTING_INT, .fallback = "600", .min = 1,
      .max = 86400, .help = "seconds that one request may take" },
    { .key = "image.sandbox", .type = SETTING_BOOL, .fallback = "true",
      .help = "decode pictures in a process that can reach no file and no network" },
    { .key = "color.ui", .type = SETTING_CHOICE, .choices = colors, .fallback = "auto",
      .help = "when output has colours" },
    { .key = "core.pager", .type = SETTING_TEXT,
      .help = "the program that shows long output on a terminal, cat for none; "
              "$IMGCTL_PAGER comes before it, $PAGER and less after it" },
    { .key = "cache.max_bytes", .type = SETTING_SIZE, .fallback = "512M",
      .max = MANY, .help = "how much room thumbnails may take in the cache folder" },
    { .key = "credential.helper", .type = SETTING_TEXT,
      .help = "the program that is asked for keys and passwords, as git does" },
};

const size_t settings_count = sizeof settings / sizeof *settings;

const struct setting *setting_find(const char *key)
{
    for (size_t i = 0; i < settings_count; i++) {
        if (strcasecmp(settings[i].key, key) == 0) {
            return &settings[i];
        }
    }
    return NULL;
}

static int unknown_setting(const char *key, struct error *err)
{
    const char *keys[sizeof settings / sizeof *settings];
    for (size_t i = 0; i < settings_count; i++) {
        keys[i] = settings[i].key;
    }
    const char *nearest = text_nearest(key, keys, settings_count);
    error_set(err, ERROR_USAGE, "unknown setting \"%s\"", key);
    return nearest ? error_hint(err, "did you mean %s? All: imgctl config --list-keys",
                                nearest)
                   : error_hint(err, "all settings: imgctl config --list-keys");
}

static bool is_boolean(const char *value)
{
    static const char *const words[] = { "true", "yes", "on", "1",
                                         "false", "no", "off", "0" };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (strcasecmp(words[i], value) == 0) {
            return true;
        }
    }
    return false;
}

static int check_choice(const struct setting *s, const char *value, struct error *err)
{
    AUTO_BUF struct buf list = BUF_INIT;
    for (size_t i = 0; s->choices[i]; i++) {
        if (strcmp(s->choices[i], value) == 0) {
            return 0;
        }
        buf_addf(&list, "%s%s", i ? ", " : "", s->choices[i]);
    }
    return error_set(err, ERROR_CONFIG, "%s is \"%s\", which is not one of %s", s->key,
                     value, list.data);
}

static int check_number(const struct setting *s, const char *value, struct error *err)
{
    bool size = s->type == SETTING_SIZE;
    int64_t n;
    if (size ? !text_parse_size(value, &n)
             : !text_parse_int(value, INT64_MIN, INT64_MAX, &n)) {
        return error_set(err, ERROR_CONFIG, "%s is \"%s\", which is no %s", s->key, value,
                         size ? "size such as 500K or 10M" : "number");
    }
    if (n < s->min || n > s->max) {
        return error_set(err, ERROR_CONFIG,
                         "%s is %s, which is not from %" PRId64 " to %" PRId64, s->key,
                         value, s->min, s->max);
    }
    return 0;
}

static int check_money(const struct setting *s, const char *value, struct error *err)
{
    int64_t micros;
    if (money_parse(value, &micros)) {
        return 0;
    }
    return error_set(err, ERROR_CONFIG,
                     "%s is \"%s\", which is no sum in US dollars such as 20 or 0.50",
                     s->key, value);
}

int setting_check(const char *key, const char *value, struct error *err)
{
    const struct setting *s = setting_find(key);
    if (!s) {
        return unknown_setting(key, err);
    }
    if (!value) {
        return 0;
    }
    switch (s->type) {
    case SETTING_TEXT:
        return 0;
    case SETTING_BOOL:
        return is_boolean(value)
                   ? 0
                   : error_set(err, ERROR_CONFIG,
                               "%s is \"%s\", which is neither true nor false", s->key,
                               value);
    case SETTING_SIZE:
    case SETTING_INT:
        return check_number(s, value, err);
    case SETTING_MONEY:
        return check_money(s, value, err);
    case SETTING_CHOICE:
        return check_choice(s, value, err);
    }
    return 0;
}
