/*
 * http_module.h - what the http module exports to the program.
 */
#ifndef HTTP_MODULE_H
#define HTTP_MODULE_H

#include "imgctl/http.h"

struct http_module {
    int (*client_new)(const struct http_options *options, struct http_client **ret,
                      struct error *err);
    void (*client_free)(struct http_client *c);
    int (*start)(struct http_client *c, const struct http_request *request,
                 http_done *done, void *cookie, struct error *err);
    int (*run)(struct http_client *c, int wake_fd, int timeout);
    void (*cancel)(struct http_client *c);
};

extern const struct http_module imgctl_http_module;

#endif
