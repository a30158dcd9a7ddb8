#include <inttypes.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "app.h"
#include "commands.h"
#include "imgctl/digest.h"
#include "imgctl/generate.h"
#include "imgctl/http.h"
#include "imgctl/raster.h"
#include "imgctl/json.h"
#include "imgctl/model.h"
#include "imgctl/output.h"
#include "imgctl/text.h"

struct doctor_args {
    bool network, json;
};

static const struct option options[] = {
    { OPT_FLAG(struct doctor_args, network), .name = "network",
      .help = "also ask the services whether they take our credentials" },
    { OPT_FLAG(struct doctor_args, json), .name = "json",
      .help = "print {\"checks\":[...]}" },
    { .name = NULL },
};

static const char *const examples[] = {
    "imgctl doctor",
    "imgctl doctor --network",
    NULL,
};

/* What the checks share. */
struct doctor {
    struct app *app;
    bool network;
    bool json;
    struct buf out;
    struct json_writer w;
    int exit_code; /* of the first failure */
};

/* A finding: level "ok", "note" or "FAIL". */
static void say(struct doctor *d, const char *level, const char *name, const char *found,
                const char *hint)
{
    if (d->json) {
        json_begin_object(&d->w);
        json_member_text(&d->w, "name", name);
        json_member_text(&d->w, "level", strcmp(level, "FAIL") == 0 ? "fail" : level);
        json_member_text(&d->w, "found", found);
        json_member_text(&d->w, "hint", hint && *hint ? hint : NULL);
        json_end_object(&d->w);
        return;
    }
    buf_addf(&d->out, "%-4s  %-12s  ", level, name);
    text_escape(&d->out, found, strlen(found));
    buf_addch(&d->out, '\n');
    if (hint && *hint) {
        buf_addstr(&d->out, "                    hint: ");
        text_escape(&d->out, hint, strlen(hint));
        buf_addch(&d->out, '\n');
    }
}

static void say_failure(struct doctor *d, const char *name, const struct error *err)
{
    say(d, "FAIL", name, err->message, err->hint);
    if (d->exit_code == 0) {
        d->exit_code = error_exit_code(err->kind);
    }
}

static void check_program(struct doctor *d)
{
    struct error err = ERROR_INIT;
    struct digest *digest = NULL;
    struct http_client *client = NULL;
    struct json *document = NULL;
    struct http_options http = HTTP_OPTIONS_INIT;
    bool loads = digest_start(DIGEST_SHA256, &digest, &err) == 0 &&
                 http_client_new(&http, &client, &err) == 0 &&
                 json_parse("null", strlen("null"), &document, &err) == 0 &&
                 image_codec_load(&err) == 0;
    digest_free(digest);
    http_client_free(client);
    json_free(document);
    if (!loads) {
        say_failure(d, "program", &err);
        return;
    }
    say(d, "ok", "program", "imgctl " IMGCTL_VERSION ", its modules load", NULL);
}

static void check_sandbox(struct doctor *d)
{
    if (!config_bool(d->app->config, "image.sandbox")) {
        say(d, "note", "sandbox", "pictures are decoded in imgctl itself",
            "imgctl config image.sandbox true");
    } else if (image_guard_confines()) {
        say(d, "ok", "sandbox", "pictures are decoded where no file and no network is",
            NULL);
    } else {
        say(d, "note", "sandbox", "the kernel cannot confine the process that decodes",
            "seccomp is missing: pictures from strangers are better decoded elsewhere");
    }
}

static void check_configuration(struct doctor *d)
{
    struct stat st;
    AUTO_BUF struct buf found = BUF_INIT;
    const char *path = config_path(d->app->config);
    buf_addf(&found, "%s%s", path,
             stat(path, &st) == 0 ? "" : " (not there: all defaults)");
    say(d, "ok", "settings", found.data, NULL);
}

static void say_catalog(struct doctor *d, const struct catalog_summary *s)
{
    AUTO_BUF struct buf found = BUF_INIT;
    char size[16];
    text_format_size(size, s->bytes);
    buf_addf(&found, "%s: %" PRId64 " pictures, %s, %" PRId64 " deleted; sound",
             d->app->catalog_path, s->live, size, s->deleted);
    say(d, "ok", "catalog", found.data, NULL);
    if (s->transfers > 0) {
        buf_clear(&found);
        buf_addf(&found, "%" PRId64 " uploads were interrupted or failed", s->transfers);
        say(d, "note", "uploads", found.data, "run the same imgctl upload again");
    }
    if (s->removals > 0) {
        buf_clear(&found);
        buf_addf(&found, "%" PRId64 " hard deletions are not finished", s->removals);
        say(d, "note", "deletions", found.data, "imgctl purge finishes them");
    }
    if (s->jobs > 0) {
        buf_clear(&found);
        buf_addf(&found, "%" PRId64 " generation%s not finished", s->jobs,
                 s->jobs == 1 ? " is" : "s are");
        say(d, "note", "generations", found.data, "imgctl jobs lists them");
    }
}

/* Generated pictures whose job is not in the catalog: they cost money, and nothing of
 * imgctl looks at them. */
static void check_strays(struct doctor *d)
{
    AUTO_STRLIST struct strlist folders = STRLIST_INIT;
    generate_strays(d->app->config, d->app->catalog, &folders);
    for (size_t i = 0; i < folders.len; i++) {
        AUTO_BUF struct buf found = BUF_INIT;
        AUTO_BUF struct buf hint = BUF_INIT;
        buf_addf(&found, "%s: generated pictures of no job in this catalog",
                 folders.items[i]);
        buf_addf(&hint, "imgctl upload -r %s keeps them; then remove that folder",
                 folders.items[i]);
        say(d, "note", "generations", found.data, hint.data);
    }
}

