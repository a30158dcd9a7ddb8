#include "imgctl/http.h"

void http_options_from_config(struct http_options *options, const struct config *config)
{
    int64_t retries = config_int(config, "http.retries");
    options->retries = retries > 0 ? (int)retries : -1;
    options->retry_base_ms = (int)config_int(config, "http.retry_base");
    options->connect_timeout = (int)config_int(config, "http.connect_timeout");
}
