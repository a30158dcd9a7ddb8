#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app.h"
#include "commands.h"
#include "imgctl/clock.h"
#include "imgctl/mem.h"
#include "imgctl/output.h"
#include "imgctl/posts.h"
#include "imgctl/text.h"

#define SOON_MS ((int64_t)7 * 86400 * 1000) /* before a token ends, say so */

#define FIELD(name, type, member) { name, type, offsetof(struct account, member) }

static const struct field fields[] = {
    FIELD("id", FIELD_INT, id),
    FIELD("name", FIELD_TEXT, name),
    FIELD("platform", FIELD_TEXT, platform),
    FIELD("login", FIELD_TEXT, login),
    FIELD("user_id", FIELD_TEXT, user_id),
    FIELD("username", FIELD_TEXT, username),
    FIELD("token_expires_at", FIELD_TIME, expires_at),
    FIELD("created_at", FIELD_TIME, created_at),
    { .name = NULL },
};

static void print_name(struct buf *out, const void *record)
{
    buf_addstr(out, ((const struct account *)record)->name);
}

static void print_user(struct buf *out, const void *record)
{
    const struct account *a = record;
    buf_addf(out, "%s%s", a->username ? "@" : "",
             a->username ? a->username : a->user_id ? a->user_id : "");
}

static void print_login(struct buf *out, const void *record)
{
    buf_addstr(out, ((const struct account *)record)->login);
}

static void print_expires(struct buf *out, const void *record)
{
    char text[CLOCK_TEXT_SIZE];
    const struct account *a = record;
    if (a->expires_at > 0) {
        clock_format(text, a->expires_at);
        buf_addf(out, "%.10s", text);
    }
}

static const struct column columns[] = {
    { .title = "NAME", .print = print_name },
    { .title = "USER", .print = print_user, .flexible = true },
    { .title = "LOGIN", .print = print_login },
    { .title = "TOKEN UNTIL", .print = print_expires },
    { .title = NULL },
};

static const char *const tsv[] = { "name", "platform", "login", "user_id", "username",
                                   "token_expires_at", NULL };

static const struct record_type account_type = {
    .fields = fields, .columns = columns, .tsv = tsv, .id = "name", .url = NULL,
};

/* ---- add ---- */

struct add_args {
    const char *name, *user_id;
    int login;
    bool no_check;
};

static const struct option add_options[] = {
    { OPT_CHOICE(struct add_args, login), .name = "login", .value = "FLAVOUR",
      .choices = publisher_logins, .fallback = "instagram",
      .help = "how the token was made: with Instagram Login or with Facebook Login" },
    { OPT_TEXT(struct add_args, user_id), .name = "user-id", .value = "ID",
      .help = "the account's number; with Instagram Login the token tells it" },
    { OPT_FLAG(struct add_args, no_check), .name = "no-check",
      .help = "do not ask Instagram about it now" },
    { .name = NULL },
};

static const struct operand add_operands[] = {
    { OPERAND_ONE(struct add_args, name), .name = "NAME", .required = true,
      .help = "what you call it: a-z, 0-9, - and _" },
    { .name = NULL },
};

static struct publisher_account to_publisher(const struct account *a)
{
    return (struct publisher_account){
        .platform = a->platform,
        .name = a->name,
        .login = a->login,
        .user_id = a->user_id,
    };
}

/* Ask the service whose token it is, and take that over. */
static int take_identity(struct publisher *p, struct account *a, struct error *err)
{
    struct publisher_identity identity;
    if (p->ops->identify(p, &identity, err) < 0) {
        return -1;
    }
    free(a->user_id);
    free(a->username);
    a->user_id = mem_strdup(identity.user_id);
    a->username = identity.username[0] ? mem_strdup(identity.username) : NULL;
    return 0;
}

static int identify(struct app *app, struct account *a, struct error *err)
{
    struct publisher_account who = to_publisher(a);
    struct publisher *p = NULL;
    if (publisher_open(&who, app->config, app->trace_fd, &p, err) < 0) {
        return -1;
    }
    int result = take_identity(p, a, err);
    publisher_close(p);
    return result;
}

static int check_user_id(const struct add_args *args, struct error *err)
{
    const char *id = args->user_id;
    size_t len = id ? strlen(id) : 0;
    if (id && (len == 0 || len > 40 || strspn(id, "0123456789") != len)) {
        return error_set(err, ERROR_USAGE, "\"%s\" is no user id: it is a number", id);
    }
    if (!id && args->no_check) {
        return error_set(err, ERROR_USAGE, "--no-check needs --user-id");
    }
    return 0;
}

static int run_add(struct app *app, void *arguments, struct error *err)
{
    const struct add_args *args = arguments;
    AUTO_ACCOUNT struct account a = {
        .name = mem_strdup(args->name),
        .platform = mem_strdup(publisher_platforms[0]),
        .login = mem_strdup(publisher_logins[args->login]),
        .user_id = mem_strdup(args->user_id),
    };
    if (check_user_id(args, err) < 0 ||
        (!args->no_check && identify(app, &a, err) < 0) ||
        catalog_account_add(app->catalog, &a, err) < 0) {
        return -1;
    }
    if (!output_quiet()) {
        output_note("account %s is the user %s%s%s", a.name, a.user_id,
                    a.username ? ", @" : "", a.username ? a.username : "");
    }
    return 0;
}

static const char *const add_examples[] = {
    "imgctl account add acme",
    "imgctl account add acme --login facebook --user-id 17841400000000001",
    NULL,
};

