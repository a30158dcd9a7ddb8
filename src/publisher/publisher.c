#include "imgctl/publisher.h"

#include <string.h>

#include "imgctl/secret.h"
#include "instagram.h"
#include "instagram_login.h"

const char *const publisher_platforms[] = { "instagram", NULL };
const char *const publisher_logins[] = { "instagram", "facebook", NULL };

int publisher_open(const struct publisher_account *account, const struct config *config,
                   int trace_fd, struct publisher **ret, struct error *err)
{
    if (strcmp(account->platform, "instagram") == 0) {
        return instagram_open(account, config, trace_fd, ret, err);
    }
    return error_set(err, ERROR_USAGE, "this imgctl cannot post to \"%s\"",
                     account->platform);
}

void publisher_close(struct publisher *p)
{
    if (p) {
        p->ops->close(p);
    }
}

int publisher_can_keep_token(const struct publisher_account *account,
                             const struct config *config, struct error *err)
{
    AUTO_SECRET struct secret present = SECRET_INIT;
    if (instagram_login_token(account->name, config, &present, err) < 0) {
        return -1;
    }
    return secret_can_replace(&present, err);
}

int publisher_keep_token(const struct publisher_account *account,
                         const struct config *config, const char *token,
                         struct error *err)
{
    AUTO_SECRET struct secret present = SECRET_INIT;
    if (instagram_login_token(account->name, config, &present, err) < 0) {
        return -1;
    }
    return secret_replace(&present, config, token, err);
}
