#include "imgctl/store.h"

#include <stdlib.h>
#include <string.h>

#include "cloudinary.h"
#include "local.h"

const struct link_options link_for_posting = { .kind = LINK_OPTIMISED, .format = "jpg" };

const char *const store_names[] = { "local", "cloudinary", NULL };

void stored_release(struct stored *s)
{
    free(s->url);
    free(s->public_id);
    free(s->asset_id);
    free(s->resource_type);
    free(s->delivery_type);
    free(s->format);
    free(s->etag);
    *s = (struct stored){ .url = NULL };
}

int store_check_name(const char *name, struct error *err)
{
    for (size_t i = 0; store_names[i]; i++) {
        if (strcmp(name, store_names[i]) == 0) {
            return 0;
        }
    }
    error_set(err, ERROR_USAGE, "there is no store \"%s\"", name);
    return error_hint(err, "the stores are local and cloudinary");
}

int store_open(const char *name, const struct store_context *context,
               struct store **ret, struct error *err)
{
    if (store_check_name(name, err) < 0) {
        return -1;
    }
    return strcmp(name, "local") == 0 ? local_open(context, ret, err)
                                      : cloudinary_open(context, ret, err);
}

void store_close(struct store *s)
{
    if (s) {
        s->ops->close(s);
    }
}

bool store_is_configured(const char *name, const struct config *config)
{
    return strcmp(name, "cloudinary") != 0 || cloudinary_is_configured(config);
}

const char *store_default(const struct config *config)
{
    const char *name = config_text(config, "store");
    if (name) {
        return name;
    }
    return store_is_configured("cloudinary", config) ? "cloudinary" : "local";
}