static const struct command add = {
    .name = "add",
    .summary = "add an Instagram account",
    .args_size = sizeof(struct add_args),
    .sets = { { add_options, 0, NULL } },
    .operands = add_operands,
    .examples = add_examples,
    .needs = NEEDS_CATALOG,
    .run = run_add,
};

/* ---- list ---- */

static int print_one(void *cookie, const struct account *a)
{
    output_record(cookie, a);
    return output_failed();
}

static int run_list(struct app *app, void *arguments, struct error *err)
{
    struct output out;
    if (output_begin(&out, arguments, &account_type, err) < 0) {
        return -1;
    }
    output_open(&out, "accounts");
    if (app->catalog && catalog_accounts(app->catalog, print_one, &out, err) < 0) {
        output_abandon(&out);
        return -1;
    }
    output_close(&out);
    output_end(&out);
    return 0;
}

static const struct command list = {
    .name = "list",
    .summary = "list accounts, and how long their tokens are good",
    .args_size = sizeof(struct output_args),
    .sets = { { output_options, 0, "Output" } },
    .needs = NEEDS_CATALOG_IF_THERE,
    .run = run_list,
};

/* ---- remove ---- */

struct name_args {
    const char *name;
};

static const struct operand name_operand[] = {
    { OPERAND_ONE(struct name_args, name), .name = "NAME", .required = true,
      .complete = COMPLETE_ACCOUNT, .help = "name of an account" },
    { .name = NULL },
};

static int run_remove(struct app *app, void *arguments, struct error *err)
{
    const struct name_args *args = arguments;
    return catalog_account_remove(app->catalog, args->name, err);
}

static const struct command remove_command = {
    .name = "remove",
    .summary = "forget an account; its token and its posts stay",
    .args_size = sizeof(struct name_args),
    .operands = name_operand,
    .needs = NEEDS_CATALOG,
    .run = run_remove,
};

/* ---- check and refresh ---- */

static int open_account(struct app *app, const char *name, struct account *a,
                        struct publisher **ret, struct error *err)
{
    if (catalog_account_find(app->catalog, name, a, err) < 0) {
        return -1;
    }
    struct publisher_account who = to_publisher(a);
    return publisher_open(&who, app->config, app->trace_fd, ret, err);
}

static void warn_of_end(const struct account *a)
{
    char until[CLOCK_TEXT_SIZE];
    if (a->expires_at > 0 && a->expires_at - clock_now() < SOON_MS) {
        clock_format(until, a->expires_at);
        output_note("its token ends on %.10s: imgctl account refresh %s", until, a->name);
    }
}

static int run_check(struct app *app, void *arguments, struct error *err)
{
    const struct name_args *args = arguments;
    AUTO_ACCOUNT struct account a = ACCOUNT_INIT;
    AUTO_BUF struct buf line = BUF_INIT, safe = BUF_INIT;
    struct publisher *p = NULL;
    struct publisher_quota quota;
    if (open_account(app, args->name, &a, &p, err) < 0) {
        return -1;
    }
    int result = take_identity(p, &a, err);
    if (result == 0) {
        result = p->ops->quota(p, &quota, err);
    }
    publisher_close(p);
    if (result < 0 || catalog_account_update(app->catalog, &a, err) < 0) {
        return -1;
    }
    buf_addf(&line, "%s: the user %s%s%s; %" PRId64 " of %" PRId64 " posts used within"
             " %" PRId64 " hours", a.name, a.user_id, a.username ? ", @" : "",
             a.username ? a.username : "", quota.used, quota.total, quota.seconds / 3600);
    text_escape(&safe, line.data, line.len);
    buf_addch(&safe, '\n');
    output_write(&safe);
    warn_of_end(&a);
    return 0;
}

static const struct command check = {
    .name = "check",
    .summary = "ask Instagram: is the token good, whose is it, how many posts are left",
    .args_size = sizeof(struct name_args),
    .operands = name_operand,
    .needs = NEEDS_CATALOG,
    .run = run_check,
};

static int run_refresh(struct app *app, void *arguments, struct error *err)
{
    const struct name_args *args = arguments;
    AUTO_ACCOUNT struct account a = ACCOUNT_INIT;
    AUTO_FREE char *token = NULL;
    struct publisher *p = NULL;
    char until[CLOCK_TEXT_SIZE];
    if (open_account(app, args->name, &a, &p, err) < 0) {
        return -1;
    }
    struct publisher_account who = to_publisher(&a);
    int result = publisher_can_keep_token(&who, app->config, err);
    if (result == 0) {
        result = p->ops->renew(p, &token, &a.expires_at, err);
    }
    if (result == 0) {
        result = publisher_keep_token(&who, app->config, token, err);
        explicit_bzero(token, strlen(token));
    }
    publisher_close(p);
    if (result < 0 || catalog_account_update(app->catalog, &a, err) < 0) {
        return -1;
    }
    clock_format(until, a.expires_at);
    if (!output_quiet()) {
        output_note("account %s has a new token until %.10s", a.name, until);
    }
    return 0;
}

static const struct command refresh = {
    .name = "refresh",
    .summary = "get a longer-lived token, and keep it where the present one is",
    .args_size = sizeof(struct name_args),
    .operands = name_operand,
    .needs = NEEDS_CATALOG,
    .run = run_refresh,
};

static const struct command *const children[] = { &add, &list, &remove_command, &check,
                                                  &refresh, NULL };

static const char *const examples[] = {
    "INSTAGRAM_TOKEN_ACME_FILE=~/.config/imgctl/acme.token imgctl account add acme",
    "imgctl account check acme",
    NULL,
};

const struct command cmd_account = {
    .name = "account",
    .summary = "Instagram accounts to publish to",
    .group = "Publishing",
    .examples = examples,
    .children = children,
};
