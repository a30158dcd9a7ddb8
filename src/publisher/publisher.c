#include "imgctl/publisher.h"

#include <string.h>

#include "imgctl/secret.h"
#include "instagram.h"
#include "instagram_login.h"

const char *const publisher_platforms[] = { "instagram", NULL };
const char *const publisher_logins[] = { "instagram", "facebook", NULL };

static const struct platform {
    const char *name;
    int (*open)(const struct publisher_account *account, const struct config *config,
                int trace_fd, struct publisher **ret, struct error *err);
    int (*token)(const char *account, const struct config *config, struct secret *ret,
                 struct error *err);
} platforms[] = {
    { "instagram", instagram_open, instagram_login_token },
};

static const struct platform *find_platform(const char *name, struct error *err)
{
    for (size_t i = 0; i < sizeof platforms / sizeof *platforms; i++) {
        if (strcmp(platforms[i].name, name) == 0) {
            return &platforms[i];
        }
    }
    error_set(err, ERROR_USAGE, "this imgctl cannot post to \"%s\"", name);
    return NULL;
}

int publisher_open(const struct publisher_account *account, const struct config *config,
                   int trace_fd, struct publisher **ret, struct error *err)
{
    const struct platform *p = find_platform(account->platform, err);
    return p ? p->open(account, config, trace_fd, ret, err) : -1;
}

void publisher_close(struct publisher *p)
{
    if (p) {
        p->ops->close(p);
    }
}

static int present_token(const struct publisher_account *account,
                         const struct config *config, struct secret *ret,
                         struct error *err)
{
    const struct platform *p = find_platform(account->platform, err);
    return p ? p->token(account->name, config, ret, err) : -1;
}

int publisher_can_keep_token(const struct publisher_account *account,
                             const struct config *config, struct error *err)
{
    AUTO_SECRET struct secret present = SECRET_INIT;
    return present_token(account, config, &present, err) < 0
               ? -1
               : secret_can_replace(&present, err);
}

int publisher_keep_token(const struct publisher_account *account,
                         const struct config *config, const char *token,
                         struct error *err)
{
    AUTO_SECRET struct secret present = SECRET_INIT;
    return present_token(account, config, &present, err) < 0
               ? -1
               : secret_replace(&present, config, token, err);
}
