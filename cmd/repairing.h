/*
 * repairing.h - how commands ask for repairs: `fix`, `publish --fix`, and conversions of
 * `upload` and `get`.
 */
#ifndef REPAIRING_H
#define REPAIRING_H

#include "app.h"
#include "imgctl/fix.h"
#include "imgctl/output.h"
#include "imgctl/upload.h"

/* For --as: "same", then the formats in the order of enum image_format, with "jpg". */
extern const char *const format_names[];
enum image_format format_chosen(int choice);

/*
 * A template without a field would print the same for every picture. So --format jpeg
 * means --as jpeg, as people try it: taken out of OUTPUT, *CHOICE is set.
 */
void format_take(struct output_args *output, int *choice);

/* Conversions without a profile. */
struct convert_args {
    int64_t width, height, quality; /* at most; 0: not said */
    int format;                     /* of format_names */
};

bool convert_is_wanted(const struct convert_args *args);

/* What ARGS say, in words. The caller's. */
char *convert_key(const struct convert_args *args);

struct fix_options convert_fix(const struct convert_args *args);

struct upload_conversion convert_for_upload(const struct convert_args *args,
                                            const struct image_limits *limits,
                                            const char *key);

/* BACKGROUND (NULL: the setting fix.background) and quality as configured, with the
 * limits that the settings say, into FIX. */
int repairing_defaults(const struct app *app, const char *background,
                       struct fix_options *fix, struct error *err);

/* What is read of files that are to be repaired or converted: any size in bytes that is
 * not absurd, pixels as uploads. */
struct image_limits repairing_limits(const struct app *app);

#endif