static void check_catalog(struct doctor *d)
{
    struct error err = ERROR_INIT;
    struct catalog_summary summary;
    struct stat st;
    if (app_open_catalog_if_there(d->app, &err) < 0) {
        say_failure(d, "catalog", &err);
        return;
    }
    if (!d->app->catalog) {
        AUTO_BUF struct buf found = BUF_INIT;
        buf_addf(&found, "%s (not there: the first upload makes it)",
                 d->app->catalog_path);
        say(d, "ok", "catalog", found.data, NULL);
        return;
    }
    if (catalog_integrity(d->app->catalog, &err) < 0 ||
        catalog_summary(d->app->catalog, &summary, &err) < 0) {
        say_failure(d, "catalog", &err);
        return;
    }
    say_catalog(d, &summary);
    check_strays(d);
    if (stat(d->app->catalog_path, &st) == 0 && (st.st_mode & 077)) {
        AUTO_BUF struct buf hint = BUF_INIT;
        buf_addf(&hint, "chmod 600 %s", d->app->catalog_path);
        say(d, "note", "catalog", "others on this machine can read it", hint.data);
    }
}

#define ENDS_SOON 30 /* days */
#define PRICES_OLD 90

static void check_default_model(struct doctor *d, const struct models *models)
{
    const char *id = model_default(d->app->config);
    const struct model *m = models_find(models, id);
    AUTO_BUF struct buf found = BUF_INIT, hint = BUF_INIT;
    if (!m) {
        buf_addf(&found, "%s is not in the table of models", id);
        say(d, "note", "model", found.data, "imgctl cost --models lists them");
        return;
    }
    buf_addf(&found, "%s%s%s", id, m->ends ? " ends on " : "", m->ends ? m->ends : "");
    if (model_days_left(m) > ENDS_SOON) {
        say(d, "ok", "model", found.data, NULL);
        return;
    }
    buf_addf(&hint, "imgctl config generate.model %s",
             m->replacement ? m->replacement : "MODEL");
    say(d, "note", "model", found.data, hint.data);
}

/* Does PATH stand beside the settings? */
static bool is_own(const struct doctor *d, const char *path)
{
    const char *file = config_path(d->app->config), *slash = strrchr(file, '/');
    size_t len = slash ? (size_t)(slash - file) + 1 : 0;
    return len > 0 && strncmp(path, file, len) == 0 && !strchr(path + len, '/');
}

static void check_models(struct doctor *d)
{
    struct error err = ERROR_INIT;
    struct models *models;
    AUTO_BUF struct buf found = BUF_INIT;
    if (models_load(d->app->config, &models, &err) < 0) {
        say_failure(d, "prices", &err);
        return;
    }
    bool is_old = models_age(models) > PRICES_OLD;
    check_default_model(d, models);
    buf_addf(&found, "of %s", models_date(models));
    if (is_own(d, models_source(models))) {
        buf_addf(&found, ", your own in %s", models_source(models));
    }
    say(d, is_old ? "note" : "ok", "prices", found.data,
        is_old ? "they may have changed: install a newer imgctl, or put a models.json"
                 " beside the settings"
               : NULL);
    models_free(models);
}

static void check_store(struct doctor *d, const char *name)
{
    struct error err = ERROR_INIT;
    struct store *store;
    AUTO_BUF struct buf found = BUF_INIT;
    if (app_store(d->app, name, &store, &err) < 0) {
        say_failure(d, name, &err);
        return;
    }
    if (store->ops->check(store, d->network, &found, &err) < 0) {
        say_failure(d, name, &err);
    } else {
        say(d, "ok", name, found.data, NULL);
    }
    store_close(store);
}

static void check_stores(struct doctor *d)
{
    const char *standard = store_default(d->app->config);
    AUTO_BUF struct buf found = BUF_INIT;
    check_store(d, "local");
    if (store_is_configured("cloudinary", d->app->config)) {
        check_store(d, "cloudinary");
    } else {
        say(d, "note", "cloudinary", "no account is configured",
            "set CLOUDINARY_URL to cloudinary://KEY:SECRET@CLOUD, as its console shows");
    }
    buf_addf(&found, "uploads go to %s unless --store says otherwise", standard);
    say(d, "ok", "store", found.data, NULL);
}

static int run(struct app *app, void *arguments, struct error *err)
{
    const struct doctor_args *args = arguments;
    struct doctor d = {
        .app = app, .network = args->network, .json = args->json, .out = BUF_INIT,
    };
    (void)err;
    d.w.out = &d.out;
    if (args->json) {
        json_begin_object(&d.w);
        json_key(&d.w, "checks");
        json_begin_array(&d.w);
    }
    check_program(&d);
    check_sandbox(&d);
    check_configuration(&d);
    check_catalog(&d);
    check_stores(&d);
    check_models(&d);
    if (args->json) {
        json_end_array(&d.w);
        json_end_object(&d.w);
        buf_addch(&d.out, '\n');
    }
    output_write(&d.out);
    buf_release(&d.out);
    return d.exit_code;
}

const struct command cmd_doctor = {
    .name = "doctor",
    .summary = "check the set-up and say what to do",
    .group = "Set-up",
    .args_size = sizeof(struct doctor_args),
    .sets = { { options, 0, NULL } },
    .examples = examples,
    .run = run,
};
